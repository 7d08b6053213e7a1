"""Who takes part in a run: a platform, agents and readers of events. Each writes what it asked and heard into a file of its own.

A line is an object with `process`, `at` (seconds of a clock that all share), `kind` and what else there is. `invoke` is a request;
`ok` says that it was done, `fail` that it was not, and `info` that it is not known, which stays open for ever.
"""
import asyncio, json, pathlib, random, sys, time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "proto"))
import grpc

types = grpc.protos("homeshore/v1/types.proto")
UNKNOWN = [getattr(grpc.StatusCode, code) for code in (
    "UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "UNKNOWN", "INTERNAL", "RESOURCE_EXHAUSTED")]
OPTIONS = [("grpc.keepalive_time_ms", 2_000), ("grpc.keepalive_timeout_ms", 1_000), ("grpc.http2.ping_timeout_ms", 1_000),
           ("grpc.http2.max_pings_without_data", 0), ("grpc.initial_reconnect_backoff_ms", 100),
           ("grpc.min_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 300)]
ASKED_FOR = 1.0  # seconds that a request may take before it is asked elsewhere
SILENT_FOR = 3.0  # seconds without a word after which a stream is given up


class Recorder:
    """One process of the history, which reaches any of several servers."""

    def __init__(self, folder, process, servers):
        self.process, self.servers, self.at = process, servers, random.randrange(len(servers))
        self.file = open(folder / f"{process}.jsonl", "w", buffering=1)
        self.channels = {}

    def note(self, kind, **what):
        self.file.write(json.dumps({"process": self.process, "at": round(time.monotonic(), 4), "kind": kind, **what}) + "\n")

    def service(self, name):
        """The stub of a service on the server that is asked now."""
        api, services = grpc.protos_and_services(f"homeshore/v1/{name}_service.proto")
        server = self.servers[self.at % len(self.servers)]
        if server not in self.channels:
            self.channels[server] = grpc.aio.insecure_channel(server, OPTIONS)
        stub = getattr(services, name.title().replace("_", "") + "ServiceStub")
        return api, stub(self.channels[server])

    def elsewhere(self):
        self.at += 1

    async def ask(self, name, method, make, give_up=60.0, **what):
        """Asks until it is known what came of it. Answers the answer, or None."""
        over = time.monotonic() + give_up
        while True:
            api, stub = self.service(name)
            self.note("invoke", what=method, **what)
            try:
                answer = await asyncio.wait_for(getattr(stub, method)(make(api), timeout=ASKED_FOR), ASKED_FOR + 0.2)
                return answer
            except (grpc.RpcError, asyncio.TimeoutError) as error:
                code = error.code() if isinstance(error, grpc.RpcError) else grpc.StatusCode.DEADLINE_EXCEEDED
                if code not in UNKNOWN:
                    self.note("fail", what=method, code=code.name, **what)
                    return None
                self.note("info", what=method, code=code.name, **what)
                self.elsewhere()
                if time.monotonic() > over:
                    return None
            await asyncio.sleep(random.uniform(0.005, 0.05))

    async def stream(self, name, hello):
        """What a two-way stream says, which is opened again elsewhere whenever it ends."""
        while True:
            api, stub = self.service(name)
            request = getattr(api, name.title().replace("_", "") + "ServiceConnectRequest")
            self.unsaid = asyncio.Queue()
            call = stub.Connect(mouth(request, hello(api), self.unsaid))
            try:
                while (said := await asyncio.wait_for(call.read(), SILENT_FOR)) is not grpc.aio.EOF:
                    kind = said.WhichOneof("message")
                    yield kind, getattr(said, kind), api, request
                    if kind == "going_away":
                        break
            except (grpc.RpcError, asyncio.TimeoutError):
                pass
            call.cancel()
            self.note("stream", what="lost")
            self.elsewhere()
            await asyncio.sleep(random.uniform(0.02, 0.2))


async def mouth(request, hello, unsaid):
    yield request(hello=hello)
    while True:
        try:
            yield await asyncio.wait_for(unsaid.get(), 0.5)
        except asyncio.TimeoutError:
            yield request(heartbeat={})


class Platform(Recorder):
    """Routes calls through any server, and connects those that are accepted."""

    def __init__(self, *args):
        super().__init__(*args)
        self.me = {"platform": "chaos", "instance": self.process}
        self.held, self.legs, self.tasks, self.last, self.calls = set(), {}, set(), 0, 0
        self.over = asyncio.Event()

    def background(self, work):
        self.tasks.add(task := asyncio.ensure_future(work))
        task.add_done_callback(self.tasks.discard)

    async def call_in(self, a_second):
        """New callers, at random, until it is over."""
        while not self.over.is_set():
            await asyncio.sleep(random.expovariate(a_second))
            self.calls += 1
            self.background(self.route(f"{self.process}-{self.calls}"))

    async def route(self, call):
        self.held.add(call)
        answer = await self.ask("routing", "RouteCall", lambda api: api.RouteCallRequest(
            call_id=call, queue="billing", **self.me), call=call)
        if answer is None:
            self.held.discard(call)
        elif answer.HasField("diverted"):
            self.note("fail", what="RouteCall", call=call, code="DIVERTED")
            self.held.discard(call)
        else:
            self.note("ok", what="RouteCall", call=call, wall=time.time())
            self.act(answer.call)

    async def listen(self):
        def hello(api):
            return api.RoutingHello(last_event_number=self.last, **self.me)
        async for kind, said, api, request in self.stream("routing", hello):
            if kind == "welcome":
                self.unsaid.put_nowait(request(declare={"call_ids": sorted(self.held), "complete": True}))
            elif kind == "event":
                self.last = said.number
                self.saw(said.call, said.number)
            elif kind == "snapshot":
                self.last = said.event_number
                for call in said.calls:
                    self.saw(call, said.event_number)
                if said.complete:
                    known = {call.id for call in said.calls}
                    for call in sorted(self.held - known):
                        self.background(self.look(call))

    async def look(self, call):
        """A call that a snapshot lacks is over, or newer."""
        answer = await self.ask("routing", "GetCall", lambda api: api.GetCallRequest(call_id=call), give_up=5, call=call)
        if answer is not None:
            self.saw(answer.call, 0)

    def saw(self, call, number):
        self.note("saw", call=call.id, number=number, state=types.CallState.Name(call.state),
                  outcome=types.Outcome.Name(call.outcome), offer=call.offer.id, agent=call.offer.agent_id or call.agent_id)
        self.act(call)

    def act(self, call):
        step, (offer, leg) = call.offer.step, self.legs.get(call.id, ("", None))
        if call.state == types.CALL_STATE_ENDED:
            self.held.discard(call.id)
        elif step == types.OFFER_STEP_RESCIND:
            if leg:
                leg.cancel()
                self.legs.pop(call.id)
                self.note("unbridged", call=call.id, offer=offer)
            self.background(self.report(call.id, call.offer.id, "RESCINDED"))
        elif step in (types.OFFER_STEP_RING, types.OFFER_STEP_CONNECT) and call.offer.id != offer:
            self.legs[call.id] = call.offer.id, asyncio.ensure_future(self.connect(call.id, call.offer))

    async def connect(self, call, offer):
        self.note("bridged", call=call, offer=offer.id, agent=offer.agent_id)
        if await self.report(call, offer.id, "ANSWERED") is not None:
            await asyncio.sleep(random.uniform(0.05, 0.4))
            await self.report(call, offer.id, "ENDED")
        self.note("unbridged", call=call, offer=offer.id)

    async def report(self, call, offer, what):
        answer = await self.ask("routing", "ReportCall", lambda api: api.ReportCallRequest(
            call_id=call, offer_id=offer, report=api.CallReport.Value("CALL_REPORT_" + what)), call=call, report=what)
        if answer is not None:
            self.note("ok", what="ReportCall", call=call, report=what)
            self.saw(answer.call, 0)
        return answer

    async def audit(self, call):
        """Asks in the end what became of a call."""
        answer = await self.ask("routing", "GetCall", lambda api: api.GetCallRequest(call_id=call), call=call)
        state = None if answer is None else types.CallState.Name(answer.call.state)
        outcome = None if answer is None else types.Outcome.Name(answer.call.outcome)
        self.note("final", call=call, state=state, outcome=outcome)


class Agent(Recorder):
    """Accepts what it is offered."""

    async def work(self):
        def hello(api):
            return api.AgentHello(agent_id=self.process)
        sequence, said_before = 0, set()
        async for kind, said, api, request in self.stream("agent_session", hello):
            if kind == "welcome":
                sequence, said_before = 0, set()
            if kind != "snapshot":
                continue
            status, offer = said.status, said.status.offer
            self.note("saw", work=types.Work.Name(status.work), call=status.call_id, offer=offer.id, session=status.session)
            for reason, command in self.next(status, offer):
                if reason not in said_before:
                    said_before.add(reason)
                    sequence += 1
                    self.note("invoke", what=reason, call=status.call_id, offer=offer.id)
                    self.unsaid.put_nowait(request(sequence=sequence, **command))

    @staticmethod
    def next(status, offer):
        if status.intent != types.INTENT_READY:
            yield f"ready {status.change_number}", {"set_intent": {"intent": types.INTENT_READY}}
        if offer.step == types.OFFER_STEP_PROPOSED:
            yield f"accept {offer.id}", {"accept_offer": {"offer_id": offer.id}}
        if status.work == types.WORK_WRAP_UP:
            yield f"finish {status.call_id}", {"finish_wrap_up": {"call_id": status.call_id}}


class Follower(Recorder):
    """Reads the events of the pool through one server after the other."""

    async def follow(self):
        after = 0
        while True:
            api, stub = self.service("supervision")
            call = stub.FollowEvents(api.FollowEventsRequest(after_event_number=after))
            self.note("stream", what="begun", after=after)
            try:
                while (said := await asyncio.wait_for(call.read(), 12)) is not grpc.aio.EOF:
                    for event in said.events:
                        self.note("event", number=event.number, json=event.json)
                    after = said.event_number
                    self.note("upto", number=after, missed=said.missed)
            except (grpc.RpcError, asyncio.TimeoutError):
                pass
            call.cancel()
            self.elsewhere()
            await asyncio.sleep(random.uniform(0.05, 0.3))


class Observer(Recorder):
    """Asks each server in turn who owns the pool."""

    async def watch(self):
        while True:
            self.elsewhere()
            api, stub = self.service("pool")
            try:
                answer = await asyncio.wait_for(stub.ListPoolOwners(api.ListPoolOwnersRequest(), timeout=0.5), 0.6)
                for owner in answer.owners:
                    self.note("owner", server=self.servers[self.at % len(self.servers)], pool=owner.pool_id,
                              address=owner.address, epoch=owner.epoch, here=owner.is_here)
            except (grpc.RpcError, asyncio.TimeoutError):
                pass
            await asyncio.sleep(0.1)
