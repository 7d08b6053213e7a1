//! Settings of a pool as scripts write them.

use std::sync::Arc;

use homeshore::{
    calendar::windows::{DayKind, Exception, Hours, Window},
    engine::{
        command::Command,
        ids::{AgentId, PoolId, QueueId},
        readiness::{Check, Measured, ReadinessSpec, SetUp},
        serve::{ServeMode, ServeSpec, WhenClosing},
        spec::{
            CallbackSpec, GroupSpec, OfferMode, OverflowSpec, QueueSpec, RingSpec, Selection,
            WhenUnstaffed,
        },
        terms::{LabourSpec, Terms},
    },
    labour::{AgreedHours, Complexity},
};

use super::{
    script::ms,
    world::{self, levels, site_kind},
};

/// `queue <id> [ring=0:fr:1/home] [target=20] ...`
pub(super) fn queue(words: &[&str]) -> QueueSpec {
    let mut queue = world::queue(words[0], "");
    for (key, value) in words[1..].iter().filter_map(|word| word.split_once('=')) {
        match key {
            "ring" => add_ring(&mut queue, value),
            "mode" if value == "ring" => queue.offer_mode = OfferMode::Ring,
            "target" => queue.target_ms = ms(value),
            "wrap" => queue.wrap_up_limit_ms = ms(value),
            "extension" => queue.wrap_up_extension_ms = ms(value),
            "longest" => queue.longest_call_ms = ms(value),
            "time_out" => queue.time_out_ms = ms(value),
            "callback" => queue.callback = Some(callback(value)),
            "overflow" => queue.overflow = Some(overflow(value)),
            "max" => queue.max_waiting = value.parse().expect("a count"),
            "max_estimate" => queue.max_estimated_wait_ms = ms(value),
            "unstaffed" if value == "callback" => {
                queue.when_unstaffed = WhenUnstaffed::Callback;
            }
            "unstaffed" if value == "divert" => queue.when_unstaffed = WhenUnstaffed::Divert,
            "goal" => queue.goal_permille = value.parse::<u16>().expect("a percentage") * 10,
            "hold" => queue.preferred_hold_ms = ms(value),
            "selection" => queue.selection = selection(value),
            "share" | "shadow" | "closing" | "zone" | "peaks" | "holidays" | "window"
            | "exception" => {
                serve(Arc::make_mut(&mut queue.serve), key, value);
            }
            "handle" => queue.expected_handle_ms = ms(value),
            "complexity" if value == "complex" => queue.complexity = Complexity::Complex,
            "groups" => queue.groups = value.split('|').map(Into::into).collect(),
            other => panic!("`{other}={value}` is no setting of a queue"),
        }
    }
    queue
}

/// `zone=Europe/Paris`, `window=monday,tuesday/17:30-22:00`, `exception=2026-12-24/08:00-12:00`, `share=50`, `closing=overflow`
fn serve(serve: &mut ServeSpec, key: &str, value: &str) {
    let hours = |text: &str| Hours::parse(text).expect("hours");
    match key {
        "share" => serve.share_percent = value.parse().expect("a percentage"),
        "shadow" => serve.shadow = value == "yes",
        "closing" => {
            let all = [
                WhenClosing::Serve,
                WhenClosing::Overflow,
                WhenClosing::Callback,
            ];
            let mut named = all.into_iter().filter(|one| one.label() == value);
            serve.when_closing = named.next().expect("a label");
        }
        "zone" => (serve.mode, serve.windows.zone) = (ServeMode::Windows, value.into()),
        "peaks" => {
            let (on, off) = value.split_once('/').expect("on/off");
            serve.mode = ServeMode::WindowsAndPeaks;
            serve.peaks.site_waiting_on = on.parse().expect("a count");
            serve.peaks.site_waiting_off = off.parse().expect("a count");
        }
        "holidays" => serve.windows.holidays = value.split(',').map(Into::into).collect(),
        "window" => {
            let (days, text) = value.split_once('/').expect("days/hours");
            let days = days
                .split(',')
                .map(|day| DayKind::named(day).expect("a day"));
            let (days, hours) = (days.collect(), hours(text));
            serve.windows.windows.push(Window { days, hours });
        }
        _ => {
            let (day, text) = value.split_once('/').expect("day/hours");
            let day = day.parse().expect("a day");
            let texts = text.split(',').filter(|text| !text.is_empty());
            serve.windows.exceptions.push(Exception {
                from: day,
                until: day,
                hours: texts.map(hours).collect(),
                reason: String::new(),
            });
        }
    }
}

