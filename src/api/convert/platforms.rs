//! What platforms ask and report.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Faults, fault, skills, time};
use crate::{
    api::{
        receipts::{Receipt, Receipts},
        status::Problem,
    },
    engine::{
        call::{ATTRIBUTE_BYTES_MAX, CallOrigin},
        command::{CallReport, NewCall},
        ids::{AgentId, CallId, OfferId, PlatformKey, PoolId, QueueId, WallTime, text_problem},
        profile::SkillLevel,
        talk::TalkKind,
    },
    proto::v1,
};

/// Most skills that a call names itself.
pub(super) const CALL_SKILLS_MAX: usize = 8;
/// A receipt is good for this long after its call left: as long as the call is remembered where it was.
const RECEIPT_MS_MAX: u64 = 15 * 60_000;

/// A call as the platform hands it over at `now`.
pub(in crate::api) fn new_call(
    request: v1::RouteCallRequest,
    key: PlatformKey,
    now: WallTime,
    judge: &Judge<'_>,
) -> Result<NewCall, Problem> {
    let mut faults = Faults::default();
    faults.id("call_id", &request.call_id);
    faults.id("queue", &request.queue);
    if let Some(problem) = text_problem(&request.priority) {
        faults.add("priority", problem);
    }
    let skills = skills(&mut faults, "skills", &request.skills, CALL_SKILLS_MAX);
    let arrived_ms = waited_ms(&mut faults, request.arrived_at, now);
    check_attributes(&mut faults, &request.attributes);
    let preferred = &request.preferred_agent_id;
    if !preferred.is_empty() {
        faults.id("preferred_agent_id", preferred);
    }
    let preferred = (!preferred.is_empty()).then(|| AgentId::new(preferred));
    let origin = request.overflowed_from.as_ref();
    let origin = origin.map(|origin| call_origin(&mut faults, origin));
    let receipt = judge.shown(&mut faults, &request, origin.as_ref(), now);
    let digest = digest(&request, &key, &skills);
    faults.finish(NewCall {
        id: CallId::new(&request.call_id),
        queue: QueueId::new(&request.queue),
        key,
        priority: request.priority.into(),
        skills,
        waited_ms: receipt
            .as_ref()
            .map_or(arrived_ms, |(_, waited_ms)| *waited_ms),
        is_wait_shown: receipt.is_some(),
        preferred,
        attributes: Arc::new(request.attributes),
        origin: receipt.map(|(origin, _)| origin).or(origin),
        digest: digest.into(),
    })
}

/// What receipts are judged by.
pub(in crate::api) struct Judge<'a> {
    pub(in crate::api) receipts: &'a Receipts,
    /// The pool that is to take the call.
    pub(in crate::api) pool: &'a PoolId,
    /// Whether it has the call already.
    pub(in crate::api) is_known: bool,
}

impl Judge<'_> {
    /// The call that a receipt shows, if one is given, and how long its caller has waited, ms.
    fn shown(
        &self,
        faults: &mut Faults,
        request: &v1::RouteCallRequest,
        named: Option<&CallOrigin>,
        now: WallTime,
    ) -> Option<(CallOrigin, u64)> {
        if request.receipt.is_empty() || self.is_known {
            return None;
        }
        let Some(receipt) = self.receipts.read(&request.receipt) else {
            let right =
                "give `overflowed_to.receipt` as it is, or leave it out and give `arrived_at`";
            let problem = format!("was not signed here, or with a key that is gone; {right}");
            faults.add("receipt", problem);
            return None;
        };
        let Receipt { origin, target, .. } = receipt;
        if target.pool != *self.pool || target.queue.as_str() != request.queue {
            let (pool, queue) = (&target.pool, &target.queue);
            let right =
                format!("route the call to queue `{queue}` of pool `{pool}`, or leave it out");
            faults.add("receipt", format!("is for another queue; {right}"));
        }
        let now = u64::try_from(now.0).unwrap_or(0);
        if now.saturating_sub(receipt.left_at.0) > RECEIPT_MS_MAX {
            let problem =
                "is of a call that left over 15 min ago; leave it out and give `arrived_at`";
            faults.add("receipt", problem);
        }
        if named.is_some_and(|named| *named != origin) {
            let shown = format!("call `{}` of pool `{}`", origin.call, origin.pool);
            let problem = format!("is another call than the receipt shows, {shown}; leave it out");
            faults.add("overflowed_from", problem);
        }
        Some((origin, now.saturating_sub(receipt.wait_from.0)))
    }
}

fn call_origin(faults: &mut Faults, origin: &v1::CallOrigin) -> CallOrigin {
    faults.id("overflowed_from.call_id", &origin.call_id);
    let pool = super::pools::pool_id("overflowed_from.pool", &origin.pool);
    CallOrigin {
        pool: pool.unwrap_or_else(|problem| {
            faults.take(problem);
            PoolId::new("")
        }),
        call: CallId::new(&origin.call_id),
    }
}

