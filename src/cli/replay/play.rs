//! The replay itself: one task with one agenda, fed by what the platform and the agents hear.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{anyhow, bail};
use indicatif::ProgressBar;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time::{Instant, sleep_until, timeout},
};

use super::{
    caller::{self, Caller},
    checker::{Checker, Sight},
    crew::Member,
    report::Findings,
};
use crate::{
    cli::{
        client::Clients,
        drive::{
            agenda::Agenda,
            agent::{AgentLink, AgentNews, AgentOrder},
            platform::{PlatformLink, PlatformNews},
        },
        interrupt::Interrupts,
        progress,
    },
    clock,
    proto::v1::{CallReport, Intent, RouteCallRequest},
    simulation::trace::{Agent, Call},
};

/// How long streams may take to open before the log begins.
const OPEN_LIMIT: Duration = Duration::from_secs(60);
/// Agents of before the log's first moment sign in this far apart, so that the server sees them in their order.
const EARLY_STEP: Duration = Duration::from_millis(3);
/// The log begins this long after the last of them.
const EARLY_REST: Duration = Duration::from_millis(300);
/// When nothing is left to do and nothing is heard for this long, what has not ended is lost.
const QUIET_LIMIT: Duration = Duration::from_secs(90);
/// A caller whose patience lasts longer is not waited for.
const PATIENCE_LIMIT: Duration = Duration::from_secs(3_600);
/// A server that stays away longer is given up.
const AWAY_LIMIT: Duration = Duration::from_secs(120);
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// What is to be played.
pub(super) struct Score {
    /// The agents, by their log-in.
    pub(super) agents: Vec<Agent>,
    /// The calls, by their arrival.
    pub(super) calls: Vec<Call>,
    /// Where in the log to begin.
    pub(super) from_ms: u64,
    /// How many times faster.
    pub(super) speed: u32,
}

/// Something that was heard, with the moment at which it was.
pub(super) enum Heard {
    /// The platform's news.
    Platform(Instant, PlatformNews),
    /// An agent's news, by the agent's number.
    Agent(usize, AgentNews),
}

