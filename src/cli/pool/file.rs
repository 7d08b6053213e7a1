//! Reads a pool's TOML file into the API's message.

use std::path::Path;

use super::serving;
use crate::{
    cli::{
        text::{self, Word},
        toml_file::{self, Findings, Section},
    },
    proto::v1::{
        AgentGroup, CallOrder, CallbackPolicy, Complexity, LabourRules, OfferMode, Overflow, Pool,
        Priority, Queue, ReadinessBounds, ReadinessRules, Ring, Selection, SiteKind, WhenUnstaffed,
    },
};

const POOL_KEYS: [&str; 11] = [
    "id",
    "skills",
    "not_ready_reasons",
    "dispositions",
    "priorities",
    "groups",
    "calendars",
    "order",
    "queues",
    "labour",
    "readiness",
];
const GROUP_KEYS: [&str; 4] = ["name", "skills", "site_kinds", "queues"];
const PRIORITY_KEYS: [&str; 2] = ["name", "head_start_ms"];
const RING_KEYS: [&str; 3] = ["after", "skills", "site_kinds"];
const OVERFLOW_KEYS: [&str; 3] = ["after", "to_pool", "to_queue"];
const CALLBACK_KEYS: [&str; 4] = ["ring", "retry_after", "attempts", "until_after"];
const READINESS_KEYS: [&str; 4] = ["site_kinds", "valid_for", "pass", "suspend"];
const BOUNDS_KEYS: [&str; 4] = ["round_trip", "jitter", "loss_percent", "mos"];
const LABOUR_KEYS: [&str; 3] = ["pack", "zone", "break_reasons"];
const QUEUE_KEYS: [&str; 29] = [
    "id",
    "target",
    "rings",
    "offer_mode",
    "ring_for",
    "wrap_up_limit",
    "wrap_up_extension",
    "longest_call",
    "time_out",
    "max_waiting",
    "max_estimated_wait",
    "when_unstaffed",
    "selection",
    "goal_percent",
    "preferred_hold",
    "groups",
    "overflow",
    "callback",
    "serve",
    "zone",
    "holidays",
    "windows",
    "exceptions",
    "share_percent",
    "shadow",
    "when_closing",
    "expected_handle",
    "complexity",
    "peaks",
];

/// Reads a pool, with the files that it names in `folder`. Without an `id` of its own it gets `default_id`. What is wrong is in
/// the findings.
pub(in crate::cli) fn read(source: &str, default_id: &str, folder: &Path) -> (Pool, Findings) {
    let mut findings = Findings::default();
    let mut pool = Pool {
        id: default_id.to_owned(),
        ..Pool::default()
    };
    if let Some(table) = toml_file::parse(source, &mut findings) {
        let root = Section::root(source, table.get_ref());
        pool = read_section(&root, default_id, folder, &mut findings);
    }
    (pool, findings)
}

/// Reads a pool that is a table of another file.
pub(in crate::cli) fn read_section(
    section: &Section<'_>,
    default_id: &str,
    folder: &Path,
    findings: &mut Findings,
) -> Pool {
    let mut pool = read_pool(section, findings);
    pool.calendars = serving::read_calendars(section, folder, findings);
    if pool.id.is_empty() {
        default_id.clone_into(&mut pool.id);
    }
    pool
}

fn read_pool(root: &Section<'_>, findings: &mut Findings) -> Pool {
    root.check_keys(&POOL_KEYS, findings);
    let queues = root.sections("queues", findings);
    if queues.is_empty() && !root.has("queues") {
        root.note(
            "queues",
            "is missing; a pool has at least one `[[queues]]`",
            findings,
        );
    }
    let priorities = root.sections("priorities", findings);
    let groups = root.sections("groups", findings);
    Pool {
        id: root.text("id", findings),
        skills: root.texts("skills", findings),
        not_ready_reasons: root.texts("not_ready_reasons", findings),
        dispositions: root.texts("dispositions", findings),
        priorities: priorities
            .iter()
            .map(|section| read_priority(section, findings))
            .collect(),
        queues: queues
            .iter()
            .map(|section| read_queue(section, findings))
            .collect(),
        groups: groups
            .iter()
            .map(|section| read_group(section, findings))
            .collect(),
        order: root.word::<CallOrder>("order", findings) as i32,
        calendars: Vec::new(),
        labour: root
            .section("labour", findings)
            .map(|section| read_labour(&section, findings)),
        readiness: root
            .section("readiness", findings)
            .map(|section| read_readiness(&section, findings)),
    }
}

