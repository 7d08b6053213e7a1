//! What a planner does in random histories: shifts around now, in versions that come and go.

use homeshore::engine::{
    command::Command,
    ids::{AgentId, WallTime},
    plan::{PlannedSegment, PlannedShift, SegmentKind, Shifts},
};

use super::{Play, orders::Planned};

impl Play {
    /// A planner's order that mostly makes sense.
    pub(super) fn plan(&self, agent: u8, what: Planned) -> Option<Command> {
        let schedule = self.world.engine.schedule();
        let (base, draft) = (schedule.current, schedule.drafts.keys().last().copied());
        let planner = "pia".into();
        let agent_id = AgentId::new(format!("a{agent}"));
        let title = "plan".into();
        Some(match what {
            Planned::Draft => Command::OpenDraft { base },
            Planned::Stage => Command::StageShifts {
                version: draft?,
                plans: vec![(agent_id, self.shifts(agent))],
            },
            Planned::Publish => Command::PublishDraft {
                version: draft?,
                planner,
                title,
            },
            Planned::Drop => Command::DropDraft { version: draft? },
            Planned::Revise => Command::ReviseShifts {
                base,
                agent: agent_id,
                shifts: self.shifts(agent),
                planner,
                title,
            },
            Planned::Restore => Command::RestoreSchedule {
                version: schedule.kept.last()?.number,
                base,
                planner,
            },
            Planned::Forget => Command::RestoreSchedule {
                version: 0,
                base,
                planner,
            },
        })
    }

    /// Some minutes around now, of which one is a break soon.
    fn shifts(&self, agent: u8) -> Shifts {
        let at = |seconds: i64| WallTime(self.world.wall().0 + seconds * 1_000);
        let early = i64::from(agent) * 20;
        let part = PlannedSegment {
            kind: SegmentKind::Break,
            start: at(60 - early),
            end: at(120 - early),
        };
        let shift = PlannedShift {
            start: at(-early),
            end: at(600 - early),
            segments: vec![part],
            skills: Vec::new(),
            site: "".into(),
        };
        vec![shift].into()
    }
}
