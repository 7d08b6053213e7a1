//! What arrives is counted by minute and by interval, kept over restarts for as long as it is to be, and not known where
//! the service was away.

use homeshore::engine::{
    Limits,
    arrivals::{INTERVAL_MS, Tally},
    command::Command,
    event::Event,
    ids::{QueueId, WallTime},
    past::Past,
    peaks::SiteLoad,
};

use super::{
    script::player_after,
    world::{World, queue, spec, text, wall},
};

const MINUTE: i64 = 60_000;

fn past(engine: &homeshore::engine::Engine) -> Past {
    engine.arrivals(&QueueId::new("q")).expect("a queue")
}

/// A moment of the calendar, so long after the beginning.
fn after(ms: i64) -> WallTime {
    WallTime(wall(0).0 + ms)
}

fn interval(past: &Past, at: i64, now: i64) -> Option<Tally> {
    past.interval(after(at * INTERVAL_MS), after(now))
}

/// A morning: nobody is there for a first call; two calls are answered at home and on site, one is abandoned, one is diverted twice, one goes on to another
/// queue; then an hour of silence, and a call.
const MORNING: &str = "
0 queue q ring=0:fr:1
0 queue p ring=0:fr:1
5 route z
6 route y p
7 agent ann fr:1
7 agent dan fr:1 on_site
7 in ann
7 in dan
910 route a
910 accept ann o1
915 answered a o1
960 route b
961 accept dan o2
970 answered b o2
980 route c
1000 gone c
1030 ended a o1
1060 ended b o2
1090 wrapped ann a
1090 wrapped dan b
1100 close q
1100 route d
1101 route d
1110 resume q
4500 route e
4500 accept ann o3
4501 answered e o3
4530 transfer e o3 p
";

#[test]
fn each_thing_counts_in_the_interval_in_which_it_happened() {
    let engine = player_after(MORNING);
    let past = past(&engine);
    let now = 5_400_000;
    let home = 0;
    let on_site = 2;
    let mut first = Tally {
        arrived: 4,
        offered: 3,
        abandoned: 1,
        waited_ms: 5_000 + 10_000 + 20_000,
        ..Tally::default()
    };
    (first.answered[home], first.answered[on_site]) = (1, 1);
    (first.handled[home], first.handled[on_site]) = (1, 1);
    // Conversations, and after-call work of 60 s and of 30 s.
    (first.handle_ms[home], first.handle_ms[on_site]) = (115_000 + 60_000, 90_000 + 30_000);
    assert_eq!(interval(&past, 1, now), Some(first));
    assert_eq!(interval(&past, 0, now), None, "counting began in it");
    for silent in 2..5 {
        assert_eq!(interval(&past, silent, now), Some(Tally::default()));
    }
    let fifth = interval(&past, 5, now).unwrap();
    assert_eq!((fifth.arrived, fifth.offered), (1, 1));
    assert_eq!(fifth.handle_ms[home], 29_000, "until it was passed on");
    assert_eq!(interval(&past, 6, now), None, "to come");
    assert_eq!(interval(&past, 5, 4_600_000), None, "not over");
    let other = engine.arrivals(&QueueId::new("p")).unwrap();
    let moved = interval(&other, 5, now).unwrap();
    assert_eq!(
        (moved.arrived, moved.offered),
        (0, 1),
        "no arrival, but offered"
    );
}

#[test]
fn minutes_add_up_to_their_interval() {
    let past = past(&player_after(MORNING));
    let now = after(5_400_000);
    let mut sum = Tally::default();
    for minute in 15..30 {
        let minute = past.minute(after(minute * MINUTE), now);
        sum.add(&minute.expect("it is over"));
    }
    assert_eq!(Some(sum), interval(&past, 1, 5_400_000));
    let second = past.minute(after(16 * MINUTE), now).unwrap();
    assert_eq!(
        (second.arrived, second.abandoned, second.answered[2]),
        (2, 1, 1)
    );
    let later = WallTime(now.0 + 7 * 3_600_000);
    assert_eq!(past.minute(after(16 * MINUTE), later), None, "too long ago");
}

