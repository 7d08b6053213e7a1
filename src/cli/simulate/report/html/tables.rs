//! Tables of the page.

use askama::Template;

use super::{
    SURE, Scope, counterpart,
    numbers::{Cell, sign, sign_of_difference},
    words::{Words, spoken},
};
use crate::simulation::model::{Row, Unit};

/// A table. A line's first cells are its names.
#[derive(Debug, Default, Template)]
#[template(path = "cli/simulate/report/html/table.html")]
pub(super) struct Table {
    pub(super) id: String,
    pub(super) caption: String,
    pub(super) heads: Vec<Head>,
    pub(super) lines: Vec<Line>,
    /// What is to know about it; empty if nothing.
    pub(super) note: String,
}

/// The head of a column.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) text: String,
    /// Empty if there is none.
    pub(super) unit: &'static str,
    pub(super) is_number: bool,
}

/// A line.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) names: Vec<String>,
    pub(super) cells: Vec<Cell>,
}

/// A column of text.
pub(super) fn words(text: &str) -> Head {
    Head {
        text: text.to_owned(),
        unit: "",
        is_number: false,
    }
}

/// A column of numbers.
pub(super) fn numbers(text: &str, unit: &'static str) -> Head {
    Head {
        text: text.to_owned(),
        unit,
        is_number: true,
    }
}

/// The same rows of one or two sides.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) first: &'a Scope<'a>,
    pub(super) second: Option<&'a Scope<'a>>,
}

impl<'a> Rows<'a> {
    /// The place of a measure and its unit.
    pub(super) fn measure(self, name: &str) -> (usize, Unit) {
        let place = self.first.measures.iter().position(|it| it.0 == name);
        let place = place.expect("the page names measures of the table");
        (place, self.first.measures[place].1)
    }

    /// The rows of the whole time by name: those of the first side, then what the second has beside.
    pub(super) fn pairs(self) -> Vec<(Option<&'a Row>, Option<&'a Row>)> {
        let others = self.second.map_or(&[][..], |scope| scope.whole);
        let firsts = self.first.whole.iter();
        let mut pairs: Vec<_> = firsts
            .map(|row| (Some(row), counterpart(others, row)))
            .collect();
        let is_new = |row: &&Row| counterpart(self.first.whole, row).is_none();
        pairs.extend(others.iter().filter(is_new).map(|row| (None, Some(row))));
        pairs
    }

    /// A table of measures: a line for each row, and with two sides for each row and side.
    pub(super) fn table(self, (id, caption): (&str, &str), who: &str, columns: &[Words]) -> Table {
        let mut heads = vec![words(who)];
        if self.second.is_some() {
            heads.push(words("Side"));
        }
        let measures: Vec<_> = columns.iter().map(|(name, _)| self.measure(name)).collect();
        let of_measures = columns.iter().zip(&measures);
        heads.extend(of_measures.map(|((_, text), (_, unit))| numbers(text, sign(*unit))));
        let line = |row: &Row, side: &str| {
            let mut names = vec![spoken(&row.name)];
            if self.second.is_some() {
                names.push(side.to_owned());
            }
            let cells = measures
                .iter()
                .map(|(place, unit)| Cell::estimate(row.estimate(*place, SURE), *unit));
            Line {
                names,
                cells: cells.collect(),
            }
        };
        let mut lines = Vec::new();
        for (first, second) in self.pairs() {
            lines.extend(first.map(|row| line(row, "first")));
            lines.extend(second.map(|row| line(row, "second")));
        }
        Table {
            id: id.to_owned(),
            caption: caption.to_owned(),
            heads,
            lines,
            note: String::new(),
        }
    }

    /// As [`Self::table`] without the columns, after the first, that are zero everywhere; a note tells which.
    pub(super) fn table_of_some(self, title: (&str, &str), who: &str, columns: &[Words]) -> Table {
        let is_zero = |(name, _): &Words| {
            let (place, _) = self.measure(name);
            let rows = self.pairs().into_iter().flat_map(|(a, b)| [a, b]).flatten();
            rows.filter_map(|row| row.estimate(place, SURE))
                .all(|it| it.value <= 0.0)
        };
        let (none, some): (Vec<Words>, Vec<Words>) =
            columns[1..].iter().partition(|it| is_zero(it));
        let kept: Vec<Words> = columns[..1].iter().copied().chain(some).collect();
        let mut table = self.table(title, who, &kept);
        let none: Vec<String> = none.iter().map(|(_, text)| text.to_lowercase()).collect();
        if !none.is_empty() {
            table.note = format!("Not seen anywhere: {}.", none.join("; "));
        }
        table
    }

    /// The differences, second less first, of each row that both sides have.
    pub(super) fn differences(self, (id, caption): (&str, &str), who: &str, of: &[Words]) -> Table {
        let mut lines = Vec::new();
        for pair in self.pairs() {
            if let (Some(first), Some(second)) = pair {
                let is_seen = |row: &Row, name| row.estimate(self.measure(name).0, SURE).is_some();
                let seen = of
                    .iter()
                    .filter(|(name, _)| is_seen(first, name) || is_seen(second, name));
                lines.extend(seen.map(|words| self.difference(first, second, *words)));
            }
        }
        Table {
            id: id.to_owned(),
            caption: caption.to_owned(),
            heads: vec![
                words(who),
                words("Figure"),
                numbers("First", ""),
                numbers("Second", ""),
                numbers("Difference", ""),
                words("Beyond chance"),
            ],
            lines,
            note: String::new(),
        }
    }

    fn difference(self, first: &Row, second: &Row, (name, text): Words) -> Line {
        let (place, unit) = self.measure(name);
        let difference = first.difference(second, place, SURE);
        let with_unit = |mut cell: Cell, unit: &str| {
            if cell.text != "no data" && !unit.is_empty() {
                cell.text = format!("{} {unit}", cell.text);
            }
            cell
        };
        let value = |row: &Row| {
            let estimate = row.estimate(place, SURE);
            with_unit(Cell::estimate(estimate, unit), sign(unit))
        };
        let interval = difference.and_then(|it| it.interval);
        let verdict = match interval {
            None => "not known",
            Some((low, high)) if low > 0.0 && high > 0.0 => "yes, more",
            Some((low, high)) if low < 0.0 && high < 0.0 => "yes, less",
            Some((low, high)) if low >= 0.0 && high <= 0.0 => "no, equal",
            Some(_) => "no",
        };
        let told = Cell::difference(difference, unit);
        Line {
            names: vec![spoken(&first.name), text.to_owned()],
            cells: vec![
                value(first),
                value(second),
                with_unit(told, sign_of_difference(unit)),
                Cell::text(verdict),
            ],
        }
    }
}
