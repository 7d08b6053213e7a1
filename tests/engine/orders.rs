//! Supervisors' orders as scripts write them, given by `sue`; and what agents say of themselves.

use std::sync::Arc;

use homeshore::engine::{
    agent::{Absence, AbsenceKind},
    command::{Command, Recipient, SessionRef, Trouble},
    ids::{AgentId, PoolTime, QueueId, WallTime},
    peaks::{BaselineSource, Judgement, SiteLoad},
    volumes::{VolumeKind, Volumes},
};

use super::script::{intent, ms};

const SUPERVISOR: &str = "sue";

/// The order of a word, if it is one of a supervisor.
pub(super) fn supervisor_command(word: &str, rest: &[&str]) -> Option<Command> {
    let agent = || AgentId::new(rest[0]);
    let supervisor = SUPERVISOR.into();
    let reason = rest[1..].join(" ").into();
    Some(match word {
        "hold" => Command::HoldAgent {
            agent: agent(),
            until: PoolTime(ms(rest[1])),
            reason: rest[2..].join(" ").into(),
            supervisor,
        },
        "release" => Command::ReleaseAgent {
            agent: agent(),
            supervisor,
        },
        "set" => Command::SetAgentIntent {
            agent: agent(),
            intent: intent(rest[1]),
            supervisor,
        },
        "drain" => Command::DrainSite {
            site: rest[0].into(),
            reason,
            supervisor,
        },
        "tell" => Command::SendMessage {
            to: match rest[0].strip_prefix("team:") {
                Some(team) => Recipient::Team(team.into()),
                None => Recipient::Agent(agent()),
            },
            text: reason,
            supervisor,
        },
        "check" => super::settings::check(rest),
        "draft" | "stage" | "publish" | "drop-draft" | "revise" | "restore" => {
            super::plans::command(word, rest)
        }
        "declare-peak" => Command::DeclarePeak {
            queue: QueueId::new(rest[0]),
            until: PoolTime(ms(rest[1])),
            supervisor,
            reason: "storm".into(),
        },
        "end-peak" => Command::EndPeak {
            queue: QueueId::new(rest[0]),
            rest_ms: ms(rest[1]),
            supervisor,
        },
        "undrain" => Command::UndrainSite {
            site: rest[0].into(),
            supervisor,
        },
        _ => return None,
    })
}

/// `site q 8 40 3`: so many wait, arrived and serve on site in the minute before `wall`.
/// `judge q 40 20 high short=3`: an interval that ended at `wall`.
pub(super) fn demand_command(word: &str, rest: &[&str], wall: i64) -> Option<Command> {
    let count = |at: usize| rest.get(at).and_then(|text| text.parse().ok());
    let queue = || QueueId::new(rest[0]);
    match word {
        "site" => Some(Command::ReportSiteLoad {
            queue: queue(),
            load: SiteLoad {
                minute: WallTime(wall - wall % 60_000 - 60_000),
                waiting: count(1),
                arrivals: count(2),
                agents: count(3),
                handle_ms: None,
            },
        }),
        "judge" => {
            let short = rest.iter().find_map(|word| word.strip_prefix("short="));
            let short: Option<u32> = short.map(|short| short.parse().expect("a count"));
            let judgement = Judgement {
                interval: WallTime(wall - 900_000),
                minutes: 15,
                count: count(1).expect("a count"),
                baseline_milli: 1_000 * u64::from(count(2).expect("a count")),
                source: BaselineSource::Learned,
                known_until: WallTime(0),
                score_milli: 0,
                is_high: rest.contains(&"high"),
                required: short.map(|short| 10 + short),
                staffed: short.map(|_| 10),
            };
            Some(Command::JudgeInterval {
                queue: queue(),
                judgement: Arc::new(judgement),
            })
        }
        "import" => Some(Command::ImportVolumes {
            queue: queue(),
            kind: match rest[1] {
                "forecast" => VolumeKind::Forecast,
                _ => VolumeKind::History,
            },
            days: vec![(wall.div_euclid(86_400_000), Arc::new(half_hours()))],
        }),
        _ => None,
    }
}

/// A day of which the mornings are known, by half hours.
fn half_hours() -> Volumes {
    let known = |at: u32| (at < 48).then_some(1_000 * at);
    Volumes {
        minutes: 30,
        milli: (0..96).map(known).collect(),
    }
}

/// The order of a word, which must be one of an agent.
pub(super) fn agent_command(word: &str, by: SessionRef, rest: &[&str]) -> Command {
    if word == "read" {
        let message = rest[1].parse().expect("a message's number");
        return Command::AcknowledgeMessage { by, message };
    }
    let absent = |kind| match rest.get(1) {
        Some(until) => Trouble::Absent(Absence {
            kind,
            until: PoolTime(ms(until)),
        }),
        None => Trouble::Back(kind),
    };
    let trouble = match word {
        "bad-line" => Trouble::BadLine,
        "good-line" => Trouble::GoodLine,
        "late" => absent(AbsenceKind::Late),
        "unwell" => absent(AbsenceKind::Unwell),
        other => panic!("`{other}` is no order"),
    };
    Command::ReportTrouble { by, trouble }
}
