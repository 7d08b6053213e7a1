//! The rows of agents on a board, and the table of their states.

use clap::{Args, ValueEnum, builder::PossibleValuesParser};

use super::{
    Board,
    alerts::WRONG,
    ms,
    words::{count, moment, site_kind, span, state, state_with_reason},
};
use crate::{
    cli::{
        table::{Column, Piece, Tone, piece, plain},
        text::{self, Word},
    },
    proto::v1::{Agent, AgentCounts, AgentStatus, LineState, Site, SiteKind, TalkState},
};

/// The columns of the states, and those that give way where there is no room.
pub(super) const STATES: [Column; 10] = [
    Column::word("agents"),
    Column::number("available"),
    Column::number("offered"),
    Column::number("talking"),
    Column::number("wrap_up"),
    Column::number("not_ready"),
    Column::number("unreachable"),
    Column::number("offline"),
    Column::number("ext."),
    Column::number("signed in").rank(1),
];

/// The columns of agents.
pub(in crate::cli) const COLUMNS: [Column; 14] = [
    Column::word(" "),
    Column::text("agent", 8),
    Column::text("state", 9),
    Column::number("since"),
    Column::text("queue", 6),
    Column::text("call", 6),
    Column::word("line"),
    Column::text("notes", 10),
    Column::text("name", 8).rank(2),
    Column::text("team", 6).rank(1),
    Column::text("site", 8).rank(3),
    Column::text("region", 6).rank(4),
    Column::text("provider", 8).rank(5),
    Column::text("skills", 10).rank(6),
];

/// In which order agents are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Order {
    /// What needs attention first.
    #[default]
    Attention,
    /// By id.
    Id,
    /// By state, then the longest.
    State,
    /// The longest in their state first.
    Since,
    /// By team, then by id.
    Team,
}

impl Order {
    /// The next one.
    pub(in crate::cli) fn next(self) -> Self {
        match self {
            Self::Attention => Self::Id,
            Self::Id => Self::State,
            Self::State => Self::Since,
            Self::Since => Self::Team,
            Self::Team => Self::Attention,
        }
    }

    /// Its name.
    pub(in crate::cli) fn word(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Id => "id",
            Self::State => "state",
            Self::Since => "since",
            Self::Team => "team",
        }
    }
}

/// Which agents are shown.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct Filter {
    /// Only agents of this team.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(in crate::cli) team: String,
    /// Only agents in this state.
    #[arg(long, value_name = "WORD", value_parser = PossibleValuesParser::new(STATE_WORDS))]
    state: Option<String>,
    /// Only agents who have a call of this queue in hand.
    #[arg(long, value_name = "ID")]
    queue: Option<String>,
    /// Only agents of this site.
    #[arg(long, value_name = "ID")]
    site: Option<String>,
    /// Only agents at this kind of site: home, telecentre or `on_site`.
    #[arg(long, value_name = "WORD", value_parser = <SiteKind as Word>::parse)]
    site_kind: Option<SiteKind>,
    /// Only agents of this employer.
    #[arg(long, value_name = "NAME")]
    employer: Option<String>,
}

/// The states that boards count.
const STATE_WORDS: [&str; 8] = [
    "offline",
    "not_ready",
    "available",
    "unreachable",
    "offered",
    "connected",
    "wrap_up",
    "external",
];

impl Filter {
    /// Whether the filter lets an agent pass.
    pub(in crate::cli) fn lets(&self, agent: &Agent) -> bool {
        let is = |asked: &Option<String>, word: &str| asked.as_deref().is_none_or(|a| a == word);
        let queue = agent.status.as_ref().map_or("", |status| &status.queue);
        let site = agent.site.as_ref();
        let kind = site.map_or(SiteKind::Unspecified, Site::kind);
        (self.team.is_empty() || self.team == agent.team)
            && is(&self.state, state(agent))
            && is(&self.queue, queue)
            && is(&self.site, site.map_or("", |site| &site.id))
            && self.site_kind.is_none_or(|asked| asked == kind)
            && is(&self.employer, &agent.employer)
    }
}

