//! `agent watch`: the agents as they change, on the whole terminal or a line for each change.

use std::collections::BTreeMap;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        Common,
        board::{
            agents::Filter,
            picture::{Look, Part},
            words::{clock_face, span, state_with_reason},
        },
        interrupt::Interrupts,
        json, out,
        screen::{self, Show},
        text::Word,
        top::Top,
    },
    proto::v1::Agent,
};

pub(super) const HELP: &str = "\
On a terminal the agents who need somebody come first, with the keys of `top`. Into a pipe or a file, and of one agent, there is \
a line for each change: first of everybody as it is, then of who changes. Ctrl-C ends it. Who is no longer among those asked for \
gets a last line.

Examples:
  homeshore agent watch
  homeshore agent watch ann
  homeshore agent watch --team red --state not_ready
  homeshore agent watch --json | jq -r .agent.status.state

With --json a line for each change: {\"as_of\", \"id\", \"agent\": as in `agent show --json`, without address; null once it is gone}.";

/// Arguments of `agent watch`.
#[derive(Debug, Args)]
pub(in crate::cli) struct WatchArgs {
    /// Only this agent, a line for each change.
    #[arg(conflicts_with_all = ["team", "state", "queue", "site", "site_kind", "employer"])]
    id: Option<String>,
    #[command(flatten)]
    filter: Filter,
}

/// Runs `agent watch`.
pub(super) async fn run(common: &Common, args: WatchArgs) -> anyhow::Result<()> {
    let look = Look {
        part: Part::Agents,
        on_agents: true,
        scope: args.filter.clone(),
        ..Look::default()
    };
    let mut top = Top::open(common, look).await?;
    if args.id.is_none() && !common.json && screen::is_terminal() {
        return screen::run(&mut top, screen::wants_colour()).await;
    }
    let mut told = Told {
        json: common.json,
        id: args.id,
        filter: args.filter,
        known: BTreeMap::new(),
    };
    let mut interrupts = Interrupts::listen()?;
    let mut heard = true;
    loop {
        tokio::select! {
            news = top.news() => news?,
            _ = interrupts.next() => return Ok(()),
        }
        match (&top.board.stale, heard) {
            (Some(stale), true) => out::say(&format!("not heard: {}; trying again", stale.why)),
            (None, false) => out::say("heard again"),
            (Some(_), false) | (None, true) => {}
        }
        heard = top.board.stale.is_none();
        if top.board.is_whole() && heard {
            told.tell(&top)?;
        }
    }
}

/// What was told of each agent.
struct Told {
    json: bool,
    id: Option<String>,
    filter: Filter,
    known: BTreeMap<String, u64>,
}

impl Told {
    fn tell(&mut self, top: &Top) -> anyhow::Result<()> {
        let agents = &top.board.agents;
        if let Some(id) = &self.id
            && !agents.contains_key(id)
            && !self.known.contains_key(id)
        {
            bail!("agent `{id}` is not in this pool: see `homeshore agent list`");
        }
        let asked_for = self.id.clone();
        let is_meant = |id: &str| asked_for.as_deref().is_none_or(|asked| asked == id);
        for agent in agents.values().filter(|agent| is_meant(&agent.id)) {
            let change = agent.status.as_ref().map_or(0, |s| s.change_number);
            let fits = self.filter.lets(agent);
            let known = self.known.get(&agent.id);
            if known.is_some_and(|known| *known != change) || (known.is_none() && fits) {
                self.print(top, &agent.id, Some(agent))?;
            }
            if fits {
                self.known.insert(agent.id.clone(), change);
            } else {
                self.known.remove(&agent.id);
            }
        }
        let gone: Vec<String> = self.known.keys().cloned().collect();
        for id in gone.iter().filter(|id| !agents.contains_key(*id)) {
            self.known.remove(id);
            self.print(top, id, None)?;
        }
        Ok(())
    }

    fn print(&self, top: &Top, id: &str, agent: Option<&Agent>) -> anyhow::Result<()> {
        let now = top.board.now_ms();
        if self.json {
            let as_of = crate::cli::text::to_timestamp(now).to_string();
            let agent = agent.map(json::agent);
            let line = json!({ "as_of": as_of, "id": id, "agent": agent });
            return out::data(&line.to_string());
        }
        let what = agent.map_or_else(|| "is gone".to_owned(), |agent| words(top, agent));
        out::data(&format!("{}  {id}  {what}", clock_face(now)))
    }
}

/// An agent's state in a line.
fn words(top: &Top, agent: &Agent) -> String {
    let status = agent.status.clone().unwrap_or_default();
    let mut words = vec![state_with_reason(agent)];
    match (&*status.call_id, &*status.queue) {
        ("", _) => {}
        (call, "") => words.push(format!("call {call}")),
        (call, queue) => words.push(format!("call {call} of {queue}")),
    }
    if let Some(since) = &status.since {
        words.push(format!("for {}", span(top.board.age_ms(since))));
    }
    words.push(format!("line {}", status.line().word()));
    let kept = crate::cli::board::agents::kept_by(&top.board, &status);
    words.extend((!kept.is_empty()).then_some(kept));
    words.join(", ")
}
