//! Checks of agents' set-ups: the band of each, where the last of them leave an agent, and who may be offered calls by them.

use serde::Deserialize;

use super::{
    Checker,
    line::{Line, Seen},
    rules::Rule,
    state::Agent,
};

/// What a pool asks of set-ups.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Asked {
    site_kinds: Vec<String>,
    valid_for_ms: u64,
    pass: Bounds,
    suspend: Bounds,
}

#[derive(Clone, Debug, Deserialize)]
struct Bounds {
    round_trip_ms: u64,
    jitter_ms: u64,
    loss_ppm: u64,
    mos_milli: u64,
}

/// By what checks are judged in a pool that asks for none.
fn usual() -> Asked {
    let bounds = |round_trip_ms, jitter_ms, loss_ppm, mos_milli| Bounds {
        round_trip_ms,
        jitter_ms,
        loss_ppm,
        mos_milli,
    };
    Asked {
        site_kinds: Vec::new(),
        valid_for_ms: 43_200_000,
        pass: bounds(150, 20, 10_000, 4_000),
        suspend: bounds(400, 30, 30_000, 3_500),
    }
}

/// What the checks of an agent said so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Checks {
    /// The last five: when, and how bad, from 0.
    last: Vec<(u64, usize)>,
    standing: usize,
    certified_until: Option<u64>,
}

const BANDS: [&str; 3] = ["pass", "watch", "suspend"];
const SUSPEND: usize = 2;

impl Asked {
    fn band(&self, line: &Line) -> Seen<usize> {
        let (round_trip, jitter) = (line.count("round_trip_ms")?, line.count("jitter_ms")?);
        let (loss, mos) = (line.count("loss_ppm")?, line.count("mos_milli")?);
        let (good, bad) = (&self.pass, &self.suspend);
        let stutters = jitter > bad.jitter_ms && loss > bad.loss_ppm;
        if round_trip > bad.round_trip_ms || mos < bad.mos_milli || stutters {
            return Ok(SUSPEND);
        }
        let is_good = round_trip <= good.round_trip_ms
            && jitter <= good.jitter_ms
            && loss <= good.loss_ppm
            && mos >= good.mos_milli;
        Ok(usize::from(!is_good))
    }
}

impl Checks {
    fn take(&mut self, band: usize, now: u64, valid_for_ms: u64) {
        self.last.retain(|(at, _)| now - at < valid_for_ms);
        self.last.push((now, band));
        if self.last.len() == 1 {
            self.standing = band;
        }
        if self.last.len() > 5 {
            self.last.remove(0);
        }
        // The nearest band that three of them do not speak against.
        let speak = |for_it: &dyn Fn(usize) -> bool| {
            let speakers = self.last.iter().filter(|(_, band)| for_it(*band));
            speakers.count() >= 3
        };
        let mut standing = self.standing;
        for band in 0..3 {
            if band > self.standing && speak(&|other| other >= band) {
                standing = band;
            }
        }
        for band in (0..3).rev() {
            if band < self.standing && speak(&|other| other <= band) {
                standing = band;
            }
        }
        self.standing = standing;
        if standing != SUSPEND && band != SUSPEND {
            self.certified_until = Some(now + valid_for_ms);
        }
    }
}

impl Checker {
    pub(super) fn see_check(&mut self, line: &Line, id: &str) -> Seen {
        let asked = self
            .config
            .as_ref()
            .and_then(|config| config.readiness.clone());
        let asked = asked.unwrap_or_else(usual);
        let Some(agent) = self.agents.get_mut(id) else {
            return Ok(());
        };
        let band = asked.band(line)?;
        let checks = &mut agent.checks;
        checks.take(band, self.now, asked.valid_for_ms);
        let standing = BANDS[checks.standing];
        let told = (line.text("band")?, line.text("standing")?);
        let fits = told == (BANDS[band], standing) || !self.is_whole;
        self.faults.hold(fits, Rule::Readiness, || {
            format!(
                "a check of `{id}` is told as {told:?}, and {:?} are seen",
                (BANDS[band], standing)
            )
        });
        let (told, seen) = (line.time_if("certified_until")?, checks.certified_until);
        self.faults
            .hold(told == seen || !self.is_whole, Rule::Readiness, || {
                format!("`{id}` may take calls until {told:?}, and {seen:?} is seen")
            });
        Ok(())
    }

    /// Whether what a pool asks of set-ups lets an agent be offered calls.
    pub(super) fn is_checked(&self, agent: &Agent) -> bool {
        let asked = self
            .config
            .as_ref()
            .and_then(|config| config.readiness.as_ref());
        let Some(asked) = asked.filter(|asked| asked.site_kinds.contains(&agent.site_kind)) else {
            return true;
        };
        let checks = &agent.checks;
        let holds = checks.certified_until.is_some_and(|until| until > self.now);
        let last = checks.last.last();
        let counts = last.is_some_and(|(at, _)| self.now - at < asked.valid_for_ms);
        !self.is_whole || (holds && !(counts && checks.standing == SUSPEND))
    }
}
