//! The journal keeps to its page, and tells nothing that is not for others.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use homeshore::{
    engine::{event::Event, ids::PoolTime},
    pool::journal,
};
use serde_json::{Map, Value};

/// What random histories put where the journal must not look: each holds this word.
pub(crate) const SECRET: &str = "confidential";

/// The keys of each event, as the page has them, and whether a line may be without.
static PAGE: LazyLock<BTreeMap<String, BTreeMap<String, bool>>> = LazyLock::new(read_page);

fn read_page() -> BTreeMap<String, BTreeMap<String, bool>> {
    let page = include_str!("../../proto/EVENTS.md");
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.split(" | ");
        let name = cells.next()?.strip_prefix("| `")?.strip_suffix('`')?;
        let keys = cells.next()?.split(", ").filter_map(|key| {
            let key = key.strip_prefix('`')?;
            let optional = key.ends_with('?');
            Some((
                key.trim_end_matches('?').trim_end_matches('`').to_owned(),
                optional,
            ))
        });
        Some((name.to_owned(), keys.collect()))
    });
    rows.collect()
}

/// The line of an event, held to the page.
pub(crate) fn checked(event: &Event) -> Map<String, Value> {
    let line = journal::line(7, PoolTime(1_700_000_000_123), event);
    assert!(!line.contains(SECRET), "not for others: {line}");
    let Ok(Value::Object(mut object)) = serde_json::from_str(&line) else {
        panic!("no object: {line}");
    };
    assert_eq!(object.remove("number"), Some(Value::from(7)), "{line}");
    let time = object.remove("time");
    assert_eq!(time, Some("2023-11-14T22:13:20.123Z".into()), "{line}");
    let name = object["event"].as_str().expect("a name");
    let keys = PAGE
        .get(name)
        .unwrap_or_else(|| panic!("not on the page: {line}"));
    let unknown = object
        .keys()
        .find(|key| *key != "event" && !keys.contains_key(*key));
    assert_eq!(unknown, None, "not on the page: {line}");
    let missing = keys
        .iter()
        .find(|(key, optional)| !**optional && !object.contains_key(*key));
    assert_eq!(missing, None, "promised by the page: {line}");
    object
}

/// Each event and key of the page, as random histories count what they reached.
pub(crate) fn promises() -> BTreeSet<String> {
    let of_event = |(name, keys): (&String, &BTreeMap<String, bool>)| {
        let keys = keys.keys().map(|key| kind(name, key)).collect::<Vec<_>>();
        [name.clone()].into_iter().chain(keys)
    };
    PAGE.iter().flat_map(of_event).collect()
}

/// How a key of an event is counted.
pub(crate) fn kind(event: &str, key: &str) -> String {
    format!("journal:{event}.{key}")
}

#[test]
fn the_page_tells_of_every_event() {
    assert_eq!(PAGE.len(), 79, "events of the page");
    let few = PAGE["answer_kept"].len();
    assert_eq!(few, 0, "nothing else");
    assert_eq!(PAGE["call_ended"].get("agent_id"), Some(&true));
    assert_eq!(PAGE["call_ended"].get("outcome"), Some(&false));
}
