// What open boards cost: a pool of 15,000 agents and 200 queues at work, first without a board, then with 200, each a stream of its
// own. Prints the server's time on the processor in both, and ends with 1 if the boards take half a core or more, or get no news
// within 2 s.
//
//   make boards
"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { Server, check, story } = require("../tests/browser/lib.js");

const AGENTS = 15_000;
const SIGNED_IN = Number(process.env.HOMESHORE_SIGNED_IN ?? 2_000);
const QUEUES = 200;
const CALLS_A_SECOND = 15;
const BOARDS = 200;
const MEASURE_S = Number(process.env.HOMESHORE_MEASURE_S ?? 30);
const TICKS_A_SECOND = 100;

/** Seconds that the server was on a processor so far. */
function used(server) {
  const fields = fs.readFileSync(`/proc/${server.child.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

const pause = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });

async function measure(server) {
  const [begun, before] = [performance.now(), used(server)];
  await pause(MEASURE_S);
  return (used(server) - before) / ((performance.now() - begun) / 1000);
}

/** A made-up log, as `replay` reads it: who signs in when, and who calls when. */
function log(folder) {
  const agents = ["agent,skills,login_ms,logout_ms,wrap_ms"];
  for (let at = 0; at < AGENTS; at += 1) {
    const login = at < SIGNED_IN ? at * 20 : 80_000_000;
    agents.push(`A${at},s${at % QUEUES},${login},86000000,5000`);
  }
  const calls = ["call,arrival_ms,skill,priority,handle_ms,patience_ms"];
  for (let at = 0; at < 3600 * CALLS_A_SECOND; at += 1) {
    calls.push(`C${at},${Math.round((at * 1000) / CALLS_A_SECOND)},s${(at * 7) % QUEUES},0,${20_000 + (at % 60) * 1000},60000`);
  }
  const files = [["agents.csv", agents], ["calls.csv", calls]].map(([name, lines]) => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, `${lines.join("\n")}\n`);
    return file;
  });
  return files;
}

/** Opens a board's stream; counts what comes, and the longest silence. */
function open(server, boards) {
  const board = { news: 0, bytes: 0, last: null, silence: 0 };
  boards.push(board);
  return new Promise((ready, failed) => {
    const request = http.get(`${server.http}/pools/default/live?team=all`, (answer) => {
      answer.on("data", (part) => {
        const now = performance.now();
        board.silence = board.last === null ? 0 : Math.max(board.silence, now - board.last);
        board.last = now;
        board.news += 1;
        board.bytes += part.length;
        ready();
      });
    });
    request.on("error", failed);
  });
}

story(async () => {
  const server = await new Server().start();
  const [agents, calls] = log(server.folder);
  const replay = spawn(process.env.HOMESHORE_PROGRAM, ["replay", "--agents", agents, "--calls", calls, "--target", server.grpc, "--setup", "--speed", "1"], { stdio: ["ignore", "ignore", "inherit"] });
  const status = async () => (await fetch(`${server.http}/metrics`)).text();
  const signedIn = (text) => [...text.matchAll(/homeshore_agents\{[^}]*state="(\w+)"\} (\d+)/g)].filter((one) => one[1] !== "offline").reduce((sum, one) => sum + Number(one[2]), 0);
  try {
    while (signedIn(await status().catch(() => "")) < SIGNED_IN * 0.95) await pause(1);
    await pause(5);
    const without = await measure(server);
    const boards = [];
    for (let at = 0; at < BOARDS; at += 1) await open(server, boards);
    await pause(3);
    for (const board of boards) Object.assign(board, { news: 0, bytes: 0, silence: 0 });
    const withBoards = await measure(server);
    const silence = Math.max(...boards.map((board) => board.silence));
    const bytes = boards.reduce((sum, board) => sum + board.bytes, 0) / MEASURE_S;
    console.log(`${AGENTS} agents, ${SIGNED_IN} signed in, ${QUEUES} queues, ${CALLS_A_SECOND} calls/s`);
    console.log(`without boards ${without.toFixed(2)} cores, with ${BOARDS} boards ${withBoards.toFixed(2)}: they cost ${(withBoards - without).toFixed(2)}`);
    console.log(`${(bytes / 1e6).toFixed(1)} MB/s to all boards; the longest silence of one ${silence.toFixed(0)} ms`);
    check(withBoards - without < 0.5, "200 boards cost under half a core");
    check(silence < 2000, "every board hears within 2 s");
  } finally {
    replay.kill("SIGKILL");
  }
});
