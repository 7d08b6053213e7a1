//! A board in parts: each has an id and its HTML, so that a browser is sent only those that changed.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;

use super::{
    alerts::{self, sign},
    curve::Curve,
    filter::{Filter, PAGE},
    lines::{self, QueueLine, SiteLine},
    picture::{ByName, Picture, StateCounts},
};
use crate::{
    console::{
        figures::{self, percent, span},
        frame::path,
        words::Words,
    },
    engine::{
        agent::{AbsenceKind, Intent},
        alarm::{Alarm, Thresholds},
        numbers::AgentState,
        profile::SiteKind,
        view::AgentView,
    },
};

/// So many workplaces are listed.
const SITES_MAX: usize = 200;

/// A board as it is now.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    /// The HTML of each part, with its marks for lengths of time that go on.
    pub(super) html: BTreeMap<String, Arc<str>>,
    /// The order of the parts of each list.
    pub(super) lists: BTreeMap<&'static str, Vec<String>>,
}

/// What boards in one language about one pool have in common.
pub(super) struct Drawing<'a> {
    pub(super) pool: &'a str,
    pub(super) w: &'static Words,
    pub(super) picture: &'a Picture,
    pub(super) thresholds: &'a Thresholds,
    pub(super) curve: &'a Curve,
}

/// The states that boards show, those that take calls first.
pub(super) const STATES: [AgentState; 8] = [
    AgentState::Available,
    AgentState::Offered,
    AgentState::Connected,
    AgentState::WrapUp,
    AgentState::NotReady,
    AgentState::Unreachable,
    AgentState::External,
    AgentState::Offline,
];

#[derive(Template)]
#[template(path = "console/board/queue.html")]
struct QueueRow<'a> {
    line: &'a QueueLine,
    id: &'a str,
    href: String,
    sign: String,
    halted: Option<String>,
    opening: Option<String>,
    longest: String,
    estimate: String,
    today: String,
    recent: String,
    target: String,
}

#[derive(Template)]
#[template(path = "console/board/agent.html")]
struct AgentRow<'a> {
    id: &'a str,
    href: String,
    name: &'a str,
    state: &'static str,
    state_word: String,
    reason: String,
    line: String,
    notes: String,
    queue: &'a str,
    team: &'a str,
    site: String,
}

#[derive(Template)]
#[template(path = "console/board/site.html")]
struct SiteRow<'a> {
    w: &'a Words,
    id: &'a str,
    href: Option<String>,
    site: &'a str,
    homes: String,
    drained: bool,
    kind: String,
    region: &'a str,
    counts: StateCounts,
}

struct Tile {
    class: &'static str,
    title: String,
    tip: String,
    value: String,
}

#[derive(Template)]
#[template(path = "console/board/tiles.html")]
struct Tiles {
    tiles: Vec<Tile>,
}

#[derive(Template)]
#[template(path = "console/board/states.html")]
#[expect(clippy::struct_field_names, reason = "the template's word")]
struct States<'a> {
    w: &'a Words,
    states: Vec<(&'static str, String)>,
    rows: Vec<(String, StateCounts)>,
    all: StateCounts,
}

#[derive(Template)]
#[template(path = "console/board/pager.html")]
struct Pager<'a> {
    w: &'a Words,
    shown: String,
    before: Option<String>,
    next: Option<String>,
}

