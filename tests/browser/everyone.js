// Every page in both languages, light and dark: axe-core finds nothing, nothing is wider than a narrow screen, and names with
// HTML, scripts, emoji, right-to-left letters and 200 characters (names have 128 at most) are text; marks of direction the service refuses that breaks no layout.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { Server, axe, check, desk, picture, quiet, same, story, until, window } = require("./lib.js");

const EVIL = "<script>document.title='gone'</script><img src=x onerror=alert(1)>\"'&amp;{{7*7}}";
const NAMES = [EVIL, "👩🏽‍💻🏳️‍🌈 Émoji", "مكتب الدعم שלום", "x".repeat(128), "=HYPERLINK(1)"];
/** As the names of sites and teams may be: without joiners, and short. */
const plain = (text) => [...text.replaceAll("\u200d", "")].slice(0, 40).join("");
const cell = (text) => `"${text.replaceAll("\"", "\"\"")}"`;
const AGENTS = ["id,display_name,skills,site,site_kind,region,provider,address,team,employer"]
  .concat(NAMES.map((name, at) => [`a${at}`, name, "french:3", at % 2 ? plain(`site ${name}`) : `home-${at}`, at % 2 ? "telecentre" : "home", plain(name), "net", `sip:a${at}@example.org`, plain(`team ${name}`), "own"].map(cell).join(",")))
  .join("\n");
const QUEUE = "q <b>&\"'";
const POOL = `
not_ready_reasons = ["break", "<i>odd</i>"]
[[queues]]
id = ${JSON.stringify(QUEUE)}
target = "1s"
wrap_up_limit = "60s"
wrap_up_extension = "30s"
[[queues.rings]]
after = "0s"
skills = { french = 1 }
[[queues]]
id = "nobody"
target = "20s"
[[queues.rings]]
after = "0s"
skills = { german = 1 }
[[queues]]
id = "empty"
target = "20s"
[[queues.rings]]
after = "0s"
skills = { french = 1 }
`;
const WIDTHS = [320, 768, 1440, 3840];

story(async () => {
  const server = await new Server().start();
  server.apply(POOL, AGENTS);
  const signed = await desk(server, "a2");
  await signed.page.keyboard.press("r");
  await signed.page.locator("#state-word[data-state=available]").waitFor();
  const call = server.begin("call", "route", "--id", "c <1>", "--queue", QUEUE, "--talk", "8s", "--attribute", `who=${EVIL}`, "--attribute", `long=${"y".repeat(200)}`);
  await until("the call is offered", () => {
    check(call.exitCode === null, call.said);
    return call.said.includes("offered to a2");
  });
  const problems = [];
  await anOffer(signed.page, problems);
  server.begin("call", "route", "--id", "c2", "--queue", "nobody", "--talk", "1s");
  server.run("queue", "pause", "empty", "--reason", `${EVIL}${"z".repeat(128 - EVIL.length)}`, "--supervisor", "sue");
  server.run("site", "drain", plain(`site ${NAMES[1]}`), "--reason", EVIL, "--supervisor", "sue");
  server.run("agent", "message", "a2", "--text", EVIL, "--supervisor", plain(NAMES[2]));

  planned(server);

  const at = (path) => `/pools/default${path}`;
  const site = encodeURIComponent(plain(`site ${NAMES[1]}`));
  const pages = {
    start: "/", board: at("?team=all"), wall: at("?look=wall"), calls: at("/calls"), call: at(`/calls/${encodeURIComponent("c <1>")}`), waits: at("/calls/c2"),
    agent: at("/agents/a0"), queue: at("/queues/empty"), site: at(`/sites/${site}`), team: at(`/teams/${encodeURIComponent(plain(`team ${EVIL}`))}`),
    orders: at("/orders"), schedule: "/pools/plans/schedule", shifts: "/pools/plans/schedule/agents/a0", missing: "/nowhere",
  };
  for (const language of ["en", "fr"]) {
    const context = await window({ locale: language });
    context.expected.push(/404/);
    const page = await context.newPage();
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(`${server.http}${path}`);
      same(await page.locator("html").getAttribute("lang"), language, "the language");
      await looked(page, `${name}-${language}`, problems);
    }
    await plans(page, server, language, problems);
    quiet(context);
    await context.close();
  }
  await desks(signed.page, server, problems);
  same(problems.join("\n"), "", "what axe-core and the widths say");
  quiet(signed.context);
});

