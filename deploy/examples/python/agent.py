"""An agent's desktop that accepts what it is offered. Run: python agent.py --agent ann"""
import asyncio, sys
from client import Client, arguments, types

args = arguments(agent="ann")
client = Client(args, "agent_session_service")
said = []  # in this session; the number of commands is the sequence of the last


def once(reason, **command):
    """Gives a command, for the same reason once in a session. A person's click would be the reason."""
    if reason not in said:
        said.append(reason)
        client.say(sequence=len(said), **command)


async def main():
    is_asked = False
    async for kind, message in client.stream(client.api.AgentHello(agent_id=args.agent)):
        if kind == "welcome":
            said.clear()  # a new session: it counts its commands from one, and the snapshot that follows says it all
        elif kind == "refused":
            sys.exit(message.details())
        elif kind == "superseded":
            sys.exit("another device of this agent has signed in")
        elif kind == "answer" and message.HasField("refusal"):
            print("refused:", message.refusal.message)
        elif kind == "snapshot":
            show(message.status, message.attributes)
            is_asked = is_asked or message.status.intent == types.INTENT_READY
            if not is_asked:  # at sign-in only: who is made not ready later comes back by a click
                once("ready", set_intent={"intent": types.INTENT_READY})


def show(status, attributes):
    """All that a desktop shows is in every snapshot; nothing is added up from one to the next."""
    print(types.Intent.Name(status.intent), types.Work.Name(status.work), status.call_id, dict(attributes))
    if status.offer.step == types.OFFER_STEP_PROPOSED:  # at OFFER_STEP_RING the telephone rings instead
        once(status.offer.id, accept_offer={"offer_id": status.offer.id})
    if status.work == types.WORK_WRAP_UP:
        once("done with " + status.call_id, finish_wrap_up={"call_id": status.call_id})


asyncio.run(main())