fn world() -> World {
    let mut world = World::new(Limits::default());
    let pool = Command::ApplyPool(Box::new(spec(vec![queue("q", "")])));
    world.apply(&pool).unwrap();
    world
}

/// A call arrives at a time of the pool.
fn arrive(world: &mut World, at: u64) {
    world.advance(at);
    let call = super::world::call(&format!("c{at}"), "q");
    world.apply(&Command::RouteCall(Box::new(call))).unwrap();
}

#[test]
fn a_restart_keeps_all_and_knows_what_it_missed() {
    let mut world = world();
    for at in (0..40).map(|at| at * 97_000) {
        arrive(&mut world, at);
    }
    let before = past(&world.engine);
    world.engine = world.reloaded();
    assert_eq!(text(&world.engine.dump()), text(&world.records()));
    let reloaded = past(&world.engine);
    let now = i64::try_from(world.now).unwrap();
    for at in 0..5 {
        let same = interval(&before, at, now);
        assert_eq!(interval(&reloaded, at, now), same);
        assert_eq!(same.is_some(), (1..4).contains(&at), "begun in 0, in 4 now");
    }
    // Ten minutes away, over the end of the fifth interval.
    world.now += 10 * 60_000;
    let events = world
        .apply(&Command::Recover { undone_after: None })
        .unwrap();
    let missed = events.iter().find_map(|event| match event {
        Event::ArrivalsMissed { from, until } => Some((*from, *until)),
        _ => None,
    });
    assert_eq!(missed, Some((after(now), after(now + 600_000))));
    arrive(&mut world, 7 * 900_000);
    let past = past(&world.engine);
    let now = i64::try_from(world.now).unwrap();
    let known = (0..8).map(|at| interval(&past, at, now).is_some());
    assert_eq!(
        known.collect::<Vec<_>>(),
        [false, true, true, true, false, true, true, false]
    );
}

#[test]
fn a_short_absence_misses_nothing() {
    let mut world = world();
    arrive(&mut world, 10_000);
    arrive(&mut world, 910_000);
    world.engine = world.reloaded();
    world.now += 20_000;
    world
        .apply(&Command::Recover { undone_after: None })
        .unwrap();
    assert!(interval(&past(&world.engine), 1, 1_800_000).is_some());
}

#[test]
fn old_days_are_forgotten() {
    const DAY: u64 = 86_400_000;
    let mut world = World::new(Limits {
        arrival_days: 3,
        ..Limits::default()
    });
    let pool = Command::ApplyPool(Box::new(spec(vec![queue("q", "")])));
    world.apply(&pool).unwrap();
    for day in 0..6 {
        arrive(&mut world, day * DAY + 1_000);
    }
    let days = world
        .stored
        .keys()
        .filter(|key| key.starts_with("arrivals/"));
    let days: Vec<&str> = days.map(String::as_str).collect();
    assert_eq!(
        days,
        ["arrivals/20516/q", "arrivals/20517/q", "arrivals/20518/q"],
        "and the interval of now"
    );
    let past = past(&world.engine);
    assert_eq!(past.first(), Some(after(2 * 86_400_000)));
}

#[test]
fn a_clock_that_is_set_leaves_a_gap() {
    let mut world = world();
    arrive(&mut world, 10_000);
    world.wall_ahead = after(3_600_000).0;
    let events = world.apply(&Command::Tick).unwrap();
    assert_eq!(
        events,
        [Event::CalendarSet {
            ahead_ms: after(3_600_000).0,
            from: after(10_000),
            until: after(3_610_000)
        }]
    );
    arrive(&mut world, 2 * 900_000);
    let past = past(&world.engine);
    let now = 7 * INTERVAL_MS;
    let known = (0..7).map(|at| interval(&past, at, now).is_some());
    assert_eq!(
        known.collect::<Vec<_>>(),
        [false, false, false, false, false, true, true]
    );
    assert_eq!(
        interval(&past, 6, now).unwrap().arrived,
        1,
        "at 6 of the calendar"
    );
}

fn report(world: &mut World, minute: i64, arrivals: u32) -> bool {
    let load = SiteLoad {
        minute: after(minute * MINUTE),
        arrivals: Some(arrivals),
        waiting: None,
        agents: None,
        handle_ms: None,
    };
    let queue = QueueId::new("q");
    world
        .apply(&Command::ReportSiteLoad { queue, load })
        .is_ok()
}

