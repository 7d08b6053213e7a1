//! A number on a page, in its file, in the API and among the metrics is one number.

use std::collections::BTreeMap;

use homeshore::proto::v1;

use crate::support::{Desktop, World, agent, call, get, pool, queue, to_pool};

/// Metrics of `default` are those of every test at once.
const POOL: &str = "board-numbers";

/// The lines of a CSV file by their first cell, each cell by the name of its column.
async fn table(world: &World, name: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let (status, text) = world
        .http(&format!("/pools/{POOL}/tables/{name}.csv?team=all"))
        .await;
    assert_eq!(status, 200, "{text}");
    let mut file = csv::Reader::from_reader(text.as_bytes());
    let lines: Vec<BTreeMap<String, String>> =
        file.deserialize().map(|line| line.unwrap()).collect();
    let first = file.headers().unwrap()[0].to_owned();
    lines
        .into_iter()
        .map(|line| (line[&first].clone(), line))
        .collect()
}

/// The cells of a row of a page, as text.
fn cells(page: &str, id: &str) -> Vec<String> {
    let begin = page
        .find(&format!("id=\"{id}\""))
        .unwrap_or_else(|| panic!("no {id} in {page}"));
    let row = &page[begin..begin + page[begin..].find("</tr>").unwrap()];
    let cells = row.split("<td").skip(1);
    let text = |cell: &str| {
        let inside = &cell[cell.find('>').unwrap() + 1..];
        let mut text = String::new();
        let mut is_tag = false;
        for character in inside.chars() {
            match character {
                '<' => is_tag = true,
                '>' => is_tag = false,
                other if !is_tag => text.push(other),
                _ => {}
            }
        }
        text.trim().to_owned()
    };
    cells.map(text).collect()
}

async fn at_work() -> World {
    let world = World::start().await;
    let mut small = queue("full");
    small.max_waiting = 1;
    let mut pool = pool();
    POOL.clone_into(&mut pool.id);
    pool.queues.push(small);
    world.apply_pool(pool).await.unwrap();
    let agents = v1::ApplyAgentsRequest {
        agents: vec![agent("ann"), agent("bob"), agent("cid")],
        ..v1::ApplyAgentsRequest::default()
    };
    world
        .directory()
        .apply_agents(to_pool(POOL, agents))
        .await
        .unwrap();
    world
}

#[tokio::test]
async fn a_number_is_the_same_wherever_it_is_shown() {
    let world = at_work().await;
    let mut ann = Desktop::connect_in(&world, POOL, "ann").await;
    assert_eq!(ann.intent(v1::Intent::Ready, "").await, None);
    for (id, queue) in [
        ("1", "sales"),
        ("2", "sales"),
        ("3", "sales"),
        ("4", "full"),
        ("5", "full"),
    ] {
        let mut call = call(id);
        queue.clone_into(&mut call.queue);
        world
            .routing()
            .route_call(to_pool(POOL, call))
            .await
            .unwrap();
    }
    let cancel = v1::CancelCallRequest {
        call_id: "3".to_owned(),
    };
    world
        .routing()
        .cancel_call(to_pool(POOL, cancel))
        .await
        .unwrap();
    let request = to_pool(POOL, v1::ListQueuesRequest::default());
    let told = world
        .supervision()
        .list_queues(request)
        .await
        .unwrap()
        .into_inner()
        .queues;
    let file = table(&world, "queues").await;
    let (_, page) = world.http(&format!("/pools/{POOL}?team=all")).await;
    let (_, metrics) = world.http("/metrics").await;
    assert_eq!(told.len(), 2);
    for row in &told {
        compare(
            row,
            &file[&row.id],
            &cells(&page, &format!("q:{}", row.id)),
            &metrics,
        );
    }
    assert_eq!(
        told.iter().map(|row| row.diverted_total).sum::<u64>(),
        1,
        "one queue is full"
    );
    compare_agents(&world, &page).await;
}

