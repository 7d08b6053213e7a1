//! Finds the row of titles: below titles of the whole, perhaps under titles that span several columns.

use std::sync::Arc;

use super::{
    cell::{Cell, Epoch},
    column::{Field, Mapping, NEEDED, near_title},
    moment::{self, Moment},
    problem::{Fault, Kind, Place, Problems, fault},
};

/// A row of a table with its number.
pub(super) type Row<'t> = (u32, Vec<Cell<'t>>);

/// A column by its title.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) title: Arc<str>,
    pub(super) field: Option<Field>,
}

/// The row of titles.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) row: u32,
    pub(super) columns: Vec<Column>,
    /// How many of the fields that are needed it has.
    pub(super) needed: usize,
}

/// The best row of titles among the first rows of a table; the first of equals.
pub(super) fn find(rows: &[Row<'_>], mapping: &Mapping) -> Option<Header> {
    let mut best: Option<(usize, Header)> = None;
    for (at, (row, cells)) in rows.iter().enumerate() {
        let above = at.checked_sub(1).and_then(|above| rows.get(above));
        let above = above
            .filter(|(number, _)| number + 1 == *row)
            .map_or(&[][..], |(_, cells)| cells);
        let header = titles(*row, cells, above, mapping);
        let known = header
            .columns
            .iter()
            .filter(|column| column.field.is_some());
        let score = header.needed * 100 + known.count();
        if header.needed >= 2 && best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, header));
        }
    }
    best.map(|(_, header)| header)
}

fn titles(row: u32, cells: &[Cell<'_>], above: &[Cell<'_>], mapping: &Mapping) -> Header {
    let mut span = String::new();
    let mut columns = Vec::new();
    for at in 0..cells.len().max(above.len()) {
        let text = |row: &[Cell<'_>]| match row.get(at) {
            Some(Cell::Text(text)) => text.trim().to_owned(),
            Some(Cell::Empty | Cell::Number(_) | Cell::Error(_)) | None => String::new(),
        };
        let (own, over) = (text(cells), text(above));
        if !over.is_empty() {
            span.clone_from(&over);
        }
        let is_blank = cells.get(at).is_none_or(Cell::is_blank);
        // A title over two rows stands in the upper one; a title over several columns in the first.
        let (title, field) = if is_blank {
            (over.clone(), mapping.field(&over, ""))
        } else if mapping.field(&own, &span) == mapping.field(&own, "") {
            (own.clone(), mapping.field(&own, ""))
        } else {
            (format!("{span} / {own}"), mapping.field(&own, &span))
        };
        columns.push(Column {
            title: title.into(),
            field,
        });
    }
    settle(&mut columns);
    let needed = NEEDED
        .iter()
        .filter(|(field, ..)| has(&columns, *field))
        .count();
    Header {
        row,
        columns,
        needed,
    }
}

/// Decides what titles mean that may mean two things.
fn settle(columns: &mut [Column]) {
    let person = if has(columns, Field::Agent) {
        (!has(columns, Field::Name)).then_some(Field::Name)
    } else {
        Some(Field::Agent)
    };
    let day = (!has(columns, Field::Date)).then_some(Field::Date);
    for column in columns {
        column.field = match column.field {
            Some(Field::Person) => person,
            Some(Field::Day) => day.or(column.field),
            other => other,
        };
    }
}

fn has(columns: &[Column], field: Field) -> bool {
    columns.iter().any(|column| column.field == Some(field))
}

impl Header {
    /// Whether it has all that a shift needs, but perhaps the date: beginnings may carry it.
    pub(super) fn is_whole(&self) -> bool {
        let fields = [Field::Agent, Field::Start, Field::End];
        fields.into_iter().all(|field| has(&self.columns, field))
    }

