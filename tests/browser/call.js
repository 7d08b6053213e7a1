// A call that is routed from the command line is seen on the board and offered on the agent's page within a second, accepted and
// wrapped up by keyboard alone; and an agent whose page is hidden stays signed in.
"use strict";
const { AGENTS, POOL, Server, check, desk, picture, quiet, same, story, until, window } = require("./lib.js");

const HIDDEN_MS = Number(process.env.HOMESHORE_HIDDEN_S ?? 11) * 1000;

story(async () => {
  const server = await new Server().start();
  server.apply(POOL, AGENTS);
  const supervisor = await window();
  const board = await supervisor.newPage();
  await board.goto(`${server.http}/pools/default`);
  const cell = (queue, at) => board.locator(`[id="q:${queue}"] > :nth-child(${at})`).innerText();
  const { context, page } = await desk(server, "ann");

  same(await page.locator("#state-word").getAttribute("data-state"), "offline", "the state after signing in");
  await page.keyboard.press("r");
  await page.locator("#state-word[data-state=available]").waitFor();
  await until("the board shows an available agent", async () => (await board.locator("#states tr.all td").first().innerText()) === "1");

  const begun = performance.now();
  const call = server.begin("call", "route", "--id", "k-1", "--queue", "billing", "--talk", "1s", "--attribute", "customer=<b>Zoé</b>");
  await page.locator("#accept").waitFor();
  const offered = performance.now() - begun;
  await until("the board shows the offer", async () => (await cell("billing", 10)) === "1");
  const shown = performance.now() - begun;
  console.log(`offered after ${offered.toFixed(0)} ms, on the board after ${shown.toFixed(0)} ms, the command's own start included`);
  check(offered < 2000 && shown < 2500, `it took ${offered} and ${shown} ms`);
  same(await page.title(), "● Offer: billing", "the title while an offer is open");
  check((await page.locator("#desk-offer").innerText()).includes("<b>Zoé</b>"), "attributes are shown as text");
  await picture(page, "desk-offer");

  await page.keyboard.press("a");
  await page.locator("#desk-call .big").waitFor();
  check((await page.title()).startsWith("Desk of"), "the title is as before");
  await until("the board shows the conversation", async () => (await cell("billing", 11)) === "1");
  await page.locator("#finish").waitFor();
  await page.locator("#extend").press("Enter");
  await page.locator("#extend").waitFor({ state: "detached" });
  await page.locator("#desk-wrap select").selectOption("solved");
  await picture(page, "desk-wrap-up");
  await page.locator("#finish").press("Enter");
  await page.locator("#state-word[data-state=available]").waitFor();
  same(await call.over, 0, `the call: ${call.said}`);
  check(call.said.includes("ended handled"), call.said);
  await until("the board counts it", async () => (await cell("billing", 7)) === "1");

  await declined(server, page);
  await messages(server, page);
  await hidden(server, context, page);
  await superseded(server, page);
  quiet(supervisor);
  quiet(context);
});

async function declined(server, page) {
  const call = server.begin("call", "route", "--id", "k-2", "--queue", "billing", "--talk", "1s");
  await page.locator("#decline").waitFor();
  await page.locator("#desk-offer select").selectOption("break");
  await page.keyboard.press("Escape");
  await page.locator("#decline").press("Enter");
  await page.locator("#state-word[data-state=not_ready]").waitFor();
  call.kill("SIGINT");
  await call.over;
}

async function messages(server, page) {
  server.run("agent", "message", "ann", "--text", "Lunch at <noon>?", "--supervisor", "sue");
  const message = page.locator("#desk-messages li");
  await message.waitFor();
  check((await message.innerText()).includes("Lunch at <noon>?"), "a message is shown as text");
  await message.locator("button").click();
  await message.waitFor({ state: "detached" });
  await page.locator("#bad-line").click();
  await page.locator("#good-line").click();
  await page.locator("#bad-line").waitFor();
}

/** A page in the background whose scripts do not run any more stays signed in, and shows its offer once it is back. */
async function hidden(server, context, page) {
  await page.keyboard.press("r");
  await page.locator("#state-word[data-state=available]").waitFor();
  const session = await context.newCDPSession(page);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  const lines = new Set();
  const end = performance.now() + HIDDEN_MS;
  await until("the page was hidden for long", async () => {
    lines.add(JSON.parse(server.run("agent", "show", "ann", "--json")).status?.line);
    return performance.now() > end;
  }, HIDDEN_MS + 5000);
  same([...lines].join(" "), "up", "the line of a hidden page");
  const call = server.begin("call", "route", "--id", "k-3", "--queue", "billing", "--talk", "1s");
  await until("the call is offered", () => call.said.includes("offered to ann"));
  await session.send("Page.setWebLifecycleState", { state: "active" });
  await page.locator("#accept").click();
  await page.locator("#finish").click();
  same(await call.over, 0, `the call: ${call.said}`);
}

async function superseded(server, page) {
  const other = await desk(server, "ann");
  await page.locator("#superseded").waitFor();
  check(await page.locator("#sign-in").isVisible(), "one may sign in here again");
  await other.page.locator("form[data-order=sign-out] button").click();
  await other.page.locator("#sign-in").waitFor();
  same(JSON.parse(server.run("agent", "show", "ann", "--json")).status?.intent, "offline", "after signing out");
  quiet(other.context);
}
