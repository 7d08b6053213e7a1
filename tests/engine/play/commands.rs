//! Makes a command of an order: about calls and agents that it fits, if there are any.

use std::sync::Arc;

use homeshore::engine::{
    agent::{Absence, AbsenceKind, Intent, Line, Work},
    answers::{NewAnswer, RequestKey},
    call::{CallOrigin, Phase},
    command::{
        CallReport, Command, HaltKind, HaltOrder, LineSign, Recipient, SessionRef, Trouble,
        WaitingCalls,
    },
    ids::{AgentId, CallId, OfferId, PlatformKey, PoolId, PoolTime, QueueId},
    profile::SiteKind,
    view::{AgentView, LiveCall, Touched},
};

use super::{
    super::world::{apply_agent, call, levels, platform, profile},
    super::{journal::SECRET, settings},
    Play,
    orders::{Order, Said, Supervised},
    pools::pool_spec,
};

impl Play {
    /// The live calls, as a platform sees them.
    fn calls(&self) -> Vec<LiveCall> {
        let live = self
            .world
            .engine
            .views()
            .into_iter()
            .filter_map(|view| match view {
                Touched::Call(_, Some(view)) => view.into_live(),
                _ => None,
            });
        live.collect()
    }

    /// The agents whose work is of this kind, as they see themselves.
    fn agents(&self, is: impl Fn(&AgentView) -> bool) -> Vec<AgentView> {
        let all = self
            .world
            .engine
            .views()
            .into_iter()
            .filter_map(|view| match view {
                Touched::Agent(_, Some(agent)) => Some(*agent),
                _ => None,
            });
        all.filter(|agent| is(agent)).collect()
    }

    /// A report that mostly makes sense: about a call that it fits, if there is one.
    fn report(&self, pick: u8, stale: bool, report: CallReport) -> Option<Command> {
        let fits = |call: &LiveCall| match report {
            CallReport::Ended | CallReport::Talk(_) | CallReport::NotConnected => {
                matches!(call.phase, Phase::Connected { .. })
            }
            CallReport::CallerGone => true,
            CallReport::Rescinded => call.rescind.is_some(),
            CallReport::CustomerUnreached | CallReport::AgentAnswered => {
                call.callback.is_some() && call.offer().is_some()
            }
            _ => call.offer().is_some(),
        };
        let all = self.calls();
        let some: Vec<&LiveCall> = all.iter().filter(|call| fits(call) != stale).collect();
        let call = picked(&some, pick)?;
        let open = call.offer().map(|offer| offer.id);
        let offer = open
            .or_else(|| call.rescind.as_ref().map(|(offer, _)| *offer))
            .or(call.last_offer)
            .unwrap_or(OfferId(1));
        Some(Command::ReportCall {
            call: call.record.id.clone(),
            offer: Some(offer),
            report,
        })
    }

    /// The agent of an open offer, by session, and the offer.
    fn decision(&self, pick: u8) -> Option<(SessionRef, OfferId)> {
        let offered = self.agents(|agent| agent.offer.is_some());
        let agent = picked(&offered, pick)?;
        Some((by(agent, self.world.now), agent.offer.as_ref()?.id))
    }

    /// What signs an agent in: a session, and being ready.
    pub(super) fn sign_in(&self, agent: u8) -> [Option<Command>; 2] {
        let open = Command::OpenSession {
            agent: agent_id(agent),
            stream: true,
        };
        let ready = self.by(agent).map(|by| Command::SetIntent {
            by: SessionRef {
                session: by.session + 1,
                ..by
            },
            intent: Some(Intent::Ready),
        });
        [Some(open), ready]
    }

    /// What silences every line.
    pub(super) fn silence(&self) -> Vec<Command> {
        let up = self.agents(|agent| agent.line == Line::Up);
        let silent = |agent: &AgentView| Command::ReportLine {
            agent: agent.profile.id.clone(),
            session: agent.session,
            sign: LineSign::Silent { for_ms: 0 },
        };
        up.iter().map(silent).collect()
    }

