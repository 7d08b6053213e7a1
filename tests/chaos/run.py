#!/usr/bin/env python3
"""Runs three servers on one Redis under faults, and lets the checker decide. Prints one JSON line.

    run.py --program target/release/homeshore --tools target/tools/bin --seconds 60 --seed 1 --store single

The same seed gives the same faults in the same order; moments differ, as processes do.
"""
import argparse, asyncio, collections, json, os, pathlib, random, shutil, signal, subprocess, sys, tempfile, time

import recorder

HERE = pathlib.Path(__file__).resolve().parent
SERVERS, AGENTS, FOLLOWERS = 3, 8, 2
CALLS_A_SECOND = 8.0
HEALED_WITHIN = 20.0  # seconds after a fault within which calls are acknowledged again
DRAINED_WITHIN = 60.0
# What happens to the owner of the pool must change who owns it, but for a short moment.
MOVES = ["kill_owner", "freeze_owner", "end_owner"]
FAULTS = {
    "single": MOVES + ["kill_other", "blink_owner", "freeze_store", "restart_store", "wipe_store"],
    "sentinel": MOVES + ["blink_owner", "fail_over"],
    "cluster": MOVES + ["kill_other", "blink_owner"],
}
SLOTS = 16_384
POOL = """
[[queues]]
id = "billing"
target = "20s"
offer_mode = "accept_first"
[[queues.rings]]
after = "0s"
skills = { billing = 1 }
"""


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Store:
    """A Redis of its own, a master with a replica and three sentinels, or a cluster of three masters."""

    def __init__(self, args, folder):
        self.args, self.folder, self.children, self.ports, self.buses = args, folder, {}, [free_port()], {}
        if args.store == "cluster":
            self.ports += [free_port() for _ in range(2)]
        if args.store == "sentinel":
            self.ports += [free_port()]
            self.sentinels = [free_port() for _ in range(3)]
        for port in self.ports:
            self.start(port)
        if args.store == "sentinel":
            for port in self.sentinels:
                self.start_sentinel(port)
            self.wait_for_replica()
        if args.store == "cluster":
            self.join()

    def join(self):
        """Makes one cluster of the masters, each of which has a third of the slots."""
        share = SLOTS // len(self.ports) + 1
        for place, port in enumerate(self.ports):
            first, last = place * share, min((place + 1) * share, SLOTS) - 1
            self.ask(port, "CLUSTER", "ADDSLOTSRANGE", str(first), str(last))
            self.ask(port, "CLUSTER", "MEET", "127.0.0.1", str(self.ports[0]), str(self.buses[self.ports[0]]))
        while any("cluster_state:ok" not in self.ask(port, "CLUSTER", "INFO") for port in self.ports):
            time.sleep(0.05)

    def launch(self, program, port, text):
        home = self.folder / f"redis-{port}"
        home.mkdir(exist_ok=True)
        config = home / "redis.conf"
        if not config.exists():
            config.write_text(f"bind 127.0.0.1\nport {port}\ndir {home}\n{text}")
        arguments = [str(pathlib.Path(self.args.tools) / "redis-server"), str(config)]
        self.children[port] = subprocess.Popen(arguments + program, stdout=subprocess.DEVNULL)
        while not self.ask(port, "PING"):
            time.sleep(0.02)

    def start(self, port):
        text = 'save ""\nappendonly yes\nappendfsync everysec\n'
        if self.args.store == "cluster":
            bus = self.buses.setdefault(port, free_port())
            text += f"cluster-enabled yes\ncluster-port {bus}\n"
        elif port != self.ports[0]:
            text += f"replicaof 127.0.0.1 {self.ports[0]}\n"
        self.launch([], port, text)

    def start_sentinel(self, port):
        self.launch(["--sentinel"], port, f"sentinel monitor main 127.0.0.1 {self.ports[0]} 2\n"
                    "sentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 5000\n")

    def ask(self, port, *words):
        """The first line of the answer; nothing if there is none."""
        import socket
        try:
            with socket.create_connection(("127.0.0.1", port), 0.5) as link:
                link.settimeout(0.5)
                link.sendall((f"*{len(words)}\r\n" + "".join(f"${len(w)}\r\n{w}\r\n" for w in words)).encode())
                return link.recv(65_536).decode(errors="replace")
        except OSError:
            return ""

    def wait_for_replica(self):
        while "state=online" not in self.ask(self.master(), "INFO", "replication") or any(
                "num-slaves\r\n$1\r\n1" not in self.ask(port, "SENTINEL", "master", "main") for port in self.sentinels):
            time.sleep(0.05)

    def master(self):
        if self.args.store == "single":
            return self.ports[0]
        said = self.ask(self.sentinels[0], "SENTINEL", "get-master-addr-by-name", "main")
        return int(said.split("\r\n")[4])

    def url(self):
        if self.args.store == "single":
            return f"redis://127.0.0.1:{self.ports[0]}"
        if self.args.store == "cluster":
            return "redis-cluster://" + ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return "redis-sentinel://" + ",".join(f"127.0.0.1:{port}" for port in self.sentinels) + "/main"

    def kill(self, port):
        self.children[port].kill()
        self.children[port].wait()

    def end(self):
        for child in self.children.values():
            child.kill()
            child.wait()


