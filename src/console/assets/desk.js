// An agent's desk: one socket, over which the server shows what is and hears what the agent orders.
import { hear, place, stand } from "./live.js";

const PROBES = 40;
const PROBE_EVERY_MS = 50;
const PROBE_LOST_MS = 1500;
const main = document.getElementById("main");
const find = (id) => document.getElementById(id);
const state = find("live-state");
const title = document.title;

let socket = null;
let signed = false;
let wanted = false;
let superseded = false;
let offer = null;
let probes = new Map();
let retry = 500;

function show(kind) {
  state.textContent = state.dataset[kind];
  const away = kind === "away";
  state.classList.toggle("is-stale", away || kind === "superseded");
  main.classList.toggle("is-stale", (away || kind === "superseded") && wanted);
  stand(away);
  find("stale").hidden = !away || !wanted;
  find("superseded").hidden = kind !== "superseded";
  find("before").hidden = wanted && !superseded;
  find("dims").hidden = !wanted && !superseded;
}

const say = (message) => { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message)); };
const order = (name, fields = {}) => say({ kind: "order", order: name, fields });

function open() {
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  const address = new URL(main.dataset.socket, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const own = new WebSocket(address);
  socket = own;
  own.onopen = () => {
    retry = 500;
    if (superseded) return;
    if (wanted) say({ kind: "sign_in" });
    else {
      show("open");
      measure();
    }
  };
  own.onmessage = (event) => told(JSON.parse(event.data));
  // One that is still closing while the next is open is no news.
  own.onclose = () => {
    if (own !== socket) return;
    signed = false;
    ring(null);
    if (superseded) return;
    show("away");
    setTimeout(open, retry);
    retry = Math.min(retry * 2, 4000);
  };
}

function told(message) {
  if (message.kind === "probe") return answered(message.n);
  if (message.kind === "signed_in") {
    signed = true;
    show("signed");
  } else if (message.kind === "superseded") {
    superseded = true;
    wanted = signed = false;
    ring(null);
    show("superseded");
    socket.close();
  } else if (message.kind === "session_over") {
    signed = wanted = false;
    ring(null);
    show("open");
  } else if (message.kind === "parts") {
    if (message.now) hear(message.now);
    place(message.parts);
    if ("offer" in message) ring(message.offer);
    if (message.offline) leave();
  }
}

/** Signed out: the session is closed once the server says so; the first state of a session is offline as well. */
let leaving = false;
function leave() {
  if (!leaving) return;
  leaving = false;
  wanted = false;
  socket.close();
}

// The line: round trips over this very socket.
function measure() {
  probes = new Map();
  for (const id of ["check-rtt", "check-jitter", "check-loss"]) find(id).textContent = "…";
  let sent = 0;
  const run = probes;
  const timer = setInterval(() => {
    if (run !== probes || sent === PROBES) return clearInterval(timer);
    run.set(sent, { at: performance.now(), took: null });
    say({ kind: "probe", n: sent });
    sent += 1;
  }, PROBE_EVERY_MS);
  setTimeout(() => { if (run === probes) judge(run); }, PROBES * PROBE_EVERY_MS + PROBE_LOST_MS);
}

function answered(n) {
  const probe = probes.get(n);
  if (!probe || probe.took !== null) return;
  probe.took = performance.now() - probe.at;
  if (probes.size === PROBES && [...probes.values()].every((one) => one.took !== null)) judge(probes);
}

function judge(run) {
  if (run.judged) return;
  run.judged = true;
  const took = [...run.values()].map((probe) => probe.took).filter((one) => one !== null);
  const loss = 100 * (1 - took.length / Math.max(1, run.size));
  const rtt = took.length ? [...took].sort((a, b) => a - b)[Math.floor(took.length / 2)] : 10000;
  const steps = took.slice(1).map((one, at) => Math.abs(one - took[at]));
  const jitter = steps.length ? steps.reduce((sum, one) => sum + one, 0) / steps.length : 0;
  const number = (value, unit) => `${value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} ${unit}`;
  find("check-rtt").textContent = number(rtt, "ms");
  find("check-jitter").textContent = number(jitter, "ms");
  find("check-loss").textContent = number(loss, "%");
  say({ kind: "measured", rtt, jitter, loss });
}

// The sound card: only when the agent asks, and nothing of it leaves the page.
async function listen() {
  const words = find("audio").dataset;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const devices = await navigator.mediaDevices.enumerateDevices();
    stream.getTracks().forEach((track) => track.stop());
    const inputs = devices.filter((device) => device.kind === "audioinput");
    const outputs = devices.filter((device) => device.kind === "audiooutput");
    const headset = [...inputs, ...outputs].some((device) => /head(set|phone)|casque|micro-casque/i.test(device.label));
    find("audio").textContent = headset ? words.headset : inputs.length ? words.found : words.none;
  } catch (problem) {
    find("audio").textContent = problem.name === "NotFoundError" ? words.none : words.refused;
  }
}

// The sound of an offer.
let sound = null;
let context = null;
function beep() {
  if (!find("use-sound").checked || !context) return;
  for (const [start, pitch] of [[0, 660], [0.25, 880]]) {
    const tone = new OscillatorNode(context, { frequency: pitch });
    const volume = new GainNode(context, { gain: 0.2 });
    tone.connect(volume).connect(context.destination);
    tone.start(context.currentTime + start);
    tone.stop(context.currentTime + start + 0.18);
  }
}

/** A new offer is heard, is in the title, and is said once to those who do not see it; the end of one ends all three. */
function ring(next) {
  if ((next?.id ?? null) === (offer?.id ?? null)) return;
  offer = next;
  clearInterval(sound);
  document.title = offer ? `● ${main.dataset.titleOffer}: ${offer.queue}` : title;
  find("alarm").textContent = offer ? `${main.dataset.titleOffer}: ${offer.queue}` : "";
  if (!offer) return;
  beep();
  sound = setInterval(beep, 2000);
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-order]");
  if (!form) return;
  event.preventDefault();
  if (form.querySelector("button[aria-disabled=true]")) return;
  if (form.dataset.order === "sign-out") {
    leaving = true;
    return say({ kind: "sign_out" });
  }
  order(form.dataset.order, Object.fromEntries(new FormData(form)));
});

const press = { a: "accept", d: "decline", r: "go-ready" };
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox]), select, textarea");
  if (typing || event.ctrlKey || event.altKey || event.metaKey || !find("use-keys").checked) return;
  const key = event.key.toLowerCase();
  if (key === "?") {
    const help = find("keys");
    help.open = !help.open;
    help.querySelector("summary").focus();
  } else if (key === "n") find("not-ready-reason")?.focus();
  else if (press[key]) find(press[key])?.click();
  else return;
  event.preventDefault();
});

for (const [id, name] of [["use-keys", "homeshore-keys"], ["use-sound", "homeshore-sound"]]) {
  find(id).checked = localStorage.getItem(name) !== "off";
  find(id).addEventListener("change", () => localStorage.setItem(name, find(id).checked ? "on" : "off"));
}
find("check-again").addEventListener("click", measure);
find("check-audio").addEventListener("click", listen);
find("sign-in").addEventListener("click", () => {
  // Browsers let a page make sounds once somebody pressed something in it.
  context ??= new AudioContext();
  context.resume();
  wanted = true;
  superseded = false;
  probes = new Map();
  if (socket?.readyState === WebSocket.OPEN) say({ kind: "sign_in" });
  else open();
});
// Before this script is there the button would do nothing.
find("sign-in").disabled = false;

open();
