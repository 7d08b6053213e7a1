// Takes the pictures of the README: the demo's board, a desk with an offer, and why a call waits.
//
//   make pictures
"use strict";
const { spawn } = require("node:child_process");
const path = require("node:path");
const { check, desk, story, until, window } = require("./lib.js");

const FOLDER = path.join(__dirname, "../../deploy/pictures");
const LOOK = { viewport: { width: 1180, height: 860 } };

story(async () => {
  const demo = spawn(process.env.HOMESHORE_PROGRAM, ["demo", "--seconds", "240"], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [demo.stdout, demo.stderr]) stream.on("data", (part) => { said += part; });
  try {
    await until("the demo is at work", () => /metrics  \S+\/metrics/.test(said));
    const server = { http: said.match(/metrics {2}(\S+)\/metrics/)[1] };
    const context = await window(LOOK);
    const page = await context.newPage();
    await page.goto(`${server.http}/pools/default`);
    // The demo's own story: a provider fails after a while, and callers wait.
    await page.locator("#alerts .critical").first().waitFor({ timeout: 120_000 });
    await page.screenshot({ path: path.join(FOLDER, "board.png") });
    await page.goto(`${server.http}/pools/default/calls`);
    const rows = page.locator("tr", { hasText: "waiting" });
    check((await rows.count()) > 0, "a call waits");
    await rows.first().locator("a").click();
    await page.locator(".why").waitFor();
    await page.screenshot({ path: path.join(FOLDER, "call.png") });
    const agent = (await (await fetch(`${server.http}/pools/default/tables/agents.csv?state=available&team=all`)).text()).split("\n")[1]?.split(",")[0];
    check(agent, "somebody is available");
    const at = await desk(server, agent, { viewport: { width: 1180, height: 620 } });
    await at.page.keyboard.press("r");
    await at.page.locator("#accept").waitFor({ timeout: 60_000 });
    await at.page.screenshot({ path: path.join(FOLDER, "desk.png") });
  } finally {
    demo.kill("SIGINT");
  }
});
