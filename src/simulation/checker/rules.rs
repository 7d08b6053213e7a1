//! The rules that are held, each with what it wants.

macro_rules! rules {
    ($($rule:ident $label:literal $wants:literal,)*) => {
        /// A rule of the service.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $wants] $rule,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$rule),*];

            /// Its name: lower case, words joined by underscores.
            pub fn label(self) -> &'static str {
                match self { $(Self::$rule => $label),* }
            }

            /// What it wants.
            pub fn wants(self) -> &'static str {
                match self { $(Self::$rule => $wants),* }
            }
        }
    };
}

rules! {
    Form "form" "a line is a JSON object with what `proto/EVENTS.md` promises",
    Numbers "numbers" "numbers grow, and have no gaps inside a commit",
    Time "time" "time never goes back, and a commit has one time",
    AcceptedOnce "accepted_once" "a call is accepted once, until it is over and forgotten",
    Lives "lives" "nothing happens to a call before it is accepted or after its end",
    Phase "phase" "a call goes only from where it is to where it may go",
    Outcome "outcome" "a call ends with the outcome of what happened to it",
    Wait "wait" "a wait runs until a conversation, stands while it lasts, and is never reset",
    Target "target" "a call is in its target if its queue had it no longer than that",
    OneOffer "one_offer" "a call and an agent have at most one live offer",
    OfferKnown "offer_known" "an offer has a new, higher id, and what happens to it names its call and its agent",
    Eligible "eligible" "only who is ready, idle, reachable and not blocked is offered a call",
    Readiness "readiness" "a check has the band of the pool's limits, three of the last five move an agent's standing, and who needs a check is offered calls by one that holds",
    Fits "fits" "only who has what the call's ring and the call itself ask for is offered it",
    Refused "refused" "who refused a call in this ring, or passed it on, is not offered it",
    Preferred "preferred" "a call is kept for its preferred agent alone, while that agent may come, and no longer than its queue says",
    Withheld "withheld" "a call is not offered while its platform is away, does not name it, or has not confirmed that a leg is gone",
    LegOpen "leg_open" "an agent is not offered a call before the platform confirmed that the leg of the last offer is gone",
    Order "order" "the most urgent call that somebody may take goes first, as the pool orders its calls",
    Selection "selection" "of those who may take a call the queue's order chooses, then the longest idle, then the lowest id",
    Record "record" "an offer's record says what was so: ring, policy, mode, candidates, idle time",
    Beside "beside" "no call waits beside an agent who may take it",
    Lease "lease" "an offer lasts as long as its queue rings and 3 s more, a connection 10 s or as a callback rings, and then it ends",
    Refusal "refusal" "declined and not answered are refusals and move the idle clock, nothing else does; a platform that was told to ring is told to stop",
    Rona "rona" "who does not answer twice in a row, or cannot be dialled three times, is ready no longer",
    Rings "rings" "a ring is entered when its time has come, and only wider ones",
    Forgotten "forgotten" "refusals are forgotten after 30 s of unbroken waiting",
    Callback "callback" "a callback is tried when it is due, no more often than its queue says",
    Overflow "overflow" "a call leaves its queue only while it waits there, when its time has come, and for where its queue sends it",
    Closed "closed" "a queue that is paused or closed takes no calls, and opens by word or at its time",
    Windows "windows" "a queue takes calls while its windows are open, but for what its share and shadow leave on site; a callback waits for the opening",
    Peak "peak" "a queue has one peak at a time, from its beginning to its end, where peaks are looked for",
    Diverted "diverted" "a call is taken if somebody could take it and there is room, else it is diverted for that reason",
    Estimate "estimate" "place and likely wait are those that the line gives",
    WrapUp "wrap_up" "a conversation is followed by wrap-up, up to the limit of the queue where it was, extended at most once",
    Intent "intent" "what an agent asked for is changed by the agent, a supervisor or a rule, and to ready by a rule only for who is excused by an outage",
    NextIntent "next_intent" "what was asked for next is applied when work is over",
    Line "line" "a line is silent before it is lost, and up by registration only for who is registered",
    Withdrawn "withdrawn" "an offer is withdrawn when its agent's line is lost or bad, the site is drained, or the agent leaves",
    Hold "hold" "what keeps an agent away for a while ends by word or at its end",
    External "external" "a call of another system is over by word or after 4 h",
    Session "session" "each session of an agent has a higher number",
    Deleted "deleted" "an agent is deleted with nothing in hand",
    Talk "talk" "a long conversation is asked about when its queue says, and lost if nobody confirms it for a minute",
    Platform "platform" "a call that its platform no longer names is lost 30 s later, one whose platform is away for 5 min is lost",
    Tombstone "tombstone" "a call that is over is remembered for 15 min at most",
    Site "site" "only a drained site is opened again",
    Occupancy "occupancy" "the busy time of an agent is what was seen of the last hour",
    Left "left" "a history that is over leaves no call behind",
}
