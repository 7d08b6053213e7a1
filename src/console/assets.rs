//! Scripts, styles and sounds of the pages: inside the program, by names that change with their content.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

/// Kept for a year: another content has another name.
const KEPT: &str = "public, max-age=31536000, immutable";
/// Bytes of the digest that a name shows.
const DIGEST_BYTES: usize = 6;

#[derive(RustEmbed)]
#[folder = "src/console/assets"]
struct Files;

/// The address of each file.
static ADDRESSES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let files = Files::iter().filter_map(|name| Some((Files::get(&name)?, name)));
    files
        .map(|(file, name)| {
            (
                name.to_string(),
                format!("/assets/{}/{name}", digest(&file)),
            )
        })
        .collect()
});

/// A text that differs between two programs with different files.
static EDITION: LazyLock<String> = LazyLock::new(|| {
    let all: Vec<&str> = ADDRESSES
        .values()
        .map(|address| &address[8..8 + 2 * DIGEST_BYTES])
        .collect();
    all.join("")
});

fn digest(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    hash[..DIGEST_BYTES]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Where a file is to be had.
///
/// # Panics
/// If the program has no such file.
pub(super) fn address(name: &str) -> &'static str {
    ADDRESSES
        .get(name)
        .expect("pages name files that are there")
}

/// A text that changes with any of the files: a page that was open before the program changed is loaded again.
pub(super) fn edition() -> &'static str {
    &EDITION
}

/// A file by its address.
pub(super) async fn file(Path((_digest, name)): Path<(String, String)>) -> Response {
    let Some(file) = Files::get(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match name.rsplit_once('.').map(|(_, end)| end) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some(_) | None => "application/octet-stream",
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEPT)];
    (headers, file.data.into_owned()).into_response()
}