/// Why a replay ended before its calls.
enum CutShort {
    /// The user wanted it to end.
    ByUser(&'static str),
    /// The server is away, or forgot calls.
    ByServer(&'static str),
}

/// Things to do later; of one moment in this order: hang-ups, ends, log-ins, arrivals, log-outs.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Later {
    LosePatience(usize),
    EndTalk(usize, String),
    EndWrapUp(usize, String),
    SignIn(usize),
    Arrive(usize),
    SignOut(usize),
}

/// Longest delay between log and replay that a talk makes up for.
const DELAY_MAX: Duration = Duration::from_millis(50);

/// Plays the score and answers what was found.
pub(super) async fn play(clients: &Clients, score: Score) -> anyhow::Result<Findings> {
    let (news, heard) = mpsc::unbounded_channel();
    let platform = open_platform(clients, news.clone());
    let spread = clients.spread(score.agents.len());
    let links = score
        .agents
        .iter()
        .enumerate()
        .map(|(index, agent)| {
            open_agent(
                &spread[index % spread.len()],
                index,
                agent.id.as_str(),
                news.clone(),
            )
        })
        .collect();
    let mut stage = Stage::new(score, platform, links);
    let mut heard = heard;
    timeout(OPEN_LIMIT, stage.wait_for_all(&mut heard))
        .await
        .map_err(|_| {
            anyhow!(
                "not all streams were opened within {} s",
                OPEN_LIMIT.as_secs()
            )
        })??;
    stage.begin();
    let cut_short = stage.run(&mut heard).await?;
    let _late = timeout(CLOSE_LIMIT, stage.sign_all_out(&mut heard)).await;
    Ok(stage.finish(cut_short))
}

fn open_platform(clients: &Clients, news: UnboundedSender<Heard>) -> PlatformLink {
    let instance = format!("{:08x}", fastrand::u32(..));
    PlatformLink::open(clients, "replay", &instance, move |piece| {
        // After the end nobody listens any more.
        let _over = news.send(Heard::Platform(clock::instant(), piece));
    })
}

fn open_agent(
    clients: &Clients,
    index: usize,
    id: &str,
    news: UnboundedSender<Heard>,
) -> AgentLink {
    AgentLink::open(clients, id, move |piece| {
        // After the end nobody listens any more.
        let _over = news.send(Heard::Agent(index, piece));
    })
}

/// Everything that is on stage.
pub(super) struct Stage {
    pub(super) speed: u32,
    from_ms: u64,
    pub(super) platform: PlatformLink,
    pub(super) links: Vec<AgentLink>,
    pub(super) callers: Vec<Caller>,
    pub(super) crew: Vec<Member>,
    pub(super) call_index: BTreeMap<String, usize>,
    agenda: Agenda<Later>,
    pub(super) checker: Checker,
    pub(super) bar: ProgressBar,
    /// When the log's `from_ms` is.
    start: Instant,
    pub(super) calls_left: usize,
    /// Arrivals, ends of talks, wrap-ups and log-ins that are still on the agenda.
    busy: usize,
    pub(super) last_heard: Instant,
    /// Since when the platform's stream is not open.
    pub(super) down_since: Option<Instant>,
    /// How often the platform's stream was lost, and agents' streams.
    pub(super) platform_lost: u32,
    pub(super) agents_lost: u32,
    /// When each agent is free by the log, as far as it has been played.
    free_by_log: BTreeMap<String, Instant>,
}

impl Stage {
    fn new(score: Score, platform: PlatformLink, links: Vec<AgentLink>) -> Self {
        let callers: Vec<Caller> = score.calls.into_iter().map(Caller::new).collect();
        let call_index = callers
            .iter()
            .enumerate()
            .map(|(index, caller)| (caller.entry.id.to_string(), index))
            .collect();
        let now = clock::instant();
        Self {
            speed: score.speed,
            from_ms: score.from_ms,
            platform,
            links,
            calls_left: callers.len(),
            bar: progress::bar(callers.len(), "calls over"),
            callers,
            crew: score.agents.into_iter().map(Member::new).collect(),
            call_index,
            agenda: Agenda::new(),
            checker: Checker::default(),
            start: now,
            busy: 0,
            last_heard: now,
            down_since: Some(now),
            platform_lost: 0,
            agents_lost: 0,
            free_by_log: BTreeMap::new(),
        }
    }

    /// Waits until every stream is open.
    async fn wait_for_all(&mut self, heard: &mut UnboundedReceiver<Heard>) -> anyhow::Result<()> {
        let is_closed = |stage: &Self| {
            stage.down_since.is_some() || stage.crew.iter().any(|member| !member.connected)
        };
        while is_closed(self) {
            match heard.recv().await {
                Some(piece) => self.hear(piece)?,
                None => bail!("every stream was closed"),
            }
        }
        Ok(())
    }

    /// Sets the log's clock and notes all that the log says.
    fn begin(&mut self) {
        let from_ms = self.from_ms;
        let now = clock::instant();
        let early = self
            .crew
            .iter()
            .filter(|member| member.entry.login_ms < from_ms)
            .count();
        let early = u32::try_from(early).unwrap_or(u32::MAX);
        self.start = now + EARLY_STEP * early + EARLY_REST;
        let mut next_early = now;
        for index in 0..self.crew.len() {
            let entry = &self.crew[index].entry;
            let (login_ms, logout_ms) = (entry.login_ms, entry.logout_ms);
            let login_at = if login_ms < from_ms {
                next_early += EARLY_STEP;
                next_early
            } else {
                self.moment_of(login_ms)
            };
            self.note(login_at, Later::SignIn(index));
            self.agenda
                .note(self.moment_of(logout_ms), Later::SignOut(index));
        }
        for index in 0..self.callers.len() {
            let at = self.moment_of(self.callers[index].entry.arrival_ms);
            self.note(at, Later::Arrive(index));
        }
    }

