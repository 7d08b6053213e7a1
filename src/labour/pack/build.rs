//! Builds packs from layers: figures of later layers replace those of earlier ones, within what the law allows.

use std::{collections::BTreeMap, sync::Arc};

use thiserror::Error;

use super::{
    Basis, Pack, Rule, RuleLine,
    figures::{
        Average, Break, Day, DaySpan, Drift, Interruptions, Lunch, MinorNight, MinorRest, Night,
        NightWorker, NoticeDays, OnCall, OnCallNotice, PartTimeSequence, Sequence, Sunday,
        WeeklyRest,
    },
    keys::{BOUNDS, COMMON, Level, Value},
    read::{self, Layer, Placed, Problem, Source},
};
use crate::labour::finding::{RuleId, Severity};

const EMBEDDED: [Source<'_>; 4] = [
    Source {
        name: "eu.toml",
        text: include_str!("../packs/eu.toml"),
    },
    Source {
        name: "fr.toml",
        text: include_str!("../packs/fr.toml"),
    },
    Source {
        name: "fr-2148.toml",
        text: include_str!("../packs/fr-2148.toml"),
    },
    Source {
        name: "fr-2098.toml",
        text: include_str!("../packs/fr-2098.toml"),
    },
];

/// Why packs cannot be used: every problem.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct PackError(pub Vec<Problem>);

/// Packs by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipped {
    layers: BTreeMap<Arc<str>, Layer>,
    packs: BTreeMap<Arc<str>, Arc<Pack>>,
}

/// The packs of the program. They are sound: a test reads them.
pub fn shipped() -> Shipped {
    let nothing = Shipped {
        layers: BTreeMap::new(),
        packs: BTreeMap::new(),
    };
    let packs = nothing.with(&EMBEDDED);
    packs.unwrap_or_else(|error| panic!("an embedded pack is not right: {error}"))
}

impl Shipped {
    /// A pack by its name.
    pub fn get(&self, name: &str) -> Option<&Arc<Pack>> {
        self.packs.get(name)
    }

    /// The names of all packs.
    pub fn names(&self) -> Vec<&str> {
        self.packs.keys().map(|name| &**name).collect()
    }

    /// These packs and those of more layers, in any order. A layer of the same name replaces one that was there.
    ///
    /// # Errors
    /// Every problem of every layer.
    pub fn with(&self, sources: &[Source<'_>]) -> Result<Self, PackError> {
        let (mut problems, mut layers) = (Vec::new(), self.layers.clone());
        let mut given: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
        for source in sources {
            match read::layer(*source) {
                Ok(layer) => {
                    if let Some(other) = given.insert(layer.name.clone(), layer.file.clone()) {
                        let text =
                            format!("`name` is `{}`, as in {other}; give another", layer.name);
                        problems.push(head_problem(&layer, text));
                    }
                    layers.insert(Arc::clone(&layer.name), layer);
                }
                Err(mut found) => problems.append(&mut found),
            }
        }
        let mut packs = BTreeMap::new();
        for layer in layers.values() {
            match stack(layer, &layers).and_then(|stack| pack(&stack)) {
                Ok(pack) => {
                    packs.insert(Arc::clone(&layer.name), Arc::new(pack));
                }
                Err(mut found) => problems.append(&mut found),
            }
        }
        if problems.is_empty() {
            return Ok(Self { layers, packs });
        }
        problems.sort();
        problems.dedup();
        Err(PackError(problems))
    }
}

/// The layers from the lowest to this one.
fn stack<'l>(
    top: &'l Layer,
    layers: &'l BTreeMap<Arc<str>, Layer>,
) -> Result<Vec<&'l Layer>, Vec<Problem>> {
    let mut stack = vec![top];
    let mut upper = top;
    while let Some(name) = &upper.extends {
        let Some(lower) = layers.get(name) else {
            let names: Vec<&str> = layers.keys().map(|name| &**name).collect();
            let known = names.join(", ");
            let text = format!("`extends` is `{name}`, which is no pack; there are {known}");
            return Err(vec![head_problem(upper, text)]);
        };
        // Levels never fall on the way up, so only layers of one level could lie on each other in a circle.
        if lower.level > upper.level || stack.iter().any(|layer| layer.name == lower.name) {
            let (above, below) = (upper.level.word(), lower.level.word());
            let text = format!(
                "`extends` is `{name}`, a layer of level {below}, on which one of level {above} does not lie; layers go from country over branch to company, in no circle"
            );
            return Err(vec![head_problem(upper, text)]);
        }
        stack.push(lower);
        upper = lower;
    }
    stack.reverse();
    Ok(stack)
}

