//! The closed sets of how calls and offers end, with their labels.

use serde::{Deserialize, Serialize};

/// Why the service did not take a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DivertReason {
    /// The queue is not served by remote agents now, or not this call.
    OnSite,
    /// The queue is paused or closed.
    Closed,
    /// Too many calls wait.
    Full,
    /// Nobody signed in can take the last ring.
    Unstaffed,
    /// No agent record can take the last ring.
    NoAgentEver,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An agent talked to the caller.
    Handled,
    /// The caller hung up before a conversation.
    Abandoned,
    /// It waited for long, and goes on in another pool.
    Overflowed,
    /// The queue's time-out passed.
    TimedOut,
    /// The platform lost it, or never came back.
    Lost,
    /// A callback whose customer was not reached.
    Unreached,
    /// The platform withdrew it.
    Cancelled,
}

/// Why an offer ended without a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferEnd {
    /// The agent declined, or rejected the ring.
    Declined,
    /// The agent did not answer in time: a miss.
    NoAnswer,
    /// The agent is on a call of another system.
    Busy,
    /// The agent could not be dialled, or the platform did not connect in time.
    Failed,
    /// The agent's line was lost.
    LineLost,
    /// The customer who is called back was not reached.
    CustomerUnreached,
    /// The caller hung up.
    CallerGone,
    /// The platform withdrew or lost the call.
    Withdrawn,
    /// A supervisor drained the agent's site.
    SiteDrained,
    /// The agent said that the line is bad.
    LineQuality,
    /// The agent is about to be deleted.
    AgentDraining,
    /// The platform that was to ring or to connect is not heard.
    PlatformGone,
}

/// Why a call changed its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveCause {
    /// It waited for long.
    Overflow,
    /// A supervisor moved it.
    Supervisor,
    /// The agent in conversation passed it on.
    Transfer,
}

macro_rules! labels {
    ($type:ident { $($variant:ident = $label:literal),* $(,)? }) => {
        impl $type {
            /// Every value, for tables of metrics.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The value as a label: lower case, words joined by underscores.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),* }
            }
        }
    };
}

labels!(DivertReason { OnSite = "on_site", Closed = "closed", Full = "full", Unstaffed = "unstaffed", NoAgentEver = "no_agent_ever" });
labels!(Outcome {
    Handled = "handled",
    Abandoned = "abandoned",
    Overflowed = "overflowed",
    TimedOut = "timed_out",
    Lost = "lost",
    Unreached = "unreached",
    Cancelled = "cancelled",
});
labels!(MoveCause { Overflow = "overflow", Supervisor = "supervisor", Transfer = "transfer" });
labels!(OfferEnd {
    Declined = "declined",
    NoAnswer = "no_answer",
    Busy = "busy",
    Failed = "failed",
    LineLost = "line_lost",
    CustomerUnreached = "customer_unreached",
    CallerGone = "caller_gone",
    Withdrawn = "withdrawn",
    SiteDrained = "site_drained",
    LineQuality = "line_quality",
    AgentDraining = "agent_draining",
    PlatformGone = "platform_gone",
});
