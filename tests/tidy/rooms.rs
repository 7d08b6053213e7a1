//! Who may import whom: the table of `ARCHITECTURE.md`.

use super::{
    Source, hold, sources, tells,
    tokens::{Token, tokens},
};

/// A room, and the rooms (or modules of a room) that it may import beside itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("engine", &["calendar", "labour", "readiness"]),
    ("calendar", &[]),
    ("labour", &["calendar"]),
    ("schedule", &["calendar", "labour"]),
    ("planning", &["calendar"]),
    ("readiness", &[]),
    ("store", &["engine::ids", "engine::record"]),
    ("pool", &["engine", "store", "clock", "config", "metrics"]),
    (
        "demand",
        &["calendar", "planning", "pool", "engine", "clock"],
    ),
    ("api", DOORS),
    (
        "peers",
        &[
            "api",
            "pool",
            "engine::ids",
            "store::shared",
            "clock",
            "metrics",
            "proto",
        ],
    ),
    (
        "console",
        &[
            "api", "pool", "schedule", "planning", "engine", "clock", "metrics", "proto",
            "calendar",
        ],
    ),
    (
        "simulation",
        &["engine", "store::memory", "planning", "pool::journal"],
    ),
    ("clock", &["engine::ids"]),
    ("config", &[]),
    ("metrics", &["calendar", "engine"]),
    ("telemetry", &["config"]),
];

/// What the rooms import that face the outside.
const DOORS: &[&str] = &[
    "pool",
    "schedule",
    "planning",
    "engine",
    "clock",
    "config",
    "metrics",
    "proto",
    "labour",
    "calendar",
    "readiness",
];

/// These may import all rooms.
const ABOVE: &[&str] = &["cli", "lib", "main"];

/// Shares no code with what it judges, nor with anything else of the house.
const APART: &str = "src/simulation/checker/";

fn check_apart(source: &Source, modules: &[String]) -> Vec<String> {
    let own = names("simulation::checker");
    let imported = imports(&source.text, modules.len()).into_iter();
    let wrong = imported.filter(|path| !path.starts_with(&own));
    wrong
        .map(|path| format!("{}: imports `{}`", source.path, path.join("::")))
        .collect()
}

fn check(source: &Source) -> Vec<String> {
    let modules = modules(&source.path);
    let Some(room) = modules.first() else {
        return Vec::new();
    };
    if ABOVE.contains(&room.as_str()) {
        return Vec::new();
    }
    let Some((_, may)) = ROOMS.iter().find(|(name, _)| name == room) else {
        return vec![format!(
            "{}: room `{room}` is not in the table",
            source.path
        )];
    };
    if source.path.starts_with(APART) {
        return check_apart(source, &modules);
    }
    let allowed = |path: &[String]| {
        path.first() == Some(room) || may.iter().any(|ok| path.starts_with(&names(ok)))
    };
    let mut wrong: Vec<String> = imports(&source.text, modules.len())
        .into_iter()
        .filter(|path| !allowed(path))
        .map(|path| path.join("::"))
        .map(|path| format!("{}: room `{room}` may not import `{path}`", source.path))
        .collect();
    wrong.dedup();
    wrong
}

fn names(path: &str) -> Vec<String> {
    path.split("::").map(str::to_owned).collect()
}

/// The modules that a file stands for: `src/pool/actor.rs` is `pool`, `actor`.
fn modules(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    let inside = inside.trim_end_matches("/mod");
    inside.split('/').map(str::to_owned).collect()
}

/// Every path in the code that begins at the crate's root, of a file that is `depth` modules deep.
fn imports(code: &str, depth: usize) -> Vec<Vec<String>> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut braces = 0;
    let mut inner = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('{') => {
                braces += 1;
                if at >= 2 && tokens[at - 2].is_word("mod") {
                    inner.push(braces);
                }
            }
            Token::Mark('}') => {
                if inner.last() == Some(&braces) {
                    inner.pop();
                }
                braces -= 1;
            }
            Token::Word(word)
                if starts_path(&tokens, at) && (word == "crate" || word == "super") =>
            {
                let ahead = from_root(&tokens[at..], depth + inner.len());
                if let Some(ahead) = ahead {
                    tree(ahead, &mut Vec::new(), &mut found);
                }
            }
            Token::Word(_) | Token::PathSep | Token::Text(_) | Token::Mark(_) => {}
        }
    }
    found
}

