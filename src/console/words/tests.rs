//! Both languages have the same messages with the same variables, the pages ask for no other, and for all of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{ENGLISH, FRENCH, Language};
use crate::{
    console::orders::DONE,
    engine::{
        alarm::Alarm,
        eligibility::{BlockedReason, Withheld},
        numbers::AgentState,
        outage::Domain,
        peaks::PeakCause,
        profile::SiteKind,
        queue::HaltKind,
        talk::TalkKind,
    },
};

/// Messages by their keys, each with the variables that it takes.
fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last = String::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let begins = line.starts_with(|first: char| first.is_ascii_lowercase());
        if begins {
            let (key, _) = line.split_once(" = ").expect("a message has a key");
            last = key.to_owned();
            assert!(
                all.insert(last.clone(), BTreeSet::new()).is_none(),
                "`{last}` is there twice"
            );
        }
        let names = line.split('$').skip(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
            rest[..end.unwrap_or(rest.len())].to_owned()
        });
        all.get_mut(&last)
            .expect("a message has begun")
            .extend(names);
    }
    all
}

/// The code and the templates of the console, without its tests.
fn sources() -> Vec<String> {
    fn read(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("a file").path();
            let is_source = |end| path.extension().is_some_and(|it| it == end);
            if path.is_dir() {
                read(&path, found);
            } else if (is_source("rs") || is_source("html")) && !path.ends_with("words/tests.rs") {
                found.push(fs::read_to_string(&path).expect("text"));
            }
        }
    }
    let mut found = Vec::new();
    read(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console"),
        &mut found,
    );
    found
}

/// Every text of a source that could be a key.
fn quoted(source: &str) -> impl Iterator<Item = &str> {
    let is_key = |text: &&str| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !text.is_empty() && text.bytes().all(allowed)
    };
    source.split('"').filter(is_key)
}

/// Labels that no closed set of the code lists, by their families.
const LABELS: &str = "\
line up silent lost
call queued callback_waiting offered connecting connected
outcome handled abandoned overflowed timed_out lost unreached cancelled
why offline not_ready lacks_skill site_kind kept_for_another refused offered connected wrap_up external line_silent line_lost free
reason rona check line_lost break training meeting personal
disposition solved call_again passed_on wrong_number
intent ready not_ready offline
waiting serve end
level sl_offered sl_answered sl_excl_short sl_offered_30min
field reason not-ready-reason minutes minutes-or-none intent text queue waiting
event agent_held agent_released intent_changed call_moved site_drained site_undrained queue_halted queue_resumed message_sent";

/// The keys that are asked for by a label: a family, and its labels.
fn by_labels() -> Vec<(&'static str, Vec<&'static str>)> {
    let alarms = [Alarm::Fine, Alarm::Warning, Alarm::Critical];
    let blocked = [
        BlockedReason::LineQuality,
        BlockedReason::SiteDrained,
        BlockedReason::SupervisorHold,
        BlockedReason::RescindOpen,
    ];
    let withheld = [
        Withheld::RescindOpen,
        Withheld::Missed,
        Withheld::PlatformDetached,
    ];
    let halts = [HaltKind::Paused, HaltKind::Closed];
    let mut all = vec![
        ("state", AgentState::ALL.map(AgentState::label).to_vec()),
        ("kind", SiteKind::ALL.map(SiteKind::label).to_vec()),
        ("talk", TalkKind::ALL.map(TalkKind::label).to_vec()),
        ("alarm", alarms.map(Alarm::label).to_vec()),
        ("halt", halts.map(HaltKind::label).to_vec()),
        ("why", blocked.map(BlockedReason::label).to_vec()),
        ("withheld", withheld.map(Withheld::label).to_vec()),
        ("domain", Domain::KINDS.to_vec()),
        ("peak-cause", PeakCause::ALL.map(PeakCause::label).to_vec()),
    ];
    all.extend(["do", "sure", "done"].map(|family| (family, DONE.to_vec())));
    all.extend(LABELS.lines().map(|line| {
        let mut words = line.split(' ');
        (words.next().unwrap_or_default(), words.collect())
    }));
    all
}

#[test]
fn both_languages_have_the_same_messages() {
    assert_eq!(messages(FRENCH), messages(ENGLISH));
}

#[test]
fn every_message_that_is_asked_for_is_there_and_no_other() {
    let known: BTreeSet<String> = messages(ENGLISH).into_keys().collect();
    let sources = sources();
    let mut asked = BTreeSet::new();
    for source in &sources {
        asked.extend(quoted(source).map(str::to_owned));
        for call in [".say(\"", ".count(\"", ".name(\"", ".with(\""] {
            for rest in source.split(call).skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                assert!(
                    known.contains(key) || key.contains('{'),
                    "`{key}` is asked for and is no message"
                );
            }
        }
    }
    for (family, labels) in by_labels() {
        for label in labels {
            let key = format!("{family}-{}", label.replace('_', "-"));
            assert!(
                known.contains(&key),
                "`{key}` is asked for and is no message"
            );
            asked.insert(key);
        }
    }
    // The tips of tiles go by the names of their numbers.
    let tips: Vec<String> = asked.iter().map(|key| format!("{key}-tip")).collect();
    asked.extend(tips);
    let unasked: Vec<&String> = known.difference(&asked).collect();
    assert!(unasked.is_empty(), "nobody asks for {unasked:?}");
}

#[test]
fn messages_say_what_they_are_given() {
    for language in Language::ALL {
        let words = language.words();
        assert!(words.name("site-title", "a<b>").contains("a<b>"));
        assert!(words.count("to-agents", 3_u32).contains('3'));
        assert_eq!(words.of("state", "no_such_state"), "no_such_state");
        assert_eq!(words.say("no-such-key"), "no-such-key");
    }
}

#[test]
fn languages_are_found_by_their_tags() {
    assert_eq!(Language::of_tag("fr-MQ"), Some(Language::French));
    assert_eq!(Language::of_tag("EN"), Some(Language::English));
    assert_eq!(Language::of_tag("frr"), None);
}
