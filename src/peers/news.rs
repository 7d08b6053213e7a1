//! News as lines: who speaks, which pools it has, and which it gave away.

use crate::{engine::ids::PoolId, pool::places::News, store::shared::Replica};

/// The method that streams them.
pub(super) const PATH: &str = "/homeshore.peer/News";

/// A line of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The boot id of who speaks.
    Boot(String),
    /// What changed.
    News(News),
}

/// The first line.
pub(super) fn boot(me: &Replica) -> String {
    format!("boot {}\n", me.boot)
}

/// News as a line.
pub(super) fn line(news: &News) -> String {
    match news {
        News::Owned { pool, epoch } => format!("owns {epoch} {pool}\n"),
        News::Given { pool, to } => format!("gave {to} {pool}\n"),
    }
}

/// Reads a line; none if it is not one of these, as of a newer release.
pub(super) fn parse(line: &str) -> Option<Line> {
    let (word, rest) = line.split_once(' ')?;
    if word == "boot" {
        return Some(Line::Boot(rest.to_owned()));
    }
    let (value, pool) = rest.split_once(' ')?;
    let pool = PoolId::new(pool);
    let news = match word {
        "owns" => News::Owned {
            pool,
            epoch: value.parse().ok()?,
        },
        "gave" => News::Given {
            pool,
            to: value.to_owned(),
        },
        _ => return None,
    };
    Some(Line::News(news))
}

/// Lines out of bytes, however these are cut.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<u8>);

/// Longer lines are none of ours.
const LINE_MAX: usize = 4_096;

impl Lines {
    /// More bytes; answers the lines that end in them.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Vec<String> {
        self.0.extend_from_slice(bytes);
        let Some(end) = self.0.iter().rposition(|byte| *byte == b'\n') else {
            if self.0.len() > LINE_MAX {
                self.0.clear();
            }
            return Vec::new();
        };
        let rest = self.0.split_off(end + 1);
        let whole = std::mem::replace(&mut self.0, rest);
        let lines = String::from_utf8_lossy(&whole);
        lines.lines().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let me = Replica {
            boot: "b1".to_owned(),
            address: String::new(),
        };
        let pool = PoolId::new("north");
        let owned = News::Owned {
            pool: pool.clone(),
            epoch: 7,
        };
        let given = News::Given {
            pool,
            to: "b2".to_owned(),
        };
        let text = boot(&me) + &line(&owned) + &line(&given) + "later 1 x\nodd\n";
        let right = [
            Some(Line::Boot("b1".to_owned())),
            Some(Line::News(owned)),
            Some(Line::News(given)),
            None,
            None,
        ];
        for cut in [1, 3, 1_000] {
            let mut lines = Lines::default();
            let parts = text.as_bytes().chunks(cut);
            let read: Vec<_> = parts.flat_map(|part| lines.add(part)).collect();
            let read: Vec<_> = read.iter().map(|line| parse(line)).collect();
            assert_eq!(read, right);
        }
    }

    #[test]
    fn a_line_without_an_end_takes_no_room() {
        let mut lines = Lines::default();
        for _ in 0..10 {
            assert!(lines.add(&[b'x'; 1_000]).is_empty());
            assert!(lines.0.len() <= LINE_MAX);
        }
    }
}
