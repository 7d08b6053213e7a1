//! A proxy between a store and a server that does what bad networks do, seeded: delays, answers that never come, connections
//! that look open and are dead, and cut ones.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// What happens to what passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Answers come this much later.
    Delay(Duration),
    /// Of 100 answers so many never come, and their connections end, as if the server had gone down right after its work.
    DropAnswers(u64),
    /// Connections stay open, and nothing passes.
    HalfOpen,
    /// Connections are cut, and new ones refused.
    Cut,
}

struct Shared {
    fault: Mutex<Fault>,
    /// The fault is another one.
    changed: Condvar,
    random: Mutex<fastrand::Rng>,
    /// Cuts what is open when it changes.
    generation: AtomicU64,
    bites: AtomicU64,
    over: AtomicBool,
    /// Instead of what the server says: bytes to look for, and as many to put there.
    lie: Mutex<Option<(Vec<u8>, Vec<u8>)>>,
}

/// A proxy; it ends with the test.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Proxy {
    /// A proxy to a server.
    pub(crate) fn start(server: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind((super::own_ip(), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            fault: Mutex::new(Fault::None),
            changed: Condvar::new(),
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            generation: AtomicU64::new(0),
            bites: AtomicU64::new(0),
            over: AtomicBool::new(false),
            lie: Mutex::new(None),
        });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming() {
                if of_thread.over.load(Ordering::Relaxed) {
                    return;
                }
                if *of_thread.fault.lock().unwrap() == Fault::Cut {
                    continue;
                }
                if let (Ok(client), Ok(server)) = (client, TcpStream::connect(server)) {
                    pass(client, server, &of_thread);
                }
            }
        });
        Self { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// What happens from now on.
    pub(crate) fn set(&self, fault: Fault) {
        *self.shared.fault.lock().unwrap() = fault;
        self.shared.changed.notify_all();
        if fault == Fault::Cut {
            self.shared.generation.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// From now on the server seems to say something else, of the same length.
    pub(crate) fn lie(&self, from: &str, to: &str) {
        assert_eq!(from.len(), to.len());
        *self.shared.lie.lock().unwrap() = Some((from.into(), to.into()));
    }

    /// How often a fault hit something.
    pub(crate) fn bites(&self) -> u64 {
        self.shared.bites.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        self.shared.generation.fetch_add(1, Ordering::Relaxed);
        let _wakes_the_thread = TcpStream::connect(self.address);
    }
}

/// Passes what comes, both ways, until either ends.
fn pass(client: TcpStream, server: TcpStream, shared: &Arc<Shared>) {
    let ways = [
        (client.try_clone(), server.try_clone(), false),
        (Ok(server), Ok(client), true),
    ];
    for (from, to, is_answer) in ways {
        let (Ok(from), Ok(to)) = (from, to) else {
            return;
        };
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            let _ended = one_way(&from, &to, is_answer, &shared);
            let _both_end = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
        });
    }
}

fn one_way(
    mut from: &TcpStream,
    mut to: &TcpStream,
    is_answer: bool,
    shared: &Shared,
) -> io::Result<()> {
    let born = shared.generation.load(Ordering::Relaxed);
    let mut bytes = vec![0; 1 << 16];
    from.set_nodelay(true)?;
    to.set_nodelay(true)?;
    from.set_read_timeout(Some(Duration::from_millis(20)))?;
    loop {
        let read = match from.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        if shared.generation.load(Ordering::Relaxed) != born {
            shared.bites.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        if read == 0 {
            continue;
        }
        let fault = *shared.fault.lock().unwrap();
        match fault {
            Fault::HalfOpen => {
                shared.bites.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            Fault::Delay(time) if is_answer => {
                shared.bites.fetch_add(1, Ordering::Relaxed);
                // Until then, or until the network is as it should be.
                let now = shared.fault.lock().unwrap();
                let late = |now: &mut Fault| *now == fault;
                drop(shared.changed.wait_timeout_while(now, time, late).unwrap());
            }
            Fault::DropAnswers(percent) if is_answer => {
                if shared.random.lock().unwrap().u64(..100) < percent {
                    shared.bites.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
            }
            Fault::None | Fault::Cut | Fault::Delay(_) | Fault::DropAnswers(_) => {}
        }
        let said = &mut bytes[..read];
        if let Some((lie, truth)) = shared
            .lie
            .lock()
            .unwrap()
            .as_ref()
            .map(|(from, to)| (to, from))
        {
            for at in 0..said.len().saturating_sub(truth.len()) {
                if said[at..].starts_with(truth) {
                    said[at..at + lie.len()].copy_from_slice(lie);
                }
            }
        }
        to.write_all(said)?;
    }
}
