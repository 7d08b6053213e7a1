// A board that is kept up to date by one stream of events.
import { clock, hear, place, stand, tick } from "./live.js";

// The server says something each second; a board that hears nothing for this long says so.
const SILENT_MS = 4000;
const main = document.getElementById("main");
const asOf = document.getElementById("as-of");
const state = document.getElementById("live-state");
const stale = document.getElementById("stale");
const pause = document.getElementById("pause");
const news = document.getElementById("news");

let source = null;
let after = main.dataset.after;
let now = Number(main.dataset.asOf);
let heard = performance.now();
let paused = false;
let retry = null;

function show(kind) {
  const word = state.dataset[kind];
  if (state.textContent !== word) state.textContent = word;
  state.classList.toggle("is-stale", kind === "stale");
  state.classList.toggle("is-paused", kind === "paused");
  const isStale = kind === "stale";
  main.classList.toggle("is-stale", isStale);
  stand(kind !== "live");
  if (isStale && stale.hidden) document.getElementById("stale-since").textContent = clock(now);
  stale.hidden = !isStale;
}

function keys() {
  return new Set([...document.querySelectorAll("#alerts [data-key]")].map((item) => item.dataset.key));
}

/** Says what is newly wrong, once, to those who do not see it. */
function announce(before) {
  const fresh = [...document.querySelectorAll("#alerts [data-key]")].filter((item) => !before.has(item.dataset.key));
  if (fresh.length) news.textContent = fresh.slice(0, 3).map((item) => item.textContent.replace(/\s+/g, " ").trim()).join(". ");
}

function apply(event) {
  const told = JSON.parse(event.data);
  after = event.lastEventId;
  now = told.now;
  heard = performance.now();
  hear(now);
  const before = keys();
  place(told.parts, told.lists);
  if (told.parts.alerts) announce(before);
  asOf.textContent = clock(now);
  show("live");
  tick();
}

function open() {
  clearTimeout(retry);
  source?.close();
  const address = new URL(main.dataset.live, location.href);
  address.searchParams.set("after", after);
  source = new EventSource(address);
  source.onmessage = apply;
  source.onerror = () => {
    show("stale");
    // Browsers try again by themselves while a stream is cut, and give up when they are refused.
    if (source.readyState === EventSource.CLOSED) {
      clearTimeout(retry);
      retry = setTimeout(open, 1000);
    }
  };
  source.addEventListener("open", check);
}

/** A page that is older than the server's files is loaded again. */
async function check() {
  if (!main.classList.contains("is-stale")) return;
  const page = await fetch(location.href).then((answer) => answer.text()).catch(() => "");
  const edition = page.match(/data-edition="([^"]*)"/)?.[1];
  if (edition && edition !== main.dataset.edition) location.reload();
}

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  if (paused) {
    source?.close();
    clearTimeout(retry);
    show("paused");
  } else {
    heard = performance.now();
    open();
  }
});

setInterval(() => {
  if (paused || performance.now() - heard < SILENT_MS) return;
  show("stale");
  // A stream that is open and silent is as good as cut.
  if (source.readyState !== EventSource.CONNECTING) {
    heard = performance.now();
    open();
  }
}, 250);

hear(now);
open();
