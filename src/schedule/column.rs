//! What a column holds, by its title in English or French, or by a mapping file.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use super::{
    titles::TITLES,
    words::{is_near, title_words},
};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Field {
    Agent,
    Name,
    FirstName,
    Date,
    EndDate,
    Start,
    End,
    Skills,
    Site,
    Segments,
    Kind,
    /// Breaks, each with beginning and end, in one cell.
    Breaks,
    /// The beginning of the break with this number.
    BreakStart(u8),
    BreakEnd(u8),
    /// The name of the weekday, or a date under a title that may mean both.
    Day,
    /// A title such as `Agent`, which is an id unless another column is.
    Person,
}

/// The fields without which there is no shift, with their names in a mapping file.
pub(super) const NEEDED: [(Field, &str, &str); 4] = [
    (Field::Agent, "agent", "agent, matricule, id agent"),
    (Field::Date, "date", "date, jour"),
    (Field::Start, "start", "start, début, heure de début"),
    (Field::End, "end", "end, fin, heure de fin"),
];

/// The titles of columns that a file has of its own: for each field those that mean it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    fields: BTreeMap<String, Field>,
}

/// What is wrong with a mapping file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct BadMapping(String);

#[derive(Deserialize)]
#[serde(untagged)]
enum Titles {
    One(String),
    Many(Vec<String>),
}

impl Mapping {
    /// Reads a mapping: TOML lines such as `start = "Arrivée"` or `break_start = ["Pause 1", "Pause 2"]`.
    ///
    /// # Errors
    /// With every field that does not exist, and every title that is empty or given twice.
    pub fn parse(text: &str) -> Result<Self, BadMapping> {
        let lines: BTreeMap<String, Titles> = toml::from_str(text).map_err(|bad| {
            let text = bad.to_string();
            BadMapping(format!(
                "{}\na line is like: start = \"Arrivée\"",
                text.trim_end()
            ))
        })?;
        let (mut mapping, mut wrong) = (Self::default(), Vec::new());
        for (name, titles) in lines {
            let Some((_, field, _)) = TITLES
                .iter()
                .find(|(known, ..)| *known == name && name != "person")
            else {
                let names = TITLES
                    .iter()
                    .map(|(name, ..)| *name)
                    .filter(|name| *name != "person");
                let names = names.collect::<Vec<_>>().join(", ");
                wrong.push(format!("`{name}` is not a field; the fields are {names}"));
                continue;
            };
            let titles = match titles {
                Titles::One(title) => vec![title],
                Titles::Many(titles) => titles,
            };
            for (at, title) in titles.iter().enumerate() {
                let words = title_words(title).join(" ");
                if words.is_empty() {
                    wrong.push(format!(
                        "`{name}` has an empty title; give that of its column"
                    ));
                } else if mapping.fields.insert(words, field.numbered(at)).is_some() {
                    wrong.push(format!(
                        "the title `{title}` is given twice; a column is one field"
                    ));
                }
            }
        }
        if wrong.is_empty() {
            Ok(mapping)
        } else {
            Err(BadMapping(wrong.join("\n")))
        }
    }

    /// The field of a column's title, below the titles that span it.
    pub(super) fn field(&self, title: &str, above: &str) -> Option<Field> {
        let words = title_words(title);
        let mut whole = title_words(above);
        whole.extend(words.iter().cloned());
        self.of_words(&whole).or_else(|| self.of_words(&words))
    }

    fn of_words(&self, words: &[String]) -> Option<Field> {
        let text = words.join(" ");
        if text.is_empty() {
            return None;
        }
        let known = TITLES
            .iter()
            .find(|(_, _, titles)| titles.contains(&text.as_str()));
        let known = known.map(|(_, field, _)| *field);
        self.fields
            .get(&text)
            .copied()
            .or(known)
            .or_else(|| of_break(words))
    }
}

impl Field {
    /// The field for the nth title: breaks are numbered, all others are what they are.
    fn numbered(self, at: usize) -> Self {
        let number = u8::try_from(at + 1).unwrap_or(u8::MAX);
        if let Self::BreakStart(_) = self {
            Self::BreakStart(number)
        } else if let Self::BreakEnd(_) = self {
            Self::BreakEnd(number)
        } else {
            self
        }
    }

