//! Which calls of a queue the service takes: its windows, its share, and what becomes of calls that wait when it closes.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    absent::is_default,
    ids::{CallId, PoolTime, WallTime},
    outcome::DivertReason,
    peaks::PeaksSpec,
    spec::PoolSpec,
    state::{Queue, State},
};
use crate::calendar::{
    holidays::Holidays,
    windows::{Windows, WindowsSpec, Wrong},
};

/// Which calls of a queue the service takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServeSpec {
    /// When it takes calls.
    pub mode: ServeMode,
    /// The windows; empty of a queue that is always served.
    #[serde(default, skip_serializing_if = "is_default")]
    pub windows: WindowsSpec,
    /// The calls that are taken while the queue is served, in percent, by their ids.
    pub share_percent: u8,
    /// Takes no call, and records what it would have done.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shadow: bool,
    /// What becomes of calls that wait when the queue closes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub when_closing: WhenClosing,
    /// What peaks ask for, where they are looked for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub peaks: PeaksSpec,
}

impl Default for ServeSpec {
    fn default() -> Self {
        Self {
            mode: ServeMode::Always,
            windows: WindowsSpec::default(),
            share_percent: 100,
            shadow: false,
            when_closing: WhenClosing::Serve,
            peaks: PeaksSpec::default(),
        }
    }
}

/// When a queue is served by remote agents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServeMode {
    /// At all times.
    #[default]
    Always,
    /// In its windows.
    Windows,
    /// In its windows, and while a peak is on.
    WindowsAndPeaks,
}

impl ServeMode {
    /// The mode as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Windows => "windows",
            Self::WindowsAndPeaks => "windows_and_peaks",
        }
    }

    /// Whether peaks are looked for.
    pub fn has_peaks(self) -> bool {
        self == Self::WindowsAndPeaks
    }

    /// Whether it has windows.
    pub fn has_windows(self) -> bool {
        self != Self::Always
    }
}

/// What becomes of calls that wait in a queue when it closes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenClosing {
    /// They are served.
    #[default]
    Serve,
    /// They overflow at once, as if they had waited for long.
    Overflow,
    /// They give up their lines and are called back from the next opening on.
    Callback,
}

impl WhenClosing {
    /// The setting as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Overflow => "overflow",
            Self::Callback => "callback",
        }
    }
}

/// A pool's own calendar of holidays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarSpec {
    /// What queues call it.
    pub code: Arc<str>,
    /// A holiday file, TOML.
    pub definition: Arc<str>,
}

/// Whether a queue's windows are open, since when and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub is_open: bool,
    /// The calendar's time of the change before.
    pub from: WallTime,
    /// The calendar's time of the next change; `None` if there is none within three years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns_at: Option<WallTime>,
    /// When the pool's clock is likely to reach that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<PoolTime>,
}

impl Opening {
    /// What windows say at a moment.
    pub(super) fn at(windows: &Windows, now: PoolTime, wall: WallTime) -> Self {
        let at = instant(wall);
        let turns_at = windows.next_change(at).map(wall_time);
        Self {
            is_open: windows.is_open(at),
            from: wall,
            turns_at,
            due: turns_at.map(|turn| reached(now, wall, turn)),
        }
    }

    /// The same, with the next change where the clocks of now have it.
    pub(super) fn timed_anew(self, now: PoolTime, wall: WallTime) -> Self {
        let due = self.turns_at.map(|turn| reached(now, wall, turn));
        Self { due, ..self }
    }
}

/// Why a call stays on site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnSite {
    /// The queue is not served now; with its next opening, if there is one within three years.
    OutsideWindows { opens_at: Option<WallTime> },
    /// It belongs to the part of the calls that are not taken.
    Share,
    /// The queue only shows what it would do: take the call, or divert it for this reason.
    Shadow { would: Option<DivertReason> },
}

impl OnSite {
    /// Every label.
    pub const LABELS: [&'static str; 3] = ["outside_windows", "share", "shadow"];

    /// The cause as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::OutsideWindows { .. } => Self::LABELS[0],
            Self::Share => Self::LABELS[1],
            Self::Shadow { .. } => Self::LABELS[2],
        }
    }
}

