//! What a platform says of a conversation. It is shown, and changes nothing in routing.

use serde::{Deserialize, Serialize};

use super::ids::PoolTime;

/// Who talks to whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TalkKind {
    /// The agent and the caller talk.
    #[default]
    Talking,
    /// The caller is on hold.
    OnHold,
    /// The caller is on hold, and the agent asks somebody else.
    Consulting,
    /// Somebody else talks with the agent and the caller.
    Conference,
}

impl TalkKind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Talking,
        Self::OnHold,
        Self::Consulting,
        Self::Conference,
    ];

    /// The kind as a label: lower case, words joined by underscores.
    pub fn label(self) -> &'static str {
        match self {
            Self::Talking => "talking",
            Self::OnHold => "on_hold",
            Self::Consulting => "consulting",
            Self::Conference => "conference",
        }
    }
}

/// What is known of a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    /// Who talks to whom.
    #[serde(default)]
    pub kind: TalkKind,
    /// When the platform last said that it goes on; none if it has not since it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<PoolTime>,
    /// It has lasted long, and the platform is to say by then whether it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_until: Option<PoolTime>,
}
