// A board says within 5 s that its server is gone, stands still, and recovers by itself; a desk does so too. One that is paused
// stays as it is. A server that is silent counts as gone.
"use strict";
const { AGENTS, POOL, Server, check, desk, picture, quiet, same, story, until, window } = require("./lib.js");

const refused = /ERR_|Failed to load resource|WebSocket connection/;

story(async () => {
  const server = await new Server().start();
  server.apply(POOL, AGENTS);
  const context = await window();
  context.expected.push(refused);
  const board = await context.newPage();
  await board.goto(`${server.http}/pools/default`);
  const signed = await desk(server, "ann");
  signed.context.expected.push(refused);
  await signed.page.keyboard.press("r");
  await signed.page.locator("#state-word[data-state=available]").waitFor();
  await until("the board is live", () => board.locator("#live-state").innerText().then((text) => text === "Live"));

  await unready(server);
  await silent(server, board);
  await gone(server, board, signed.page);
  await paused(server, board);
  quiet(context);
  quiet(signed.context);
});

/** Before its script is there a desk cannot be signed in at, and shows so. */
async function unready(server) {
  const context = await window();
  context.expected.push(refused);
  const page = await context.newPage();
  await page.route(/desk[^/]*\.js/, (route) => route.abort());
  await page.goto(server.http);
  await page.locator("input[name=agent]").fill("ben");
  await page.locator("form[action='/desk'] button").click();
  check(await page.locator("#sign-in").isDisabled(), "the button waits for its script");
  quiet(context);
}

async function stale(board, begun, what) {
  await board.locator("#stale").waitFor({ state: "visible", timeout: 5000 });
  const took = performance.now() - begun;
  console.log(`${what}: said after ${took.toFixed(0)} ms`);
  check(took < 5000, `it took ${took} ms`);
  same(await board.locator("#live-state").innerText(), "Not up to date", "the label");
  const grey = await board.locator("#dims").evaluate((it) => getComputedStyle(it).filter);
  same(grey, "grayscale(1)", "the look of an old board");
}

/** A server that is stopped in the middle keeps its connections open and says nothing. */
async function silent(server, board) {
  server.child.kill("SIGSTOP");
  await stale(board, performance.now(), "a silent server");
  server.child.kill("SIGCONT");
  await board.locator("#stale").waitFor({ state: "hidden" });
}

async function gone(server, board, page) {
  const [http, grpc] = [server.http, server.grpc].map((address) => address.replace("http://", ""));
  const begun = performance.now();
  await server.kill();
  await stale(board, begun, "a server that was killed");
  await page.locator("#stale").waitFor({ state: "visible" });
  await picture(board, "board-stale");
  await server.start(http, grpc);
  await board.locator("#stale").waitFor({ state: "hidden" });
  await page.locator("#stale").waitFor({ state: "hidden" });
  await page.locator("#state-word[data-state=available]").waitFor();
  await until("the board shows the agent again", async () => (await board.locator("#states tr.all td").first().innerText()) === "1");
}

async function paused(server, board) {
  await board.locator("#pause").press("Enter");
  same(await board.locator("#live-state").innerText(), "Paused", "the label");
  const call = server.begin("call", "route", "--id", "p-1", "--queue", "technical", "--talk", "1s");
  await until("the call waits", () => server.run("call", "list", "--json").includes("p-1"));
  const waits = () => board.locator('[id="q:technical"] td').first().innerText();
  same(await waits(), "0", "a paused board");
  await board.locator("#pause").press("Enter");
  await until("the board goes on", async () => (await waits()) === "1");
  call.kill("SIGINT");
  await call.over;
}
