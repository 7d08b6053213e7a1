//! What `simulate --help` says below its arguments.

pub(super) const HELP: &str = "\
Needs no server. The same files and the same seed give the same bytes.

A scenario says who calls (rates by time of day, how long they talk and wait), who serves (groups with skills, shifts and \
habits), and by which pool. deploy/scenarios/evening.toml is a whole one, with every key explained. It is played so many times \
(replications) with other random numbers; figures come with 95 % intervals over these.
  --out FILE   every figure as CSV: scope (queue, staff, site, work), name, from, to (ms since the beginning; empty for the whole
               time), measure, unit, value, low, high; with a comparison also second, difference, difference_low, difference_high
  --json       {\"scenario\", \"seed\", \"replications\", \"samples\", \"calls\", \"cut_short\", \"queues\": [{\"name\", \"measures\":
               {NAME: {\"value\", \"low\", \"high\"}}, \"intervals\": [...]}], \"staff\", \"sites\", \"work\", \"second\", \"differences\"}
  --html FILE  a report with pictures, in one file that needs nothing else, for a browser or a printer
--compare and --compare-pool play a second scenario, or the same one with another pool, with the same random numbers: the same \
callers come at the same moments. The differences, second less first, have intervals of their own.

A call log: agents sign in and out by it, work at home, accept at once, talk for handle_ms and wrap up for wrap_ms; whoever is to \
sign out while busy does so after that. A caller hangs up after patience_ms. Among the agents with the skill the one idle longest \
gets the call; a freed agent gets the lowest priority number, and of those the earliest call. Within one millisecond: deadlines \
and hang-ups, then ends, log-ins, arrivals, log-outs. Files are CSV with exactly the columns
  agents  agent, skills (a|b, or with levels a:3|b), login_ms, logout_ms, wrap_ms
  calls   call, arrival_ms, skill, priority, handle_ms, patience_ms
Without --pool each skill is a queue. With --pool it is a pool's file as for `pool apply`: skill names a queue of it, its \
rules hold, and if it has priorities named by numbers, calls have those.
Result of a log, a row for each call: call, outcome, agent, connected_ms, left_ms, wait_ms. Outcomes: ANSWERED, ABANDONED, and \
with a pool also DIVERTED, OVERFLOWED, TIMED_OUT, UNREACHED, CANCELLED, LOST. Its summary goes to stderr; with --json it is the \
only thing on stdout, and rows go to --out alone: {\"calls\", \"answered\", \"abandoned\", \"others\": {...}, \"mean_wait_ms\" of the \
answered, \"sl_offered\", \"target_ms\", \"virtual_ms\", \"took_ms\", \"speed\" (virtual time / real time), \"cut_short\"}.

Examples:
  homeshore simulate deploy/scenarios/evening.toml --html evening.html
  homeshore simulate evening.toml --compare-pool other-pool.toml --replications 100
  homeshore simulate --agents a.csv --calls c.csv --out r.csv
  homeshore simulate evening.toml --events e.jsonl && homeshore events check e.jsonl
  homeshore simulate --agents a.csv --calls c.csv --pool deploy/pools/demo.toml --json

Ctrl-C prints what is known by then and ends with 1; neither a log's rows nor events are written then.";
