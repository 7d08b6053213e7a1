// A planner drops a bad workbook and reads what is wrong, drops a good one, sees what it changes, publishes it and undoes it; a
// file that a labour rule forbids takes a reason; one shift is changed, one taken away, an absence recorded, a version restored.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { POOL, Server, check, picture, quiet, same, story, window } = require("./lib.js");

const FILES = path.join(__dirname, "../reference/uploads");
const AGENTS = ["id,display_name,skills,site,site_kind,region,provider,address,team,employer"]
  .concat(["E017", "E021", "E033", "E040", "E041", "E042", "0043", "E044", "E045", "E046", "E047", "E050"].map((id) => `${id},Agent ${id},french:3,home-${id},home,north,net,sip:${id}@example.org,red,own`))
  .join("\n");
const LABOUR = `[labour]\npack = "fr-2098"\nzone = "Europe/Paris"\n`;
const TITLES = "agent,date,start,end\n";

story(async () => {
  const server = await new Server().start();
  server.apply(POOL.replace("[[queues]]", `${LABOUR}[[queues]]`), AGENTS);
  const context = await window();
  context.expected.push(/422/);
  const page = await context.newPage();
  await page.goto(server.http);
  await page.locator("input[name=name]").fill("Paula <Plan>");
  await page.locator("form[action='/who'] button").press("Enter");
  await page.getByRole("link", { name: "Board of" }).press("Enter");
  await page.getByRole("link", { name: "Schedule" }).press("Enter");
  check((await page.locator("main").innerText()).includes("No schedule has been published"), "no schedule yet");

  await aBadOne(page);
  await aGoodOne(page, server);
  await forbidden(page, server);
  await oneShift(page, server);
  await versions(page, server);
  quiet(context);
});

/** Drops a file on the form, as a hand would, and has it looked at. */
async function drop(page, name, bytes) {
  const data = await page.evaluateHandle(([name, text]) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const dropped = new DataTransfer();
    dropped.items.add(new File([bytes], name));
    return dropped;
  }, [name, bytes.toString("base64")]);
  await page.dispatchEvent("form.drop", "drop", { dataTransfer: data });
  await page.locator("form.drop button").press("Enter");
  await page.locator("#verdict").waitFor();
}

const current = (server) => JSON.parse(server.run("schedule", "versions", "--json")).version;

async function aBadOne(page) {
  const name = "bad_date_text_31_february.xlsx";
  await drop(page, name, fs.readFileSync(path.join(FILES, name)));
  const verdict = await page.locator("#verdict").innerText();
  check(/error/.test(verdict) && /nothing can be published/.test(verdict), verdict);
  const row = page.locator("#problems tbody tr").first();
  check(/^\d+$/.test(await row.locator("th").innerText()), "the row of the spreadsheet");
  check((await row.innerText()).includes("31"), `the value: ${await row.innerText()}`);
  same(await page.locator("#publish").count(), 0, "ways to publish it");
  await picture(page, "planner-problems");
  await page.getByRole("link", { name: "Back" }).press("Enter");
}

async function aGoodOne(page, server) {
  await drop(page, "ok_typed.xlsx", fs.readFileSync(path.join(FILES, "ok_typed.xlsx")));
  check((await page.locator("#change").innerText()).includes("14"), await page.locator("#change").innerText());
  check((await page.locator(".heat").count()) === 2, "the coverage before and after");
  check((await page.locator(".heat .shade-5").count()) > 0, "where most agents are");
  await picture(page, "planner-checked");
  same(current(server), 0, "the version while a file is looked at");
  const reason = page.locator("input[name=reason]");
  if (await reason.count()) await reason.fill("agreed with the team");
  await page.locator("#publish").press("Enter");
  await page.locator(".done", { hasText: "Published as version" }).waitFor();
  const version = current(server);
  check(version > 0, "a version");
  check((await page.locator("main").innerText()).includes("Paula <Plan>"), "who published it");

  await page.locator("#undo").press("Enter");
  await page.locator("button[name=sure]").press("Enter");
  await page.locator(".done", { hasText: "holds again" }).waitFor();
  same(JSON.parse(server.run("schedule", "shifts", "E017", "--json")).shifts.length, 0, "shifts after the undo");
}

async function forbidden(page, server) {
  const before = current(server);
  await drop(page, "long.csv", Buffer.from(`${TITLES}E050,2031-03-03,08:00,23:00\nE017,2031-03-03,17:00,20:30\n`));
  check((await page.locator("#verdict").innerText()).includes("takes a reason"), await page.locator("#verdict").innerText());
  check((await page.locator("#findings").innerText()).includes("E050"), "whose shift");
  check(/CCN2098-6/.test(await page.locator("#findings").innerText()), await page.locator("#findings").innerText());
  await picture(page, "planner-findings");
  await page.locator("input[name=reason]").fill("<b>storm</b>");
  await page.locator("#publish").press("Enter");
  await page.locator(".done").waitFor();
  check((await page.locator("main").innerText()).includes("<b>storm</b>"), "the reason is recorded");
  check(current(server) > before, "a new version");
}

async function oneShift(page, server) {
  await page.locator("input[name=agent]").last().fill("E017");
  await page.locator("form[action$='/agents'] button").press("Enter");
  await page.locator("h2", { hasText: "2031-03-03 17:00 – 2031-03-03 20:30" }).waitFor();
  const times = page.locator("form[action$=times]");
  await times.locator("input[name=to]").fill("2031-03-03T16:00");
  await times.locator("button").press("Enter");
  await page.locator("[role=alert]").waitFor();
  await times.locator("input[name=to]").fill("2031-03-03T21:00");
  await times.locator("button").press("Enter");
  await page.locator("h2", { hasText: "17:00 – 2031-03-03 21:00" }).waitFor();
  const absence = page.locator("form[action$=absence]");
  await absence.locator("input[name=from]").fill("2031-03-03T19:00");
  await absence.locator("input[name=to]").fill("2031-03-04T00:00");
  await absence.locator("button").press("Enter");
  await page.locator("h2", { hasText: "17:00 – 2031-03-03 19:00" }).waitFor();
  await picture(page, "planner-shifts");
  // Somebody else changes the schedule meanwhile: nothing is overwritten.
  server.run("schedule", "cancel", "E050", "--start", "2031-03-03T07:00:00Z", "--upon", String(current(server)), "--planner", "pia");
  await page.locator("form[action$=cancel] button").press("Enter");
  check(/version/.test(await page.locator("[role=alert]").innerText()), "the other version is told");
  await page.locator("form[action$=cancel] button").press("Enter");
  await page.getByText("No shift is published.").waitFor();
}

async function versions(page, server) {
  await page.getByRole("link", { name: "All versions" }).press("Enter");
  const row = page.locator("tbody tr", { hasText: "long.csv" });
  await row.locator("button").press("Enter");
  await page.locator("button[name=sure]").press("Enter");
  await page.locator(".done", { hasText: "holds again" }).waitFor();
  same(JSON.parse(server.run("schedule", "shifts", "E017", "--json")).shifts.length, 1, "shifts of the version that was restored");
  await picture(page, "planner");
}
