//! Completions are loaded by their shells, and the pages of the manual are formatted without a complaint.

use std::{fs, path::Path, process::Command};

use crate::support::{
    program::{PROGRAM, run},
    tools::tool,
};

/// The completion of a shell, in a file.
fn script(folder: &Path, shell: &str) -> String {
    let (code, stdout, stderr) = run(&["completion", shell]);
    assert_eq!(code, 0, "{stderr}");
    let path = folder.join(format!("homeshore.{shell}"));
    fs::write(&path, stdout).unwrap();
    path.to_str().unwrap().to_owned()
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    assert_eq!(error, "", "{command:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn bash_completes_subcommands_and_flags() {
    let folder = tempfile::tempdir().unwrap();
    let script = script(folder.path(), "bash");
    for (words, expected) in [
        ("homeshore que", "queue"),
        ("homeshore agent wa", "watch"),
        ("homeshore agent list --sor", "--sort"),
        ("homeshore agent list --sort att", "attention"),
        ("homeshore completion fi", "fish"),
    ] {
        let all: Vec<&str> = words.split(' ').collect();
        let [.., before, last] = all[..] else {
            panic!("the program and a word");
        };
        let count = all.len();
        let complete = format!(
            "source {script}; COMP_WORDS=({words}); COMP_CWORD={}; f=$(complete -p homeshore | \
             sed 's/.*-F \\([^ ]*\\).*/\\1/'); $f homeshore '{last}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            count - 1
        );
        let told = said(Command::new("bash").args(["--norc", "-c", &complete]));
        assert!(
            told.lines().any(|line| line.trim() == expected),
            "{words}: {told}"
        );
    }
}

#[test]
fn zsh_and_fish_load_their_completions() {
    let folder = tempfile::tempdir().unwrap();
    let zsh = script(folder.path(), "zsh");
    said(Command::new(tool("zsh")).args(["-f", "-n", &zsh]));
    let fish = script(folder.path(), "fish");
    let ask = format!("source {fish}; complete -C 'homeshore call wat'");
    let told = said(
        Command::new(tool("fish"))
            .args(["--no-config", "-c", &ask])
            .env("HOME", folder.path()),
    );
    assert!(told.starts_with("watch"), "{told}");
}

#[test]
fn every_command_has_a_page_that_is_formatted() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("man1");
    let (code, _, stderr) = run(&["man", "--out", out.to_str().unwrap()]);
    assert_eq!(code, 0, "{stderr}");
    let pages: Vec<_> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap())
        .collect();
    assert!(
        stderr.starts_with(&format!("{} pages", pages.len())),
        "{stderr}"
    );
    for name in ["homeshore.1", "homeshore-top.1", "homeshore-agent-watch.1"] {
        assert!(out.join(name).exists(), "{name}");
    }
    for page in pages {
        let format = ["-man", "-Tutf8", "-P-cbou", "-ww", "-rLL=78n"];
        let text = said(Command::new(tool("groff")).args(format).arg(page.path()));
        assert!(
            text.contains("NAME") && text.contains("SYNOPSIS"),
            "{:?}",
            page.path()
        );
    }
    let (code, _, stderr) = run(&["man", "--out", PROGRAM]);
    assert!(code == 1 && stderr.contains(PROGRAM), "{stderr}");
}