    /// When a moment of the log is.
    fn moment_of(&self, log_ms: u64) -> Instant {
        self.start + self.span_of(log_ms - self.from_ms)
    }

    /// How long a span of the log takes; spans of many years are cut, as nobody waits for their end.
    pub(super) fn span_of(&self, log_ms: u64) -> Duration {
        let micros = u128::from(log_ms) * 1_000 / u128::from(self.speed);
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
            .min(Duration::from_secs(1 << 30))
    }

    /// Notes something without which the replay cannot be over.
    pub(super) fn note(&mut self, at: Instant, item: Later) {
        self.busy += 1;
        self.agenda.note(at, item);
    }

    /// Plays until every call is over; answers why if it ends before that.
    async fn run(
        &mut self,
        heard: &mut UnboundedReceiver<Heard>,
    ) -> anyhow::Result<Option<CutShort>> {
        let mut interrupts = Interrupts::listen()?;
        while self.calls_left > 0 {
            let give_up = self.give_up_at();
            tokio::select! {
                // What was heard comes first: a connection that is there already beats a lost patience.
                biased;
                why = interrupts.next() => return Ok(Some(CutShort::ByUser(why))),
                piece = heard.recv() => match piece {
                    Some(piece) => self.hear(piece)?,
                    None => return Ok(Some(CutShort::ByServer("every stream was closed"))),
                },
                () = self.agenda.wait() => self.act(),
                () = sleep_until(give_up) => {
                    if self.down_since.is_some() {
                        return Ok(Some(CutShort::ByServer("the server stayed away")));
                    }
                    if self.is_stuck() {
                        return Ok(Some(CutShort::ByServer("nothing is heard of the calls that are left")));
                    }
                    self.last_heard = clock::instant();
                }
            }
        }
        Ok(None)
    }

    /// Whether nothing is left on the agenda that could move the calls that are left.
    fn is_stuck(&self) -> bool {
        let horizon = clock::instant() + PATIENCE_LIMIT;
        self.busy == 0 && self.agenda.next_due().is_none_or(|at| at > horizon)
    }

    fn give_up_at(&self) -> Instant {
        match self.down_since {
            Some(since) => since + AWAY_LIMIT,
            None => self.last_heard + QUIET_LIMIT,
        }
    }

    fn act(&mut self) {
        let now = clock::instant();
        while let Some((_, item)) = self.agenda.take_due(now) {
            self.busy -= usize::from(!matches!(item, Later::LosePatience(_) | Later::SignOut(_)));
            match item {
                Later::LosePatience(index) => {
                    let todo = self.callers[index].lose_patience(now);
                    self.do_for_caller(index, todo);
                }
                Later::EndTalk(index, offer_id) => {
                    let todo = self.callers[index].finish_talk(&offer_id);
                    self.do_for_caller(index, todo);
                }
                Later::EndWrapUp(index, call_id) => self.finish_wrap_up(index, call_id),
                Later::SignIn(index) => self.want(index, Intent::Ready),
                Later::Arrive(index) => self.arrive(index, now),
                Later::SignOut(index) => self.want(index, Intent::Offline),
            }
        }
    }

    fn want(&mut self, index: usize, intent: Intent) {
        let order = self.crew[index].want(intent);
        self.links[index].order(order);
    }

    /// Says that an agent's wrap-up is over.
    pub(super) fn finish_wrap_up(&mut self, index: usize, call_id: String) {
        let order = AgentOrder::FinishWrapUp { call_id };
        self.links[index].order(order);
    }

