//! Rule packs: what is shipped, layers, and every mistake with its line.

use homeshore::labour::{
    HOUR_MS, RuleId, Severity,
    pack::{self, Source},
};

fn source(text: &str) -> Source<'_> {
    Source {
        name: "ours.toml",
        text,
    }
}

fn problems(text: &str) -> Vec<String> {
    let error = pack::embedded().with(&[source(text)]).unwrap_err();
    error.0.iter().map(ToString::to_string).collect()
}

const HEAD: &str =
    "name = \"ours\"\nversion = 3\nlevel = \"company\"\nextends = \"fr-2098\"\ntitle = \"Ours\"\n";

#[test]
fn four_packs_are_shipped_in_layers() {
    let packs = pack::embedded();
    assert_eq!(packs.names(), ["eu", "fr", "fr-2098", "fr-2148"]);
    let branch = packs.get("fr-2148").unwrap();
    let layers: Vec<&str> = branch.layers.iter().map(|(name, _)| &**name).collect();
    assert_eq!(layers, ["fr", "fr-2148"]);
    let average = branch.average.as_ref().unwrap();
    assert_eq!(
        (average.figures.maximum_ms, average.figures.weeks),
        (44 * HOUR_MS, 10)
    );
    assert_eq!(&*average.basis.article, "L3121-22");
    assert_eq!(
        packs
            .get("fr")
            .unwrap()
            .average
            .as_ref()
            .unwrap()
            .figures
            .weeks,
        12
    );
}

#[test]
fn a_company_layer_replaces_figures_and_keeps_the_rest() {
    let text = format!(
        "{HEAD}[daily_rest]\nminimum = \"9h\"\narticle = \"L3131-2\"\n[lunch]\nenabled = false\n[week]\nseverity = \"warning\"\nmay_override = false\n"
    );
    let packs = pack::embedded().with(&[source(&text)]).unwrap();
    let ours = packs.get("ours").unwrap();
    let rest = ours.daily_rest.as_ref().unwrap();
    assert_eq!(
        (rest.figures, &*rest.basis.article),
        (9 * HOUR_MS, "L3131-2")
    );
    assert_eq!(ours.lunch, None);
    let week = ours.week.as_ref().unwrap();
    assert_eq!(
        (week.figures, week.basis.severity),
        (48 * HOUR_MS, Severity::Warning)
    );
    assert!(!week.basis.may_override);
    assert_eq!(ours.version, 3);
    assert_eq!(ours.layers.len(), 3);
    assert_eq!(packs.get("fr-2098"), pack::embedded().get("fr-2098"));
}

#[test]
fn an_agreement_goes_no_further_than_the_law() {
    let text = format!(
        "{HEAD}[daily_rest]\nminimum = \"8h59m\"\n[day]\nmaximum = \"12h1m\"\n[average]\nmaximum = \"46h1m\"\n[part_time_extra]\ndivisor = 2\n[part_time_notice]\nworking_days = 2\n"
    );
    assert_eq!(
        problems(&text),
        [
            "ours.toml:7: `daily_rest.minimum` is 8 h 59 min; the law lets an agreement give at least 9 h",
            "ours.toml:9: `day.maximum` is 12 h 1 min; the law lets an agreement give at most 12 h",
            "ours.toml:11: `average.maximum` is 46 h 1 min; the law lets an agreement give at most 46 h",
            "ours.toml:13: `part_time_extra.divisor` is 2; the law lets an agreement give at least 3",
            "ours.toml:15: `part_time_notice.working_days` is 2; the law lets an agreement give at least 3",
        ]
    );
    let text = format!(
        "{HEAD}[daily_rest]\nminimum = \"9h\"\n[day]\nmaximum = \"12h\"\n[average]\nmaximum = \"46h\"\n"
    );
    assert!(pack::embedded().with(&[source(&text)]).is_ok());
    let text = format!("{HEAD}[daily_rest]\nat_least = \"1h\"\n");
    assert_eq!(
        problems(&text),
        ["ours.toml:7: `daily_rest.at_least` is set by a country's law alone; leave it out"]
    );
}

