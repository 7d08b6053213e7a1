//! Agents' records: applied all or none.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    super::{
        agent::{Intent, Work},
        event::Event,
        ids::{AgentId, NAME_BYTES_MAX, SkillName, name_problem, person_problem, text_problem},
        profile::{AgentProfile, ProfileFields, Site},
        rejection::{Rejection, Violation},
        state::{AgentIx, State},
    },
    Outcome, Step,
    ends::work_name,
    pool::check_skills,
    registration,
    session::known,
};

const AGENTS_OF_REQUEST_MAX: usize = 1_000;
const SKILLS_OF_AGENT_MAX: usize = 256;
const ADDRESS_BYTES_MAX: usize = 256;

/// What applying agents does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentCounts {
    /// New agents.
    pub created: usize,
    /// Changed agents.
    pub updated: usize,
    /// Agents that were already so.
    pub unchanged: usize,
}

/// The events of applying agents, and their counts.
pub(in crate::engine) struct Plan {
    pub(in crate::engine) counts: AgentCounts,
    events: Vec<Event>,
}

/// Creates or changes agents.
pub(super) fn apply(
    step: &mut Step<'_>,
    agents: &[AgentProfile],
    fields: ProfileFields,
) -> Outcome {
    let plan = plan(step.state, agents, fields)?;
    for event in plan.events {
        if let Some(ix) = readdressed(step.state, &event) {
            registration::end(step, ix, step.at.now);
        }
        step.emit(event);
    }
    Ok(())
}

/// The agent whose registration an event ends, if it does: what is registered is the address before.
fn readdressed(state: &State, event: &Event) -> Option<AgentIx> {
    let Event::AgentApplied { profile, .. } = event else {
        return None;
    };
    let ix = state.agent(&profile.id)?;
    let agent = &state.agents[ix];
    let other = agent.profile.address != profile.address;
    (other && agent.state.registration.is_some()).then_some(ix)
}

/// Deletes an agent who is signed out with nothing in hand.
pub(super) fn delete(step: &mut Step<'_>, id: &AgentId) -> Outcome {
    let ix = known(step.state, id)?;
    let state = &step.state.agents[ix].state;
    let wrong = |is| Rejection::WrongState {
        subject: format!("agent `{id}`"),
        is,
        needed: "offline with nothing in hand",
    };
    if state.work != Work::Idle {
        return Err(wrong(work_name(&state.work)));
    }
    if state.intent != Intent::Offline {
        return Err(wrong("signed in"));
    }
    if state.rescind.is_some() {
        return Err(wrong(
            "waiting for the platform to confirm that a rescinded offer's leg is gone",
        ));
    }
    step.emit(Event::AgentDeleted { agent: id.clone() });
    Ok(())
}

/// What applying agents would do, if nothing is wrong with them.
pub(in crate::engine) fn plan(
    state: &State,
    agents: &[AgentProfile],
    fields: ProfileFields,
) -> Result<Plan, Rejection> {
    let mut wrong = check_request(state, agents);
    let allowed = state.spec.as_ref().map_or(&[][..], |spec| &spec.skills[..]);
    for (place, profile) in agents.iter().enumerate() {
        check_profile(&mut wrong, &format!("agents[{place}]"), profile, allowed);
    }
    check_skill_count(&mut wrong, state, agents);
    if !wrong.is_empty() {
        return Err(Rejection::Invalid(wrong));
    }
    let mut plan = Plan {
        counts: AgentCounts::default(),
        events: Vec::new(),
    };
    for profile in agents {
        plan_one(&mut plan, state, profile, fields);
    }
    Ok(plan)
}

fn plan_one(plan: &mut Plan, state: &State, profile: &AgentProfile, fields: ProfileFields) {
    let before = state.agent(&profile.id).map(|ix| &state.agents[ix].profile);
    let profile = before.map_or_else(|| profile.clone(), |before| merged(before, profile, fields));
    let created = before.is_none();
    if before.is_some_and(|before| **before == profile) {
        plan.counts.unchanged += 1;
        return;
    }
    plan.counts.created += usize::from(created);
    plan.counts.updated += usize::from(!created);
    plan.events.push(Event::AgentApplied {
        profile: Arc::new(profile),
        created,
    });
}

/// The profile before, with the masked fields of the new one.
fn merged(before: &AgentProfile, new: &AgentProfile, fields: ProfileFields) -> AgentProfile {
    let pick = |masked: bool| if masked { new } else { before };
    AgentProfile {
        id: before.id.clone(),
        display_name: Arc::clone(&pick(fields.display_name).display_name),
        skills: pick(fields.skills).skills.clone(),
        site: pick(fields.site).site.clone(),
        address: Arc::clone(&pick(fields.address).address),
        team: Arc::clone(&pick(fields.team).team),
        employer: Arc::clone(&pick(fields.employer).employer),
        terms: pick(fields.terms).terms.clone(),
    }
}

