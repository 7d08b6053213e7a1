//! What all replications say together.

use std::{ops::AddAssign, sync::Arc};

use super::Played;
use crate::{
    engine::profile::SiteKind,
    simulation::model::{
        Confidence, Estimate, Measure, QUEUE_MEASURES, STAFF_MEASURES, Scenario, Spans, Unit,
        check::ALL_QUEUES,
        measure::{Floor, Layout, Ledger, Line, Of, QueueFigures, StaffFigures},
    },
};

/// A queue, a staff group or a kind of site, in one interval or in the whole measured time: for each measure the two
/// sums of each sample.
#[derive(Clone, Debug)]
pub struct Row {
    /// Who.
    pub name: Arc<str>,
    /// The interval, ms from the beginning; none is the whole measured time.
    pub interval_ms: Option<(u64, u64)>,
    figures: Vec<Figure>,
    /// Nothing is missing that the scenario has.
    is_whole: bool,
}

/// What the samples say of a measure.
#[derive(Clone, Debug)]
enum Figure {
    /// The two sums of each sample.
    Ratio {
        pairs: Vec<(f64, f64)>,
        is_share: bool,
    },
    /// What it is of all, and of sections of the samples that have any.
    Pooled {
        all: Option<f64>,
        sections: Vec<Option<f64>>,
    },
}

/// Quantiles have so many sections, or as many as there are samples.
const SECTIONS: usize = 10;

impl Row {
    /// The estimate of a measure, by its place in the table; none without data.
    pub fn estimate(&self, measure: usize, confidence: Confidence) -> Option<Estimate> {
        match &self.figures[measure] {
            Figure::Ratio { pairs, is_share } => Estimate::of_ratio(pairs, *is_share, confidence),
            Figure::Pooled { all, sections } => {
                let sections: Vec<f64> = sections.iter().flatten().copied().collect();
                let mut estimate = Estimate::of_sections((*all)?, &sections, confidence);
                estimate.interval = estimate.interval.map(|(low, high)| (low.max(0.0), high));
                Some(estimate)
            }
        }
    }

    /// By how much a measure is larger in `other`, which was played with the same random numbers; none if one of them was
    /// cut short, as they have not the same samples then.
    pub fn difference(
        &self,
        other: &Self,
        measure: usize,
        confidence: Confidence,
    ) -> Option<Estimate> {
        if !self.is_whole || !other.is_whole {
            return None;
        }
        match (&self.figures[measure], &other.figures[measure]) {
            (Figure::Ratio { pairs, is_share }, Figure::Ratio { pairs: others, .. }) => {
                Estimate::of_difference(pairs, others, *is_share, confidence)
            }
            (
                Figure::Pooled { all, sections },
                Figure::Pooled {
                    all: other,
                    sections: others,
                },
            ) => {
                let both = sections.iter().zip(others);
                let differences: Vec<f64> = both
                    .filter_map(|(one, other)| Some((*other)? - (*one)?))
                    .collect();
                let value = (*other)? - (*all)?;
                Some(Estimate::of_sections(value, &differences, confidence))
            }
            (Figure::Ratio { .. }, Figure::Pooled { .. })
            | (Figure::Pooled { .. }, Figure::Ratio { .. }) => None,
        }
    }

    fn new<S: Clone + for<'a> AddAssign<&'a S>>(
        (name, is_whole): (&str, bool),
        interval_ms: Option<(u64, u64)>,
        measures: &[Measure<S>],
        samples: &[S],
    ) -> Self {
        let count = samples.len().min(SECTIONS);
        let bound = |section: usize| section * samples.len() / count;
        let sections: Vec<S> = (0..count)
            .filter_map(|section| merged(&samples[bound(section)..bound(section + 1)]))
            .collect();
        let all = merged(&sections);
        let figures = measures.iter().map(|measure| match measure.of {
            Of::Ratio(of) => Figure::Ratio {
                pairs: samples.iter().map(of).collect(),
                is_share: measure.unit == Unit::Share,
            },
            Of::Pooled(of) => Figure::Pooled {
                all: all.as_ref().and_then(of),
                sections: sections.iter().map(of).collect(),
            },
        });
        Self {
            name: name.into(),
            interval_ms,
            figures: figures.collect(),
            is_whole,
        }
    }
}

/// All of them together.
fn merged<S: Clone + for<'a> AddAssign<&'a S>>(all: &[S]) -> Option<S> {
    let (first, others) = all.split_first()?;
    let mut sum = first.clone();
    for other in others {
        sum += other;
    }
    Some(sum)
}

/// A staff group's part in the talk of a queue: the two sums of each sample.
#[derive(Clone, Debug)]
struct WorkPart {
    queue: Arc<str>,
    group: Arc<str>,
    pairs: Vec<(f64, f64)>,
}

