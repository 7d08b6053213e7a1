//! The five scripts of a pool, and one that says who is there. Each is safe to repeat, checks everything before its first write, and answers with a word and Redis'
//! time; a server that forgot them (restart, failover, SCRIPT FLUSH) is given their text again.

use std::sync::LazyLock;

use redis::Cmd;

/// A script and its digest.
#[derive(Debug)]
pub(super) struct Script {
    text: &'static str,
    digest: LazyLock<String>,
}

macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {$(
        $(#[$doc])*
        pub(super) static $name: Script = Script {
            text: include_str!($file),
            digest: LazyLock::new(|| redis::Script::new(include_str!($file)).get_hash().to_owned()),
        };
    )*};
}

scripts! {
    /// Takes a pool.
    ACQUIRE = "scripts/acquire.lua";
    /// Applies a batch.
    COMMIT = "scripts/commit.lua";
    /// Extends a lease.
    RENEW = "scripts/renew.lua";
    /// Hands a pool over, or gives it back.
    TRANSFER = "scripts/transfer.lua";
    /// Switches to a state that was written anew.
    FLIP = "scripts/flip.lua";
    /// Says that a process is there, and who else is.
    PRESENT = "scripts/present.lua";
}

impl Script {
    /// The call by digest.
    pub(super) fn by_digest(&self, keys: &[String], arguments: &[&[u8]]) -> Cmd {
        command("EVALSHA", &self.digest, keys, arguments)
    }

    /// The call by text, which the server keeps.
    pub(super) fn by_text(&self, keys: &[String], arguments: &[&[u8]]) -> Cmd {
        command("EVAL", self.text, keys, arguments)
    }
}

fn command(name: &str, script: &str, keys: &[String], arguments: &[&[u8]]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(keys.len());
    for key in keys {
        command.arg(key);
    }
    for argument in arguments {
        command.arg(*argument);
    }
    command
}
