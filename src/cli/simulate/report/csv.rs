//! Every figure as a row of CSV.

use super::{SURE, Scope, Side, cells, counterpart, scopes};
use crate::simulation::model::Unit;

const COLUMNS: [&str; 9] = [
    "scope", "name", "from", "to", "measure", "unit", "value", "low", "high",
];
const OF_SECOND: [&str; 4] = ["second", "difference", "difference_low", "difference_high"];

/// The figures; with a second side beside those of the first, and the differences.
pub(in crate::cli::simulate) fn csv(sides: &[Side]) -> anyhow::Result<Vec<u8>> {
    let mut writer = ::csv::WriterBuilder::new().from_writer(Vec::new());
    let (first, second) = (&sides[0], sides.get(1));
    let extra: &[&str] = if second.is_some() { &OF_SECOND } else { &[] };
    writer.write_record(COLUMNS.iter().chain(extra))?;
    let others = second.map(|side| scopes(&side.results));
    for (place, scope) in scopes(&first.results).iter().enumerate() {
        let other = others.as_ref().map(|others| &others[place]);
        for record in records(scope, other) {
            writer.write_record(record)?;
        }
    }
    let shares = second.map(|side| side.results.work_shares(SURE).collect::<Vec<_>>());
    for (queue, group, estimate) in first.results.work_shares(SURE) {
        let mut record: Vec<String> = ["work", queue, "", "", group, unit(Unit::Share)]
            .map(str::to_owned)
            .into();
        record.extend(cells(Some(estimate)));
        if let Some(shares) = &shares {
            let mut others = shares.iter();
            let other = others.find(|(of, by, _)| (*of, *by) == (queue, group));
            let [value, ..] = cells(other.map(|(_, _, estimate)| *estimate));
            record.extend([value, String::new(), String::new(), String::new()]);
        }
        writer.write_record(record)?;
    }
    Ok(writer.into_inner()?)
}

/// The word of a unit.
pub(super) fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => "share",
        Unit::Seconds => "s",
        Unit::Level => "level",
        Unit::Count => "count",
    }
}

fn records(scope: &Scope<'_>, other: Option<&Scope<'_>>) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    for row in scope.whole.iter().chain(scope.intervals) {
        let (from, to) = row.interval_ms.map_or_else(
            || (String::new(), String::new()),
            |(from, to)| (from.to_string(), to.to_string()),
        );
        let counterpart = other.map(|other| {
            counterpart(other.whole, row).or_else(|| counterpart(other.intervals, row))
        });
        for (place, (measure, of)) in scope.measures.iter().enumerate() {
            let mut record: Vec<String> = vec![
                scope.name.to_owned(),
                row.name.to_string(),
                from.clone(),
                to.clone(),
                (*measure).to_owned(),
                unit(*of).to_owned(),
            ];
            record.extend(cells(row.estimate(place, SURE)));
            if let Some(other) = counterpart {
                let value = other.and_then(|other| other.estimate(place, SURE));
                let difference = other.and_then(|other| row.difference(other, place, SURE));
                let [value, ..] = cells(value);
                record.push(value);
                record.extend(cells(difference));
            }
            records.push(record);
        }
    }
    records
}
