//! Who visits a page. Nobody is asked for a password yet: people say who they are, and cookies remember it. Whoever brings
//! real authentication replaces [`Visitor::of`] and the page that sets these cookies; nothing else knows of them.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::words::{Language, Words};

/// Cookies, each with what it remembers.
pub(super) const NAME: &str = "homeshore-name";
pub(super) const AGENT: &str = "homeshore-agent";
pub(super) const TEAMS: &str = "homeshore-teams";
pub(super) const LANGUAGE: &str = "homeshore-language";
pub(super) const THEME: &str = "homeshore-theme";
/// Separates teams in their cookie; no name holds it.
const BETWEEN: char = '\n';
/// A cookie lasts this long: a working day is shorter.
const KEPT_S: u32 = 16 * 3_600;
/// A supervisor who gave no name.
const NOBODY: &str = "supervisor";

/// Who visits a page, and how it is to look.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    /// The supervisor's name, recorded with each order.
    pub(super) name: String,
    /// The pool and the agent that the visitor signed in as.
    pub(super) agent: Option<(String, String)>,
    /// The supervisor's own teams; none means all.
    pub(super) teams: Vec<String>,
    /// The language of the pages.
    pub(super) language: Language,
    /// `light` or `dark`; empty leaves it to the browser.
    pub(super) theme: &'static str,
}

impl Visitor {
    /// Who the headers of a request say it is.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        let language = cookie(headers, LANGUAGE).and_then(|tag| Language::of_tag(&tag));
        let agent = cookie(headers, AGENT);
        let name = cookie(headers, NAME).filter(|name| !name.trim().is_empty());
        Self {
            name: name.unwrap_or_else(|| NOBODY.to_owned()),
            agent: agent.and_then(|both| {
                let (pool, agent) = both.split_once(BETWEEN)?;
                Some((pool.to_owned(), agent.to_owned()))
            }),
            teams: cookie(headers, TEAMS).map_or_else(Vec::new, |teams| split(&teams)),
            language: language
                .or_else(|| accepted.and_then(Language::of_accepted))
                .unwrap_or_default(),
            theme: match cookie(headers, THEME).as_deref() {
                Some("light") => "light",
                Some("dark") => "dark",
                Some(_) | None => "",
            },
        }
    }

    /// The messages in the visitor's language.
    pub(super) fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// Whether the visitor signed in as this agent.
    pub(super) fn is_agent(&self, pool: &str, agent: &str) -> bool {
        let own = self.agent.as_ref();
        own.is_some_and(|(its_pool, its_id)| its_pool == pool && its_id == agent)
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

fn split(teams: &str) -> Vec<String> {
    let teams = teams.split(BETWEEN).filter(|team| !team.is_empty());
    teams.map(ToOwned::to_owned).collect()
}

/// Several values as one.
pub(super) fn joined<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let values: Vec<&str> = values.into_iter().collect();
    values.join(&BETWEEN.to_string())
}

/// What sets a cookie; an empty value takes it away.
pub(super) fn set_cookie(name: &str, value: &str) -> String {
    let lasts = if value.is_empty() { 0 } else { KEPT_S };
    let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={lasts}")
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter();
    let texts = all.filter_map(|value| value.to_str().ok());
    let mut pairs = texts
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(given, _)| *given == name)?;
    let value = percent_decode_str(value).decode_utf8().ok()?;
    Some(value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(cookies: &str, accepted: &str) -> Visitor {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookies.parse().expect("a header"));
        headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().expect("a header"));
        Visitor::of(&headers)
    }

    #[test]
    fn a_visitor_is_who_the_cookies_say() {
        let name = "Zoé <b>;=,\u{202e}";
        let teams = joined(["red", "blue; b"]);
        let agent = joined(["default", "ann\u{e9}"]);
        let pairs = [
            (NAME, name),
            (TEAMS, &teams),
            (AGENT, &agent),
            (THEME, "dark"),
            (LANGUAGE, "fr"),
        ];
        let set = pairs.map(|(key, value)| {
            let cookie = set_cookie(key, value);
            assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
            cookie.split(';').next().unwrap_or_default().to_owned()
        });
        let seen = visitor(&set.join("; "), "en");
        assert_eq!(seen.name, name);
        assert_eq!(seen.teams, ["red", "blue; b"]);
        assert!(seen.is_agent("default", "ann\u{e9}"));
        assert!(!seen.is_agent("other", "ann\u{e9}"));
        assert_eq!((seen.theme, seen.language), ("dark", Language::French));
    }

    #[test]
    fn without_cookies_the_browser_says_the_language() {
        for (accepted, expected) in [
            ("fr-FR,fr;q=0.9,en;q=0.8", Language::French),
            ("de,en-GB;q=0.7", Language::English),
            ("de", Language::English),
            ("", Language::English),
        ] {
            let seen = visitor("other=1; broken", accepted);
            assert_eq!(seen.language, expected, "{accepted}");
            assert_eq!((seen.name.as_str(), seen.theme), (NOBODY, ""));
            assert!(seen.teams.is_empty() && seen.agent.is_none());
        }
    }
}
