//! An agent's stream: signs of life and commands up, answers and the newest state down.

use std::{collections::VecDeque, time::Duration};

use tokio::{sync::watch, time::Instant};
use tonic::{Status, Streaming};

use super::{
    convert,
    desk::Desk,
    platform_stream::going_away,
    sessions,
    status::Problem,
    streams::{self, End, Out, Unsent},
};
use crate::{
    clock,
    engine::{
        command::{Command, SessionRef},
        ids::AgentId,
        rejection::Rejection,
    },
    pool::{Pool, Ticket, hub::Closing},
    proto::v1::{
        self, agent_session_service_connect_request::Message as Heard,
        agent_session_service_connect_response::Message as Said,
    },
};

type Inbound = Streaming<v1::AgentSessionServiceConnectRequest>;
type Outbound = Out<v1::AgentSessionServiceConnectResponse>;

/// Agents are asked to show a sign of life this often; silence begins a second later.
const HEARTBEAT_MS: u64 = 5_000;
/// A stream without a sign for this long is closed; the line is long lost by then.
const SILENT_MAX: Duration = Duration::from_secs(60);
/// Most commands of a stream that are under way; more are read when these are answered.
const PENDING_MAX: usize = 64;

/// A command under way, or already refused.
struct Pending {
    sequence: u64,
    outcome: Result<Ticket, Option<Problem>>,
}

struct Session {
    desk: Desk,
    pool: Pool,
    agent: AgentId,
    number: u64,
    inbound: Inbound,
    out: Outbound,
    changes: watch::Receiver<u64>,
    pending: VecDeque<Pending>,
    last_sign: Instant,
}

/// Serves a stream until it ends.
pub(super) async fn serve(desk: Desk, pool: Pool, mut inbound: Inbound, out: Outbound) {
    let opened = tokio::select! {
        opened = open(&desk, &pool, &mut inbound) => opened,
        () = out.gone() => return out.lost(),
    };
    let (agent, number, changes) = match opened {
        Ok(opened) => opened,
        Err(problem) => return out.fail(problem),
    };
    let mut session = Session {
        desk,
        pool,
        agent,
        number,
        inbound,
        out,
        changes,
        pending: VecDeque::new(),
        last_sign: clock::instant(),
    };
    let end = match session.welcome().await {
        Ok(()) => session.work().await,
        Err(end) => end,
    };
    // At the end of the server nobody left: everyone is about to come back.
    if !session.desk.stopping.is_cancelled() {
        let presence = session.pool.presence();
        presence.session_closed(&session.agent, session.number);
    }
    session.out.end(end);
}

async fn open(
    desk: &Desk,
    pool: &Pool,
    inbound: &mut Inbound,
) -> Result<(AgentId, u64, watch::Receiver<u64>), Problem> {
    let first = streams::first(inbound, desk.times.hello).await?;
    let Some(Heard::Hello(hello)) = first.and_then(|request| request.message) else {
        return Err(streams::no_hello(desk.times.hello));
    };
    let agent = convert::agent_id(&hello.agent_id).map_err(|problem| problem.below("hello"))?;
    let number = sessions::open(pool, &agent, true).await?;
    let changes = pool.view().watch_agent(&agent);
    let changes = changes.ok_or_else(|| Rejection::UnknownAgent(agent.clone()))?;
    Ok((agent, number, changes))
}

impl Session {
    async fn welcome(&mut self) -> Result<(), End> {
        self.say(Said::Welcome(v1::AgentWelcome {
            session: self.number,
            server_time: Some(convert::wall_timestamp(clock::wall())),
            heartbeat_interval: Some(convert::duration(HEARTBEAT_MS)),
        }))
        .await?;
        self.show().await
    }

