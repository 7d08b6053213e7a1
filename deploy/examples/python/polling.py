"""A telephony platform without a stream: a long poll for each call. Run: python polling.py --queue billing"""
import asyncio, secrets
from client import Client, arguments, background, types

args = arguments(queue="billing", instance="polling", calls=1, ring=0.5, talk=3.0, deadline=0.3)
client = Client(args, "routing_service")
api, talks = client.api, set()

async def caller(call_id):
    """One call from its beginning to its end. While one of its polls is open the instance counts as attached."""
    request = api.RouteCallRequest(call_id=call_id, queue=args.queue, platform="example", instance=args.instance)
    call, why_not = await client.hand_over(request, args.deadline)
    if why_not:
        return print(call_id, "takes the static route:", why_not)
    offer_id, leg = "", None
    while call.state != types.CALL_STATE_ENDED:
        print(call_id, types.CallState.Name(call.state), call.offer.agent_id or call.agent_id)
        step = call.offer.step
        if call.HasField("confirm_by"):
            background(client.report(call_id, offer_id, "TALKING"))
        if step == types.OFFER_STEP_RESCIND:
            if leg:
                leg.cancel()  # hang up the agent's leg
            background(client.report(call_id, call.offer.id, "RESCINDED"))
        elif step in (types.OFFER_STEP_RING, types.OFFER_STEP_CONNECT) and call.offer.id != offer_id:
            offer_id, leg = call.offer.id, background(connect(call_id, call.offer))  # not before: now the agent is won
        poll = api.GetCallRequest(call_id=call_id, wait_for_change=True, known_change_number=call.change_number)
        found = await client.tell("GetCall", poll, timeout=25)  # the server answers after 20 s at the latest
        if not found:
            if call_id in talks:  # never cut nor handed over again, whatever the service knows of it
                await leg
                return print(call_id, "talked to the end, unknown to the service")
            if leg:
                leg.cancel()
            return await caller(call_id)  # hand it over again
        call = found.call
    if call_id in talks:  # LOST: the service lost sight of it, they talk on
        await leg
    elif leg:
        leg.cancel()
    print(call_id, types.Outcome.Name(call.outcome))

async def connect(call_id, offer):
    """Rings `offer.address` and connects; else it would report NO_ANSWER, BUSY, REJECTED or FAILED."""
    await asyncio.sleep(args.ring)
    talks.add(call_id)
    if await client.report(call_id, offer.id, "ANSWERED") is not False:  # else too late: hang up the agent's leg
        await asyncio.sleep(args.talk)
        await client.report(call_id, offer.id, "ENDED")
    talks.discard(call_id)

async def main():
    await asyncio.gather(*(caller(f"call-{secrets.token_hex(3)}") for _ in range(args.calls)))

asyncio.run(main())
