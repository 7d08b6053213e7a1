// An agent's desktop that accepts what it is offered. Run: node agent.js --agent ann
const { Client, flags } = require('./client');

const args = flags({ agent: 'ann' });
const client = new Client(args, 'agent_session_service');
const said = new Set(); // in this session; the number of commands is the sequence of the last

// Gives a command, for the same reason once in a session. A person's click would be the reason.
function once(reason, command) {
  if (said.has(reason)) return;
  said.add(reason);
  client.say({ sequence: said.size, ...command });
}

async function main() {
  let isAsked = false;
  for await (const [kind, message] of client.stream({ agent_id: args.agent })) {
    if (kind === 'welcome') {
      said.clear(); // a new session: it counts its commands from one, and the snapshot that follows says it all
    } else if (kind === 'refused') {
      throw message;
    } else if (kind === 'superseded') {
      throw new Error('another device of this agent has signed in');
    } else if (kind === 'answer' && message.refusal) {
      console.log('refused:', message.refusal.message);
    } else if (kind === 'snapshot') {
      show(message.status, message.attributes);
      isAsked ||= message.status.intent === 'INTENT_READY';
      if (!isAsked) once('ready', { set_intent: { intent: 'INTENT_READY' } }); // at sign-in only; later by a click
    }
  }
}

// All that a desktop shows is in every snapshot; nothing is added up from one to the next.
function show({ intent, work, call_id, offer }, attributes) {
  console.log(intent, work, call_id, attributes);
  if (offer?.step === 'OFFER_STEP_PROPOSED') { // at OFFER_STEP_RING the telephone rings instead
    once(offer.id, { accept_offer: { offer_id: offer.id } });
  }
  if (work === 'WORK_WRAP_UP') once(`done with ${call_id}`, { finish_wrap_up: { call_id } });
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