fn read_readiness(section: &Section<'_>, findings: &mut Findings) -> ReadinessRules {
    section.check_keys(&READINESS_KEYS, findings);
    let mut bounds = |key: &str| {
        let bounds = section.section(key, findings)?;
        bounds.check_keys(&BOUNDS_KEYS, findings);
        Some(ReadinessBounds {
            round_trip: bounds.duration("round_trip", findings).map(text::to_api),
            jitter: bounds.duration("jitter", findings).map(text::to_api),
            loss_percent: bounds.number("loss_percent", findings),
            mos: bounds.number("mos", findings),
        })
    };
    let (pass, suspend) = (bounds("pass"), bounds("suspend"));
    ReadinessRules {
        site_kinds: read_site_kinds(section, findings),
        valid_for: section.duration("valid_for", findings).map(text::to_api),
        pass,
        suspend,
    }
}

fn read_labour(section: &Section<'_>, findings: &mut Findings) -> LabourRules {
    section.check_keys(&LABOUR_KEYS, findings);
    LabourRules {
        pack: section.required_text("pack", findings),
        zone: section.required_text("zone", findings),
        break_reasons: section.texts("break_reasons", findings),
    }
}

fn read_group(section: &Section<'_>, findings: &mut Findings) -> AgentGroup {
    section.check_keys(&GROUP_KEYS, findings);
    AgentGroup {
        name: section.required_text("name", findings),
        skills: section.levels("skills", findings),
        site_kinds: read_site_kinds(section, findings),
        queues: section.texts("queues", findings),
    }
}

fn read_priority(section: &Section<'_>, findings: &mut Findings) -> Priority {
    section.check_keys(&PRIORITY_KEYS, findings);
    Priority {
        name: section.required_text("name", findings),
        head_start_ms: section.whole("head_start_ms", findings),
    }
}

fn read_queue(section: &Section<'_>, findings: &mut Findings) -> Queue {
    section.check_keys(&QUEUE_KEYS, findings);
    let target = section.duration("target", findings);
    if !section.has("target") {
        section.note("target", "is missing; write it like \"20s\"", findings);
    }
    let rings = section.sections("rings", findings);
    if rings.is_empty() && !section.has("rings") {
        section.note(
            "rings",
            "is missing; a queue has at least one `[[queues.rings]]`",
            findings,
        );
    }
    let serving = serving::read_serving(section, findings);
    Queue {
        id: section.required_text("id", findings),
        target: target.map(text::to_api),
        rings: rings.iter().map(|ring| read_ring(ring, findings)).collect(),
        offer_mode: section.word::<OfferMode>("offer_mode", findings) as i32,
        ring_for: section.duration("ring_for", findings).map(text::to_api),
        wrap_up_limit: section
            .duration("wrap_up_limit", findings)
            .map(text::to_api),
        wrap_up_extension: section
            .duration("wrap_up_extension", findings)
            .map(text::to_api),
        longest_call: section.duration("longest_call", findings).map(text::to_api),
        time_out: section.duration("time_out", findings).map(text::to_api),
        max_waiting: section.whole("max_waiting", findings),
        max_estimated_wait: section
            .duration("max_estimated_wait", findings)
            .map(text::to_api),
        when_unstaffed: section.word::<WhenUnstaffed>("when_unstaffed", findings) as i32,
        selection: section.word::<Selection>("selection", findings) as i32,
        groups: section.texts("groups", findings),
        goal_percent: section.whole("goal_percent", findings),
        preferred_hold: section
            .duration("preferred_hold", findings)
            .map(text::to_api),
        overflow: section
            .section("overflow", findings)
            .map(|section| read_overflow(&section, findings)),
        callback: section
            .section("callback", findings)
            .map(|section| read_callback(&section, findings)),
        expected_handle: section
            .duration("expected_handle", findings)
            .map(text::to_api),
        complexity: section.word::<Complexity>("complexity", findings) as i32,
        ..serving
    }
}

