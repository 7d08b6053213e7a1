//! Offers: to whom, for how long, and what comes of them.

use super::{
    Checker,
    line::{Fault, Line, Seen},
    rules::Rule,
    state::{Call, Leg, Offer, Phase, Work},
};

/// The lease of an offer is longer than it rings by this.
const LEASE_MARGIN_MS: u64 = 3_000;
/// The platform has so long to connect.
const CONNECT_MS: u64 = 10_000;
/// Causes of ends about which a platform that was told to ring or to connect must be told.
const RESCINDING: [&str; 4] = [
    "line_lost",
    "site_drained",
    "line_quality",
    "agent_draining",
];
/// Causes of ends from outside.
const OUTSIDE: [&str; 2] = ["withdrawn", "caller_gone"];

impl Checker {
    pub(super) fn see_offer(&mut self, line: &Line) -> Seen {
        match line.event.as_str() {
            "offer_made" => self.see_made(line),
            "rescind_released" => self.see_released(line),
            _ => {
                let Some(id) = self.live(line)? else {
                    return Ok(());
                };
                let offer = self.offer_of(line, &id)?;
                match line.event.as_str() {
                    "offer_accepted" => self.see_accepted(line, &id, &offer),
                    "offer_extended" => self.see_extended(line, &id, &offer),
                    _ => self.see_offer_ended(line, &id, &offer),
                }
            }
        }
    }

    /// The open offer of a call, if it is the one that a line names.
    pub(super) fn offer_of(&self, line: &Line, id: &str) -> Seen<Offer> {
        let (told, agent) = (number(line)?, line.text("agent_id")?);
        let offer = self.calls.get(id).and_then(Call::offer);
        let fits = |offer: &&Offer| offer.id == told && offer.agent == agent;
        offer.filter(fits).cloned().ok_or_else(|| {
            let seen = format!(
                "{} of `{id}`, `{agent}` and offer {told}; open is {offer:?}",
                line.event
            );
            Fault(Rule::OfferKnown, seen)
        })
    }

    fn see_made(&mut self, line: &Line) -> Seen {
        let offer = number(line)?;
        let new = offer > self.last_offer;
        let last = self.last_offer;
        self.faults.hold(new, Rule::OfferKnown, || {
            format!("offer {offer} comes after {last}")
        });
        self.last_offer = offer.max(last);
        let (Some(id), agent_id) = (self.live(line)?, line.text("agent_id")?) else {
            return Ok(());
        };
        let known = self.known(line)?.is_some();
        let before = self.faults.broken;
        self.check_call_offered(&id, agent_id);
        if known && self.is_whole {
            self.check_agent_offered(&id, agent_id);
            self.check_pair(&id, agent_id);
            if self.faults.broken == before {
                self.check_choice(line, &id, agent_id);
            }
        }
        self.check_offer_record(line, &id, agent_id)?;
        let rings = line.text("mode")? == "ring";
        let until = line.time("lease_until")?;
        if let Some(call) = self.calls.get_mut(&id) {
            call.offers += 1;
            call.phase = Phase::Offered(Offer {
                id: offer,
                agent: agent_id.to_owned(),
                rings,
                accepted: false,
                until,
            });
        }
        if let Some(agent) = self.agents.get_mut(agent_id) {
            agent.work = Work::Offered(id);
        }
        Ok(())
    }

    fn check_call_offered(&mut self, id: &str, agent_id: &str) {
        let Some(call) = self.calls.get(id) else {
            return;
        };
        let heard = self.is_heard(call);
        let faults = &mut self.faults;
        match &call.phase {
            Phase::Offered(offer) => faults.add(
                Rule::OneOffer,
                format!("`{id}` is offered to `{agent_id}` and to `{}`", offer.agent),
            ),
            Phase::Connected { agent, .. } => faults.add(
                Rule::Phase,
                format!("`{id}` is offered, and talks to `{agent}`"),
            ),
            Phase::Waiting { .. } => {}
        }
        let due = call.callback.is_none_or(|callback| callback.due.is_none());
        faults.hold(due, Rule::Callback, || {
            format!("`{id}` is offered before it is due")
        });
        let named = call.leg.is_none() && call.lost_at.is_none();
        faults.hold(named && heard, Rule::Withheld, || {
            format!("`{id}` is offered to `{agent_id}`")
        });
    }

