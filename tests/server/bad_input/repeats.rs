//! Ids of requests and names of clients that are none.

use homeshore::proto::v1;
use tonic::Request;

use super::{LONG, check, invalid};
use crate::support::{World, agent};

fn request(id: &str) -> Request<v1::ApplyAgentsRequest> {
    Request::new(v1::ApplyAgentsRequest {
        agents: vec![agent("cid")],
        request_id: id.to_owned(),
        ..v1::ApplyAgentsRequest::default()
    })
}

fn of_clients(clients: &[&str]) -> Request<v1::ApplyAgentsRequest> {
    let mut request = request("r1");
    for client in clients {
        let client = client.parse().unwrap();
        request.metadata_mut().append("homeshore-client", client);
    }
    request
}

#[tokio::test]
async fn ids_of_requests_and_names_of_clients_are_checked() {
    let world = World::with_agents().await;
    let long = "x".repeat(129);
    let rows = [
        (invalid("long id", "request_id"), request(&long)),
        (invalid("huge id", "request_id"), request(&"x".repeat(LONG))),
        (invalid("hidden text", "request_id"), request("r\u{202e}1")),
        (
            invalid("long client", "homeshore-client"),
            of_clients(&[&long]),
        ),
        (
            invalid("two clients", "homeshore-client"),
            of_clients(&["a", "b"]),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, world.directory().apply_agents(request).await);
    }
    let get = v1::GetAgentRequest {
        agent_id: "cid".into(),
    };
    let nobody = world.directory().get_agent(get).await;
    assert!(nobody.is_err(), "nothing was changed");
}