/// The agents that are shown, in order. The words of `filter` must each be in what is shown of an agent.
pub(in crate::cli) fn chosen<'b>(
    board: &'b Board,
    order: Order,
    scope: &Filter,
    filter: &str,
) -> Vec<&'b Agent> {
    let filter = plain(filter).text;
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let mut agents: Vec<&Agent> = board.agents.values().collect();
    agents.retain(|agent| scope.lets(agent));
    agents.retain(|agent| {
        words.is_empty() || {
            let cells = row(board, agent).into_iter().map(|cell| cell.text);
            let text = cells.collect::<Vec<_>>().join(" ").to_lowercase();
            words.iter().all(|word| text.contains(word))
        }
    });
    // A board keeps agents by id, and the sort keeps that order among equals.
    match order {
        Order::Attention => agents.sort_by_key(|agent| (attention(agent), since(agent))),
        Order::Id => {}
        Order::State => agents.sort_by(|a, b| (state(a), since(a)).cmp(&(state(b), since(b)))),
        Order::Since => agents.sort_by_key(|agent| since(agent)),
        Order::Team => agents.sort_by(|a, b| a.team.cmp(&b.team)),
    }
    agents
}

/// When the agent came into the state; those of whom it is not known come last.
fn since(agent: &Agent) -> u64 {
    let since = agent.status.as_ref().and_then(|s| s.since.as_ref());
    since.map_or(u64::MAX, ms)
}

/// How much an agent needs a supervisor: the lower the more.
fn attention(agent: &Agent) -> u8 {
    let Some(status) = &agent.status else {
        return 9;
    };
    let line_is_gone = status.line() != LineState::Up;
    match (&*status.state, &*status.reason) {
        ("connected" | "offered" | "wrap_up", _) if line_is_gone => 0,
        ("unreachable", _) => 1,
        ("not_ready", "rona" | "check" | "line_lost") => 2,
        ("available", _) if !status.blocked_reasons.is_empty() => 3,
        ("not_ready", _) => 4,
        ("wrap_up", _) => 5,
        ("offered", _) => 6,
        ("connected", _) => 7,
        ("available" | "external", _) => 8,
        _ if status.absence.is_some() => 9,
        _ => 10,
    }
}

/// The tone of an agent's row; what is wrong has a sign besides.
fn tone(agent: &Agent) -> Tone {
    match attention(agent) {
        0 | 1 => Tone::Bad,
        2 | 3 => Tone::Warn,
        9.. => Tone::Faint,
        _ if state(agent) == "available" => Tone::Good,
        _ => Tone::Plain,
    }
}

/// An agent's row.
pub(in crate::cli) fn row(board: &Board, agent: &Agent) -> Vec<Piece> {
    let status = agent.status.clone().unwrap_or_default();
    let tone = tone(agent);
    let sign = match tone {
        Tone::Bad | Tone::Warn => WRONG,
        Tone::Plain | Tone::Head | Tone::Good | Tone::Faint => " ",
    };
    let since = status.since.as_ref();
    let since = since.map_or_else(|| "-".to_owned(), |since| span(board.age_ms(since)));
    let site = agent.site.clone().unwrap_or_default();
    let line = match status.line() {
        LineState::Up => plain("up"),
        LineState::Silent | LineState::Lost | LineState::Unspecified => {
            let offline = status.state == "offline";
            let tone = if offline { Tone::Faint } else { Tone::Bad };
            piece(status.line().word(), tone)
        }
    };
    vec![
        piece(sign, tone),
        piece(&agent.id, tone),
        piece(state_words(agent, &status), tone),
        plain(since),
        plain(&status.queue),
        plain(&status.call_id),
        line,
        plain(kept_by(board, &status)),
        plain(&agent.display_name),
        plain(&agent.team),
        plain(format!("{} ({})", site.id, site_kind(agent))),
        plain(&site.region),
        plain(&site.provider),
        plain(text::skills(&agent.skills)),
    ]
}

fn state_words(agent: &Agent, status: &AgentStatus) -> String {
    let state = state_with_reason(agent);
    match status.talk_state() {
        TalkState::OnHold | TalkState::Consulting | TalkState::Conference => {
            format!("{state} {}", status.talk_state().word())
        }
        TalkState::Unspecified | TalkState::Talking => state,
    }
}

