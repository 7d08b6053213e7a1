//! What a deployment of Redis is worth: looked at before a server starts on it, and by `doctor`.

use std::time::Duration;

use super::{
    Durability, Options,
    address::{Node, Topology},
    failure::Failure,
    lane::of_replica,
    link::{Door, Link},
    reply::{field, text, texts},
};

/// The oldest release that works.
const VERSION: (u32, u32) = (7, 0);
/// Clocks may be so far apart.
const CLOCK: i64 = 500;
/// A commit waits for one round trip.
const TRIP: Duration = Duration::from_millis(20);
/// How often the round trip is measured; the middle counts.
const TRIPS: usize = 9;

/// How good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// It does not work like this.
    Fail,
}

/// What was found, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How good it is.
    pub grade: Grade,
    /// What was found.
    pub found: String,
    /// What helps; empty if nothing must be done.
    pub to_do: String,
}

fn good(found: impl Into<String>) -> Finding {
    Finding {
        grade: Grade::Good,
        found: found.into(),
        to_do: String::new(),
    }
}

fn warn(found: impl Into<String>, to_do: impl Into<String>) -> Finding {
    Finding {
        grade: Grade::Warn,
        found: found.into(),
        to_do: to_do.into(),
    }
}

fn fail(found: impl Into<String>, to_do: impl Into<String>) -> Finding {
    Finding {
        grade: Grade::Fail,
        ..warn(found, to_do)
    }
}

/// Looks at every master of a deployment, and at its sentinels.
pub(super) async fn check(door: &Door, options: &Options) -> Vec<Finding> {
    let mut findings = sentinels(door).await;
    let masters = match door.masters().await {
        Ok(masters) => masters,
        Err(problem) => {
            findings.push(unusable(&problem));
            return findings;
        }
    };
    for node in masters {
        match door.connect(&node).await {
            Ok(mut link) => match one(&mut link, &node, options).await {
                Ok(found) => findings.extend(found),
                Err(problem) => findings.push(unusable(&problem)),
            },
            Err(problem) => findings.push(unusable(&problem)),
        }
    }
    if let Topology::Cluster(_) = door.address().topology {
        findings.push(cluster(door).await);
    }
    findings
}

fn unusable(problem: &Failure) -> Finding {
    fail(
        problem.text.clone(),
        "nothing is stored until this is mended",
    )
}

async fn one(link: &mut Link, node: &Node, options: &Options) -> Result<Vec<Finding>, Failure> {
    let info = link.about().await?.info;
    let version = field(&info, "redis_version").unwrap_or("unknown");
    if !is_new_enough(version) {
        let (major, minor) = VERSION;
        return Ok(vec![fail(
            format!("Redis at {node} is version {version}, which is too old"),
            format!("use Redis {major}.{minor} or newer"),
        )]);
    }
    if let Some(replica) = of_replica(&info) {
        return Ok(vec![fail(
            format!("Redis at {node} {replica}"),
            "nothing is stored until this is mended",
        )]);
    }
    if field(&info, "loading").is_some_and(|loading| loading != "0") {
        return Ok(vec![fail(
            format!("Redis at {node} is still loading its data (LOADING)"),
            "wait until it is done",
        )]);
    }
    let mut findings = vec![good(format!("Redis {version} at {node} is a master"))];
    findings.extend(eviction(node, &info));
    findings.extend(memory(node, &info));
    findings.extend(disk(node, &info));
    findings.push(replicas(node, &info, options));
    findings.push(writes(link, node).await);
    findings.push(clock(link, node, options).await?);
    findings.push(trip(link, node, options).await?);
    Ok(findings)
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    version >= VERSION
}

/// Our keys have no end, so that only policies for all keys take them away.
fn eviction(node: &Node, info: &str) -> Option<Finding> {
    let policy = field(info, "maxmemory_policy")?;
    if policy.starts_with("allkeys") {
        let found = format!(
            "Redis at {node} throws keys away when its memory is full (`maxmemory-policy` is {policy})"
        );
        return Some(fail(
            found,
            "set `maxmemory-policy noeviction`: calls would be lost",
        ));
    }
    Some(good(format!(
        "Redis at {node} keeps all keys (`maxmemory-policy` is {policy})"
    )))
}

fn memory(node: &Node, info: &str) -> Option<Finding> {
    let number = |name| field(info, name).and_then(|value| value.parse::<u64>().ok());
    let (used, most) = (number("used_memory")?, number("maxmemory")?);
    if most == 0 || used < most / 10 * 9 {
        return None;
    }
    let found = format!("Redis at {node} uses {used} of at most {most} bytes of memory");
    let to_do = "raise its `maxmemory`: when it is full (OOM), no change is taken";
    Some(if used >= most {
        fail(found, to_do)
    } else {
        warn(found, to_do)
    })
}

