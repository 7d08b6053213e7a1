//! A real Prometheus on a free port, with the settings of `deploy/prometheus` but for ports and intervals.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{interval, timeout};

use crate::support::{get, tools::tool};

/// Prometheus starts, reads twice and evaluates its rules well within it.
const LIMIT: Duration = Duration::from_secs(60);

/// A Prometheus at work; ended with the test.
pub(super) struct Watcher {
    child: Child,
    address: String,
    _folder: TempDir,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _ended_before = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Puts `new` in the place of `old`, which must be there.
fn replaced(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "the settings have `{old}`");
    text.replace(old, new)
}

impl Watcher {
    /// Watches the server at this address.
    pub(super) fn of(server: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/prometheus");
        for rules in ["rules.yml", "alerts.yml"] {
            fs::copy(deploy.join(rules), folder.path().join(rules)).unwrap();
        }
        let address = format!("127.0.0.1:{}", free_port());
        let settings = fs::read_to_string(deploy.join("prometheus.yml")).unwrap();
        let settings = replaced(&settings, "127.0.0.1:8080", server);
        let settings = replaced(&settings, "127.0.0.1:9090", &address);
        let settings = replaced(&settings, "interval: 15s", "interval: 1s");
        let file = folder.path().join("prometheus.yml");
        fs::write(&file, settings).unwrap();
        let child = Command::new(tool("prometheus"))
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        Self {
            child,
            address,
            _folder: folder,
        }
    }

    async fn api(&self, path: &str) -> Value {
        let (_, answer) = get(&self.address, path).await;
        serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{path}: {answer}"))
    }

    /// The value of each series that answers a question, with its labels.
    pub(super) async fn ask(&self, question: &str) -> Result<Vec<(Value, f64)>, String> {
        let answer = self
            .api(&format!("/api/v1/query?query={}", encoded(question)))
            .await;
        let Some(rows) = answer["data"]["result"].as_array() else {
            return Err(answer["error"].to_string());
        };
        let rows = rows.iter().map(|row| {
            let value = row["value"][1].as_str().expect("a vector has values");
            (row["metric"].clone(), value.parse().unwrap())
        });
        Ok(rows.collect())
    }

    /// Every name of a metric that was read.
    pub(super) async fn names(&self) -> Vec<String> {
        let answer = self.api("/api/v1/label/__name__/values").await;
        serde_json::from_value(answer["data"].clone()).unwrap()
    }

    /// Waits until the question has an answer above zero.
    pub(super) async fn until(&self, question: &str) {
        let answered = async {
            let mut looks = interval(Duration::from_millis(100));
            loop {
                looks.tick().await;
                if tokio::net::TcpStream::connect(&self.address).await.is_err() {
                    continue;
                }
                let (status, _) = get(&self.address, "/-/ready").await;
                if status == 200 {
                    let rows = self.ask(question).await.unwrap();
                    if rows.iter().any(|(_, value)| *value > 0.0) {
                        return;
                    }
                }
            }
        };
        let answered = timeout(LIMIT, answered).await;
        assert!(answered.is_ok(), "`{question}` did not come true in time");
    }
}

/// A question as part of an address.
fn encoded(question: &str) -> String {
    let bytes = question.bytes().map(|byte| {
        if byte.is_ascii_alphanumeric() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    bytes.collect()
}
