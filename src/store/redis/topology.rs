//! Who is the master of a pool now: the server of the settings, the one that sentinels name, or the node of a slot.

use std::collections::BTreeMap;

use redis::Value;
use tokio::task::JoinSet;

use super::{
    address::{Node, Topology},
    failure::Failure,
    keys::Keys,
    link::{Door, Link},
    reply::{bytes, field, number, text, texts},
};

/// A range of slots, and its master.
type Range = (u64, u64, Node);

impl Door {
    /// The master that has a pool.
    pub(super) async fn master_of(&self, keys: &Keys) -> Result<Node, Failure> {
        match &self.address().topology {
            Topology::Single(node) => Ok(node.clone()),
            Topology::Sentinel { sentinels, master } => self.named_master(sentinels, master).await,
            Topology::Cluster(_) => self.slot_master(&keys.head()).await,
        }
    }

    /// The master that has a key, where there are several; none is the only one.
    pub(super) async fn master_of_key(&self, key: &str) -> Result<Option<Node>, Failure> {
        let Topology::Cluster(_) = &self.address().topology else {
            return Ok(None);
        };
        self.slot_master(key).await.map(Some)
    }

    /// Every master.
    pub(super) async fn masters(&self) -> Result<Vec<Node>, Failure> {
        let Topology::Cluster(_) = &self.address().topology else {
            return Ok(vec![self.master_of(&Keys::of_nothing()).await?]);
        };
        let mut link = self.any_node().await?;
        let ranges = slots(&mut link).await?;
        let mut nodes: Vec<Node> = ranges.into_iter().map(|(_, _, node)| node).collect();
        nodes.sort();
        nodes.dedup();
        Ok(nodes)
    }

    /// Whether those who decide still take a server for the master: a majority of the sentinels, or the cluster's node itself,
    /// which knows whether it reaches a majority of the masters. A single server has nobody beside it.
    pub(super) async fn is_still_master(&self, link: &mut Link, node: &Node) -> bool {
        match &self.address().topology {
            Topology::Single(_) => true,
            Topology::Sentinel { sentinels, master } => {
                let votes = self.votes(sentinels, master).await;
                let own = votes
                    .iter()
                    .filter(|vote| vote.as_ref() == Ok(node))
                    .count();
                own * 2 > sentinels.len()
            }
            Topology::Cluster(_) => {
                let mut command = redis::cmd("CLUSTER");
                command.arg("INFO");
                let said = link.call(&command).await.ok().and_then(text);
                said.is_some_and(|said| field(&said, "cluster_state") == Some("ok"))
            }
        }
    }

    async fn named_master(&self, sentinels: &[Node], master: &str) -> Result<Node, Failure> {
        let votes = self.votes(sentinels, master).await;
        let mut counts = BTreeMap::<&Node, usize>::new();
        for node in votes.iter().flatten() {
            *counts.entry(node).or_default() += 1;
        }
        let most = counts.iter().max_by_key(|(_, count)| **count);
        if let Some((node, _)) = most {
            return Ok((*node).clone());
        }
        let problems: Vec<String> = votes
            .into_iter()
            .filter_map(Result::err)
            .map(|p| p.text)
            .collect();
        Err(Failure::not_applied(format!(
            "no sentinel names a master `{master}`: {}",
            problems.join("; ")
        )))
    }

    /// What each sentinel says who the master is.
    pub(super) async fn votes(
        &self,
        sentinels: &[Node],
        master: &str,
    ) -> Vec<Result<Node, Failure>> {
        let mut asked = JoinSet::new();
        for (place, sentinel) in sentinels.iter().cloned().enumerate() {
            let (door, master) = (self.clone(), master.to_owned());
            asked.spawn(async move { (place, door.vote(&sentinel, &master).await) });
        }
        let mut votes = asked.join_all().await;
        votes.sort_by_key(|(place, _)| *place);
        votes.into_iter().map(|(_, vote)| vote).collect()
    }

    async fn vote(&self, sentinel: &Node, master: &str) -> Result<Node, Failure> {
        let mut link = self.connect_to_sentinel(sentinel).await?;
        let mut command = redis::cmd("SENTINEL");
        command.arg("GET-MASTER-ADDR-BY-NAME").arg(master);
        let answer = link.call(&command).await?;
        if answer == Value::Nil {
            return Err(Failure::not_applied(format!(
                "the sentinel at {sentinel} knows no master `{master}`; look at the name in `storage.redis`"
            )));
        }
        let strange = || Failure::strange(link.name());
        let [host, port] =
            <[String; 2]>::try_from(texts(answer).ok_or_else(strange)?).map_err(|_| strange())?;
        let port = port.parse().map_err(|_| strange())?;
        Ok(Node { host, port })
    }

    async fn slot_master(&self, key: &str) -> Result<Node, Failure> {
        let mut link = self.any_node().await?;
        let mut command = redis::cmd("CLUSTER");
        command.arg("KEYSLOT").arg(key);
        let slot = number(link.call(&command).await?);
        let slot = slot.ok_or_else(|| Failure::strange(link.name()))?;
        let ranges = slots(&mut link).await?;
        let found = ranges
            .into_iter()
            .find(|(first, last, _)| (*first..=*last).contains(&slot));
        found.map(|(_, _, node)| node).ok_or_else(|| {
            Failure::not_applied(format!(
                "no node of the cluster has slot {slot}: see to its masters"
            ))
        })
    }

    /// A node of the cluster that answers.
    async fn any_node(&self) -> Result<Link, Failure> {
        let mut problems = Vec::new();
        for node in self.address().named() {
            match self.connect(&node).await {
                Ok(link) => return Ok(link),
                Err(problem) => problems.push(problem.text),
            }
        }
        Err(Failure::not_applied(problems.join("; ")))
    }
}

/// Which node is the master of which slots, as a node of the cluster has it.
async fn slots(link: &mut Link) -> Result<Vec<Range>, Failure> {
    let mut command = redis::cmd("CLUSTER");
    command.arg("SLOTS");
    let Value::Array(ranges) = link.call(&command).await? else {
        return Err(Failure::strange(link.name()));
    };
    let (asked, _) = link
        .name()
        .rsplit_once(':')
        .unwrap_or_else(|| (link.name(), ""));
    let asked = asked.trim_matches(['[', ']']).to_owned();
    let read = ranges.into_iter().map(|one| range(one, &asked));
    read.collect::<Option<_>>()
        .ok_or_else(|| Failure::strange(link.name()))
}

fn range(value: Value, asked: &str) -> Option<Range> {
    let Value::Array(parts) = value else {
        return None;
    };
    let mut parts = parts.into_iter();
    let (first, last) = (number(parts.next()?)?, number(parts.next()?)?);
    let Value::Array(master) = parts.next()? else {
        return None;
    };
    let mut master = master.into_iter();
    let host = String::from_utf8(bytes(master.next()?)?).ok()?;
    let port = number(master.next()?)?.try_into().ok()?;
    // A node that does not know its own name is the one that was asked.
    let host = if host.is_empty() {
        asked.to_owned()
    } else {
        host
    };
    Some((first, last, Node { host, port }))
}
