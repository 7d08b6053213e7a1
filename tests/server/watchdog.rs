//! What the service manager is told: that the service serves, that it still works, and that it ends.

use std::{
    io::{BufRead, BufReader},
    os::unix::net::UnixDatagram,
    process::Stdio,
    sync::{Arc, mpsc},
    time::Duration,
};

use homeshore::{cli::pulse::Pulse, store::memory::Memory};
use rustix::process::{Pid, Signal, kill_process};

use super::actor::{limits, pool_on};
use crate::support::{LIMIT, World, in_time, program};

/// What a manager hears next.
fn heard(socket: &UnixDatagram) -> String {
    let mut message = [0; 1_024];
    let bytes = socket.recv(&mut message).expect("a message in time");
    String::from_utf8_lossy(&message[..bytes]).into_owned()
}

#[test]
fn a_manager_is_told_of_the_beginning_the_life_and_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(LIMIT)).unwrap();
    let arguments = ["serve", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"];
    let mut child = program::command(&arguments)
        .arg("--data")
        .arg(folder.path().join("data"))
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "300000")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(heard(&socket), "READY=1\nSTATUS=serving");
    assert!(lines.any(|line| line.unwrap() == "ready"), "it serves then");
    for _sign in 0..3 {
        assert_eq!(heard(&socket), "WATCHDOG=1");
    }
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let last = loop {
        match heard(&socket) {
            sign if sign == "WATCHDOG=1" => {}
            other => break other,
        }
    };
    assert_eq!(last, "STOPPING=1\nSTATUS=finishing what is under way");
    assert!(child.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_does_not_answer_is_no_sign_of_life() {
    let world = World::start().await;
    let (registry, pool) = pool_on(&Memory::default(), limits()).await;
    let pulse = Pulse::new(world.server.grpc(), Arc::new(registry));
    assert_eq!(pulse.feel(LIMIT).await, Ok(()));
    let (release, released) = mpsc::channel::<()>();
    let stuck = {
        let pool = pool.clone();
        tokio::spawn(async move { pool.read(move |_engine| released.recv().is_err()).await })
    };
    let stopped = async {
        let limit = Duration::from_millis(20);
        while pulse.feel(limit).await != Err("pool `default` does not answer".to_owned()) {}
    };
    in_time("silence", stopped).await;
    drop(release);
    assert!(stuck.await.unwrap().unwrap());
    assert_eq!(pulse.feel(LIMIT).await, Ok(()));
}

#[tokio::test]
async fn a_pool_that_waits_for_its_store_is_at_work() {
    let world = World::with_agents().await;
    let pulse = world.server.pulse();
    world.store.set_down(true);
    let refused = world.apply_agents(vec![crate::support::agent("cid")]);
    let stalled = async {
        while world.http("/readyz").await.0 == 200 {}
        assert_eq!(pulse.feel(LIMIT).await, Ok(()));
        world.store.set_down(false);
    };
    let (applied, ()) = tokio::join!(refused, stalled);
    applied.unwrap();
    let (grpc, registry) = (
        world.server.grpc(),
        Arc::new(pool_on(&Memory::default(), limits()).await.0),
    );
    assert!(world.server.shutdown().await);
    let gone = Pulse::new(grpc, registry).feel(LIMIT).await.unwrap_err();
    assert!(gone.starts_with("the gRPC port"), "{gone}");
}
