//! Queues that supervisors halt, their lists and estimates.

use homeshore::proto::v1::{
    self,
    route_call_response::Result::{Call as Taken, Diverted},
};

use crate::support::{Desktop, World, call, pool, queue};

async fn only_queue(world: &World) -> v1::QueueStatus {
    let list = v1::ListQueuesRequest::default();
    let queues = world.supervision().list_queues(list).await.unwrap();
    queues.into_inner().queues.remove(0)
}

#[tokio::test]
async fn a_closed_queue_diverts_says_until_when_and_is_resumed() {
    let world = World::with_agents().await;
    world.routing().route_call(call("c1")).await.unwrap();
    let until = Some(prost_types::Timestamp {
        seconds: only_queue(&world).await.counted_since.unwrap().seconds + 2 * 86_400,
        nanos: 0,
    });
    let close = v1::CloseQueueRequest {
        request_id: String::new(),
        queue: "sales".into(),
        supervisor: "sue".into(),
        reason: "evacuation".into(),
        until,
        waiting: v1::WaitingCalls::End.into(),
    };
    let closed = world.supervision().close_queue(close.clone()).await;
    let closed = closed.unwrap().into_inner().queue.unwrap();
    let halt = closed.halt.clone().unwrap();
    assert_eq!((halt.supervisor.as_str(), halt.until), ("sue", until));
    assert_eq!(closed.waiting, 0);
    let again = world.supervision().close_queue(close).await.unwrap();
    assert_eq!(
        again.into_inner().queue,
        Some(closed),
        "the same changes nothing"
    );
    let get = v1::GetCallRequest {
        call_id: "c1".into(),
        ..v1::GetCallRequest::default()
    };
    let ended = world.routing().get_call(get).await.unwrap().into_inner();
    assert_eq!(ended.call.unwrap().outcome(), v1::Outcome::Cancelled);
    let answer = world.routing().route_call(call("c2")).await.unwrap();
    let Some(Diverted(diverted)) = answer.into_inner().result else {
        panic!("a closed queue diverts");
    };
    assert_eq!(diverted.reason(), v1::DivertReason::Closed);
    assert_eq!(diverted.opens_at, until);
    let resume = v1::ResumeQueueRequest {
        request_id: String::new(),
        queue: "sales".into(),
        supervisor: "sue".into(),
        reason: "all clear".into(),
    };
    let open = world.supervision().resume_queue(resume).await.unwrap();
    let open = open.into_inner().queue.unwrap();
    assert_eq!((open.halt, open.diverted_total), (None, 1));
    assert_eq!(open.sl_offered, Some(0.0));
    assert_eq!(open.sl_answered, None, "nobody was answered");
}

#[tokio::test]
async fn queues_are_listed_in_pages() {
    let world = World::start().await;
    let ids = ["a", "b", "c"];
    let mut three = pool();
    three.queues = ids.map(queue).to_vec();
    world.apply_pool(three).await.unwrap();
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let list = v1::ListQueuesRequest {
            page_size: 2,
            page_token,
        };
        let page = world.supervision().list_queues(list).await.unwrap();
        let page = page.into_inner();
        seen.extend(page.queues.into_iter().map(|queue| queue.id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn a_wait_is_estimated_before_a_call_comes_and_when_it_is_accepted() {
    let world = World::with_agents().await;
    let ask = v1::EstimateWaitRequest {
        queue: "sales".into(),
        ..v1::EstimateWaitRequest::default()
    };
    let answer = world.routing().estimate_wait(ask.clone()).await.unwrap();
    let unknown = v1::EstimateWaitResponse::default();
    assert_eq!(
        answer.into_inner(),
        unknown,
        "nobody is there or was served"
    );
    let _ann = Desktop::ready(&world, "ann").await;
    let free = world.routing().estimate_wait(ask.clone()).await.unwrap();
    let nothing = prost_types::Duration::default();
    assert_eq!(free.into_inner().wait, Some(nothing), "ann is free");
    let mut estimates = Vec::new();
    for id in ["c1", "c2"] {
        let answer = world.routing().route_call(call(id)).await.unwrap();
        let Some(Taken(call)) = answer.into_inner().result else {
            panic!("{id} is taken");
        };
        estimates.push(call.estimated_wait);
    }
    assert_eq!(estimates, [Some(nothing), None]);
    let answer = world.routing().estimate_wait(ask).await.unwrap();
    assert_eq!(answer.into_inner().ahead, 1, "c2 waits");
}