/** A pool of its own that is held to labour rules, with a shift of an agent: of calls it is not asked. */
function planned(server) {
  const files = [["plans.toml", POOL.replace("[[queues]]", `[labour]\npack = "fr"\nzone = "Europe/Paris"\n[[queues]]`)], ["plans.csv", AGENTS], ["shifts.csv", "agent,date,start,end\na0,2031-03-03,17:00,19:00\n"]];
  const [pool, agents, shifts] = files.map(([name, text]) => {
    const file = path.join(server.folder, name);
    fs.writeFileSync(file, text);
    return file;
  });
  const run = (...args) => server.run("--pool", "plans", ...args);
  run("pool", "apply", pool);
  run("agent", "apply", agents);
  run("schedule", "import", shifts, "--zone", "Europe/Paris", "--planner", plain(NAMES[2]), "--override-reason", plain(EVIL));
}

/** A file with problems, and one that labour rules forbid. */
async function plans(page, server, language, problems) {
  page.context().expected.push(/422/);
  const files = { wrong: `a0,2031-03-32,08:00,12:00\n${cell(EVIL)},2031-03-03,08:00,12:00\n`, long: "a0,2031-03-03,08:00,23:00\n" };
  for (const [name, rows] of Object.entries(files)) {
    await page.goto(`${server.http}/pools/plans/schedule`);
    const file = { name: `${plain(EVIL)}.csv`, mimeType: "text/csv", buffer: Buffer.from(`agent,date,start,end\n${rows}`) };
    await page.locator("input[type=file]").setInputFiles(file);
    await page.locator("form.drop button").click();
    await page.locator("#verdict").waitFor();
    await looked(page, `schedule-${name}-${language}`, problems);
  }
}

/** A desk with an offer, in conversation, and in wrap-up. */
async function anOffer(page, problems) {
  const step = async (name, part) => {
    await page.locator(part).waitFor();
    for (const problem of await axe(page)) problems.push(`${name}: ${problem}`);
    await page.setViewportSize({ width: 320, height: 700 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) problems.push(`${name} is ${over} px too wide`);
    await page.setViewportSize({ width: 1280, height: 900 });
  };
  await step("offer", "#accept");
  await page.keyboard.press("a");
  await step("conversation", "#desk-call .big");
  await step("wrap-up", "#finish");
  await page.locator("#finish").click();
  await page.locator("#state-word[data-state=available]").waitFor();
}

async function looked(page, name, problems) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: Math.min(2160, Math.round(width * 0.75) + 400) });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) problems.push(`${name} is ${over} px too wide at ${width} px`);
    await picture(page, `${name}-${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  for (const problem of await axe(page)) problems.push(`${name}: ${problem}`);
  check(!(await page.title()).startsWith("gone"), "no script of a name ran");
  same(await page.locator("main script, main img").count(), 0, "elements that a name made");
}

/** The desk with an open offer, and before signing in, in every look. */
async function desks(page, server, problems) {
  for (const language of ["fr", "en"]) {
    await page.context().addCookies([{ name: "homeshore-language", value: language, url: server.http }]);
    await page.goto(page.url());
    await page.locator("#check-verdict.good").waitFor();
    await looked(page, `desk-before-${language}`, problems);
    await page.locator("#sign-in").click();
    await page.locator("#state-word").waitFor();
    await looked(page, `desk-${language}`, problems);
  }
  await page.goto(page.url());
  await page.locator("#check-audio").click();
  await page.locator("#audio", { hasText: "microphone" }).waitFor();
}