    fn check_agent_offered(&mut self, id: &str, agent_id: &str) {
        let Some(agent) = self.agents.get(agent_id) else {
            return;
        };
        let faults = &mut self.faults;
        if let Work::Offered(other) = &agent.work {
            let seen = format!("`{agent_id}` is offered `{id}` and `{other}`");
            return faults.add(Rule::OneOffer, seen);
        }
        let (drained, checked) = (self.drained.contains(&agent.site), self.is_checked(agent));
        let faults = &mut self.faults;
        faults.hold(checked, Rule::Readiness, || {
            format!("`{agent_id}` is offered `{id}` without a check that holds")
        });
        faults.hold(agent.is_ready() && !drained, Rule::Eligible, || {
            let (intent, work, line) = (&agent.intent, &agent.work, agent.reach);
            format!("`{agent_id}` is offered `{id}`: {intent:?}, {work:?}, {line:?}")
        });
        faults.hold(agent.leg.is_none(), Rule::LegOpen, || {
            format!("`{agent_id}` is offered `{id}` after {:?}", agent.leg)
        });
    }

    fn check_pair(&mut self, id: &str, agent_id: &str) {
        let (Some(call), Some(agent)) = (self.calls.get(id), self.agents.get(agent_id)) else {
            return;
        };
        let config = self.config.as_ref();
        let fits = config.is_none_or(|config| Self::fits(config, agent, call));
        let faults = &mut self.faults;
        faults.hold(fits, Rule::Fits, || {
            format!("`{agent_id}` is offered `{id}` with {:?}", agent.skills)
        });
        let kept_off =
            call.refused.contains(agent_id) || call.excluded.as_deref() == Some(agent_id);
        faults.hold(!kept_off, Rule::Refused, || {
            format!("`{agent_id}` is offered `{id}` again")
        });
        let kept = call.kept.as_ref();
        let for_others = kept.is_some_and(|kept| kept.agent != agent_id);
        faults.hold(!for_others, Rule::Preferred, || {
            format!("`{agent_id}` is offered `{id}`, kept for {kept:?}")
        });
    }

    fn check_offer_record(&mut self, line: &Line, id: &str, agent_id: &str) -> Seen {
        let now = self.now;
        let Some(call) = self.calls.get(id) else {
            return Ok(());
        };
        let (told, seen) = (line.count("wait_ms")?, now - call.wait_from);
        let faults = &mut self.faults;
        faults.hold(told == seen, Rule::Wait, || {
            format!("`{id}` has waited {told} ms, and {seen} are seen")
        });
        let agent = self.agents.get(agent_id);
        let idle_ms = line.count("idle_ms")?;
        if let Some(agent) = agent {
            let seen = now - agent.idle_since;
            faults.hold(idle_ms == seen, Rule::Record, || {
                format!("`{agent_id}` was idle for {idle_ms} ms, and {seen} are seen")
            });
        }
        let Some(queue) = self
            .config
            .as_ref()
            .and_then(|config| config.queue(&call.queue))
        else {
            return Ok(());
        };
        let until = line.time("lease_until")?;
        let lease = now + queue.ring_for_ms + LEASE_MARGIN_MS;
        faults.hold(until == lease, Rule::Lease, || {
            format!("an offer of `{id}` lasts until {until} ms instead of {lease}")
        });
        let by_phone = agent.is_some_and(|agent| agent.by_registration);
        let mode = if by_phone { "ring" } else { &queue.offer_mode };
        let (told, policy) = (line.text("mode")?, line.text("policy")?);
        let ring = line.count("ring")?;
        let fits = told == mode && policy == queue.selection && ring == call.ring as u64;
        faults.hold(fits || agent.is_none(), Rule::Record, || {
            format!("`{id}` is offered by {told}, {policy} in ring {ring}")
        });
        Ok(())
    }

    fn see_accepted(&mut self, line: &Line, id: &str, offer: &Offer) -> Seen {
        let now = self.now;
        let connect_by = line.time("connect_by")?;
        let Some(call) = self.calls.get_mut(id) else {
            return Ok(());
        };
        let is_callback = call.callback.is_some();
        let faults = &mut self.faults;
        let fits = !offer.accepted && (!offer.rings || is_callback);
        faults.hold(fits, Rule::Phase, || format!("{offer:?} is accepted"));
        let connect_ms = call
            .callback
            .map_or(CONNECT_MS, |callback| callback.how.ring_ms);
        let known = self.config.is_some() || !is_callback;
        faults.hold(
            !known || connect_by == now + connect_ms,
            Rule::Lease,
            || format!("`{id}` is to be connected by {connect_by} ms, at {now} ms"),
        );
        call.phase = Phase::Offered(Offer {
            accepted: true,
            until: connect_by,
            ..offer.clone()
        });
        Ok(())
    }

    fn see_extended(&mut self, line: &Line, id: &str, offer: &Offer) -> Seen {
        let until = line.time("lease_until")?;
        self.faults.hold(until > offer.until, Rule::Lease, || {
            format!("{offer:?} is extended until {until} ms")
        });
        if let Some(call) = self.calls.get_mut(id) {
            call.phase = Phase::Offered(Offer {
                until,
                ..offer.clone()
            });
        }
        Ok(())
    }

