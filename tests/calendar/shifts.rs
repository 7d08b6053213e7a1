//! Shifts across clock changes have the real minutes of the reference figures.

use homeshore::calendar::zone::{Existence, Zone};
use jiff::{Timestamp, civil::DateTime};

use super::reference;

fn resolved(at: &str, zone: &Zone, local: &str, kind: &str, expected: &str) -> Timestamp {
    let local: DateTime = local
        .parse()
        .unwrap_or_else(|error| panic!("{at}: {local}: {error}"));
    let (instant, existence) = zone.resolve(local).unwrap();
    let kinds = match existence {
        Existence::Once => "normal",
        Existence::Missing => "nonexistent",
        Existence::Twice => "ambiguous",
    };
    assert_eq!(kinds, kind, "{at}: {local}");
    assert_eq!(instant, expected.parse().unwrap(), "{at}: {local}");
    instant
}

#[test]
fn shifts_across_clock_changes_have_their_real_minutes() {
    for (at, row) in reference("dst_shift_cases") {
        let zone = Zone::named(&row["zone"]).unwrap_or_else(|error| panic!("{at}: {error}"));
        let end = |side: &str| {
            let cell = |name: &str| &row[&name.replace("end", side)];
            resolved(
                &at,
                &zone,
                cell("local_end"),
                cell("end_kind"),
                cell("utc_end"),
            )
        };
        let minutes = end("end").duration_since(end("start")).as_mins();
        assert_eq!(minutes.to_string(), row["real_minutes"], "{at}");
    }
}