/// Holds a row of the API against the file, the page and the metrics.
fn compare(
    row: &v1::QueueStatus,
    file: &BTreeMap<String, String>,
    cells: &[String],
    metrics: &str,
) {
    let metric = |name: &str| {
        let begin = format!("homeshore_{name}{{pool=\"{POOL}\",queue=\"{}\"}} ", row.id);
        let line = metrics.lines().find_map(|line| line.strip_prefix(&begin));
        line.unwrap_or_else(|| panic!("no {begin}")).to_owned()
    };
    let numbers = [
        ("waiting", 0, row.waiting.to_string(), "calls_waiting"),
        ("ringing", 8, row.offered.to_string(), "calls_offered"),
        ("connected", 9, row.connected.to_string(), "calls_connected"),
        (
            "callbacks_waiting",
            10,
            row.callbacks_waiting.to_string(),
            "callbacks_waiting",
        ),
        (
            "answered",
            5,
            row.answered_total.to_string(),
            "calls_answered_total",
        ),
    ];
    for (column, cell, told, name) in numbers {
        assert_eq!(
            (&file[column], &cells[cell], metric(name)),
            (&told, &told, told.clone()),
            "{column} of {}",
            row.id
        );
    }
    assert_eq!(file["abandoned"], row.abandoned_total.to_string());
    assert_eq!(cells[6], row.abandoned_total.to_string());
    assert_eq!(
        (&file["diverted"], &cells[7]),
        (
            &row.diverted_total.to_string(),
            &row.diverted_total.to_string()
        )
    );
    let level = row
        .sl_offered
        .map_or_else(String::new, |share| share.to_string());
    assert_eq!(file["sl_offered"], level);
    let shown = row
        .sl_offered
        .map_or_else(|| "–".to_owned(), |share| format!("{:.1}%", share * 100.0));
    assert_eq!(cells[3].trim_start_matches("▼ "), shown);
    // Who has only just come has waited for 0 ms too.
    let nobody_waits = row.longest_wait_since.is_none();
    let longest_ms: u64 = file["longest_wait_ms"].parse().unwrap();
    assert!(!nobody_waits || longest_ms == 0, "{longest_ms} ms");
}

async fn compare_agents(world: &World, page: &str) {
    let request = to_pool(POOL, v1::GetPoolNumbersRequest {});
    let numbers = world
        .supervision()
        .get_pool_numbers(request)
        .await
        .unwrap()
        .into_inner();
    let counts = numbers.agent_counts.unwrap();
    let states = table(world, "states").await;
    let home = &states["home"];
    let all = [
        ("available", counts.available),
        ("offered", counts.offered),
        ("connected", counts.connected),
        ("wrap_up", counts.wrap_up),
        ("not_ready", counts.not_ready),
        ("unreachable", counts.unreachable),
        ("external", counts.external),
        ("offline", counts.offline),
    ];
    let begin = page.find("<tr class=\"all\">").unwrap();
    let row = &page[begin..begin + page[begin..].find("</tr>").unwrap()];
    let shown: Vec<&str> = row
        .split("<td class=\"n\">")
        .skip(1)
        .map(|cell| &cell[..cell.find('<').unwrap()])
        .collect();
    for ((state, count), shown) in all.iter().zip(shown) {
        assert_eq!(home[*state], count.to_string(), "{state} in the file");
        assert_eq!(shown, count.to_string(), "{state} on the page");
    }
    assert_eq!((counts.offered, counts.offline), (1, 2));
    let people = table(world, "agents").await;
    assert_eq!(people["ann"]["state"], "offered");
    assert_eq!(people["bob"]["state"], "offline");
    let sites = table(world, "sites").await;
    assert_eq!(sites[""]["offered"], "1", "all homes together");
}

#[tokio::test]
async fn a_table_that_is_not_there_is_told() {
    let world = World::with_agents().await;
    let address = world.server.http().to_string();
    for path in [
        "/pools/default/tables/x.csv",
        "/pools/none/tables/queues.csv",
        "/pools/default/queues/none",
        "/pools/default/calls/none",
    ] {
        let (status, page) = get(&address, path).await;
        assert_eq!(status, 404, "{path}");
        assert!(page.contains("<h1>Not found</h1>"), "{path}: {page}");
    }
}
