#!/usr/bin/env python3
"""The test of the checker: damages the histories of a clean run in many ways, each of which it must see under the right promise.

    damage.py FOLDER         prints what was seen of each; exits with 1 if something was overlooked
"""
import copy, datetime, json, random, sys

from checker import Checker, read


class Damage:
    """A copy of a history, to be spoiled."""

    def __init__(self, lines, seed):
        self.lines, self.random = copy.deepcopy(lines), random.Random(seed)

    def some(self, kind, **what):
        """A line like this, from the middle of the run."""
        fits = [line for line in self.lines if line["kind"] == kind and all(line.get(k) == v for k, v in what.items())]
        return self.random.choice(fits[len(fits) // 4: max(len(fits) * 3 // 4, 1)])

    def event(self, name, **what):
        """An event as every follower has it."""
        fits = {line["number"]: json.loads(line["json"]) for line in self.lines if line["kind"] == "event"}
        fits = [e for e in fits.values() if e["event"] == name and all(e.get(k) == v for k, v in what.items())]
        return self.random.choice(fits[len(fits) // 4: max(len(fits) * 3 // 4, 1)])

    def rewrite(self, event, **what):
        for line in self.lines:
            if line["kind"] == "event" and line["number"] == event["number"]:
                line["json"] = json.dumps({**json.loads(line["json"]), **what})

    def drop_event(self, event):
        self.lines = [line for line in self.lines if not (line["kind"] == "event" and line["number"] == event["number"])]

    def add_event(self, after, **what):
        """Another event in a commit of its own, right after this one's commit is over."""
        number = (after["number"] >> 20 << 20) + (1 << 20) - 1000
        event = {**after, **what, "number": number}
        for place in reversed(range(len(self.lines))):
            line = self.lines[place]
            if line["kind"] == "event" and line["number"] == after["number"]:
                new = {**line, "number": number, "json": json.dumps(event)}
                rest = [n for n in range(place + 1, len(self.lines)) if self.lines[n]["process"] == line["process"]
                        and self.lines[n].get("number", 0) > number]
                self.lines.insert(rest[0] if rest else len(self.lines), new)

    def one_process(self, kind, process):
        return [line for line in self.lines if line["kind"] == kind and line["process"] == process]


def later(text, seconds):
    time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) + datetime.timedelta(seconds=seconds)
    return time.isoformat().replace("+00:00", "Z")


def an_end_is_missing(d):
    d.drop_event(d.event("call_ended"))


def an_acceptance_is_missing(d):
    d.drop_event(d.event("call_queued"))


def a_call_is_acknowledged_out_of_nowhere(d):
    d.lines.append({**d.some("ok", what="RouteCall"), "call": "p0-unheard"})


def a_refused_call_is_accepted(d):
    d.lines.append({**d.some("ok", what="RouteCall"), "kind": "fail", "code": "DIVERTED"})


def a_call_lives_on(d):
    d.some("final", state="CALL_STATE_ENDED")["state"] = "CALL_STATE_QUEUED"


def a_call_is_unknown_in_the_end(d):
    d.some("final", state="CALL_STATE_ENDED")["state"] = None


def a_call_ends_twice(d):
    d.add_event(d.event("call_ended"))


def a_call_ends_otherwise_for_its_platform(d):
    d.some("saw", outcome="OUTCOME_HANDLED")["outcome"] = "OUTCOME_LOST"


def a_call_ends_otherwise_in_the_end(d):
    d.some("final", outcome="OUTCOME_HANDLED")["outcome"] = "OUTCOME_ABANDONED"


def a_call_ends_otherwise_for_all(d):
    d.rewrite(d.event("call_ended", outcome="handled"), outcome="timed_out")


def a_call_goes_on_after_its_end(d):
    end = d.event("call_ended", outcome="handled")
    d.add_event(end, event="call_connected", wait_ms=0, offer_id="o0")


def a_call_is_accepted_twice(d):
    d.add_event(d.event("call_queued"))


def an_offer_comes_twice(d):
    d.add_event(d.event("offer_made"))


def a_busy_agent_is_offered_another(d):
    d.add_event(d.event("offer_made"), call_id="p0-other", offer_id="o999999")


def a_call_is_offered_to_two(d):
    d.add_event(d.event("offer_made"), agent_id="a-other", offer_id="o999999")


def a_call_is_connected_to_another(d):
    d.rewrite(d.event("call_connected"), agent_id="a-other")


def a_call_is_connected_by_another_offer(d):
    d.rewrite(d.event("call_connected"), offer_id="o999999")


def a_call_is_bridged_twice(d):
    line = d.some("bridged")
    d.lines.insert(d.lines.index(line) + 1, {**line, "offer": "o999999"})


def somebody_who_never_accepted_is_bridged(d):
    d.some("bridged")["agent"] = "a-other"


def an_offer_that_never_was_is_bridged(d):
    d.some("bridged")["offer"] = "o999999"


def a_wait_begins_again(d):
    connected = d.event("call_connected")
    d.rewrite(connected, time=later(connected["time"], 5))


def a_wait_is_too_long(d):
    connected = d.event("call_connected")
    d.rewrite(connected, wait_ms=connected["wait_ms"] + 5_000)


def a_wait_was_reset_by_a_new_owner(d):
    queued = d.event("call_queued")
    d.rewrite(queued, wait_from=later(queued["wait_from"], -30))


def an_earlier_call_is_overtaken(d):
    queued = d.event("call_queued")
    d.add_event(queued, call_id="p0-early", time=later(queued["time"], -10))


def an_event_is_told_otherwise_to_one(d):
    line = d.random.choice(d.one_process("event", "follower-1"))
    line["json"] = json.dumps({**json.loads(line["json"]), "queue": "another"})


def an_event_is_kept_from_one(d):
    lines = d.one_process("event", "follower-1")
    d.lines.remove(lines[len(lines) // 2])


def an_event_comes_again(d):
    line = d.random.choice(d.one_process("event", "follower-1"))
    d.lines.insert(d.lines.index(line) + 1, dict(line))


def events_come_in_another_order(d):
    lines = d.one_process("event", "follower-0")
    one, other = lines[len(lines) // 2], lines[len(lines) // 2 + 3]
    here, there = d.lines.index(one), d.lines.index(other)
    d.lines[here], d.lines[there] = other, one


def events_are_said_to_be_missed(d):
    d.some("upto")["missed"] = True


def a_commit_has_a_hole(d):
    inside = [json.loads(line["json"]) for line in d.one_process("event", "follower-0")]
    pairs = [one for one, two, three in zip(inside, inside[1:], inside[2:])
             if two["number"] == one["number"] + 1 and three["number"] == one["number"] + 2]
    d.drop_event({"number": d.random.choice(pairs)["number"] + 1})


def a_number_is_not_its_own(d):
    event = d.event("offer_made")
    d.rewrite(event, number=event["number"] + 1)


def an_epoch_goes_back(d):
    newest = max(line["epoch"] for line in d.lines if line["kind"] == "owner")
    late = [line for line in d.lines if line["kind"] == "owner" and line["epoch"] == newest]
    d.lines.append({**late[-1], "epoch": newest - 1})


def an_epoch_has_two_owners(d):
    line = d.some("owner", here=True)
    d.lines.append({**line, "server": "another", "address": "another:1"})


I1, I2, I3 = "I1 no lost call", "I2 no double offer", "I3 no double connect"
I4, I5, I6, I7, ORDER = "I4 one outcome", "I5 waits", "I6 one history", "I7 once", "I5 order"
MUST_BE_SEEN = {
    an_end_is_missing: I1, an_acceptance_is_missing: I1, a_call_is_acknowledged_out_of_nowhere: I1,
    a_refused_call_is_accepted: I1, a_call_lives_on: I1, a_call_is_unknown_in_the_end: I1,
    a_call_ends_twice: I4, a_call_ends_otherwise_for_its_platform: I4, a_call_ends_otherwise_in_the_end: I4,
    a_call_ends_otherwise_for_all: I4, a_call_goes_on_after_its_end: I4, a_call_is_accepted_twice: I7,
    an_offer_comes_twice: I2, a_busy_agent_is_offered_another: I2, a_call_is_offered_to_two: I2,
    a_call_is_connected_to_another: I3, a_call_is_connected_by_another_offer: I3, a_call_is_bridged_twice: I3,
    somebody_who_never_accepted_is_bridged: I3, an_offer_that_never_was_is_bridged: I3,
    a_wait_begins_again: I5, a_wait_is_too_long: I5, a_wait_was_reset_by_a_new_owner: I5,
    an_earlier_call_is_overtaken: ORDER,
    an_event_is_told_otherwise_to_one: I6, an_event_is_kept_from_one: I6, an_event_comes_again: I6,
    events_come_in_another_order: I6, events_are_said_to_be_missed: I6, a_commit_has_a_hole: I6,
    a_number_is_not_its_own: I6, an_epoch_goes_back: I6, an_epoch_has_two_owners: I6,
}


def main():
    lines = read(sys.argv[1])
    clean = Checker(copy.deepcopy(lines)).check().broken
    if clean:
        sys.exit(f"the history is not clean: {dict(clean)}")
    overlooked = []
    for seed, (spoil, promise) in enumerate(MUST_BE_SEEN.items()):
        damage = Damage(lines, seed)
        spoil(damage)
        seen = Checker(damage.lines).check().broken
        if promise not in seen:
            overlooked.append(f"{spoil.__name__} is not seen under {promise}: {dict(seen)}")
    print(json.dumps({"damages": len(MUST_BE_SEEN), "overlooked": overlooked}))
    sys.exit(bool(overlooked))


main()
