//! Who calls and who serves.

use std::sync::Arc;

use super::{
    Folder, table,
    times::{clock, distribution},
};
use crate::{
    cli::toml_file::{Findings, Section},
    engine::profile::{SiteKind, SkillLevel},
    simulation::model::{CallKind, Demand, Distribution, Provider, RateStep, Shift, StaffGroup},
};

const DEMAND_KEYS: [&str; 10] = [
    "queue",
    "per_hour",
    "rates",
    "volumes",
    "day_factor_cv",
    "kinds",
    "priority",
    "skills",
    "talk",
    "patience",
];
const RATE_KEYS: [&str; 2] = ["from", "per_hour"];
const KIND_KEYS: [&str; 5] = ["share", "priority", "skills", "talk", "patience"];
const STAFF_KEYS: [&str; 15] = [
    "name",
    "agents",
    "skills",
    "site",
    "site_kind",
    "region",
    "provider",
    "team",
    "employer",
    "shifts",
    "answer",
    "decline",
    "no_answer",
    "returns_after",
    "wrap_up",
];
const SHIFT_KEYS: [&str; 2] = ["from", "to"];
const PROVIDER_KEYS: [&str; 3] = ["name", "losses_per_hour", "outage"];
/// The last row of a file of volumes lasts as long as the one before it; a single one so long.
const VOLUME_MS: u64 = 3_600_000;
const HOUR_MS: f64 = 3_600_000.0;
/// Agents whom nobody answered for return after this, unless it is said.
const RETURNS_MS: f64 = 300_000.0;

const TALK_MISSING: &str = "is missing; write it like { exponential = \"3m\" }";

