//! The service manager, such as systemd: it is told when the service serves, that it still works, and when it ends.

use std::{
    os::unix::{ffi::OsStrExt, net::UnixDatagram},
    path::PathBuf,
    time::Duration,
};

use tokio::time::{MissedTickBehavior, interval};
use tracing::{error, info, warn};

use super::pulse::Pulse;
use crate::config::Sources;

/// Whoever started this process and wants to hear of it; nobody where the environment names nobody.
#[derive(Debug, Default)]
pub(super) struct Manager {
    socket: Option<(UnixDatagram, PathBuf)>,
    watchdog: Option<Duration>,
}

impl Manager {
    /// Whom the environment names.
    pub(super) fn of(sources: &Sources) -> Self {
        let Some(path) = sources.variable("NOTIFY_SOCKET").map(PathBuf::from) else {
            return Self::default();
        };
        if !path.is_absolute() || path.as_os_str().as_bytes().contains(&0) {
            warn!(path = %path.display(), "NOTIFY_SOCKET is no path of a socket: nobody is told");
            return Self::default();
        }
        match UnixDatagram::unbound().and_then(|socket| {
            socket.set_nonblocking(true)?;
            Ok(socket)
        }) {
            Ok(socket) => Self {
                socket: Some((socket, path)),
                watchdog: watchdog(sources),
            },
            Err(problem) => {
                warn!(%problem, "NOTIFY_SOCKET is given, and no socket can be made: nobody is told");
                Self::default()
            }
        }
    }

    /// The service serves: every pool is open, and the ports are listened on.
    pub(super) fn ready(&self) {
        self.tell("READY=1\nSTATUS=serving");
    }

    /// The service is about to end.
    pub(super) fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=finishing what is under way");
    }

    /// Says again and again that the service works, as long as it does. Where nobody wants to hear it, it waits for ever.
    pub(super) async fn keep_watch(&self, pulse: &Pulse) {
        let Some(watchdog) = self.watchdog else {
            return std::future::pending().await;
        };
        // Two signs may be lost or late before the manager loses patience.
        let every = watchdog / 3;
        let mut period = interval(every);
        period.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut worked = true;
        loop {
            period.tick().await;
            match pulse.feel(every).await {
                Ok(()) => {
                    self.tell("WATCHDOG=1");
                    if !worked {
                        info!("the service works again");
                        self.tell("STATUS=serving");
                    }
                    worked = true;
                }
                Err(problem) => {
                    if worked {
                        error!(%problem, "the service does not work: the manager is not told that it does");
                        self.tell(&format!("STATUS=does not work: {problem}"));
                    }
                    worked = false;
                }
            }
        }
    }

    fn tell(&self, state: &str) {
        if let Some((socket, path)) = &self.socket
            && let Err(problem) = socket.send_to(state.as_bytes(), path)
        {
            warn!(%problem, path = %path.display(), "the service manager cannot be told");
        }
    }
}

/// How often the manager wants a sign of life, if it wants one of this very process.
fn watchdog(sources: &Sources) -> Option<Duration> {
    let own = std::process::id().to_string();
    let pid = sources.variable("WATCHDOG_PID");
    if pid.is_some_and(|pid| *pid != *own) {
        return None;
    }
    let micros = sources.variable("WATCHDOG_USEC")?.to_str()?.parse().ok()?;
    Some(Duration::from_micros(micros)).filter(|watchdog| !watchdog.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Sources {
        let variables = variables.iter();
        Sources {
            variables: variables.map(|(k, v)| (k.into(), v.into())).collect(),
            ..Sources::default()
        }
    }

    #[test]
    fn a_watchdog_is_of_the_process_that_it_names() {
        let usec = ("WATCHDOG_USEC", "30000000");
        let half_a_minute = Some(Duration::from_secs(30));
        assert_eq!(watchdog(&environment(&[usec])), half_a_minute);
        let own = std::process::id().to_string();
        let named = environment(&[usec, ("WATCHDOG_PID", &own)]);
        assert_eq!(watchdog(&named), half_a_minute);
        let other = environment(&[usec, ("WATCHDOG_PID", "1")]);
        assert_eq!(watchdog(&other), None);
        for wrong in ["", "0", "soon", "-1"] {
            assert_eq!(watchdog(&environment(&[("WATCHDOG_USEC", wrong)])), None);
        }
    }

    #[test]
    fn without_a_socket_nobody_is_told() {
        for variables in [
            &[][..],
            &[("NOTIFY_SOCKET", "")],
            &[("NOTIFY_SOCKET", "@x")],
        ] {
            let manager = Manager::of(&environment(variables));
            assert!(manager.socket.is_none());
            manager.ready();
        }
    }
}