/// All that keeps calls away beside the state, and what will be asked for next.
pub(in crate::cli) fn kept_by(board: &Board, status: &AgentStatus) -> String {
    let until = |until: Option<&prost_types::Timestamp>| match until {
        Some(until) => format!(" until {}", moment(until, board.now_ms())),
        None => String::new(),
    };
    let mut words = Vec::new();
    for reason in &status.blocked_reasons {
        match (&status.hold, &*reason.name) {
            (Some(hold), "supervisor_hold") => words.push(format!(
                "held: {} (by {}){}",
                hold.reason,
                hold.supervisor,
                until(hold.until.as_ref())
            )),
            (_, name) => words.push(format!("{name}{}", until(reason.until.as_ref()))),
        }
    }
    if let Some(absence) = &status.absence {
        let word = absence.kind().word();
        words.push(format!("{word}{}", until(absence.until.as_ref())));
    }
    if status.draining {
        words.push("leaves".to_owned());
    }
    match (status.next_intent().word(), &*status.next_reason) {
        ("-", _) => {}
        (next, "") => words.push(format!("then {next}")),
        (next, reason) => words.push(format!("then {next} {reason}")),
    }
    words.join(", ")
}

/// The rows of the states: all agents, then those of each kind of site that has any.
pub(super) fn states(board: &Board) -> Vec<Vec<Piece>> {
    let kinds = board.numbers.agents_by_site_kind.iter();
    let kinds = kinds.filter_map(|kind| {
        let counts = kind.counts.filter(|counts| all(counts) > 0);
        counts.map(|counts| (kind.site_kind().word(), counts))
    });
    let kinds: Vec<_> = kinds.collect();
    // Of a single kind the sum says it all.
    let kinds = if kinds.len() > 1 { kinds } else { Vec::new() };
    let rows = kinds.into_iter().chain([("all", board.counts)]);
    rows.map(|(name, counts)| state_row(name, &counts))
        .collect()
}

fn all(counts: &AgentCounts) -> i32 {
    signed_in(counts) + counts.offline
}

fn signed_in(counts: &AgentCounts) -> i32 {
    let AgentCounts {
        offline: _,
        not_ready,
        available,
        unreachable,
        offered,
        connected,
        wrap_up,
        external,
    } = counts;
    not_ready + available + unreachable + offered + connected + wrap_up + external
}

fn state_row(name: &str, counts: &AgentCounts) -> Vec<Piece> {
    let tone = if name == "all" {
        Tone::Head
    } else {
        Tone::Plain
    };
    let lost = if counts.unreachable > 0 {
        Tone::Bad
    } else {
        tone
    };
    vec![
        piece(name, tone),
        piece(count(counts.available), tone),
        piece(count(counts.offered), tone),
        piece(count(counts.connected), tone),
        piece(count(counts.wrap_up), tone),
        piece(count(counts.not_ready), tone),
        piece(count(counts.unreachable), lost),
        piece(count(counts.offline), tone),
        piece(count(counts.external), tone),
        piece(count(signed_in(counts)), tone),
    ]
}

#[cfg(test)]
mod tests {
    use super::{Filter, Order, chosen};
    use crate::{
        cli::board::tests::{agent, at, board},
        proto::v1::{Agent, BlockedReason, LineState},
    };

    fn with(agent: Agent, change: impl FnOnce(&mut crate::proto::v1::AgentStatus)) -> Agent {
        let mut agent = agent;
        change(agent.status.as_mut().unwrap());
        agent
    }

    #[tokio::test(start_paused = true)]
    async fn who_needs_somebody_comes_first() {
        let rona = with(agent("rona", "not_ready"), |s| {
            "rona".clone_into(&mut s.reason);
        });
        let held = with(agent("held", "available"), |s| {
            s.blocked_reasons.push(BlockedReason {
                name: "supervisor_hold".to_owned(),
                until: None,
                calls_longer_than: None,
            });
        });
        let cut_off = with(agent("cut-off", "connected"), |s| {
            s.line = LineState::Silent.into();
        });
        let older = with(agent("older", "unreachable"), |s| s.since = Some(at(3)));
        let board = board(
            Vec::new(),
            vec![
                agent("away", "offline"),
                agent("free", "available"),
                agent("gone", "unreachable"),
                agent("talks", "connected"),
                cut_off,
                held,
                older,
                rona,
            ],
        );
        let ids = |order, filter| -> Vec<&str> {
            let agents = chosen(&board, order, &Filter::default(), filter);
            agents.iter().map(|agent| &*agent.id).collect()
        };
        let expected = [
            "cut-off", "older", "gone", "rona", "held", "talks", "free", "away",
        ];
        assert_eq!(ids(Order::Attention, ""), expected);
        assert_eq!(ids(Order::Id, "HOME- connected"), ["cut-off", "talks"]);
        assert_eq!(ids(Order::Since, "")[0], "older");
        assert_eq!(ids(Order::State, "")[..2], ["free", "held"]);
    }
}
