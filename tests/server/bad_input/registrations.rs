//! Registrations that a platform cannot report.

use homeshore::proto::v1::{
    self, routing_answer::Result as Answer, routing_service_connect_request::Message as Say,
};
use prost_types::Timestamp;
use tonic::Code::{InvalidArgument, NotFound};

use super::{LONG, check, expect, invalid};
use crate::{
    server::{registrations::registered, supervision::ahead},
    support::{Platform, World},
};

#[tokio::test]
async fn registrations_are_refused_by_field() {
    let world = World::with_agents().await;
    let with = |change: &dyn Fn(&mut v1::ReportRegistrationRequest)| {
        let mut request = registered("ann");
        change(&mut request);
        request
    };
    let at = |seconds, nanos| Some(Timestamp { seconds, nanos });
    let unknown = expect("unknown agent", NotFound, "AGENT_NOT_FOUND", "agent_id");
    let rows = [
        (unknown, registered("zoe")),
        (invalid("no agent", "agent_id"), registered("")),
        (
            invalid("no platform", "platform"),
            with(&|r| r.platform.clear()),
        ),
        (
            invalid("no instance", "instance"),
            with(&|r| r.instance.clear()),
        ),
        (
            invalid("1 MB instance", "instance"),
            with(&|r| r.instance = "i".repeat(LONG)),
        ),
        (invalid("over", "until"), with(&|r| r.until = at(1, 0))),
        (
            invalid("before 1970", "until"),
            with(&|r| r.until = at(-1, 0)),
        ),
        (
            invalid("no time at all", "until"),
            with(&|r| r.until = at(1, -1)),
        ),
        (
            invalid("over a day", "until"),
            with(&|r| r.until = ahead(2 * 86_400)),
        ),
    ];
    for (expected, request) in rows {
        check(
            &expected,
            world.routing().report_registration(request).await,
        );
    }
    let mut platform = Platform::connect(&world, 0).await;
    let other = with(&|r| r.instance = "two".into());
    let number = platform.say(Say::ReportRegistration(other)).await;
    let Answer::Refusal(refusal) = platform.answer(number).await else {
        panic!("a stream speaks for its own instance");
    };
    assert_eq!(refusal.code, i32::from(InvalidArgument));
    assert_eq!(refusal.violations[0].field, "instance");
}
