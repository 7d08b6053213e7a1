//! `homeshore serve` as a process: what it prints, what it refuses to start with, and how it ends.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use homeshore::proto::v1::{
    self, directory_service_client::DirectoryServiceClient, pool_service_client::PoolServiceClient,
    routing_service_client::RoutingServiceClient,
};

use crate::support;

const PROGRAM: &str = env!("CARGO_BIN_EXE_homeshore");

fn serve(data: &Path, grpc: &str, more: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .env_clear()
        .args(["serve", "--http", "127.0.0.1:0", "--grpc", grpc, "--data"])
        .arg(data)
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A server that is ready; killed with the test.
struct Running {
    child: Child,
    lines: Vec<String>,
}

impl Running {
    fn start(data: &Path) -> Self {
        Self::launch(serve(data, "127.0.0.1:0", &[]).stderr(Stdio::null()))
    }

    fn launch(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut lines = Vec::new();
        for line in out.lines() {
            lines.push(line.unwrap());
            if lines.last().unwrap() == "ready" {
                break;
            }
        }
        Self { child, lines }
    }

    fn grpc(&self) -> &str {
        self.lines[0]
            .strip_prefix("grpc listening on http://")
            .unwrap()
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        let id = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _ended_before = self.child.wait();
    }
}

/// Exit code and stderr of a server that does not start.
fn refused(mut command: Command) -> (i32, String) {
    let output = command.output().unwrap();
    assert!(output.stdout.is_empty(), "nothing is announced");
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn healthcheck(address: &str) -> i32 {
    let command = ["healthcheck", "--grpc", address];
    let status = Command::new(PROGRAM)
        .env_clear()
        .args(command)
        .stderr(Stdio::null())
        .status();
    status.unwrap().code().unwrap()
}

#[test]
fn it_says_where_it_listens_serves_and_ends_in_order() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Running::start(data.path());
    assert_eq!(server.lines.len(), 3, "{:?}", server.lines);
    assert!(server.lines[1].starts_with("http listening on http://127.0.0.1:"));
    assert_eq!(healthcheck(server.grpc()), 0);
    let address = server.grpc().to_owned();
    server.signal(rustix::process::Signal::TERM);
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert_eq!(healthcheck(&address), 1);
    let again = Running::start(data.path());
    assert_eq!(healthcheck(again.grpc()), 0, "the folder is free again");
}

#[test]
fn a_port_in_use_is_named() {
    let data = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, text) = refused(serve(data.path(), &address, &[]));
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("server.grpc") && text.contains(&address),
        "{text}"
    );
}

#[test]
fn a_data_folder_in_use_is_named() {
    let data = tempfile::tempdir().unwrap();
    let _first = Running::start(data.path());
    let (code, text) = refused(serve(data.path(), "127.0.0.1:0", &[]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("storage.data"), "{text}");
}

#[test]
fn a_data_file_that_cannot_be_read_is_named_and_left_alone() {
    let data = tempfile::tempdir().unwrap();
    drop(Running::start(data.path()));
    let files = fs::read_dir(data.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let file = files
        .max_by_key(|path| fs::metadata(path).unwrap().len())
        .unwrap();
    fs::write(&file, b"this is no data file at all").unwrap();
    let (code, text) = refused(serve(data.path(), "127.0.0.1:0", &[]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("storage.data"), "{text}");
    assert_eq!(fs::read(&file).unwrap(), b"this is no data file at all");
}

#[test]
fn settings_that_are_wrong_are_named_before_anything_starts() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("homeshore.toml");
    fs::write(&file, "[server]\ncolour = \"blue\"\n").unwrap();
    let folder = data.path().join("data");
    let (code, text) = refused(serve(
        &folder,
        "127.0.0.1:0",
        &["--config", file.to_str().unwrap()],
    ));
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("server.colour") && text.contains("line 2"),
        "{text}"
    );
    let (code, text) = refused(serve(&folder, "0.0.0.0:0", &[]));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("private-test-network"), "{text}");
    assert!(!folder.exists(), "nothing was made");
}