    /// Tells what is wrong with the titles, and answers whether rows can be read under them.
    pub(super) fn check(&self, rows: &[Row<'_>], epoch: Epoch, problems: &mut Problems) -> bool {
        let before = problems.errors();
        for (field, name, titles) in NEEDED {
            let is_dated = field == Field::Date && self.is_dated(rows, epoch);
            if !has(&self.columns, field) && !is_dated {
                problems.error(
                    Place::row(self.row).column(&name.into()),
                    self.missing(name, titles),
                );
            }
        }
        for (at, column) in self.columns.iter().enumerate() {
            let place = || {
                Place::row(self.row)
                    .column(&column.title)
                    .value(&column.title)
            };
            match column.field {
                None if !column.title.is_empty() => {
                    problems.warning(place(), unknown(&column.title));
                }
                Some(field) if !field.may_repeat() => {
                    let first = self.columns[..at]
                        .iter()
                        .find(|other| other.field == Some(field));
                    match first {
                        Some(first) if field.is_beside() => {
                            problems.warning(place(), second(&first.title))
                        }
                        Some(first) => problems.error(place(), twice(&first.title)),
                        None => {}
                    }
                }
                Some(_) | None => {}
            }
        }
        problems.errors() == before
    }

    /// Whether the beginnings carry their dates, so that no column of dates is needed.
    fn is_dated(&self, rows: &[Row<'_>], epoch: Epoch) -> bool {
        let start = self
            .columns
            .iter()
            .position(|column| column.field == Some(Field::Start));
        let below = rows.iter().filter(|(row, _)| *row > self.row);
        let mut starts =
            below.filter_map(|(_, cells)| cells.get(start?).filter(|cell| !cell.is_blank()));
        starts.next().is_some_and(|cell| {
            let read = moment::read(cell, epoch);
            matches!(
                read,
                Ok(Moment::Date(_) | Moment::Local(..) | Moment::Instant(_))
            )
        })
    }

    fn missing(&self, name: &str, titles: &str) -> Fault {
        let unknown = self
            .columns
            .iter()
            .filter(|column| column.field.is_none() && !column.title.is_empty());
        let found: Vec<String> = unknown
            .map(|column| format!("`{}`", column.title))
            .collect();
        let found = match found.len() {
            0 => String::new(),
            1 => format!("; the column {} is not known", found[0]),
            _ => format!("; the columns {} are not known", found.join(", ")),
        };
        let right =
            format!("a column titled {titles}; or name yours in a mapping file: {name} = \"…\"");
        fault(
            Kind::MissingColumn,
            format!("the column `{name}` is missing{found}"),
            right,
        )
    }
}

fn unknown(title: &str) -> Fault {
    let right = near_title(title).map_or_else(
        || "nothing, if it is not needed; else name its field in a mapping file".to_owned(),
        |near| format!("perhaps `{near}`"),
    );
    fault(
        Kind::Column,
        "this column is not known and is left out",
        right,
    )
}

fn second(first: &str) -> Fault {
    fault(
        Kind::LeftOut,
        format!("means the same as the column `{first}` and is left out"),
        "nothing, if the first is right; else name the right one in a mapping file",
    )
}

fn twice(first: &str) -> Fault {
    fault(
        Kind::Column,
        format!("means the same as the column `{first}`"),
        "keep one of them, or name the right one in a mapping file",
    )
}

/// No row looks like titles.
pub(super) fn none_found(rows: &[Row<'_>]) -> (Place, Fault) {
    let first = rows
        .iter()
        .find(|(_, cells)| cells.iter().any(|cell| !cell.is_blank()));
    let Some((row, cells)) = first else {
        return (Place::default(), empty());
    };
    let texts: Vec<String> = cells.iter().map(|cell| cell.text().into_owned()).collect();
    let fault = fault(
        Kind::Header,
        "no row of titles was found",
        "a row such as agent, date, start, end, skills, site or matricule, date, début, fin, compétences, site",
    );
    (Place::row(*row).value(texts.join(" ")), fault)
}

/// Nothing is in the file.
pub(super) fn empty() -> Fault {
    fault(
        Kind::Empty,
        "the file holds no shift",
        "a row of titles and a row for each shift",
    )
}