/// What a scenario comes to.
#[derive(Clone, Debug)]
pub struct Results {
    /// How many samples there are: replications, times batches.
    pub samples: usize,
    /// The calls that arrived in all, warm-up included.
    pub calls: u64,
    /// Whether it was stopped before its end.
    pub is_cut_short: bool,
    /// Each queue, and `all` if there is more than one, in the whole measured time, by [`QUEUE_MEASURES`].
    pub queues: Vec<Row>,
    /// The same by interval, in the order of time within a queue.
    pub queue_intervals: Vec<Row>,
    /// Each staff group, by [`STAFF_MEASURES`].
    pub staff: Vec<Row>,
    /// The same by interval.
    pub staff_intervals: Vec<Row>,
    /// Each kind of site that somebody works at.
    pub sites: Vec<Row>,
    /// The same by interval.
    pub site_intervals: Vec<Row>,
    work: Vec<WorkPart>,
}

/// One replication, or one batch of it.
struct Sample<'a> {
    ledger: &'a Ledger,
    /// Whether nothing is missing that the scenario has.
    is_whole: bool,
    /// From this span to before that one.
    spans: std::ops::Range<usize>,
}

impl Sample<'_> {
    fn length_ms(&self) -> u64 {
        let layout = &self.ledger.layout;
        self.spans.clone().map(|span| layout.length_ms(span)).sum()
    }

    fn queue(&self, queue: Option<usize>) -> QueueFigures {
        let mut line = Line::default();
        for lines in of(&self.ledger.lines, queue) {
            for span in self.spans.clone() {
                line += &lines[span];
            }
        }
        QueueFigures {
            line,
            length_ms: self.length_ms(),
        }
    }

    fn staff(&self, groups: &[usize]) -> StaffFigures {
        let mut floor = Floor::default();
        for group in groups {
            for span in self.spans.clone() {
                floor += &self.ledger.floors[*group][span];
            }
        }
        StaffFigures {
            floor,
            length_ms: self.length_ms(),
        }
    }

    fn work_ms(&self, queue: usize, group: Option<usize>) -> u64 {
        let spans = &self.ledger.work_ms[queue][self.spans.clone()];
        let sums = spans.iter().map(|groups| match group {
            Some(group) => groups[group],
            None => groups.iter().sum(),
        });
        sums.sum()
    }
}

/// One of them, or all.
fn of<T>(all: &[T], one: Option<usize>) -> &[T] {
    one.map_or(all, |at| &all[at..=at])
}

impl Results {
    pub(super) fn of(scenario: &Scenario, played: impl Iterator<Item = Played>) -> Self {
        let played: Vec<Played> = played.collect();
        let calls = played.iter().map(|it| it.calls).sum();
        let is_cut_short = played.iter().any(|it| it.is_cut_short)
            || played.len() < usize::try_from(scenario.replications).unwrap_or(usize::MAX);
        let samples = samples(scenario, &played, !is_cut_short);
        let groups = Groups::of(scenario);
        let mut results = Self {
            samples: samples.len(),
            calls,
            is_cut_short,
            queues: queue_rows(scenario, &samples, None),
            queue_intervals: Vec::new(),
            staff: Groups::rows(&groups.staff, &samples, None),
            staff_intervals: Vec::new(),
            sites: Groups::rows(&groups.sites, &samples, None),
            site_intervals: Vec::new(),
            work: work(scenario, &samples),
        };
        if let Spans::Intervals(_) = scenario.spans {
            let spans = samples.first().map_or(0..0, |sample| sample.spans.clone());
            for span in spans {
                let part: Vec<Sample<'_>> = samples
                    .iter()
                    .map(|sample| Sample {
                        ledger: sample.ledger,
                        is_whole: sample.is_whole,
                        spans: span..span + 1,
                    })
                    .collect();
                let layout = Layout::of(scenario);
                let from_ms = layout.begin_ms + layout.span_ms * u64::try_from(span).unwrap_or(0);
                let interval = Some((from_ms, from_ms + layout.length_ms(span)));
                results
                    .queue_intervals
                    .extend(queue_rows(scenario, &part, interval));
                results
                    .staff_intervals
                    .extend(Groups::rows(&groups.staff, &part, interval));
                results
                    .site_intervals
                    .extend(Groups::rows(&groups.sites, &part, interval));
            }
        }
        results
    }

    /// The share of a queue's talk that each staff group did: queue, group, share. Only of those who did any.
    pub fn work_shares(
        &self,
        confidence: Confidence,
    ) -> impl Iterator<Item = (&str, &str, Estimate)> {
        let shares = self.work.iter().filter_map(move |part| {
            let estimate = Estimate::of_ratio(&part.pairs, false, confidence)?;
            Some((&*part.queue, &*part.group, estimate))
        });
        shares.filter(|(_, _, estimate)| estimate.value > 0.0)
    }