fn head_problem(layer: &Layer, text: String) -> Problem {
    let file = layer.file.to_string();
    Problem {
        file,
        line: 1,
        text,
    }
}

fn pack(stack: &[&Layer]) -> Result<Pack, Vec<Problem>> {
    let mut merged = Merged::default();
    for layer in stack {
        for ((rule, key), placed) in &layer.figures {
            if BOUNDS.contains(key) && layer.level != Level::Country {
                let what = "is set by a country's law alone; leave it out";
                merged.refuse(*rule, key, placed, what);
            }
            merged.figures.insert((*rule, *key), placed);
        }
    }
    merged.top = stack.last().map(|layer| &*layer.file);
    merged.check_bounds();
    let pack = merged.pack(stack);
    if merged.problems.is_empty() {
        return Ok(pack);
    }
    Err(merged.problems)
}

/// The figures of a stack.
#[derive(Default)]
struct Merged<'l> {
    figures: BTreeMap<(RuleId, &'static str), &'l Placed>,
    top: Option<&'l str>,
    problems: Vec<Problem>,
    lines: Vec<RuleLine>,
}

impl<'l> Merged<'l> {
    fn refuse(&mut self, rule: RuleId, key: &str, placed: &Placed, what: &str) {
        let text = format!("`{}.{key}` {what}", rule.name());
        let (file, line) = (placed.file.to_string(), placed.line);
        self.problems.push(Problem { file, line, text });
    }

    /// An agreement goes no further than the law lets it.
    fn check_bounds(&mut self) {
        let rows: [(RuleId, &str, &str, bool); 6] = [
            (RuleId::DailyRest, "minimum", "at_least", true),
            (RuleId::Day, "maximum", "at_most", false),
            (RuleId::Day, "extended", "at_most", false),
            (RuleId::Average, "maximum", "at_most", false),
            (RuleId::PartTimeExtra, "divisor", "divisor_at_least", true),
            (RuleId::PartTimeNotice, "working_days", "at_least", true),
        ];
        for (rule, key, bound, is_least) in rows {
            let (Some(placed), Some(limit)) = (self.get(rule, key), self.get(rule, bound)) else {
                continue;
            };
            let (figure, limit) = (number(&placed.value), number(&limit.value));
            if (is_least && figure < limit) || (!is_least && figure > limit) {
                let (way, limit) = (
                    if is_least { "least" } else { "most" },
                    told(rule, key, limit),
                );
                let figure = told(rule, key, figure);
                let what = format!("is {figure}; the law lets an agreement give at {way} {limit}");
                self.refuse(rule, key, placed, &what);
            }
        }
    }

    /// Keeps a rule as people read it.
    fn line(&mut self, basis: &Basis) {
        let of_rule = self
            .figures
            .iter()
            .filter(|((rule, _), _)| *rule == basis.rule);
        let own = of_rule.filter(|((_, key), _)| COMMON.iter().all(|(common, _)| common != key));
        let figures = own.map(|((_, key), placed)| (*key, placed.value.to_string()));
        self.lines.push(RuleLine {
            basis: basis.clone(),
            figures: figures.collect(),
        });
    }

    fn get(&self, rule: RuleId, key: &'static str) -> Option<&'l Placed> {
        self.figures.get(&(rule, key)).copied()
    }

    /// A rule that is there and not switched off, with its figures.
    fn rule<F>(
        &mut self,
        rule: RuleId,
        read: impl FnOnce(&mut Keys<'_, 'l>) -> F,
    ) -> Option<Rule<F>> {
        let first = self.figures.keys().find(|(of, _)| *of == rule)?;
        let off = Value::Flag(false);
        if self
            .get(rule, "enabled")
            .is_some_and(|placed| placed.value == off)
        {
            return None;
        }
        let near = self.figures.get(first).copied()?;
        let mut keys = Keys {
            merged: self,
            rule,
            near,
        };
        let basis = Basis {
            rule,
            article: keys.text("article"),
            severity: keys.severity(),
            may_override: keys.flag_or("may_override", true),
        };
        let figures = read(&mut keys);
        self.line(&basis);
        Some(Rule { basis, figures })
    }
}

fn number(value: &Value) -> i64 {
    match value {
        Value::Time(number) | Value::Count(number) => *number,
        Value::Clock(minute) => i64::from(*minute),
        Value::Text(_) | Value::Severity(_) | Value::Flag(_) | Value::Dates(_) => 0,
    }
}

fn told(rule: RuleId, key: &str, number: i64) -> String {
    let is_time = super::keys::keys(rule)
        .iter()
        .any(|(known, kind)| *known == key && matches!(kind, super::keys::Kind::Time(_)));
    if is_time {
        crate::labour::words::time(number)
    } else {
        number.to_string()
    }
}

/// The keys of one rule. What is missing becomes a problem.
struct Keys<'m, 'l> {
    merged: &'m mut Merged<'l>,
    rule: RuleId,
    near: &'l Placed,
}

impl Keys<'_, '_> {
    fn needed(&mut self, key: &'static str) -> Option<Value> {
        let found = self.merged.get(self.rule, key);
        if found.is_none() {
            let (rule, near) = (self.rule, self.near);
            self.merged
                .refuse(rule, key, near, "is missing in this layer and all below");
        }
        found.map(|placed| placed.value.clone())
    }