    async fn work(&mut self) -> End {
        loop {
            let step = tokio::select! {
                () = self.out.gone() => Err(End::Lost),
                () = self.desk.stopping.cancelled() => Err(self.go_away().await),
                message = self.inbound.message(), if self.pending.len() < PENDING_MAX => self.hear(message).await,
                outcome = next(&mut self.pending) => self.answer(outcome).await,
                changed = self.changes.changed() => match changed {
                    Ok(()) => self.show().await,
                    Err(_deleted) => Err(Problem::from(Rejection::UnknownAgent(self.agent.clone())).into()),
                },
                () = tokio::time::sleep_until(self.last_sign + SILENT_MAX) => {
                    Err(Problem::Closed(Closing::Silent).into())
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn say(&self, message: Said) -> Result<(), Unsent> {
        let message = v1::AgentSessionServiceConnectResponse {
            message: Some(message),
        };
        self.out.send(message).await
    }

    /// Shows the newest state; a session that is not the newest any more is told and ends.
    async fn show(&mut self) -> Result<(), End> {
        self.changes.borrow_and_update();
        let snapshot = sessions::snapshot(&self.pool, &self.agent)?;
        let newest = snapshot.status.as_ref().map_or(0, |status| status.session);
        if newest > self.number {
            let superseded = v1::SessionSuperseded { session: newest };
            self.say(Said::Superseded(superseded)).await?;
            return Err(End::Finished);
        }
        Ok(self.say(Said::Snapshot(snapshot)).await?)
    }

    async fn hear(
        &mut self,
        message: Result<Option<v1::AgentSessionServiceConnectRequest>, Status>,
    ) -> Result<(), End> {
        let Some(request) = message.map_err(Problem::Transport)? else {
            return Err(self.answer_all().await);
        };
        self.last_sign = clock::instant();
        self.pool.presence().session_heard(&self.agent, self.number);
        let sequence = request.sequence;
        match request.message {
            Some(Heard::Heartbeat(_)) => return Ok(()),
            Some(Heard::Hello(_)) => {
                let problem = convert::fault("hello", "is said once, at the beginning");
                return Err(problem.into());
            }
            Some(message) => self.order(sequence, command(self.by(sequence), message)),
            None => {
                let problem = convert::fault("message", "is empty; say one of its kinds");
                self.order(sequence, Err(problem));
            }
        }
        Ok(())
    }

    fn by(&self, sequence: u64) -> SessionRef {
        SessionRef {
            agent: self.agent.clone(),
            session: self.number,
            sequence,
        }
    }

    /// Hands a command to the pool; its answer follows in its turn.
    fn order(&mut self, sequence: u64, command: Result<Command, Problem>) {
        let sent = command.and_then(|command| Ok(self.pool.send(command)?));
        self.pending.push_back(Pending {
            sequence,
            outcome: sent.map_err(Some),
        });
    }

    async fn answer(&mut self, (sequence, refusal): Answered) -> Result<(), End> {
        let refusal = refusal.map(Problem::refusal);
        let answer = v1::AgentAnswer { sequence, refusal };
        Ok(self.say(Said::Answer(answer)).await?)
    }

    /// Answers what is under way, then ends.
    async fn answer_all(&mut self) -> End {
        while !self.pending.is_empty() {
            let outcome = next(&mut self.pending).await;
            if let Err(end) = self.answer(outcome).await {
                return end;
            }
        }
        End::Finished
    }

    async fn go_away(&mut self) -> End {
        match self.say(Said::GoingAway(going_away())).await {
            Ok(()) => self.answer_all().await,
            Err(why) => why.into(),
        }
    }
}

fn command(by: SessionRef, message: Heard) -> Result<Command, Problem> {
    match message {
        Heard::SetIntent(request) => sessions::set_intent(by, &request),
        Heard::AcceptOffer(request) => sessions::accept(by, &request),
        Heard::DeclineOffer(request) => sessions::decline(by, &request),
        Heard::FinishWrapUp(request) => sessions::finish(by, &request),
        Heard::ExtendWrapUp(request) => sessions::extend(by, &request),
        Heard::SetExternal(request) => Ok(sessions::external(by, &request)),
        Heard::EndCall(request) => sessions::end(by, &request),
        Heard::AcknowledgeMessage(request) => sessions::acknowledge(by, &request),
        Heard::ReportTrouble(request) => sessions::trouble(by, &request),
        Heard::Hello(_) | Heard::Heartbeat(_) => Err(convert::fault(
            "message",
            "is no command; say one of the others",
        )),
    }
}

type Answered = (u64, Option<Problem>);

/// The outcome of the oldest command under way. May be dropped and asked again before it has answered.
async fn next(pending: &mut VecDeque<Pending>) -> Answered {
    let Some(oldest) = pending.front_mut() else {
        return std::future::pending().await;
    };
    let refusal = match &mut oldest.outcome {
        Ok(ticket) => ticket.outcome().await.err().map(Problem::from),
        Err(problem) => problem.take(),
    };
    let oldest = pending.pop_front().expect("the queue has a front");
    (oldest.sequence, refusal)
}
