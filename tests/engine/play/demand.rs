//! What platforms, supervisors, planners and statistics say of a queue's demand.

use std::sync::Arc;

use homeshore::engine::{
    command::Command,
    ids::{PoolTime, QueueId, WallTime},
    peaks::{BaselineSource, Judgement, SiteLoad},
    volumes::{VolumeKind, Volumes},
};

use super::{super::journal::SECRET, Play, orders::Demanded};

impl Play {
    pub(super) fn demand(&self, queue: QueueId, what: Demanded) -> Command {
        let wall = self.world.wall().0;
        match what {
            Demanded::Site { waiting, all } => Command::ReportSiteLoad {
                queue,
                load: SiteLoad {
                    minute: WallTime(wall - wall % 60_000),
                    arrivals: all.then_some(7),
                    waiting: waiting.map(u32::from),
                    agents: all.then_some(3),
                    handle_ms: all.then_some(200_000),
                },
            },
            Demanded::Judge { high, short } => Command::JudgeInterval {
                queue,
                judgement: Arc::new(Judgement {
                    interval: WallTime(wall),
                    minutes: 1,
                    count: 30,
                    baseline_milli: 12_500,
                    source: BaselineSource::Learned,
                    known_until: WallTime(0),
                    score_milli: if high { 3_100 } else { -200 },
                    is_high: high,
                    required: short.map(|short| 5 + u32::from(short)),
                    staffed: short.map(|_| 5),
                }),
            },
            Demanded::Declare { for_ms } => Command::DeclarePeak {
                queue,
                until: PoolTime(self.world.now + for_ms),
                supervisor: "sue".into(),
                reason: format!("{SECRET} storm").into(),
            },
            Demanded::End => Command::EndPeak {
                queue,
                rest_ms: 20_000,
                supervisor: "sue".into(),
            },
            Demanded::Import { forecast } => Command::ImportVolumes {
                queue,
                kind: if forecast {
                    VolumeKind::Forecast
                } else {
                    VolumeKind::History
                },
                days: vec![(
                    wall.div_euclid(86_400_000),
                    Arc::new(Volumes {
                        minutes: 30,
                        milli: vec![Some(1_500); 96],
                    }),
                )],
            },
        }
    }
}
