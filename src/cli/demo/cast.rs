//! The demo's agents: 28 at home and 12 in two telecentres, in four regions and with three Internet providers.

use crate::proto::v1::{Agent, Site, SiteKind, SkillLevel};

const NAMES: [&str; 40] = [
    "Abena", "Alice", "Amara", "Anders", "Bela", "Bruno", "Carla", "Chen", "Daria", "Diego",
    "Edda", "Emil", "Farah", "Felix", "Greta", "Hugo", "Ines", "Ivan", "Jana", "Jorge", "Kaito",
    "Lena", "Luca", "Maya", "Milan", "Nadia", "Noor", "Olga", "Omar", "Paula", "Petra", "Quinn",
    "Rafa", "Rosa", "Sami", "Tara", "Tomas", "Uma", "Vera", "Yann",
];
const REGIONS: [&str; 4] = ["north-coast", "harbour", "valley", "islands"];
const PROVIDERS: [&str; 3] = ["fibrenet", "coastcable", "hillmobile"];
const TEAMS: [&str; 4] = ["red", "blue", "green", "amber"];
const AT_HOME: usize = 28;

/// All agents.
pub(super) fn agents() -> Vec<Agent> {
    NAMES
        .iter()
        .enumerate()
        .map(|(number, name)| agent(number, name))
        .collect()
}

/// The id of the agent of a number.
pub(super) fn id(number: usize) -> String {
    NAMES[number].to_lowercase()
}

/// The numbers of the agents whose Internet provider this is.
pub(super) fn with_provider(provider: &str) -> Vec<usize> {
    let numbered = agents().into_iter().enumerate();
    let with = numbered.filter(|(_, agent)| {
        let site = agent.site.as_ref();
        site.is_some_and(|site| site.provider == provider)
    });
    with.map(|(number, _)| number).collect()
}

fn agent(number: usize, name: &str) -> Agent {
    let id = id(number);
    Agent {
        display_name: name.to_owned(),
        skills: skills(number),
        site: Some(if number < AT_HOME {
            home(number, &id)
        } else {
            telecentre(number)
        }),
        address: format!("sip:{id}@coastline.example"),
        team: TEAMS[number % TEAMS.len()].to_owned(),
        employer: if number.is_multiple_of(5) {
            "Lighthouse Partners"
        } else {
            "Coastline Telecom"
        }
        .to_owned(),
        status: None,
        terms: None,
        readiness: None,
        id,
    }
}

fn home(number: usize, id: &str) -> Site {
    Site {
        id: format!("home-{id}"),
        kind: SiteKind::Home.into(),
        region: REGIONS[number % REGIONS.len()].to_owned(),
        provider: PROVIDERS[number % PROVIDERS.len()].to_owned(),
    }
}

fn telecentre(number: usize) -> Site {
    let region = if number.is_multiple_of(2) {
        "harbour"
    } else {
        "valley"
    };
    Site {
        id: format!("telecentre-{region}"),
        kind: SiteKind::Telecentre.into(),
        region: region.to_owned(),
        provider: "fibrenet".to_owned(),
    }
}

/// Whether the agent of a number speaks Spanish.
pub(super) fn speaks_spanish(number: usize) -> bool {
    number.is_multiple_of(6)
}

/// Everybody speaks English; the telecentres know technology, homes mostly bills, few Spanish or how to keep a customer.
fn skills(number: usize) -> Vec<SkillLevel> {
    let level = |from: usize, spread: usize| from + number % spread;
    let mut skills = vec![skill("english", level(2, 4))];
    if number >= AT_HOME || number.is_multiple_of(4) {
        skills.push(skill("technical", level(2, 3)));
    }
    if number < AT_HOME || number.is_multiple_of(3) {
        skills.push(skill("billing", level(1, 4)));
    }
    if speaks_spanish(number) {
        skills.push(skill("spanish", 2 + number / 6 % 3));
    }
    if number % 7 == 3 {
        skills.push(skill("retention", level(1, 3)));
    }
    skills
}

fn skill(name: &str, level: usize) -> SkillLevel {
    SkillLevel {
        skill: name.to_owned(),
        level: i32::try_from(level).unwrap_or(1),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::agents;
    use crate::{
        cli::{demo::scene::Scene, pool::file},
        proto::v1::{Agent, Ring},
    };

    #[test]
    fn ids_are_unique_and_levels_in_range() {
        let agents = agents();
        let ids: BTreeSet<&str> = agents.iter().map(|agent| agent.id.as_str()).collect();
        assert_eq!(ids.len(), 40);
        assert!(
            agents
                .iter()
                .flat_map(|agent| &agent.skills)
                .all(|skill| (1..=5).contains(&skill.level))
        );
    }

    #[test]
    fn every_queue_has_agents_in_its_first_ring() {
        let fits = |agent: &Agent, ring: &Ring| {
            let holds = ring.skills.iter().all(|needed| {
                agent
                    .skills
                    .iter()
                    .any(|held| held.skill == needed.skill && held.level >= needed.level)
            });
            let kind = agent.site.as_ref().map_or(0, |site| site.kind);
            holds && (ring.site_kinds.is_empty() || ring.site_kinds.contains(&kind))
        };
        for scene in [Scene::Evening, Scene::Monday] {
            let (pool, _) = file::read(scene.pool().1, "default", std::path::Path::new(""));
            for queue in &pool.queues {
                let agents = agents();
                let fitting = agents.iter().filter(|agent| fits(agent, &queue.rings[0]));
                let count = fitting.count();
                assert!(count >= 2, "{}: {count}", queue.id);
            }
        }
    }
}
