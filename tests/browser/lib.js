// What every story needs: a server of the program, a real Chromium, and a look at both.
"use strict";
const { spawn, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { chromium } = require("playwright-core");

const PROGRAM = process.env.HOMESHORE_PROGRAM;
const CHROMIUM = process.env.HOMESHORE_CHROMIUM;
const PICTURES = process.env.HOMESHORE_PICTURES;
/** Nothing in a story takes longer. */
const LIMIT = 20_000;

const FLAGS = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--autoplay-policy=no-user-gesture-required",
  "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
];

const ends = [];

function check(holds, what) {
  if (!holds) throw new Error(what);
}

function same(seen, expected, what) {
  check(seen === expected, `${what}: ${JSON.stringify(seen)}, and not ${JSON.stringify(expected)}`);
}

/** Asks again and again until something holds; throws what it last was when it takes too long. */
async function until(what, ask, limit = LIMIT) {
  const end = performance.now() + limit;
  for (;;) {
    const seen = await ask();
    if (seen) return seen;
    check(performance.now() < end, `waited ${limit} ms in vain until ${what}`);
    await new Promise((done) => { setTimeout(done, 20); });
  }
}

/** A server of its own on free ports and a new folder. */
class Server {
  constructor() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "homeshore-story-"));
    ends.push(() => fs.rmSync(this.folder, { recursive: true, force: true }));
    ends.push(() => this.kill());
  }

  async start(http = "127.0.0.1:0", grpc = "127.0.0.1:0", extra = []) {
    const data = path.join(this.folder, "data");
    this.child = spawn(PROGRAM, ["serve", "--data", data, "--grpc", grpc, "--http", http, ...extra], { stdio: ["ignore", "pipe", "ignore"] });
    this.closed = new Promise((done) => { this.child.once("exit", done); });
    let text = "";
    await new Promise((ready, failed) => {
      this.child.stdout.on("data", (part) => {
        text += part;
        if (/http listening on .*\n/.test(text)) ready();
      });
      this.child.once("exit", () => failed(new Error(`the server ended: ${text}`)));
    });
    this.grpc = text.match(/grpc listening on (\S+)/)[1];
    this.http = text.match(/http listening on (\S+)/)[1];
    await until("the server is ready", () => fetch(`${this.http}/readyz`).then((answer) => answer.ok, () => false));
    return this;
  }

  /** Runs a command to its end, and answers what it printed. */
  run(...args) {
    const ran = spawnSync(PROGRAM, ["--server", this.grpc, ...args], { encoding: "utf8", env: { PATH: process.env.PATH, XDG_CONFIG_HOME: this.folder } });
    check(ran.status === 0, `${args.join(" ")}: ${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  }

  /** Begins a command that goes on; ended with the story. */
  begin(...args) {
    const child = spawn(PROGRAM, ["--server", this.grpc, ...args], { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env.PATH, XDG_CONFIG_HOME: this.folder } });
    child.said = "";
    child.stdout.on("data", (part) => { child.said += part; });
    child.stderr.on("data", (part) => { child.said += part; });
    child.over = new Promise((done) => { child.once("exit", done); });
    ends.push(() => child.kill("SIGKILL"));
    return child;
  }

  /** Applies a pool and agents. */
  apply(pool, agents) {
    const files = [["pool.toml", pool], ["agents.csv", agents]].map(([name, text]) => {
      const file = path.join(this.folder, name);
      fs.writeFileSync(file, text);
      return file;
    });
    this.run("pool", "apply", files[0]);
    this.run("agent", "apply", files[1]);
  }

  kill() {
    this.child?.kill("SIGKILL");
    return this.closed;
  }
}

const POOL = `
skills = ["french", "technical"]
not_ready_reasons = ["break", "training"]
dispositions = ["solved", "call_again"]
[[queues]]
id = "billing"
target = "20s"
wrap_up_limit = "60s"
wrap_up_extension = "30s"
[[queues.rings]]
after = "0s"
skills = { french = 1 }
[[queues]]
id = "technical"
target = "30s"
[[queues.rings]]
after = "0s"
skills = { technical = 3 }
`;

const AGENTS = `id,display_name,skills,site,site_kind,region,provider,address,team,employer
ann,Ann Perrin,french:3,home-ann,home,north,fibrenet,sip:ann@example.org,red,own
ben,Ben Okoye,french:1,centre-1,telecentre,south,coastcable,sip:ben@example.org,blue,own
cleo,Cleo Marsh,technical:4,centre-1,telecentre,south,coastcable,sip:cleo@example.org,blue,partner
`;

let browser = null;

/** A browser's window: its own cookies, and every complaint of the page is a failure of the story. */
async function window(options = {}) {
  browser ??= await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false, args: FLAGS });
  const context = await browser.newContext({ locale: "en-GB", ...options });
  context.setDefaultTimeout(LIMIT);
  context.complaints = [];
  context.expected = [];
  context.on("page", (page) => {
    const complain = (text) => {
      if (!context.expected.some((pattern) => pattern.test(text))) context.complaints.push(text);
    };
    page.on("pageerror", (problem) => complain(`error: ${problem.message}`));
    page.on("console", (message) => { if (message.type() === "error") complain(`console: ${message.text()}`); });
    page.on("request", (request) => {
      const address = new URL(request.url());
      if (address.hostname !== "127.0.0.1") complain(`a request to ${address.host}`);
    });
  });
  return context;
}

/** No complaint came in a window. */
function quiet(context) {
  same(context.complaints.join("\n"), "", "complaints of the pages");
}

const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const RULES = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
const CONTRAST = { runOnly: { type: "rule", values: ["color-contrast"] } };

/** What axe-core finds wrong in a page, light and dark: by WCAG 2.2 A and AA and its own best practices, of which colours alone
 * differ in the dark. */
async function axe(page) {
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await ask(page, CONTRAST);
  await page.emulateMedia({ colorScheme: "light" });
  return [...dark.map((problem) => `dark ${problem}`), ...await ask(page, RULES)];
}

async function ask(page, rules) {
  // The page's policy lets no foreign script in; the debugger's own world may.
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id, worldName: "axe" });
  await session.send("Runtime.evaluate", { expression: AXE, contextId: executionContextId });
  const expression = `axe.run(document, { ...${JSON.stringify(rules)}, resultTypes: ["violations"] }).then((found) => JSON.stringify(found.violations.map((one) => one.id + ": " + one.nodes.slice(0, 3).map((node) => node.target + " " + node.any.concat(node.all).map((any) => any.message).join(" ")).join("; "))))`;
  const ran = await session.send("Runtime.evaluate", { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
  check(!ran.exceptionDetails, JSON.stringify(ran.exceptionDetails));
  await session.detach();
  return JSON.parse(ran.result.value);
}

/** Keeps a picture of a page, if somebody wants to look at it. */
async function picture(page, name) {
  if (PICTURES) await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: !name.includes("wall") });
}

/** Plays a story, and ends all that it began. */
async function story(play) {
  let code = 0;
  try {
    await play();
    console.log("ok");
  } catch (problem) {
    console.error(problem.stack ?? String(problem));
    code = 1;
  }
  await browser?.close();
  for (const end of ends.reverse()) await end();
  process.exit(code);
}

/** Leads an agent to the desk in a window of its own, signed in. */
async function desk(server, agent, options) {
  const context = await window(options);
  const page = await context.newPage();
  await page.goto(server.http);
  await page.locator("input[name=agent]").fill(agent);
  await page.locator("form[action='/desk'] button").click();
  await page.locator("#sign-in").click();
  await page.locator("#state-word").waitFor();
  return { context, page };
}

module.exports = { AGENTS, POOL, Server, axe, check, desk, picture, quiet, same, story, until, window };
