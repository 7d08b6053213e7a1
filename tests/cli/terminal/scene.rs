//! A pool in which something is wrong: a provider has failed, callers wait for too long, a queue is closed.

use crate::{
    cli::served::AtWork,
    support::program::{Server, done, json},
};

pub(super) const POOL: &str = "\
not_ready_reasons = [\"break\"]

[[queues]]
id = \"billing\"
target = \"20s\"
[[queues.rings]]
after = \"0s\"
skills = { billing = 1 }

[[queues]]
id = \"retention\"
target = \"15s\"
[[queues.rings]]
after = \"0s\"
skills = { retention = 1 }

[[queues]]
id = \"technical\"
target = \"30s\"
[[queues.rings]]
after = \"0s\"
skills = { technical = 1 }
";
const AGENTS: &str = "\
id,display_name,skills,site,site_kind,region,provider,address,team,employer
abena,Abena,billing:3|english:4,home-abena,home,north,fibrenet,sip:abena@coastline.example,red,Coastline
bruno,Bruno,technical:4|english:3,telecentre-harbour,telecentre,harbour,fibrenet,sip:bruno@coastline.example,blue,Coastline
chen,Chen,billing:2|english:5,home-chen,home,islands,coastcable,sip:chen@coastline.example,red,Coastline
daria,Daria,billing:4|english:2,home-daria,home,valley,coastcable,sip:daria@coastline.example,red,Coastline
edda,Edda,billing:3|english:4,home-edda,home,valley,coastcable,sip:edda@coastline.example,green,Coastline
felix,Felix,billing:2|english:3,home-felix,home,harbour,coastcable,sip:felix@coastline.example,blue,Coastline
greta,Greta,technical:3|english:3,telecentre-harbour,telecentre,harbour,fibrenet,sip:greta@coastline.example,blue,Lighthouse
hugo,Hugo,billing:2|english:4,home-hugo,home,islands,coastcable,sip:hugo@coastline.example,green,Coastline
ines,Ines,retention:2|english:3,telecentre-harbour,telecentre,harbour,fibrenet,sip:ines@coastline.example,green,Lighthouse
";

/// A server with that pool, and those at work in it.
pub(super) struct Scene {
    pub(super) server: Server,
    _at_work: Vec<AtWork>,
}

impl Scene {
    pub(super) fn set() -> Self {
        let server = Server::with(POOL, AGENTS);
        let mut at_work = Vec::new();
        let mut works = |arguments: &[&str], words: &str| {
            let mut one = AtWork::start(&server, arguments);
            one.wait_for(words);
            at_work.push(one);
        };
        works(
            &["agent", "set", "abena", "ready", "--accept"],
            "ready, idle",
        );
        let call = [
            "call", "route", "--queue", "billing", "--talk", "1h", "--id",
        ];
        works(&[&call[..], &["k-4711"]].concat(), "connected to abena");
        let stay = ["--stay", "--reason", "break"];
        works(
            &[&["agent", "set", "bruno", "not-ready"], &stay[..]].concat(),
            "break",
        );
        works(&["agent", "set", "greta", "ready", "--stay"], "ready, idle");
        works(&["agent", "set", "ines", "ready", "--stay"], "ready, idle");
        for agent in ["chen", "daria", "edda", "felix", "hugo"] {
            done(server.run(&["agent", "set", agent, "ready"]));
        }
        let hold = [
            "agent", "hold", "greta", "--for", "300h", "--reason", "training",
        ];
        done(server.run_as_sue(&hold));
        let close = ["queue", "close", "retention", "--reason", "fire drill"];
        done(server.run_as_sue(&close));
        let waits = |id| [&call[..], &[id]].concat();
        works(&waits("k-4712"), "queued in billing");
        works(&waits("k-4713"), "queued in billing");
        Self {
            server,
            _at_work: at_work,
        }
    }

    /// The program's arguments for this server.
    pub(super) fn with<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        [&["--server", &self.server.url], arguments].concat()
    }

    /// What the program prints as JSON.
    pub(super) fn told(&self, arguments: &[&str]) -> serde_json::Value {
        json(&done(self.server.run(arguments)))
    }
}
