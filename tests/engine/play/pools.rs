//! The configurations that random histories change between.

use std::sync::Arc;

use homeshore::calendar::windows::{DayKind, Hours, Window, WindowsSpec};
use homeshore::engine::{
    ids::{PoolId, QueueId},
    peaks::PeaksSpec,
    profile::SiteKind,
    readiness::ReadinessSpec,
    serve::{ServeMode, ServeSpec, WhenClosing},
    spec::{
        CallOrder, CallbackSpec, GroupSpec, OfferMode, OverflowSpec, PoolSpec, QueueSpec, RingSpec,
        Selection, WhenUnstaffed,
    },
    terms::LabourSpec,
};

use super::super::world::{levels, queue, spec};

/// One of eight configurations; the third has a queue less, the last four choose agents by groups and policies.
pub(super) fn pool_spec(variant: u8) -> PoolSpec {
    let ring = |after_ms, skills: &str, site_kinds| RingSpec {
        after_ms,
        skills: levels(skills),
        site_kinds,
    };
    let callback = CallbackSpec {
        ring_ms: 8_000,
        retry_after_ms: 10_000,
        attempts: 2,
        until_after_ms: 120_000,
    };
    let widening = QueueSpec {
        callback: Some(callback),
        rings: vec![
            ring(0, "fr:3", vec![SiteKind::Home]),
            ring(5_000, "fr:2", vec![SiteKind::Home, SiteKind::Telecentre]),
            ring(20_000 + u64::from(variant) * 1_000, "", vec![]),
        ],
        preferred_hold_ms: 8_000,
        longest_call_ms: 60_000,
        ..queue("q0", "")
    };
    let ringing = QueueSpec {
        offer_mode: OfferMode::Ring,
        preferred_hold_ms: 3_000,
        target_ms: 10_000,
        time_out_ms: 60_000,
        callback: Some(callback),
        when_unstaffed: WhenUnstaffed::Callback,
        overflow: (variant > 0).then(|| overflow(None)),
        wrap_up_limit_ms: 20_000,
        wrap_up_extension_ms: 10_000,
        ..queue("q1", "fr:1")
    };
    let small = QueueSpec {
        max_waiting: 2,
        when_unstaffed: WhenUnstaffed::Divert,
        target_ms: 40_000,
        overflow: (variant % 2 == 1).then(|| overflow(Some("north"))),
        ..queue("q2", "billing:2")
    };
    let mut queues = vec![widening, ringing, small];
    queues.truncate(3 - usize::from(variant == 2));
    for (queue, place) in queues.iter_mut().zip(0..) {
        queue.serve = Arc::new(serving(variant, place));
    }
    queues[0].expected_handle_ms = 60_000;
    let labour = (variant % 4 == 3).then(|| LabourSpec {
        pack: "fr-2098".into(),
        zone: "Europe/Paris".into(),
        break_reasons: vec!["break".into()],
    });
    let spec = if variant < 4 {
        spec(queues)
    } else {
        choosy(variant, queues)
    };
    let readiness = (variant % 4 == 1).then(|| ReadinessSpec {
        valid_for_ms: 90_000,
        ..ReadinessSpec::default()
    });
    PoolSpec {
        labour,
        readiness,
        ..spec
    }
}

/// Half of all configurations have a queue with windows, others of them take part of the calls, or none.
fn serving(variant: u8, place: usize) -> ServeSpec {
    let shift = u16::from(variant);
    let days = DayKind::NAMES.map(|(day, _)| day);
    let window = |from: u16, to: u16| Window {
        days: days[..7].to_vec(),
        hours: Hours {
            from_min: from + shift,
            to_min: to + shift,
        },
    };
    let windows = WindowsSpec {
        zone: "UTC".to_owned(),
        windows: vec![window(0, 1), window(2, 4), window(5, 9), window(12, 700)],
        ..WindowsSpec::default()
    };
    let serve = |mode: ServeMode, when_closing| ServeSpec {
        mode,
        windows,
        when_closing,
        peaks: if mode.has_peaks() {
            peaks()
        } else {
            PeaksSpec::default()
        },
        ..ServeSpec::default()
    };
    match (variant, place) {
        (1, 1) => serve(ServeMode::WindowsAndPeaks, WhenClosing::Callback),
        (3, 1) => serve(ServeMode::WindowsAndPeaks, WhenClosing::Overflow),
        (5, 1) => serve(ServeMode::Windows, WhenClosing::Overflow),
        (6, 0) => serve(ServeMode::WindowsAndPeaks, WhenClosing::Serve),
        (4, 2) => ServeSpec {
            share_percent: 50,
            ..ServeSpec::default()
        },
        (7, 2) => ServeSpec {
            shadow: true,
            ..ServeSpec::default()
        },
        _ => ServeSpec::default(),
    }
}

/// Short times, so that peaks come and go.
fn peaks() -> PeaksSpec {
    PeaksSpec {
        least_on_ms: 60_000,
        least_off_ms: 10_000,
        site_waiting_on: 5,
        site_waiting_off: 2,
        ..PeaksSpec::default()
    }
}

/// With a selection policy for each queue, in turn, and groups that order queues and are ordered by them.
fn choosy(variant: u8, mut queues: Vec<QueueSpec>) -> PoolSpec {
    let policies = [
        Selection::LeastOccupied,
        Selection::MostSkilled,
        Selection::LeastSkilled,
        Selection::LongestIdle,
    ];
    for (queue, place) in queues.iter_mut().zip(usize::from(variant)..) {
        queue.selection = policies[place % 4];
    }
    let group = |name: &str, skills: &str, site_kinds: &[SiteKind], queues: &[&str]| GroupSpec {
        name: name.into(),
        skills: levels(skills),
        site_kinds: site_kinds.to_vec(),
        queues: queues.iter().map(QueueId::new).collect(),
    };
    let mut groups = vec![
        group("experts", "fr:3", &[], &["q2", "q0"]),
        group("at_home", "", &[SiteKind::Home, SiteKind::Telecentre], &[]),
    ];
    if variant % 2 == 1 {
        groups.push(group("others", "", &[], &["q1"]));
        queues[0].groups = vec!["at_home".into(), "experts".into()];
        queues[1].groups = vec!["others".into()];
    }
    // A quarter of all configurations balances its queues; goals differ.
    let order = [CallOrder::Urgency, CallOrder::Balanced][usize::from(variant / 2 % 2)];
    queues[0].goal_permille = 500;
    PoolSpec {
        groups,
        order,
        ..spec(queues)
    }
}

fn overflow(pool: Option<&str>) -> OverflowSpec {
    OverflowSpec {
        after_ms: 30_000,
        to_pool: pool.map(PoolId::new),
        to_queue: QueueId::new("q0"),
    }
}
