//! Supervisors' orders as scripts write them, given by `sue`; and what agents say of themselves.

use homeshore::engine::{
    agent::{Absence, AbsenceKind},
    command::{Command, Recipient, SessionRef, Trouble},
    ids::{AgentId, PoolTime},
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
        "undrain" => Command::UndrainSite {
            site: rest[0].into(),
            supervisor,
        },
        _ => return None,
    })
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
