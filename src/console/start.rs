//! The first page: who one is, in which language, and where to. Nobody is asked for a password: see [`super::visitor`].

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Console,
    frame::{Frame, page, path},
    visitor::{self, Visitor},
};
use crate::engine::ids::AgentId;

#[derive(Template)]
#[template(path = "console/pages/start.html")]
struct StartPage<'a> {
    frame: Frame<'a>,
    problem: Option<String>,
    name: &'a str,
    own_teams: String,
    pools: Vec<String>,
    chosen: &'a str,
    agent: &'a str,
}

/// The first page.
pub(super) async fn start(State(console): State<Console>, visitor: Visitor) -> Response {
    show(&console, &visitor, None)
}

fn show(console: &Console, visitor: &Visitor, problem: Option<String>) -> Response {
    let all = console.registry.all();
    let configured = all
        .iter()
        .filter(|pool| pool.view().read().spec().is_some());
    let own = visitor.agent.as_ref();
    let (chosen, agent) = own.map_or(("", ""), |(pool, agent)| (pool, agent));
    let title = visitor.words().say("start-title").into_owned();
    let rendered = StartPage {
        frame: Frame::new(visitor, title, None, "/"),
        problem,
        name: &visitor.name,
        own_teams: visitor.teams.join(", "),
        pools: configured.map(|pool| pool.id().to_string()).collect(),
        chosen,
        agent,
    };
    page(rendered.render())
}

/// Who a supervisor is.
#[derive(Deserialize)]
pub(super) struct Who {
    name: String,
    #[serde(default)]
    teams: String,
}

/// Remembers who a supervisor is.
pub(super) async fn supervisor(Form(who): Form<Who>) -> Response {
    let teams = who
        .teams
        .split(',')
        .map(str::trim)
        .filter(|team| !team.is_empty());
    let cookies = [
        visitor::set_cookie(visitor::NAME, who.name.trim()),
        visitor::set_cookie(visitor::TEAMS, &visitor::joined(teams)),
    ];
    with_cookies(&cookies, "/")
}

/// Who an agent is.
#[derive(Deserialize)]
pub(super) struct Agent {
    pool: String,
    agent: String,
}

/// Remembers which agent it is, and leads to the desk.
pub(super) async fn agent(
    State(console): State<Console>,
    visitor: Visitor,
    Form(asked): Form<Agent>,
) -> Response {
    let pool = match console.pool(&visitor, &asked.pool) {
        Ok(pool) => pool,
        Err(missing) => return missing,
    };
    let id = asked.agent.trim();
    if pool.view().read().agent(&AgentId::new(id)).is_none() {
        let problem = visitor.words().name("no-such-agent", id);
        let shown = show(&console, &visitor, Some(problem));
        return (StatusCode::UNPROCESSABLE_ENTITY, shown).into_response();
    }
    let both = visitor::joined([asked.pool.as_str(), id]);
    let cookie = visitor::set_cookie(visitor::AGENT, &both);
    with_cookies(
        &[cookie],
        &format!("/pools/{}/desk/{}", asked.pool, path(id)),
    )
}

/// How pages are to look.
#[derive(Deserialize)]
pub(super) struct Settings {
    #[serde(default)]
    language: String,
    #[serde(default)]
    theme: String,
    #[serde(default)]
    back: String,
}

/// Remembers how pages are to look.
pub(super) async fn settings(Form(asked): Form<Settings>) -> Response {
    let mut cookies = Vec::new();
    if matches!(asked.language.as_str(), "fr" | "en") {
        cookies.push(visitor::set_cookie(visitor::LANGUAGE, &asked.language));
    }
    match asked.theme.as_str() {
        theme @ ("light" | "dark") => cookies.push(visitor::set_cookie(visitor::THEME, theme)),
        "system" => cookies.push(visitor::set_cookie(visitor::THEME, "")),
        _ => {}
    }
    let own = is_own_path(&asked.back);
    with_cookies(&cookies, if own { &asked.back } else { "/" })
}

/// Whether a way back stays on this server: a path, and no name of another one.
fn is_own_path(back: &str) -> bool {
    let rest = back.strip_prefix('/');
    rest.is_some_and(|rest| !rest.starts_with(['/', '\\'])) && !back.contains(char::is_control)
}

fn with_cookies(cookies: &[String], to: &str) -> Response {
    let mut headers = HeaderMap::new();
    for cookie in cookies {
        // Their values are percent-encoded, so they are always headers' text.
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    (headers, Redirect::to(to)).into_response()
}

#[cfg(test)]
mod tests {
    use super::is_own_path;

    #[test]
    fn a_way_back_stays_on_this_server() {
        for own in ["/", "/pools/a?team=is%20x"] {
            assert!(is_own_path(own), "{own}");
        }
        for foreign in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "pools",
            "/\r\nx",
        ] {
            assert!(!is_own_path(foreign), "{foreign:?}");
        }
    }
}
