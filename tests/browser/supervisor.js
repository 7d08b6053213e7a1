// A supervisor asks why a call waits and why an agent gets none, drains a site, holds an agent, halts a queue, moves the call,
// and writes to a team; each order is confirmed and recorded. All of it works by keyboard.
"use strict";
const { AGENTS, POOL, Server, check, picture, quiet, same, story, until, window } = require("./lib.js");

story(async () => {
  const server = await new Server().start();
  server.apply(POOL, AGENTS);
  const context = await window();
  const page = await context.newPage();
  await page.goto(server.http);
  await page.locator("input[name=name]").fill("Sue <Marlow>");
  await page.locator("input[name=teams]").fill("blue");
  await page.locator("form[action='/who'] button").press("Enter");
  await page.getByRole("link", { name: "Board of" }).press("Enter");
  const waiting = server.begin("call", "route", "--id", "w-1", "--queue", "technical", "--talk", "1s");
  await page.locator('[id="q:technical"] td').first().getByText("1").waitFor();
  same(await page.locator("#list-agents tr").count(), 2, "agents of one's own team");

  await whyACallWaits(server, page);
  await whyAnAgentGetsNone(server, page);
  await theSite(server, page);
  await theQueue(server, page);
  await moved(server, page);
  await theTeam(server, page);
  await refused(server, page);
  await records(server, page);
  await files(server, page);
  await theWall(server, page);
  waiting.kill("SIGINT");
  await waiting.over;
  quiet(context);
});

/** Sends a form of a page, reads what it asks, and confirms it. */
async function order(page, legend, fill = async () => {}) {
  const form = page.locator("form", { has: page.locator("legend", { hasText: legend }) });
  await fill(form);
  await form.locator("button").press("Enter");
  const asked = await page.locator("main").innerText();
  check(asked.includes("Sue <Marlow>"), `the page says who orders: ${asked}`);
  await page.locator("button[name=sure]").press("Enter");
  await page.locator(".done").waitFor();
}

const because = (reason) => (form) => form.locator("[name=reason]").fill(reason);

async function whyACallWaits(server, page) {
  await page.goto(`${server.http}/pools/default/calls/w-1`);
  const told = await page.locator("main").innerText();
  check(told.includes("signed out"), told);
  const sentence = server.run("call", "explain", "w-1").split("\n")[0];
  const words = sentence.replace(/[\d.]+ ?(ms|s)?/g, "#");
  same((await page.locator(".why").innerText()).replace(/[\d.]+ ?(ms|s)?/g, "#"), words, "the sentence of the command line");
  await picture(page, "call-waits");
}

async function whyAnAgentGetsNone(server, page) {
  await page.goto(`${server.http}/pools/default/agents/cleo`);
  check((await page.locator("main").innerText()).includes("signed out"), "why the agent gets none");
  await order(page, "Keep offers away", async (form) => {
    await form.locator("[name=minutes]").fill("20");
    await because("first <i>talk</i>")(form);
  });
  check((await page.locator(".facts").innerText()).includes("first <i>talk</i>"), "the hold with its reason");
  same(JSON.parse(server.run("agent", "show", "cleo", "--json")).status.hold.supervisor, "Sue <Marlow>", "who holds");
  await order(page, "End the hold");
  await order(page, "Send a message", (form) => form.locator("[name=text]").fill("Call me"));
}

async function theSite(server, page) {
  await page.goto(`${server.http}/pools/default`);
  await page.locator('a[href="/pools/default/sites/centre-1"]').first().press("Enter");
  await page.locator("h1", { hasText: "centre-1" }).waitFor();
  await order(page, "Drain this site", because("fire drill"));
  const site = JSON.parse(server.run("site", "list", "--json")).sites.find((one) => one.id === "centre-1");
  same(site.drain?.reason, "fire drill", "the site");
  await page.goto(`${server.http}/pools/default`);
  await page.locator("#alerts", { hasText: "fire drill" }).waitFor();
  await picture(page, "board-drained");
  await page.goto(`${server.http}/pools/default/sites/centre-1`);
  await order(page, "Let offers come again");
}

async function theQueue(server, page) {
  await page.goto(`${server.http}/pools/default/queues/billing`);
  await order(page, "Pause this queue", because("too few"));
  await page.goto(`${server.http}/pools/default`);
  await page.locator('[id="q:billing"] .tag', { hasText: "paused" }).waitFor();
  await page.goto(`${server.http}/pools/default/queues/billing`);
  await order(page, "Resume this queue", because("enough"));
  await order(page, "Close this queue", async (form) => {
    await because("flood")(form);
    await form.locator("[name=minutes]").fill("5");
    await form.locator("[name=waiting]").selectOption("end");
  });
  await order(page, "Resume this queue", because("dry again"));
}

async function moved(server, page) {
  await page.goto(`${server.http}/pools/default/calls/w-1`);
  await order(page, "Move to another queue", (form) => form.locator("[name=queue]").selectOption("billing"));
  same(JSON.parse(server.run("call", "show", "w-1", "--json")).queue, "billing", "the queue of the moved call");
}

async function theTeam(server, page) {
  await page.goto(`${server.http}/pools/default/teams/blue`);
  await order(page, "Send a message to the team", (form) => form.locator("[name=text]").fill("Meeting at ten"));
}

/** What the service refuses says why, and a repeat of a confirmed order changes nothing. */
async function refused(server, page) {
  page.context().expected.push(/422/);
  await page.goto(`${server.http}/pools/default/queues/billing`);
  const form = page.locator("form", { has: page.locator("legend", { hasText: "Pause this queue" }) });
  await form.locator("[name=reason]").fill("x");
  await form.evaluate((it) => { it.noValidate = true; it.querySelector("[name=minutes]").value = "0"; });
  await form.locator("button").click();
  const problem = await page.locator(".refused").innerText();
  check(problem.includes("minutes: is `0`; give a whole number from 1"), problem);
}

async function records(server, page) {
  await page.goto(`${server.http}/pools/default/orders`);
  const told = await page.locator("tbody").innerText();
  for (const line of ["site drained", "agent held", "hold ended", "queue halted: paused", "queue halted: closed", "queue resumed", "call moved to: billing", "message sent"]) {
    check(told.includes(line), `${line} in ${told}`);
  }
  await picture(page, "orders");
}

async function files(server, page) {
  const text = (table, query = "") => page.request.get(`${server.http}/pools/default/tables/${table}.csv${query}`).then((answer) => answer.text());
  const queues = await text("queues");
  check(queues.startsWith("queue,waiting,longest_wait_ms,"), queues);
  check(queues.includes("\nbilling,1,"), queues);
  check((await text("agents")).includes("\ncleo,Cleo Marsh,offline,"), "agents of one's own team");
  check(!(await text("agents")).includes("\nann,") && (await text("agents", "?team=all")).includes("\nann,"), "all agents");
  check((await text("sites")).includes("\ncentre-1,telecentre,south,false,"), "sites");
  check((await text("calls")).includes("\nw-1,billing,queued,"), "calls");
  check((await text("states")).includes("\nhome,"), "states");
  check((await text("curve")).startsWith("interval_utc,arrived,answered\n00:00,"), "curve");
}

async function theWall(server, page) {
  await page.goto(`${server.http}/pools/default?look=wall`);
  await until("the wall shows the call", async () => (await page.locator("#tiles dd").first().innerText()) === "1");
  check(!(await page.locator("#h-agents").isVisible()), "nobody is named on a wall");
}
