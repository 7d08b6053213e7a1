//! Call logs driven through the engine in virtual time come out as is expected of them, call by call.
//!
//! Rules: an agent accepts at once; within one millisecond deadlines and hang-ups come first, then ends, log-ins,
//! arrivals and log-outs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use homeshore::engine::{
    Limits,
    agent::Intent,
    command::{CallReport, Command, SessionRef},
    event::Event,
    ids::{AgentId, CallId, OfferId},
    profile::SiteKind,
    spec::{PrioritySpec, QueueSpec, STRICT_HEAD_START_MS},
};

use super::world::{World, apply_agent, call, profile, queue, spec};

/// What happens by the log, in the order of one millisecond.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    HangUp(String),
    End(String),
    Wrapped(String, String),
    LogIn(String),
    Arrive(usize, String),
    LogOut(String),
}

type Row = BTreeMap<String, String>;

fn rows(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn number(row: &Row, column: &str) -> u64 {
    row[column].parse().unwrap()
}

struct Log {
    world: World,
    agents: BTreeMap<String, Row>,
    calls: BTreeMap<String, Row>,
    due: BTreeSet<(u64, Due)>,
    talks: BTreeMap<String, (String, u64)>,
    outcomes: BTreeMap<String, String>,
}

impl Log {
    fn read(calls: &Path) -> Self {
        let name = calls.to_str().unwrap().strip_suffix("_calls.csv").unwrap();
        let agents = rows(Path::new(&format!("{name}_agents.csv")));
        let calls = rows(calls);
        let mut due = BTreeSet::new();
        for agent in &agents {
            due.insert((
                number(agent, "login_ms"),
                Due::LogIn(agent["agent"].clone()),
            ));
            due.insert((
                number(agent, "logout_ms"),
                Due::LogOut(agent["agent"].clone()),
            ));
        }
        for (order, call) in calls.iter().enumerate() {
            due.insert((
                number(call, "arrival_ms"),
                Due::Arrive(order, call["call"].clone()),
            ));
        }
        let by = |column: &str, rows: Vec<Row>| {
            rows.into_iter()
                .map(|row| (row[column].clone(), row))
                .collect()
        };
        Self {
            world: World::new(Limits::default()),
            agents: by("agent", agents),
            calls: by("call", calls),
            due,
            talks: BTreeMap::new(),
            outcomes: BTreeMap::new(),
        }
    }

    /// A queue for each skill; priority 0 is strictly first.
    fn set_up(&mut self) {
        let skills: BTreeSet<&str> = self
            .calls
            .values()
            .map(|call| call["skill"].as_str())
            .collect();
        let queues: Vec<QueueSpec> = skills
            .iter()
            .map(|skill| queue(skill, &format!("{skill}:1")))
            .collect();
        let most = self
            .calls
            .values()
            .map(|call| number(call, "priority"))
            .max()
            .unwrap();
        let priorities = (0..=most).map(|priority| PrioritySpec {
            name: priority.to_string().into(),
            head_start_ms: STRICT_HEAD_START_MS * i64::try_from(most - priority).unwrap(),
        });
        let mut pool = spec(queues);
        pool.priorities = priorities.collect();
        self.order(&Command::ApplyPool(Box::new(pool)));
        let agents: Vec<Row> = self.agents.values().cloned().collect();
        for agent in agents {
            let skills: Vec<String> = agent["skills"]
                .split('|')
                .map(|skill| format!("{skill}:1"))
                .collect();
            let profile = profile(&agent["agent"], &skills.join("|"), SiteKind::Home);
            self.order(&apply_agent(profile));
        }
    }

    /// Carries a command out, and what clients do at once about what came of it.
    fn order(&mut self, command: &Command) {
        let events = self
            .world
            .apply(command)
            .unwrap_or_else(|why| panic!("{command:?}: {why}"));
        for event in events {
            self.see(&event);
        }
    }

    fn see(&mut self, event: &Event) {
        let now = self.world.now;
        match event {
            Event::OfferMade {
                offer, call, agent, ..
            } => self.accept(*offer, call, agent),
            Event::WrapUpStarted { agent, call, .. } => {
                let wrap = number(&self.agents[agent.as_str()], "wrap_ms");
                let wrapped = Due::Wrapped(agent.to_string(), call.to_string());
                self.due.insert((now + wrap, wrapped));
            }
            Event::CallEnded {
                call,
                outcome,
                waited_ms,
                ..
            } => {
                let outcome = match outcome.label() {
                    "handled" => "ANSWERED",
                    "abandoned" => "ABANDONED",
                    other => other,
                };
                let (agent, connected) = self.talks.remove(call.as_str()).map_or_else(
                    || (String::new(), String::new()),
                    |(agent, at)| (agent, at.to_string()),
                );
                let line = format!("{outcome},{agent},{connected},{now},{waited_ms}");
                self.outcomes.insert(call.to_string(), line);
            }
            _ => {}
        }
    }

    fn accept(&mut self, offer: OfferId, call: &CallId, agent: &AgentId) {
        let by = SessionRef {
            agent: agent.clone(),
            session: 1,
            sequence: 0,
        };
        self.order(&Command::AcceptOffer { by, offer });
        let report = CallReport::Answered;
        self.order(&Command::ReportCall {
            call: call.clone(),
            offer: Some(offer),
            report,
        });
        let now = self.world.now;
        self.talks
            .insert(call.to_string(), (agent.to_string(), now));
        let handle = number(&self.calls[call.as_str()], "handle_ms");
        self.due.insert((now + handle, Due::End(call.to_string())));
    }

    fn run(&mut self) {
        while let Some((at, due)) = self.due.pop_first() {
            for (_, events) in self.world.advance(at) {
                for event in &events {
                    self.see(event);
                }
            }
            self.happen(due);
            self.world.engine.check_all();
        }
    }

    fn happen(&mut self, due: Due) {
        let by = |agent: &str| SessionRef {
            agent: AgentId::new(agent),
            session: 1,
            sequence: 0,
        };
        let intent = |agent: &str, intent| Command::SetIntent {
            by: by(agent),
            intent: Some(intent),
        };
        let report = |call: &str, report| Command::ReportCall {
            call: CallId::new(call),
            offer: None,
            report,
        };
        match due {
            Due::HangUp(call) => {
                let talks = self.talks.contains_key(&call) || self.outcomes.contains_key(&call);
                if !talks {
                    self.order(&report(&call, CallReport::CallerGone));
                }
            }
            Due::End(call) => self.order(&report(&call, CallReport::Ended)),
            Due::Wrapped(agent, call) => {
                let (by, call) = (by(&agent), CallId::new(call));
                self.order(&Command::FinishWrapUp {
                    by,
                    call,
                    next: None,
                    disposition: None,
                });
            }
            Due::LogIn(agent) => {
                self.order(&Command::OpenSession {
                    agent: AgentId::new(&agent),
                    stream: true,
                });
                self.order(&intent(&agent, Intent::Ready));
            }
            Due::LogOut(agent) => self.order(&intent(&agent, Intent::Offline)),
            Due::Arrive(_, id) => {
                let row = &self.calls[&id];
                let patience = number(row, "patience_ms");
                let mut new = call(&id, &row["skill"]);
                new.priority = row["priority"].as_str().into();
                self.due
                    .insert((self.world.now + patience, Due::HangUp(id)));
                self.order(&Command::RouteCall(Box::new(new)));
            }
        }
    }
}

#[test]
fn every_log_comes_out_as_expected_call_by_call() {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let folder = std::env::var_os("HOMESHORE_REFERENCE").map_or(default, PathBuf::from);
    let mut logs = 0;
    for entry in fs::read_dir(folder.join("traces")).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_str().unwrap().ends_with("_calls.csv") {
            continue;
        }
        let mut log = Log::read(&path);
        log.set_up();
        log.run();
        let expected = PathBuf::from(
            path.to_str()
                .unwrap()
                .replace("_calls.csv", "_expected.csv"),
        );
        for row in rows(&expected) {
            let line =
                ["outcome", "agent", "connected_ms", "left_ms", "wait_ms"].map(|c| row[c].clone());
            let actual = log.outcomes.get(&row["call"]).map(String::as_str);
            assert_eq!(
                actual,
                Some(line.join(",").as_str()),
                "{} of {}",
                row["call"],
                path.display()
            );
        }
        logs += 1;
    }
    assert!(logs > 0, "no log was found");
}
