//! Agents, their sessions and states between wire and engine.

use std::sync::Arc;

use super::{
    Faults, duration, fault, site_kind, skills, terms, timestamp, wire_site_kind, wire_skills,
};
use crate::{
    api::status::{Problem, shown},
    engine::{
        agent::{Absence, AbsenceKind, Hold, Intent, Line, Work},
        command::{SessionRef, Trouble},
        eligibility::Block,
        ids::{AgentId, CallId, PoolTime},
        inbox::Message,
        numbers::AgentState,
        profile::{AgentProfile, ProfileFields, Site},
        view::AgentView,
    },
    pool::rows::Row,
    proto::v1,
};

/// Most agents of one request.
const AGENTS_MAX: usize = 1_000;
/// Most skills of an agent.
const AGENT_SKILLS_MAX: usize = 256;
/// The fields that a mask may name.
const FIELDS: [&str; 7] = [
    "display_name",
    "skills",
    "site",
    "address",
    "team",
    "employer",
    "terms",
];

/// The profiles of a request and the fields that it changes.
pub(in crate::api) fn profiles(
    request: &v1::ApplyAgentsRequest,
) -> Result<(Vec<AgentProfile>, ProfileFields), Problem> {
    let mut faults = Faults::default();
    if faults.too_many("agents", request.agents.len(), AGENTS_MAX, "agents") {
        return faults.finish((Vec::new(), ProfileFields::ALL));
    }
    let fields = fields(&mut faults, request.update_mask.as_ref());
    let agents = request.agents.iter().enumerate();
    let profiles = agents
        .map(|(index, agent)| profile(&mut faults, index, agent))
        .collect();
    faults.finish((profiles, fields))
}

fn profile(faults: &mut Faults, index: usize, agent: &v1::Agent) -> AgentProfile {
    let at = |field: &str| format!("agents[{index}].{field}");
    let site = agent.site.clone().unwrap_or_default();
    if agent.site.is_none() {
        faults.add(at("site"), "is missing; give the place of work");
    }
    let kind = match &agent.site {
        Some(site) => site_kind(faults, &at("site.kind"), site.kind),
        None => crate::engine::profile::SiteKind::Home,
    };
    AgentProfile {
        id: AgentId::new(&agent.id),
        display_name: agent.display_name.as_str().into(),
        skills: skills(faults, &at("skills"), &agent.skills, AGENT_SKILLS_MAX),
        site: Site {
            id: site.id.into(),
            kind,
            region: site.region.into(),
            provider: site.provider.into(),
        },
        address: agent.address.as_str().into(),
        team: agent.team.as_str().into(),
        employer: agent.employer.as_str().into(),
        terms: agent
            .terms
            .as_ref()
            .map(|own| terms::terms(faults, &at("terms"), own)),
    }
}

fn fields(faults: &mut Faults, mask: Option<&prost_types::FieldMask>) -> ProfileFields {
    let Some(mask) = mask.filter(|mask| !mask.paths.is_empty()) else {
        return ProfileFields::ALL;
    };
    if mask.paths.iter().any(|path| path == "*") {
        return ProfileFields::ALL;
    }
    for path in &mask.paths {
        if !FIELDS.contains(&path.as_str()) {
            let right = FIELDS.join("`, `");
            let problem = format!("names `{}`; name only `{right}`", shown(path));
            faults.add("update_mask", problem);
        }
    }
    let named = |field: &str| mask.paths.iter().any(|path| path == field);
    ProfileFields {
        display_name: named("display_name"),
        skills: named("skills"),
        site: named("site"),
        address: named("address"),
        team: named("team"),
        employer: named("employer"),
        terms: named("terms"),
    }
}

/// Who commands.
pub(in crate::api) fn session_ref(
    agent_id: &str,
    session: u64,
    sequence: u64,
) -> Result<SessionRef, Problem> {
    let mut faults = Faults::default();
    faults.id("agent_id", agent_id);
    if session == 0 {
        faults.add(
            "session",
            "is 0; give the number that `OpenSession` answered",
        );
    }
    faults.finish(SessionRef {
        agent: AgentId::new(agent_id),
        session,
        sequence,
    })
}

