//! The page as a whole.

use askama::Template;
use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256};

use super::{
    SURE, Side, day, facts,
    numbers::{Cell, sign},
    pictures::Picture,
    scopes,
    tables::{Line, Rows, Table, numbers, words},
    words::{self, Words},
};
use crate::simulation::model::{Measure, QUEUE_MEASURES, STAFF_MEASURES, Spans, Unit};

const STYLE: &str = include_str!("page.css");

#[derive(Template)]
#[template(path = "cli/simulate/report/html/page.html")]
struct Page {
    title: String,
    style: &'static str,
    /// The only style that a browser may use, by its digest.
    style_digest: String,
    /// Why it ended early.
    cut_short: Option<String>,
    lead: Vec<String>,
    sections: Vec<Section>,
}

/// A part of the page under a heading.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) words: Vec<String>,
    pub(super) pictures: Vec<Picture>,
    pub(super) tables: Vec<Table>,
}

impl Section {
    /// One with words alone.
    pub(super) fn of_words(id: &'static str, title: &'static str, words: Vec<String>) -> Self {
        Self {
            id,
            title,
            words,
            pictures: Vec::new(),
            tables: Vec::new(),
        }
    }

    fn of_tables(
        id: &'static str,
        title: &'static str,
        words: &[&str],
        tables: Vec<Table>,
    ) -> Self {
        let words = words.iter().map(|text| (*text).to_owned()).collect();
        Self {
            tables,
            ..Self::of_words(id, title, words)
        }
    }
}

/// The figures as a page that needs nothing else. The same results give the same bytes.
///
/// # Errors
/// If the template fails, which it does not.
pub(in crate::cli::simulate) fn html(
    sides: &[Side],
    cut_short: Option<&str>,
) -> anyhow::Result<Vec<u8>> {
    let (first, second) = (&sides[0], sides.get(1));
    let title = match second {
        Some(second) => format!("{} and {}", first.scenario.name, second.scenario.name),
        None => first.scenario.name.clone(),
    };
    let page = Page {
        title,
        style: STYLE,
        style_digest: BASE64_STANDARD.encode(Sha256::digest(STYLE)),
        cut_short: cut_short.map(str::to_owned),
        lead: lead(sides),
        sections: sections(sides),
    };
    Ok(page.render()?.into_bytes())
}

fn lead(sides: &[Side]) -> Vec<String> {
    let mut texts = Vec::new();
    if let [first, second] = sides {
        let (one, two) = (&first.scenario.name, &second.scenario.name);
        texts.push(format!(
            "\u{201c}First\u{201d} is {one}; \u{201c}second\u{201d} is {two}. Both met the same random numbers."
        ));
    }
    texts.push(if sides.iter().any(|side| side.results.samples > 1) {
        "The small numbers at a figure are its 95 % interval over the samples: by so much chance may have moved it. Single days differ by more.".to_owned()
    } else {
        "There is one sample only, so the figures have no intervals. Play more replications to see how far chance goes.".to_owned()
    });
    texts
}

fn sections(sides: &[Side]) -> Vec<Section> {
    let first = scopes(&sides[0].results);
    let second = sides.get(1).map(|side| scopes(&side.results));
    let rows = |at: usize| Rows {
        first: &first[at],
        second: second.as_ref().map(|scopes| &scopes[at]),
    };
    let (queues, staff, kinds) = (rows(0), rows(1), rows(2));
    let mut all = vec![Section::of_tables(
        "simulated",
        "What was simulated",
        &[],
        vec![facts::table(sides)],
    )];
    all.push(of_queues(sides, queues));
    all.extend(day::sections(sides, queues, kinds));
    all.push(of_staff(staff, kinds));
    all.push(of_offers(sides, queues));
    if second.is_some() {
        all.push(of_differences(queues, staff, kinds));
    }
    all.push(meanings());
    all
}

fn of_queues(sides: &[Side], queues: Rows<'_>) -> Section {
    let mut service = queues.table(("service", "Service by queue"), "Queue", words::SERVICE);
    let at = service
        .heads
        .iter()
        .position(|head| head.is_number)
        .unwrap_or(1);
    service.heads.insert(at, numbers("T", "s"));
    for line in &mut service.lines {
        let is_second = line.names.get(1).is_some_and(|side| side == "second");
        let side = &sides[usize::from(is_second)];
        line.cells.insert(0, target(side, &line.names[0]));
    }
    let texts = [
        "T is the target answer time of a queue. Within T, of the offered: calls answered within T \u{f7} calls offered. Within T, of the answered: the same \u{f7} calls answered. Within T, without short abandons: the same \u{f7} (calls offered \u{2212} calls abandoned within T).",
        match sides[0].scenario.spans {
            Spans::Intervals(_) => "Counts are those of one replication on average.",
            Spans::Batches(_) => "Counts are those of one batch on average.",
        },
    ];
    let tables = vec![
        service,
        queues.table(
            ("waits-by-queue", "Waits and conversations by queue"),
            "Queue",
            words::WAITS,
        ),
        queues.table_of_some(
            ("outcomes", "What became of calls"),
            "Queue",
            words::OUTCOMES,
        ),
    ];
    Section::of_tables("queues", "Queues", &texts, tables)
}

