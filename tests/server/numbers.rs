//! The numbers of a pool are the same wherever they are shown: boards, lists and metrics, in the middle of work.

use std::collections::BTreeMap;

use homeshore::proto::v1::{self, WatchPoolResponse};
use tonic::Streaming;

use crate::support::{Desktop, World, agent, call, in_time, pool, queue, to_pool};

/// Metrics of `default` are those of every test at once.
const POOL: &str = "numbers";

fn here<T>(message: T) -> tonic::Request<T> {
    to_pool(POOL, message)
}

/// A board as its reader keeps it.
#[derive(Default)]
struct Board {
    queues: BTreeMap<String, v1::QueueStatus>,
    agents: BTreeMap<String, v1::Agent>,
    last: WatchPoolResponse,
}

impl Board {
    async fn take(&mut self, stream: &mut Streaming<WatchPoolResponse>) {
        let answer = in_time("an answer", stream.message()).await.unwrap();
        let answer = answer.expect("the board goes on");
        let rows = answer.queues.iter().cloned();
        self.queues.extend(rows.map(|row| (row.id.clone(), row)));
        let rows = answer.agents.iter().cloned();
        self.agents.extend(rows.map(|row| (row.id.clone(), row)));
        self.last = answer;
    }

    /// Reads on until the board is at this event.
    async fn catch_up(&mut self, stream: &mut Streaming<WatchPoolResponse>, event_number: u64) {
        while self.last.event_number < event_number {
            self.take(stream).await;
        }
    }
}

/// What the page of metrics says of the pool: the value of each name with its labels but the pool.
async fn metrics(world: &World) -> BTreeMap<String, String> {
    let (_, page) = world.http("/metrics").await;
    let label = format!("pool=\"{POOL}\"");
    let lines = page.lines().filter(|line| line.contains(&label));
    let lines = lines.map(|line| {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        let name = name
            .replace(&label, "")
            .replace("{,", "{")
            .replace("{}", "");
        (name, value.to_owned())
    });
    lines.collect()
}

#[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
fn seconds(at: prost_types::Timestamp) -> f64 {
    at.seconds as f64 + f64::from(at.nanos) / 1e9
}

/// Holds the page against a queue's row, number by number.
fn compare_queue(
    page: &BTreeMap<String, String>,
    row: &v1::QueueStatus,
    as_of: prost_types::Timestamp,
) {
    let id = &row.id;
    let count = |name: &str, shown: i32| {
        let name = format!("homeshore_{name}{{queue=\"{id}\"}}");
        (name, shown.to_string())
    };
    let total = |name: &str, shown: u64| {
        let name = format!("homeshore_{name}_total{{queue=\"{id}\"}}");
        (name, shown.to_string())
    };
    let level = |name: &str, shown: Option<f64>| {
        let name = format!("homeshore_service_level_ratio{{queue=\"{id}\",level=\"{name}\"}}");
        (name, shown.unwrap_or(f64::NAN).to_string())
    };
    let numbers = [
        count("calls_waiting", row.waiting),
        count("calls_offered", row.offered),
        count("calls_connected", row.connected),
        count("callbacks_waiting", row.callbacks_waiting),
        count("queue_halted", row.halt.is_some().into()),
        total("calls_accepted", row.accepted_total),
        total("calls_answered", row.answered_total),
        total("calls_answered_in_target", row.answered_in_target_total),
        total("calls_abandoned_in_target", row.abandoned_in_target_total),
        total("callbacks_requested", row.callbacks_requested_total),
        total("callbacks_answered", row.callbacks_answered_total),
        level("sl_offered", row.sl_offered),
        level("sl_answered", row.sl_answered),
        level("sl_excl_short", row.sl_excl_short),
        level("sl_offered_30min", row.sl_offered_30min),
    ];
    for (name, shown) in numbers {
        assert_eq!(page.get(&name), Some(&shown), "{name}");
    }
    let longest = &page[&format!("homeshore_longest_wait_seconds{{queue=\"{id}\"}}")];
    let Some(since) = row.longest_wait_since else {
        return assert_eq!(longest, "0", "nobody waits in {id}");
    };
    let longest: f64 = longest.parse().expect("a number");
    // The page is a moment younger.
    let least = seconds(as_of) - seconds(since);
    let younger = longest - least;
    assert!(
        (-0.01..20.0).contains(&younger),
        "{longest} s and {least} s"
    );
}