impl Drawing<'_> {
    /// What boards with any filter have in common.
    pub(super) fn common(&self) -> askama::Result<Parts> {
        let mut parts = Parts::default();
        let queues = QueueLine::all(self.picture, self.thresholds);
        let mut one = |id: &str, html: String| parts.html.insert(id.to_owned(), html.into());
        one(
            "alerts",
            alerts::html(self.picture, &queues, self.pool, self.w)?,
        );
        one("tiles", self.tiles()?);
        one("states", self.states()?);
        one("curve", self.curve.html(self.picture.now, self.w)?);
        for line in &queues {
            let id = format!("q:{}", path(line.id.as_str()));
            let html = self.queue(line, &id)?;
            parts.add("queues", id, html);
        }
        for line in self.sites().iter().take(SITES_MAX) {
            let (id, html) = self.site(line)?;
            parts.add("sites", id, html);
        }
        Ok(parts)
    }

    /// All parts of a board: those in common, and the agents of its filter.
    pub(super) fn parts(&self, common: &Parts, filter: &Filter) -> askama::Result<Parts> {
        let mut parts = common.clone();
        self.agents(filter, &mut parts)?;
        Ok(parts)
    }

    fn sites(&self) -> Vec<SiteLine> {
        SiteLine::all(self.picture)
    }

    fn queue(&self, line: &QueueLine, id: &str) -> askama::Result<String> {
        let language = self.w.language();
        let sign = sign(line.alarm);
        let said = self.w.of("alarm", line.alarm.label());
        let longest = line.calls.longest_wait_since.map(figures::since);
        let level = |share, alarm| {
            let mark = if alarm > Alarm::Fine { "▼ " } else { "" };
            format!("{mark}{}", percent(share, language))
        };
        QueueRow {
            line,
            id,
            href: format!("/pools/{}/queues/{}", self.pool, path(line.id.as_str())),
            sign: if line.alarm > Alarm::Fine {
                format!("<span class=\"sign\" aria-hidden=\"true\">{sign}</span> <span class=\"vh\">{said} </span>")
            } else {
                String::new()
            },
            halted: line.halt.as_ref().map(|halt| self.w.of("halt", halt.kind.label())),
            opening: figures::served((line.opening, line.peak_until), self.picture.now, self.w),
            longest: longest.unwrap_or_else(|| "–".to_owned()),
            estimate: line.estimate_ms.map_or_else(|| "?".to_owned(), |ms| span(ms, language)),
            today: level(line.level_today, line.today_alarm),
            recent: level(line.level_recent, line.recent_alarm),
            target: span(line.target_ms, language),
        }
        .render()
    }

    fn tiles(&self) -> askama::Result<String> {
        let (w, numbers) = (self.w, &self.picture.numbers);
        let (calls, today) = (&numbers.calls, &numbers.today);
        let tile = |key: &str, value: String| Tile {
            class: "tile",
            title: w.say(key).into_owned(),
            tip: w.say(&format!("{key}-tip")).into_owned(),
            value,
        };
        let longest = calls
            .longest_wait_since
            .map_or_else(|| "–".to_owned(), figures::since);
        let available = numbers.agents.get(AgentState::Available);
        Tiles {
            tiles: vec![
                tile("waiting", calls.waiting.to_string()),
                tile("longest", longest),
                tile("level-today", percent(today.sl_offered(), w.language())),
                tile("answered", today.answered.to_string()),
                tile("abandoned", today.abandoned.to_string()),
                tile("diverted", today.diverted.to_string()),
                tile("talking", calls.connected.to_string()),
                tile("available", available.to_string()),
            ],
        }
        .render()
    }

    fn states(&self) -> askama::Result<String> {
        let rows = lines::states(self.picture);
        let mut all = StateCounts::default();
        for (_, counts) in &rows {
            for (sum, count) in all.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        let kind = |kind: SiteKind| self.w.of("kind", kind.label());
        let word = |state: AgentState| (state.label(), self.w.of("state", state.label()));
        States {
            w: self.w,
            states: STATES.map(word).to_vec(),
            rows: rows
                .into_iter()
                .map(|(of, counts)| (kind(of), in_order(&counts)))
                .collect(),
            all: in_order(&all),
        }
        .render()
    }

    fn site(&self, line: &SiteLine) -> askama::Result<(String, String)> {
        let place = &line.workplace;
        let is_home = place.kind == SiteKind::Home;
        let id = format!(
            "s:{}:{}:{}",
            place.kind.label(),
            path(&place.region),
            path(&place.site)
        );
        let html = SiteRow {
            w: self.w,
            id: &id,
            href: (!is_home).then(|| format!("/pools/{}/sites/{}", self.pool, path(&place.site))),
            site: &place.site,
            homes: self.w.say("homes").into_owned(),
            drained: line.is_drained,
            kind: self.w.of("kind", place.kind.label()),
            region: &place.region,
            counts: in_order(&line.counts),
        }
        .render()?;
        Ok((id, html))
    }

    fn agents(&self, filter: &Filter, parts: &mut Parts) -> askama::Result<()> {
        let all = filter.agents(self.picture);
        let first = filter.page.saturating_mul(PAGE);
        let mut count = 0;
        for (place, agent) in all {
            if (first..first + PAGE).contains(&count) {
                let id = format!("a:{}", path(place.1.as_str()));
                let html = self.agent(place, agent, &id)?;
                parts.add("agents", id, html);
            }
            count += 1;
        }
        let last = count.min(first + PAGE);
        let facts = [
            ("first", count.min(first + 1).to_string()),
            ("last", last.to_string()),
            ("all", count.to_string()),
        ];
        let facts: Vec<(&str, &str)> = facts
            .iter()
            .map(|(key, text)| (*key, text.as_str()))
            .collect();
        let href = |page: usize| format!("/pools/{}{}#h-agents", self.pool, filter.query(page));
        let pager = Pager {
            w: self.w,
            shown: self.w.with("agents-shown", &facts),
            before: filter.page.checked_sub(1).map(href),
            next: (last < count).then(|| href(filter.page + 1)),
        };
        parts
            .html
            .insert("pager".to_owned(), pager.render()?.into());
        Ok(())
    }

    fn agent(&self, place: &ByName, agent: &AgentView, id: &str) -> askama::Result<String> {
        let (w, profile) = (self.w, &agent.profile);
        let state = AgentState::of(agent);
        let reason = match &agent.intent {
            Intent::NotReady(reason) if state == AgentState::NotReady => w.of("reason", reason),
            Intent::NotReady(_) | Intent::Offline | Intent::Ready => String::new(),
        };
        AgentRow {
            id,
            href: format!("/pools/{}/agents/{}", self.pool, path(profile.id.as_str())),
            name: if place.0.is_empty() {
                profile.id.as_str()
            } else {
                &place.0
            },
            state: state.label(),
            state_word: w.of("state", state.label()),
            reason,
            line: w.of("line", agent.line.label()),
            notes: notes(agent, self.picture, w),
            queue: agent.queue.as_ref().map_or("", |queue| queue.as_str()),
            team: &profile.team,
            site: if profile.site.kind == SiteKind::Home {
                w.of("kind", profile.site.kind.label())
            } else {
                profile.site.id.to_string()
            },
        }
        .render()
    }
}