fn disk(node: &Node, info: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is = |name, value| field(info, name) == Some(value);
    if is("aof_enabled", "1") {
        findings.push(good(format!(
            "Redis at {node} writes changes to its disk (AOF)"
        )));
    } else {
        findings.push(warn(
            format!("Redis at {node} writes no changes to its disk (`appendonly no`)"),
            "set `appendonly yes`: without it a restart of Redis forgets what no running homeshore knows",
        ));
    }
    if is("rdb_last_bgsave_status", "err") || is("aof_last_write_status", "err") {
        findings.push(fail(
            format!("Redis at {node} cannot save to its disk, and may take no writes (MISCONF)"),
            "see to its disk, and to its log",
        ));
    }
    findings
}

fn replicas(node: &Node, info: &str, options: &Options) -> Finding {
    let count = field(info, "connected_slaves").and_then(|count| count.parse::<u32>().ok());
    let count = count.unwrap_or(0);
    let found = |what: &str| format!("Redis at {node} has {count} replicas, and {what}");
    match (options.durability, count) {
        (Durability::Primary, 1..) => warn(
            found("commits do not wait for any (`storage.redis_durability` is \"primary\")"),
            "set it to \"replica\", else a failover loses the last commits",
        ),
        (Durability::Primary | Durability::ByReplicas, 0) => good(found("commits wait for none")),
        (Durability::Replica | Durability::Majority, 0) => warn(
            found("commits are to wait for some"),
            "see to the replicas: until then commits are safe on the master alone",
        ),
        (Durability::Replica | Durability::ByReplicas, _) => good(found("commits wait for one")),
        (Durability::Majority, _) => good(found("commits wait for a majority")),
    }
}

/// A script that may write, and writes nothing: what keeps it from writing is told before it starts.
async fn writes(link: &mut Link, node: &Node) -> Finding {
    let mut probe = redis::cmd("EVAL");
    probe.arg("#!lua\nreturn 1").arg(0);
    match link.call(&probe).await {
        Ok(_) => good(format!("Redis at {node} takes writes")),
        Err(problem) => unusable(&problem),
    }
}

async fn clock(link: &mut Link, node: &Node, options: &Options) -> Result<Finding, Failure> {
    let begun = (options.wall)();
    let said = texts(link.call(&redis::cmd("TIME")).await?).unwrap_or_default();
    let between = begun.midpoint((options.wall)());
    let part = |at: usize| said.get(at).and_then(|part| part.parse::<i64>().ok());
    let (Some(seconds), Some(micros)) = (part(0), part(1)) else {
        return Err(Failure::strange(link.name()));
    };
    let apart = (seconds * 1_000 + micros / 1_000 - between).abs();
    let found = format!("the clock of Redis at {node} is {apart} ms from this machine's");
    Ok(if apart > CLOCK {
        warn(found, "let a time server keep both machines")
    } else {
        good(found)
    })
}

async fn trip(link: &mut Link, node: &Node, options: &Options) -> Result<Finding, Failure> {
    let mut times = Vec::new();
    for _ in 0..TRIPS {
        let begun = (options.clock)();
        link.call(&redis::cmd("PING")).await?;
        times.push((options.clock)().saturating_sub(begun));
    }
    times.sort();
    let middle = times[times.len() / 2];
    let shown = middle.as_secs_f64() * 1_000.0;
    let found = format!("Redis at {node} answers in {shown:.1} ms");
    Ok(if middle > TRIP {
        let to_do = "callers wait for it: run Redis nearby, below 20 ms";
        warn(found, to_do)
    } else {
        good(found)
    })
}

async fn sentinels(door: &Door) -> Vec<Finding> {
    let Topology::Sentinel { sentinels, master } = &door.address().topology else {
        return Vec::new();
    };
    let votes = door.votes(sentinels, master).await;
    let count = votes.iter().filter(|vote| vote.is_ok()).count();
    let mut findings: Vec<Finding> = votes
        .iter()
        .filter_map(|vote| vote.as_ref().err())
        .map(|problem| warn(problem.text.clone(), "see to this sentinel"))
        .collect();
    let found = format!(
        "{count} of {} sentinels name a master `{master}`",
        sentinels.len()
    );
    findings.push(if count * 2 > sentinels.len() {
        good(found)
    } else {
        fail(
            found,
            "a majority must agree on a new master when one fails: see to the sentinels",
        )
    });
    findings
}

async fn cluster(door: &Door) -> Finding {
    let mut command = redis::cmd("CLUSTER");
    command.arg("INFO");
    for node in door.address().named() {
        let Ok(mut link) = door.connect(&node).await else {
            continue;
        };
        let said = link
            .call(&command)
            .await
            .ok()
            .and_then(text)
            .unwrap_or_default();
        let state = field(&said, "cluster_state").unwrap_or("unknown");
        let masters = field(&said, "cluster_size").unwrap_or("?");
        let found = format!("the cluster is {state}, with {masters} masters, says {node}");
        return match state {
            "ok" => good(found),
            _ => fail(
                found,
                "see to its nodes: without all slots pools have no place",
            ),
        };
    }
    fail("no node of the cluster answers", "see to its nodes")
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn versions_are_compared_as_numbers() {
        for good in ["7.0.15", "7.2", "8", "10.0.0"] {
            assert!(is_new_enough(good), "{good}");
        }
        for old in ["6.2.14", "5", "6.10.0", "unknown", ""] {
            assert!(!is_new_enough(old), "{old}");
        }
    }
}
