//! Who may ask for pages, and what browsers may do with them: names of this server, orders from its own pages alone, and
//! headers that leave scripts, frames and other servers out.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts,
        uri::Authority,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

/// The names under which browsers reach the console, beside addresses and `localhost`.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Arc<[String]>);

impl Names {
    /// Names separated by commas.
    pub(super) fn new(list: &str) -> Self {
        let names = list.split(',').map(|name| name.trim().to_ascii_lowercase());
        Self(names.filter(|name| !name.is_empty()).collect())
    }

    /// Whether a `Host` is one of this server's. A foreign page can point a name of its own at this machine, but no
    /// address: what it then calls its own origin is refused here.
    fn has(&self, host: &str) -> bool {
        let name = name_of(host).to_ascii_lowercase();
        let is_address = name.parse::<std::net::Ipv4Addr>().is_ok() || name.starts_with('[');
        let is_local = name == "localhost" || name.ends_with(".localhost");
        is_address || is_local || self.0.contains(&name)
    }
}

/// A `Host` without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

/// Lets a request in, or refuses it, and gives its answer the headers.
pub(super) async fn guard(State(names): State<Names>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let host = host(&parts).to_owned();
    let mut answer = match refusal(&names, &host, &parts) {
        Some((status, why)) => (status, format!("{why}\n")).into_response(),
        None => next.run(Request::from_parts(parts, body)).await,
    };
    add_headers(answer.headers_mut(), &host);
    answer
}

fn host(parts: &Parts) -> &str {
    let authority = parts.uri.authority().map(Authority::as_str);
    authority.unwrap_or_else(|| text(&parts.headers, &header::HOST))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

fn refusal(names: &Names, host: &str, parts: &Parts) -> Option<(StatusCode, &'static str)> {
    if !names.has(host) {
        let why = "this name is not one of this server's: use its address, or add the name to `server.http_names`";
        return Some((StatusCode::MISDIRECTED_REQUEST, why));
    }
    let changes = !matches!(parts.method, Method::GET | Method::HEAD);
    let opens_socket = parts.headers.contains_key(header::UPGRADE);
    if (changes || opens_socket) && !is_own(&parts.headers, host) {
        let why = "orders and sockets are taken from this server's own pages alone";
        return Some((StatusCode::FORBIDDEN, why));
    }
    None
}

/// Whether a browser says that one of this server's own pages asks. Both headers are out of reach of scripts.
fn is_own(headers: &HeaderMap, host: &str) -> bool {
    let origin = text(headers, &header::ORIGIN);
    let same_origin = || {
        let rest = origin.split_once("://").map(|(_, rest)| rest);
        rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host))
    };
    match text(headers, &HeaderName::from_static("sec-fetch-site")) {
        "same-origin" => origin.is_empty() || same_origin(),
        "" => same_origin(),
        _ => false,
    }
}

fn add_headers(headers: &mut HeaderMap, host: &str) {
    // Older browsers do not count a socket of the same server to `'self'`.
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self' ws://{host} wss://{host}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        // Without a referrer at all, browsers would not say of a form where it comes from.
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(self)",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    // A host that is no header's text was refused; its answer is text that runs nothing.
    let policy = HeaderValue::try_from(policy);
    let policy = policy.unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    let unkept = || HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert_with(unkept);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_no_hosts_of_this_server() {
        let names = Names::new("board.example.org, Wall.Example.org");
        for host in [
            "127.0.0.1:8080",
            "127.0.0.1",
            "[::1]:8080",
            "[::1]",
            "localhost",
            "LOCALHOST:1",
            "a.localhost:80",
            "board.example.org",
            "wall.example.org:443",
        ] {
            assert!(names.has(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "board.example.org.evil.example",
            "127.0.0.1.evil.example:8080",
            "localhost.evil",
        ] {
            assert!(!names.has(host), "{host}");
        }
    }

    #[test]
    fn only_own_pages_give_orders() {
        let host = "127.0.0.1:8080";
        let asked = |site: &str, origin: &str| {
            let mut headers = HeaderMap::new();
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if !value.is_empty() {
                    headers.insert(
                        HeaderName::from_static(name),
                        value.parse().expect("a header"),
                    );
                }
            }
            is_own(&headers, host)
        };
        assert!(asked("same-origin", "http://127.0.0.1:8080"));
        assert!(asked("same-origin", ""));
        assert!(asked("", "http://127.0.0.1:8080"));
        for (site, origin) in [
            ("", ""),
            ("", "null"),
            ("", "http://127.0.0.1:8081"),
            ("", "http://evil.example"),
            ("cross-site", "http://127.0.0.1:8080"),
            ("same-site", "http://127.0.0.1:9090"),
            ("none", "http://127.0.0.1:8080"),
            ("same-origin", "http://evil.example"),
        ] {
            assert!(!asked(site, origin), "{site} {origin}");
        }
    }
}