    fn arrive(&mut self, index: usize, now: Instant) {
        let caller = &mut self.callers[index];
        caller.arrive(now);
        let entry = caller.entry.clone();
        self.checker.see(&Sight::Sent {
            call: entry.id.as_str(),
        });
        // Only a call that cannot be handed over at once has begun to wait before the server hears of it.
        let arrived_at = self.down_since.map(|_| wall_time());
        self.platform.route(RouteCallRequest {
            call_id: entry.id.to_string(),
            queue: entry.skill.to_string(),
            priority: entry.priority.to_string(),
            arrived_at,
            ..RouteCallRequest::default()
        });
        let patience = self.span_of(entry.patience_ms);
        self.agenda.note(now + patience, Later::LosePatience(index));
    }

    /// Reports what the platform has to report.
    pub(super) fn do_for_caller(&mut self, index: usize, todo: Option<caller::Todo>) {
        let Some(todo) = todo else { return };
        let id = self.callers[index].entry.id.as_str();
        match todo {
            caller::Todo::Connect { offer_id } => {
                self.platform.report(id, &offer_id, CallReport::Answered);
                let end = self.talk_ends(index, clock::instant());
                self.note(end, Later::EndTalk(index, offer_id));
            }
            caller::Todo::Release { offer_id } => {
                self.platform.report(id, &offer_id, CallReport::Rescinded);
            }
            caller::Todo::HangUp => self.platform.report(id, "", CallReport::CallerGone),
            caller::Todo::End => self.platform.report(id, "", CallReport::Ended),
        }
    }

    /// When a talk that begins now ends: its handle time after the moment at which it would have begun without any
    /// delay on the way, so that the delays of a day do not add up.
    fn talk_ends(&mut self, index: usize, now: Instant) -> Instant {
        let caller = &self.callers[index];
        let agent = self
            .crew
            .iter()
            .find(|member| member.entry.id.as_str() == caller.agent);
        let (login_ms, wrap_ms) = agent.map_or((0, 0), |m| (m.entry.login_ms, m.entry.wrap_ms));
        let signed_in = self.moment_of(login_ms.max(self.from_ms));
        let free = self
            .free_by_log
            .get(&caller.agent)
            .copied()
            .unwrap_or(signed_in);
        let due = self.moment_of(caller.entry.arrival_ms).max(free);
        // What took longer than this is no delay on the way: nobody was free, or nobody answered.
        let begun = due.clamp(now.checked_sub(DELAY_MAX).unwrap_or(now), now);
        let end = (begun + self.span_of(caller.entry.handle_ms)).max(now);
        let free = end + self.span_of(wrap_ms);
        self.free_by_log.insert(caller.agent.clone(), free);
        end
    }

    /// Signs out whom the log leaves signed in.
    async fn sign_all_out(&mut self, heard: &mut UnboundedReceiver<Heard>) -> anyhow::Result<()> {
        for index in 0..self.crew.len() {
            self.want(index, Intent::Offline);
        }
        while !self.crew.iter().all(Member::is_out) {
            match heard.recv().await {
                Some(piece) => self.hear(piece)?,
                None => break,
            }
        }
        Ok(())
    }

    fn finish(self, cut_short: Option<CutShort>) -> Findings {
        self.bar.finish_and_clear();
        Findings {
            endings: self
                .callers
                .iter()
                .map(|caller| caller.ending(self.speed))
                .collect(),
            target_ms: 0,
            took: clock::instant().duration_since(self.start),
            platform_reconnects: self.platform_lost,
            agent_reconnects: self.agents_lost,
            breaches: match cut_short {
                Some(CutShort::ByUser(_)) => self.checker.stop(),
                Some(CutShort::ByServer(_)) | None => self.checker.finish(),
            },
            cut_short: cut_short.map(|(CutShort::ByUser(why) | CutShort::ByServer(why))| why),
            expected_mean_ms: None,
        }
    }
}

/// The calendar's time for the API.
fn wall_time() -> prost_types::Timestamp {
    let ms = clock::wall().0;
    prost_types::Timestamp {
        seconds: ms.div_euclid(1_000),
        nanos: i32::try_from(ms.rem_euclid(1_000) * 1_000_000).unwrap_or(0),
    }
}