/// What an agent asks for; unspecified is nothing.
pub(in crate::api) fn intent(
    field: &str,
    intent: i32,
    reason_field: &str,
    reason: &str,
) -> Result<Option<Intent>, Problem> {
    let asked = match v1::Intent::try_from(intent) {
        Ok(v1::Intent::Unspecified) => None,
        Ok(v1::Intent::Offline) => Some(Intent::Offline),
        Ok(v1::Intent::Ready) => Some(Intent::Ready),
        Ok(v1::Intent::NotReady) if reason.is_empty() => {
            let right = "is empty; INTENT_NOT_READY needs one of the pool's reasons";
            return Err(fault(reason_field, right));
        }
        Ok(v1::Intent::NotReady) => return Ok(Some(Intent::NotReady(reason.into()))),
        Err(_) => {
            let right = "give INTENT_OFFLINE, INTENT_NOT_READY or INTENT_READY";
            return Err(fault(field, format!("is {intent}; {right}")));
        }
    };
    if reason.is_empty() {
        return Ok(asked);
    }
    Err(fault(
        reason_field,
        "goes with INTENT_NOT_READY only; leave it empty",
    ))
}

/// What an agent says to be in trouble with.
pub(in crate::api) fn trouble(request: &v1::ReportTroubleRequest) -> Result<Trouble, Problem> {
    let kind = match v1::Trouble::try_from(request.trouble) {
        Ok(v1::Trouble::Line) => None,
        Ok(v1::Trouble::Late) => Some(AbsenceKind::Late),
        Ok(v1::Trouble::Unwell) => Some(AbsenceKind::Unwell),
        Ok(v1::Trouble::Unspecified) | Err(_) => {
            let right = "give TROUBLE_LINE, TROUBLE_LATE or TROUBLE_UNWELL";
            return Err(fault("trouble", format!("is {}; {right}", request.trouble)));
        }
    };
    if request.until.is_some() && (request.over || kind.is_none()) {
        let right = "goes with TROUBLE_LATE and TROUBLE_UNWELL that are not over; leave it empty";
        return Err(fault("until", right));
    }
    match kind {
        None if request.over => Ok(Trouble::GoodLine),
        None => Ok(Trouble::BadLine),
        Some(kind) if request.over => Ok(Trouble::Back(kind)),
        Some(kind) => {
            let mut faults = Faults::default();
            let until = super::orders::pool_time(&mut faults, "until", request.until);
            faults.finish(Trouble::Absent(Absence { kind, until }))
        }
    }
}

/// An agent of a list or an answer.
pub(in crate::api) fn agent(row: &Row<AgentView>) -> v1::Agent {
    let profile = &row.value.profile;
    let site = &profile.site;
    v1::Agent {
        id: profile.id.to_string(),
        display_name: profile.display_name.to_string(),
        skills: wire_skills(&profile.skills),
        site: Some(v1::Site {
            id: site.id.to_string(),
            kind: wire_site_kind(site.kind).into(),
            region: site.region.to_string(),
            provider: site.provider.to_string(),
        }),
        address: profile.address.to_string(),
        team: profile.team.to_string(),
        employer: profile.employer.to_string(),
        status: Some(status(row)),
        terms: profile.terms.as_deref().map(terms::wire_terms),
        readiness: row
            .value
            .readiness
            .as_deref()
            .map(super::readiness::readiness),
    }
}

/// The same for supervisors, who have no use for addresses.
pub(in crate::api) fn without_address(row: &Row<AgentView>) -> v1::Agent {
    let mut agent = agent(row);
    agent.address.clear();
    if let Some(offer) = agent
        .status
        .as_mut()
        .and_then(|status| status.offer.as_mut())
    {
        offer.address.clear();
    }
    agent
}

/// All that a desktop shows at `now`.
pub(in crate::api) fn snapshot(row: &Row<AgentView>, now: PoolTime) -> v1::AgentSnapshot {
    let view = &row.value;
    let waiting = view.wait_from.map(|since| now.since(since));
    v1::AgentSnapshot {
        status: Some(status(row)),
        queue: view
            .queue
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        wait: view.waited_ms.or(waiting).map(duration),
        attributes: view
            .attributes
            .as_ref()
            .map(|attributes| (**attributes).clone())
            .unwrap_or_default(),
        messages: view.messages.iter().map(|one| message(one)).collect(),
    }
}

fn message(message: &Message) -> v1::AgentMessage {
    v1::AgentMessage {
        id: message.id.to_string(),
        text: message.text.to_string(),
        supervisor: message.supervisor.to_string(),
        team: message.team.as_deref().unwrap_or_default().to_owned(),
        send_time: Some(timestamp(message.sent_at)),
        expire_time: Some(timestamp(message.until)),
    }
}

