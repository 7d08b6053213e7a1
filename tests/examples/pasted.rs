//! The lines of the page on integrating that are there to be pasted.

use std::process::{Command, Stdio};

use crate::{
    cli::served::AtWork,
    support::{
        program::{Server, json, read},
        tools::tool,
    },
};

const PAGE: &str = "deploy/examples/README.md";
/// The address that the page's lines name.
const ADDRESS: &str = "127.0.0.1:50051";

/// The fenced block of this name.
fn block(name: &str) -> String {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let opening = format!("```sh {name}\n");
    let (_, rest) = page.split_once(&opening).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// What a shell prints into which these blocks are pasted, one after the other.
fn paste(server: &Server, blocks: &[&str]) -> String {
    let lines: String = blocks.iter().map(|name| block(name)).collect();
    assert!(lines.contains(ADDRESS), "{lines}");
    let address = server.url.trim_start_matches("http://");
    let lines = lines.replace(ADDRESS, address);
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c"])
        .arg(format!("PATH=\"$TOOLS:$PATH\"\n{lines}"))
        .env("TOOLS", tool("grpcurl").parent().unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (code, stdout, stderr) = read(&output);
    assert_eq!(code, 0, "{stdout}{stderr}");
    stdout
}

/// A call goes its way by hand, and the server kept it.
fn routes_a_call(tool: &str, reflection: &str) {
    let server = Server::start();
    let stdout = paste(&server, &[tool, "call"]);
    for word in [
        reflection,
        "homeshore.v1.RoutingService",
        "CALL_STATE_OFFERED",
        "CALL_STATE_CONNECTED",
        "OUTCOME_HANDLED",
        "INTENT_OFFLINE",
    ] {
        assert!(stdout.contains(word), "no `{word}` in {stdout}");
    }
    let export = ["--pool", "by-hand", "records", "export", "--json"];
    let (code, stdout, stderr) = server.run(&export);
    assert_eq!(code, 0, "{stderr}");
    let record = json(&stdout);
    assert_eq!(
        (&record["agent_id"], &record["outcome"]),
        (&"ann".into(), &"handled".into())
    );
    paste(&server, &[tool, "call"]);
    assert_eq!(
        server.run(&export).1.lines().count(),
        2,
        "it may be pasted again"
    );
}

#[test]
fn a_call_is_routed_by_grpcurl() {
    routes_a_call("grpcurl", "grpc.reflection.v1alpha.ServerReflection");
}

#[test]
fn a_call_is_routed_by_buf_curl() {
    routes_a_call("buf", "grpc.reflection.v1.ServerReflection");
}

/// The README's first call, line by line: the program that it builds, on its own port.
#[test]
fn a_first_call_goes_as_the_readme_says() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let (_, section) = readme.split_once("## A first call by hand\n").unwrap();
    let lines = section.split("```").nth(1).unwrap().lines();
    let mut orders = lines.filter_map(|line| line.strip_prefix("homeshore "));
    assert_eq!(orders.next(), Some("serve --data data"));
    let server = Server::start();
    let mut stay = Vec::new();
    let mut said = String::new();
    for order in orders {
        let arguments: Vec<&str> = order.split(' ').collect();
        if order.contains("--stay") {
            let mut agent = AtWork::start(&server, &arguments);
            agent.wait_for("ready, idle");
            stay.push(agent);
        } else {
            let (code, stdout, stderr) = server.run(&arguments);
            assert_eq!(code, 0, "{order}: {stderr}");
            said = stdout;
        }
    }
    assert!(
        said.contains("connected to ann") && said.contains("ended handled"),
        "{said}"
    );
    for agent in stay {
        assert_eq!(agent.interrupt().0, 0);
    }
}

#[test]
fn the_page_names_every_example() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    for folder in ["python", "node"] {
        for file in std::fs::read_dir(format!("deploy/examples/{folder}")).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            if [".py", ".js"].iter().any(|end| name.ends_with(end)) {
                let path = format!("`{folder}/{name}`");
                assert!(page.contains(&path), "{PAGE} does not name {path}");
            }
        }
    }
}
