//! Runs a script: orders with their times, and what came of each.
//!
//! A line is `<seconds> <order>`; lines that begin with two spaces are what came of it. `#` begins a comment.

use std::{collections::BTreeMap, fmt::Write as _};

use homeshore::{
    engine::{
        Engine, Limits,
        agent::Intent,
        answers::{NewAnswer, RequestKey},
        call::CallOrigin,
        command::{CallReport, Command, HaltKind, HaltOrder, LineSign, SessionRef, WaitingCalls},
        event::Event,
        ids::{AgentId, CallId, OfferId, PoolId, PoolTime, QueueId},
        profile::AgentProfile,
        spec::{CallOrder, PoolSpec},
        talk::TalkKind,
    },
    pool::journal::lines,
    simulation::checker::Checker,
};

use super::{
    explained, orders, settings,
    speech::{clock, say},
    world::{World, apply_agent, call, levels, platform, profile, site_kind, spec},
};

/// Plays the orders of a script and writes it again with what really came of them.
pub(crate) fn replay(text: &str) -> String {
    let mut player = Player::default();
    let mut out = String::new();
    for line in text.lines().filter(|line| !line.starts_with("  ")) {
        writeln!(out, "{line}").expect("a string takes text");
        let order = line.split('#').next().unwrap_or("").trim();
        for outcome in if order.is_empty() {
            Vec::new()
        } else {
            player.play(order)
        } {
            writeln!(out, "  {outcome}").expect("a string takes text");
        }
    }
    player.world.engine.check_all();
    assert_eq!(
        player.world.reloaded().dump(),
        player.world.engine.dump(),
        "the store rebuilds it"
    );
    out
}

/// The pool after a script.
pub(crate) fn player_after(text: &str) -> Engine {
    let mut player = Player::default();
    for order in text.lines().filter(|line| !line.is_empty()) {
        player.play(order);
    }
    player.world.engine
}

struct Player {
    world: World,
    spec: PoolSpec,
    sessions: BTreeMap<String, u64>,
    /// Reads the events as other programs do, and decides every rule again.
    checker: Checker,
    revision: u64,
}

impl Default for Player {
    fn default() -> Self {
        let world = World::new(Limits {
            tombstones: 3,
            ..Limits::default()
        });
        Self {
            world,
            spec: spec(Vec::new()),
            sessions: BTreeMap::new(),
            checker: Checker::new(),
            revision: 0,
        }
    }
}

impl Player {
    fn play(&mut self, order: &str) -> Vec<String> {
        let words: Vec<&str> = order.split_whitespace().collect();
        let to = ms(words[0]);
        let mut said = Vec::new();
        if words[1] == "stall" {
            let events = self.world.stall(to);
            self.check(to, &events);
            return events.iter().map(say).collect();
        }
        for (at, events) in self.world.advance(to) {
            self.check(at, &events);
            let at = clock(PoolTime(at));
            said.extend(events.iter().map(|event| format!("{at} {}", say(event))));
        }
        if words[1] == "wall" {
            let wall: jiff::Timestamp = words[2].parse().expect("an instant");
            self.world.wall_ahead = wall.as_millisecond() - i64::try_from(to).unwrap();
            return said;
        }
        if words[1] == "restart" {
            self.world.engine = self.world.reloaded();
        }
        if words[1] == "explain" {
            said.push(explained::sentence(&self.world.engine, words[2], to));
            return said;
        }
        for command in self.commands(&words[1..]) {
            match self.world.apply(&command) {
                Ok(events) => {
                    self.check(to, &events);
                    said.extend(events.iter().map(say));
                }
                Err(rejection) => said.push(format!("! {rejection}")),
            }
        }
        said
    }

    fn check(&mut self, now: u64, events: &[Event]) {
        self.revision += u64::from(!events.is_empty());
        for line in lines(self.revision, PoolTime(now), events) {
            self.checker.line(&line);
            assert_eq!(self.checker.violations(), [], "{line}");
        }
    }

