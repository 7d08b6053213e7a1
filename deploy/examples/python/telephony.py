"""A telephony platform on a stream; ringing and talking are played. Run: python telephony.py --queue billing"""
import asyncio, secrets
from client import Client, arguments, background, types

args = arguments(queue="billing", instance="python", calls=1, ring=0.5, talk=3.0, deadline=0.3)
client = Client(args, "routing_service")
api, me = client.api, {"platform": "example", "instance": args.instance}  # an instance keeps its name for ever
held, legs, talks = {}, {}, set()  # the callers on our lines: what comes of each; its offer and agent's leg; who talks

async def caller(call_id):
    held[call_id] = asyncio.get_running_loop().create_future()
    background(route(call_id))
    print(call_id, await held[call_id])

async def route(call_id):
    request = api.RouteCallRequest(call_id=call_id, queue=args.queue, attributes={"customer": "4711"}, **me)
    _, why_not = await client.hand_over(request, args.deadline)
    if why_not:
        over(call_id, f"takes the static route: {why_not}")

def over(call_id, how):
    if call_id in held:
        held.pop(call_id).set_result(how)

def act(call):
    """Does what a call's state asks for. The same state again, after a break, asks for nothing new."""
    print(call.id, types.CallState.Name(call.state), call.offer.agent_id or call.agent_id)
    (offer_id, leg), step = legs.get(call.id, ("", None)), call.offer.step
    if call.id in talks:  # never cut nor handed over again, whatever the service knows of it
        if call.HasField("confirm_by"):
            background(client.report(call.id, offer_id, "TALKING"))
        return
    if leg and (not call.state or call.state == types.CALL_STATE_ENDED or step == types.OFFER_STEP_RESCIND):
        leg.cancel()  # hang up the agent's leg
        legs.pop(call.id)
    if call.state == types.CALL_STATE_ENDED:
        over(call.id, types.Outcome.Name(call.outcome))  # a caller who is still on the line takes the static route
    elif call.state == types.CALL_STATE_UNSPECIFIED:
        background(route(call.id))  # the service has never heard of it
    elif step == types.OFFER_STEP_RESCIND:
        background(client.report(call.id, call.offer.id, "RESCINDED"))
    elif call.id not in held and call.state != types.CALL_STATE_CONNECTED:
        background(client.tell("CancelCall", api.CancelCallRequest(call_id=call.id)))  # its caller has gone elsewhere
    elif step in (types.OFFER_STEP_RING, types.OFFER_STEP_CONNECT) and call.offer.id != offer_id:
        legs[call.id] = call.offer.id, background(connect(call.id, call.offer))  # not before: now the agent is won

async def connect(call_id, offer):
    """Rings `offer.address` and connects; else it would report NO_ANSWER, BUSY, REJECTED or FAILED."""
    await asyncio.sleep(args.ring)
    talks.add(call_id)
    if await client.report(call_id, offer.id, "ANSWERED") is False:  # too late: hang up the agent's leg
        talks.discard(call_id)
        found = await client.tell("GetCall", api.GetCallRequest(call_id=call_id))
        return act(found.call if found else types.Call(id=call_id))
    await asyncio.sleep(args.talk)
    ended = await client.report(call_id, offer.id, "ENDED")
    over(call_id, types.Outcome.Name(ended.call.outcome) if ended else "talked to the end, unknown to the service")
    talks.discard(call_id)

async def main():
    background(client.calls(api.RoutingHello(**me), held, act))
    await asyncio.gather(*(caller(f"call-{secrets.token_hex(3)}") for _ in range(args.calls)))

asyncio.run(main())
