#!/usr/bin/env python3
"""Decides from the histories of a run alone whether the promises held. Shares no code with the service or the recorders.

    checker.py FOLDER        prints one JSON line; exits with 1 if a promise was broken
"""
import collections, datetime, json, pathlib, sys

TOLERANCE = 0.25  # seconds by which a wait may differ from what the platform's clock says
OVERTAKING = 1.0  # seconds by which a call must have been accepted earlier to come first
PER_COMMIT = 1 << 20
MOVES = ["kill_owner", "freeze_owner", "end_owner"]  # after these the pool has another owner
HURTS = 0.15  # seconds of a gap that is not chance


def read(folder):
    """All lines of all files, in the order of their clock; those of one process stay in theirs."""
    lines = []
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        with open(path) as file:
            lines += [json.loads(line) for line in file if line.endswith("\n")]
    return sorted(lines, key=lambda line: line["at"])


class Checker:
    def __init__(self, lines):
        self.lines, self.broken = lines, collections.defaultdict(list)
        self.events = {}  # number: event, as all followers together have them

    def fault(self, promise, seen):
        self.broken[promise].append(seen)

    def check(self):
        self.one_history()
        self.events_by_rule = [self.events[number] for number in sorted(self.events)]
        self.calls()
        self.offers()
        self.bridges()
        self.owners()
        self.order()
        return self

    def of(self, *kinds):
        return (line for line in self.lines if line["kind"] in kinds)

    def one_history(self):
        """I6: whoever reads the events reads the same, in order, and without a gap."""
        first, last, at = {}, {}, {}
        for line in self.of("stream", "event", "upto"):
            who = line["process"]
            if line["kind"] == "stream" and "after" in line:
                at[who] = line["after"]
            elif line["kind"] == "event":
                number, event = line["number"], json.loads(line["json"])
                if number <= at.get(who, 0):
                    self.fault("I6 one history", f"{who} read {number} after {at[who]}")
                at[who] = number
                first.setdefault(who, number)
                last[who] = number
                if self.events.setdefault(number, event) != event:
                    self.fault("I6 one history", f"{number} has two contents: {self.events[number]} and {event}")
                if event["number"] != number:
                    self.fault("I6 one history", f"{number} says that it is {event['number']}")
            elif line["kind"] == "upto" and line["missed"]:
                self.fault("I6 one history", f"{who} missed events before {line['number']}")
        numbers = sorted(self.events)
        for before, after in zip(numbers, numbers[1:]):
            if after % PER_COMMIT and after != before + 1:
                self.fault("I6 one history", f"nothing between {before} and {after}")
        for who in first:
            read = {line["number"] for line in self.of("event") if line["process"] == who}
            missing = [n for n in numbers if first[who] <= n <= last[who] and n not in read]
            if missing:
                self.fault("I6 one history", f"{who} never read {missing[:3]} and {len(missing) - 1} more")

    def calls(self):
        """I1, I4, I5 and I7: every acknowledged call is accepted once and ends once, everybody hears the same end, waits go on."""
        accepted, ended, connected = collections.Counter(), {}, {}
        begun = {}
        for event in self.events_by_rule:
            call, name = event.get("call_id"), event["event"]
            if name == "call_queued":
                accepted[call] += 1
                begun[call] = instant(event["wait_from"])
                if accepted[call] > 1:
                    self.fault("I7 once", f"{call} was accepted {accepted[call]} times")
            elif name == "call_ended":
                if call in ended:
                    self.fault("I4 one outcome", f"{call} ended twice")
                ended[call] = event["outcome"]
            elif name == "call_connected":
                if call in ended:
                    self.fault("I4 one outcome", f"{call} was connected after its end")
                connected[call] = instant(event["time"]), event["wait_ms"] / 1000
        acknowledged, refused = {}, set()
        for line in self.of("ok", "fail"):
            if line["what"] == "RouteCall":
                if line["kind"] == "ok":
                    acknowledged.setdefault(line["call"], line["wall"])
                else:
                    refused.add(line["call"])
        self.acknowledged = acknowledged
        for call, wall in acknowledged.items():
            if not accepted[call]:
                self.fault("I1 no lost call", f"{call} was acknowledged and is in no event")
            elif call not in ended:
                self.fault("I1 no lost call", f"{call} was acknowledged and has no end")
            if call in connected:
                time, wait = connected[call]
                if time - wall > wait + TOLERANCE:
                    self.fault("I5 waits", f"{call} waited {time - wall:.3f} s at least, and {wait:.3f} s is told")
                if call in begun and abs(time - begun[call] - wait) > TOLERANCE:
                    self.fault("I5 waits", f"{call} began to wait {time - begun[call]:.3f} s before, and {wait:.3f} s is told")
        for call in refused & set(accepted):
            self.fault("I1 no lost call", f"{call} was refused and yet accepted")
        self.outcomes(ended, acknowledged)

    def outcomes(self, ended, acknowledged):
        for line in self.of("saw", "final"):
            outcome = line.get("outcome")
            if not outcome or outcome == "OUTCOME_UNSPECIFIED":
                continue
            told = ended.get(line["call"])
            if told is None or outcome != "OUTCOME_" + told.upper():
                self.fault("I4 one outcome", f"{line['process']} heard {outcome} of {line['call']}, the events say {told}")
        for line in self.of("final"):
            if line["call"] in acknowledged and line["state"] != "CALL_STATE_ENDED":
                self.fault("I1 no lost call", f"{line['call']} is {line['state']} in the end")

    def offers(self):
        """I2: an agent has one offer or conversation at a time, and a call one offer."""
        agent_has, call_has = {}, {}
        for event in self.events_by_rule:
            name, agent, call, offer = (event.get(key) for key in ("event", "agent_id", "call_id", "offer_id"))
            if name == "offer_made":
                if agent in agent_has:
                    self.fault("I2 no double offer", f"{agent} has {agent_has[agent]} and is offered {offer}")
                if call in call_has:
                    self.fault("I2 no double offer", f"{call} is in {call_has[call]} and is offered by {offer}")
                agent_has[agent], call_has[call] = offer, offer
            elif name == "offer_ended":
                agent_has.pop(agent, None)
                call_has.pop(call, None)
            elif name == "call_connected" and agent_has.get(agent) != offer:
                self.fault("I3 no double connect", f"{call} is connected to {agent}, who has {agent_has.get(agent)}")
            elif name in ("call_ended", "wrap_up_started"):
                held = call_has.pop(call, None)
                for who in [who for who, what in agent_has.items() if what == held]:
                    agent_has.pop(who)

    def bridges(self):
        """I3: a platform is told to connect a call to one agent at a time, who accepted this offer."""
        bridged, said = {}, collections.defaultdict(set)
        for event in self.events_by_rule:
            if event["event"] in ("offer_accepted", "call_connected"):
                said[event["call_id"]].add((event["offer_id"], event["agent_id"]))
        for line in self.of("bridged", "unbridged"):
            call = line["call"]
            if line["kind"] == "unbridged":
                if bridged.get(call) == line["offer"]:
                    bridged.pop(call)
                continue
            if call in bridged:
                self.fault("I3 no double connect", f"{call} is bridged by {bridged[call]} and again by {line['offer']}")
            if (line["offer"], line["agent"]) not in said[call]:
                self.fault("I3 no double connect", f"{line['agent']} never accepted {line['offer']} of {call}")
            bridged[call] = line["offer"]

    def owners(self):
        """I6: acquisitions are counted upwards, and each has one owner."""
        newest, owner_of = {}, {}
        for line in self.of("owner"):
            server, epoch = line["server"], line["epoch"]
            if epoch < newest.get(server, 0):
                self.fault("I6 one history", f"{server} tells of epoch {epoch} after {newest[server]}")
            newest[server] = epoch
            if line["here"] and owner_of.setdefault(epoch, line["address"]) != line["address"]:
                self.fault("I6 one history", f"epoch {epoch} is of {owner_of[epoch]} and of {line['address']}")
        self.epochs = max(newest.values(), default=0)

    def order(self):
        """I5: among equal calls, who was accepted clearly earlier is offered first."""
        waiting = {}
        for event in self.events_by_rule:
            name, call = event["event"], event.get("call_id")
            if name == "call_queued":
                waiting[call] = instant(event["time"])
            elif name == "offer_made":
                since = waiting.pop(call, None)
                earlier = [other for other, at in waiting.items() if since is not None and at < since - OVERTAKING]
                if earlier:
                    self.fault("I5 order", f"{call} is offered before {earlier[0]}")
            elif name == "call_ended":
                waiting.pop(call, None)

    def gaps(self):
        """I8: seconds without an acknowledgement of a new call, longest last."""
        acks = [line["at"] for line in self.of("ok") if line["what"] == "RouteCall"]
        return sorted(after - before for before, after in zip(acks, acks[1:])) or [0.0]

    def windows(self):
        """What each fault did: the longest gap in ms from its beginning to 3 s after its end, and whether it bit at all."""
        begun, longest, bites = None, collections.Counter(), collections.Counter()
        acks = [line["at"] for line in self.of("ok") if line["what"] == "RouteCall"]
        unknown = [line["at"] for line in self.of("info")]
        for line in self.of("fault"):
            if line["phase"] == "begin":
                begun = line
                continue
            fault, (start, end) = line["what"], (begun["at"], line["at"])
            gap = max((b - a for a, b in zip(acks, acks[1:]) if b > start and a < end), default=0)
            longest[fault] = max(longest[fault], round(gap * 1000))
            moved = line["epoch"] > begun["epoch"]
            hurt = any(start <= at <= end for at in unknown)
            bites[fault] += moved if fault in MOVES else moved or hurt or gap > HURTS
        return dict(longest), dict(bites)

    def result(self):
        longest, bites = self.windows()
        counts = collections.Counter(line["kind"] for line in self.of("ok", "fail", "info"))
        gaps = self.gaps()
        return {
            "ok": counts["ok"], "fail": counts["fail"], "unknown": counts["info"], "acknowledged": len(self.acknowledged),
            "events": len(self.events), "epochs": self.epochs,
            "gap_p50_ms": round(gaps[len(gaps) // 2] * 1000), "gap_p99_ms": round(gaps[len(gaps) * 99 // 100] * 1000),
            "gap_max_ms": round(gaps[-1] * 1000),
            "gap_by_fault_ms": longest, "bites": bites,
            "violations": {promise: len(seen) for promise, seen in sorted(self.broken.items())},
            "seen": {promise: seen[:3] for promise, seen in sorted(self.broken.items())},
        }


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


if __name__ == "__main__":
    found = Checker(read(sys.argv[1])).check().result()
    print(json.dumps(found))
    sys.exit(bool(found["violations"]))