    fn number(&mut self, key: &'static str) -> i64 {
        self.needed(key).map_or(1, |value| number(&value))
    }

    fn optional(&self, key: &'static str) -> Option<i64> {
        let found = self.merged.get(self.rule, key);
        found.map(|placed| number(&placed.value))
    }

    fn small<N: TryFrom<i64> + Default>(&mut self, key: &'static str) -> N {
        N::try_from(self.number(key)).unwrap_or_default()
    }

    fn text(&mut self, key: &'static str) -> Arc<str> {
        match self.needed(key) {
            Some(Value::Text(text)) => text,
            _ => "".into(),
        }
    }

    fn severity(&self) -> Severity {
        let found = self.merged.get(self.rule, "severity");
        match found.map(|placed| &placed.value) {
            Some(Value::Severity(severity)) => *severity,
            _ => Severity::Blocking,
        }
    }

    fn flag_or(&self, key: &'static str, otherwise: bool) -> bool {
        match self.merged.get(self.rule, key).map(|placed| &placed.value) {
            Some(Value::Flag(flag)) => *flag,
            _ => otherwise,
        }
    }

    fn flag(&mut self, key: &'static str) -> bool {
        self.needed(key) == Some(Value::Flag(true))
    }

    fn dates(&mut self, key: &'static str) -> Vec<(i8, i8)> {
        match self.needed(key) {
            Some(Value::Dates(dates)) => dates,
            _ => Vec::new(),
        }
    }
}

fn maximum(keys: &mut Keys<'_, '_>) -> i64 {
    keys.number("maximum")
}

fn average(keys: &mut Keys<'_, '_>) -> Average {
    Average {
        maximum_ms: keys.number("maximum"),
        weeks: keys.small("weeks"),
    }
}

fn day(keys: &mut Keys<'_, '_>) -> Day {
    let extended = keys.optional("extended");
    let days = extended.map(|most| (most, keys.small("extended_days_a_month")));
    Day {
        maximum_ms: keys.number("maximum"),
        extended: days,
    }
}

impl Merged<'_> {
    fn pack(&mut self, stack: &[&Layer]) -> Pack {
        let top = stack[stack.len() - 1];
        let layers = stack
            .iter()
            .map(|layer| (Arc::clone(&layer.name), layer.version));
        let mut pack = Pack {
            name: Arc::clone(&top.name),
            version: top.version,
            title: Arc::clone(&top.title),
            layers: layers.collect(),
            ..Pack::default()
        };
        self.rest(&mut pack);
        self.limits(&mut pack);
        self.night(&mut pack);
        self.part_time(&mut pack);
        self.minors(&mut pack);
        self.others(&mut pack);
        pack.lines = std::mem::take(&mut self.lines);
        pack
    }

    fn rest(&mut self, pack: &mut Pack) {
        pack.daily_rest = self.rule(RuleId::DailyRest, |keys| keys.number("minimum"));
        pack.weekly_rest = self.rule(RuleId::WeeklyRest, |keys| WeeklyRest {
            minimum_ms: keys.number("minimum"),
            day_ms: keys.number("day"),
        });
        pack.working_days = self.rule(RuleId::WorkingDays, maximum);
        pack.sunday = self.rule(RuleId::Sunday, |keys| Sunday {
            is_allowed: keys.flag("allowed"),
            pay_percent: keys.small("pay_percent"),
        });
        pack.compulsory_holiday = self.rule(RuleId::CompulsoryHoliday, |keys| keys.dates("dates"));
        pack.holiday = self.rule(RuleId::Holiday, |keys| keys.small("pay_percent"));
    }

