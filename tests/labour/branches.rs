//! What branches add.

use super::notation::{
    Week::{Autumn, Plain, Spring},
    check, zone,
};
use homeshore::labour::{Complexity, Span, check_gaps, gap_ms, pack};

#[test]
fn telecoms_wait_on_call_a_week_in_three_and_seven_days_in_a_row() {
    let seven = "call Mon 18:00-20:00; call Tue 18:00-20:00; call Wed 18:00-20:00; call Thu 18:00-20:00; call Fri 18:00-20:00; call Sat 18:00-20:00; call Sun 18:00-20:00";
    let third = &format!("{seven}; call Mon+3 18:00-20:00");
    let second = &format!("{seven}; call Mon+2 18:00-20:00");
    check(&[
        (Plain, "fr-2148", "", seven, ""),
        (Plain, "fr-2148", "", third, ""),
        (Plain, "fr-2148", "", second, "CCN2148"),
        (
            Plain,
            "fr-2148",
            "",
            "call Sun 18:00-24:00; call Mon+1 18:00-20:00",
            "CCN2148",
        ),
        (Plain, "fr", "", second, ""),
        (Spring, "fr-2148", "", seven, ""),
        (Autumn, "fr-2148", "", seven, ""),
    ]);
}

#[test]
fn a_call_on_call_is_work_and_rest_begins_anew() {
    check(&[
        (
            Plain,
            "fr",
            "",
            "Tue 08:00-12:00; call Tue 18:00-21:00; Wed 08:00-12:00",
            "",
        ),
        (
            Plain,
            "fr",
            "",
            "Tue 08:00-12:00; Tue 21:00-21:30; Wed 08:29-12:00",
            "L3131-1",
        ),
        (
            Plain,
            "fr",
            "",
            "Tue 08:00-12:00; Tue 21:00-21:30; Wed 08:30-12:00",
            "",
        ),
    ]);
}

#[test]
fn more_than_three_days_of_telework_a_week_are_a_warning() {
    check(&[
        (
            Plain,
            "fr-2148",
            "",
            "home Mon 09:00-12:00; home Tue 09:00-12:00; home Wed 09:00-12:00",
            "",
        ),
        (
            Plain,
            "fr-2148",
            "",
            "home Mon 09:00-12:00; home Tue 09:00-12:00; home Wed 09:00-12:00; Thu 09:00-12:00",
            "",
        ),
        (
            Plain,
            "fr-2148",
            "",
            "home Mon 09:00-12:00; home Tue 09:00-12:00; home Wed 09:00-12:00; home Thu 09:00-12:00",
            "CCN2148?",
        ),
        (
            Plain,
            "fr",
            "",
            "home Mon 09:00-12:00; home Tue 09:00-12:00; home Wed 09:00-12:00; home Thu 09:00-12:00",
            "",
        ),
    ]);
}

#[test]
fn calls_of_call_centres_have_a_gap() {
    let packs = pack::embedded();
    let branch = packs.get("fr-2098").unwrap();
    for (complexity, least_ms) in [(Complexity::Simple, 4_000), (Complexity::Complex, 6_000)] {
        assert_eq!(gap_ms(branch, complexity), least_ms);
        assert_eq!(gap_ms(packs.get("fr").unwrap(), complexity), 0);
        for (gap, count) in [(least_ms - 1, 1), (least_ms, 0), (least_ms + 1, 0)] {
            // Over the spring change, which moves no instant.
            let start_ms = zone()
                .instant(jiff::civil::date(2026, 3, 29).at(1, 59, 58, 0))
                .as_millisecond();
            let calls = [
                Span::new(start_ms - 60_000, start_ms),
                Span::new(start_ms + gap, start_ms + gap + 60_000),
            ];
            let found = check_gaps(branch, complexity, &calls);
            assert_eq!(found.len(), count, "{complexity:?} {gap}");
            assert!(found.iter().all(|finding| &*finding.article == "CCN2098-7"));
        }
    }
}
