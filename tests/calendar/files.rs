//! Holiday files: what they can say, and how they are refused.

use homeshore::calendar::holidays::Holidays;

const OURS: &str = r#"
code = "OURS"
name = "Our days"
substitute_name = "{} (moved)"
day = [
    { name = "Founders' day", on = "first monday of june", from = 2025 },
    { name = "New Year's Day", on = "01-01", substitute = [{ on = "saturday", days = 2, keep = true }, { on = "sunday", days = 1, keep = true }] },
    { name = "New Year's Eve", on = "12-31", substitute = [{ on = "saturday", days = 2 }, { on = "sunday", days = 1 }] },
    { name = "Picnic", on = "08-15", not_on = ["saturday", "sunday"], except = [2025] },
]

[[region]]
code = "OURS-NORTH"
name = "The north"
day = [{ name = "Picnic", on = "08-20", only = [2025, 2027] }]
"#;

fn days(holidays: &Holidays, year: i16) -> Vec<String> {
    let days = holidays.of_year(year).into_iter();
    days.map(|day| format!("{} {}", day.date.strftime("%m-%d"), day.name))
        .collect()
}

#[test]
fn rules_substitutes_and_years_give_the_days_of_a_file() {
    let calendars = Holidays::parse(OURS).unwrap();
    let [ours, north] = &calendars[..] else {
        panic!("{calendars:?}")
    };
    let rows: [(&Holidays, i16, &[&str]); 5] = [
        (
            ours,
            2024,
            &[
                "01-01 New Year's Day; New Year's Eve (moved)",
                "08-15 Picnic",
                "12-31 New Year's Eve",
            ],
        ),
        (
            ours,
            2027,
            &[
                "01-01 New Year's Day",
                "06-07 Founders' day",
                "12-31 New Year's Eve",
            ],
        ),
        (
            north,
            2025,
            &[
                "01-01 New Year's Day",
                "06-02 Founders' day",
                "08-20 Picnic",
                "12-31 New Year's Eve",
            ],
        ),
        (
            north,
            2026,
            &[
                "01-01 New Year's Day",
                "06-01 Founders' day",
                "12-31 New Year's Eve",
            ],
        ),
        (
            ours,
            2023,
            &[
                "01-01 New Year's Day",
                "01-02 New Year's Day (moved); New Year's Eve (moved)",
                "08-15 Picnic",
            ],
        ),
    ];
    for (holidays, year, expected) in rows {
        assert_eq!(days(holidays, year), expected, "{} {year}", holidays.code());
    }
}

const WRONG: &str = r#"code = "X"
name = ""
day = [
    { name = "A", on = "31-12" },
    { name = "B", on = "easter+400" },
    { name = "C", on = "12-24", not_on = ["sundays"] },
    { name = "D", on = "12-25", substitute = [{ on = "sunday", days = 9 }] },
    { name = "E", on = "2026-05-27", only = [2027] },
    { name = "F" },
    { name = "G", on = "01-06", form = 2024 },
    { name = "H", on = "01-07", from = "2024" },
]

[[region]]
code = "X"
name = "Twice"
substitute_name = "moved"
"#;

#[test]
fn everything_wrong_with_a_file_is_told_with_its_line() {
    let problems = Holidays::parse(WRONG).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let expected = [
        "2: `name` must be",
        "4: `on` `31-12` is no rule; write `12-25`, ",
        "5: `on` `easter+400` is no rule",
        "6: `not_on` `sundays` is no weekday",
        "7: `days` 9 of a substitute is not",
        "8: `E` comes in no year",
        "9: missing field `on`",
        "10: unknown field `form`",
        "11: invalid type: string",
        "15: `code` `X` is there twice",
        "17: `substitute_name` `moved` needs",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}\nis not {expected}");
    }
    let broken = Holidays::parse("code = \"X\nname = 7").unwrap_err();
    assert_eq!(broken[0].line, 1, "{broken:?}");
}

const FEASTS: &str = "BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//made up//EN\r
BEGIN:VEVENT\r
UID:1\r
DTSTART;VALUE=DATE:20270309\r
DTEND;VALUE=DATE:20270311\r
SUMMARY;LANGUAGE=fr:Aïd el-Fitr\\, deux\r
  jours\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2\r
DTSTART:20270516T000000\r
DTEND:20270517T000000\r
SUMMARY:Aïd al-Adha\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:3\r
DTSTART;VALUE=DATE:20260521\r
RRULE:FREQ=YEARLY;COUNT=3\r
EXDATE;VALUE=DATE:20270521\r
SUMMARY:Fête de la maison\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:4\r
DTSTART;VALUE=DATE:20270101\r
STATUS:CANCELLED\r
SUMMARY:Off\r
END:VEVENT\r
END:VCALENDAR\r
";

#[test]
fn an_icalendar_file_gives_its_whole_days() {
    let holidays = Holidays::of_icalendar("MA-FEASTS", "Feasts", FEASTS).unwrap();
    let all: Vec<String> = holidays
        .all()
        .iter()
        .map(|day| format!("{} {}", day.date, day.name))
        .collect();
    let expected = [
        "2026-05-21 Fête de la maison",
        "2027-03-09 Aïd el-Fitr, deux jours",
        "2027-03-10 Aïd el-Fitr, deux jours",
        "2027-05-16 Aïd al-Adha",
        "2028-05-21 Fête de la maison",
    ];
    assert_eq!(all, expected);
}

#[test]
fn an_icalendar_file_is_refused_with_the_lines_of_its_events() {
    let wrong = FEASTS
        .replace("DTEND;VALUE=DATE:20270311", "DTEND;VALUE=DATE:20270301")
        .replace("20270516T000000", "20270516T143000")
        .replace("FREQ=YEARLY;COUNT=3", "FREQ=MONTHLY");
    let problems = Holidays::of_icalendar("X", "X", &wrong).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let expected = [
        "4: the event lasts -8 days",
        "11: `DTSTART` `20270516T143000` is no whole day",
        "17: `RRULE` must have `FREQ=YEARLY`",
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}");
    }
    for nothing in ["", "hello", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"] {
        assert!(
            Holidays::of_icalendar("X", "X", nothing).is_err(),
            "{nothing}"
        );
    }
}