    /// A queue's row of the whole measured time.
    pub fn queue(&self, name: &str) -> Option<&Row> {
        self.queues.iter().find(|row| &*row.name == name)
    }
}

/// What counts as one sample. Of a scenario that was cut short only what is whole counts; if that is nothing, the
/// first replication as far as it came.
fn samples<'a>(scenario: &Scenario, played: &'a [Played], is_whole: bool) -> Vec<Sample<'a>> {
    let whole_spans = |played: &Played| {
        let layout = &played.ledger.layout;
        let ends = (0..layout.spans).map(|span| {
            let from = layout.begin_ms + layout.span_ms * u64::try_from(span).unwrap_or(u64::MAX);
            from + layout.length_ms(span)
        });
        ends.take_while(|end_ms| *end_ms <= played.whole_ms).count()
    };
    match scenario.spans {
        Spans::Batches(_) => {
            let batches = played.iter().flat_map(|played| {
                (0..whole_spans(played)).map(|span| Sample {
                    ledger: &played.ledger,
                    is_whole,
                    spans: span..span + 1,
                })
            });
            batches.collect()
        }
        Spans::Intervals(_) => {
            let sample = |played: &'a Played| Sample {
                ledger: &played.ledger,
                is_whole,
                spans: 0..whole_spans(played),
            };
            let whole: Vec<_> = played.iter().filter(|it| !it.is_cut_short).collect();
            if whole.is_empty() {
                return played.iter().take(1).map(sample).collect();
            }
            whole.into_iter().map(sample).collect()
        }
    }
}

fn queue_rows(
    scenario: &Scenario,
    samples: &[Sample<'_>],
    interval: Option<(u64, u64)>,
) -> Vec<Row> {
    let row = |name: &str, queue| {
        let is_whole = samples.iter().all(|sample| sample.is_whole);
        let figures: Vec<_> = samples.iter().map(|sample| sample.queue(queue)).collect();
        Row::new((name, is_whole), interval, QUEUE_MEASURES, &figures)
    };
    let queues = &scenario.pool.queues;
    let mut rows: Vec<Row> = queues
        .iter()
        .enumerate()
        .map(|(place, queue)| row(queue.id.as_str(), Some(place)))
        .collect();
    if queues.len() > 1 {
        rows.push(row(ALL_QUEUES, None));
    }
    rows
}

fn work(scenario: &Scenario, samples: &[Sample<'_>]) -> Vec<WorkPart> {
    let mut all = Vec::new();
    for (queue, spec) in scenario.pool.queues.iter().enumerate() {
        for (group, staff) in scenario.staff.iter().enumerate() {
            let pairs: Vec<(f64, f64)> = samples
                .iter()
                .map(|sample| {
                    let part = sample.work_ms(queue, Some(group));
                    (float(part), float(sample.work_ms(queue, None)))
                })
                .collect();
            if pairs.iter().any(|(part, _)| *part > 0.0) {
                all.push(WorkPart {
                    queue: spec.id.as_str().into(),
                    group: Arc::clone(&staff.name),
                    pairs,
                });
            }
        }
    }
    all
}

#[expect(clippy::cast_precision_loss, reason = "sums of ms are far below 2^53")]
fn float(ms: u64) -> f64 {
    ms as f64
}

/// Which staff groups make up each row.
struct Groups {
    staff: Vec<(Arc<str>, Vec<usize>)>,
    sites: Vec<(Arc<str>, Vec<usize>)>,
}

impl Groups {
    fn of(scenario: &Scenario) -> Self {
        let groups = scenario.staff.iter().enumerate();
        let staff = groups.map(|(place, group)| (Arc::clone(&group.name), vec![place]));
        let sites = SiteKind::ALL.into_iter().filter_map(|kind| {
            let groups = scenario.staff.iter().enumerate();
            let of_kind = groups.filter(|(_, group)| group.site_kind == kind);
            let places: Vec<usize> = of_kind.map(|(place, _)| place).collect();
            (!places.is_empty()).then(|| (kind.label().into(), places))
        });
        Self {
            staff: staff.collect(),
            sites: sites.collect(),
        }
    }

    fn rows(
        list: &[(Arc<str>, Vec<usize>)],
        samples: &[Sample<'_>],
        interval: Option<(u64, u64)>,
    ) -> Vec<Row> {
        let rows = list.iter().map(|(name, places)| {
            let is_whole = samples.iter().all(|sample| sample.is_whole);
            let figures: Vec<_> = samples.iter().map(|sample| sample.staff(places)).collect();
            Row::new((name, is_whole), interval, STAFF_MEASURES, &figures)
        });
        rows.collect()
    }
}
