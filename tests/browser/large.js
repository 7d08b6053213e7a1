// A board of a pool with 15,000 agents and 200 queues paints within a second and shows a change within two; thousands of updates
// leave the page's memory as it was.
"use strict";
const { Server, check, picture, quiet, story, until, window } = require("./lib.js");

const AGENTS = 15_000;
const QUEUES = 200;
const UPDATES = 3_600;

const queue = (at) => `[[queues]]\nid = "queue-${at}"\ntarget = "20s"\n[[queues.rings]]\nafter = "0s"\nskills = { s${at % 40} = 1 }\n`;
const POOL = Array.from({ length: QUEUES }, (_, at) => queue(at)).join("");
const agent = (at) => `agent-${at},Person ${at},s${at % 40}:3,${at % 3 ? `home-${at},home` : `centre-${at % 20},telecentre`},region-${at % 12},net-${at % 5},sip:a${at}@example.org,team-${at % 150},own`;
const LIST = ["id,display_name,skills,site,site_kind,region,provider,address,team,employer"].concat(Array.from({ length: AGENTS }, (_, at) => agent(at))).join("\n");

story(async () => {
  const server = await new Server().start();
  server.apply(POOL, LIST);
  const context = await window();
  const page = await context.newPage();
  const painted = async () => {
    await page.goto(`${server.http}/pools/default`);
    return page.evaluate(() => new Promise((done) => {
      new PerformanceObserver((list) => { done(list.getEntries().at(-1).startTime); }).observe({ type: "largest-contentful-paint", buffered: true });
    }));
  };
  const first = await painted();
  const again = await painted();
  check((await page.locator("#list-queues tr").count()) === QUEUES, "every queue is shown");
  check((await page.locator("#list-agents tr").count()) === 100, "a page of agents is shown");

  const begun = performance.now();
  const call = server.begin("call", "route", "--id", "l-1", "--queue", "queue-150", "--talk", "1s");
  await until("the call waits", () => server.run("call", "list", "--json").includes("l-1"));
  const waiting = performance.now();
  await until("the board shows the call", async () => (await page.locator('[id="q:queue-150"] td').first().innerText()) === "1", 2000);
  console.log(`painted after ${first.toFixed(0)} and ${again.toFixed(0)} ms; a change shown ${(performance.now() - waiting).toFixed(0)} ms after the service said it, ${(performance.now() - begun).toFixed(0)} ms after the command began`);
  check(Math.min(first, again) <= 1000, `painted after ${first} and ${again} ms`);
  await picture(page, "large");
  call.kill("SIGINT");
  await call.over;
  await memory(page);
  quiet(context);
});

/** Plays the page's own updates as fast as it takes them, with what the server sent last. */
async function memory(page) {
  await page.locator("#pause").click();
  const session = await page.context().newCDPSession(page);
  const used = async () => {
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    const { nodes } = await session.send("Memory.getDOMCounters");
    return { usedSize, nodes };
  };
  const play = (updates) => page.evaluate(async (count) => {
    const script = document.querySelector("script[type=module]").src;
    const live = await import(new URL("live.js", script));
    const rows = [...document.querySelectorAll("#list-queues tr")];
    for (let at = 0; at < count; at += 1) {
      const row = document.getElementById(rows[at % rows.length].id);
      live.hear(Date.now() + at);
      live.place({ [row.id]: row.outerHTML }, at % 50 ? {} : { queues: rows.map((one) => one.id) });
    }
  }, updates);
  await play(600);
  const before = await used();
  await play(UPDATES);
  const after = await used();
  console.log(`heap ${before.usedSize} -> ${after.usedSize} bytes, nodes ${before.nodes} -> ${after.nodes}`);
  check(after.usedSize < before.usedSize * 1.1 + 200_000, "the heap is as it was");
  check(after.nodes < before.nodes * 1.1 + 200, "the page has as many nodes as before");
}
