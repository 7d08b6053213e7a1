#!/usr/bin/env python3
"""Measures how fast the simulator is beside the Python packages Ciw and SimPy, all on one core and in one run.

    cargo build --release && loadtests/simulator.py [--rounds 5] [--calls 200000]

M/M/100 at 90 % load in all three, in turns (A B C A B C …), and 15,000 agents with 200 skill profiles in homeshore alone.
A rate is calls per second of the core's time, which other programs on the machine disturb least: of the whole program for
homeshore, without its start for the packages. Prints a page in Markdown; fails if a target is missed, or if the three do
not agree on the mean wait, so that they play the same model.
"""
import argparse, json, math, os, pathlib, platform, re, statistics, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[1]
HERE = ROOT / "loadtests/simulator"
PROGRAM = ROOT / "target/release/homeshore"
VENV = ROOT / "target/simulator-venv"
AGENTS, CALLS_PER_SECOND, TALK_S = 100, 9, 10
MANY_AGENTS_CALLS_PER_SECOND = 45  # 15,000 agents, conversations of 5 min
CIW, SIMPY, STRETCH, MANY_AGENTS = 7, 2.5, 20, 0.5


def packages():
    """A Python with the two packages, made anew when their versions change; answers it and the versions."""
    wanted = (HERE / "requirements.txt").read_text()
    made = VENV / "made"
    if not made.exists() or made.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        pip = [VENV / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE / "requirements.txt"]
        subprocess.run(pip, check=True)
        made.write_text(wanted)
    return VENV / "bin/python", wanted.split()


def run(command):
    """Runs a program: what it printed, seconds, CPU seconds, peak memory in KiB."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as complaints:
        begun = time.perf_counter()
        child = subprocess.Popen([str(word) for word in command], stdout=out, stderr=complaints)
        _, status, usage = os.wait4(child.pid, 0)
        took = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            complaints.seek(0)
            sys.exit(f"{command[0]} ended with {child.returncode}:\n{complaints.read()}")
        out.seek(0)
        return json.load(out), took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def package(python, model, calls, seed):
    told, *_ = run([python, HERE / f"{model}_model.py", AGENTS, CALLS_PER_SECOND, TALK_S, calls, seed])
    return told


def homeshore(folder, name, calls_per_second, calls, seed):
    """Plays a copy of a scenario that has about so many calls."""
    text = (HERE / f"{name}.toml").read_text()
    text, found = re.subn(r"(?m)^duration = .*$", f'duration = "{math.ceil(calls / calls_per_second)}s"', text)
    assert found == 1, f"{name}.toml says {found} times how long it lasts"
    file = pathlib.Path(folder) / f"{name}.toml"
    file.write_text(text)
    told, took, cpu, peak = run([PROGRAM, "simulate", file, "--seed", seed, "--threads", 1, "--json"])
    wait = told["queues"][-1]["measures"]["mean_wait_all"]["value"]
    return {"calls": told["calls"], "mean_wait_s": wait, "took_s": took, "cpu_s": cpu, "peak_kib": peak}


def erlang_c_wait():
    """The mean wait that M/M/n has, exactly."""
    load, blocked = CALLS_PER_SECOND * TALK_S, 1.0
    for agents in range(1, AGENTS + 1):
        blocked = load * blocked / (agents + load * blocked)
    waits = blocked / (1 - load / AGENTS * (1 - blocked))
    return waits * TALK_S / (AGENTS - load)


def agreement(rounds):
    """Each mean wait over the rounds, and whether it is within noise of the exact one."""
    means = {who: [each["mean_wait_s"] for each in runs] for who, runs in rounds.items()}
    spread = math.sqrt(statistics.fmean(statistics.variance(each) for each in means.values()))
    noise = 4 * spread / math.sqrt(len(next(iter(means.values()))))
    exact = erlang_c_wait()
    print(f"\nMean wait, exactly {exact:.3f} s (Erlang C), within noise ± {noise:.3f} s:")
    fine = True
    for who, each in means.items():
        mean = statistics.fmean(each)
        fine &= abs(mean - exact) <= noise
        print(f"- {who}: {mean:.3f} s")
    return fine and noise < exact / 2


def rate(run):
    return run["calls"] / run["cpu_s"]


def table(rounds):
    print("\n| program | calls a run | calls/s of CPU, median | lowest and highest | calls/s by the clock | peak memory, MiB |")
    print("|---|---:|---:|---:|---:|---:|")
    for who, runs in rounds.items():
        rates = [rate(each) for each in runs]
        clock = statistics.median(each["calls"] / each["took_s"] for each in runs)
        peak = max(each["peak_kib"] for each in runs) / 1024
        print(f"| {who} | {runs[0]['calls']:,} | {statistics.median(rates):,.0f} | {min(rates):,.0f} to {max(rates):,.0f} "
              f"| {clock:,.0f} | {peak:.0f} |")


def ratio(runs, others):
    """The median over the rounds of how many times faster."""
    return statistics.median(rate(ours) / rate(theirs) for ours, theirs in zip(runs, others))


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return f"{os.cpu_count()} × {model}, Linux {platform.release()}"


def main():
    flags = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    flags.add_argument("--rounds", type=int, default=5)
    flags.add_argument("--calls", type=int, default=200_000)
    args = flags.parse_args()
    if args.rounds < 2:
        flags.error("--rounds: give 2 or more, or nothing is known of the noise")
    if not PROGRAM.exists():
        sys.exit("build it first: cargo build --release")
    python, versions = packages()
    version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    loads = [f"{load:.2f}" for load in os.getloadavg()[:1]]
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    print(f"{version}, {', '.join(versions)}, Python {platform.python_version()}; {machine()}, all on core {core}; "
          f"load of the machine at the start {loads[0]}; {args.rounds} rounds")

    ours, many = "homeshore", "homeshore, 15,000 agents, 200 profiles"
    rounds = {"Ciw": [], "SimPy": [], ours: [], many: []}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, args.rounds + 1):
            rounds["Ciw"].append(package(python, "ciw", args.calls, seed))
            rounds["SimPy"].append(package(python, "simpy", args.calls, seed))
            rounds[ours].append(homeshore(folder, "mm100", CALLS_PER_SECOND, args.calls, seed))
            rounds[many].append(homeshore(folder, "agents15000", MANY_AGENTS_CALLS_PER_SECOND, args.calls, seed))
        longer = homeshore(folder, "mm100", CALLS_PER_SECOND, 10 * args.calls, 1)
    table(rounds)
    same = agreement({who: runs for who, runs in rounds.items() if who != many})

    peak = statistics.median(each["peak_kib"] for each in rounds[ours])
    over = ratio(rounds[ours], rounds["Ciw"])
    figures = [
        (f"times Ciw, aim {CIW}, stretch {STRETCH}", over, over >= CIW),
        (f"times SimPy, aim {SIMPY}", both := ratio(rounds[ours], rounds["SimPy"]), both >= SIMPY),
        (f"15,000 agents, part of the rate with 100, aim {MANY_AGENTS}", part := ratio(rounds[many], rounds[ours]),
         part >= MANY_AGENTS),
        ("peak memory of 10 times the calls, times that of one, aim 1.2", more := longer["peak_kib"] / peak, more <= 1.2),
    ]
    print("\n| figure | measured | |\n|---|---:|---|")
    for name, value, met in figures:
        print(f"| {name} | {value:.2f} | {'met' if met else '**not met**'} |")
    if not same:
        print("\nThe programs do not play the same model.")
    sys.exit(0 if same and all(met for _, _, met in figures) else 1)


main()
