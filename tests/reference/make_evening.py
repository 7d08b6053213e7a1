"""Makes the traces `evening_*`: a made-up evening of a small pool, and who answers each call when.

Rules: the longest idle of the idle agents with the skill, ties by name; a freed agent takes the lowest priority
number, then the earliest arrival; a caller hangs up when the patience ends; no further call at log-out. Within one
millisecond: hang-ups, ends, log-ins, arrivals, log-outs. Integer milliseconds. Run it to write the files again.
"""
import csv, heapq, random

random.seed(20261122)
SKILLS = ["fr", "technical", "spanish"]
agents = []
for n in range(14):
    skills = sorted(set(random.sample(SKILLS, random.choice([1, 1, 2, 3]))))
    login = random.randint(0, 300_000)
    agents.append((f"H{n:02}", skills, login, login + random.randint(2_400_000, 3_600_000), random.choice([0, 5_000, 15_000])))
calls, at = [], 60_000
for n in range(260):
    at += int(random.expovariate(1 / 12_500)) + 1
    handle = max(3_000, int(random.lognormvariate(11.4, 0.6)))
    calls.append((f"E{n:04}", at, random.choices(SKILLS, [6, 3, 1])[0], random.choice([0, 1, 1, 1]), handle, int(random.expovariate(1 / 240_000)) + 20_001))

END, LOGIN, ARRIVE, LOGOUT, HANG_UP = 1, 2, 3, 4, 0
events, order = [], 0


def due(ms, kind, what):
    global order
    order += 1
    heapq.heappush(events, (ms, kind, order, what))


for a in agents:
    due(a[2], LOGIN, a)
    due(a[3], LOGOUT, a)
for c in calls:
    due(c[1], ARRIVE, c)
idle, waiting, gone, result = {}, {}, set(), {}


def serve(now, agent, call):
    del idle[agent[0]]
    waiting.pop(call[0], None)
    result[call[0]] = ("ANSWERED", agent[0], now, now + call[4], now - call[1])
    due(now + call[4] + agent[4], END, agent)


def freed(now, agent):
    if agent[0] in gone:
        return
    idle[agent[0]] = (now, agent)
    fits = [c for c in waiting.values() if c[2] in agent[1]]
    if fits:
        serve(now, agent, min(fits, key=lambda c: (c[3], c[1], c[0])))


while events:
    now, kind, _, what = heapq.heappop(events)
    if kind in (END, LOGIN):
        freed(now, what)
    elif kind == ARRIVE:
        waiting[what[0]] = what
        fits = [(since, a) for since, a in idle.values() if what[2] in a[1]]
        if fits:
            serve(now, min(fits, key=lambda f: (f[0], f[1][0]))[1], what)
        else:
            due(now + what[5], HANG_UP, what)
    elif kind == HANG_UP and what[0] in waiting:
        del waiting[what[0]]
        result[what[0]] = ("ABANDONED", "", "", now, now - what[1])
    elif kind == LOGOUT:
        gone.add(what[0])
        idle.pop(what[0], None)


def write(name, header, rows):
    with open(f"traces/evening_{name}.csv", "w", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows([header, *rows])


write("agents", ["agent", "skills", "login_ms", "logout_ms", "wrap_ms"], [(a[0], "|".join(a[1]), *a[2:]) for a in agents])
write("calls", ["call", "arrival_ms", "skill", "priority", "handle_ms", "patience_ms"], calls)
write("expected", ["call", "outcome", "agent", "connected_ms", "left_ms", "wait_ms"], [(c[0], *result[c[0]]) for c in calls])
