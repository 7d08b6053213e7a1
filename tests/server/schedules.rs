//! Planners publish shifts over gRPC, and from then on agents are offered calls in their shifts only.

use homeshore::{
    clock,
    proto::v1::{
        self, ImportMode, ImportOptions, ImportScheduleRequest, Work,
        import_schedule_request::Part, schedule_service_client::ScheduleServiceClient,
    },
};
use jiff::{Timestamp, tz::Offset};
use tonic::{Code, Status, transport::Channel};

use crate::support::{Desktop, World, call, pool};

fn client(world: &World) -> ScheduleServiceClient<Channel> {
    ScheduleServiceClient::new(world.channel.clone())
}

fn options() -> ImportOptions {
    ImportOptions {
        file: "week.csv".into(),
        zone: "UTC".into(),
        planner: "pia".into(),
        ..ImportOptions::default()
    }
}

/// A row of an agent's shift, hours from now.
fn row(agent: &str, from: i64, to: i64) -> String {
    let at = |hours| {
        let seconds = clock::wall().0 / 1_000 + hours * 3_600;
        let at = Timestamp::from_second(seconds).expect("a time of this age");
        Offset::UTC.to_datetime(at)
    };
    let (start, end) = (at(from), at(to));
    let (date, start, end) = (
        start.strftime("%F"),
        start.strftime("%H:%M"),
        end.strftime("%H:%M"),
    );
    format!("{agent},{date},{start},{end}\n")
}

async fn import(
    world: &World,
    options: ImportOptions,
    rows: &str,
) -> Result<v1::ImportScheduleResponse, Status> {
    let file = format!("agent,date,start,end\n{rows}").into_bytes();
    let chunks = file.chunks(7).map(|chunk| Part::Chunk(chunk.to_vec()));
    let parts: Vec<Part> = std::iter::once(Part::Options(options))
        .chain(chunks)
        .collect();
    let parts = parts
        .into_iter()
        .map(|part| ImportScheduleRequest { part: Some(part) });
    let answer = client(world)
        .import_schedule(tokio_stream::iter(parts))
        .await;
    answer.map(tonic::Response::into_inner)
}

async fn blocked(world: &World, agent: &str) -> Vec<String> {
    let request = v1::ExplainAgentRequest {
        agent_id: agent.into(),
    };
    let told = world.supervision().explain_agent(request).await.unwrap();
    let keeping = told.into_inner().keeping;
    keeping.into_iter().map(|kept| kept.reason).collect()
}

#[tokio::test]
async fn a_published_file_gates_offers() {
    let world = World::with_agents().await;
    let mut ann = Desktop::ready(&world, "ann").await;
    let _bob = Desktop::ready(&world, "bob").await;
    let checked = ImportOptions {
        validate_only: true,
        ..options()
    };
    let rows = row("ann", -1, 3) + &row("bob", 5, 9);
    let looked = import(&world, checked, &rows).await.unwrap();
    assert_eq!((looked.published, looked.version), (false, 0));
    assert_eq!(looked.change.unwrap().added_count, 2, "it was compared");
    assert_eq!(
        blocked(&world, "bob").await,
        Vec::<String>::new(),
        "nothing changed"
    );
    let published = import(&world, options(), &rows).await.unwrap();
    assert!(published.published, "{published:?}");
    assert_eq!(blocked(&world, "bob").await, ["out_of_shift"]);
    world.routing().route_call(call("c1")).await.unwrap();
    let offered = ann.until(Work::Offered).await;
    assert_eq!(
        offered.status.unwrap().offer.unwrap().call_id,
        "c1",
        "Ann is in her shift"
    );
    let again = import(&world, options(), &rows).await.unwrap();
    assert!(!again.published, "the same file changes nothing");
    assert_eq!(again.version, published.version);
}

