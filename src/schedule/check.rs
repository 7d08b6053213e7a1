//! What is wrong across rows: shifts of an agent at the same time, the same one twice, ids that are alike.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    names::{Names, likeness},
    problem::{Kind, Place, Problems, fault},
    shift::Shift,
};

/// Looks at shifts with the numbers of their agents. `columns` are the titles of agent and beginning.
pub(super) fn across(
    shifts: &[Shift],
    agents: &[u32],
    names: &Names,
    columns: (&Arc<str>, &Arc<str>),
    problems: &mut Problems,
) {
    overlaps(shifts, agents, columns, problems);
    alike(names, columns.0, problems);
}

fn overlaps(
    shifts: &[Shift],
    agents: &[u32],
    columns: (&Arc<str>, &Arc<str>),
    problems: &mut Problems,
) {
    let keys = shifts.iter().zip(agents).enumerate();
    let mut order: Vec<(u32, i64, u32)> = keys
        .map(|(at, (shift, agent))| {
            (
                *agent,
                shift.start.as_second(),
                u32::try_from(at).unwrap_or(u32::MAX),
            )
        })
        .collect();
    order.sort_unstable();
    // The shift of this agent that reaches farthest so far.
    let mut far: Option<(u32, &Shift)> = None;
    for (agent, _, at) in order {
        let shift = &shifts[at as usize];
        if let Some((_, before)) =
            far.filter(|(of, before)| *of == agent && shift.start < before.end)
        {
            let (first, second) = if before.row < shift.row {
                (before, shift)
            } else {
                (shift, before)
            };
            collide(first, second, columns, problems);
        }
        if far.is_none_or(|(of, before)| of != agent || shift.end > before.end) {
            far = Some((agent, shift));
        }
    }
}

fn collide(
    first: &Shift,
    second: &Shift,
    (agent, start): (&Arc<str>, &Arc<str>),
    problems: &mut Problems,
) {
    let place = Place::row(second.row);
    if (first.start, first.end) == (second.start, second.end) {
        let text = format!(
            "the same shift of `{}` stands in row {}",
            second.agent, first.row
        );
        let place = place.column(agent).value(&second.agent);
        problems.error(
            place,
            fault(
                Kind::Duplicate,
                text,
                "each shift once: take one of the rows away",
            ),
        );
        return;
    }
    let text = format!(
        "the shift of `{}` from {} to {} overlaps that of row {}, from {} to {}",
        second.agent, second.start, second.end, first.row, first.start, first.end
    );
    let place = place.column(start).value(second.start.to_string());
    problems.error(
        place,
        fault(Kind::Overlap, text, "an agent works one shift at a time"),
    );
}

fn alike(names: &Names, column: &Arc<str>, problems: &mut Problems) {
    let mut seen: BTreeMap<String, &Arc<str>> = BTreeMap::new();
    for agent in &names.list {
        let likeness = likeness(&agent.id);
        if let Some(other) = seen.get(&likeness) {
            let text = format!(
                "the agents `{}` and `{other}` differ only by case or leading zeros",
                agent.id
            );
            let place = Place::row(agent.first_row).column(column).value(&agent.id);
            problems.warning(
                place,
                fault(Kind::Alike, text, "one spelling, if they are one person"),
            );
        } else {
            seen.insert(likeness, &agent.id);
        }
    }
}