/// Whether a path begins here, and not in the middle of another; `$crate` is a macro's, and the same.
fn starts_path(tokens: &[Token], at: usize) -> bool {
    at == 0 || tokens[at - 1] != Token::PathSep
}

/// What follows `crate::`, or as many `super::` as lead to the crate's root.
fn from_root(tokens: &[Token], depth: usize) -> Option<&[Token]> {
    let mut rest = tokens;
    let mut ups = 0;
    while let [first, Token::PathSep, after @ ..] = rest {
        if first.is_word("crate") {
            return Some(after);
        }
        if !first.is_word("super") {
            break;
        }
        rest = after;
        ups += 1;
    }
    (ups >= depth).then_some(rest)
}

/// Reads `a::{b, c::d}` into its paths, and returns what is left.
fn tree<'t>(
    tokens: &'t [Token],
    above: &mut Vec<String>,
    found: &mut Vec<Vec<String>>,
) -> &'t [Token] {
    match tokens {
        [Token::Word(word), Token::PathSep, rest @ ..] => {
            above.push(word.clone());
            let rest = tree(rest, above, found);
            above.pop();
            rest
        }
        [Token::Mark('{'), rest @ ..] => {
            let mut rest = rest;
            while let Some(next) = rest.first() {
                if next.is_mark('}') {
                    return &rest[1..];
                }
                rest = match next {
                    Token::Mark(',') => &rest[1..],
                    Token::Word(word) if word == "as" => rest.get(2..).unwrap_or(&[]),
                    Token::Word(_) | Token::PathSep | Token::Text(_) | Token::Mark(_) => {
                        tree(rest, above, found)
                    }
                };
            }
            rest
        }
        [last, rest @ ..] => {
            let mut path = above.clone();
            if let Token::Word(word) = last {
                path.push(word.clone());
            }
            if !path.is_empty() {
                found.push(path);
            }
            rest
        }
        [] => tokens,
    }
}

#[test]
fn rooms_import_only_whom_they_may() {
    hold(&sources(&["src"]), check);
}

#[test]
fn a_forbidden_import_is_told() {
    let engine = |code| Source::new("src/engine/state.rs", code);
    let store = |code| Source::new("src/store/mod.rs", code);
    let deep = |code| Source::new("src/store/redis/keys.rs", code);
    tells(
        check,
        &[
            engine("use crate::{calendar::Zone, engine::ids::PoolId, labour};"),
            engine("use super::ids; // use crate::store;\n const A: &str = \"crate::store\";"),
            store("use crate::engine::{ids::{PoolId, PoolTime as T}, record::*};"),
            store("mod tests { use super::*; use super::super::engine::record::Record; }"),
            deep("use super::super::Lease; use super::super::super::engine::ids;"),
            Source::new("src/cli/serve.rs", "use crate::{pool, store};"),
            Source::new("src/clock.rs", "mod tests { use super::*; }"),
            Source::new("src/api/status.rs", "fn f(e: crate::pool::PoolError) {}"),
        ],
        &[
            (
                engine("use crate::store::Store;"),
                "`engine` may not import `store::Store`",
            ),
            (
                engine("use crate::{calendar, store::{self}};"),
                "`store::self`",
            ),
            (engine("fn f() { crate::clock::wall(); }"), "`clock::wall`"),
            (engine("use crate::calendars;"), "`calendars`"),
            (engine("use super::super::pool::actor;"), "`pool::actor`"),
            (
                engine("mod tests { use super::super::super::pool; }"),
                "`pool`",
            ),
            (store("use super::clock;"), "`clock`"),
            (
                store("mod a {} use super::engine::state;"),
                "`engine::state`",
            ),
            (
                store("use crate::engine::{ids, state::State};"),
                "`engine::state::State`",
            ),
            (
                deep("use super::super::super::engine::spec;"),
                "`engine::spec`",
            ),
            (
                Source::new("src/attic/mod.rs", ""),
                "room `attic` is not in the table",
            ),
        ],
    );
}
