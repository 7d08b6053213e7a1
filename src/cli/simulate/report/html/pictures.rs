//! Pictures over the day: a line with its band for each series, drawn here as SVG, each with a table of its numbers.

use askama::Template;

use super::{
    SURE,
    numbers::{Cell, Clock, number, shown, sign},
    scale,
    tables::{Line, Table, numbers, words},
};
use crate::simulation::model::{Estimate, Row, Unit};

const WIDTH: f64 = 360.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 340.0;
const PLOT: f64 = 150.0;
/// Room for a line of the key.
const KEY: f64 = 18.0;
/// Room for the times below.
const BELOW: f64 = 26.0;
/// More points than this have no marks: they would touch.
const MARKED_MAX: usize = 40;
/// So many times fit below, fewer if each needs its day.
const TIMES_MAX: (u64, u64) = (6, 4);
/// An interval that is wider than this many times the highest value leaves the picture at its top.
const ABOVE: f64 = 2.0;
/// Series differ by colour, dashes and marks.
const LOOKS: [&str; 3] = ["one", "two", "three"];

/// A picture with its table.
#[derive(Debug, Template)]
#[template(path = "cli/simulate/report/html/picture.html")]
pub(super) struct Picture {
    id: String,
    title: String,
    description: String,
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    bottom: f64,
    values: Vec<Tick>,
    times: Vec<Tick>,
    goal: Option<Tick>,
    series: Vec<Series>,
    table: Table,
}

#[derive(Debug)]
struct Tick {
    at: String,
    text: String,
}

/// A series, as paths.
#[derive(Debug)]
struct Series {
    name: String,
    look: &'static str,
    bands: Vec<String>,
    whiskers: Vec<String>,
    lines: Vec<String>,
    marks: Vec<String>,
    key: String,
    key_at: f64,
}

/// One measure of one thing over the day.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) name: String,
    /// For each interval: its times and the estimate.
    points: Vec<((u64, u64), Option<Estimate>)>,
}

impl Curve {
    /// The curve of these intervals.
    pub(super) fn of<'a>(name: &str, rows: impl Iterator<Item = &'a Row>, place: usize) -> Self {
        let points = rows.filter_map(|row| Some((row.interval_ms?, row.estimate(place, SURE))));
        Self {
            name: name.to_owned(),
            points: points.collect(),
        }
    }

    fn known(&self) -> impl Iterator<Item = ((u64, u64), Estimate)> {
        let points = self.points.iter();
        points.filter_map(|(span, estimate)| Some((*span, (*estimate)?)))
    }
}

/// What a picture is of.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) unit: Unit,
    pub(super) curves: &'a [Curve],
    /// A share to reach.
    pub(super) goal: Option<f64>,
    pub(super) clock: Clock,
}

/// Where values and times are in the picture.
#[derive(Clone, Copy)]
struct Frame {
    top: f64,
    most: f64,
    from_ms: u64,
    to_ms: u64,
}

impl Frame {
    fn y(self, value: f64) -> f64 {
        let part = (value / self.most).clamp(0.0, 1.0);
        self.top + PLOT * (1.0 - part)
    }

    #[expect(clippy::cast_precision_loss, reason = "ms of a scenario")]
    fn x(self, at_ms: u64) -> f64 {
        let part = (at_ms - self.from_ms) as f64 / (self.to_ms - self.from_ms) as f64;
        LEFT + (RIGHT - LEFT) * part
    }

    fn middle(self, (from_ms, to_ms): (u64, u64)) -> f64 {
        self.x(u64::midpoint(from_ms, to_ms))
    }
}

/// Draws it; none if no series has any data.
pub(super) fn draw(plan: &Plan<'_>) -> Option<Picture> {
    let spans = || plan.curves.iter().flat_map(|it| &it.points);
    let from_ms = spans().map(|(span, _)| span.0).min()?;
    let to_ms = spans().map(|(span, _)| span.1).max()?;
    let highest = highest(plan)?;
    let values = match plan.unit {
        Unit::Share => scale::values(100.0),
        Unit::Seconds | Unit::Level | Unit::Count => scale::values(highest),
    };
    #[expect(clippy::cast_precision_loss, reason = "at most three series")]
    let top = 10.0 + KEY * plan.curves.len() as f64;
    let most = values.last().copied().unwrap_or(1.0);
    let frame = Frame {
        top,
        most,
        from_ms,
        to_ms,
    };
    let series = plan
        .curves
        .iter()
        .zip(LOOKS)
        .zip([12.0, 12.0 + KEY, 12.0 + 2.0 * KEY]);
    Some(Picture {
        id: plan.id.clone(),
        title: plan.title.clone(),
        description: description(plan, (from_ms, to_ms)),
        width: WIDTH,
        height: top + PLOT + BELOW,
        left: LEFT,
        right: RIGHT,
        bottom: top + PLOT,
        values: values
            .iter()
            .map(|value| value_tick(*value, plan, frame))
            .collect(),
        times: time_ticks(plan.clock, frame),
        goal: plan.goal.map(|goal| Tick {
            at: format!("{:.1}", frame.y(shown(goal, plan.unit))),
            text: format!("goal {} %", shown(goal, plan.unit)),
        }),
        series: series
            .map(|((curve, look), key_at)| drawn(curve, plan.unit, frame, (look, key_at)))
            .collect(),
        table: table(plan),
    })
}