/// `group <name> [skills=fr:2] [kinds=home|on_site] [queues=q|p]`
pub(super) fn group(words: &[&str]) -> GroupSpec {
    let value = |key: &str| {
        let mut pairs = words[1..].iter().filter_map(|word| word.split_once('='));
        pairs.find(|pair| pair.0 == key).map_or("", |pair| pair.1)
    };
    let names = |key| value(key).split('|').filter(|name: &&str| !name.is_empty());
    GroupSpec {
        name: words[0].into(),
        skills: levels(value("skills")),
        site_kinds: names("kinds").map(site_kind).collect(),
        queues: names("queues").map(QueueId::new).collect(),
    }
}

/// `labour fr-2098 Europe/Paris breaks=break|lunch`
pub(super) fn labour(words: &[&str]) -> LabourSpec {
    let breaks = words.iter().find_map(|word| word.strip_prefix("breaks="));
    LabourSpec {
        pack: words[0].into(),
        zone: words[1].into(),
        break_reasons: breaks
            .unwrap_or("break")
            .split('|')
            .map(Into::into)
            .collect(),
    }
}

/// What is asked of set-ups at home, with checks that are valid for so many seconds.
pub(super) fn readiness(words: &[&str]) -> ReadinessSpec {
    ReadinessSpec {
        valid_for_ms: ms(words[0]),
        ..ReadinessSpec::default()
    }
}

/// `check ann 7 rtt=40 jitter=3 loss=0.1 mos=4.4`; what is not said is perfect.
pub(super) fn check(words: &[&str]) -> Command {
    let thousandths = |key: &str| {
        let value = words.iter().find_map(|word| word.strip_prefix(key))?;
        u32::try_from(ms(value)).ok()
    };
    let measured = Measured {
        round_trip_ms: thousandths("rtt=").unwrap_or_default() / 1_000,
        jitter_ms: thousandths("jitter=").unwrap_or_default() / 1_000,
        loss_ppm: thousandths("loss=").unwrap_or_default() * 10,
        mos_milli: thousandths("mos=").unwrap_or(4_400),
    };
    let check = Check {
        id: words[1].into(),
        measured,
        rating_milli: 92_000,
        codec: "G.711".into(),
        set_up: SetUp::default(),
    };
    Command::ReportReadiness {
        agent: AgentId::new(words[0]),
        check: Box::new(check),
    }
}

/// Contact hours from Monday to Friday, written `9-17`.
pub(super) fn terms(text: &str) -> Arc<Terms> {
    let (from, to) = text.split_once('-').expect("from-to");
    let minute = |hour: &str| hour.parse::<u16>().expect("an hour") * 60;
    let hours = (0..5).map(|weekday| AgreedHours {
        weekday,
        from: minute(from),
        to: minute(to),
    });
    Arc::new(Terms {
        hours: hours.collect(),
        ..Terms::default()
    })
}

/// A ring written `20:fr:1|billing:2/home,telecentre`.
fn add_ring(queue: &mut QueueSpec, text: &str) {
    let (after, needs) = text
        .split_once(':')
        .expect("a ring is seconds:skills/kinds");
    let (skills, kinds) = needs.split_once('/').unwrap_or((needs, ""));
    let kinds = kinds
        .split(',')
        .filter(|kind| !kind.is_empty())
        .map(site_kind);
    let ring = RingSpec {
        after_ms: ms(after),
        skills: levels(skills),
        site_kinds: kinds.collect(),
    };
    if ring.after_ms == 0 {
        queue.rings.clear();
    }
    queue.rings.push(ring);
}

/// Callbacks written `3x45/600,3600`: tries, ring, retry after, until after.
fn callback(text: &str) -> CallbackSpec {
    let (attempts, rest) = text.split_once('x').expect("tries x seconds");
    let (ring, rest) = rest.split_once('/').expect("ring/retry,until");
    let (retry, until) = rest.split_once(',').expect("retry,until");
    CallbackSpec {
        ring_ms: ms(ring),
        retry_after_ms: ms(retry),
        attempts: attempts.parse().expect("a count"),
        until_after_ms: ms(until),
    }
}

/// An overflow written `60:p`, or `60:north/p` to another pool.
fn overflow(text: &str) -> OverflowSpec {
    let (after, to) = text.split_once(':').expect("an overflow is seconds:queue");
    let (pool, queue) = match to.split_once('/') {
        Some((pool, queue)) => (Some(PoolId::new(pool)), queue),
        None => (None, to),
    };
    OverflowSpec {
        after_ms: ms(after),
        to_pool: pool,
        to_queue: QueueId::new(queue),
    }
}

fn selection(word: &str) -> Selection {
    let all = [
        Selection::LongestIdle,
        Selection::LeastOccupied,
        Selection::MostSkilled,
        Selection::LeastSkilled,
    ];
    let mut named = all.into_iter().filter(|one| one.label() == word);
    named.next().expect("a selection's label")
}