class Server:
    """One of the servers; it begins again where it was."""

    def __init__(self, args, folder, number, url):
        self.args, self.folder, self.number, self.url = args, folder, number, url
        self.grpc = self.http = "127.0.0.1:0"
        self.peers = f"127.0.0.1:{free_port()}"
        self.start()

    def start(self):
        arguments = [self.args.program, "serve", "--redis", self.url, "--peers", self.peers, "--grpc", self.grpc,
                     "--http", self.http, "--data", str(self.folder / f"data-{self.number}")]
        environment = {**os.environ, "HOMESHORE_PEERS_SECRET": "known to all servers of this run",
                       "HOMESHORE_SECURITY_RECEIPT_KEY_FILE": str(self.folder / "receipt.key")}
        log = open(self.folder / f"server-{self.number}.log", "a")
        self.child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=log, env=environment, text=True)
        for line in self.child.stdout:
            words = line.split()
            if line.startswith("grpc listening on "):
                self.grpc = words[-1].removeprefix("http://")
            elif line.startswith("http listening on "):
                self.http = words[-1].removeprefix("http://")
            elif line.strip() == "ready":
                return
        raise SystemExit(f"server {self.number} ended: see {log.name}")

    def send(self, number):
        self.child.send_signal(number)

    def peak_mib(self):
        try:
            lines = pathlib.Path(f"/proc/{self.child.pid}/status").read_text().splitlines()
        except OSError:
            return 0
        return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


class Nemesis(recorder.Recorder):
    """Does harm, one thing after the other, and waits until all is well again."""

    def __init__(self, folder, store, servers, observer, platform, seed):
        super().__init__(folder, "nemesis", [server.grpc for server in servers])
        self.store, self.all, self.observer, self.platform = store, servers, observer, platform
        self.random, self.done = random.Random(seed), collections.Counter()

    async def rage(self, faults, seconds):
        """Each fault once in a random order, and all of them again until the time is over."""
        over = time.monotonic() + seconds
        while not self.done or time.monotonic() < over:
            for fault in self.random.sample(faults, len(faults)):
                await self.strike(fault)

    async def strike(self, fault):
        owner = await self.owner()
        epoch = self.observer.epoch
        self.note("fault", what=fault, phase="begin", epoch=epoch)
        await getattr(self, fault)(self.all[owner])
        await self.healed()
        if fault in MOVES and self.observer.epoch <= epoch:
            await asyncio.sleep(1)
        self.note("fault", what=fault, phase="end", epoch=self.observer.epoch)
        self.done[fault] += 1
        await asyncio.sleep(self.random.uniform(0.3, 1.5))

    async def owner(self):
        over = time.monotonic() + HEALED_WITHIN
        while (owner := self.observer.owner()) is None:
            if time.monotonic() > over:
                return 0
            await asyncio.sleep(0.05)
        return owner

    async def healed(self):
        """Until calls are acknowledged again, or it is clear that they are not."""
        before, over = self.platform.acknowledged, time.monotonic() + HEALED_WITHIN
        while self.platform.acknowledged < before + 5 and time.monotonic() < over:
            await asyncio.sleep(0.05)

    async def begin_again(self, server):
        await asyncio.to_thread(server.child.wait)
        await self.healed()
        await asyncio.sleep(self.random.uniform(0, 1))
        await asyncio.to_thread(server.start)

    async def kill_owner(self, server):
        server.send(signal.SIGKILL)
        await self.begin_again(server)

    async def kill_other(self, server):
        others = [other for other in self.all if other is not server]
        await self.kill_owner(self.random.choice(others))

    async def end_owner(self, server):
        server.send(signal.SIGTERM)
        await self.begin_again(server)

    async def freeze(self, child, seconds):
        child.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        child.send_signal(signal.SIGCONT)

    async def freeze_owner(self, server):
        await self.freeze(server.child, self.random.uniform(3, 5))

    async def blink_owner(self, server):
        await self.freeze(server.child, self.random.uniform(0.2, 0.8))

    async def freeze_store(self, _server):
        await self.freeze(self.store.children[self.store.master()], self.random.uniform(0.5, 1.5))

    async def restart_store(self, _server):
        port = self.store.master()
        self.store.kill(port)
        await asyncio.sleep(self.random.uniform(0, 1))
        await asyncio.to_thread(self.store.start, port)

    async def wipe_store(self, _server):
        self.store.ask(self.store.master(), "FLUSHALL")

    async def fail_over(self, _server):
        port = self.store.master()
        self.store.kill(port)
        over = time.monotonic() + HEALED_WITHIN
        while self.store.master() == port and time.monotonic() < over:
            await asyncio.sleep(0.05)
        await self.healed()
        await asyncio.to_thread(self.store.start, port)
        await asyncio.to_thread(self.store.wait_for_replica)


