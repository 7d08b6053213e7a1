//! The checks that several parts of a configuration share: names, lists, spans and skills.

use std::collections::BTreeSet;

use super::super::super::{
    ids::{SHORT_NAME_BYTES_MAX, SkillName, name_problem},
    profile::SkillLevel,
    rejection::Violation,
};

/// Checks levels, names, repetition and whether the pool knows the skills; for rings, calls and agents alike.
pub(in crate::engine::handlers) fn check_skills(
    wrong: &mut Vec<Violation>,
    path: &str,
    skills: &[SkillLevel],
    allowed: &[SkillName],
) {
    let mut seen = BTreeSet::new();
    for (place, held) in skills.iter().enumerate() {
        let at = |field: &str| format!("{path}[{place}].{field}");
        if let Some(problem) = name_problem(held.skill.as_str(), SHORT_NAME_BYTES_MAX) {
            wrong.push(Violation::new(at("skill"), problem));
        } else if !allowed.is_empty() && !allowed.contains(&held.skill) {
            let known = names_of(allowed.iter().map(SkillName::as_str));
            let problem = format!(
                "`{}` is not a skill of this pool: it has {known}",
                held.skill
            );
            wrong.push(Violation::new(at("skill"), problem));
        }
        if !seen.insert(&held.skill) {
            wrong.push(Violation::new(
                at("skill"),
                format!("`{}` is named twice", held.skill),
            ));
        }
        if !(1..=5).contains(&held.level) {
            wrong.push(Violation::new(
                at("level"),
                format!("is {}; give 1 to 5", held.level),
            ));
        }
    }
}

/// A list has at most so many entries.
pub(super) fn limit(wrong: &mut Vec<Violation>, path: &str, count: usize, most: usize) {
    if count > most {
        wrong.push(Violation::new(
            path,
            format!("are {count}; give at most {most}"),
        ));
    }
}

/// A span lies between two bounds, ms.
pub(super) fn between(
    wrong: &mut Vec<Violation>,
    path: &str,
    field: &str,
    ms: u64,
    least: u64,
    most: u64,
) {
    if !(least..=most).contains(&ms) {
        let problem = format!("is {ms} ms; give {least} to {most} ms");
        wrong.push(Violation::new(format!("{path}.{field}"), problem));
    }
}

/// Names are well-formed, each once.
pub(super) fn names<'a>(
    wrong: &mut Vec<Violation>,
    path: &str,
    field: &str,
    list: impl Iterator<Item = &'a str>,
    bytes_max: usize,
) {
    let mut seen = BTreeSet::new();
    for (place, name) in list.enumerate() {
        let at = format!("{path}[{place}]{field}");
        if let Some(problem) = name_problem(name, bytes_max) {
            wrong.push(Violation::new(at, problem));
        } else if !seen.insert(name) {
            wrong.push(Violation::new(at, format!("`{name}` is named twice")));
        }
    }
}

/// The first few names of a list, for an error.
pub(in crate::engine::handlers) fn names_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match all.len() {
        0 => "none".to_owned(),
        1..=8 => all.join(", "),
        more => format!("{} and {} more", all[..8].join(", "), more - 8),
    }
}
