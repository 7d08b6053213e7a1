//! A terminal with the program in it: a pane of a tmux of its own, whose text can be read and whose keys can be pressed.

use std::{path::PathBuf, process::Command};

use homeshore::clock;
use tempfile::TempDir;

use crate::support::{LIMIT, program::PROGRAM, tools::tool};

/// A pane; its tmux ends with it.
pub(super) struct Pane {
    folder: TempDir,
}

impl Pane {
    /// A terminal of this size in which a shell says `before`, runs the program, and says how it ended.
    pub(super) fn run(size: (usize, usize), variables: &[&str], arguments: &[&str]) -> Self {
        let pane = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let quoted = arguments.iter().map(|word| format!("'{word}'"));
        let arguments = quoted.collect::<Vec<_>>().join(" ");
        let pid = pane.pid_file();
        let program = format!(
            "echo \\$\\$ > {}; exec {PROGRAM} {arguments}",
            pid.display()
        );
        let script = format!(
            "stty -g | cksum; echo before; sh -c \"{program}\"; echo \"ended with $?\"; stty -g | cksum; exec cat"
        );
        let (width, height) = (size.0.to_string(), size.1.to_string());
        let mut words = vec![
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            &width,
            "-y",
            &height,
        ];
        words.extend(["-e", "XDG_CONFIG_HOME=/nowhere"]);
        for variable in variables {
            words.extend(["-e", variable]);
        }
        words.push(&script);
        pane.tmux(&words);
        pane
    }

    fn pid_file(&self) -> PathBuf {
        self.folder.path().join("pid")
    }

    /// The process id of the program.
    pub(super) fn pid(&self) -> i32 {
        let text = std::fs::read_to_string(self.pid_file()).unwrap();
        text.trim().parse().unwrap()
    }

    fn tmux(&self, words: &[&str]) -> String {
        let output = Command::new(tool("tmux"))
            .arg("-S")
            .arg(self.folder.path().join("socket"))
            .arg("-u")
            .args(words)
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .env_remove("TMUX")
            .env_remove("NO_COLOR")
            .env_remove("HOMESHORE_CONTEXT")
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tmux {words:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What is on the screen.
    pub(super) fn text(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// The same with the terminal's colours.
    pub(super) fn coloured(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-e"])
    }

    /// A fact of the pane, such as `cursor_flag`.
    pub(super) fn fact(&self, name: &str) -> String {
        let format = format!("#{{{name}}}");
        let told = self.tmux(&["display-message", "-p", &format]);
        told.trim().to_owned()
    }

    /// Presses keys, by tmux's names of them.
    pub(super) fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// Makes the terminal another size.
    pub(super) fn resize(&self, width: usize, height: usize) {
        let (width, height) = (width.to_string(), height.to_string());
        self.tmux(&["resize-window", "-x", &width, "-y", &height]);
    }

    /// Waits until the screen is as wanted, and answers its text.
    pub(super) fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = clock::instant() + LIMIT * 3;
        loop {
            let text = self.text();
            // Seen twice: while it is drawn, a screen is neither the old one nor the new.
            if wanted(&text) && self.text() == text {
                return text;
            }
            assert!(clock::instant() < deadline, "no {what} in\n{text}");
        }
    }

    /// Waits until the words are on the screen.
    pub(super) fn wait_for(&self, words: &str) -> String {
        self.until(words, |text| text.contains(words))
    }

    /// Waits until the program has ended so, and the terminal is as it was before.
    pub(super) fn is_left(&self, ended: &str) {
        let text = self.until(ended, |text| {
            text.contains(ended) && text.trim_end().lines().count() >= 4
        });
        let lines: Vec<&str> = text.trim_end().lines().collect();
        assert_eq!(lines[1..3], ["before", ended], "{text}");
        assert_eq!(lines[0], lines[3], "the terminal's settings: {text}");
        assert_eq!(self.fact("cursor_flag"), "1", "the cursor is seen");
        assert_eq!(self.fact("alternate_on"), "0", "the screen is the first");
    }
}

impl Drop for Pane {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = Command::new(tool("tmux"))
            .arg("-S")
            .arg(self.folder.path().join("socket"))
            .arg("kill-server")
            .output();
    }
}
