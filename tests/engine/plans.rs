//! The schedule as scripts change it, by the planner `pia`.

use homeshore::engine::{
    command::Command,
    ids::{AgentId, WallTime},
    plan::{PlannedSegment, PlannedShift, SegmentKind, Shifts},
};

use super::{script::ms, world::wall};

/// `draft 0`, `stage 1 ann=09:00-17:00(break@12:00-12:45) bob=`, `publish 1`, `drop-draft 1`, `revise 1 ann=...`,
/// `restore 1 2`. Times are hours and minutes from the beginning of the script, at a Monday's midnight.
pub(super) fn command(word: &str, words: &[&str]) -> Command {
    let number = |place: usize| words[place].parse().expect("a version");
    let (planner, title) = ("pia".into(), "week.csv".into());
    match word {
        "draft" => Command::OpenDraft { base: number(0) },
        "stage" => Command::StageShifts {
            version: number(0),
            plans: words[1..].iter().map(|text| plan(text)).collect(),
        },
        "publish" => Command::PublishDraft {
            version: number(0),
            planner,
            title,
        },
        "drop-draft" => Command::DropDraft { version: number(0) },
        "revise" => {
            let (agent, shifts) = plan(words[1]);
            Command::ReviseShifts {
                base: number(0),
                agent,
                shifts,
                planner,
                title,
            }
        }
        _ => Command::RestoreSchedule {
            version: number(0),
            base: number(1),
            planner,
        },
    }
}

/// `ann=09:00-12:00,13:00-17:00(break@15:00-15:20)`
fn plan(text: &str) -> (AgentId, Shifts) {
    let (agent, shifts) = text.split_once('=').expect("agent=shifts");
    let shifts = shifts.split(',').filter(|shift| !shift.is_empty());
    (AgentId::new(agent), shifts.map(shift).collect())
}

fn shift(text: &str) -> PlannedShift {
    let (span, parts) = text.split_once('(').unwrap_or((text, ""));
    let (start, end) = times(span);
    let parts = parts.trim_end_matches(')').split(';');
    PlannedShift {
        start,
        end,
        segments: parts.filter(|part| !part.is_empty()).map(segment).collect(),
        skills: Vec::new(),
        site: "".into(),
    }
}

fn segment(text: &str) -> PlannedSegment {
    let (kind, span) = text.split_once('@').expect("kind@from-to");
    let (start, end) = times(span);
    let kind = match kind {
        "break" => SegmentKind::Break,
        "training" => SegmentKind::Training,
        "meeting" => SegmentKind::Meeting,
        "on_call" => SegmentKind::OnCall,
        other => panic!("`{other}` is no part of a shift"),
    };
    PlannedSegment { kind, start, end }
}

fn times(span: &str) -> (WallTime, WallTime) {
    let (start, end) = span.split_once('-').expect("from-to");
    (time(start), time(end))
}

/// `33:30` is 9:30 on Tuesday.
fn time(text: &str) -> WallTime {
    let (hours, minutes) = text.split_once(':').expect("hours:minutes");
    wall(ms(hours) * 3_600 + ms(minutes) * 60)
}