impl Queue {
    /// Whether it is not served now, as it was told.
    pub(crate) fn is_shut(&self) -> bool {
        self.state.is_shut()
    }
}

impl State {
    /// What becomes at once of a call that waits in a queue which has closed: nothing where it is served, or has nowhere to go.
    pub(super) fn leaves(&self, queue: &Queue) -> Option<WhenClosing> {
        let leaving = queue.is_shut().then_some(queue.spec.serve.when_closing)?;
        let may_leave = match leaving {
            WhenClosing::Serve => false,
            WhenClosing::Overflow => self.overflows_after_ms(queue).is_some(),
            WhenClosing::Callback => queue.spec.callback.is_some(),
        };
        may_leave.then_some(leaving)
    }
}

/// Whether the service takes calls of a queue at a calendar time. The one place that knows modes.
pub(super) fn serves(queue: &Queue, wall: WallTime) -> bool {
    match queue.spec.serve.mode {
        ServeMode::Always => true,
        ServeMode::Windows => is_in_window(queue, wall),
        ServeMode::WindowsAndPeaks => queue.state.peak().is_some() || is_in_window(queue, wall),
    }
}

fn is_in_window(queue: &Queue, wall: WallTime) -> bool {
    let known = queue
        .state
        .opening
        .filter(|opening| opening.from <= wall && opening.turns_at.is_some_and(|turn| wall < turn));
    match known {
        Some(opening) => opening.is_open,
        None => (queue.windows.as_ref()).is_some_and(|windows| windows.is_open(instant(wall))),
    }
}

/// The next calendar time at which a queue is served.
pub(super) fn next_opening(queue: &Queue, wall: WallTime) -> Option<WallTime> {
    let windows = queue.windows.as_ref()?;
    windows.next_opening(instant(wall)).map(wall_time)
}

/// Whether a call belongs to the share that is taken: the same answer each time that it is asked for. The 64-bit FNV-1a hash of
/// the id, mixed by the finalizer of `SplitMix64`, as FNV alone hardly moves its high bits for ids that differ at their ends.
pub(super) fn is_in_share(call: &CallId, share_percent: u8) -> bool {
    let hashed = call
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let mixed = (hashed ^ (hashed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % 100 < u64::from(share_percent)
}

/// The windows of a queue, with the pool's calendars.
///
/// # Errors
/// All that is wrong with them, by field.
pub fn windows(spec: &ServeSpec, pool: &PoolSpec) -> Result<Option<Windows>, Vec<Wrong>> {
    match spec.mode {
        ServeMode::Always => Ok(None),
        ServeMode::Windows | ServeMode::WindowsAndPeaks => {
            Windows::new(&spec.windows, |code| calendar(pool, code)).map(Some)
        }
    }
}

fn calendar(pool: &PoolSpec, code: &str) -> Result<Holidays, String> {
    let mut own = pool.calendars.iter();
    let Some(own) = own.find(|own| own.code.eq_ignore_ascii_case(code)) else {
        return Holidays::for_region(code)
            .map_err(|unknown| format!("{unknown}; nor is it one of the pool's `calendars`"));
    };
    let read = Holidays::parse(&own.definition)
        .ok()
        .and_then(|all| all.into_iter().next());
    read.ok_or_else(|| format!("`{code}` cannot be read"))
}

fn instant(wall: WallTime) -> Timestamp {
    let end = if wall.0 < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    Timestamp::from_millisecond(wall.0).unwrap_or(end)
}

fn wall_time(at: Timestamp) -> WallTime {
    WallTime(at.as_millisecond())
}

/// When the pool's clock is at a later calendar time, by the two clocks now; later than now.
fn reached(now: PoolTime, wall: WallTime, turn: WallTime) -> PoolTime {
    let ms = turn.0.saturating_sub(wall.0).max(1);
    now.plus(ms.unsigned_abs())
}
