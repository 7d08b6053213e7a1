//! Ctrl-C, and its kin: the user, or whoever started the program, wants it to end.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears of Ctrl-C, SIGTERM and a closed terminal from the moment it is made.
pub(super) struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Interrupts {
    /// Begins to listen; from now on these signals no longer end the program by themselves.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one; answers what it was.
    pub(super) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "interrupted",
            _ = self.terminate.recv() => "ended by SIGTERM",
            _ = self.hang_up.recv() => "ended by SIGHUP",
        }
    }
}
