//! The services that everybody calls, called inside the process: the same checks, the same records, the same counts.

use tonic::{Request, Status, service::Routes};
use tonic_types::StatusExt;
use tower::Layer;

use crate::{
    api::{Finish, Finishing},
    proto::v1::{
        agent_session_service_client::AgentSessionServiceClient,
        schedule_service_client::ScheduleServiceClient,
        supervision_service_client::SupervisionServiceClient,
    },
};

/// The name by which the services know the console's requests.
const CLIENT: &str = "console";

/// The services, without a network between.
#[derive(Clone)]
pub(super) struct Services(Finishing<Routes>);

impl Services {
    /// Those behind these routes.
    pub(super) fn new(routes: Routes) -> Self {
        Self(Finish::default().layer(routes))
    }

    /// What supervisors call.
    pub(super) fn supervision(&self) -> SupervisionServiceClient<Finishing<Routes>> {
        SupervisionServiceClient::new(self.0.clone())
    }

    /// What planners call.
    pub(super) fn schedules(&self) -> ScheduleServiceClient<Finishing<Routes>> {
        ScheduleServiceClient::new(self.0.clone())
    }

    /// What agents' desktops call.
    pub(super) fn sessions(&self) -> AgentSessionServiceClient<Finishing<Routes>> {
        AgentSessionServiceClient::new(self.0.clone())
    }
}

/// A request to a pool.
pub(super) fn to<T>(pool: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let metadata = request.metadata_mut();
    // An id of a pool that was found is ASCII.
    if let Ok(pool) = pool.parse() {
        metadata.insert("homeshore-pool", pool);
    }
    if let Ok(client) = CLIENT.parse() {
        metadata.insert("homeshore-client", client);
    }
    request
}

/// A refusal in words: what is wrong, and each field at fault.
pub(super) fn refusal(status: &Status) -> Vec<String> {
    let fields = status.get_details_bad_request();
    let fields = fields.iter().flat_map(|bad| &bad.field_violations);
    let fields: Vec<String> = fields
        .map(|fault| format!("{}: {}", fault.field, fault.description))
        .collect();
    if fields.is_empty() {
        return vec![status.message().to_owned()];
    }
    fields
}
