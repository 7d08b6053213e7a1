#!/usr/bin/env python3
"""Measures required agents by Erlang C beside the Python package pyworkforce, in one run, in turns (A B A B …).

    loadtests/staffing.py [PROGRAM]

PROGRAM is the bench `staffing`, built by `cargo bench --bench staffing --no-run` where it is not given. Needs pyworkforce
(it is installed into target/staffing-venv). Prints the medians of seven turns; fails if a target is missed or the agents differ.
"""
import json, pathlib, statistics, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parents[1]
VENV = ROOT / "target/staffing-venv"
CALLS, TARGET, TURNS = (585, 34380), 100, 7
THEIRS = """
import sys, time
from pyworkforce.queuing import ErlangC
for calls, times in ((int(sys.argv[1]), 300), (int(sys.argv[2]), 5)):
    begun = time.perf_counter()
    for _ in range(times):
        found = ErlangC(transactions=calls, aht=4, asa=20 / 60, interval=30).required_positions(service_level=0.8)
    print(found["raw_positions"], round((time.perf_counter() - begun) / times * 1e9))
"""


def bench():
    command = ["cargo", "bench", "--locked", "--bench", "staffing", "--no-run", "--message-format", "json"]
    lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    made = [told["executable"] for told in map(json.loads, lines) if told.get("executable")]
    return made[-1]


def turn(command):
    words = [str(word) for word in (*command, *CALLS)]
    lines = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return [tuple(map(int, line.split())) for line in lines]


def main():
    ours = sys.argv[1] if len(sys.argv) > 1 else bench()
    python = VENV / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([VENV / "bin/pip", "install", "--quiet", "pyworkforce==0.5.1"], check=True)
    turns = [(turn([ours]), turn([python, "-c", THEIRS])) for _ in range(TURNS)]
    failed = False
    for at, calls in enumerate(CALLS):
        mine = statistics.median(ours[at][1] for ours, _ in turns)
        their = statistics.median(theirs[at][1] for _, theirs in turns)
        agents = {side[at][0] for pair in turns for side in pair}
        print(f"{calls} calls, {sorted(agents)} agents: {mine / 1e3:.2f} µs, pyworkforce {their / 1e3:.1f} µs, {their / mine:.0f} times")
        failed |= their / mine < TARGET or len(agents) != 1
    sys.exit(failed)


if __name__ == "__main__":
    main()