#[test]
fn reports_are_of_their_minutes_and_replace_earlier_ones() {
    let mut world = world();
    arrive(&mut world, 10_000);
    for minute in 15..30 {
        world.advance(u64::try_from(minute + 1).unwrap() * 60_000);
        assert!(report(&mut world, minute, 10));
    }
    assert!(report(&mut world, 18, 25), "again");
    let past = past(&world.engine);
    let second = interval(&past, 1, 1_800_000).unwrap();
    assert_eq!(
        (second.reported, second.reports, second.arrived),
        (14 * 10 + 25, 15, 0)
    );
    assert!(!report(&mut world, 32, 1), "to come");
    world.advance(2 * 3_600_000);
    assert!(!report(&mut world, 18, 1), "too late");
}

/// A minute is reported early, then once more while it is of the interval of now, and after it.
#[test]
fn a_report_that_comes_again_counts_once_wherever_the_minute_is() {
    let mut world = world();
    arrive(&mut world, 10_000);
    world.advance(16 * 60_000);
    assert!(
        report(&mut world, 15, 10),
        "the interval of now is not begun"
    );
    arrive(&mut world, 16 * 60_000 + 30_000);
    assert!(report(&mut world, 15, 12));
    arrive(&mut world, 31 * 60_000);
    let told = |world: &World| {
        let second = interval(&past(&world.engine), 1, 1_900_000).unwrap();
        (second.reported, second.reports)
    };
    assert_eq!(told(&world), (12, 1));
    assert!(report(&mut world, 15, 9));
    assert_eq!(told(&world), (9, 1));
    world.engine = world.reloaded();
    assert_eq!(told(&world), (9, 1));
}

#[test]
fn reports_alone_are_thinned_and_forgotten_too() {
    const DAY: u64 = 24 * 60;
    let mut world = World::new(Limits {
        arrival_days: 3,
        ..Limits::default()
    });
    let pool = Command::ApplyPool(Box::new(spec(vec![queue("q", "")])));
    world.apply(&pool).unwrap();
    for minute in (0..6 * DAY).step_by(5) {
        world.advance((minute + 1) * 60_000);
        assert!(report(&mut world, i64::try_from(minute).unwrap(), 10));
    }
    let days = world.stored.iter();
    let days: Vec<(&str, usize)> = days
        .filter(|(key, _)| key.starts_with("arrivals/"))
        .map(|(key, day)| {
            (
                key.as_str(),
                String::from_utf8_lossy(day).matches("\"minutes\"").count(),
            )
        })
        .collect();
    let keys: Vec<&str> = days.iter().map(|(key, _)| *key).collect();
    assert_eq!(
        keys,
        [
            "arrivals/20516/q",
            "arrivals/20517/q",
            "arrivals/20518/q",
            "arrivals/20519/q"
        ]
    );
    assert!(days.iter().all(|(_, minutes)| *minutes < 50), "{days:?}");
}

#[test]
fn what_a_site_says_late_is_counted_and_no_news() {
    let mut world = world();
    arrive(&mut world, 10_000);
    world.advance(60 * 60_000);
    let site = |world: &mut World, minute: i64, waiting: u32| {
        let load = SiteLoad {
            minute: after(minute * MINUTE),
            arrivals: Some(7),
            waiting: Some(waiting),
            agents: Some(3),
            handle_ms: None,
        };
        let queue = QueueId::new("q");
        world
            .apply(&Command::ReportSiteLoad { queue, load })
            .unwrap();
        let queue = world.engine.queue_view(&QueueId::new("q")).unwrap();
        let demand = queue.state.demand.as_ref().unwrap();
        demand.site.unwrap().waiting
    };
    assert_eq!(site(&mut world, 59, 4), Some(4));
    assert_eq!(site(&mut world, 20, 40), Some(4), "40 min old");
    assert_eq!(site(&mut world, 59, 5), Some(5), "said anew");
    let past = past(&world.engine);
    let first = past.minute(after(20 * MINUTE), after(3_600_000));
    assert_eq!(first.map(|tally| tally.reported), Some(7));
}