#[test]
fn every_mistake_of_a_file_is_told_with_its_line() {
    let text = "name = \"ours\"\nversion = -1\nlevel = \"city\"\nextends = \"fr\"\n[daily_rest]\nminimum = 11\nleast = \"11h\"\n[dayly]\nmaximum = \"1h\"\n[night]\nfrom = \"25:00\"\n[sunday]\nallowed = \"no\"\n[working_days]\nmaximum = 8\n[compulsory_holiday]\ndates = [\"13-01\"]\n[break]\nfrom = \"after\"\n[week]\nseverity = \"fatal\"\n";
    let found = problems(text);
    let starts = [
        "ours.toml:1: `title` is missing",
        "ours.toml:2: `version` is `-1`; give a whole number",
        "ours.toml:3: `level` is `city`; give \"country\", \"branch\" or \"company\"",
        "ours.toml:6: `daily_rest.minimum` is `11`; give a duration in quotes",
        "ours.toml:7: `daily_rest.least` is not known; the keys are article, enabled",
        "ours.toml:8: `dayly` is not known; a pack has name",
        "ours.toml:11: `night.from` is `\"25:00\"`; give a time of day",
        "ours.toml:13: `sunday.allowed` is `\"no\"`; give true or false",
        "ours.toml:15: `working_days.maximum` is `8`; give a whole number of 1 to 7",
        "ours.toml:17: `compulsory_holiday.dates` is `[\"13-01\"]`; give a list of days",
        "ours.toml:19: `break.from` is `\"after\"`; give \"reached\" or \"passed\"",
        "ours.toml:21: `week.severity` is `\"fatal\"`; give \"blocking\" or \"warning\"",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for (found, start) in found.iter().zip(starts) {
        assert!(found.starts_with(start), "{found}\n{start}");
    }
    assert_eq!(problems("name = \n").len(), 1, "what is no TOML");
}

#[test]
fn layers_lie_on_each_other_from_country_to_company() {
    let layer = |name: &str, level: &str, below: &str| {
        format!("name = \"{name}\"\nversion = 1\nlevel = \"{level}\"\n{below}title = \"x\"\n")
    };
    let missing = layer("a", "branch", "extends = \"nowhere\"\n");
    assert!(
        problems(&missing)[0].contains("`extends` is `nowhere`, which is no pack; there are a, eu")
    );
    assert!(problems(&layer("a", "branch", ""))[0].contains("`extends` is missing"));
    assert!(
        problems(&layer("a", "country", "extends = \"fr\"\n"))[0]
            .contains("a country's lies on nothing")
    );
    let (company, branch) = (
        layer("a", "company", "extends = \"fr\"\n"),
        layer("b", "branch", "extends = \"a\"\n"),
    );
    let upside_down = pack::embedded()
        .with(&[source(&company), source(&branch)])
        .unwrap_err();
    assert!(
        upside_down.to_string().contains("a layer of level company"),
        "{upside_down}"
    );
    let (one, two) = (
        layer("a", "company", "extends = \"b\"\n"),
        layer("b", "company", "extends = \"a\"\n"),
    );
    let circle = pack::embedded()
        .with(&[source(&one), source(&two)])
        .unwrap_err();
    assert!(circle.to_string().contains("in no circle"), "{circle}");
    let twice = pack::embedded()
        .with(&[source(&company), source(&company)])
        .unwrap_err();
    assert!(twice.to_string().contains("give another"), "{twice}");
    // A country's pack that lacks a figure says which.
    let bare = format!("{}[break]\nafter = \"6h\"\n", layer("xx", "country", ""));
    let found = problems(&bare);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(
        found[0].starts_with("ours.toml:6: `break.article` is missing"),
        "{found:#?}"
    );
}

#[test]
fn every_rule_of_the_list_is_in_a_pack() {
    let shipped = ["eu", "fr", "fr-2098", "fr-2148"];
    let texts = shipped.map(|name| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/labour/packs");
        std::fs::read_to_string(format!("{folder}/{name}.toml")).unwrap()
    });
    for rule in RuleId::ALL {
        let head = format!("[{}]", rule.name());
        assert!(texts.iter().any(|text| text.contains(&head)), "{head}");
    }
}
