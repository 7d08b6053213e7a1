//! Checks of agents' set-ups, and what a pool asks of them, between wire and engine.

use super::{Faults, duration, duration_ms, site_kind, timestamp, wire_site_kind};
use crate::{
    api::status::{Problem, shown},
    engine::{
        ids::AgentId,
        profile::SiteKind,
        readiness::{
            Band, Bounds, Check, Connection, Measured, Readiness, ReadinessSpec, SetUp,
            VALID_FOR_MS,
        },
    },
    proto::v1,
    readiness::emodel::{CODECS, Codec, Line},
};

/// The codec of calls, unless a check names another: G.711 whose receiver conceals losses.
const CODEC: &str = "G.711+PLC(App.I)";
/// Audio of one packet, and what the codec looks ahead, ms.
const PACKET_MS: f64 = 25.0;
/// A receiver holds voice back for so many times the jitter, so that late packets still count.
const JITTER_HELD: f64 = 2.0;
/// Nothing that is measured lasts longer, ms.
const MEASURE_MS_MAX: u64 = 60_000;
const KINDS_MAX: usize = 3;

/// A check, rated.
pub(in crate::api) fn check(
    request: &v1::ReportReadinessRequest,
) -> Result<(AgentId, Check), Problem> {
    let mut faults = Faults::default();
    faults.id("agent_id", &request.agent_id);
    if request.round_trip.is_none() {
        faults.add(
            "round_trip",
            "is missing; give how long a packet takes there and back",
        );
    }
    let round_trip_ms = measure_ms(&mut faults, "round_trip", request.round_trip);
    let jitter_ms = measure_ms(&mut faults, "jitter", request.jitter);
    let loss_ppm = loss_ppm(&mut faults, "loss_percent", request.loss_percent);
    let codec = codec(&mut faults, &request.codec);
    let line = Line {
        ie: codec.ie,
        bpl: codec.bpl,
        delay_ms: f64::from(round_trip_ms) / 2.0 + JITTER_HELD * f64::from(jitter_ms) + PACKET_MS,
        loss_pct: f64::from(loss_ppm) / 10_000.0,
        burst_ratio: 1.0,
    };
    let set_up = request.set_up.as_ref();
    let check = Check {
        id: request.check_id.as_str().into(),
        measured: Measured {
            round_trip_ms,
            jitter_ms,
            loss_ppm,
            mos_milli: u32::try_from(thousandths(line.mos())).unwrap_or(0),
        },
        rating_milli: thousandths(line.rating()),
        codec: codec.name.into(),
        set_up: set_up.map_or_else(SetUp::default, |own| set_up_of(&mut faults, own)),
    };
    faults.finish((AgentId::new(&request.agent_id), check))
}

/// Thousandths of a rating or a score, which are small numbers.
#[expect(
    clippy::cast_possible_truncation,
    reason = "both stay far below a million"
)]
fn thousandths(value: f64) -> i32 {
    (value * 1_000.0).round() as i32
}

fn measure_ms(faults: &mut Faults, field: &str, given: Option<prost_types::Duration>) -> u32 {
    let ms = duration_ms(faults, field, given, 0);
    if ms > MEASURE_MS_MAX {
        faults.add(
            field,
            format!("is {ms} ms; give at most {MEASURE_MS_MAX} ms"),
        );
    }
    u32::try_from(ms.min(MEASURE_MS_MAX)).unwrap_or(0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is between 0 and a million"
)]
fn loss_ppm(faults: &mut Faults, field: &str, percent: f64) -> u32 {
    if !(0.0..=100.0).contains(&percent) {
        faults.add(field, format!("is {percent}; give 0 to 100"));
        return 0;
    }
    (percent * 10_000.0).round() as u32
}

fn codec(faults: &mut Faults, name: &str) -> Codec {
    let asked = if name.is_empty() { CODEC } else { name };
    Codec::named(asked).unwrap_or_else(|| {
        let known = CODECS.map(|codec| codec.name).join(", ");
        faults.add(
            "codec",
            format!("is `{}`; give one of {known}", shown(name)),
        );
        CODECS[0]
    })
}

fn set_up_of(faults: &mut Faults, own: &v1::SetUp) -> SetUp {
    let connection = match v1::ConnectionType::try_from(own.connection) {
        Ok(v1::ConnectionType::Unspecified) => Connection::Unknown,
        Ok(v1::ConnectionType::Wired) => Connection::Wired,
        Ok(v1::ConnectionType::Wifi) => Connection::Wifi,
        Ok(v1::ConnectionType::Mobile) => Connection::Mobile,
        Err(_) => {
            let problem = format!("is {}; give a value of `ConnectionType`", own.connection);
            faults.add("set_up.connection", problem);
            Connection::Unknown
        }
    };
    SetUp {
        connection,
        client: own.client.as_str().into(),
        headset: own.headset.as_str().into(),
        is_vpn: own.vpn,
        provider: own.provider.as_str().into(),
    }
}

