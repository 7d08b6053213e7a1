//! Programs that tests use besides our own: `make tools` brings them.

use std::path::{Path, PathBuf};

/// Where `make tools` put the program.
///
/// # Panics
/// If it is not there, with what to do.
pub(crate) fn tool(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/tools/bin")
        .join(name);
    assert!(
        path.exists(),
        "`{name}` is not in target/tools/bin: run `make tools`"
    );
    path
}
