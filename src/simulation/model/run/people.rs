//! The agents of a scenario: who they are, and how they stand.

use std::{hash::BuildHasher, sync::Arc};

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use crate::{
    engine::{
        command::{CallReport, SessionRef},
        ids::{AgentId, CallId, OfferId},
        profile::{AgentProfile, Site},
    },
    simulation::model::{Scenario, StaffGroup, measure::Work, random::Stream},
};

/// An agent.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) id: AgentId,
    pub(super) group: usize,
    pub(super) session: u64,
    /// A shift is on.
    pub(super) is_on_shift: bool,
    /// What the agent asks for.
    pub(super) wish: Wish,
    pub(super) has_line: bool,
    /// The provider lost the line, and has not brought it back.
    pub(super) is_cut_off: bool,
    pub(super) task: Task,
    /// The last call that was wrapped up, or is now.
    pub(super) wrapped: Option<CallId>,
    /// As it was last noted; none while signed out.
    pub(super) noted: Option<Work>,
}

/// What an agent asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Offline,
    NotReady,
    /// Not ready, as two calls in a row were not answered.
    Missed,
    Ready,
}

/// What an agent has in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    Nothing,
    Offer { offer: OfferId, reaction: Reaction },
    Talk { call: u64 },
    WrapUp { call: u64 },
}

/// What an agent will do about an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reaction {
    /// Accept it on the desktop.
    Accept,
    /// Decline it there.
    Decline,
    /// What the platform will see of the phone that rings.
    Phone { call: u64, sees: CallReport },
    /// Nothing.
    None,
}

impl Person {
    /// What the agent does, as it is measured; none while signed out.
    pub(super) fn work(&self) -> Option<Work> {
        match (self.task, self.wish) {
            (Task::Offer { .. }, _) => Some(Work::Offered),
            (Task::Talk { .. }, _) => Some(Work::Connected),
            (Task::WrapUp { .. }, _) => Some(Work::WrapUp),
            (Task::Nothing, Wish::Offline) => None,
            (Task::Nothing, _) if !self.has_line => Some(Work::LineLost),
            (Task::Nothing, Wish::NotReady | Wish::Missed) => Some(Work::NotReady),
            (Task::Nothing, Wish::Ready) => Some(Work::Idle),
        }
    }

    /// The agent as a command says who gives it.
    pub(super) fn reference(&self) -> SessionRef {
        SessionRef {
            agent: self.id.clone(),
            session: self.session,
            sequence: 0,
        }
    }
}

/// How a group behaves at random.
#[derive(Debug)]
pub(super) struct Habits {
    pub(super) answers: Stream,
    pub(super) wrap_ups: Stream,
    pub(super) returns: Stream,
    pub(super) losses: Stream,
}

/// All agents.
#[derive(Debug)]
pub(super) struct People {
    pub(super) persons: Vec<Person>,
    pub(super) habits: Vec<Habits>,
    /// Places by id, which stand in the persons.
    places: HashTable<usize>,
}

impl People {
    pub(super) fn new(scenario: &Scenario, replication: u32) -> Self {
        let stream = |purpose, group: &StaffGroup| {
            Stream::of(scenario.seed, replication, purpose, &group.name)
        };
        let habits = scenario.staff.iter().map(|group| Habits {
            answers: stream("answers", group),
            wrap_ups: stream("wrap-ups", group),
            returns: stream("returns", group),
            losses: stream("losses", group),
        });
        let groups = scenario.staff.iter().enumerate();
        let persons: Vec<Person> = groups
            .flat_map(|(place, group)| (1..=group.agents).map(move |number| (place, group, number)))
            .map(|(place, group, number)| Person {
                id: agent_id(group, number),
                group: place,
                session: 0,
                is_on_shift: false,
                wish: Wish::Offline,
                has_line: false,
                is_cut_off: false,
                task: Task::Nothing,
                wrapped: None,
                noted: None,
            })
            .collect();
        Self {
            habits: habits.collect(),
            places: places(&persons),
            persons,
        }
    }

    /// The agent's place.
    pub(super) fn place(&self, agent: &AgentId) -> usize {
        let is = |place: &usize| self.persons[*place].id == *agent;
        let found = self.places.find(hash(agent), is);
        *found.expect("an agent of the scenario")
    }
}

fn hash(agent: &AgentId) -> u64 {
    FxBuildHasher.hash_one(agent.as_str())
}

fn places(persons: &[Person]) -> HashTable<usize> {
    let mut places = HashTable::with_capacity(persons.len());
    for (place, person) in persons.iter().enumerate() {
        let again = |place: &usize| hash(&persons[*place].id);
        places.insert_unique(hash(&person.id), place, again);
    }
    places
}

fn agent_id(group: &StaffGroup, number: u32) -> AgentId {
    AgentId::new(format!("{}-{number}", group.name))
}

impl Person {
    /// The agent as the pool is told.
    pub(super) fn profile(&self, scenario: &Scenario) -> AgentProfile {
        profile(&scenario.staff[self.group], self.id.clone())
    }
}

fn profile(group: &StaffGroup, id: AgentId) -> AgentProfile {
    let own: Arc<str> = id.as_str().into();
    AgentProfile {
        display_name: "".into(),
        skills: group.skills.clone(),
        site: Site {
            id: if group.site.is_empty() {
                own
            } else {
                Arc::clone(&group.site)
            },
            kind: group.site_kind,
            region: Arc::clone(&group.region),
            provider: Arc::clone(&group.provider),
        },
        address: "".into(),
        team: Arc::clone(&group.team),
        employer: Arc::clone(&group.employer),
        id,
    }
}