    pub(super) fn command(&self, order: &Order) -> Option<Command> {
        Some(match order {
            Order::Route {
                call,
                queue,
                priority,
                skill,
                waited,
            } => route(*call, *queue, *priority, *skill, *waited),
            Order::Report {
                call,
                stale,
                report,
            } => self.report(*call, *stale, *report)?,
            Order::Cancel { call } => Command::CancelCall {
                call: picked(&self.calls(), *call)?.record.id.clone(),
            },
            Order::Halt { .. } | Order::Resume { .. } => self.queue_command(order)?,
            Order::Callback { call, after } => {
                let mut calls = self.calls();
                calls.retain(|call| matches!(call.phase, Phase::Queued { .. }));
                Command::RequestCallback {
                    call: picked(&calls, *call)?.record.id.clone(),
                    after_ms: u64::from(*after),
                }
            }
            Order::Transfer { call, queue, agent } => self.transfer(*call, *queue, *agent)?,
            Order::Move { call, queue } => Command::MoveCall {
                call: picked(&self.calls(), *call)?.record.id.clone(),
                queue: queue_id(*queue),
            },
            Order::Register { agent, key, for_ms } => Command::ReportRegistration {
                agent: agent_id(*agent),
                key: key_of(*key),
                until: for_ms.map(|ms| PoolTime(self.world.now + ms)),
            },
            Order::Platform { key, on } => platform_command(key_of(*key), *on),
            Order::Declare { key, upto } => Command::DeclareCalls {
                key: key_of(*key),
                calls: (0..*upto).map(call_id).collect(),
            },
            Order::Agent { agent, skills } => agent_command(*agent, *skills),
            Order::Delete { agent, drain } => delete_command(agent_id(*agent), *drain),
            Order::Pool { variant } => Command::ApplyPool(Box::new(pool_spec(*variant))),
            Order::Supervise { agent, what } => self.supervise(*agent, what),
            Order::Keep(client, id, content) => keep(*client, *id, *content),
            Order::Plan { agent, what } => self.plan(*agent, *what)?,
            Order::Check { agent, id, quality } => check(*agent, *id, *quality),
            Order::Demand { queue, what } => self.demand(queue_id(*queue), *what),
            Order::Clock { .. } => Command::Tick,
            Order::Blackout | Order::Stall { .. } => return None,
            Order::Restart => Command::Recover {
                // One in three is a restore, of a backup that had everything.
                undone_after: self.world.now.is_multiple_of(3).then_some(u64::MAX),
            },
            Order::Open { .. }
            | Order::Line { .. }
            | Order::Intent { .. }
            | Order::Accept { .. }
            | Order::Decline { .. }
            | Order::Finish { .. }
            | Order::Extend { .. }
            | Order::External { .. }
            | Order::Trouble { .. }
            | Order::End { .. } => self.agent_command(order)?,
        })
    }

    fn transfer(&self, call: u8, queue: u8, agent: Option<u8>) -> Option<Command> {
        let talks = |call: &LiveCall| matches!(call.phase, Phase::Connected { .. });
        let mut calls = self.calls();
        calls.retain(talks);
        let call = picked(&calls, call)?;
        Some(Command::TransferCall {
            call: call.record.id.clone(),
            offer: call.last_offer,
            queue: Some(QueueId::new(format!("q{queue}"))),
            agent: agent.map(agent_id),
        })
    }

    fn queue_command(&self, order: &Order) -> Option<Command> {
        match order {
            Order::Halt {
                queue,
                closed,
                ends_waiting,
                for_ms,
            } => Some(Command::HaltQueue {
                queue: queue_id(*queue),
                order: self.halt(*closed, *ends_waiting, *for_ms),
            }),
            Order::Resume { queue } => Some(Command::ResumeQueue {
                queue: queue_id(*queue),
                supervisor: "sue".into(),
                reason: format!("{SECRET} clear").into(),
            }),
            _ => None,
        }
    }

    fn halt(&self, closed: bool, ends_waiting: bool, for_ms: Option<u64>) -> HaltOrder {
        let kind = if closed {
            HaltKind::Closed
        } else {
            HaltKind::Paused
        };
        let waiting = if closed && ends_waiting {
            WaitingCalls::End
        } else {
            WaitingCalls::Serve
        };
        HaltOrder {
            kind,
            supervisor: "sue".into(),
            reason: format!("{SECRET} drill").into(),
            until: for_ms.map(|ms| PoolTime(self.world.now + ms)),
            waiting,
        }
    }