/// An agent's state.
pub(in crate::api) fn status(row: &Row<AgentView>) -> v1::AgentStatus {
    let view = &row.value;
    let (intent, reason) = wire_intent(Some(&view.intent));
    let (next_intent, next_reason) = wire_intent(view.next_intent.as_ref());
    let call = call_in_hand(&view.work);
    let offer = view.offer.as_ref().zip(call);
    v1::AgentStatus {
        intent: intent.into(),
        reason,
        work: wire_work(&view.work).into(),
        line: wire_line(view.line).into(),
        next_intent: next_intent.into(),
        next_reason,
        call_id: call.map(ToString::to_string).unwrap_or_default(),
        offer: offer.map(|(offer, call)| {
            let address = &view.profile.address;
            super::calls::offer(offer, call, address, view.connecting)
        }),
        wrap_up_deadline: wrap_up_deadline(&view.work),
        blocked_reasons: view.blocked.iter().map(blocked_reason).collect(),
        hold: view.hold.as_ref().map(hold),
        absence: view.absence.map(absence),
        draining: view.draining,
        registration: view.registration.as_ref().map(|said| v1::Registration {
            platform: said.key.platform.to_string(),
            instance: said.key.instance.to_string(),
            until: Some(timestamp(said.until)),
            carries_line: view.by_registration,
        }),
        wrap_up_extension: wrap_up_extension(&view.work),
        talk_state: super::calls::talk_state(view.talk).into(),
        session: view.session,
        change_number: row.changed,
        state: AgentState::of(view).label().to_owned(),
        since: (view.since > PoolTime::default()).then(|| timestamp(view.since)),
        queue: match &view.queue {
            Some(queue) => queue.to_string(),
            None => String::new(),
        },
    }
}

fn blocked_reason(block: &Block) -> v1::BlockedReason {
    v1::BlockedReason {
        name: block.reason.label().to_owned(),
        until: block.until.map(timestamp),
        calls_longer_than: block.longer_than_ms().map(duration),
    }
}

fn hold(hold: &Hold) -> v1::AgentHold {
    v1::AgentHold {
        until: Some(timestamp(hold.until)),
        reason: hold.reason.to_string(),
        supervisor: hold.supervisor.to_string(),
    }
}

fn absence(absence: Absence) -> v1::Absence {
    let kind = match absence.kind {
        AbsenceKind::Late => v1::AbsenceKind::Late,
        AbsenceKind::Unwell => v1::AbsenceKind::Unwell,
    };
    v1::Absence {
        kind: kind.into(),
        until: Some(timestamp(absence.until)),
    }
}

fn wire_intent(intent: Option<&Intent>) -> (v1::Intent, String) {
    match intent {
        None => (v1::Intent::Unspecified, String::new()),
        Some(Intent::Offline) => (v1::Intent::Offline, String::new()),
        Some(Intent::Ready) => (v1::Intent::Ready, String::new()),
        Some(Intent::NotReady(reason)) => (v1::Intent::NotReady, reason.to_string()),
    }
}

fn wire_work(work: &Work) -> v1::Work {
    match work {
        Work::Idle => v1::Work::Idle,
        Work::Offered { .. } => v1::Work::Offered,
        Work::Connected { .. } => v1::Work::Connected,
        Work::WrapUp { .. } => v1::Work::WrapUp,
        Work::External { .. } => v1::Work::External,
    }
}

pub(in crate::api) fn wire_line(line: Line) -> v1::LineState {
    match line {
        Line::Up => v1::LineState::Up,
        Line::Silent { .. } => v1::LineState::Silent,
        Line::Lost { .. } => v1::LineState::Lost,
    }
}

fn call_in_hand(work: &Work) -> Option<&CallId> {
    match work {
        Work::Offered { call, .. } | Work::Connected { call } | Work::WrapUp { call, .. } => {
            Some(call)
        }
        Work::Idle | Work::External { .. } => None,
    }
}

fn wrap_up_deadline(work: &Work) -> Option<prost_types::Timestamp> {
    match work {
        Work::WrapUp { until, .. } => until.map(timestamp),
        Work::Idle | Work::Offered { .. } | Work::Connected { .. } | Work::External { .. } => None,
    }
}

fn wrap_up_extension(work: &Work) -> Option<prost_types::Duration> {
    match work {
        Work::WrapUp { extension_ms, .. } => Some(*extension_ms).filter(|ms| *ms > 0).map(duration),
        Work::Idle | Work::Offered { .. } | Work::Connected { .. } | Work::External { .. } => None,
    }
}

/// The team that a list is cut down to.
pub(in crate::api) fn team(text: &str) -> Option<Arc<str>> {
    (!text.is_empty()).then(|| text.into())
}