/// Counts in the order of [`STATES`].
pub(super) fn in_order(counts: &StateCounts) -> StateCounts {
    STATES.map(|state| counts[state as usize])
}

/// What else is to be known of an agent: what keeps calls away, what the agent said, what comes next.
fn notes(agent: &AgentView, picture: &Picture, w: &Words) -> String {
    let until = |until| w.name("until", &figures::moment(until, picture.now));
    let mut notes: Vec<String> = agent
        .blocked
        .iter()
        .map(|block| {
            let until = block.until.map(|at| format!(" {}", until(at)));
            format!(
                "{}{}",
                w.of("why", block.reason.label()),
                until.unwrap_or_default()
            )
        })
        .collect();
    if let Some(absence) = &agent.absence {
        let kind = match absence.kind {
            AbsenceKind::Late => "late-short",
            AbsenceKind::Unwell => "unwell-short",
        };
        notes.push(format!("{} {}", w.say(kind), until(absence.until)));
    }
    if let Some(next) = &agent.next_intent {
        notes.push(w.name("next-is", &intent(next, w)));
    }
    if agent.draining {
        notes.push(w.say("leaving").into_owned());
    }
    notes.join(" · ")
}

/// An intent in words.
pub(in crate::console) fn intent(intent: &Intent, w: &Words) -> String {
    match intent {
        Intent::Offline => w.say("intent-offline").into_owned(),
        Intent::Ready => w.say("intent-ready").into_owned(),
        Intent::NotReady(reason) => {
            format!("{} ({})", w.say("intent-not-ready"), w.of("reason", reason))
        }
    }
}

impl Parts {
    fn add(&mut self, list: &'static str, id: String, html: String) {
        self.html.insert(id.clone(), html.into());
        self.lists.entry(list).or_default().push(id);
    }

    /// A part, as it is in a page.
    pub(super) fn part(&self, id: &str) -> &str {
        self.html.get(id).map_or("", |html| html)
    }

    /// The parts of a list, as they are in a page.
    pub(super) fn list(&self, name: &str) -> String {
        let ids = self.lists.get(name).into_iter().flatten();
        ids.map(|id| self.part(id)).collect()
    }
}
