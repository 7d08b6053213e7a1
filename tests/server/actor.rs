//! The pool actor on paused time, with a store that fails to order.

use std::{sync::Arc, time::Duration};

use homeshore::{
    clock,
    engine::{
        Limits,
        agent::{Intent, Line, Work},
        command::{CallReport, Command, NewCall, SessionRef},
        ids::{AgentId, CallId, OfferId, PlatformKey, PoolId, QueueId, SkillName},
        profile::{AgentProfile, ProfileFields, Site, SiteKind, SkillLevel},
        spec::{PoolSpec, QueueSpec, RingSpec},
    },
    pool::{
        Condition, Outage, Pool, PoolError,
        hub::{Closing, ShotKind, Start},
        registry::{PoolLimits, Registry},
    },
    store::{
        Store,
        memory::{Fault, Memory},
    },
};

pub(super) fn limits() -> PoolLimits {
    PoolLimits {
        engine: Limits::default(),
        waiting_commands: 10_000,
        pools: 10,
        details_kept_ms: 365 * 86_400_000,
    }
}

pub(super) fn id() -> PoolId {
    PoolId::new("default")
}

pub(super) fn key() -> PlatformKey {
    PlatformKey {
        platform: "pbx".into(),
        instance: "one".into(),
    }
}

pub(super) fn spec() -> PoolSpec {
    let ring = RingSpec {
        after_ms: 0,
        skills: vec![french()],
        site_kinds: Vec::new(),
    };
    let queue = QueueSpec::new(QueueId::new("sales"), 20_000, vec![ring]);
    PoolSpec::new(id(), vec![queue])
}

fn french() -> SkillLevel {
    SkillLevel {
        skill: SkillName::new("french"),
        level: 1,
    }
}

pub(super) fn ann() -> AgentId {
    AgentId::new("ann")
}

fn profile(id: &str) -> AgentProfile {
    AgentProfile {
        id: AgentId::new(id),
        display_name: "".into(),
        skills: vec![french()],
        site: Site {
            id: "home".into(),
            kind: SiteKind::Home,
            region: "".into(),
            provider: "".into(),
        },
        address: "sip:ann@example.com".into(),
        team: "".into(),
        employer: "".into(),
        terms: None,
    }
}

pub(super) fn route(id: &str) -> Command {
    Command::RouteCall(Box::new(NewCall {
        id: CallId::new(id),
        queue: QueueId::new("sales"),
        key: key(),
        priority: "".into(),
        skills: Vec::new(),
        waited_ms: 0,
        is_wait_shown: false,
        preferred: None,
        attributes: Arc::default(),
        origin: None,
        digest: "0".into(),
    }))
}

/// A pool with one queue and one agent.
pub(super) async fn pool_on(store: &Memory, limits: PoolLimits) -> (Registry, Pool) {
    pool_of(store, limits, spec()).await
}

/// The same with another configuration.
pub(super) async fn pool_of(
    store: &Memory,
    limits: PoolLimits,
    spec: PoolSpec,
) -> (Registry, Pool) {
    let registry = Registry::new(Arc::new(store.clone()), limits);
    let pool = registry.get_or_create(&spec.id).await.unwrap();
    pool.submit(Command::ApplyPool(Box::new(spec)))
        .await
        .unwrap();
    let agents = vec![profile("ann")];
    let fields = ProfileFields::ALL;
    pool.submit(Command::ApplyAgents { agents, fields })
        .await
        .unwrap();
    (registry, pool)
}

pub(super) fn has_call(pool: &Pool, id: &str) -> bool {
    pool.view().read().call(&CallId::new(id)).is_some()
}

pub(super) fn line(pool: &Pool) -> Line {
    pool.view().read().agent(&ann()).unwrap().value.line
}

/// Waits, in paused time, until this holds.
pub(super) async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let outcome = tokio::time::timeout(Duration::from_secs(120), waiting).await;
    assert!(outcome.is_ok(), "{what} did not come to be");
}

#[tokio::test(start_paused = true)]
async fn a_commit_of_unknown_outcome_is_tried_until_it_is_known() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    store.script([Fault::Before, Fault::After, Fault::Torn]);
    let reply = pool
        .submit(route("c1"))
        .await
        .expect("the caller sees no fault");
    assert!(has_call(&pool, "c1"), "the view moves before the answer");
    assert_eq!(reply.revision, pool.view().read().revision());
    let again = pool.submit(route("c1")).await.unwrap();
    assert_eq!(again.events, [], "the call is known");
}