/// Up to which value the picture goes.
fn highest(plan: &Plan<'_>) -> Option<f64> {
    let known = || plan.curves.iter().flat_map(Curve::known).map(|(_, it)| it);
    let value = known()
        .map(|it| shown(it.value, plan.unit))
        .reduce(f64::max)?;
    let high = known().filter_map(|it| Some(shown(it.interval?.1, plan.unit)));
    let high = high.fold(value, f64::max);
    Some(if value > 0.0 {
        high.min(ABOVE * value)
    } else {
        high
    })
}

fn value_tick(value: f64, plan: &Plan<'_>, frame: Frame) -> Tick {
    // Steps are round, but their multiples need not be.
    let rounded = (value * 1e9).round() / 1e9;
    Tick {
        at: format!("{:.1}", frame.y(value)),
        text: format!("{rounded} {}", sign(plan.unit))
            .trim_end()
            .to_owned(),
    }
}

fn time_ticks(clock: Clock, frame: Frame) -> Vec<Tick> {
    let day = |at_ms: u64| clock.starts_ms.saturating_add(at_ms);
    let most = if clock.is_long {
        TIMES_MAX.1
    } else {
        TIMES_MAX.0
    };
    let times = scale::times((day(frame.from_ms), day(frame.to_ms)), most);
    let tick = |at_ms: u64| Tick {
        at: format!("{:.1}", frame.x(at_ms - clock.starts_ms)),
        text: clock.at(at_ms),
    };
    times.into_iter().map(tick).collect()
}

fn drawn(curve: &Curve, unit: Unit, frame: Frame, (look, key_at): (&'static str, f64)) -> Series {
    let mut series = Series {
        name: curve.name.clone(),
        look,
        bands: Vec::new(),
        whiskers: Vec::new(),
        lines: Vec::new(),
        marks: Vec::new(),
        key: mark(look, LEFT + 14.0, key_at),
        key_at,
    };
    let is_marked = curve.points.len() <= MARKED_MAX;
    for part in curve.points.split(|(_, estimate)| estimate.is_none()) {
        let known: Vec<_> = part
            .iter()
            .filter_map(|(span, estimate)| Some((frame.middle(*span), (*estimate)?)))
            .collect();
        let y = |value: f64| frame.y(shown(value, unit));
        if is_marked || known.len() == 1 {
            let marks = known.iter().map(|(x, it)| mark(look, *x, y(it.value)));
            series.marks.extend(marks);
        }
        if let [
            (
                x,
                Estimate {
                    interval: Some((low, high)),
                    ..
                },
            ),
        ] = known[..]
        {
            series
                .whiskers
                .push(format!("M{x:.1} {:.1}V{:.1}", y(low), y(high)));
        }
        if known.len() > 1 {
            let values = known.iter().map(|(x, it)| (*x, y(it.value)));
            series.lines.push(path(values));
            series.bands.extend(band(&known, y));
        }
    }
    series
}

/// Around the line: along the upper ends, and back along the lower ones.
fn band(known: &[(f64, Estimate)], y: impl Fn(f64) -> f64) -> Option<String> {
    let ends: Option<Vec<_>> = known
        .iter()
        .map(|(x, it)| it.interval.map(|(low, high)| (*x, y(low), y(high))))
        .collect();
    let ends = ends?;
    let upper = ends.iter().map(|(x, _, high)| (*x, *high));
    let lower = ends.iter().rev().map(|(x, low, _)| (*x, *low));
    Some(path(upper.chain(lower)) + "Z")
}

fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    let points: Vec<String> = points.map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
    format!("M{}", points.join("L"))
}

fn mark(look: &str, x: f64, y: f64) -> String {
    match look {
        "one" => format!("M{:.1} {y:.1}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0", x - 3.0),
        "two" => format!("M{:.1} {:.1}h5.6v5.6h-5.6z", x - 2.8, y - 2.8),
        _ => format!("M{x:.1} {:.1}l3.6 6.2h-7.2z", y - 4.0),
    }
}

/// What the picture shows, in words.
fn description(plan: &Plan<'_>, span: (u64, u64)) -> String {
    let clock = plan.clock;
    let mut texts = vec![format!("{}.", clock.span(span))];
    for curve in plan.curves {
        let least = curve.known().min_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let most = curve.known().max_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let told = |(span, it): ((u64, u64), Estimate)| {
            let value = number(it.value, plan.unit);
            let value = format!("{value} {}", sign(plan.unit));
            format!("{} from {}", value.trim_end(), clock.span(span))
        };
        texts.push(match least.zip(most) {
            Some((least, most)) => format!(
                "{}: lowest {}, highest {}.",
                curve.name,
                told(least),
                told(most)
            ),
            None => format!("{}: no data.", curve.name),
        });
    }
    texts.join(" ")
}

fn table(plan: &Plan<'_>) -> Table {
    let mut heads = vec![words("Interval")];
    let curves = plan.curves;
    heads.extend(curves.iter().map(|it| numbers(&it.name, sign(plan.unit))));
    let spans: Vec<(u64, u64)> = curves[0].points.iter().map(|(span, _)| *span).collect();
    let line = |span: &(u64, u64)| {
        let cells = curves.iter().map(|curve| {
            let point = curve.points.iter().find(|(of, _)| of == span);
            Cell::estimate(point.and_then(|(_, estimate)| *estimate), plan.unit)
        });
        Line {
            names: vec![plan.clock.span(*span)],
            cells: cells.collect(),
        }
    };
    Table {
        id: format!("{}-table", plan.id),
        caption: plan.title.clone(),
        heads,
        lines: spans.iter().map(line).collect(),
        note: String::new(),
    }
}
