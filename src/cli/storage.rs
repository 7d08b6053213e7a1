//! The store of the settings: the folder, or Redis.

use std::{fs, os::unix::fs::DirBuilderExt, path::Path, sync::Arc};

use anyhow::{Context, anyhow, bail};
use tracing::{info, warn};

use crate::{
    clock,
    config::{Config, Durability},
    metrics,
    store::{
        Store, StoreError,
        embedded::{self, Embedded},
        redis::{self, Address, Finding, Grade, Notice, Redis, Secret},
    },
};

/// Opens the store.
///
/// # Errors
/// If it cannot be used; the text names the setting.
pub(super) async fn open(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    if is_on_redis(config) {
        return Ok(Arc::new(open_redis(config).await?));
    }
    let (folder, options) = (config.storage.data.clone(), options(config));
    let opened = tokio::task::spawn_blocking(move || Embedded::open(&folder, options)).await?;
    let store = opened.map_err(|problem| storage_error(config, &problem))?;
    Ok(Arc::new(store))
}

/// Whether pools are kept on Redis.
pub(super) fn is_on_redis(config: &Config) -> bool {
    !config.storage.redis.reveal().is_empty()
}

/// How the folder is opened.
pub(super) fn options(config: &Config) -> embedded::Options {
    embedded::Options {
        events_kept: config.storage.events_kept,
        cache_bytes: usize::try_from(config.storage.cache_mib << 20).unwrap_or(usize::MAX),
    }
}

/// Redis by the settings; nothing is connected yet.
///
/// # Errors
/// If the settings are wrong; the text names the one.
pub(super) fn redis(config: &Config) -> anyhow::Result<Redis> {
    let address = address(config)?;
    let file = &config.storage.redis_ca_file;
    let root_certificates = (!file.is_empty()).then(|| {
        fs::read(file)
            .with_context(|| format!("`storage.redis_ca_file` is `{file}`, which cannot be read"))
    });
    let options = redis::Options {
        events_kept: config.storage.events_kept,
        durability: match config.storage.redis_durability {
            Durability::Primary => redis::Durability::Primary,
            Durability::Replica => redis::Durability::Replica,
            Durability::Majority => redis::Durability::Majority,
            Durability::Auto => redis::Durability::ByReplicas,
        },
        label: label(),
        root_certificates: root_certificates.transpose()?,
        notices: Arc::new(|pool, notice| metrics::store_noticed(pool, kind(notice))),
        ..redis::Options::new(clock::boot, || clock::wall().0)
    };
    Ok(Redis::new(address, options))
}

/// The address of the settings, with the password that was given apart.
///
/// # Errors
/// If it is wrong; the text has nothing secret.
pub(super) fn address(config: &Config) -> anyhow::Result<Address> {
    let address = Address::parse(config.storage.redis.reveal());
    let mut address = address.map_err(|problem| anyhow!("`storage.redis` {problem}"))?;
    let password = config.storage.redis_password.reveal();
    if !password.is_empty() {
        address.password = Some(Secret::new(password));
    }
    Ok(address)
}

async fn open_redis(config: &Config) -> anyhow::Result<Redis> {
    let redis = redis(config)?;
    check(&redis).await?;
    // The key that signs receipts is kept there.
    let folder = &config.storage.data;
    make(folder).with_context(|| {
        let folder = folder.display();
        format!("`storage.data` is `{folder}`, which cannot be made")
    })?;
    info!(redis = redis.address(), "pools are kept on Redis");
    Ok(redis)
}

/// Looks at a Redis before it is used, and says in the log what could be better.
///
/// # Errors
/// Everything for which it cannot be used.
pub(super) async fn check(redis: &Redis) -> anyhow::Result<()> {
    let findings = redis.check().await;
    for Finding { found, to_do, .. } in of(&findings, Grade::Warn) {
        warn!(found, to_do, "Redis could be better set up");
    }
    let wrong: Vec<String> = of(&findings, Grade::Fail)
        .map(|finding| format!("{}; {}", finding.found, finding.to_do))
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let name = redis.address();
    bail!(
        "`storage.redis` is `{name}`, which cannot be used: {}",
        wrong.join(". ")
    )
}

fn of(findings: &[Finding], grade: Grade) -> impl Iterator<Item = &Finding> {
    findings
        .iter()
        .filter(move |finding| finding.grade == grade)
}

fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    builder.mode(0o700);
    builder.create(folder)
}

/// Who this process is, for whoever finds a pool held.
fn label() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("process {} on {}", std::process::id(), host.trim())
}

fn kind(notice: Notice) -> &'static str {
    match notice {
        Notice::Reconnected => "reconnected",
        Notice::Duplicate => "duplicate",
        Notice::Degraded => "degraded",
        Notice::Healed { whole: false } => "healed_batches",
        Notice::Healed { whole: true } => "healed_whole",
    }
}

fn storage_error(config: &Config, problem: &StoreError) -> anyhow::Error {
    let folder = config.storage.data.display();
    anyhow!("`storage.data` is `{folder}`, which cannot be used: {problem}")
}