    pub(super) fn supervise(&self, agent: u8, what: &Supervised) -> Command {
        let supervisor = format!("{SECRET} sue").into();
        let offered = self.agents(|view| view.offer.is_some());
        let busy_site = picked(&offered, agent).map(|view| view.profile.site.id.clone());
        let (agent, site) = (agent_id(agent), site_of(agent).into());
        match what {
            Supervised::Hold { for_ms } => Command::HoldAgent {
                agent,
                until: PoolTime(self.world.now + for_ms),
                reason: format!("{SECRET} talk").into(),
                supervisor,
            },
            Supervised::Release => Command::ReleaseAgent { agent, supervisor },
            Supervised::Intent(intent) => Command::SetAgentIntent {
                agent,
                intent: intent.clone(),
                supervisor,
            },
            Supervised::Drain => Command::DrainSite {
                site: busy_site.unwrap_or(site),
                reason: format!("{SECRET} storm").into(),
                supervisor,
            },
            Supervised::Undrain => Command::UndrainSite { site, supervisor },
            Supervised::Tell { team, .. } => Command::SendMessage {
                to: if *team {
                    Recipient::Team("blue".into())
                } else {
                    Recipient::Agent(agent)
                },
                text: format!("{SECRET} text").into(),
                supervisor,
            },
        }
    }

    fn agent_command(&self, order: &Order) -> Option<Command> {
        Some(match order {
            Order::Open { agent, stream } => Command::OpenSession {
                agent: agent_id(*agent),
                stream: *stream,
            },
            Order::Line { agent, heard } => {
                let silent = LineSign::Silent { for_ms: 6_000 };
                let by = self.by(*agent)?;
                let sign = if *heard { LineSign::Heard } else { silent };
                Command::ReportLine {
                    agent: by.agent,
                    session: by.session,
                    sign,
                }
            }
            Order::Intent { agent, intent } => Command::SetIntent {
                by: self.by(*agent)?,
                intent: intent.clone(),
            },
            Order::Accept { agent } => {
                let (by, offer) = self.decision(*agent)?;
                Command::AcceptOffer { by, offer }
            }
            Order::Decline { agent } => {
                let (by, offer) = self.decision(*agent)?;
                Command::DeclineOffer { by, offer }
            }
            Order::Finish { agent, next } => {
                let (by, call) = self.in_work(*agent, false)?;
                Command::FinishWrapUp {
                    by,
                    call,
                    next: next.clone(),
                    disposition: next.is_some().then(|| "sold".into()),
                }
            }
            Order::Extend { agent } => {
                let (by, call) = self.in_work(*agent, false)?;
                Command::ExtendWrapUp { by, call }
            }
            Order::External { agent, on } => Command::SetExternal {
                by: self.by(*agent)?,
                external: *on,
            },
            Order::End { agent } => {
                let (by, call) = self.in_work(*agent, true)?;
                Command::EndCall { by, call }
            }
            Order::Trouble { agent, what } => self.said(*agent, *what)?,
            other => panic!("{other:?} is no order of an agent"),
        })
    }

    fn said(&self, agent: u8, what: Said) -> Option<Command> {
        let by = self.by(agent)?;
        let kind = |unwell| {
            if unwell {
                AbsenceKind::Unwell
            } else {
                AbsenceKind::Late
            }
        };
        let trouble = match what {
            Said::Read => {
                let agents = self.agents(|view| view.profile.id == by.agent);
                let message = agents.first()?.messages.last()?.id;
                return Some(Command::AcknowledgeMessage { by, message });
            }
            Said::Line { bad: true } => Trouble::BadLine,
            Said::Line { bad: false } => Trouble::GoodLine,
            Said::Absent { unwell, for_ms } => Trouble::Absent(Absence {
                kind: kind(unwell),
                until: PoolTime(self.world.now + for_ms),
            }),
            Said::Back { unwell } => Trouble::Back(kind(unwell)),
        };
        Some(Command::ReportTrouble { by, trouble })
    }

    /// The newest session of an agent.
    fn by(&self, agent: u8) -> Option<SessionRef> {
        self.agents(|view| view.profile.id == agent_id(agent))
            .first()
            .map(|agent| by(agent, self.world.now))
    }

