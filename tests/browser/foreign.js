// A page of another server can give no order, open no socket and read no board, whatever it is named.
"use strict";
const http = require("node:http");
const { AGENTS, POOL, Server, check, same, story, window } = require("./lib.js");

story(async () => {
  const server = await new Server().start();
  server.apply(POOL, AGENTS);
  const foreign = http.createServer((_request, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(`<form method="post" action="${server.http}/pools/default/orders/drain"><input name="about" value="centre-1"><input name="reason" value="x"><input name="sure" value="yes"><button>go</button></form>`);
  });
  await new Promise((ready) => { foreign.listen(0, "127.0.0.1", ready); });
  const context = await window();
  context.expected.push(/./);
  const page = await context.newPage();
  await page.goto(server.http);
  await page.locator("input[name=agent]").fill("ann");
  await page.locator("form[action='/desk'] button").click();
  await page.locator("#check-verdict.good").waitFor();
  const socket = `${page.url().replace("http", "ws")}/socket`;

  await page.goto(`http://127.0.0.1:${foreign.address().port}/`);
  const opened = await page.evaluate((address) => new Promise((done) => {
    const it = new WebSocket(address);
    it.onopen = () => done(true);
    it.onerror = () => done(false);
  }), socket);
  same(opened, false, "a foreign socket");
  const read = await page.evaluate((address) => fetch(address, { credentials: "include" }).then(() => true, () => false), `${server.http}/pools/default`);
  same(read, false, "a foreign look");
  const posted = await page.evaluate((address) => fetch(address, { method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams({ about: "centre-1", reason: "x", sure: "yes" }) }).then((answer) => answer.type, () => "failed"), `${server.http}/pools/default/orders/drain`);
  const [answer] = await Promise.all([page.waitForResponse((one) => one.url().includes("/orders/drain")), page.locator("button").click()]);
  same(answer.status(), 403, `a foreign form (a foreign script got ${posted})`);
  check(!server.run("site", "list", "--drained").includes("centre-1"), "nothing was drained");

  // A name of one's own that points here is no name of this server's.
  const named = await page.context().request.get(server.http, { headers: { host: "evil.example" } });
  same(named.status(), 421, "a foreign name");
  foreign.close();
  foreign.closeAllConnections();
});
