//! What every page has around its content.

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tracing::error;

use super::{
    assets,
    visitor::Visitor,
    words::{Language, Words},
};

/// What stays as it is in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A name as a part of a path.
pub(super) fn path(name: &str) -> String {
    utf8_percent_encode(name, PATH).to_string()
}

/// What is around the content of a page.
pub(super) struct Frame<'a> {
    pub(super) w: &'static Words,
    pub(super) theme: &'static str,
    pub(super) title: String,
    /// The pool that the page is about.
    pub(super) pool: Option<&'a str>,
    /// Which of the pool's pages it is.
    pub(super) here: &'static str,
    /// Where the page is, for the way back to it.
    pub(super) back: String,
    /// Class of the body.
    pub(super) look: &'static str,
}

impl<'a> Frame<'a> {
    /// Of a page for this visitor.
    pub(super) fn new(visitor: &Visitor, title: String, pool: Option<&'a str>, back: &str) -> Self {
        Self {
            w: visitor.words(),
            theme: visitor.theme,
            title,
            pool,
            here: "",
            back: back.to_owned(),
            look: "page",
        }
    }

    pub(super) fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }

    pub(super) fn path(&self, name: &str) -> String {
        path(name)
    }

    pub(super) fn languages(&self) -> [Language; 2] {
        Language::ALL
    }
}

/// A page that was rendered, or the word that it could not be.
pub(super) fn page(rendered: askama::Result<String>) -> Response {
    match rendered {
        Ok(html) => Html(html).into_response(),
        Err(problem) => {
            error!(%problem, "a page cannot be rendered");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "this page cannot be shown: report it\n",
            )
                .into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn names_in_paths_lead_nowhere_else() {
        assert_eq!(path("a/../b?c#d"), "a%2F..%2Fb%3Fc%23d");
        assert_eq!(path("é x"), "%C3%A9%20x");
    }
}
