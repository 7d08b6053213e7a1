// Takes two pictures of the README from the demo: the board, and why a call waits. Those of the desk and of the planners' page are of
// the stories `call` and `planner`, which keep their pictures in the folder HOMESHORE_PICTURES.
//
//   make pictures
"use strict";
const { spawn } = require("node:child_process");
const path = require("node:path");
const { story, until, window } = require("./lib.js");

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
    const rows = page.locator("tr", { hasText: "waiting" });
    await until("a call waits", async () => {
      await page.goto(`${server.http}/pools/default/calls`);
      return (await rows.count()) > 0;
    }, 60_000);
    await rows.first().locator("a").click();
    await page.locator(".why").waitFor();
    await page.screenshot({ path: path.join(FOLDER, "call.png") });
  } finally {
    demo.kill("SIGINT");
  }
});