    /// Whether several columns may hold it.
    pub(super) fn may_repeat(self) -> bool {
        matches!(self, Self::Breaks)
    }

    /// Whether a second column of it is no mistake: the first counts, and that is told.
    pub(super) fn is_beside(self) -> bool {
        let beside = [
            Self::Name,
            Self::FirstName,
            Self::Day,
            Self::Kind,
            Self::Skills,
            Self::Site,
        ];
        beside.contains(&self)
    }
}

/// `pause 1 début`, `break end`, `début pause déjeuner`.
fn of_break(words: &[String]) -> Option<Field> {
    let (mut is_break, mut edge, mut number) = (false, None, 1);
    for word in words {
        match word.as_str() {
            "pause" | "pauses" | "break" | "dejeuner" | "lunch" | "repas" => is_break = true,
            "debut" | "start" | "from" => edge = Some(true),
            "fin" | "end" | "to" => edge = Some(false),
            "heure" | "time" => {}
            other => number = other.parse().ok()?,
        }
    }
    match (is_break, edge) {
        (true, Some(true)) => Some(Field::BreakStart(number)),
        (true, Some(false)) => Some(Field::BreakEnd(number)),
        (true, None) => Some(Field::Breaks),
        (false, _) => None,
    }
}

/// The title that a mistaken one was probably meant to be.
pub(super) fn near_title(title: &str) -> Option<&'static str> {
    let text = title_words(title).join(" ");
    let all = TITLES.iter().flat_map(|(_, _, titles)| *titles);
    let long = all
        .copied()
        .filter(|known| known.len() > 2 && text.len() > 2);
    let mut near = long.filter(|known| is_near(&text, known));
    near.next()
}

#[cfg(test)]
mod tests {
    use super::{Field, Mapping, near_title};

    fn field(title: &str, above: &str) -> Option<Field> {
        Mapping::default().field(title, above)
    }

    #[test]
    fn titles_are_known_in_english_and_french() {
        for (title, expected) in [
            ("Agent", Field::Person),
            ("Matricule", Field::Agent),
            ("agent_id", Field::Agent),
            ("N° agent", Field::Person),
            ("Nom", Field::Name),
            ("DATE", Field::Date),
            ("Jour", Field::Day),
            ("Début", Field::Start),
            ("Fin", Field::End),
            ("Heure de début", Field::Start),
            ("StartTime", Field::Start),
            ("Compétences", Field::Skills),
            ("Lieu", Field::Site),
            ("Pause", Field::Breaks),
            ("Début pause", Field::BreakStart(1)),
            ("pause_2_fin", Field::BreakEnd(2)),
            ("break start", Field::BreakStart(1)),
            ("À", Field::End),
            ("De", Field::Start),
            ("Date de fin", Field::EndDate),
        ] {
            assert_eq!(field(title, ""), Some(expected), "{title}");
        }
        assert_eq!(field("Commentaire", ""), None);
        assert_eq!(field("", "Pause"), Some(Field::Breaks));
        assert_eq!(field("Début", "Pause"), Some(Field::BreakStart(1)));
        assert_eq!(field("Début", "Planning de mars"), Some(Field::Start));
        assert_eq!(near_title("strat"), Some("start"));
        assert_eq!(near_title("zzz"), None);
    }

    #[test]
    fn a_mapping_names_columns_and_is_checked_whole() {
        let mapping = Mapping::parse("start = \"Kezdet\"\nbreak_start = [\"P1\", \"P2\"]").unwrap();
        assert_eq!(mapping.field("KEZDET", ""), Some(Field::Start));
        assert_eq!(mapping.field("P2", ""), Some(Field::BreakStart(2)));
        assert_eq!(mapping.field("Fin", ""), Some(Field::End));
        let bad = Mapping::parse("strat = \"x\"\nend = [\"\", \"y\"]\nsite = \"y\"")
            .unwrap_err()
            .to_string();
        for part in [
            "`strat` is not a field",
            "empty title",
            "`y` is given twice",
        ] {
            assert!(bad.contains(part), "{bad}");
        }
        assert!(
            Mapping::parse("start = 3")
                .unwrap_err()
                .to_string()
                .contains("Arrivée")
        );
    }
}
