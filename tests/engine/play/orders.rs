//! Random orders with small numbers for names, so that histories meet often.

use homeshore::engine::{agent::Intent, command::CallReport, talk::TalkKind};
use proptest::{collection::SizeRange, prelude::*};

/// So many agents have names.
pub(super) const AGENTS: u8 = 6;
const CALLS: u8 = 12;

/// An order to the pool; what it names is found when it is its turn.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    Route {
        call: u8,
        queue: u8,
        priority: u8,
        skill: u8,
        waited: u16,
    },
    Report {
        call: u8,
        stale: bool,
        report: CallReport,
    },
    Cancel {
        call: u8,
    },
    Halt {
        queue: u8,
        closed: bool,
        ends_waiting: bool,
        for_ms: Option<u64>,
    },
    Resume {
        queue: u8,
    },
    Callback {
        call: u8,
        after: u16,
    },
    Transfer {
        call: u8,
        queue: u8,
        agent: Option<u8>,
    },
    Move {
        call: u8,
        queue: u8,
    },
    Open {
        agent: u8,
        stream: bool,
    },
    Register {
        agent: u8,
        key: u8,
        for_ms: Option<u64>,
    },
    Line {
        agent: u8,
        heard: bool,
    },
    Intent {
        agent: u8,
        intent: Option<Intent>,
    },
    Accept {
        agent: u8,
    },
    Decline {
        agent: u8,
    },
    Finish {
        agent: u8,
        next: Option<Intent>,
    },
    Extend {
        agent: u8,
    },
    External {
        agent: u8,
        on: bool,
    },
    End {
        agent: u8,
    },
    Trouble {
        agent: u8,
        what: Said,
    },
    Platform {
        key: u8,
        on: bool,
    },
    Declare {
        key: u8,
        upto: u8,
    },
    Agent {
        agent: u8,
        skills: u8,
    },
    Delete {
        agent: u8,
        drain: bool,
    },
    Pool {
        variant: u8,
    },
    Supervise {
        agent: u8,
        what: Supervised,
    },
    /// An answer of a client's request with this content.
    Keep(u8, u8, u8),
    /// What is said of a queue's demand.
    Demand {
        queue: u8,
        what: Demanded,
    },
    /// The calendar is set so far ahead.
    Clock {
        ahead_s: u16,
    },
    Blackout,
    /// Nothing is worked off for so long.
    Stall {
        ms: u32,
    },
    Restart,
    /// A client reports a check, which is good, middling or bad.
    Check {
        agent: u8,
        id: u8,
        quality: u8,
    },
    /// What a planner does.
    Plan {
        agent: u8,
        what: Planned,
    },
}

/// What a planner does about an agent's shifts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Planned {
    Draft,
    Stage,
    Publish,
    Drop,
    Revise,
    Restore,
    Forget,
}

/// What is said of a queue's demand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Demanded {
    Site { waiting: Option<u8>, all: bool },
    Judge { high: bool, short: Option<u8> },
    Declare { for_ms: u64 },
    End,
    Import { forecast: bool },
}

/// What an agent says of being in trouble.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Said {
    Line { bad: bool },
    Absent { unwell: bool, for_ms: u64 },
    Back { unwell: bool },
    Read,
}

/// What a supervisor orders about an agent, or the agent's site.
#[derive(Clone, Debug)]
pub(crate) enum Supervised {
    Hold {
        for_ms: u64,
    },
    Release,
    Intent(Intent),
    Drain,
    Undrain,
    /// So many messages, one after the other.
    Tell {
        team: bool,
        times: u8,
    },
}

fn reports() -> impl Strategy<Value = CallReport> {
    prop::sample::select(vec![
        CallReport::Answered,
        CallReport::Answered,
        CallReport::Answered,
        CallReport::NoAnswer,
        CallReport::Busy,
        CallReport::Rejected,
        CallReport::Failed,
        CallReport::CallerGone,
        CallReport::CustomerUnreached,
        CallReport::CustomerUnreached,
        CallReport::AgentAnswered,
        CallReport::Ended,
        CallReport::Ended,
        CallReport::Rescinded,
        CallReport::Talk(TalkKind::OnHold),
        CallReport::Talk(TalkKind::Talking),
        CallReport::Talk(TalkKind::Talking),
        CallReport::NotConnected,
    ])
}

fn intents() -> impl Strategy<Value = Intent> {
    prop::sample::select(vec![
        Intent::Ready,
        Intent::Ready,
        Intent::NotReady("break".into()),
        Intent::Offline,
    ])
}