fn read_callback(section: &Section<'_>, findings: &mut Findings) -> CallbackPolicy {
    section.check_keys(&CALLBACK_KEYS, findings);
    let mut duration = |key| section.duration(key, findings).map(text::to_api);
    let (ring, retry_after, until_after) = (
        duration("ring"),
        duration("retry_after"),
        duration("until_after"),
    );
    CallbackPolicy {
        ring,
        retry_after,
        attempts: section.whole("attempts", findings),
        until_after,
    }
}

fn read_overflow(section: &Section<'_>, findings: &mut Findings) -> Overflow {
    section.check_keys(&OVERFLOW_KEYS, findings);
    if !section.has("after") {
        section.note("after", "is missing; write it like \"2m\"", findings);
    }
    Overflow {
        after: section.duration("after", findings).map(text::to_api),
        to_pool: section.text("to_pool", findings),
        to_queue: section.required_text("to_queue", findings),
    }
}

fn read_ring(section: &Section<'_>, findings: &mut Findings) -> Ring {
    section.check_keys(&RING_KEYS, findings);
    Ring {
        after: Some(text::to_api(
            section.duration("after", findings).unwrap_or_default(),
        )),
        skills: section.levels("skills", findings),
        site_kinds: read_site_kinds(section, findings),
    }
}

fn read_site_kinds(section: &Section<'_>, findings: &mut Findings) -> Vec<i32> {
    let mut site_kinds = Vec::new();
    for word in section.texts("site_kinds", findings) {
        match SiteKind::parse(&word) {
            Ok(kind) => site_kinds.push(kind as i32),
            Err(what) => section.note("site_kinds", &format!("has {what}"), findings),
        }
    }
    site_kinds
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::read;
    use crate::cli::text::api_ms;

    const DEMO: &str = include_str!("../../../deploy/pools/demo.toml");

    fn problems(source: &str) -> String {
        read(source, "default", Path::new("")).1.report("p.toml")
    }

    #[test]
    fn the_reference_file_is_clean() {
        let (pool, mut findings) = read(DEMO, "default", Path::new(""));
        assert_eq!(findings.report("demo.toml"), "");
        assert!(pool.queues.iter().any(|queue| queue.id == "billing"));
        let widening = pool.queues.iter().find(|queue| queue.rings.len() > 1);
        let last = widening
            .and_then(|queue| queue.rings.last())
            .expect("a queue that widens");
        assert!(api_ms(last.after.as_ref()) > 0);
    }

    #[test]
    fn a_pool_without_an_id_is_the_one_asked_for() {
        assert_eq!(read(DEMO, "other", Path::new("")).0.id, "other");
        assert_eq!(read("id = \"own\"", "other", Path::new("")).0.id, "own");
    }

    #[test]
    fn every_problem_is_found_with_its_line() {
        let source = "\
id = 7
colour = \"red\"
[[queues]]
id = \"a\"
target = \"soon\"
max_waiting = -99999999999
offer_mode = \"shout\"
[[queues.rings]]
after = 5
skills = { fr = 9 }
site_kinds = [\"attic\"]
[[queues]]
target = \"20s\"
rings = 3
";
        let expected = "
  p.toml:1: `id` must be text in quotes
  p.toml:2: `colour` is not known; the keys here are id, skills, not_ready_reasons, dispositions, priorities, groups, calendars, order, queues, labour, readiness
  p.toml:5: `queues[0].target` must be a duration in quotes like \"20s\", \"1m30s\" or \"500ms\"
  p.toml:6: `queues[0].max_waiting` must be a whole number in range
  p.toml:7: `queues[0].offer_mode` must be one of accept_first, ring in quotes
  p.toml:9: `queues[0].rings[0].after` must be a duration in quotes like \"20s\", \"1m30s\" or \"500ms\"
  p.toml:10: `queues[0].rings[0].skills` must be a table of skills with levels of 1 to 5 like { fr = 3, billing = 2 }
  p.toml:11: `queues[0].rings[0].site_kinds` has `attic` is not one of home, telecentre, on_site
  p.toml:12: `queues[1].id` is missing
  p.toml:14: `queues[1].rings` must be a list of tables, `[[rings]]`";
        assert_eq!(problems(source), expected);
    }

    #[test]
    fn broken_syntax_is_told_with_its_line() {
        let text = problems("id = \"a\"\nqueues = [\n");
        assert!(
            text.contains("p.toml:2:") || text.contains("p.toml:3:"),
            "{text}"
        );
    }
}
