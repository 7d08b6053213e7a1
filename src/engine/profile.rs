//! What is known of an agent that does not move with each call.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    ids::{AgentId, SkillName},
    terms::Terms,
};

/// Where an agent works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// At the agent's home.
    Home,
    /// In a telecentre, away from the manager.
    Telecentre,
    /// On a call-centre floor.
    OnSite,
}

impl SiteKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Home, Self::Telecentre, Self::OnSite];

    /// The kind as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Telecentre => "telecentre",
            Self::OnSite => "on_site",
        }
    }
}

/// A place of work with the labels that name its failure domains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Identifier; a home is a site of its own.
    pub id: Arc<str>,
    /// What kind of place it is.
    pub kind: SiteKind,
    /// Region label; may be empty.
    pub region: Arc<str>,
    /// Internet provider label; may be empty.
    pub provider: Arc<str>,
}

/// A skill and the level held or needed, 1 to 5.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SkillLevel {
    /// The skill.
    pub skill: SkillName,
    /// 1 to 5.
    pub level: u8,
}

/// An agent's static record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentProfile {
    /// Identifier.
    pub id: AgentId,
    /// Name shown to supervisors; never logged.
    pub display_name: Arc<str>,
    /// Skills held, sorted by name, each once.
    pub skills: Vec<SkillLevel>,
    /// Where the agent works.
    pub site: Site,
    /// Contact address, a SIP URI or an E.164 number; never logged.
    pub address: Arc<str>,
    /// The team.
    pub team: Arc<str>,
    /// The employer.
    pub employer: Arc<str>,
    /// What labour rules ask about the agent; none is an adult in full time without an agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Arc<Terms>>,
}

/// Which fields of an existing profile a change replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a field mask is a set of yes and no"
)]
pub struct ProfileFields {
    /// `display_name`.
    pub display_name: bool,
    /// `skills`.
    pub skills: bool,
    /// `site`.
    pub site: bool,
    /// `address`.
    pub address: bool,
    /// `team`.
    pub team: bool,
    /// `employer`.
    pub employer: bool,
    /// `terms`.
    pub terms: bool,
}

impl ProfileFields {
    /// Every field.
    pub const ALL: Self = Self {
        display_name: true,
        skills: true,
        site: true,
        address: true,
        team: true,
        employer: true,
        terms: true,
    };
}