fn states(counts: &v1::AgentCounts) -> [(&'static str, i32); 8] {
    [
        ("offline", counts.offline),
        ("not_ready", counts.not_ready),
        ("available", counts.available),
        ("unreachable", counts.unreachable),
        ("offered", counts.offered),
        ("connected", counts.connected),
        ("wrap_up", counts.wrap_up),
        ("external", counts.external),
    ]
}

/// Holds the page against the numbers of the pool, agents and outages among them.
fn compare_pool(page: &BTreeMap<String, String>, told: &v1::GetPoolNumbersResponse) {
    let numbers = told.numbers.as_ref().unwrap();
    assert_eq!(numbers.agents_by_site_kind.len(), 3, "every kind");
    for of_kind in &numbers.agents_by_site_kind {
        let kind = of_kind.site_kind().as_str_name();
        let kind = kind.trim_start_matches("SITE_KIND_").to_lowercase();
        for (state, count) in states(&of_kind.counts.unwrap()) {
            let name = format!("homeshore_agents{{site_kind=\"{kind}\",state=\"{state}\"}}");
            assert_eq!(page[&name], count.to_string(), "{name}");
        }
    }
    for (place, (state, count)) in states(&told.agent_counts.unwrap()).into_iter().enumerate() {
        let kinds = numbers.agents_by_site_kind.iter();
        let sum: i32 = kinds
            .map(|kind| states(&kind.counts.unwrap())[place].1)
            .sum();
        assert_eq!(sum, count, "{state} of all kinds");
    }
    assert_eq!(
        page["homeshore_agents_held"],
        numbers.agents_held.to_string()
    );
    assert_eq!(
        page["homeshore_sites_drained"],
        numbers.sites_drained.to_string()
    );
    for kind in ["site", "region", "provider", "service"] {
        let open = told.outages.iter().filter(|outage| {
            let name = outage.domain().as_str_name();
            name.trim_start_matches("FAILURE_DOMAIN_").to_lowercase() == kind
        });
        let open = open.count().to_string();
        assert_eq!(
            page[&format!("homeshore_outages_open{{domain=\"{kind}\"}}")],
            open,
            "{kind}"
        );
    }
}

/// What the rows count is what the pool counts.
fn compare_sums(numbers: &v1::PoolNumbers, queues: &[v1::QueueStatus]) {
    let sum = |of: fn(&v1::QueueStatus) -> i32| -> i32 { queues.iter().map(of).sum() };
    let total = |of: fn(&v1::QueueStatus) -> u64| -> u64 { queues.iter().map(of).sum() };
    assert_eq!(numbers.waiting, sum(|row| row.waiting));
    assert_eq!(numbers.offered, sum(|row| row.offered));
    assert_eq!(numbers.connected, sum(|row| row.connected));
    assert_eq!(numbers.callbacks_waiting, sum(|row| row.callbacks_waiting));
    assert_eq!(numbers.accepted_total, total(|row| row.accepted_total));
    assert_eq!(numbers.answered_total, total(|row| row.answered_total));
    assert_eq!(
        numbers.answered_in_target_total,
        total(|row| row.answered_in_target_total)
    );
    assert_eq!(numbers.abandoned_total, total(|row| row.abandoned_total));
    assert_eq!(numbers.diverted_total, total(|row| row.diverted_total));
    let since = queues.iter().filter_map(|row| row.longest_wait_since);
    let oldest = since.min_by_key(|since| (since.seconds, since.nanos));
    assert_eq!(numbers.longest_wait_since, oldest);
}

/// The unary twins and the page, as of one event.
struct Looked {
    told: v1::GetPoolNumbersResponse,
    queues: Vec<v1::QueueStatus>,
    agents: Vec<v1::Agent>,
    sites: Vec<v1::SiteStatus>,
    page: BTreeMap<String, String>,
}

async fn numbers(world: &World) -> v1::GetPoolNumbersResponse {
    let asked = here(v1::GetPoolNumbersRequest {});
    let told = world.supervision().get_pool_numbers(asked).await;
    told.unwrap().into_inner()
}

async fn look(world: &World) -> Looked {
    let told = numbers(world).await;
    let list = here(v1::ListQueuesRequest::default());
    let queues = world.supervision().list_queues(list).await.unwrap();
    let list = here(v1::ListAgentsRequest::default());
    let agents = world.directory().list_agents(list).await.unwrap();
    let list = here(v1::ListSitesRequest {
        drained_only: true,
        ..v1::ListSitesRequest::default()
    });
    let sites = world.supervision().list_sites(list).await.unwrap();
    Looked {
        told,
        queues: queues.into_inner().queues,
        agents: agents.into_inner().agents,
        sites: sites.into_inner().sites,
        page: metrics(world).await,
    }
}

/// Every place that shows numbers, compared with every other. Lines and platforms fall silent by themselves: what was
/// looked at is of one moment if no event came meanwhile.
async fn compare(
    world: &World,
    board: &mut Board,
    stream: &mut Streaming<WatchPoolResponse>,
) -> v1::PoolNumbers {
    let looked = loop {
        let looked = look(world).await;
        board.catch_up(stream, looked.told.event_number).await;
        let now = numbers(world).await.event_number;
        if [looked.told.event_number, board.last.event_number] == [now; 2] {
            break looked;
        }
    };
    let Looked {
        told,
        queues,
        mut agents,
        sites,
        page,
    } = looked;
    assert_eq!(board.last.numbers, told.numbers);
    assert_eq!(board.last.agent_counts, told.agent_counts);
    assert_eq!(board.last.outages, told.outages);
    let shown: Vec<v1::QueueStatus> = board.queues.values().cloned().collect();
    assert_eq!(shown, queues);
    compare_sums(told.numbers.as_ref().unwrap(), &queues);
    for agent in &mut agents {
        agent.address.clear();
        let status = agent.status.as_mut().unwrap();
        if let Some(offer) = &mut status.offer {
            offer.address.clear();
        }
    }
    let shown: Vec<v1::Agent> = board.agents.values().cloned().collect();
    assert_eq!(shown, agents);
    let held = agents
        .iter()
        .filter(|agent| agent.status.as_ref().unwrap().hold.is_some());
    let numbers = told.numbers.clone().unwrap();
    assert_eq!(i32::try_from(held.count()).unwrap(), numbers.agents_held);
    assert_eq!(i32::try_from(sites.len()).unwrap(), numbers.sites_drained);
    let as_of = told.as_of.unwrap();
    for row in &queues {
        compare_queue(&page, row, as_of);
    }
    compare_pool(&page, &told);
    numbers
}

async fn set_up() -> World {
    let world = World::start().await;
    let mut second = queue("support");
    second.callback = Some(v1::CallbackPolicy::default());
    let pool = v1::Pool {
        id: POOL.into(),
        queues: vec![queue("sales"), second],
        ..pool()
    };
    world.apply_pool(pool).await.unwrap();
    let at_centre = |id: &str| {
        let mut agent = agent(id);
        let site = agent.site.as_mut().unwrap();
        (site.id, site.kind) = ("centre".to_owned(), v1::SiteKind::Telecentre.into());
        agent
    };
    let centre = ["t1", "t2", "t3", "t4", "t5"].map(at_centre);
    let homes = ["ann", "bob", "cid"].map(agent);
    let agents = here(v1::ApplyAgentsRequest {
        agents: homes.into_iter().chain(centre).collect(),
        ..v1::ApplyAgentsRequest::default()
    });
    world.directory().apply_agents(agents).await.unwrap();
    world
}

async fn route(world: &World, ids: &[&str], queue: &str) {
    for id in ids {
        let call = v1::RouteCallRequest {
            queue: queue.into(),
            ..call(id)
        };
        world.routing().route_call(here(call)).await.unwrap();
    }
}

/// Supervisors at work, and callers who leave or want to be called back.
async fn intervene(world: &World) {
    let (supervisor, reason) = ("sue".to_owned(), "drill".to_owned());
    let mut until = numbers(world).await.as_of.unwrap();
    until.seconds += 3_600;
    let hold = v1::HoldAgentRequest {
        request_id: String::new(),
        agent_id: "cid".into(),
        until: Some(until),
        reason: reason.clone(),
        supervisor: supervisor.clone(),
    };
    world.supervision().hold_agent(here(hold)).await.unwrap();
    let drain = v1::DrainSiteRequest {
        request_id: String::new(),
        site: "home-cid".into(),
        reason: reason.clone(),
        supervisor: supervisor.clone(),
    };
    world.supervision().drain_site(here(drain)).await.unwrap();
    let back = v1::RequestCallbackRequest {
        call_id: "p2".into(),
        not_before: None,
    };
    world.routing().request_callback(here(back)).await.unwrap();
    let gone = v1::ReportCallRequest {
        call_id: "s3".into(),
        report: v1::CallReport::CallerGone.into(),
        ..v1::ReportCallRequest::default()
    };
    world.routing().report_call(here(gone)).await.unwrap();
    let pause = v1::PauseQueueRequest {
        request_id: String::new(),
        queue: "sales".into(),
        supervisor,
        reason,
        until: None,
    };
    world.supervision().pause_queue(here(pause)).await.unwrap();
    route(world, &["s9"], "sales").await;
}

#[tokio::test]
async fn every_number_is_the_same_on_boards_in_lists_and_in_metrics() {
    let world = set_up().await;
    let watch = v1::WatchPoolRequest {
        interval: Some(prost_types::Duration {
            seconds: 0,
            nanos: 100_000_000,
        }),
        ..v1::WatchPoolRequest::default()
    };
    let stream = world.supervision().watch_pool(here(watch)).await.unwrap();
    let (mut stream, mut board) = (stream.into_inner(), Board::default());
    board.take(&mut stream).await;
    assert!(board.last.snapshot);
    let empty = compare(&world, &mut board, &mut stream).await;
    assert_eq!(empty.accepted_total, 0);

    let mut ann = Desktop::connect_in(&world, POOL, "ann").await;
    assert_eq!(ann.intent(v1::Intent::Ready, "").await, None);
    let mut centre = Vec::new();
    for id in ["t1", "t2", "t3", "t4", "t5"] {
        let mut desktop = Desktop::connect_in(&world, POOL, id).await;
        let refusal = desktop.intent(v1::Intent::NotReady, "break").await;
        assert_eq!(refusal, None);
        centre.push(desktop);
    }
    route(&world, &["s1", "s2", "s3"], "sales").await;
    route(&world, &["p1", "p2"], "support").await;
    let offered = ann
        .until(v1::Work::Offered)
        .await
        .status
        .unwrap()
        .offer
        .unwrap();
    compare(&world, &mut board, &mut stream).await;

    assert_eq!(ann.accept(&offered.id).await, None);
    let answered = v1::ReportCallRequest {
        call_id: offered.call_id.clone(),
        offer_id: offered.id.clone(),
        report: v1::CallReport::Answered.into(),
    };
    world.routing().report_call(here(answered)).await.unwrap();
    intervene(&world).await;
    drop(centre);
    let outage = async {
        loop {
            board.take(&mut stream).await;
            if !board.last.outages.is_empty() {
                return;
            }
        }
    };
    in_time("an outage", outage).await;
    let busy = compare(&world, &mut board, &mut stream).await;
    assert_eq!(
        (busy.connected, busy.waiting, busy.callbacks_waiting),
        (1, 2, 1)
    );
    assert_eq!(
        (busy.agents_held, busy.sites_drained, busy.diverted_total),
        (1, 1, 1)
    );
    assert_eq!((busy.answered_total, busy.abandoned_total), (1, 1));
}
