//! What the end of a call says for its detail record: no number, name, address or attribute of anybody is in it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    call::Assignment,
    ids::PoolTime,
    profile::{AgentProfile, SiteKind},
};

/// The way of a call to its end, as far as the event of its end does not say it otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallDetail {
    /// When it was accepted.
    pub accepted_at: PoolTime,
    /// When its last conversation began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<PoolTime>,
    /// Name of its priority; empty is the default.
    pub priority: Arc<str>,
    /// How often it was offered.
    pub offers: u32,
    /// How often a conversation was passed on to a queue.
    pub transfers: u32,
    /// How it came to the agent of its last conversation, or of the offer that ended with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignment: Option<Arc<Assignment>>,
    /// Where the agent of its last conversation worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workplace: Option<Workplace>,
}

/// Where an agent worked, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workplace {
    /// The employer.
    pub employer: Arc<str>,
    /// The team.
    pub team: Arc<str>,
    /// What kind of place it is.
    pub site_kind: SiteKind,
    /// Region label of the place.
    pub region: Arc<str>,
}

impl From<&AgentProfile> for Workplace {
    fn from(profile: &AgentProfile) -> Self {
        Self {
            employer: Arc::clone(&profile.employer),
            team: Arc::clone(&profile.team),
            site_kind: profile.site.kind,
            region: Arc::clone(&profile.site.region),
        }
    }
}
