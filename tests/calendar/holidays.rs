//! The holidays of every region against independent lists.

use std::collections::{BTreeMap, BTreeSet};

use homeshore::calendar::holidays::{Holidays, regions};
use jiff::civil::Date;

use super::{Row, own, reference};

/// Feasts of the Islamic calendar, which are fixed by sighting the moon and come by import.
const SIGHTED: &[&str] = &[
    "عيد الفطر",
    "عيد الأضحى",
    "رأس السنة الهجرية",
    "عيد المولد النبوي",
    "المولد النبويّ",
    "Eidul Fitr",
    "Eid Fitr",
    "Eidul Adha",
    "Aid Al Adha",
    "Korité",
    "Tabaski",
    "Tamxarit",
    "Grand Magal de Touba",
    "Maouloud",
];

/// The names of a day that can be computed.
fn computed(name: &str) -> Vec<&str> {
    let names = name.split("; ");
    names
        .filter(|name| !SIGHTED.iter().any(|feast| name.contains(feast)))
        .collect()
}

/// A region's rows of one year.
type Year<'r> = BTreeMap<Date, (&'r str, &'r Row)>;

fn by_year(rows: &[(String, Row)]) -> BTreeMap<(&str, i16), Year<'_>> {
    let mut years = BTreeMap::<_, Year<'_>>::new();
    for (at, row) in rows {
        let date: Date = row["date"]
            .parse()
            .unwrap_or_else(|error| panic!("{at}: {error}"));
        let weekday = format!("{:?}", date.weekday());
        assert_eq!(weekday, row["weekday"], "{at}");
        let year = years
            .entry((row["region"].as_str(), date.year()))
            .or_default();
        year.insert(date, (at.as_str(), row));
    }
    years
}

/// What a row and ours disagree on.
fn compare(at: &str, row: &Row, ours: Option<&str>, wrong: &mut Vec<String>) {
    let (region, date, name) = (&row["region"], &row["date"], &row["name"]);
    let theirs = computed(name);
    let is_needed = row["agreement"] == "all" && !theirs.is_empty();
    let is_named = row["listed_by"].split('|').any(|list| list == "holidays");
    match ours {
        None if is_needed => wrong.push(format!("{at}: {region} {date} `{name}` is missing")),
        Some(ours) if is_named && !theirs.is_empty() && computed(ours) != theirs => {
            wrong.push(format!("{at}: {region} {date} is `{ours}`, not `{name}`"));
        }
        None | Some(_) => {}
    }
}

#[test]
fn every_region_has_the_days_on_which_independent_lists_agree_and_no_others() {
    let rows = reference("holidays");
    let mut wrong = Vec::new();
    for ((region, year), days) in by_year(&rows) {
        let holidays = Holidays::for_region(region).unwrap_or_else(|error| panic!("{error}"));
        let ours = holidays.of_year(year);
        let named: BTreeMap<Date, &str> = ours
            .iter()
            .map(|day| (day.date, day.name.as_str()))
            .collect();
        for (date, (at, row)) in &days {
            compare(at, row, named.get(date).copied(), &mut wrong);
        }
        let ours = named.iter().filter(|(date, _)| !days.contains_key(date));
        wrong.extend(ours.map(|(date, name)| format!("{region} {date} `{name}` is in no list")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Beside what all lists have, a region has what the package `holidays` has, and nothing else. Its lists differ from the
/// others by: Sundays of Spain, which give no holiday there unless a community moves it; 24 December of Poland and
/// 6 and 7 January of Romania, which are new; Easter and Whit Sunday of Belgium; days that the overseas regions keep by
/// custom.
#[test]
fn where_lists_disagree_a_region_follows_one_of_them() {
    let rows = own("all_holidays");
    let mut wrong = Vec::new();
    for (at, row) in &rows {
        let date: Date = row["date"].parse().unwrap();
        let ours = Holidays::for_region(&row["region"]).unwrap().on(date);
        let is_theirs = row["listed_by"].split('|').any(|list| list == "holidays");
        let is_sighted = computed(&row["name"]).is_empty();
        if ours.is_some() != is_theirs && !is_sighted {
            wrong.push(format!("{at}: {} {date} is {ours:?}", row["region"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_region_is_compared() {
    let rows = own("all_holidays");
    let compared: BTreeSet<&str> = rows.iter().map(|(_, row)| row["region"].as_str()).collect();
    let regions = regions();
    let ours: BTreeSet<&str> = regions.iter().map(|region| region.code.as_str()).collect();
    assert_eq!(ours, compared);
}

#[test]
fn a_date_and_a_range_say_the_same_as_the_year() {
    let holidays = Holidays::for_region("RO").unwrap();
    let date = |text: &str| text.parse::<Date>().unwrap();
    assert_eq!(
        holidays.on(date("2026-06-01")).as_deref(),
        Some("Rusaliile; Ziua Copilului")
    );
    assert_eq!(holidays.on(date("2026-06-02")), None);
    let over_new_year = holidays.between(date("2025-12-26"), date("2026-01-02"));
    let days: Vec<String> = over_new_year
        .iter()
        .map(|day| format!("{} {}", day.date, day.name))
        .collect();
    assert_eq!(
        days,
        [
            "2025-12-26 Crăciunul",
            "2026-01-01 Anul Nou",
            "2026-01-02 Anul Nou"
        ]
    );
}
