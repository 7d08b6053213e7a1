//! What streams and unary calls of platforms have in common: orders, and their answers.

use super::{
    convert::{self, platforms::Judge},
    desk::Desk,
    receipts::Receipt,
    status::Problem,
};
use crate::{
    clock,
    engine::{
        call::{CallOrigin, OverflowTarget},
        command::Command,
        event::Event,
        ids::{AgentId, CallId, PlatformKey, PoolId, QueueId},
        rejection::Rejection,
    },
    pool::{Pool, Reply, change::After},
    proto::v1,
};

/// A command about a call.
pub(super) struct Order {
    pub(super) call: CallId,
    pub(super) command: Command,
}

/// Takes a call from a platform's instance.
pub(super) fn route(
    desk: &Desk,
    pool: &Pool,
    request: v1::RouteCallRequest,
    key: PlatformKey,
) -> Result<Order, Problem> {
    // A call that is known is told from another by its content: its receipt was judged when it was new.
    let is_known = || {
        let id = CallId::new(&request.call_id);
        pool.view().read().call(&id).is_some()
    };
    let receipts = Judge {
        receipts: &desk.receipts,
        pool: pool.id(),
        is_known: !request.receipt.is_empty() && is_known(),
    };
    let call = convert::platforms::new_call(request, key, clock::wall(), &receipts)?;
    Ok(Order {
        call: call.id.clone(),
        command: Command::RouteCall(Box::new(call)),
    })
}

/// Notes what a platform saw.
pub(super) fn report(request: &v1::ReportCallRequest) -> Result<Order, Problem> {
    let (call, offer, report) = convert::platforms::report(request)?;
    Ok(Order {
        call: call.clone(),
        command: Command::ReportCall {
            call,
            offer,
            report,
        },
    })
}

/// Withdraws a call.
pub(super) fn cancel(request: &v1::CancelCallRequest) -> Result<Order, Problem> {
    let call = convert::call_id(&request.call_id)?;
    Ok(Order {
        call: call.clone(),
        command: Command::CancelCall { call },
    })
}

/// Passes a conversation on to a queue, or to an agent.
pub(super) fn transfer(request: &v1::TransferCallRequest) -> Result<Order, Problem> {
    let mut faults = convert::Faults::default();
    faults.id("call_id", &request.call_id);
    let (queue, agent) = (&request.queue, &request.agent_id);
    if !queue.is_empty() || agent.is_empty() {
        faults.id("queue", queue);
    }
    if !agent.is_empty() {
        faults.id("agent_id", agent);
    }
    let offer = convert::offer_id(&request.offer_id);
    let offer = offer.map_err(|problem| faults.take(problem)).ok();
    faults.finish(())?;
    let call = CallId::new(&request.call_id);
    Ok(Order {
        call: call.clone(),
        command: Command::TransferCall {
            call,
            offer,
            queue: (!queue.is_empty()).then(|| QueueId::new(queue)),
            agent: (!agent.is_empty()).then(|| AgentId::new(agent)),
        },
    })
}

/// Lets the caller of a call be called back.
pub(super) fn callback(request: &v1::RequestCallbackRequest) -> Result<Order, Problem> {
    let (call, after_ms) = convert::platforms::callback_request(request, clock::wall())?;
    Ok(Order {
        call: call.clone(),
        command: Command::RequestCallback { call, after_ms },
    })
}

/// Notes until when an agent's address is registered with a platform's instance.
pub(super) fn registration(
    request: &v1::ReportRegistrationRequest,
    key: PlatformKey,
) -> Result<(AgentId, Command), Problem> {
    let mut faults = convert::Faults::default();
    faults.id("agent_id", &request.agent_id);
    let until = request.until;
    let until = until.map(|at| convert::orders::pool_time(&mut faults, "until", Some(at)));
    let agent = AgentId::new(&request.agent_id);
    let command = Command::ReportRegistration {
        agent: agent.clone(),
        key,
        until,
    };
    faults.finish((agent, command))
}

/// What is known of the agent's line now.
pub(super) fn registered(
    pool: &Pool,
    agent: &AgentId,
) -> Result<v1::ReportRegistrationResponse, Problem> {
    let state = pool.view().read();
    let row = state
        .agent(agent)
        .ok_or_else(|| Rejection::UnknownAgent(agent.clone()))?;
    let line = convert::agents::wire_line(row.value.line).into();
    Ok(v1::ReportRegistrationResponse { line })
}

/// Moves a call to another queue.
pub(super) fn move_to(request: &v1::MoveCallRequest) -> Result<Order, Problem> {
    let mut faults = convert::Faults::default();
    faults.id("call_id", &request.call_id);
    faults.id("queue", &request.queue);
    faults.finish(())?;
    let call = CallId::new(&request.call_id);
    Ok(Order {
        call: call.clone(),
        command: Command::MoveCall {
            call,
            queue: QueueId::new(&request.queue),
        },
    })
}

/// Whether the call was taken, and its state now.
pub(super) fn routed(
    desk: &Desk,
    pool: &Pool,
    call: &CallId,
    reply: &Reply,
) -> Result<v1::RouteCallResponse, Problem> {
    use v1::route_call_response::Result::{Call, Diverted};
    let diverted = reply.events.iter().find_map(|event| {
        let Event::CallDiverted {
            call: id,
            reason,
            opens_at,
            on_site,
            ..
        } = event
        else {
            return None;
        };
        (id == call).then(|| convert::calls::diverted(*reason, *opens_at, *on_site))
    });
    let result = match diverted {
        Some(diverted) => Diverted(diverted),
        None => Call(now(desk, pool, call)?),
    };
    Ok(v1::RouteCallResponse {
        result: Some(result),
    })
}

/// The call right after a change.
pub(super) fn after(after: &After<'_>, call: &str) -> Option<v1::Call> {
    let (row, place) = after.call(&CallId::new(call))?;
    let call = convert::estimates::call_in_line(&row, place, after.now());
    Some(call)
}

/// The call as it is now.
pub(super) fn now(desk: &Desk, pool: &Pool, call: &CallId) -> Result<v1::Call, Problem> {
    let state = pool.view().read();
    let row = state
        .call(call)
        .ok_or_else(|| Rejection::UnknownCall(call.clone()))?;
    let now = state.now();
    let place = state.place_of(row, now);
    let mut call = convert::estimates::call_in_line(row, place, now);
    add_receipt(desk, pool, &mut call);
    Ok(call)
}

/// A call that goes on in another pool takes a receipt along.
pub(super) fn add_receipt(desk: &Desk, pool: &Pool, call: &mut v1::Call) {
    let Some(target) = &mut call.overflowed_to else {
        return;
    };
    let (Some(arrived_at), Some(wait)) = (&target.arrived_at, &call.wait) else {
        return;
    };
    let wait_from = convert::pool_time_of(arrived_at);
    let receipt = Receipt {
        origin: CallOrigin {
            pool: pool.id().clone(),
            call: CallId::new(&call.id),
        },
        target: OverflowTarget {
            pool: PoolId::new(&target.pool),
            queue: QueueId::new(&target.queue),
        },
        wait_from,
        left_at: wait_from.plus(convert::ms_of(wait)),
    };
    target.receipt = desk.receipts.give(&receipt);
}
