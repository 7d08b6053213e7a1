//! Every figure as a document.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{SURE, Scope, Side, counterpart, scopes, told};
use crate::simulation::model::{Estimate, Results, Row};

/// The figures of the first side; with a second one also its figures and the differences.
pub(in crate::cli::simulate) fn json(sides: &[Side], cut_short: Option<&str>) -> Value {
    let mut document = side(&sides[0]);
    document.insert("cut_short".to_owned(), json!(cut_short));
    if let Some(second) = sides.get(1) {
        document.insert("second".to_owned(), Value::Object(side(second)));
        let differences = differences(&sides[0].results, &second.results);
        document.insert("differences".to_owned(), differences);
    }
    Value::Object(document)
}

fn side(side: &Side) -> Map<String, Value> {
    let (scenario, results) = (&side.scenario, &side.results);
    let mut document = Map::new();
    let facts = [
        ("scenario", json!(scenario.name)),
        ("seed", json!(scenario.seed)),
        ("replications", json!(scenario.replications)),
        ("samples", json!(results.samples)),
        ("calls", json!(results.calls)),
    ];
    document.extend(facts.map(|(key, value)| (key.to_owned(), value)));
    for (key, scope) in ["queues", "staff", "sites"].iter().zip(scopes(results)) {
        let rows = scope.whole.iter().map(|row| {
            let intervals = scope.intervals.iter().filter(|it| it.name == row.name);
            let intervals = intervals.map(|it| {
                let (from, to) = it.interval_ms.unwrap_or_default();
                json!({"from_ms": from, "to_ms": to, "measures": measures(&scope, it)})
            });
            json!({
                "name": &*row.name,
                "measures": measures(&scope, row),
                "intervals": intervals.collect::<Vec<_>>(),
            })
        });
        document.insert((*key).to_owned(), rows.collect());
    }
    let work = results.work_shares(SURE).map(|(queue, group, share)| {
        json!({"queue": queue, "staff": group, "share": estimate(Some(share))})
    });
    document.insert("work".to_owned(), work.collect());
    document
}

fn measures(scope: &Scope<'_>, row: &Row) -> BTreeMap<&'static str, Value> {
    let names = scope.measures.iter().enumerate();
    names
        .map(|(place, (name, _))| (*name, estimate(row.estimate(place, SURE))))
        .collect()
}

fn estimate(estimate: Option<Estimate>) -> Value {
    let Some(Estimate { value, interval }) = estimate else {
        return Value::Null;
    };
    let (low, high) = interval.unzip();
    json!({"value": told(value), "low": low.map(told), "high": high.map(told)})
}

fn differences(first: &Results, second: &Results) -> Value {
    let mut document = Map::new();
    let keys = ["queues", "staff", "sites"];
    for ((key, scope), other) in keys.iter().zip(scopes(first)).zip(scopes(second)) {
        let rows = scope.whole.iter().filter_map(|row| {
            let other = counterpart(other.whole, row)?;
            let names = scope.measures.iter().enumerate();
            let measures: BTreeMap<_, _> = names
                .map(|(place, (name, _))| (*name, estimate(row.difference(other, place, SURE))))
                .collect();
            Some(json!({"name": &*row.name, "measures": measures}))
        });
        document.insert((*key).to_owned(), rows.collect());
    }
    Value::Object(document)
}