    fn commands(&mut self, words: &[&str]) -> Vec<Command> {
        let rest = &words[1..];
        match words[0] {
            "queue" => vec![self.queue(rest)],
            "drop-queue" => {
                let queues = &mut self.spec.queues;
                queues.retain(|queue| queue.id.as_str() != rest[0]);
                vec![self.pool()]
            }
            "group" => vec![self.group(rest)],
            "labour" => {
                self.spec.labour = Some(settings::labour(rest));
                vec![self.pool()]
            }
            "readiness" => {
                self.spec.readiness = Some(settings::readiness(rest));
                vec![self.pool()]
            }
            "balanced" => {
                self.spec.order = CallOrder::Balanced;
                vec![self.pool()]
            }
            "agent" => {
                let kind = rest.get(2).filter(|word| !word.contains('='));
                let kind = site_kind(kind.unwrap_or(&"home"));
                vec![apply_agent(at_site(profile(rest[0], rest[1], kind), rest))]
            }
            "delete" => vec![Command::DeleteAgent {
                agent: AgentId::new(rest[0]),
                drain: rest.get(1) == Some(&"drain"),
            }],
            "silence" => rest
                .iter()
                .map(|agent| line(&self.by(agent, None), LineSign::Silent { for_ms: 0 }))
                .collect(),
            "hear" => rest
                .iter()
                .map(|agent| line(&self.by(agent, None), LineSign::Heard))
                .collect(),
            "in" => rest.iter().flat_map(|agent| self.sign_in(agent)).collect(),
            "session" => vec![self.open(rest[0], rest.get(1) == Some(&"stream"))],
            "registered" | "unregistered" => vec![registration(rest)],
            "route" => vec![route(rest)],
            "pause" | "close" | "resume" => vec![halt(words[0], rest)],
            "cancel" | "transfer" | "callback" | "move" => vec![call_order(words[0], rest)],
            "attach" => vec![Command::AttachPlatform {
                key: platform(rest[0]),
            }],
            "detach" => vec![Command::DetachPlatform {
                key: platform(rest[0]),
            }],
            "declare" => vec![Command::DeclareCalls {
                key: platform(rest[0]),
                calls: rest[1..].iter().map(CallId::new).collect(),
            }],
            "keep" => vec![keep(rest)],
            "tick" => vec![Command::Tick],
            "store-back" => vec![Command::Resume],
            "restart" | "recover" => vec![Command::Recover { undone_after: None }],
            word => {
                if let Some(report) = report(word) {
                    return vec![report_of(rest, report)];
                }
                let wall = self.world.wall().0;
                let order = orders::supervisor_command(word, rest)
                    .or_else(|| orders::demand_command(word, rest, wall));
                vec![order.unwrap_or_else(|| self.agent_command(word, rest))]
            }
        }
    }

    fn queue(&mut self, words: &[&str]) -> Command {
        let queue = settings::queue(words);
        let queues = &mut self.spec.queues;
        queues.retain(|old| old.id != queue.id);
        queues.push(queue);
        self.pool()
    }

    fn group(&mut self, words: &[&str]) -> Command {
        self.spec.groups.push(settings::group(words));
        self.pool()
    }

    fn pool(&self) -> Command {
        Command::ApplyPool(Box::new(self.spec.clone()))
    }

    fn open(&mut self, agent: &str, stream: bool) -> Command {
        *self.sessions.entry(agent.to_owned()).or_default() += 1;
        Command::OpenSession {
            agent: AgentId::new(agent),
            stream,
        }
    }

    fn sign_in(&mut self, agent: &str) -> [Command; 2] {
        let open = self.open(agent, false);
        let by = self.by(agent, None);
        [
            open,
            Command::SetIntent {
                by,
                intent: Some(Intent::Ready),
            },
        ]
    }

    /// The agent's newest session, or the one written `ann@1`; a sequence is written `ann#7`.
    fn by(&self, agent: &str, sequence: Option<u64>) -> SessionRef {
        let (name, session) = match agent.split_once('@') {
            Some((name, session)) => (name, session.parse().expect("a session's number")),
            None => (agent, self.sessions.get(agent).copied().unwrap_or(0)),
        };
        SessionRef {
            agent: AgentId::new(name),
            session,
            sequence: sequence.unwrap_or(0),
        }
    }