#[tokio::test]
async fn a_bad_file_changes_nothing_and_tells_all() {
    let world = World::with_agents().await;
    let rows = row("zoe", 1, 2) + &row("ann", 1, 3) + "ann,soon,10:00,12:00\n" + &row("ann", 2, 4);
    let answer = import(&world, options(), &rows).await.unwrap();
    assert!(!answer.published && answer.version == 0);
    let errors = answer.problems.iter().filter(|problem| problem.is_error);
    let rows: Vec<(i32, &str)> = errors.map(|p| (p.row, p.column.as_str())).collect();
    assert!(rows.contains(&(2, "agent")), "{rows:?}");
    assert!(rows.contains(&(4, "date")), "{rows:?}");
    assert!(
        answer.error_count >= 3,
        "the overlap too: {:?}",
        answer.problems
    );
    let nobody = ImportOptions {
        planner: String::new(),
        zone: "Paris".into(),
        ..options()
    };
    let refused = import(&world, nobody, "").await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn blocking_rules_need_a_reason() {
    let world = World::with_agents().await;
    let rules = v1::LabourRules {
        pack: "fr".into(),
        zone: "UTC".into(),
        break_reasons: Vec::new(),
    };
    let lawful = v1::Pool {
        labour: Some(rules),
        ..pool()
    };
    world.apply_pool(lawful).await.unwrap();
    let rows = row("ann", 30, 43);
    let refused = import(&world, options(), &rows).await.unwrap();
    assert!(
        refused.blocking_count > 0 && !refused.published,
        "{refused:?}"
    );
    let reasoned = ImportOptions {
        override_reason: "storm".into(),
        ..options()
    };
    let published = import(&world, reasoned, &rows).await.unwrap();
    assert!(published.published);
    let versions = client(&world)
        .list_versions(v1::ListVersionsRequest {})
        .await;
    let title = versions.unwrap().into_inner().versions[0].title.clone();
    assert_eq!(title, "week.csv (storm)", "the reason is kept");
}

#[tokio::test]
async fn planners_change_single_shifts_and_go_back() {
    let world = World::with_agents().await;
    let rows = row("ann", -1, 3) + &row("bob", -1, 3);
    let first = import(&world, options(), &rows).await.unwrap().version;
    let mut schedules = client(&world);
    let list = |agent: &str| v1::ListShiftsRequest {
        agent_id: agent.into(),
    };
    let shifts = schedules
        .list_shifts(list("ann"))
        .await
        .unwrap()
        .into_inner();
    let shift = shifts.shifts[0].clone();
    let now = clock::wall().0 / 1_000;
    let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let absent = v1::RecordAbsenceRequest {
        agent_id: "ann".into(),
        start_time: at(now - 60),
        end_time: at(now + 3_600),
        version: first,
        planner: "pia".into(),
    };
    let absence = schedules.record_absence(absent.clone()).await.unwrap();
    let second = absence.into_inner().version;
    let left = schedules
        .list_shifts(list("ann"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(left.shifts.len(), 2, "before and after: {left:?}");
    assert_eq!(left.shifts[1].end_time, shift.end_time);
    let late = schedules.record_absence(absent).await.unwrap_err();
    assert_eq!(late.code(), Code::Aborted, "{late:?}");
    let _ann = Desktop::ready(&world, "ann").await;
    assert_eq!(blocked(&world, "ann").await, ["out_of_shift"]);
    let revert = v1::RevertScheduleRequest {
        to_version: first,
        version: second,
        planner: "pia".into(),
    };
    schedules.revert_schedule(revert).await.unwrap();
    assert_eq!(blocked(&world, "ann").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_shift_is_moved_and_cancelled() {
    let world = World::with_agents().await;
    let first = import(&world, options(), &row("ann", -1, 3))
        .await
        .unwrap()
        .version;
    let mut schedules = client(&world);
    let list = |agent: &str| v1::ListShiftsRequest {
        agent_id: agent.into(),
    };
    let shifts = schedules.list_shifts(list("ann")).await.unwrap();
    let shift = shifts.into_inner().shifts[0].clone();
    let now = clock::wall().0 / 1_000;
    let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let _ann = Desktop::ready(&world, "ann").await;
    let update = v1::UpdateShiftRequest {
        agent_id: "ann".into(),
        start_time: shift.start_time,
        new_start_time: at(now + 7_200),
        new_end_time: at(now + 10_800),
        version: first,
        planner: "pia".into(),
    };
    let third = schedules
        .update_shift(update)
        .await
        .unwrap()
        .into_inner()
        .version;
    assert_eq!(blocked(&world, "ann").await, ["out_of_shift"]);
    let cancel = v1::CancelShiftRequest {
        agent_id: "ann".into(),
        start_time: shift.start_time,
        version: third,
        planner: "pia".into(),
    };
    let unknown = schedules.cancel_shift(cancel.clone()).await.unwrap_err();
    assert_eq!(unknown.code(), Code::InvalidArgument, "{unknown:?}");
    let moved = v1::CancelShiftRequest {
        start_time: at(now + 7_200),
        ..cancel
    };
    schedules.cancel_shift(moved).await.unwrap();
    let none = schedules
        .list_shifts(list("ann"))
        .await
        .unwrap()
        .into_inner();
    assert!(none.shifts.is_empty());
}

#[tokio::test]
async fn replacing_takes_other_shifts_of_the_days_away() {
    let world = World::with_agents().await;
    let rows = row("ann", 1, 2) + &row("bob", 1, 2);
    import(&world, options(), &rows).await.unwrap();
    let replace = ImportOptions {
        mode: ImportMode::Replace.into(),
        ..options()
    };
    let replaced = import(&world, replace, &row("ann", 1, 2)).await.unwrap();
    assert_eq!(replaced.change.unwrap().removed_count, 1, "Bob's");
}

#[tokio::test]
async fn labour_rules_are_explained_for_a_time() {
    let world = World::with_agents().await;
    let ask = |agent: &str, ahead_s: Option<i64>| v1::ExplainLabourRequest {
        agent_id: agent.into(),
        at: ahead_s.map(|ahead_s| prost_types::Timestamp {
            seconds: clock::wall().0 / 1_000 + ahead_s,
            nanos: 0,
        }),
    };
    let lawless = client(&world).explain_labour(ask("ann", None)).await;
    let lawless = lawless.unwrap_err();
    assert_eq!(lawless.code(), Code::FailedPrecondition, "{lawless:?}");
    let rules = v1::LabourRules {
        pack: "eu".into(),
        zone: "UTC".into(),
        break_reasons: Vec::new(),
    };
    let lawful = v1::Pool {
        labour: Some(rules),
        ..pool()
    };
    world.apply_pool(lawful).await.unwrap();
    let _ann = Desktop::ready(&world, "ann").await;
    let mut schedules = client(&world);
    let told = schedules.explain_labour(ask("ann", Some(3_600))).await;
    let told = told.unwrap().into_inner();
    assert_eq!((told.pack.as_str(), told.zone.as_str()), ("eu", "UTC"));
    assert!(told.reasons.is_empty() && told.contact_open, "{told:?}");
    assert!(told.working_since.is_some(), "she goes on as now: {told:?}");
    let at = told.at.unwrap().seconds;
    let pause = told.limits.iter().find(|limit| limit.rule == "break");
    let pause = pause.expect("a break lies ahead");
    assert_eq!(pause.reason, "break_due");
    let left_s = pause.until.unwrap().seconds - at;
    assert!((4 * 3_600..=5 * 3_600).contains(&left_s), "{left_s} s");
    let far = schedules.explain_labour(ask("ann", Some(15 * 86_400)));
    assert_eq!(far.await.unwrap_err().code(), Code::InvalidArgument);
    let nobody = schedules.explain_labour(ask("zoe", None)).await;
    assert_eq!(nobody.unwrap_err().code(), Code::NotFound);
}
