//! Names, numbers and times of the engine. Ids and times are newtypes; strings are checked at the door.

use std::{collections::HashMap, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps a name that the door has checked.
            pub fn new(name: impl AsRef<str>) -> Self {
                Self(Arc::from(name.as_ref()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

names! {
    /// A pool: 1 to 63 lower-case letters, digits and hyphens, beginning with a letter.
    PoolId,
    /// A queue of a pool.
    QueueId,
    /// A call, by the platform's id, unique in the pool.
    CallId,
    /// An agent, unique in the pool.
    AgentId,
    /// A skill; languages are skills.
    SkillName,
}

/// A table by names that come from outside. Its hash has a key that is drawn at random, so that nobody can choose names that
/// collide; what the table answers does not depend on it.
pub(crate) type NameMap<K, V> = HashMap<K, V, NameHash>;

/// The hash of such names.
pub(crate) type NameHash = foldhash::quality::RandomState;

/// A telephony system and its instance; one stream each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlatformKey {
    /// Name of the telephony system.
    pub platform: Arc<str>,
    /// Name of its instance.
    pub instance: Arc<str>,
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = $letter:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $letter, self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();

            /// Reads the letter and the number as [`fmt::Display`] writes them.
            fn from_str(text: &str) -> Result<Self, ()> {
                let digits = text.strip_prefix($letter).ok_or(())?;
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(());
                }
                digits.parse().map(Self).map_err(|_| ())
            }
        }
    )*};
}

numbers! {
    /// Number of an offer, unique in the pool for ever; shown as `o<number>`.
    OfferId = 'o',
    /// Number of a message to agents, unique in the pool for ever; shown as `m<number>`.
    MessageId = 'm',
}

/// Milliseconds of the pool's own time: near Unix time, but it never goes back. Drives waits and deadlines.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct PoolTime(pub u64);

impl PoolTime {
    /// This time and `ms` more, at most the end of time.
    #[must_use]
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This time less `ms`, at least zero.
    #[must_use]
    pub fn minus(self, ms: u64) -> Self {
        Self(self.0.saturating_sub(ms))
    }

    /// Milliseconds since `earlier`, zero if it is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Milliseconds since 1970 UTC of the calendar. Drives windows and labour rules; comes with each command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallTime(pub i64);

/// The two times of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The pool's time.
    pub now: PoolTime,
    /// The calendar's time.
    pub wall: WallTime,
}

/// One of 8 classes of how long a call may last; some blocking reasons depend on it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct HandleClass(pub u8);

/// Longest name of a queue, call, agent, site or platform, in bytes.
pub const NAME_BYTES_MAX: usize = 128;
/// Longest name of a skill, reason or priority, in bytes.
pub const SHORT_NAME_BYTES_MAX: usize = 64;

/// Says what is wrong with a name, if anything: its length in bytes, or characters that hide or reorder text.
pub fn name_problem(text: &str, bytes_max: usize) -> Option<String> {
    if text.is_empty() {
        return Some(format!("is empty; give 1 to {bytes_max} bytes"));
    }
    if text.len() > bytes_max {
        return Some(format!(
            "is {} bytes long; give 1 to {bytes_max} bytes",
            text.len()
        ));
    }
    text_problem(text)
}

/// Says which character of a text is not allowed, if any: control characters and those that reorder text.
pub fn text_problem(text: &str) -> Option<String> {
    if is_plain(text) {
        return None;
    }
    characters_problem(text.chars())
}

/// Whether it has nothing but printable ASCII, as most names do; told at a glance.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// The same for a name of a person, in which Persian and Indic letters may be joined or kept apart (U+200D, U+200C).
pub fn person_problem(text: &str) -> Option<String> {
    let is_joiner = |c: &char| matches!(c, '\u{200C}' | '\u{200D}');
    characters_problem(text.chars().filter(|c| !is_joiner(c)))
}

fn characters_problem(mut characters: impl Iterator<Item = char>) -> Option<String> {
    let bad = characters.find(|c| c.is_control() || is_reordering(*c))?;
    Some(format!(
        "contains U+{:04X}; leave out control and text-direction characters",
        u32::from(bad)
    ))
}

fn is_reordering(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::{person_problem, text_problem};

    #[test]
    fn only_names_of_people_may_join_letters() {
        for name in ["نیک\u{200c}نام", "क्\u{200d}ष"] {
            assert_eq!(person_problem(name), None, "{name}");
            assert!(text_problem(name).is_some(), "{name}");
        }
        for bad in ["a\u{200b}b", "a\u{200e}b", "a\u{202e}b", "a\nb"] {
            assert!(person_problem(bad).is_some(), "{bad:?}");
            assert!(text_problem(bad).is_some(), "{bad:?}");
        }
    }
}
