//! Acts towards an agent: contact within the agreed hours, notice of changes; and hours that are counted, not refused.

use super::notation::{Week, person, shifts, zone};
use homeshore::labour::{
    Act, AgreedHours, Agreement, Case, Change, Contact, Counted, HOUR_MS, Past, Span, contact,
    counted, days::Days, notice, pack,
};
use jiff::civil::{Date, date};

fn at(day: Date, hour: i8, minute: i8) -> i64 {
    zone().instant(day.at(hour, minute, 0, 0)).as_millisecond()
}

fn days_around(day: Date) -> Days {
    Days::around(&zone(), Span::new(at(day, 0, 0), at(day, 0, 0)))
}

/// Monday to Friday from 09:00 to 12:00 and from 12:00 to 18:00, and Sunday from 01:00 to 04:00.
fn agreement() -> Agreement {
    let weekdays = (0..5).flat_map(|weekday| [(weekday, 9, 12), (weekday, 12, 18)]);
    let hours = weekdays.chain([(6, 1, 4)]);
    let hours = hours.map(|(weekday, from, to)| AgreedHours {
        weekday,
        from: from * 60,
        to: to * 60,
    });
    Agreement(hours.collect())
}

#[test]
fn the_employer_contacts_within_the_hours_of_the_agreement() {
    let pack = pack::embedded().get("fr-2098").unwrap();
    let tuesday = date(2026, 3, 3);
    let (spring, autumn) = (date(2026, 3, 29), date(2026, 10, 25));
    let rows = [
        (tuesday, 8, 59, Some(1)),
        (tuesday, 9, 0, None),
        (tuesday, 12, 0, None),
        (tuesday, 17, 59, None),
        (tuesday, 18, 0, Some(15 * 60)),
        // Friday evening: until Sunday, as the agreement says.
        (date(2026, 3, 6), 18, 0, Some(31 * 60)),
        // By the clock, on days that are shorter and longer.
        (spring, 0, 0, Some(60)),
        (spring, 1, 0, None),
        (spring, 3, 59, None),
        (spring, 4, 0, Some(29 * 60)),
        (autumn, 0, 0, Some(60)),
        (autumn, 3, 59, None),
        (autumn, 4, 0, Some(29 * 60)),
    ];
    for (day, hour, minute, wait) in rows {
        let at_ms = at(day, hour, minute);
        let days = days_around(day);
        let ask = |kind| contact(pack, &agreement(), &days, at_ms, kind);
        let told = |kind| {
            let finding = ask(kind)?;
            Some((
                finding.article.to_string(),
                finding.span.length_ms() / 60_000,
            ))
        };
        let expected = |article: &str| wait.map(|minutes| (article.to_owned(), minutes));
        assert_eq!(
            told(Contact::Reaches),
            expected("L1222-9"),
            "{day} {hour}:{minute}"
        );
        assert_eq!(
            told(Contact::Proposes),
            expected("L2242-17"),
            "{day} {hour}:{minute}"
        );
        assert_eq!(ask(Contact::Pulled), None, "an agent may pull at any time");
        let none = Agreement::default();
        assert_eq!(contact(pack, &none, &days, at_ms, Contact::Reaches), None);
    }
    let eu = pack::embedded().get("eu").unwrap();
    let night = at(tuesday, 3, 0);
    assert_eq!(
        contact(
            eu,
            &agreement(),
            &days_around(tuesday),
            night,
            Contact::Reaches
        ),
        None
    );
}

#[test]
fn agreed_hours_that_touch_are_one() {
    let tuesday = date(2026, 3, 3);
    let days = days_around(tuesday);
    let until = agreement().open_until_ms(&days, at(tuesday, 10, 0));
    assert_eq!(until, Some(at(tuesday, 18, 0)));
    let whole = |weekday| AgreedHours {
        weekday,
        from: 0,
        to: 24 * 60,
    };
    let two = Agreement(vec![whole(1), whole(2)]);
    assert_eq!(
        two.open_until_ms(&days, at(tuesday, 10, 0)),
        Some(at(date(2026, 3, 5), 0, 0))
    );
}

fn told_on(
    pack: &str,
    who: &str,
    told: Date,
    shift: Date,
    act: Act,
    on_call: bool,
    exceptional: bool,
) -> Option<String> {
    let pack = pack::embedded().get(pack).unwrap();
    let change = Change {
        told_ms: at(told, 23, 0),
        shift: Span::new(at(shift, 9, 0), at(shift, 12, 0)),
        act,
        is_on_call: on_call,
        is_exceptional: exceptional,
    };
    let easter_monday = homeshore::labour::days::number(date(2026, 4, 6));
    let found = notice(pack, &person(who), &days_around(told), &change, |day| {
        day == easter_monday
    });
    found.map(|finding| finding.article.to_string())
}

