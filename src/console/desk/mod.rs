//! Agents' desks: a page with a socket behind it, over which the agent's session runs as it does for any other desktop.

mod mine;
mod orders;
mod show;
mod socket;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};

pub(super) use self::{mine::mine, socket::socket};
use super::{
    Console, assets,
    frame::{Frame, page, path},
    visitor::Visitor,
};
use crate::engine::ids::AgentId;

#[derive(Template)]
#[template(path = "console/desk/desk.html")]
struct DeskPage<'a> {
    frame: Frame<'a>,
    socket: String,
    edition: &'static str,
    mine: String,
}

/// An agent's desk, for the agent alone; others are led to where one says who one is.
pub(super) async fn desk(
    State(console): State<Console>,
    visitor: Visitor,
    Path((pool, agent)): Path<(String, String)>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    if !visitor.is_agent(&pool, &agent) {
        return Redirect::to("/").into_response();
    }
    let name = {
        let view = known.view().read();
        let row = view.agent(&AgentId::new(&agent));
        row.map(|row| row.value.profile.display_name.to_string())
    };
    let Some(name) = name else {
        return console.missing(&visitor, "missing-agent");
    };
    let w = visitor.words();
    let here = format!("/pools/{pool}/desk/{}", path(&agent));
    let name = if name.is_empty() { &agent } else { &name };
    let rendered = DeskPage {
        frame: Frame::new(&visitor, w.name("desk-title", name), None, &here),
        socket: format!("{here}/socket"),
        edition: assets::edition(),
        mine: format!("{here}/mine"),
    };
    page(rendered.render())
}