    fn limits(&mut self, pack: &mut Pack) {
        pack.break_ = self.rule(RuleId::Break, |keys| Break {
            after_ms: keys.number("after"),
            is_due_when_reached: keys.flag("from"),
            minimum_ms: keys.number("minimum"),
        });
        pack.day = self.rule(RuleId::Day, day);
        pack.week = self.rule(RuleId::Week, maximum);
        pack.average = self.rule(RuleId::Average, average);
        pack.day_span = self.rule(RuleId::DaySpan, |keys| DaySpan {
            maximum_ms: maximum(keys),
        });
        pack.lunch = self.rule(RuleId::Lunch, |keys| Lunch {
            minimum_ms: keys.number("minimum"),
            from: keys.small("from"),
            to: keys.small("to"),
            after_ms: keys.number("after"),
        });
        pack.sequence = self.rule(RuleId::Sequence, |keys| Sequence {
            maximum_ms: keys.number("maximum"),
            short_ms: keys.number("short"),
            short_break_ms: keys.number("short_break"),
            long_break_ms: keys.number("long_break"),
        });
        pack.call_gap = self.rule(RuleId::CallGap, |keys| {
            (keys.number("simple"), keys.number("complex"))
        });
    }

    fn night(&mut self, pack: &mut Pack) {
        pack.night = self.rule(RuleId::Night, |keys| Night {
            from: keys.small("from"),
            to: keys.small("to"),
        });
        pack.night_worker = self.rule(RuleId::NightWorker, |keys| NightWorker {
            hours_ms: keys.number("hours"),
            times: keys.number("times"),
            year_ms: keys.number("year"),
        });
        pack.night_day = self.rule(RuleId::NightDay, maximum);
        pack.night_average = self.rule(RuleId::NightAverage, average);
    }

    fn part_time(&mut self, pack: &mut Pack) {
        pack.part_time_interruptions =
            self.rule(RuleId::PartTimeInterruptions, |keys| Interruptions {
                count: keys.number("count"),
                maximum_ms: keys.number("maximum"),
                break_from_ms: keys.number("break_from"),
            });
        pack.part_time_extra = self.rule(RuleId::PartTimeExtra, |keys| keys.number("divisor"));
        pack.part_time_full = self.rule(RuleId::PartTimeFull, |keys| keys.number("week"));
        pack.part_time_drift = self.rule(RuleId::PartTimeDrift, |keys| Drift {
            above_ms: keys.number("above"),
            weeks: keys.small("weeks"),
        });
        pack.part_time_sequence = self.rule(RuleId::PartTimeSequence, |keys| PartTimeSequence {
            minimum_ms: keys.number("minimum"),
            several_ms: keys.optional("several"),
        });
        pack.part_time_span = self.rule(RuleId::PartTimeSpan, |keys| keys.number("times_work"));
        pack.part_time_notice = self.rule(RuleId::PartTimeNotice, |keys| NoticeDays {
            working_days: keys.number("working_days"),
        });
    }

    fn minors(&mut self, pack: &mut Pack) {
        pack.minor_day = self.rule(RuleId::MinorDay, maximum);
        pack.minor_week = self.rule(RuleId::MinorWeek, maximum);
        pack.minor_break = self.rule(RuleId::MinorBreak, |keys| Break {
            after_ms: keys.number("after"),
            is_due_when_reached: false,
            minimum_ms: keys.number("minimum"),
        });
        pack.minor_night = self.rule(RuleId::MinorNight, |keys| MinorNight {
            from: keys.small("from"),
            from_under_16: keys.small("from_under_16"),
            to: keys.small("to"),
        });
        pack.minor_rest = self.rule(RuleId::MinorRest, |keys| MinorRest {
            minimum_ms: keys.number("minimum"),
            minimum_under_16_ms: keys.number("minimum_under_16"),
        });
    }

    fn others(&mut self, pack: &mut Pack) {
        pack.on_call = self.rule(RuleId::OnCall, |keys| OnCall {
            weeks: keys.small("weeks"),
            days: keys.number("days"),
        });
        pack.on_call_notice = self.rule(RuleId::OnCallNotice, |keys| OnCallNotice {
            days: keys.number("days"),
            exceptional_days: keys.number("exceptional_days"),
        });
        pack.telework = self.rule(RuleId::Telework, maximum);
        pack.contact_hours = self.rule(RuleId::ContactHours, |_| ());
        pack.disconnection = self.rule(RuleId::Disconnection, |_| ());
    }
}
