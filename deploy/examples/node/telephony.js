// A telephony platform on a stream; ringing and talking are played. Run: node telephony.js --queue billing
const { Client, flags, sleep } = require('./client');

const args = flags({ queue: 'billing', instance: 'node', calls: '1', ring: '0.5', talk: '3', deadline: '0.3' });
const me = { platform: 'example', instance: args.instance }; // an instance keeps its name for ever
const client = new Client(args, 'routing_service');
const held = new Map(); // the callers on our lines, and what ends the wait for each
const legs = new Map(); // for each the offer, what hangs up the agent's leg, and whether they talk

async function caller(id) {
  const end = new Promise((over) => held.set(id, over));
  route(id);
  console.log(id, await end);
}

async function route(id) {
  const request = { call_id: id, queue: args.queue, attributes: { customer: '4711' }, ...me };
  const { whyNot } = await client.handOver(request, args.deadline * 1_000);
  if (whyNot) over(id, `takes the static route: ${whyNot}`);
}

const over = (id, how) => { held.get(id)?.(how); held.delete(id); };

// Does what a call's state asks for. The same state again, after a break, asks for nothing new.
function act({ id, state, outcome, offer, confirm_by }) {
  console.log(id, state, offer?.agent_id ?? '');
  const leg = legs.get(id);
  if (leg?.talks) { // never cut nor handed over again, whatever the service knows of it
    if (confirm_by) client.report(id, leg.offer, 'TALKING');
    return;
  }
  if (!state || state === 'CALL_STATE_ENDED' || offer?.step === 'OFFER_STEP_RESCIND') {
    leg?.hangUp.abort();
    legs.delete(id);
  }
  if (state === 'CALL_STATE_ENDED') {
    over(id, outcome); // a caller who is still on the line takes the static route
  } else if (!state) {
    route(id); // the service has never heard of it
  } else if (offer?.step === 'OFFER_STEP_RESCIND') {
    client.report(id, offer.id, 'RESCINDED');
  } else if (!held.has(id) && state !== 'CALL_STATE_CONNECTED') {
    client.tell('CancelCall', { call_id: id }); // its caller has gone elsewhere
  } else if (['OFFER_STEP_RING', 'OFFER_STEP_CONNECT'].includes(offer?.step) && offer.id !== leg?.offer) {
    legs.set(id, { offer: offer.id, hangUp: new AbortController() });
    connect(id, offer, legs.get(id)).catch(() => {}); // not before: now the agent is won
  }
}

// Rings `offer.address` and connects; else it would report NO_ANSWER, BUSY, REJECTED or FAILED.
async function connect(id, offer, leg) {
  await sleep(args.ring * 1_000, undefined, { signal: leg.hangUp.signal });
  leg.talks = true;
  if (await client.report(id, offer.id, 'ANSWERED') === false) { // too late: hang up the agent's leg
    leg.talks = false;
    return act((await client.tell('GetCall', { call_id: id }))?.call ?? { id });
  }
  await sleep(args.talk * 1_000);
  const ended = await client.report(id, offer.id, 'ENDED');
  over(id, ended ? ended.call.outcome : 'talked to the end, unknown to the service');
  leg.talks = false;
}

client.calls({ ...me }, held, act);
const calls = Array.from({ length: args.calls }, () => caller(`call-${Math.random().toString(16).slice(2, 8)}`));
Promise.all(calls).then(() => process.exit());