fn waited_ms(
    faults: &mut Faults,
    arrived_at: Option<prost_types::Timestamp>,
    now: WallTime,
) -> u64 {
    let Some(arrived_ms) = arrived_at.and_then(|at| time(faults, "arrived_at", at)) else {
        return 0;
    };
    u64::try_from(now.0.saturating_sub(arrived_ms)).unwrap_or(0)
}

/// A call and how far ahead of `now` it is not to be called back; what is past is now.
pub(in crate::api) fn callback_request(
    request: &v1::RequestCallbackRequest,
    now: WallTime,
) -> Result<(CallId, u64), Problem> {
    let mut faults = Faults::default();
    faults.id("call_id", &request.call_id);
    let at = request.not_before;
    let at = at.and_then(|at| time(&mut faults, "not_before", at));
    let ahead = at.map_or(0, |at| at.saturating_sub(now.0));
    faults.finish((
        CallId::new(&request.call_id),
        u64::try_from(ahead).unwrap_or(0),
    ))
}

fn check_attributes(faults: &mut Faults, attributes: &BTreeMap<String, String>) {
    let bytes: usize = attributes
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if bytes > ATTRIBUTE_BYTES_MAX {
        faults.add(
            "attributes",
            format!("have {bytes} bytes in all; give at most {ATTRIBUTE_BYTES_MAX}"),
        );
    }
}

/// Digest of the content, so that a repeated id can be told from a reused one.
fn digest(request: &v1::RouteCallRequest, key: &PlatformKey, skills: &[SkillLevel]) -> String {
    let arrived_at = request.arrived_at.as_ref();
    let mut canonical = json!({
        "call_id": request.call_id,
        "queue": request.queue,
        "platform": key.platform,
        "instance": key.instance,
        "priority": request.priority,
        "skills": skills,
        "arrived_at": arrived_at.map(|at| (at.seconds, at.nanos)),
        "attributes": request.attributes,
    });
    if !request.preferred_agent_id.is_empty() {
        canonical["preferred_agent_id"] = request.preferred_agent_id.clone().into();
    }
    // Named only where it is given: digests of stored calls stay what they are.
    if let Some(origin) = &request.overflowed_from {
        canonical["overflowed_from"] = json!([origin.pool, origin.call_id]);
    }
    if !request.receipt.is_empty() {
        canonical["receipt"] = request.receipt.clone().into();
    }
    let hash = Sha256::digest(canonical.to_string());
    hash.iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _never_fails = write!(hex, "{byte:02x}");
            hex
        })
}

/// A report and the offer that it is about.
pub(in crate::api) fn report(
    request: &v1::ReportCallRequest,
) -> Result<(CallId, Option<OfferId>, CallReport), Problem> {
    let call = super::call_id(&request.call_id)?;
    let report = match v1::CallReport::try_from(request.report) {
        Ok(v1::CallReport::Answered) => CallReport::Answered,
        Ok(v1::CallReport::NoAnswer) => CallReport::NoAnswer,
        Ok(v1::CallReport::Busy) => CallReport::Busy,
        Ok(v1::CallReport::Rejected) => CallReport::Rejected,
        Ok(v1::CallReport::Failed) => CallReport::Failed,
        Ok(v1::CallReport::CallerGone) => CallReport::CallerGone,
        Ok(v1::CallReport::Ended) => CallReport::Ended,
        Ok(v1::CallReport::Rescinded) => CallReport::Rescinded,
        Ok(v1::CallReport::CustomerUnreached) => CallReport::CustomerUnreached,
        Ok(v1::CallReport::AgentAnswered) => CallReport::AgentAnswered,
        Ok(v1::CallReport::Talking) => CallReport::Talk(TalkKind::Talking),
        Ok(v1::CallReport::OnHold) => CallReport::Talk(TalkKind::OnHold),
        Ok(v1::CallReport::Consulting) => CallReport::Talk(TalkKind::Consulting),
        Ok(v1::CallReport::Conference) => CallReport::Talk(TalkKind::Conference),
        Ok(v1::CallReport::NotConnected) => CallReport::NotConnected,
        Ok(v1::CallReport::Unspecified) | Err(_) => {
            let given = request.report;
            let right = "give what happened, such as CALL_REPORT_ANSWERED";
            return Err(fault("report", format!("is {given}; {right}")));
        }
    };
    let about_the_call = matches!(report, CallReport::CallerGone | CallReport::Ended);
    let offer = if request.offer_id.is_empty() && about_the_call {
        None
    } else {
        Some(super::offer_id(&request.offer_id)?)
    };
    Ok((call, offer, report))
}
