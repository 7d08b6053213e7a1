//! Random histories: whatever is asked, in whatever order, the rules hold, the index decides and orders as the reference
//! does, what is explained is so, and the store rebuilds the pool.

use std::{collections::BTreeSet, thread};

use proptest::{collection::SizeRange, prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::{
    journal,
    play::{Order, Play, histories},
};

/// So many histories are played.
const HISTORIES: u32 = 500;
/// The most orders of one.
const ORDERS: usize = 500;
/// Sets another number of histories, each of all orders then.
const HISTORIES_VARIABLE: &str = "HOMESHORE_HISTORIES";

/// How many histories there are to be, and how long they are.
fn size() -> (u32, SizeRange) {
    let Some(given) = std::env::var_os(HISTORIES_VARIABLE) else {
        return (HISTORIES, (1..=ORDERS).into());
    };
    let number = given.to_str().and_then(|text| text.parse().ok());
    let number =
        number.unwrap_or_else(|| panic!("{HISTORIES_VARIABLE} is no number: {}", given.display()));
    (number, ORDERS.into())
}

#[test]
fn rules_hold_in_random_histories() {
    let (number, orders) = size();
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = u32::try_from(threads).expect("few threads");
    let share = |thread| number / threads + u32::from(thread < number % threads);
    thread::scope(|scope| {
        for cases in (0..threads).map(share) {
            let orders = orders.clone();
            scope.spawn(move || play_some(cases, orders));
        }
    });
    println!("{number} histories kept the rules");
}

fn play_some(cases: u32, orders: SizeRange) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&histories(orders), |history| {
        play(&history);
        Ok(())
    });
    if let Err(broken) = outcome {
        panic!("{broken}");
    }
}

fn play(history: &[(u64, Order)]) {
    let mut play = Play::new();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        for (at, (wait, order)) in history.iter().enumerate() {
            play.step(*wait, order);
            if at % 25 == 0 {
                play.check_store();
            }
        }
        play.check_store();
    }));
    if let Err(panic) = outcome {
        let tail = play.log.len().saturating_sub(40);
        eprintln!("{}", play.log[tail..].join("\n"));
        std::panic::resume_unwind(panic);
    }
}

/// A property that never meets a state proves nothing about it.
#[test]
fn random_histories_reach_every_event() {
    let mut runner = TestRunner::deterministic();
    let mut missing: BTreeSet<String> = ALL_KINDS.iter().map(ToString::to_string).collect();
    missing.extend(journal::promises());
    for _ in 0..1_500 {
        let history = histories(1..400).new_tree(&mut runner).unwrap().current();
        let mut play = Play::new();
        for (wait, order) in &history {
            play.step(*wait, order);
        }
        missing.retain(|kind| !play.kinds.contains(kind));
        if missing.is_empty() {
            return;
        }
    }
    panic!("never reached: {missing:?}");
}

const ALL_KINDS: &[&str] = &[
    "told:offline",
    "told:not_ready",
    "told:lacks_skill",
    "told:site_kind",
    "told:refused",
    "told:offered",
    "told:connected",
    "told:wrap_up",
    "told:external",
    "told:line_silent",
    "told:line_lost",
    "told:line_quality",
    "told:site_drained",
    "told:supervisor_hold",
    "told:rescind_open",
    "told:out_of_shift",
    "told:shift_ending",
    "told:readiness_missing",
    "told:readiness_stale",
    "told:missed",
    "told:platform_detached",
    "told:next",
    "pool_applied",
    "pool_restored",
    "agent_applied",
    "agent_deleted",
    "agent_draining",
    "offer_ended:agent_draining",
    "platform_attached",
    "platform_detached",
    "platform_forgotten",
    "call_missed",
    "call_found",
    "call_queued",
    "queue_halted:paused",
    "queue_halted:closed",
    "queue_resumed",
    "queue_opened",
    "queue_shut",
    "queue_turn_moved",
    "calendar_set",
    "arrivals_missed",
    "volumes_imported",
    "site_load_reported",
    "interval_judged",
    "peak_started",
    "peak_changed",
    "peak_ended",
    "call_diverted:on_site",
    "callback_deferred",
    "call_diverted:closed",
    "call_diverted:full",
    "call_diverted:unstaffed",
    "call_diverted:no_agent_ever",
    "callback_requested",
    "callback_due",
    "callback_postponed",
    "call_moved:overflow",
    "call_moved:supervisor",
    "call_moved:transfer",
    "ring_entered",
    "refusals_forgotten",
    "offer_made",
    "offer_accepted",
    "offer_ended:declined",
    "offer_ended:no_answer",
    "offer_ended:busy",
    "offer_ended:failed",
    "offer_ended:line_lost",
    "offer_ended:customer_unreached",
    "offer_ended:caller_gone",
    "offer_ended:withdrawn",
    "offer_extended",
    "rescind_released",
    "call_connected",
    "talk_noted",
    "talk_questioned",
    "call_ended:handled",
    "call_ended:abandoned",
    "call_ended:overflowed",
    "call_ended:timed_out",
    "call_ended:lost",
    "call_ended:unreached",
    "call_ended:cancelled",
    "tombstone_dropped",
    "answer_kept",
    "answer_forgotten",
    "wrap_up_started",
    "wrap_up_extended",
    "wrap_up_ended",
    "external_started",
    "external_ended",
    "session_opened",
    "line_changed:up",
    "line_changed:silent",
    "line_changed:lost",
    "intent_changed:agent",
    "intent_changed:policy",
    "next_intent_changed",
    "occupancy_fixed",
    "preference_started",
    "preference_ended",
    "intent_changed:supervisor",
    "agent_held",
    "agent_released",
    "line_quality_changed",
    "registration_changed",
    "line_changed:registration",
    "message_sent",
    "message_ended:acknowledged",
    "message_ended:displaced",
    "absence_changed",
    "absence_changed:late",
    "absence_changed:unwell",
    "offer_ended:line_quality",
    "site_drained",
    "site_undrained",
    "offer_ended:site_drained",
    "outage_started",
    "outage_eased",
    "outage_ended",
    "misses_forgiven",
    "offer_ended:rescind",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_of_an_advance_gives_the_same_pool(history in histories(1..60), cut in 1u64..60_000) {
        let (mut once, mut twice) = (Play::new(), Play::new());
        for (wait, order) in &history {
            once.step(*wait, order);
            twice.step(*wait, order);
        }
        let end = once.world.now + 60_000;
        once.world.advance(end);
        twice.world.advance(end - 60_000 + cut);
        twice.world.advance(end);
        prop_assert_eq!(once.world.engine.dump(), twice.world.engine.dump());
    }
}
