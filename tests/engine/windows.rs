//! The live engine opens and closes a queue through a whole year at the right instants, under a virtual clock.

use std::sync::Arc;

use homeshore::{
    calendar::{
        holidays::Holidays,
        windows::{DayKind, Hours, Window, Windows, WindowsSpec},
    },
    engine::{
        Limits,
        command::Command,
        event::Event,
        serve::{ServeMode, ServeSpec},
    },
};
use jiff::Timestamp;

use super::world::{World, queue, spec};

const YEAR_MS: u64 = 366 * 24 * 3_600_000;

fn window(days: &[DayKind], hours: &str) -> Window {
    Window {
        days: days.to_vec(),
        hours: Hours::parse(hours).unwrap(),
    }
}

/// Friday evenings, nights from Saturday to Sunday, which are those of the clock changes, and holidays.
fn windows() -> WindowsSpec {
    WindowsSpec {
        zone: "Europe/Paris".to_owned(),
        holidays: vec!["FR".to_owned()],
        windows: vec![
            window(&[DayKind::Friday], "17:30-22:00"),
            window(&[DayKind::Saturday], "22:00-04:00"),
            window(&[DayKind::Holiday], "08:00-12:00"),
        ],
        exceptions: Vec::new(),
    }
}

/// What is said of opening and closing.
fn said(event: &Event) -> Option<bool> {
    match event {
        Event::QueueOpened { .. } => Some(true),
        Event::QueueShut { .. } => Some(false),
        _ => None,
    }
}

#[test]
fn a_year_of_the_live_engine_opens_and_closes_at_the_right_instants() {
    let start: Timestamp = "2026-01-05T12:00:00Z".parse().unwrap();
    let mut world = World::new(Limits::default());
    world.wall_ahead = start.as_millisecond();
    let mut served = queue("q", "");
    served.serve = Arc::new(ServeSpec {
        mode: ServeMode::Windows,
        windows: windows(),
        ..ServeSpec::default()
    });
    let pool = Command::ApplyPool(Box::new(spec(vec![served])));
    world.apply(&pool).unwrap();
    let instant =
        |ms: u64| Timestamp::from_millisecond(start.as_millisecond() + i64::try_from(ms).unwrap());
    let turns = world.advance(YEAR_MS).into_iter().flat_map(|(at, events)| {
        let said: Vec<_> = events.iter().filter_map(said).collect();
        said.into_iter()
            .map(move |open| (instant(at).unwrap(), open))
    });
    let turns: Vec<(Timestamp, bool)> = turns.collect();
    let find = |code: &str| Holidays::for_region(code).map_err(|unknown| unknown.to_string());
    let windows = Windows::new(&windows(), find).unwrap();
    let end = instant(YEAR_MS).unwrap();
    let spans = windows.from_day_of(start).filter(|span| span.from >= start);
    let spans = spans.take_while(|span| span.from <= end);
    let expected = spans.flat_map(|span| [(span.from, true), (span.until, false)]);
    let expected: Vec<_> = expected.filter(|(at, _)| *at <= end).collect();
    assert_eq!(turns, expected);
    let tells = |opens: &str, closes: &str| {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let pair = [(at(opens), true), (at(closes), false)];
        assert!(
            turns.windows(2).any(|two| two == pair),
            "{opens} to {closes}"
        );
    };
    // Five real hours in spring, seven in autumn, and a holiday on a Saturday without its night.
    tells("2026-03-28T21:00:00Z", "2026-03-29T02:00:00Z");
    tells("2026-10-24T20:00:00Z", "2026-10-25T03:00:00Z");
    tells("2026-08-15T06:00:00Z", "2026-08-15T10:00:00Z");
    assert!(!turns.contains(&("2026-08-15T20:00:00Z".parse().unwrap(), true)));
}