    fn agent_command(&self, word: &str, rest: &[&str]) -> Command {
        let sequence = rest
            .iter()
            .find_map(|w| w.strip_prefix("seq="))
            .map(|n| n.parse().unwrap());
        let by = self.by(rest[0], sequence);
        match word {
            "ready" => Command::SetIntent {
                by,
                intent: Some(Intent::Ready),
            },
            "break" => Command::SetIntent {
                by,
                intent: Some(Intent::NotReady("break".into())),
            },
            "off" => Command::SetIntent {
                by,
                intent: Some(Intent::Offline),
            },
            "no-next" => Command::SetIntent { by, intent: None },
            "accept" => Command::AcceptOffer {
                by,
                offer: offer(rest[1]),
            },
            "decline" => Command::DeclineOffer {
                by,
                offer: offer(rest[1]),
            },
            "wrapped" => {
                let code = rest.iter().find_map(|word| word.strip_prefix("as="));
                let next = rest.get(2).filter(|word| !word.contains('='));
                Command::FinishWrapUp {
                    by,
                    call: CallId::new(rest[1]),
                    next: next.map(|next| intent(next)),
                    disposition: code.map(Into::into),
                }
            }
            "extend" => Command::ExtendWrapUp {
                by,
                call: CallId::new(rest[1]),
            },
            "external" => Command::SetExternal {
                by,
                external: rest[1] == "on",
            },
            "end" => Command::EndCall {
                by,
                call: CallId::new(rest[1]),
            },
            "heard" => line(&by, LineSign::Heard),
            "silent" => {
                let for_ms = rest.get(1).map_or(0, |for_ms| ms(for_ms));
                line(&by, LineSign::Silent { for_ms })
            }
            other => orders::agent_command(other, by, rest),
        }
    }
}

/// `registered ann pbx 60`, `unregistered ann pbx`
fn registration(words: &[&str]) -> Command {
    Command::ReportRegistration {
        agent: AgentId::new(words[0]),
        key: platform(words[1]),
        until: words.get(2).map(|until| PoolTime(ms(until))),
    }
}

/// An agent's record with the labels written `site=t1 region=north provider=fibre`.
fn at_site(mut profile: AgentProfile, words: &[&str]) -> AgentProfile {
    for (key, value) in words.iter().filter_map(|word| word.split_once('=')) {
        match key {
            "site" => profile.site.id = value.into(),
            "region" => profile.site.region = value.into(),
            "provider" => profile.site.provider = value.into(),
            "team" => profile.team = value.into(),
            "address" => profile.address = value.into(),
            "hours" => profile.terms = Some(settings::terms(value)),
            other => panic!("`{other}` is no label of a site"),
        }
    }
    profile
}

fn line(by: &SessionRef, sign: LineSign) -> Command {
    Command::ReportLine {
        agent: by.agent.clone(),
        session: by.session,
        sign,
    }
}

fn route(words: &[&str]) -> Command {
    let mut new = call(words[0], words.get(1).unwrap_or(&"q"));
    for (key, value) in words.iter().skip(2).filter_map(|word| word.split_once('=')) {
        match key {
            "skill" => new.skills = levels(value),
            "priority" => new.priority = value.into(),
            "waited" => new.waited_ms = ms(value),
            "shown" => (new.waited_ms, new.is_wait_shown) = (ms(value), true),
            "content" => new.digest = value.into(),
            "origin" => {
                let (pool, call) = value.split_once('/').expect("an origin is pool/call");
                let (pool, call) = (PoolId::new(pool), CallId::new(call));
                new.origin = Some(CallOrigin { pool, call });
            }
            "from" => new.key = platform(value),
            "prefer" => new.preferred = Some(AgentId::new(value)),
            other => panic!("`{other}` is no part of a call"),
        }
    }
    Command::RouteCall(Box::new(new))
}

