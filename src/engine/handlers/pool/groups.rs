//! Checks of groups of agents, and of the orders that name groups and queues.

use std::collections::BTreeSet;

use super::{
    super::super::{
        ids::{QueueId, SHORT_NAME_BYTES_MAX},
        rejection::Violation,
        spec::{GroupSpec, PoolSpec},
    },
    parts::{check_skills, limit, names, names_of},
};

const GROUPS_MAX: usize = 64;
const SKILLS_OF_GROUP_MAX: usize = 8;

/// Checks the groups, and that queues name groups that exist, each once.
pub(super) fn check_groups(wrong: &mut Vec<Violation>, spec: &PoolSpec) {
    limit(wrong, "groups", spec.groups.len(), GROUPS_MAX);
    let group_names = spec.groups.iter().map(|group| &*group.name);
    names(
        wrong,
        "groups",
        ".name",
        group_names.clone(),
        SHORT_NAME_BYTES_MAX,
    );
    for (place, group) in spec.groups.iter().enumerate() {
        check_group(wrong, &format!("groups[{place}]"), group, spec);
    }
    let known: Vec<&str> = group_names.collect();
    for (place, queue) in spec.queues.iter().enumerate() {
        let named = queue.groups.iter().map(|name| &**name);
        let path = format!("queues[{place}].groups");
        each_known_once(wrong, &path, named, &known, "a group");
    }
}

fn check_group(wrong: &mut Vec<Violation>, path: &str, group: &GroupSpec, spec: &PoolSpec) {
    let skills = format!("{path}.skills");
    limit(wrong, &skills, group.skills.len(), SKILLS_OF_GROUP_MAX);
    check_skills(wrong, &skills, &group.skills, &spec.skills);
    let known: Vec<&str> = spec.queues.iter().map(|queue| queue.id.as_str()).collect();
    let named = group.queues.iter().map(QueueId::as_str);
    each_known_once(wrong, &format!("{path}.queues"), named, &known, "a queue");
}

fn each_known_once<'a>(
    wrong: &mut Vec<Violation>,
    path: &str,
    named: impl Iterator<Item = &'a str>,
    known: &[&str],
    what: &str,
) {
    let mut seen = BTreeSet::new();
    for (place, name) in named.enumerate() {
        let at = format!("{path}[{place}]");
        if !known.contains(&name) {
            let list = names_of(known.iter().copied());
            let problem = format!("`{name}` is not {what} of this pool: it has {list}");
            wrong.push(Violation::new(at, problem));
        } else if !seen.insert(name) {
            wrong.push(Violation::new(at, format!("`{name}` is named twice")));
        }
    }
}
