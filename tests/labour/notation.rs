//! A short notation for shifts in tables: `Tue 08:00-19:00/12:00-13:00` is a shift on Tuesday with a break. Hours beyond 24
//! are of the next day; `Tue+1` is a week later; `call 18:00-20:00` after a day is waiting to be called; `home` before it is
//! telework.

use homeshore::{
    calendar::zone::Zone,
    labour::{
        Age, Case, Finding, HOUR_MS, Past, Person, Severity, Shift, Span, days::Days, evaluate,
        pack,
    },
};
use jiff::civil::{Date, date};

/// The week of a row: an ordinary one in March, or that at the end of which clocks change.
#[derive(Clone, Copy, Debug)]
pub(super) enum Week {
    Plain,
    Spring,
    Autumn,
}

impl Week {
    /// Its Monday.
    pub(super) fn monday(self) -> Date {
        match self {
            Self::Plain => date(2026, 3, 2),
            Self::Spring => date(2026, 3, 23),
            Self::Autumn => date(2026, 10, 19),
        }
    }
}

/// The zone of the tables.
pub(super) fn zone() -> Zone {
    Zone::named("Europe/Paris").unwrap()
}

/// Shifts in the notation, separated by `;`.
pub(super) fn shifts(text: &str, monday: Date) -> Vec<Shift> {
    let parts = text.split(';').map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(|part| shift(part, monday))
        .collect()
}

fn shift(text: &str, monday: Date) -> Shift {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let take = |words: &mut Vec<&str>, word: &str| {
        let before = words.len();
        words.retain(|other| *other != word);
        words.len() < before
    };
    let (is_call, is_home) = (take(&mut words, "call"), take(&mut words, "home"));
    let [day, times] = words[..] else {
        panic!("`{text}` is no shift");
    };
    let (day, week) = day.split_once('+').unwrap_or((day, "0"));
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let place = names
        .iter()
        .position(|name| *name == day)
        .unwrap_or_else(|| panic!("{text}"));
    let days = i64::try_from(place).unwrap() + 7 * week.parse::<i64>().unwrap();
    let date = monday.saturating_add(jiff::Span::new().days(days));
    let mut spans = times.split('/').map(|times| span(times, date));
    let whole = spans.next().unwrap();
    let mut shift = if is_call {
        Shift::on_call(whole)
    } else {
        Shift::work(whole).with_breaks(spans)
    };
    shift.is_telework = is_home;
    shift
}

fn span(times: &str, date: Date) -> Span {
    let (start, end) = times.split_once('-').unwrap_or_else(|| panic!("{times}"));
    Span::new(at(start, date), at(end, date))
}

fn at(time: &str, date: Date) -> i64 {
    let (hour, minute) = time.split_once(':').unwrap_or_else(|| panic!("{time}"));
    let hour: i64 = hour.parse().unwrap();
    let date = date.saturating_add(jiff::Span::new().days(hour / 24));
    let local = date.at(
        i8::try_from(hour % 24).unwrap(),
        minute.parse().unwrap(),
        0,
        0,
    );
    zone().instant(local).as_millisecond()
}

/// A person in words: an age, `part`, `nights` for a night worker by contract, and `24h` for the hours of the contract.
pub(super) fn person(text: &str) -> Person {
    let mut person = Person::default();
    for word in text.split_whitespace() {
        if word == "part" {
            person.is_part_time = true;
        } else if word == "nights" {
            person.is_night_worker = true;
        } else if let Some(hours) = word.strip_suffix('h') {
            person.contract_week_ms = Some(hours.parse::<i64>().unwrap() * HOUR_MS);
        } else {
            person.age = Age::Years(word.parse().unwrap());
        }
    }
    person
}

/// What the evaluator finds.
pub(super) fn findings(pack: &str, person: &Person, shifts: &[Shift], past: &Past) -> Vec<Finding> {
    let spans = || shifts.iter().map(|shift| shift.span);
    let start_ms = spans().map(|span| span.start_ms).min().unwrap_or(0);
    let end_ms = spans().map(|span| span.end_ms).max().unwrap_or(0);
    evaluate(&Case {
        pack: pack::embedded().get(pack).unwrap(),
        person,
        days: &Days::around(&zone(), Span::new(start_ms, end_ms)),
        shifts,
        past,
    })
}

/// The articles of findings, sorted, each once, warnings with a `?`.
pub(super) fn articles(findings: &[Finding]) -> String {
    let told = findings.iter().map(|finding| match finding.severity {
        Severity::Blocking => finding.article.to_string(),
        Severity::Warning => format!("{}?", finding.article),
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    told.dedup();
    told.join(" ")
}

/// A row of a table: week, pack, person, shifts, articles.
pub(super) type Row<'a> = (Week, &'a str, &'a str, &'a str, &'a str);

/// Holds every row, and tells all that do not.
pub(super) fn check(rows: &[Row<'_>]) {
    let mut wrong = Vec::new();
    for (week, pack, who, text, expected) in rows {
        let shifts = shifts(text, week.monday());
        let found = findings(pack, &person(who), &shifts, &Past::default());
        if articles(&found) != *expected {
            wrong.push(format!(
                "{week:?} {pack} `{who}` `{text}`: expected `{expected}`, found {found:#?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
