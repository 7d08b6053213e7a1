//! Redis, if pools are kept there: the same look as `serve` takes before it starts.

use super::{Finding, fail, ok, warn};
use crate::{
    cli::storage,
    config::Config,
    store::redis::{self, Grade},
};

/// Looks at the Redis of the settings; it says nothing if there is none.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let about = "redis";
    if !storage::is_on_redis(config) {
        return Vec::new();
    }
    let redis = match storage::redis(config) {
        Ok(redis) => redis,
        Err(problem) => {
            let found = format!("{problem:#}");
            return vec![fail(about, found, "mend the setting, or --redis")];
        }
    };
    let findings = redis.check().await.into_iter();
    let told = |redis::Finding {
                    grade,
                    found,
                    to_do,
                }| match grade {
        Grade::Good => ok(about, found),
        Grade::Warn => warn(about, found, to_do),
        Grade::Fail => fail(about, found, to_do),
    };
    findings.map(told).collect()
}
