// What boards and desks share: parts that are replaced, lengths of time that go on, and the server's clock.

const day = () => document.getElementById("main").dataset.day;
// The server's time less this page's steady clock, in ms; kept by what the server says.
let offset = null;
let stands = false;

/** Takes the server's time from its news. */
export function hear(now) {
  offset = now - performance.now();
}

/** Lets the lengths of time stand still while the server is not heard, or go on. */
export function stand(still) {
  stands = still;
}

/** A length of time as the server writes it. */
export function span(ms) {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const [minutes, hours, days] = [60, 3600, 86400].map((unit) => Math.floor(seconds / unit));
  if (days) return `${days}${day()}${two(hours % 24)}h`;
  if (hours) return `${hours}h${two(minutes % 60)}m`;
  if (minutes) return `${minutes}m${two(seconds % 60)}s`;
  return `${seconds}s`;
}

/** The time of day in UTC. */
export function clock(ms) {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}

/** Writes the lengths of time that go on, inside one element or everywhere. */
export function tick(within = document) {
  if (offset === null || stands) return;
  const now = offset + performance.now();
  for (const place of within.querySelectorAll(".tick")) {
    const { since, until } = place.dataset;
    const text = span(since ? now - Number(since) : Number(until) - now);
    if (place.textContent !== text) place.textContent = text;
  }
}

/** Where the focus is inside an element, to find it again in what replaces it. */
function focusIn(element) {
  const active = document.activeElement;
  if (!active || active === element || !element.contains(active)) return null;
  const same = (root) => [...root.querySelectorAll(active.localName)];
  const key = active.id ? `#${CSS.escape(active.id)}` : null;
  const place = same(element).indexOf(active);
  return (root) => (key && root.querySelector(key)) || same(root)[place] || null;
}

function built(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

/** Replaces an element by new content, and keeps what is open, chosen and focused in it. */
export function replace(element, html) {
  const next = built(html);
  const find = focusIn(element);
  const open = [...element.querySelectorAll("details")].map((details) => details.open);
  next.querySelectorAll("details").forEach((details, at) => { details.open = Boolean(open[at]); });
  const scrolled = [...element.querySelectorAll(".table")].map((table) => table.scrollLeft);
  element.replaceWith(next);
  next.querySelectorAll(".table").forEach((table, at) => { table.scrollLeft = scrolled[at] ?? 0; });
  tick(next);
  find?.(next)?.focus({ preventScroll: true });
  return next;
}

/** Puts new parts in their places, and lists in their order; parts that are in no place yet wait for their list. */
export function place(parts, lists = {}) {
  const fresh = new Map();
  for (const [id, html] of Object.entries(parts)) {
    const element = document.getElementById(id);
    if (element) replace(element, html);
    else fresh.set(id, html);
  }
  for (const [name, ids] of Object.entries(lists)) {
    const list = document.getElementById(`list-${name}`);
    if (!list) continue;
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    const rows = ids.map((id) => document.getElementById(id) ?? (fresh.has(id) ? built(fresh.get(id)) : null));
    list.replaceChildren(...rows.filter(Boolean));
    tick(list);
    if (focused?.isConnected) focused.focus({ preventScroll: true });
  }
}

setInterval(tick, 1000);