fn check_request(state: &State, agents: &[AgentProfile]) -> Vec<Violation> {
    let mut wrong = Vec::new();
    if agents.len() > AGENTS_OF_REQUEST_MAX {
        let problem = format!("are {}; give at most {AGENTS_OF_REQUEST_MAX}", agents.len());
        wrong.push(Violation::new("agents", problem));
    }
    let mut seen = BTreeMap::new();
    for (place, profile) in agents.iter().enumerate() {
        if let Some(first) = seen.insert(&profile.id, place) {
            let problem = format!("`{}` is also agents[{first}]; give each once", profile.id);
            wrong.push(Violation::new(format!("agents[{place}].id"), problem));
        }
    }
    for (id, place) in &seen {
        let ix = state.agent(id);
        if ix.is_some_and(|ix| state.agents[ix].state.draining) {
            let problem = "is about to be deleted; apply it again once it is gone";
            wrong.push(Violation::new(format!("agents[{place}].id"), problem));
        }
    }
    let new = seen.keys().filter(|id| state.agent(id).is_none()).count();
    let (after, most) = (state.agents.len() + new, state.limits.agents);
    if after > most {
        let problem = format!("would make {after} in the pool; it may have {most}");
        wrong.push(Violation::new("agents", problem));
    }
    wrong
}

fn check_profile(
    wrong: &mut Vec<Violation>,
    path: &str,
    profile: &AgentProfile,
    allowed: &[SkillName],
) {
    if let Some(problem) = name_problem(profile.id.as_str(), NAME_BYTES_MAX) {
        wrong.push(Violation::new(format!("{path}.id"), problem));
    }
    if profile.skills.len() > SKILLS_OF_AGENT_MAX {
        let problem = format!(
            "are {}; give at most {SKILLS_OF_AGENT_MAX}",
            profile.skills.len()
        );
        wrong.push(Violation::new(format!("{path}.skills"), problem));
    } else {
        check_skills(wrong, &format!("{path}.skills"), &profile.skills, allowed);
    }
    check_site(wrong, path, &profile.site);
    let name = &profile.display_name;
    let problem = length_problem(name, NAME_BYTES_MAX).or_else(|| person_problem(name));
    wrong.extend(problem.map(|problem| Violation::new(format!("{path}.display_name"), problem)));
    text(wrong, path, "address", &profile.address, ADDRESS_BYTES_MAX);
    text(wrong, path, "team", &profile.team, NAME_BYTES_MAX);
    text(wrong, path, "employer", &profile.employer, NAME_BYTES_MAX);
    if let Some(terms) = &profile.terms {
        let wrong_terms = terms.problems().into_iter();
        wrong.extend(
            wrong_terms
                .map(|(field, problem)| Violation::new(format!("{path}.terms.{field}"), problem)),
        );
    }
}

fn check_site(wrong: &mut Vec<Violation>, path: &str, site: &Site) {
    if let Some(problem) = name_problem(&site.id, NAME_BYTES_MAX) {
        wrong.push(Violation::new(format!("{path}.site.id"), problem));
    }
    text(wrong, path, "site.region", &site.region, NAME_BYTES_MAX);
    text(wrong, path, "site.provider", &site.provider, NAME_BYTES_MAX);
}

fn text(wrong: &mut Vec<Violation>, path: &str, field: &str, text: &str, bytes_max: usize) {
    let problem = length_problem(text, bytes_max).or_else(|| text_problem(text));
    wrong.extend(problem.map(|problem| Violation::new(format!("{path}.{field}"), problem)));
}

fn length_problem(text: &str, bytes_max: usize) -> Option<String> {
    let bytes = text.len();
    (bytes > bytes_max).then(|| format!("is {bytes} bytes long; give at most {bytes_max}"))
}

fn check_skill_count(wrong: &mut Vec<Violation>, state: &State, agents: &[AgentProfile]) {
    let named = agents
        .iter()
        .flat_map(|profile| &profile.skills)
        .map(|held| &held.skill);
    let new: BTreeSet<&SkillName> = named
        .filter(|skill| !state.skills.contains_key(*skill))
        .collect();
    let (after, most) = (state.skills.len() + new.len(), state.limits.skills);
    if after > most {
        let problem =
            format!("would make {after} different skills in the pool; it may have {most}");
        wrong.push(Violation::new("agents", problem));
    }
}
