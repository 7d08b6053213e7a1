//! Times of a scenario: durations, times of day, and how long things take at random.

use super::{Folder, as_ms, table};
use crate::{
    cli::{
        text,
        toml_file::{Findings, Section},
    },
    simulation::model::Distribution,
};

const DISTRIBUTION_KEYS: [&str; 5] = ["constant", "exponential", "lognormal", "cv", "empirical"];
const WANTED: &str = "must be a duration like \"3m\", or a table: { exponential = \"3m\" }, \
{ lognormal = \"3m\", cv = 0.8 } or { empirical = [\"20s\", \"1m\"] }, or with a file of `seconds`: { empirical = \"talk.csv\" }";

/// A duration in ms.
pub(super) fn ms(section: &Section<'_>, key: &str, findings: &mut Findings) -> Option<u64> {
    section.duration(key, findings).map(as_ms)
}

/// A time of day such as `"17:30"` in ms; what is after midnight goes on from 24:00.
pub(super) fn clock(section: &Section<'_>, key: &str, findings: &mut Findings) -> Option<u64> {
    if !section.has(key) {
        return None;
    }
    let text = section.text(key, findings);
    let time = parse_clock(&text);
    if time.is_none() && section.is_text(key) {
        let what = "must be a time of day like \"17:30\"; after midnight go on with \"24:30\"";
        section.note(key, what, findings);
    }
    time
}

/// Reads `17:30`, to 999:59.
pub(super) fn parse_clock(text: &str) -> Option<u64> {
    let (hours, minutes) = text.split_once(':')?;
    let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=3).contains(&hours.len()) || minutes.len() != 2 {
        return None;
    }
    if !is_plain(hours) || !is_plain(minutes) {
        return None;
    }
    let (hours, minutes): (u64, u64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60).then_some((hours * 60 + minutes) * 60_000)
}

/// How long something takes; none if the key is absent.
pub(super) fn distribution(
    section: &Section<'_>,
    key: &str,
    folder: &Folder<'_>,
    findings: &mut Findings,
) -> Option<Distribution> {
    if !section.has(key) {
        return None;
    }
    if section.is_text(key) {
        let constant = ms(section, key, findings)?;
        return Some(Distribution::Constant(float(constant)));
    }
    if !section.is_table(key) {
        section.note(key, WANTED, findings);
        return None;
    }
    let inner = section.section(key, findings)?;
    inner.check_keys(&DISTRIBUTION_KEYS, findings);
    let forms: Vec<&str> = DISTRIBUTION_KEYS
        .into_iter()
        .filter(|form| *form != "cv" && inner.has(form))
        .collect();
    let [form] = forms[..] else {
        section.note(key, WANTED, findings);
        return None;
    };
    if inner.has("cv") != (form == "lognormal") {
        let what = "belongs to `lognormal`, which needs it: the standard deviation ÷ the mean";
        inner.note("cv", what, findings);
        return None;
    }
    match form {
        "empirical" => empirical(&inner, folder, findings),
        form => {
            let mean = float(ms(&inner, form, findings)?);
            Some(match form {
                "constant" => Distribution::Constant(mean),
                "exponential" => Distribution::Exponential(mean),
                _ => Distribution::Lognormal {
                    mean,
                    cv: inner.number("cv", findings)?,
                },
            })
        }
    }
}

/// A list of durations, or a file of them.
fn empirical(
    section: &Section<'_>,
    folder: &Folder<'_>,
    findings: &mut Findings,
) -> Option<Distribution> {
    if section.is_text("empirical") {
        let file = folder.path(&section.text("empirical", findings));
        let named = table::Named {
            section,
            key: "empirical",
            file: &file,
        };
        let values = named.seconds(findings)?;
        return Some(Distribution::Empirical(values.into()));
    }
    let texts = section.texts("empirical", findings);
    let values: Result<Vec<f64>, String> = texts
        .iter()
        .map(|text| text::parse_duration(text).map(|duration| float(as_ms(duration))))
        .collect();
    match values {
        Ok(values) => Some(Distribution::Empirical(values.into())),
        Err(what) => {
            section.note(
                "empirical",
                &format!("has a text that is wrong: {what}"),
                findings,
            );
            None
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a duration of a file")]
fn float(ms: u64) -> f64 {
    ms as f64
}
