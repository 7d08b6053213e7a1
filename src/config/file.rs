//! Reads settings from a TOML file: every problem is found, each with its line.

use toml::de::{DeTable, DeValue};

use super::{Config, Given, Problem, apply, table};

/// Takes over what the file says.
pub(super) fn read(config: &mut Config, problems: &mut Vec<Problem>, text: &str, name: &str) {
    let place = |at: usize| {
        let line = text[..at.min(text.len())].matches('\n').count() + 1;
        format!("line {line} of {name}")
    };
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        problems.push(Problem {
            place: place(error.span().map_or(0, |span| span.start)),
            key: name.to_owned(),
            text: format!("is not TOML: {}", error.message()),
        });
    }
    for (section, content) in root.get_ref() {
        let at = section.span().start;
        let section = section.get_ref();
        let DeValue::Table(content) = content.get_ref() else {
            problems.push(unknown(place(at), section));
            continue;
        };
        if table::keys(section).is_empty() {
            problems.push(unknown(place(at), section));
            continue;
        }
        for (key, value) in content {
            let at = key.span().start;
            match table::find(&format!("{section}.{}", key.get_ref())) {
                Some(setting) => apply(
                    config,
                    problems,
                    setting,
                    &given(value.get_ref()),
                    place(at),
                ),
                None => problems.push(Problem {
                    place: place(at),
                    key: format!("{section}.{}", key.get_ref()),
                    text: format!("is no setting; `{section}` has {}", table::keys(section)),
                }),
            }
        }
    }
}

fn unknown(place: String, section: &str) -> Problem {
    Problem {
        place,
        key: section.to_owned(),
        text: format!("is no section of settings; there are {}", table::sections()),
    }
}

fn given(value: &DeValue<'_>) -> Given {
    match value {
        DeValue::String(text) => Given::Text(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => {
            Given::Number(number.as_str().to_owned())
        }
        DeValue::Integer(number) => Given::Number(number.to_string()),
        DeValue::Float(_) => Given::Other("a fraction"),
        DeValue::Boolean(_) => Given::Other("true or false"),
        DeValue::Datetime(_) => Given::Other("a time"),
        DeValue::Array(_) => Given::Other("a list"),
        DeValue::Table(_) => Given::Other("a section"),
    }
}
