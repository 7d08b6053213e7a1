//! Figures in words, for people.

use super::{
    finding::Figure,
    span::{HOUR_MS, MINUTE_MS, SECOND_MS},
};

/// A time such as `10 h 15 min`, `20 min`, `4 s`; what is below a second is told in ms.
pub fn time(ms: i64) -> String {
    let units = [
        (HOUR_MS, "h"),
        (MINUTE_MS, "min"),
        (SECOND_MS, "s"),
        (1, "ms"),
    ];
    let (mut rest, mut words) = (ms.max(0), Vec::new());
    for (unit_ms, name) in units {
        if rest >= unit_ms {
            words.push(format!("{} {name}", rest / unit_ms));
            rest %= unit_ms;
        }
    }
    if words.is_empty() {
        return "0 min".to_owned();
    }
    words.join(" ")
}

/// A figure in words.
pub fn figure(figure: Figure) -> String {
    match figure {
        Figure::Time(ms) => time(ms),
        Figure::Count(count) => count.to_string(),
    }
}