/// What the last checks said.
pub(in crate::api) fn readiness(said: &Readiness) -> v1::Readiness {
    let last = said.checks.last();
    let (check, measured) = (&said.last, said.last.measured);
    v1::Readiness {
        standing: wire_band(said.standing).into(),
        certified_until: said.certified_until.map(timestamp),
        checked_at: said.checked_at().map(timestamp),
        last_band: last
            .map_or(v1::ReadinessBand::Unspecified, |last| wire_band(last.band))
            .into(),
        r_factor: f64::from(check.rating_milli) / 1_000.0,
        mos: f64::from(measured.mos_milli) / 1_000.0,
        round_trip: Some(duration(measured.round_trip_ms.into())),
        jitter: Some(duration(measured.jitter_ms.into())),
        loss_percent: f64::from(measured.loss_ppm) / 10_000.0,
        codec: check.codec.to_string(),
        set_up: Some(wire_set_up(&check.set_up)),
    }
}

fn wire_band(band: Band) -> v1::ReadinessBand {
    match band {
        Band::Pass => v1::ReadinessBand::Pass,
        Band::Watch => v1::ReadinessBand::Watch,
        Band::Suspend => v1::ReadinessBand::Suspend,
    }
}

fn wire_set_up(own: &SetUp) -> v1::SetUp {
    let connection = match own.connection {
        Connection::Unknown => v1::ConnectionType::Unspecified,
        Connection::Wired => v1::ConnectionType::Wired,
        Connection::Wifi => v1::ConnectionType::Wifi,
        Connection::Mobile => v1::ConnectionType::Mobile,
    };
    v1::SetUp {
        connection: connection.into(),
        client: own.client.to_string(),
        headset: own.headset.to_string(),
        vpn: own.is_vpn,
        provider: own.provider.to_string(),
    }
}

/// What a pool asks of set-ups.
pub(super) fn rules(faults: &mut Faults, rules: &v1::ReadinessRules) -> ReadinessSpec {
    let at = |field: &str| format!("pool.readiness.{field}");
    faults.too_many(
        &at("site_kinds"),
        rules.site_kinds.len(),
        KINDS_MAX,
        "kinds",
    );
    let kinds = rules.site_kinds.iter().take(KINDS_MAX).enumerate();
    let mut site_kinds: Vec<SiteKind> = kinds
        .map(|(index, kind)| site_kind(faults, &at(&format!("site_kinds[{index}]")), *kind))
        .collect();
    if site_kinds.is_empty() {
        site_kinds.push(SiteKind::Home);
    }
    ReadinessSpec {
        site_kinds,
        valid_for_ms: duration_ms(faults, &at("valid_for"), rules.valid_for, VALID_FOR_MS),
        pass: bounds(faults, &at("pass"), rules.pass.as_ref(), Bounds::PASS),
        suspend: bounds(
            faults,
            &at("suspend"),
            rules.suspend.as_ref(),
            Bounds::SUSPEND,
        ),
    }
}

fn bounds(
    faults: &mut Faults,
    path: &str,
    given: Option<&v1::ReadinessBounds>,
    usual: Bounds,
) -> Bounds {
    let Some(given) = given else { return usual };
    let mut ms = |field: &str, given: Option<prost_types::Duration>, usual| match given {
        Some(_) => measure_ms(faults, &format!("{path}.{field}"), given),
        None => usual,
    };
    let round_trip_ms = ms("round_trip", given.round_trip, usual.round_trip_ms);
    let jitter_ms = ms("jitter", given.jitter, usual.jitter_ms);
    let loss = given.loss_percent;
    let loss = loss.map(|loss| loss_ppm(faults, &format!("{path}.loss_percent"), loss));
    Bounds {
        round_trip_ms,
        jitter_ms,
        loss_ppm: loss.unwrap_or(usual.loss_ppm),
        mos_milli: given.mos.map_or(usual.mos_milli, |mos| {
            if !(1.0..=4.5).contains(&mos) {
                faults.add(format!("{path}.mos"), format!("is {mos}; give 1 to 4.5"));
            }
            u32::try_from(thousandths(mos.clamp(1.0, 4.5))).unwrap_or(usual.mos_milli)
        }),
    }
}

/// The same for the wire.
pub(super) fn wire_rules(spec: &ReadinessSpec) -> v1::ReadinessRules {
    let kinds = spec.site_kinds.iter();
    let bounds = |bounds: Bounds| v1::ReadinessBounds {
        round_trip: Some(duration(bounds.round_trip_ms.into())),
        jitter: Some(duration(bounds.jitter_ms.into())),
        loss_percent: Some(f64::from(bounds.loss_ppm) / 10_000.0),
        mos: Some(f64::from(bounds.mos_milli) / 1_000.0),
    };
    v1::ReadinessRules {
        site_kinds: kinds.map(|kind| wire_site_kind(*kind).into()).collect(),
        valid_for: Some(duration(spec.valid_for_ms)),
        pass: Some(bounds(spec.pass)),
        suspend: Some(bounds(spec.suspend)),
    }
}