#[tokio::test(start_paused = true)]
async fn callers_are_held_for_ten_seconds_then_told_and_the_batch_goes_on() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    store.set_down(true);
    let mut first = pool.send(route("c1")).unwrap();
    let before = clock::instant();
    let told = first.outcome().await.unwrap_err();
    assert_eq!(told, PoolError::Unavailable(Outage::StoreDown));
    assert!(told.retry_after().is_some());
    assert_eq!(before.elapsed().as_secs(), 10);
    let told = pool.submit(route("c2")).await.unwrap_err();
    assert_eq!(told, PoolError::Unavailable(Outage::StoreDown));
    assert_eq!(
        before.elapsed().as_secs(),
        10,
        "later callers are told at once"
    );
    assert_eq!(pool.condition(), Condition::Stalled);
    assert!(
        !has_call(&pool, "c1"),
        "nothing is shown before it is stored"
    );

    store.set_down(false);
    until("the commit", || pool.condition() == Condition::Open).await;
    assert!(has_call(&pool, "c1"), "the batch was on its way");
    assert!(
        !has_call(&pool, "c2"),
        "a caller who was told was not taken"
    );
    pool.submit(route("c2")).await.expect("the pool works");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_seen_and_waited_for() {
    let store = Memory::default();
    let (registry, pool) = pool_on(&store, limits()).await;
    store.script([Fault::Delay(Duration::from_secs(5))]);
    let mut first = pool.send(route("c1")).unwrap();
    until("the stall", || pool.condition() == Condition::Stalled).await;
    assert_eq!(registry.not_ready(), ["pool `default` waits for its store"]);
    first.outcome().await.expect("five seconds are waited for");
    assert_eq!(registry.not_ready(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_fenced_pool_is_opened_again() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    pool.submit(route("c1")).await.unwrap();
    store.acquire(&id()).await.unwrap();
    let told = pool.submit(route("c2")).await.unwrap_err();
    assert_eq!(told, PoolError::Unavailable(Outage::Opening));
    until("the pool", || pool.condition() == Condition::Open).await;
    assert!(has_call(&pool, "c1"));
    pool.submit(route("c2"))
        .await
        .expect("the same pool works again");
}

#[tokio::test(start_paused = true)]
async fn what_is_shown_after_a_restart_is_what_was_stored() {
    let store = Memory::default();
    let (registry, pool) = pool_on(&store, limits()).await;
    pool.submit(route("c1")).await.unwrap();
    let revision = pool.view().read().revision();
    registry.close().await;
    assert_eq!(pool.condition(), Condition::Closed);
    let registry = Registry::new(Arc::new(store.clone()), limits());
    registry.open_stored().await.unwrap();
    let pool = registry.get(&id()).unwrap();
    assert!(has_call(&pool, "c1"));
    assert!(pool.view().read().revision() >= revision);
}

#[tokio::test(start_paused = true)]
async fn a_pool_with_too_much_to_do_refuses() {
    let store = Memory::default();
    let few = PoolLimits {
        waiting_commands: 4,
        ..limits()
    };
    let (_registry, pool) = pool_on(&store, few).await;
    store.script([Fault::Delay(Duration::from_secs(1))]);
    let mut tickets = vec![pool.send(route("c0")).unwrap()];
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut refused = 0;
    for number in 1..10 {
        match pool.send(route(&format!("c{number}"))) {
            Ok(ticket) => tickets.push(ticket),
            Err(error) => {
                assert_eq!(error, PoolError::Overloaded);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 5, "four wait while one batch is on its way");
    for mut ticket in tickets {
        ticket.outcome().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn commands_that_wait_share_one_commit() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    store.script([Fault::Delay(Duration::from_millis(50))]);
    let mut first = pool.send(route("c0")).unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    let mut others: Vec<_> = (1..500)
        .map(|n| pool.send(route(&format!("c{n}"))).unwrap())
        .collect();
    let first = first.outcome().await.unwrap().revision;
    for ticket in &mut others {
        assert_eq!(ticket.outcome().await.unwrap().revision, first + 1);
    }
}

pub(super) async fn sign_in(pool: &Pool) -> u64 {
    pool.submit(Command::OpenSession {
        agent: ann(),
        stream: true,
    })
    .await
    .unwrap();
    let session = pool.view().read().agent(&ann()).unwrap().value.session;
    pool.presence().session_opened(&ann(), session);
    let by = SessionRef {
        agent: ann(),
        session,
        sequence: 1,
    };
    let intent = Some(Intent::Ready);
    pool.submit(Command::SetIntent { by, intent })
        .await
        .unwrap();
    session
}

#[tokio::test(start_paused = true)]
async fn a_session_without_a_sign_falls_silent_is_lost_and_comes_back() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    let session = sign_in(&pool).await;
    let start = clock::instant();
    until("silence", || matches!(line(&pool), Line::Silent { .. })).await;
    assert_eq!(start.elapsed().as_secs(), 6);
    until("loss", || matches!(line(&pool), Line::Lost { .. })).await;
    assert_eq!(start.elapsed().as_secs(), 10);
    pool.presence().session_heard(&ann(), session);
    until("a sign", || line(&pool) == Line::Up).await;
    pool.presence().session_closed(&ann(), session);
    until("silence at once", || {
        matches!(line(&pool), Line::Silent { .. })
    })
    .await;
    assert!(start.elapsed().as_secs() < 12);
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_is_a_sign_for_as_long_as_it_lasts() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    let session = sign_in(&pool).await;
    let sign = homeshore::pool::presence::Poll::of_session(pool.shared(), &ann(), session);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(line(&pool), Line::Up);
    drop(sign);
    until("silence", || matches!(line(&pool), Line::Silent { .. })).await;
}

#[tokio::test(start_paused = true)]
async fn sessions_and_platforms_are_made_known_to_a_pool_that_was_opened_again() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    let session = sign_in(&pool).await;
    pool.presence().platform_heard(&key());
    pool.submit(route("c1")).await.unwrap();
    store.acquire(&id()).await.unwrap();
    let _fenced = pool.submit(route("c2")).await;
    pool.presence().session_heard(&ann(), session);
    pool.presence().platform_heard(&key());
    until("an offer in the pool that was opened again", || {
        let state = pool.view().read();
        let agent = &state.agent(&ann()).unwrap().value;
        agent.line == Line::Up && matches!(agent.work, Work::Offered { .. })
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_reads_too_slowly_is_closed_and_can_come_back() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    let mut slow = pool.hub().attach(pool.view(), &key(), 0);
    pool.presence().platform_opened(&key());
    let tickets: Vec<_> = (0..4_200)
        .map(|n| pool.send(route(&format!("c{n}"))).unwrap())
        .collect();
    for mut ticket in tickets {
        ticket.outcome().await.unwrap();
    }
    assert_eq!(slow.closing.closed().await, Closing::Overflow);
    let first = slow.events.recv().await.unwrap().number;
    let snapshot = pool.hub().attach(pool.view(), &key(), first);
    let Start::Snapshot(calls) = snapshot.start else {
        panic!("the memory does not go back so far");
    };
    assert_eq!(calls.len(), 4_200);
    let newest = pool.view().read().event_number();
    let resumed = pool.hub().attach(pool.view(), &key(), newest);
    assert!(matches!(resumed.start, Start::Resumed(missed) if missed.is_empty()));
    assert_eq!(snapshot.closing.closed().await, Closing::Replaced);
}

#[tokio::test(start_paused = true)]
async fn a_platform_without_a_sign_is_detached_and_its_stream_closed() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    pool.submit(Command::AttachPlatform { key: key() })
        .await
        .unwrap();
    let stream = pool.hub().attach(pool.view(), &key(), 0);
    pool.presence().platform_opened(&key());
    let start = clock::instant();
    assert_eq!(stream.closing.closed().await, Closing::Silent);
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn the_platform_of_a_long_conversation_is_asked_and_then_it_is_over() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    let mut asking = spec();
    asking.queues[0].longest_call_ms = 60_000;
    let calm = Command::ApplyPool(Box::new(asking));
    pool.submit(calm).await.unwrap();
    sign_in(&pool).await;
    let mut stream = pool.hub().attach(pool.view(), &key(), 0);
    pool.submit(route("c1")).await.unwrap();
    let by = || SessionRef {
        agent: ann(),
        session: 1,
        sequence: 0,
    };
    let offer = OfferId(1);
    let accept = Command::AcceptOffer { by: by(), offer };
    pool.submit(accept).await.unwrap();
    let answered = Command::ReportCall {
        call: CallId::new("c1"),
        offer: Some(offer),
        report: CallReport::Answered,
    };
    pool.submit(answered).await.unwrap();
    let start = clock::instant();
    let mut next = async |kind| loop {
        let event = stream.events.recv().await.expect("the stream goes on");
        if event.shot.kind == kind {
            return event.shot.call.clone().into_live();
        }
    };
    let asked = next(ShotKind::Questioned).await.expect("it still lives");
    assert_eq!(start.elapsed().as_secs(), 60);
    let by = asked.talk.asked_until.expect("a time to answer by");
    assert_eq!(by, pool.view().read().now().plus(60_000));
    assert_eq!(next(ShotKind::Ended).await, None);
    assert_eq!(start.elapsed().as_secs(), 120);
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_polls_for_a_call_counts_as_attached() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    pool.submit(route("c1")).await.unwrap();
    pool.presence().platform_heard(&key());
    let sign = homeshore::pool::presence::Poll::of_platform(pool.shared(), &key());
    tokio::time::sleep(Duration::from_secs(60)).await;
    let detached = || {
        let view = pool.view().read();
        let call = view
            .call(&CallId::new("c1"))
            .unwrap()
            .value
            .as_ref()
            .clone();
        call.into_live().expect("it waits").detached_at.is_some()
    };
    assert!(!detached(), "it is there");
    drop(sign);
    until("detachment", detached).await;
}
