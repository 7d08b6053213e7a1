//! One backup on its way to a client. A client that stands still is let go: the store keeps old pages meanwhile.

use tokio_util::sync::CancellationToken;

use super::{
    status::Problem,
    streams::{End, Out},
};
use crate::{
    pool::{Outage, PoolError, registry::Backup},
    proto::v1,
};

/// Sends the parts until all are sent, the client is gone or stands still, or the server's end has begun.
pub(super) async fn export(
    backup: Backup,
    out: Out<v1::ExportBackupResponse>,
    stopping: CancellationToken,
) {
    let end = tokio::select! {
        end = send(backup, &out) => end,
        () = out.gone() => End::Lost,
        () = stopping.cancelled() => Problem::Pool(PoolError::Unavailable(Outage::Stopping)).into(),
    };
    out.end(end);
}

async fn send(mut backup: Backup, out: &Out<v1::ExportBackupResponse>) -> End {
    while let Some(part) = backup.next().await {
        let data = match part {
            Ok(data) => data,
            Err(problem) => return End::Failed(problem.into()),
        };
        if let Err(why) = out.send(v1::ExportBackupResponse { data }).await {
            return why.into();
        }
    }
    End::Finished
}