fn orders() -> impl Strategy<Value = Order> {
    let agent = || 0..AGENTS;
    let call = || 0..CALLS;
    prop_oneof![
        12 => (call(), 0u8..3, 0u8..3, 0u8..4, 0u16..200).prop_map(
            |(call, queue, priority, skill, waited)| Order::Route { call, queue, priority, skill, waited }),
        16 => (call(), prop::bool::weighted(0.1), reports())
            .prop_map(|(call, stale, report)| Order::Report { call, stale, report }),
        1 => call().prop_map(|call| Order::Cancel { call }),
        1 => (0u8..3, any::<bool>(), any::<bool>(), prop::option::weighted(0.8, 1u64..20_000)).prop_map(
            |(queue, closed, ends_waiting, for_ms)| Order::Halt { queue, closed, ends_waiting, for_ms }),
        3 => (0u8..3).prop_map(|queue| Order::Resume { queue }),
        2 => (call(), 0u8..3).prop_map(|(call, queue)| Order::Move { call, queue }),
        4 => (call(), prop::option::of(0u16..30_000)).prop_map(|(call, after)| Order::Callback {
            call,
            after: after.unwrap_or(0),
        }),
        3 => (call(), 0u8..3, prop::option::of(agent()))
            .prop_map(|(call, queue, agent)| Order::Transfer { call, queue, agent }),
        4 => (agent(), any::<bool>()).prop_map(|(agent, stream)| Order::Open { agent, stream }),
        4 => (agent(), 0u8..2, prop::option::weighted(0.8, 1u64..90_000))
            .prop_map(|(agent, key, for_ms)| Order::Register { agent, key, for_ms }),
        3 => (agent(), any::<bool>()).prop_map(|(agent, heard)| Order::Line { agent, heard }),
        8 => (agent(), prop::option::weighted(0.9, intents()))
            .prop_map(|(agent, intent)| Order::Intent { agent, intent }),
        12 => agent().prop_map(|agent| Order::Accept { agent }),
        3 => agent().prop_map(|agent| Order::Decline { agent }),
        5 => (agent(), prop::option::weighted(0.3, intents()))
            .prop_map(|(agent, next)| Order::Finish { agent, next }),
        2 => (agent(), any::<bool>()).prop_map(|(agent, on)| Order::External { agent, on }),
        5 => agent().prop_map(|agent| Order::Extend { agent }),
        1 => agent().prop_map(|agent| Order::End { agent }),
        3 => (agent(), said()).prop_map(|(agent, what)| Order::Trouble { agent, what }),
        2 => (0u8..2, any::<bool>()).prop_map(|(key, on)| Order::Platform { key, on }),
        2 => (0u8..2, call()).prop_map(|(key, upto)| Order::Declare { key, upto }),
        1 => (agent(), 0u8..4).prop_map(|(agent, skills)| Order::Agent { agent, skills }),
        1 => (agent(), any::<bool>()).prop_map(|(agent, drain)| Order::Delete { agent, drain }),
        2 => (0u8..8).prop_map(|variant| Order::Pool { variant }),
        3 => (agent(), supervised()).prop_map(|(agent, what)| Order::Supervise { agent, what }),
        2 => (0u8..2, 0u8..3, 0u8..4)
            .prop_map(|(client, id, content)| Order::Keep(client, id, content)),
        4 => (0u8..3, demanded()).prop_map(|(queue, what)| Order::Demand { queue, what }),
        1 => (0u16..900).prop_map(|ahead_s| Order::Clock { ahead_s }),
        2 => Just(Order::Blackout),
        3 => (0u32..60_000).prop_map(|ms| Order::Stall { ms }),
        3 => Just(Order::Restart),
        4 => (agent(), any::<u8>(), 0u8..8).prop_map(|(agent, id, quality)| Order::Check { agent, id, quality }),
        2 => (agent(), planned()).prop_map(|(agent, what)| Order::Plan { agent, what }),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        2 => any::<bool>().prop_map(|bad| Said::Line { bad }),
        1 => (any::<bool>(), 1u64..60_000).prop_map(|(unwell, for_ms)| Said::Absent { unwell, for_ms }),
        1 => any::<bool>().prop_map(|unwell| Said::Back { unwell }),
        1 => Just(Said::Read),
    ]
}

fn demanded() -> impl Strategy<Value = Demanded> {
    let count = || prop::option::weighted(0.8, 0u8..10);
    prop_oneof![
        3 => (count(), any::<bool>()).prop_map(|(waiting, all)| Demanded::Site { waiting, all }),
        3 => (any::<bool>(), count()).prop_map(|(high, short)| Demanded::Judge { high, short }),
        2 => (1u64..90_000).prop_map(|for_ms| Demanded::Declare { for_ms }),
        1 => Just(Demanded::End),
        1 => any::<bool>().prop_map(|forecast| Demanded::Import { forecast }),
    ]
}

fn supervised() -> impl Strategy<Value = Supervised> {
    prop_oneof![
        2 => (1u64..60_000).prop_map(|for_ms| Supervised::Hold { for_ms }),
        1 => Just(Supervised::Release),
        3 => intents().prop_map(Supervised::Intent),
        1 => Just(Supervised::Drain),
        1 => (any::<bool>(), prop_oneof![9 => Just(1u8), 1 => Just(21)]).prop_map(|(team, times)| Supervised::Tell { team, times }),
        3 => Just(Supervised::Undrain),
    ]
}

/// Histories of so many orders.
pub(crate) fn histories(
    orders_of_one: impl Into<SizeRange>,
) -> impl Strategy<Value = Vec<(u64, Order)>> {
    let waits = prop_oneof![6 => 0u64..50, 6 => 0u64..4_000, 2 => 0u64..40_000, 1 => 0u64..400_000];
    prop::collection::vec((waits, orders()), orders_of_one)
}

fn planned() -> impl Strategy<Value = Planned> {
    prop_oneof![
        2 => Just(Planned::Draft),
        2 => Just(Planned::Stage),
        2 => Just(Planned::Publish),
        1 => Just(Planned::Drop),
        2 => Just(Planned::Revise),
        1 => Just(Planned::Restore),
        10 => Just(Planned::Forget),
    ]
}
