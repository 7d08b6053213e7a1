//! Where the fields of a row are, by its titles.

use super::{column::Field, header::Header};

/// Where the fields are.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) agent: Option<usize>,
    pub(super) name: Option<usize>,
    pub(super) first_name: Option<usize>,
    pub(super) date: Option<usize>,
    pub(super) day: Option<usize>,
    pub(super) end_date: Option<usize>,
    pub(super) start: Option<usize>,
    pub(super) end: Option<usize>,
    pub(super) skills: Option<usize>,
    pub(super) site: Option<usize>,
    pub(super) kind: Option<usize>,
    pub(super) segments: Option<usize>,
    pub(super) breaks: Vec<usize>,
    pub(super) pairs: Vec<(Option<usize>, Option<usize>)>,
    pub(super) width: usize,
}

impl Places {
    pub(super) fn of(header: &Header) -> Self {
        let place = |field| {
            header
                .columns
                .iter()
                .position(|column| column.field == Some(field))
        };
        let all = |field| {
            let columns = header.columns.iter().enumerate();
            columns
                .filter(move |(_, column)| column.field == Some(field))
                .map(|(at, _)| at)
        };
        let mut pairs = Vec::new();
        for number in 0..=u8::MAX {
            let pair = (
                place(Field::BreakStart(number)),
                place(Field::BreakEnd(number)),
            );
            if pair != (None, None) {
                pairs.push(pair);
            }
        }
        let titled = header
            .columns
            .iter()
            .rposition(|column| !column.title.is_empty());
        Self {
            agent: place(Field::Agent),
            name: place(Field::Name),
            first_name: place(Field::FirstName),
            date: place(Field::Date),
            day: place(Field::Day),
            end_date: place(Field::EndDate),
            start: place(Field::Start),
            end: place(Field::End),
            skills: place(Field::Skills),
            site: place(Field::Site),
            kind: place(Field::Kind),
            segments: place(Field::Segments),
            breaks: all(Field::Breaks).collect(),
            pairs,
            width: titled.map_or(0, |at| at + 1),
        }
    }
}
