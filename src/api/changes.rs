//! Changes of administrators and supervisors: with a `request_id` a repeat gets the first answer and changes nothing.

use prost::Message;
use sha2::{Digest, Sha256};
use tonic::metadata::MetadataMap;

use super::{convert, desk, status::Problem};
use crate::{
    engine::{answers::RequestKey, command::Command},
    pool::{
        Pool, PoolError,
        change::{After, Once, hex},
    },
    proto::v1,
};

/// Name of the metadata that names the client: ids of requests are its own.
const CLIENT_METADATA: &str = "homeshore-client";

/// A request for a change.
pub(super) trait Change: Message {
    /// Its name, part of the digest: another method is another request.
    const NAME: &'static str;

    /// Takes the request's id out; what is left is the content.
    fn take_id(&mut self) -> String;
}

macro_rules! changes {
    ($($request:ident)*) => {$(
        impl Change for v1::$request {
            const NAME: &'static str = stringify!($request);

            fn take_id(&mut self) -> String {
                std::mem::take(&mut self.request_id)
            }
        }
    )*};
}

changes! {
    ApplyPoolRequest ApplyAgentsRequest DeleteAgentRequest PauseQueueRequest CloseQueueRequest ResumeQueueRequest
    HoldAgentRequest ReleaseAgentRequest SetAgentIntentRequest DrainSiteRequest UndrainSiteRequest MoveCallRequest
    SendMessageRequest DeclarePeakRequest EndPeakRequest ImportVolumesRequest
}

/// What a request says of being carried out once; nothing without an id.
pub(super) fn once<C: Change>(
    metadata: &MetadataMap,
    request: &mut C,
) -> Result<Option<Once>, Problem> {
    let id = request.take_id();
    if id.is_empty() {
        return Ok(None);
    }
    let mut faults = convert::Faults::default();
    faults.id("request_id", &id);
    let client = desk::entry(metadata, CLIENT_METADATA, "give the client's name");
    let client = client.map(Option::unwrap_or_default);
    let client = client.unwrap_or_else(|problem| {
        faults.take(problem);
        ""
    });
    if !client.is_empty() {
        faults.id(CLIENT_METADATA, client);
    }
    let digest = Sha256::new()
        .chain_update(C::NAME)
        .chain_update([0])
        .chain_update(request.encode_to_vec())
        .finalize();
    faults.finish(Some(Once {
        request: RequestKey {
            client: client.into(),
            id: id.into(),
        },
        digest: hex(&digest).into(),
    }))
}

/// Carries a change out, or finds that it was, and answers.
pub(super) async fn carry_out<A: Message + Default>(
    pool: &Pool,
    once: Option<Once>,
    command: Command,
    answer: impl FnOnce(&After<'_>) -> A + Send + 'static,
) -> Result<A, Problem> {
    let answer = Box::new(|after: &After<'_>| answer(after).encode_to_vec());
    decoded(&pool.change(command, once, answer).await?)
}

/// The answer that a request was given before, if it was carried out.
pub(super) async fn answered<A: Message + Default>(
    pool: &Pool,
    once: Option<&Once>,
) -> Result<Option<A>, Problem> {
    let Some(once) = once.cloned() else {
        return Ok(None);
    };
    let answered = pool.read(move |engine| once.answered(engine)).await?;
    let answer = answered?.map(|bytes| decoded(&bytes));
    answer.transpose()
}

fn decoded<A: Message + Default>(bytes: &[u8]) -> Result<A, Problem> {
    A::decode(bytes).map_err(|_unreadable| Problem::Pool(PoolError::Broken))
}