#[test]
fn the_key_of_receipts_is_made_once_and_a_file_without_one_is_named() {
    let data = tempfile::tempdir().unwrap();
    let own = data.path().join("receipt.key");
    drop(Running::start(data.path()));
    let key = fs::read_to_string(&own).unwrap();
    let mode = fs::metadata(&own).unwrap().permissions().mode();
    assert_eq!((key.trim().len(), mode & 0o777), (64, 0o600));
    drop(Running::start(data.path()));
    assert_eq!(fs::read_to_string(&own).unwrap(), key, "it stays");

    fs::write(&own, "short\n").unwrap();
    let (code, text) = refused(serve(data.path(), "127.0.0.1:0", &[]));
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("receipt.key") && text.contains("64 hex"),
        "{text}"
    );
    for (setting, file) in [
        ("receipt_key_file", "/no/such/file"),
        ("former_receipt_key_file", "Cargo.toml"),
    ] {
        fs::write(&own, &key).unwrap();
        let settings = data.path().join("homeshore.toml");
        fs::write(&settings, format!("[security]\n{setting} = \"{file}\"\n")).unwrap();
        let settings = settings.to_str().unwrap();
        let (code, text) = refused(serve(data.path(), "127.0.0.1:0", &["--config", settings]));
        assert_eq!(code, 1, "{text}");
        assert!(text.contains(setting) && text.contains(file), "{text}");
    }
}

#[test]
fn config_check_shows_what_is_in_force() {
    let check = || Command::new(PROGRAM);
    let output = check()
        .env_clear()
        .env("HOMESHORE_LIMITS_POOLS", "3")
        .args(["config", "check"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("\npools = 3\n")
    );
    let output = check()
        .env_clear()
        .env("HOMESHORE_LIMITS_POOLS", "none")
        .args(["config", "check"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("limits.pools")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_said_again_after_a_kill_gets_the_first_answer() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("data");
    let channel = async |server: &Running| {
        let url = format!("http://{}", server.grpc());
        let endpoint = tonic::transport::Endpoint::from_shared(url).unwrap();
        endpoint.connect().await.unwrap()
    };
    let request = v1::ApplyAgentsRequest {
        agents: vec![support::agent("ann")],
        request_id: "r-17".to_owned(),
        ..v1::ApplyAgentsRequest::default()
    };
    let mut server = Running::start(&folder);
    let first = channel(&server).await;
    let pool = v1::ApplyPoolRequest {
        pool: Some(support::pool()),
        ..v1::ApplyPoolRequest::default()
    };
    PoolServiceClient::new(first.clone())
        .apply_pool(pool)
        .await
        .unwrap();
    let mut directory = DirectoryServiceClient::new(first);
    let answer = directory.apply_agents(request.clone()).await.unwrap();
    assert_eq!(answer.get_ref().created_count, 1);
    server.signal(rustix::process::Signal::KILL);
    server.child.wait().unwrap();

    let server = Running::start(&folder);
    let mut directory = DirectoryServiceClient::new(channel(&server).await);
    let again = directory.apply_agents(request).await.unwrap();
    assert_eq!(again.get_ref(), answer.get_ref());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_number_or_attribute_is_logged_at_any_level() {
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    let file = fs::File::create(&log).unwrap();
    let mut command = serve(&data.path().join("data"), "127.0.0.1:0", &[]);
    command.env("HOMESHORE_LOGS_FILTER", "trace").stderr(file);
    let mut server = Running::launch(&mut command);
    let url = format!("http://{}", server.grpc());
    let endpoint = tonic::transport::Endpoint::from_shared(url).unwrap();
    let channel = endpoint.connect().await.unwrap();

    let request = v1::ApplyPoolRequest {
        request_id: String::new(),
        pool: Some(support::pool()),
        validate_only: false,
    };
    PoolServiceClient::new(channel.clone())
        .apply_pool(request)
        .await
        .unwrap();
    let mut agent = support::agent("ann");
    agent.display_name = "Canary Name".to_owned();
    agent.address = "sip:+15550100@example.com".to_owned();
    let agents = vec![
        agent.clone(),
        v1::Agent {
            site: None,
            ..agent.clone()
        },
    ];
    let mut directory = DirectoryServiceClient::new(channel.clone());
    for agents in [agents, vec![agent]] {
        let request = v1::ApplyAgentsRequest {
            agents,
            ..v1::ApplyAgentsRequest::default()
        };
        let _one_is_refused = directory.apply_agents(request).await;
    }
    let mut call = support::call("c1");
    call.attributes
        .insert("number".to_owned(), "+15550199".to_owned());
    RoutingServiceClient::new(channel)
        .route_call(call)
        .await
        .unwrap();

    server.signal(rustix::process::Signal::TERM);
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let log = fs::read_to_string(&log).unwrap();
    assert!(log.contains("TRACE"), "all levels are logged");
    for canary in ["Canary Name", "15550100", "15550199", "a new contract"] {
        assert!(!log.contains(canary), "`{canary}` was logged");
    }
}