/// The `[[demand]]` of a scenario that begins at this time of day.
pub(super) fn demand(
    root: &Section<'_>,
    (folder, starts_ms): (&Folder<'_>, u64),
    findings: &mut Findings,
) -> Vec<Demand> {
    let mut all = Vec::new();
    for section in root.sections("demand", findings) {
        section.check_keys(&DEMAND_KEYS, findings);
        all.push(Demand {
            queue: section.required_text("queue", findings).into(),
            rates: rates(&section, (folder, starts_ms), findings),
            day_factor_cv: section.number("day_factor_cv", findings).unwrap_or(0.0),
            kinds: kinds(&section, folder, findings),
        });
    }
    all
}

/// `per_hour`, `rates` or `volumes`.
fn rates(
    section: &Section<'_>,
    (folder, starts_ms): (&Folder<'_>, u64),
    findings: &mut Findings,
) -> Vec<RateStep> {
    let forms = ["per_hour", "rates", "volumes"];
    let given: Vec<&str> = forms.into_iter().filter(|form| section.has(form)).collect();
    let unknown = vec![RateStep {
        from_ms: starts_ms,
        per_hour: 0.0,
    }];
    match given[..] {
        ["per_hour"] => vec![RateStep {
            from_ms: starts_ms,
            per_hour: section.number("per_hour", findings).unwrap_or(0.0),
        }],
        ["rates"] => {
            let mut steps = Vec::new();
            for step in section.sections("rates", findings) {
                step.check_keys(&RATE_KEYS, findings);
                for key in RATE_KEYS.iter().filter(|key| !step.has(key)) {
                    step.note(key, "is missing", findings);
                }
                steps.push(RateStep {
                    from_ms: clock(&step, "from", findings).unwrap_or(0),
                    per_hour: step.number("per_hour", findings).unwrap_or(0.0),
                });
            }
            steps
        }
        [_] => volumes(section, folder, findings),
        [] => {
            let what = "is missing; give `per_hour = 120`, `rates = [{ from = \"17:00\", per_hour = 120 }, ...]` or `volumes = \"file.csv\"`";
            section.note("rates", what, findings);
            Vec::new()
        }
        [first, second, ..] => {
            let what = format!("and `{first}` exclude each other; give one of them");
            section.note(second, &what, findings);
            unknown
        }
    }
}

fn volumes(section: &Section<'_>, folder: &Folder<'_>, findings: &mut Findings) -> Vec<RateStep> {
    let file = folder.path(&section.text("volumes", findings));
    let named = table::Named {
        section,
        key: "volumes",
        file: &file,
    };
    let volumes = named.volumes(findings).unwrap_or_default();
    let starts = volumes.iter().map(|(at, _)| *at);
    let mut lengths: Vec<u64> = starts
        .clone()
        .zip(starts.skip(1))
        .map(|(a, b)| b - a)
        .collect();
    let last_ms = lengths.last().copied().unwrap_or(VOLUME_MS);
    lengths.push(last_ms);
    let mut steps: Vec<RateStep> = volumes
        .iter()
        .zip(&lengths)
        .map(|((from_ms, calls), length_ms)| {
            #[expect(clippy::cast_precision_loss, reason = "ms of a day")]
            let hours = *length_ms as f64 / HOUR_MS;
            RateStep {
                from_ms: *from_ms,
                per_hour: calls / hours,
            }
        })
        .collect();
    steps.extend(volumes.last().map(|(from_ms, _)| RateStep {
        from_ms: from_ms + last_ms,
        per_hour: 0.0,
    }));
    steps
}

/// What is said of a kind of call; what it does not say is that of the demand.
fn kinds(section: &Section<'_>, folder: &Folder<'_>, findings: &mut Findings) -> Vec<CallKind> {
    let of_all = kind(section, None, folder, findings);
    if !section.has("kinds") {
        return vec![of_all];
    }
    let mut kinds = Vec::new();
    for inner in section.sections("kinds", findings) {
        inner.check_keys(&KIND_KEYS, findings);
        if !inner.has("share") {
            inner.note("share", "is missing; the shares sum to 1", findings);
        }
        if !inner.has("talk") && !section.has("talk") {
            inner.note("talk", TALK_MISSING, findings);
        }
        kinds.push(kind(&inner, Some(&of_all), folder, findings));
    }
    kinds
}

fn kind(
    section: &Section<'_>,
    usual: Option<&CallKind>,
    folder: &Folder<'_>,
    findings: &mut Findings,
) -> CallKind {
    let talk = distribution(section, "talk", folder, findings);
    let is_missing = !section.has("talk") && usual.is_none() && !section.has("kinds");
    if is_missing {
        section.note("talk", TALK_MISSING, findings);
    }
    let patience = distribution(section, "patience", folder, findings);
    let usual_talk = || usual.map_or(Distribution::Constant(0.0), |usual| usual.talk.clone());
    let usual_text = || usual.map_or_else(|| "".into(), |usual| Arc::clone(&usual.priority));
    CallKind {
        share: match usual {
            Some(_) => section.number("share", findings).unwrap_or(0.0),
            None => 1.0,
        },
        priority: if section.has("priority") {
            section.text("priority", findings).into()
        } else {
            usual_text()
        },
        skills: if section.has("skills") {
            skills(section, findings)
        } else {
            usual.map(|usual| usual.skills.clone()).unwrap_or_default()
        },
        talk: talk.unwrap_or_else(usual_talk),
        patience: patience.or_else(|| usual.and_then(|usual| usual.patience.clone())),
    }
}

fn skills(section: &Section<'_>, findings: &mut Findings) -> Vec<SkillLevel> {
    let mut levels: Vec<SkillLevel> = section
        .levels("skills", findings)
        .into_iter()
        .map(|held| SkillLevel {
            skill: crate::engine::ids::SkillName::new(held.skill),
            level: u8::try_from(held.level).unwrap_or(1),
        })
        .collect();
    levels.sort();
    levels
}

/// The `[[staff]]` of a scenario.
pub(super) fn staff(
    root: &Section<'_>,
    folder: &Folder<'_>,
    findings: &mut Findings,
) -> Vec<StaffGroup> {
    let mut all = Vec::new();
    for section in root.sections("staff", findings) {
        section.check_keys(&STAFF_KEYS, findings);
        all.push(group(&section, folder, findings));
    }
    all
}

fn group(section: &Section<'_>, folder: &Folder<'_>, findings: &mut Findings) -> StaffGroup {
    let text = |key, findings: &mut Findings| Arc::from(section.text(key, findings));
    let share = |key, findings: &mut Findings| section.number(key, findings).unwrap_or(0.0);
    let time = |key, usual_ms, findings: &mut Findings| {
        let time = distribution(section, key, folder, findings);
        time.unwrap_or(Distribution::Constant(usual_ms))
    };
    if !section.has("agents") {
        section.note("agents", "is missing; say how many there are", findings);
    }
    StaffGroup {
        name: section.required_text("name", findings).into(),
        agents: section.whole("agents", findings),
        skills: skills(section, findings),
        site: text("site", findings),
        site_kind: site_kind(section, findings),
        region: text("region", findings),
        provider: text("provider", findings),
        team: text("team", findings),
        employer: text("employer", findings),
        shifts: shifts(section, findings),
        answer: time("answer", 0.0, findings),
        decline: share("decline", findings),
        no_answer: share("no_answer", findings),
        returns_after: time("returns_after", RETURNS_MS, findings),
        wrap_up: time("wrap_up", 0.0, findings),
    }
}

fn site_kind(section: &Section<'_>, findings: &mut Findings) -> SiteKind {
    if !section.has("site_kind") {
        return SiteKind::Home;
    }
    let word = section.text("site_kind", findings);
    let kind = SiteKind::ALL.into_iter().find(|kind| kind.label() == word);
    kind.unwrap_or_else(|| {
        let words: Vec<&str> = SiteKind::ALL.iter().map(|kind| kind.label()).collect();
        let what = format!("is `{word}`; give one of {}", words.join(", "));
        section.note("site_kind", &what, findings);
        SiteKind::Home
    })
}

fn shifts(section: &Section<'_>, findings: &mut Findings) -> Vec<Shift> {
    let mut all = Vec::new();
    for shift in section.sections("shifts", findings) {
        shift.check_keys(&SHIFT_KEYS, findings);
        for key in SHIFT_KEYS.iter().filter(|key| !shift.has(key)) {
            shift.note(key, "is missing; write it like \"17:00\"", findings);
        }
        let times = (
            clock(&shift, "from", findings),
            clock(&shift, "to", findings),
        );
        if let (Some(from_ms), Some(to_ms)) = times {
            all.push(Shift { from_ms, to_ms });
        }
    }
    all
}

/// The `[[providers]]` of a scenario.
pub(super) fn providers(
    root: &Section<'_>,
    folder: &Folder<'_>,
    findings: &mut Findings,
) -> Vec<Provider> {
    let mut all = Vec::new();
    for section in root.sections("providers", findings) {
        section.check_keys(&PROVIDER_KEYS, findings);
        for key in PROVIDER_KEYS.iter().filter(|key| !section.has(key)) {
            section.note(key, "is missing", findings);
        }
        let outage = distribution(&section, "outage", folder, findings);
        all.push(Provider {
            name: section.text("name", findings).into(),
            losses_per_hour: section.number("losses_per_hour", findings).unwrap_or(0.0),
            outage: outage.unwrap_or(Distribution::Constant(0.0)),
        });
    }
    all
}
