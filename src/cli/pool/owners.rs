//! `pool owners`: which server has each pool.

use serde_json::json;

use super::super::{Common, client::Clients, error::CliError, out, text::api_duration};
use crate::proto::v1::{ListPoolOwnersRequest, PoolOwner};

pub(super) const HELP: &str = "\
Examples:
  homeshore pool owners
  homeshore pool owners --json

The address is the one of `peers.listen` or `peers.advertise`; the epoch counts how many times the pool changed hands, and the lease
is how long nobody else can take it if its owner gives no further sign.
With --json: {\"owners\": [{\"pool\", \"address\", \"is_here\", \"epoch\", \"lease_ms\"}]}; `lease_ms` is null for a server that \
shares its store with nobody.";

/// Prints the owners.
pub(super) async fn run(common: &Common) -> anyhow::Result<()> {
    let clients = Clients::connect(common).await?;
    let mut client = clients.pools();
    let answer = client.list_pool_owners(ListPoolOwnersRequest {}).await;
    let owners = answer.map_err(CliError::from)?.into_inner().owners;
    if common.json {
        let owners: Vec<_> = owners.iter().map(as_json).collect();
        return out::json(&json!({ "owners": owners }));
    }
    if owners.is_empty() {
        out::say("no pools yet: see `homeshore pool apply --help`");
        return Ok(());
    }
    let rows: Vec<_> = owners.iter().map(row).collect();
    out::data(&out::table(&["pool", "owner", "epoch", "lease"], &rows))
}

fn as_json(owner: &PoolOwner) -> serde_json::Value {
    let lease = owner.lease.as_ref();
    json!({
        "pool": owner.pool_id,
        "address": owner.address,
        "is_here": owner.is_here,
        "epoch": owner.epoch,
        "lease_ms": lease.map(|lease| lease.seconds * 1_000 + i64::from(lease.nanos) / 1_000_000),
    })
}

fn row(owner: &PoolOwner) -> Vec<String> {
    let who = match (&*owner.address, owner.is_here) {
        ("", true) => "this server".to_owned(),
        ("", false) => "nobody".to_owned(),
        (address, true) => format!("{address} (this server)"),
        (address, false) => address.to_owned(),
    };
    let lease = owner.lease.as_ref();
    let lease = lease.map_or_else(String::new, |lease| api_duration(Some(lease)));
    let epoch = if owner.epoch == 0 {
        String::new()
    } else {
        owner.epoch.to_string()
    };
    vec![owner.pool_id.clone(), who, epoch, lease]
}
