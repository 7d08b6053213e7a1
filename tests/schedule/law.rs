//! What labour law says of a schedule.

use homeshore::{
    labour::pack::embedded,
    schedule::{Reading, labour},
};

use super::{in_paris, read_in_paris};
use crate::support::program::{self, file, run};

fn articles(reading: &Reading, pack: &str) -> Vec<String> {
    let pack = embedded().get(pack).unwrap();
    let found = labour(&reading.shifts, &in_paris().zone, pack, &mut |_, _| {});
    let told = found.iter().map(|found| {
        format!(
            "{} row {} {}",
            found.agent, found.row, found.finding.article
        )
    });
    told.collect()
}

#[test]
fn each_agent_is_judged_by_their_own_shifts() {
    let text = "agent,date,start,end,pause\n\
        a,2026-03-02,08:00,16:00,12:00-12:45\n\
        b,2026-03-02,08:00,16:00,\n\
        c,2026-03-28,15:00,21:00,\n\
        c,2026-03-29,08:00,12:00,\n\
        a,2026-03-03,08:00,16:00,12:00-12:45\n";
    let reading = read_in_paris("t.csv", text.as_bytes());
    let found = articles(&reading, "fr");
    assert!(
        found.contains(&"b row 3 L3121-16".to_owned()),
        "eight hours without a break: {found:?}"
    );
    assert!(
        found.contains(&"c row 4 L3131-1".to_owned()),
        "ten hours of rest over the change of clocks: {found:?}"
    );
    assert!(
        !found.iter().any(|told| told.starts_with("a ")),
        "{found:?}"
    );
}

#[test]
fn the_program_prints_findings_and_fails_on_blocking_ones() {
    let folder = tempfile::tempdir().unwrap();
    let long = file(
        folder.path(),
        "long.csv",
        "agent,date,start,end\nb,2026-03-02,08:00,16:00\n",
    );
    let validate = |more: &[&str]| {
        run(&[
            &[
                "schedule",
                "validate",
                &long,
                "--zone",
                "Europe/Paris",
                "--json",
            ],
            more,
        ]
        .concat())
    };
    let (code, stdout, _) = validate(&[]);
    assert_eq!(code, 0);
    assert_eq!(program::json(&stdout)["labour"], serde_json::Value::Null);
    let (code, stdout, stderr) = validate(&["--pack", "fr"]);
    assert_eq!(code, 1, "{stderr}");
    let finding = &program::json(&stdout)["labour"][0];
    assert_eq!(finding["article"], "L3121-16", "{finding}");
    assert_eq!(
        (finding["agent"].as_str(), finding["row"].as_u64()),
        (Some("b"), Some(2))
    );
    let (code, _, stderr) = validate(&["--pack", "xx"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("`xx` is not one of eu, fr, fr-2098, fr-2148"),
        "{stderr}"
    );
}