    fn in_work(&self, pick: u8, connected: bool) -> Option<(SessionRef, CallId)> {
        let some = self.agents(|agent| match agent.work {
            Work::Connected { .. } => connected,
            Work::WrapUp { .. } => !connected,
            _ => false,
        });
        let agent = picked(&some, pick)?;
        match &agent.work {
            Work::Connected { call } | Work::WrapUp { call, .. } => {
                Some((by(agent, self.world.now), call.clone()))
            }
            _ => None,
        }
    }
}

/// One agent numbers its commands, by the time: several of one moment are repeats.
fn by(agent: &AgentView, now: u64) -> SessionRef {
    let numbers = agent.profile.id == agent_id(1);
    SessionRef {
        agent: agent.profile.id.clone(),
        session: agent.session,
        sequence: if numbers { now } else { 0 },
    }
}

fn picked<T>(some: &[T], pick: u8) -> Option<&T> {
    some.get(usize::from(pick) % some.len().max(1))
}

fn agent_id(agent: u8) -> AgentId {
    AgentId::new(format!("a{agent}"))
}

fn queue_id(queue: u8) -> QueueId {
    QueueId::new(format!("q{queue}"))
}

/// Three sites share the agents.
fn site_of(agent: u8) -> String {
    format!("s{}", agent % 3)
}

fn call_id(call: u8) -> CallId {
    CallId::new(format!("c{call}"))
}

fn key_of(key: u8) -> PlatformKey {
    platform(if key == 0 { "pbx" } else { "other" })
}

fn delete_command(agent: AgentId, drain: bool) -> Command {
    Command::DeleteAgent { agent, drain }
}

fn platform_command(key: PlatformKey, on: bool) -> Command {
    if on {
        Command::AttachPlatform { key }
    } else {
        Command::DetachPlatform { key }
    }
}

pub(super) fn agent_command(agent: u8, skills: u8) -> Command {
    let skills =
        ["fr:3", "fr:2|billing:2", "billing:5", "fr:5|billing:3|es:1"][usize::from(skills % 4)];
    let kinds = [SiteKind::Home, SiteKind::Telecentre, SiteKind::OnSite];
    let mut profile = profile(&format!("a{agent}"), skills, kinds[usize::from(agent % 3)]);
    profile.site.id = site_of(agent).into();
    profile.display_name = SECRET.into();
    profile.address = format!("sip:{SECRET}@example.org").into();
    apply_agent(profile)
}

fn route(id: u8, queue: u8, priority: u8, skill: u8, waited: u16) -> Command {
    let mut new = call(&format!("c{id}"), &format!("q{queue}"));
    new.priority = ["", "high", "strict"][usize::from(priority)].into();
    new.skills = levels(["", "", "", "billing:3"][usize::from(skill)]);
    new.waited_ms = u64::from(waited);
    // One call in three would rather have some agent.
    new.preferred = waited
        .is_multiple_of(3)
        .then(|| agent_id((waited % 7) as u8));
    new.attributes = Arc::new([("note".to_owned(), SECRET.to_owned())].into());
    new.origin = waited.is_multiple_of(5).then(|| CallOrigin {
        pool: PoolId::new("north"),
        call: CallId::new(format!("n{id}")),
    });
    new.key = key_of(id % 2);
    Command::RouteCall(Box::new(new))
}

/// The order to keep an answer; some requests have the id of another.
fn keep(client: u8, id: u8, content: u8) -> Command {
    Command::KeepAnswer(Box::new(NewAnswer {
        request: RequestKey {
            client: format!("client-{client}").into(),
            id: format!("r{id}").into(),
        },
        digest: format!("digest-{}", content / 3).into(),
        answer: "0a".repeat(usize::from(content)).into(),
    }))
}

/// Five in eight checks are good; two of the others are too bad for calls.
fn check(agent: u8, id: u8, quality: u8) -> Command {
    let measured = match quality {
        0 => "rtt=600",
        1 => "mos=3.2",
        2 => "jitter=25",
        _ => "rtt=30",
    };
    settings::check(&[&format!("a{agent}"), &format!("k{id}"), measured])
}