    fn see_offer_ended(&mut self, line: &Line, id: &str, offer: &Offer) -> Seen {
        let now = self.now;
        let (cause, rescind) = (line.text("cause")?, line.flag("rescind")?);
        let Some(call) = self.calls.get_mut(id) else {
            return Ok(());
        };
        let told = offer.rings || offer.accepted;
        let platform = self.platforms.get(&call.key);
        let gone = platform
            .and_then(|platform| platform.detached_at)
            .is_some_and(|since| now - since >= super::places::LEG_GONE_MS);
        let due = told && !gone && RESCINDING.contains(&cause);
        let faults = &mut self.faults;
        faults.hold(rescind || !due, Rule::Refusal, || {
            format!("{offer:?} ends by `{cause}`, and its platform is not told")
        });
        faults.hold(told || !rescind, Rule::Refusal, || {
            format!("{offer:?} is rescinded, and its platform knows nothing of it")
        });
        let early = cause == "no_answer" && !told && now < offer.until;
        faults.hold(!early, Rule::Lease, || {
            format!("{offer:?} ends by `{cause}`")
        });
        let called = cause == "customer_unreached";
        faults.hold(!called || call.callback.is_some(), Rule::Callback, || {
            format!("`{id}` ends an offer by `{cause}`")
        });
        if matches!(cause, "declined" | "no_answer") {
            call.refused.insert(offer.agent.clone());
        }
        call.leg = rescind.then_some(offer.id);
        call.phase = Phase::Waiting { since: now };
        call.withdrawn_at = OUTSIDE.contains(&cause).then_some(now);
        let key = call.key.clone();
        let leg = rescind.then_some(Leg {
            offer: offer.id,
            key,
            since: now,
        });
        self.free_agent(line, &offer.agent, cause, leg)
    }

    /// The agent of an offer that ended has nothing in hand.
    fn free_agent(&mut self, line: &Line, id: &str, cause: &str, leg: Option<Leg>) -> Seen {
        let now = self.now;
        let is_kept = self.is_occupancy_kept();
        let Some(agent) = self.agents.get_mut(id) else {
            return Ok(());
        };
        (agent.work, agent.leg) = (Work::Idle, leg);
        let (misses, failures) = (line.count("misses")?, line.count("failures")?);
        let expected = match cause {
            "no_answer" => agent.misses + 1,
            "declined" => 0,
            _ => agent.misses,
        };
        // In an outage somebody who does not answer is not to blame.
        let forgiven = self.outages > 0 && cause == "no_answer" && misses == agent.misses;
        let failed = agent.failures + u64::from(cause == "failed");
        let fits = (misses == expected || forgiven) && failures == failed;
        self.faults.hold(fits, Rule::Rona, || {
            format!("`{id}` has {misses} misses and {failures} failures after `{cause}`")
        });
        (agent.misses, agent.failures) = (misses, failures);
        if matches!(cause, "declined" | "no_answer") {
            agent.idle_since = now;
            agent.busy.fix(is_kept, now);
        }
        Ok(())
    }

    fn see_released(&mut self, line: &Line) -> Seen {
        let (id, offer) = (line.text("call_id")?, number(line)?);
        if let Some(call) = self
            .calls
            .get_mut(id)
            .filter(|call| call.leg == Some(offer))
        {
            call.leg = None;
        }
        let Some(agent_id) = self.known(line)? else {
            return Ok(());
        };
        if let Some(agent) = self.agents.get_mut(&agent_id) {
            let leg = agent.leg.take();
            let fits = leg.as_ref().is_some_and(|leg| leg.offer == offer);
            self.faults.hold(fits, Rule::OfferKnown, || {
                format!("offer {offer} of `{agent_id}` is released; open is {leg:?}")
            });
        }
        Ok(())
    }

    /// Whether a queue asks how busy agents were.
    pub(super) fn is_occupancy_kept(&self) -> bool {
        self.config
            .as_ref()
            .is_some_and(super::config::Config::asks_for_occupancy)
    }

    /// Caller and agent talk.
    pub(super) fn begin_talk(&mut self, agent: &str, call: &str) {
        let (now, is_kept) = (self.now, self.is_occupancy_kept());
        if let Some(agent) = self.agents.get_mut(agent) {
            agent.work = Work::Connected(call.to_owned());
            (agent.misses, agent.failures) = (0, 0);
            agent.busy.begin(is_kept, now);
        }
    }
}

fn number(line: &Line) -> Seen<u64> {
    let told = line.text("offer_id")?;
    let number = told
        .strip_prefix('o')
        .and_then(|number| number.parse().ok());
    number.ok_or_else(|| Fault(Rule::Form, format!("`{told}` is no offer's id")))
}