/// `keep feed r1 content=other`: the answer to a request of a client.
fn keep(words: &[&str]) -> Command {
    let content = words.iter().find_map(|word| word.strip_prefix("content="));
    Command::KeepAnswer(Box::new(NewAnswer {
        request: RequestKey {
            client: words[0].into(),
            id: words[1].into(),
        },
        digest: content.unwrap_or("same").into(),
        answer: "0a02".into(),
    }))
}

/// `cancel c1`, `callback c1 60`, `move c1 p`, `transfer c1 o1 p to=bob`.
fn call_order(word: &str, words: &[&str]) -> Command {
    let call = CallId::new(words[0]);
    match word {
        "cancel" => Command::CancelCall { call },
        "callback" => Command::RequestCallback {
            call,
            after_ms: words.get(1).map_or(0, |after| ms(after)),
        },
        "move" => Command::MoveCall {
            call,
            queue: QueueId::new(words[1]),
        },
        _ => {
            let queue = words[2..].iter().find(|word| !word.contains('='));
            let agent = words.iter().find_map(|word| word.strip_prefix("to="));
            Command::TransferCall {
                call,
                offer: Some(offer(words[1])),
                queue: queue.map(QueueId::new),
                agent: agent.map(AgentId::new),
            }
        }
    }
}

/// `pause q`, `close q until=60 waiting=end`, `resume q`; all by the same supervisor.
fn halt(word: &str, words: &[&str]) -> Command {
    let queue = QueueId::new(words[0]);
    let (supervisor, reason) = ("sue".into(), "drill".into());
    if word == "resume" {
        return Command::ResumeQueue {
            queue,
            supervisor,
            reason,
        };
    }
    let kind = match word {
        "pause" => HaltKind::Paused,
        _ => HaltKind::Closed,
    };
    let mut order = HaltOrder {
        kind,
        supervisor,
        reason,
        until: None,
        waiting: WaitingCalls::Serve,
    };
    for (key, value) in words[1..].iter().filter_map(|word| word.split_once('=')) {
        match key {
            "until" => order.until = Some(PoolTime(ms(value))),
            "waiting" if value == "end" => order.waiting = WaitingCalls::End,
            "reason" => order.reason = value.into(),
            other => panic!("`{other}={value}` is no part of a halt"),
        }
    }
    Command::HaltQueue { queue, order }
}

fn report(word: &str) -> Option<CallReport> {
    Some(match word {
        "answered" => CallReport::Answered,
        "no_answer" => CallReport::NoAnswer,
        "busy" => CallReport::Busy,
        "rejected" => CallReport::Rejected,
        "failed" => CallReport::Failed,
        "gone" => CallReport::CallerGone,
        "ended" => CallReport::Ended,
        "rescinded" => CallReport::Rescinded,
        "unreached" => CallReport::CustomerUnreached,
        "agent_answered" => CallReport::AgentAnswered,
        "not_connected" => CallReport::NotConnected,
        word => {
            let mut kinds = TalkKind::ALL.into_iter();
            CallReport::Talk(kinds.find(|kind| kind.label() == word)?)
        }
    })
}

fn report_of(words: &[&str], report: CallReport) -> Command {
    let offer = words.get(1).map(|word| offer(word));
    Command::ReportCall {
        call: CallId::new(words[0]),
        offer,
        report,
    }
}

fn offer(word: &str) -> OfferId {
    word.parse()
        .unwrap_or_else(|()| panic!("`{word}` is no offer"))
}

pub(super) fn intent(word: &str) -> Intent {
    match word {
        "ready" => Intent::Ready,
        "off" => Intent::Offline,
        reason => Intent::NotReady(reason.into()),
    }
}

/// Seconds with up to three decimals, or a time such as `9:30` or `9:30:05` since the beginning, as milliseconds.
pub(super) fn ms(text: &str) -> u64 {
    if let Some((hours, rest)) = text.split_once(':') {
        let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "0"));
        return ms(hours) * 3_600 + ms(minutes) * 60 + ms(seconds);
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u64>().expect("seconds") * 1000 + part.parse::<u64>().expect("milliseconds")
}