fn target(side: &Side, queue: &str) -> Cell {
    let mut queues = side.scenario.pool.queues.iter();
    let found = queues.find(|spec| spec.id.as_str() == queue);
    let text = found.map_or_else(|| "each its own".to_owned(), |spec| seconds(spec.target_ms));
    Cell::number(text)
}

fn seconds(ms: u64) -> String {
    let text = format!("{}.{:03}", ms / 1_000, ms % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn of_staff(staff: Rows<'_>, kinds: Rows<'_>) -> Section {
    let texts = [
        "Signed in: agents at any moment, on average. Occupancy: conversation and wrap-up \u{f7} (conversation + wrap-up + idle + offered). The others are shares of the time signed in.",
    ];
    let tables = vec![
        staff.table(("staff", "Staff groups"), "Staff group", words::STAFF),
        kinds.table(("sites", "Site kinds"), "Site kind", words::STAFF),
    ];
    Section::of_tables("people", "Staff and sites", &texts, tables)
}

fn of_offers(sides: &[Side], queues: Rows<'_>) -> Section {
    let tables = vec![
        queues.table_of_some(
            ("offers", "Offers to agents by what became of them"),
            "Queue",
            words::OFFERS,
        ),
        work(sides),
    ];
    Section::of_tables("work", "Offers and work", &[], tables)
}

/// Who did whose work.
fn work(sides: &[Side]) -> Table {
    let mut lines: Vec<Line> = Vec::new();
    for (place, side) in sides.iter().enumerate() {
        for (queue, group, share) in side.results.work_shares(SURE) {
            let names = vec![queue.to_owned(), group.to_owned()];
            let cell = Cell::estimate(Some(share), Unit::Share);
            if let Some(line) = lines.iter_mut().find(|line| line.names == names) {
                line.cells[place] = cell;
                continue;
            }
            let mut cells: Vec<Cell> = sides.iter().map(|_| Cell::number("none")).collect();
            cells[place] = cell;
            lines.push(Line { names, cells });
        }
    }
    let mut heads = vec![words("Queue"), words("Staff group")];
    let unit = sign(Unit::Share);
    match sides {
        [_] => heads.push(numbers("Part of the queue's conversations", unit)),
        _ => heads.extend([numbers("First", unit), numbers("Second", unit)]),
    }
    Table {
        id: "work-shares".to_owned(),
        caption: "Who did whose work: part of the time in conversation".to_owned(),
        heads,
        lines,
        note: String::new(),
    }
}

fn of_differences(queues: Rows<'_>, staff: Rows<'_>, kinds: Rows<'_>) -> Section {
    let texts = [
        "Second less first. As both met the same callers, the interval of a difference is narrower than those of the two figures. A difference is beyond chance if its 95 % interval does not hold 0: of 20 figures that do not differ at all, one seems to.",
    ];
    let tables = vec![
        queues.differences(
            ("queue-differences", "Differences by queue"),
            "Queue",
            words::COMPARED,
        ),
        staff.differences(
            ("staff-differences", "Differences by staff group"),
            "Staff group",
            words::STAFF,
        ),
        kinds.differences(
            ("site-differences", "Differences by site kind"),
            "Site kind",
            words::STAFF,
        ),
    ];
    Section::of_tables("differences", "Differences", &texts, tables)
}

/// Every figure with its name in files and its formula.
fn meanings() -> Section {
    let mut lines = Vec::new();
    for list in [words::SERVICE, words::WAITS, words::OUTCOMES, words::OFFERS] {
        of_list(list, QUEUE_MEASURES, &mut lines);
    }
    of_list(words::STAFF, STAFF_MEASURES, &mut lines);
    let table = Table {
        id: "formulas".to_owned(),
        caption: "Figures, their names in files, and what they are".to_owned(),
        heads: vec![words("Figure"), words("Name"), words("What it is")],
        lines,
        note: String::new(),
    };
    Section::of_tables("meanings", "What the figures mean", &[], vec![table])
}

fn of_list<S>(list: &[Words], measures: &[Measure<S>], lines: &mut Vec<Line>) {
    for (name, text) in list {
        let about = measures[super::place(measures, name)].about;
        let cells = vec![Cell::text(*name), Cell::text(about)];
        let is_new = lines.iter().all(|line| line.names[0] != *text);
        if is_new {
            let names = vec![(*text).to_owned()];
            lines.push(Line { names, cells });
        }
    }
}
