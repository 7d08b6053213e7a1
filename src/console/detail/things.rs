//! Queues, sites and teams by themselves.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};

use super::{After, Cell, Facts, Table, Thing, forms, show};
use crate::{
    console::{
        Console,
        board::Picture,
        figures::{self, moment, percent, span},
        frame::path,
        visitor::Visitor,
        words::Words,
    },
    engine::{
        ids::{PoolTime, QueueId},
        numbers::AgentState,
        view::AgentView,
    },
    pool::rows::QueueRow,
};

/// So many agents of a site or a team are listed.
const AGENTS_MAX: usize = 500;

/// A queue: its numbers, and whether it takes calls.
pub(in crate::console) async fn queue(
    State(console): State<Console>,
    visitor: Visitor,
    Path((pool, queue)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let w = visitor.words();
    let found = {
        let view = known.view().read();
        let now = view.now();
        let row = view.queue(&QueueId::new(&queue));
        row.map(|row| {
            (
                facts_of_queue(row, now, w),
                now,
                row.queue.state.halt.is_some(),
            )
        })
    };
    let Some((facts, now, is_halted)) = found else {
        return console.missing(&visitor, "missing-queue");
    };
    let calls = vec![vec![Cell::link(
        w.say("calls-of-queue"),
        format!("/pools/{pool}/calls?queue={}", path(&queue)),
    )]];
    show(
        &visitor,
        &pool,
        &after,
        Thing {
            title: w.name("queue-title", &queue),
            back: format!("/pools/{pool}/queues/{}", path(&queue)),
            about: &queue,
            now,
            sentence: String::new(),
            facts,
            tables: vec![Table {
                title: w.say("nav-calls").into_owned(),
                none: String::new(),
                columns: vec![w.say("where").into_owned()],
                rows: calls,
            }],
            forms: forms::of_queue(is_halted, w),
        },
    )
}

fn facts_of_queue(row: &QueueRow, now: PoolTime, w: &Words) -> Facts {
    let queue = &row.queue;
    let numbers = queue.numbers(now);
    let (calls, today, language) = (numbers.calls, numbers.today, w.language());
    let mut facts = Vec::new();
    let mut fact = |key: &str, value: String| facts.push((w.say(key).into_owned(), value));
    if let Some(halt) = &queue.state.halt {
        let until = halt.until.map_or_else(
            || w.say("until-resumed").into_owned(),
            |until| w.name("until", &moment(until, now)),
        );
        let words = [
            ("reason", &*halt.reason),
            ("who", &*halt.supervisor),
            ("until", &until),
        ];
        fact(
            "takes-calls",
            format!(
                "{}: {}",
                w.of("halt", halt.kind.label()),
                w.with("halt-fact", &words)
            ),
        );
    }
    if let Some(opening) = queue.state.opening {
        fact("opening", figures::opening(opening, now, w));
    }
    if let Some(peak) = queue.state.peak() {
        fact("peak", figures::peak(peak, now, w));
    }
    fact("waiting", calls.waiting.to_string());
    fact("longest", span(calls.longest_wait_ms(now), language));
    fact("target", span(queue.target_ms, language));
    for (level, share) in numbers.levels {
        fact(
            &format!("level-{}", level.replace('_', "-")),
            percent(share, language),
        );
    }
    fact("offered", today.offered.to_string());
    fact("answered", today.answered.to_string());
    fact("abandoned", today.abandoned.to_string());
    fact("diverted", today.diverted.to_string());
    fact("moved-in", today.moved_in.to_string());
    fact("moved-out", today.moved_out.to_string());
    fact("ringing", calls.offered.to_string());
    fact("talking", calls.connected.to_string());
    fact("callbacks", calls.callbacks.to_string());
    facts
}

/// A site: who works there, and whether it gets offers.
pub(in crate::console) async fn site(
    State(console): State<Console>,
    visitor: Visitor,
    Path((pool, site)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let w = visitor.words();
    let boards = console.boards.of(&known);
    let (agents, drained, now) = boards
        .look(|picture, _| {
            let agents = agents(picture, &pool, w, |agent| *agent.profile.site.id == *site);
            let drained = picture
                .drained
                .iter()
                .find(|drained| *drained.id == *site)
                .cloned();
            (agents, drained, picture.now)
        })
        .await;
    if agents.rows.is_empty() && drained.is_none() {
        return console.missing(&visitor, "missing-site");
    }
    let is_drained = drained.is_some();
    let facts = drained.map(|drained| {
        let since = moment(drained.since, now);
        let words = [
            ("reason", &*drained.reason),
            ("who", &*drained.supervisor),
            ("time", &since),
        ];
        (
            w.say("drained").into_owned(),
            w.with("drained-fact", &words),
        )
    });
    show(
        &visitor,
        &pool,
        &after,
        Thing {
            title: w.name("site-title", &site),
            back: format!("/pools/{pool}/sites/{}", path(&site)),
            about: &site,
            now,
            sentence: String::new(),
            facts: facts.into_iter().collect(),
            tables: vec![agents],
            forms: forms::of_site(is_drained, w),
        },
    )
}

/// A team: who is in it.
pub(in crate::console) async fn team(
    State(console): State<Console>,
    visitor: Visitor,
    Path((pool, team)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let w = visitor.words();
    let boards = console.boards.of(&known);
    let looked = boards.look(|picture, _| {
        let agents = agents(picture, &pool, w, |agent| *agent.profile.team == *team);
        (agents, picture.now)
    });
    let (agents, now) = looked.await;
    if agents.rows.is_empty() {
        return console.missing(&visitor, "missing-team");
    }
    show(
        &visitor,
        &pool,
        &after,
        Thing {
            title: w.name("team-title", &team),
            back: format!("/pools/{pool}/teams/{}", path(&team)),
            about: &team,
            now,
            sentence: String::new(),
            facts: Vec::new(),
            tables: vec![agents],
            forms: forms::of_team(w),
        },
    )
}

fn agents(
    picture: &Picture,
    pool: &str,
    w: &Words,
    is_there: impl Fn(&AgentView) -> bool,
) -> Table {
    let all = picture.agents.iter().filter(|(_, agent)| is_there(agent));
    let row = |((name, id), agent): (&(std::sync::Arc<str>, _), &std::sync::Arc<AgentView>)| {
        let id: &crate::engine::ids::AgentId = id;
        let shown = if name.is_empty() { id.as_str() } else { name };
        let href = format!("/pools/{pool}/agents/{}", path(id.as_str()));
        vec![
            Cell::link(shown, href),
            Cell::text(w.of("state", AgentState::of(agent).label())),
            Cell::text(w.of("line", agent.line.label())),
            Cell::text(&*agent.profile.team),
        ]
    };
    let columns = ["agent", "state", "line", "team"];
    Table {
        title: w.say("agents").into_owned(),
        none: w.say("nobody").into_owned(),
        columns: columns.map(|key| w.say(key).into_owned()).to_vec(),
        rows: all.take(AGENTS_MAX).map(row).collect(),
    }
}