class Owners(recorder.Observer):
    """Knows who said last that the pool is theirs."""

    def __init__(self, *args):
        super().__init__(*args)
        self.here, self.epoch = {}, 0

    def note(self, kind, **what):
        super().note(kind, **what)
        self.here[what["server"]] = what["here"], what["epoch"]
        self.epoch = max(self.epoch, what["epoch"])

    def owner(self):
        claims = [(epoch, server) for server, (here, epoch) in self.here.items() if here]
        return self.servers.index(max(claims)[1]) if claims else None


class Callers(recorder.Platform):
    acknowledged = 0

    def note(self, kind, **what):
        super().note(kind, **what)
        self.acknowledged += kind == "ok" and what["what"] == "RouteCall"


def set_up(servers, folder):
    (folder / "pool.toml").write_text(POOL)
    rows = [f"a{n},A{n},billing:1,s{n},home,north,net,sip:a{n}@example.org,red,own" for n in range(AGENTS)]
    head = "id,display_name,skills,site,site_kind,region,provider,address,team,employer"
    (folder / "agents.csv").write_text("\n".join([head, *rows]) + "\n")
    for words in (["pool", "apply", str(folder / "pool.toml")], ["agent", "apply", str(folder / "agents.csv")]):
        program = [servers[0].args.program, "--server", f"http://{servers[0].grpc}", *words]
        done = subprocess.run(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise SystemExit(f"{words}: {done.stdout}")


async def rounds(args, folder, store, servers):
    histories = folder / "histories"
    histories.mkdir()
    names = [server.grpc for server in servers]
    platform, owners = Callers(histories, "p0", names), Owners(histories, "observer", names)
    agents = [recorder.Agent(histories, f"a{n}", names) for n in range(AGENTS)]
    followers = [recorder.Follower(histories, f"follower-{n}", names) for n in range(FOLLOWERS)]
    for place, follower in enumerate(followers):
        follower.at = place
    nemesis = Nemesis(histories, store, servers, owners, platform, args.seed)
    work = [platform.listen(), owners.watch(), *(a.work() for a in agents), *(f.follow() for f in followers)]
    work = [asyncio.ensure_future(one) for one in work]
    calling = asyncio.ensure_future(platform.call_in(CALLS_A_SECOND))
    await asyncio.sleep(2)
    await nemesis.rage(args.faults, args.seconds)
    await asyncio.sleep(3)
    platform.over.set()
    await calling
    over = time.monotonic() + DRAINED_WITHIN
    while (platform.held or platform.tasks) and time.monotonic() < over:
        await asyncio.sleep(0.2)
    calls = [f"p0-{n + 1}" for n in range(platform.calls)]
    for call in calls:
        await platform.audit(call)
    await asyncio.sleep(2)  # the followers read on to the end
    for one in work:
        one.cancel()
    await asyncio.gather(*work, return_exceptions=True)
    return nemesis.done, len(platform.held)


def main():
    flags = argparse.ArgumentParser()
    flags.add_argument("--program", required=True)
    flags.add_argument("--tools", required=True)
    flags.add_argument("--seconds", type=float, default=60)
    flags.add_argument("--seed", type=int, default=1)
    flags.add_argument("--store", choices=FAULTS, default="single")
    flags.add_argument("--faults", default="")
    flags.add_argument("--keep", help="a folder that keeps the histories and logs")
    args = flags.parse_args()
    args.faults = args.faults.split(",") if args.faults else FAULTS[args.store]
    random.seed(args.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended
    folder = pathlib.Path(args.keep or tempfile.mkdtemp(prefix="chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "receipt.key").write_text("07" * 32)
    store, servers = Store(args, folder), []
    try:
        for number in range(SERVERS):
            servers.append(Server(args, folder, number, store.url()))
        set_up(servers, folder)
        done, held = asyncio.run(rounds(args, folder, store, servers))
        peak = max(server.peak_mib() for server in servers)
    finally:
        for server in servers:
            server.child.kill()
            server.child.wait()
        store.end()
    checked = subprocess.run([sys.executable, str(HERE / "checker.py"), str(folder / "histories")], stdout=subprocess.PIPE, text=True)
    found = json.loads(checked.stdout)
    toothless = [fault for fault in args.faults if not found["bites"].get(fault)]
    line = {"seed": args.seed, "store": args.store, "seconds": args.seconds, "faults": dict(done), "held": held,
            "peak_mib": peak, "toothless": toothless, **found}
    print(json.dumps(line))
    if not args.keep:
        shutil.rmtree(folder)
    sys.exit(bool(found["violations"] or held or toothless))


main()