#[test]
fn an_ordered_change_needs_notice_and_an_accepted_one_none() {
    let ordered =
        |pack, who, told, shift| told_on(pack, who, told, shift, Act::Ordered, false, false);
    let short = Some("L3123-31".to_owned());
    let monday = date(2026, 3, 2);
    // Seven working days lie between Monday and the Thursday of the week after.
    assert_eq!(ordered("fr", "part", monday, date(2026, 3, 11)), short);
    assert_eq!(ordered("fr", "part", monday, date(2026, 3, 12)), None);
    assert_eq!(ordered("fr", "part", monday, date(2026, 3, 13)), None);
    assert_eq!(ordered("fr", "", monday, date(2026, 3, 3)), None);
    assert_eq!(ordered("fr-2098", "part", monday, date(2026, 3, 5)), short);
    assert_eq!(ordered("fr-2098", "part", monday, date(2026, 3, 6)), None);
    // A holiday is no working day, and the clock change on 29 March takes none away.
    assert_eq!(
        ordered("fr-2098", "part", date(2026, 4, 2), date(2026, 4, 8)),
        short
    );
    assert_eq!(
        ordered("fr-2098", "part", date(2026, 4, 2), date(2026, 4, 9)),
        None
    );
    assert_eq!(
        ordered("fr-2098", "part", date(2026, 3, 27), date(2026, 4, 1)),
        short
    );
    assert_eq!(
        ordered("fr-2098", "part", date(2026, 3, 27), date(2026, 4, 2)),
        None
    );
    assert_eq!(
        ordered("fr-2098", "part", date(2026, 10, 23), date(2026, 10, 28)),
        short
    );
    assert_eq!(
        ordered("fr-2098", "part", date(2026, 10, 23), date(2026, 10, 29)),
        None
    );
    let accepted = told_on(
        "fr",
        "part",
        monday,
        date(2026, 3, 3),
        Act::Accepted,
        false,
        false,
    );
    assert_eq!(accepted, None);
}

#[test]
fn on_call_needs_fifteen_days_or_one_in_exceptional_circumstances() {
    let told = |shift, exceptional| {
        told_on(
            "fr",
            "",
            date(2026, 3, 20),
            shift,
            Act::Ordered,
            true,
            exceptional,
        )
    };
    let short = Some("L3121-12".to_owned());
    assert_eq!(told(date(2026, 4, 4), false), short);
    assert_eq!(told(date(2026, 4, 5), false), None);
    assert_eq!(told(date(2026, 4, 6), false), None);
    assert_eq!(told(date(2026, 3, 21), true), short);
    assert_eq!(told(date(2026, 3, 22), true), None);
}

#[test]
fn night_sunday_and_holiday_hours_are_counted_with_their_price() {
    let count = |pack: &str, text: &str, week: Week| {
        let shifts = shifts(text, week.monday());
        let whole = Span::new(
            shifts[0].span.start_ms,
            shifts[shifts.len() - 1].span.end_ms,
        );
        let case = Case {
            pack: pack::embedded().get(pack).unwrap(),
            person: &person(""),
            days: &Days::around(&zone(), whole),
            shifts: &shifts,
            past: &Past::default(),
        };
        let tuesday = homeshore::labour::days::number(date(2026, 3, 3));
        counted(&case, |day| day == tuesday)
    };
    let counted = count("fr-2098", "Mon 20:00-26:00; Sun 10:00-12:00", Week::Plain);
    let expected = Counted {
        work_ms: 8 * HOUR_MS,
        night_ms: 4 * HOUR_MS,
        sunday_ms: 2 * HOUR_MS,
        holiday_ms: 2 * HOUR_MS,
        extra_pay_ms: 4 * HOUR_MS,
    };
    assert_eq!(counted, expected);
    let plain = count("fr", "Mon 20:00-26:00; Sun 10:00-12:00", Week::Plain);
    assert_eq!((plain.night_ms, plain.extra_pay_ms), (5 * HOUR_MS, 0));
    // From 21:00 to 06:00 are 8 hours in spring and 10 in autumn.
    for (week, hours) in [(Week::Spring, 8), (Week::Autumn, 10)] {
        assert_eq!(
            count("fr", "Sat 21:00-30:00", week).night_ms,
            hours * HOUR_MS,
            "{week:?}"
        );
    }
}
