//! `peaks backtest`: replays past volumes and tells what would have been found.

use std::process::ExitCode;

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::{
    BacktestArgs,
    history::{self, Volumes, begin},
};
use crate::{
    cli::{error::CliError, out, progress},
    planning::peaks::{
        History, Learned, Peak, Settings,
        backtest::{Found, Judged, Method, SURGES, Surge, judge, trials},
        plain::{Medians, Plain},
    },
};

/// What came of a queue.
struct Report {
    queue: String,
    minutes: i32,
    days: usize,
    peaks: Vec<(DateTime, Option<DateTime>, Peak)>,
    methods: Vec<Judgement>,
}

/// What came of a method.
struct Judgement {
    method: &'static str,
    alarms: usize,
    surges: Vec<(Surge, Found)>,
}

pub(super) fn run(args: &BacktestArgs, json: bool) -> anyhow::Result<ExitCode> {
    let volumes = history::read(&args.history)?;
    let forecast = args
        .forecast
        .as_deref()
        .map(history::read_forecast)
        .transpose()?;
    check(args, &volumes, forecast.as_ref())?;
    let is_asked = |name: &String| args.queue.is_empty() || args.queue.contains(name);
    let queues = volumes.queues.iter().filter(|(name, _)| is_asked(name));
    let queues: Vec<&(String, History)> = queues.collect();
    let bar = progress::bar(queues.len(), "queues");
    let mut reports = Vec::new();
    for (name, history) in queues {
        let forecast = forecast.as_ref().and_then(|forecast| {
            let mut queues = forecast.queues.iter();
            queues
                .find(|(queue, _)| queue == name)
                .map(|(_, volumes)| volumes)
        });
        reports.push(report(args, name, history, forecast, volumes.minutes));
        bar.inc(1);
    }
    bar.finish_and_clear();
    if json {
        out::json(&json!({"queues": reports.iter().map(Report::to_json).collect::<Vec<_>>()}))?;
    } else {
        let texts: Vec<String> = reports.iter().map(Report::to_text).collect();
        out::data(&texts.join("\n\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn check(
    args: &BacktestArgs,
    volumes: &Volumes,
    forecast: Option<&Volumes>,
) -> Result<(), CliError> {
    let mut wrong = Vec::new();
    let names: Vec<&str> = volumes
        .queues
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    for queue in &args.queue {
        if !names.contains(&queue.as_str()) {
            wrong.push(format!(
                "--queue: `{queue}` is not in the history; it has {}",
                names.join(", ")
            ));
        }
    }
    if !(args.min_baseline.is_finite() && args.min_baseline >= 0.0) {
        wrong.push(format!(
            "--min-baseline is `{}`; give a number of at least 0",
            args.min_baseline
        ));
    }
    if args.from.zip(args.to).is_some_and(|(from, to)| from > to) {
        wrong.push("--from is after --to; give a first day that is not after the last".to_owned());
    }
    if let Some(forecast) = forecast.filter(|forecast| forecast.minutes != volumes.minutes) {
        wrong.push(format!(
            "--forecast: its intervals have {} minutes, those of the history {}; give the same",
            forecast.minutes, volumes.minutes
        ));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(CliError::Input(wrong.join("\n  ")))
}

fn report(
    args: &BacktestArgs,
    queue: &str,
    history: &History,
    forecast: Option<&History>,
    minutes: i32,
) -> Report {
    let learned = Learned::new(history, forecast, &Settings::default());
    let judged = Judged {
        from: args.from,
        to: args.to,
        least: args.min_baseline,
        to_the_edge: args.to_the_edge,
    };
    let days = judged.days(history, &learned);
    let peaks = days.iter().flat_map(|day| {
        let date = history.date(*day);
        let peaks = learned.peaks(*day, history.day(*day), judged.least);
        peaks.into_iter().map(move |peak| {
            let at = |interval: usize| begin(date, interval + 1, minutes);
            (at(peak.found), peak.end.map(at), peak)
        })
    });
    let peaks: Vec<_> = peaks.collect();
    let medians = args.inject.then(|| Medians::new(history));
    let mut methods = vec![("homeshore", Method::Own(&learned))];
    if let Some(medians) = &medians {
        methods.push(("median", Method::Plain(medians, Plain::Median)));
        methods.push(("poisson", Method::Plain(medians, Plain::Poisson)));
    }
    let judgement = |(name, method): &(&'static str, Method<'_>)| {
        let alarms = days
            .iter()
            .map(|day| method.found(*day, history.day(*day), judged.least).len());
        let surge = |surge: &Surge| {
            let number = usize::try_from(args.trials).unwrap_or(usize::MAX);
            let trials = trials(history, &learned, &judged, *surge, (number, args.seed));
            (
                *surge,
                judge(method, history, &trials, *surge, judged.least),
            )
        };
        Judgement {
            method: name,
            alarms: alarms.sum(),
            surges: if args.inject {
                SURGES.iter().map(surge).collect()
            } else {
                Vec::new()
            },
        }
    };
    Report {
        queue: queue.to_owned(),
        minutes,
        days: days.len(),
        methods: methods.iter().map(judgement).collect(),
        peaks,
    }
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Judgement {
    fn alarms_a_week(&self, days: usize) -> Option<f64> {
        ratio(7 * self.alarms, days)
    }
}

/// A figure, or a dash.
fn figure(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}

impl Report {
    fn minutes_of(&self, intervals: usize) -> i64 {
        i64::try_from(intervals).unwrap_or(i64::MAX) * i64::from(self.minutes)
    }

    fn mean_delay(&self, found: &Found) -> Option<f64> {
        ratio(found.intervals, found.found).map(|intervals| intervals * f64::from(self.minutes))
    }

    fn to_json(&self) -> Value {
        let peak = |(found, end, peak): &(DateTime, Option<DateTime>, Peak)| {
            json!({
                "found": found.to_string(),
                "end": end.map(|end| end.to_string()),
                "delay_minutes": self.minutes_of(peak.excess.intervals),
                "intervals": peak.excess.intervals,
                "calls": peak.excess.count,
                "expected": peak.excess.expected,
                "score": peak.excess.score,
            })
        };
        let surge = |(surge, found): &(Surge, Found)| {
            json!({
                "rise": surge.rise,
                "within_intervals": surge.within,
                "trials": found.trials,
                "found_in_time": found.in_time,
                "share_in_time": ratio(found.in_time, found.trials),
                "found": found.found,
                "mean_delay_minutes": self.mean_delay(found),
            })
        };
        let method = |method: &Judgement| {
            json!({
                "method": method.method,
                "alarms": method.alarms,
                "alarms_a_week": method.alarms_a_week(self.days),
                "surges": method.surges.iter().map(surge).collect::<Vec<_>>(),
            })
        };
        json!({
            "queue": self.queue,
            "interval_minutes": self.minutes,
            "days": self.days,
            "peaks": self.peaks.iter().map(peak).collect::<Vec<_>>(),
            "methods": self.methods.iter().map(method).collect::<Vec<_>>(),
        })
    }

    fn to_text(&self) -> String {
        let mut parts = vec![format!(
            "{}: {} days with a baseline",
            self.queue, self.days
        )];
        if !self.peaks.is_empty() {
            let rows: Vec<Vec<String>> =
                self.peaks.iter().map(|peak| self.peak_row(peak)).collect();
            let head = ["found", "until", "delay", "calls", "expected", "score"];
            parts.push(out::table(&head, &rows));
        }
        let rows: Vec<Vec<String>> = self
            .methods
            .iter()
            .map(|method| self.method_row(method))
            .collect();
        let head = ["method", "alarms", "a week"];
        let surges = [
            "+30 % within 4",
            "delay, min",
            "+50 % within 2",
            "delay, min",
            "+100 % within 1",
            "delay, min",
        ];
        let is_injected = self.methods.iter().any(|method| !method.surges.is_empty());
        let head = if is_injected {
            [&head[..], &surges].concat()
        } else {
            head.to_vec()
        };
        parts.push(out::table(&head, &rows));
        parts.join("\n")
    }

    fn peak_row(&self, (found, end, peak): &(DateTime, Option<DateTime>, Peak)) -> Vec<String> {
        let minute = |at: &DateTime| at.strftime("%a %Y-%m-%d %H:%M").to_string();
        vec![
            minute(found),
            end.as_ref().map_or_else(|| "midnight".to_owned(), minute),
            format!("{} min", self.minutes_of(peak.excess.intervals)),
            format!("{:.0}", peak.excess.count),
            format!("{:.0}", peak.excess.expected),
            format!("{:.1}", peak.excess.score),
        ]
    }

    fn method_row(&self, method: &Judgement) -> Vec<String> {
        let mut row = vec![
            method.method.to_owned(),
            method.alarms.to_string(),
            figure(method.alarms_a_week(self.days), 2),
        ];
        for (_, found) in &method.surges {
            row.push(format!("{} of {}", found.in_time, found.trials));
            row.push(figure(self.mean_delay(found), 0));
        }
        row
    }
}
