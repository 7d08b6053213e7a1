//! What a house knows, from a file of agents as `agent apply` takes it.

use std::{collections::BTreeSet, path::Path};

use crate::{cli::agent, schedule::Known};

/// Reads agents, and with them the skills and sites that there are.
pub(super) fn read(path: &Path) -> anyhow::Result<Known> {
    let agents = agent::read_agents(path)?;
    let skills = agents.iter().flat_map(|agent| &agent.skills);
    let sites = agents.iter().filter_map(|agent| agent.site.as_ref());
    let texts = |texts: &mut dyn Iterator<Item = String>| -> Option<BTreeSet<String>> {
        Some(texts.collect()).filter(|all: &BTreeSet<String>| !all.is_empty())
    };
    Ok(Known {
        agents: Some(agents.iter().map(|agent| agent.id.clone()).collect()),
        skills: texts(&mut skills.map(|skill| skill.skill.clone())),
        sites: texts(&mut sites.map(|site| site.id.clone())),
    })
}
