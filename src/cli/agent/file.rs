//! Reads agents from TOML (`[[agents]]`) or CSV into the API's messages.

use crate::{
    cli::{
        text::{self, Word},
        toml_file::{self, Findings, Section},
    },
    proto::v1::{Agent, ContactHours, Site, SiteKind, SkillLevel, Terms},
};

/// The columns of a CSV file; of these `id`, `site` and `site_kind` are needed.
pub(super) const COLUMNS: [&str; 10] = [
    "id",
    "display_name",
    "skills",
    "site",
    "site_kind",
    "region",
    "provider",
    "address",
    "team",
    "employer",
];
const NEEDED: [&str; 3] = ["id", "site", "site_kind"];
const AGENT_KEYS: [&str; 8] = [
    "id",
    "display_name",
    "skills",
    "site",
    "address",
    "team",
    "employer",
    "terms",
];
const TERMS_KEYS: [&str; 6] = [
    "zone",
    "contract_week",
    "part_time",
    "night_worker",
    "born_on",
    "contact_hours",
];
const HOURS_KEYS: [&str; 3] = ["weekday", "start", "end"];
const SITE_KEYS: [&str; 4] = ["id", "kind", "region", "provider"];

/// Reads `[[agents]]`.
pub(super) fn read_toml(source: &str) -> (Vec<Agent>, Findings) {
    let mut findings = Findings::default();
    let Some(table) = toml_file::parse(source, &mut findings) else {
        return (Vec::new(), findings);
    };
    let root = Section::root(source, table.get_ref());
    root.check_keys(&["agents"], &mut findings);
    if !root.has("agents") {
        root.note(
            "agents",
            "is missing; list agents as `[[agents]]`",
            &mut findings,
        );
    }
    let sections = root.sections("agents", &mut findings);
    let agents = sections
        .iter()
        .map(|section| read_agent(section, &mut findings))
        .collect();
    (agents, findings)
}

fn read_agent(section: &Section<'_>, findings: &mut Findings) -> Agent {
    section.check_keys(&AGENT_KEYS, findings);
    if !section.has("site") {
        section.note(
            "site",
            "is missing; write it like { id = \"home-ann\", kind = \"home\" }",
            findings,
        );
    }
    let site = section.section("site", findings);
    Agent {
        id: section.required_text("id", findings),
        display_name: section.text("display_name", findings),
        skills: section.levels("skills", findings),
        site: site.map(|site| read_site(&site, findings)),
        address: section.text("address", findings),
        team: section.text("team", findings),
        employer: section.text("employer", findings),
        status: None,
        terms: section
            .section("terms", findings)
            .map(|terms| read_terms(&terms, findings)),
        readiness: None,
    }
}

fn read_terms(section: &Section<'_>, findings: &mut Findings) -> Terms {
    section.check_keys(&TERMS_KEYS, findings);
    let hours = section.sections("contact_hours", findings);
    Terms {
        zone: section.text("zone", findings),
        contract_week: section
            .duration("contract_week", findings)
            .map(text::to_api),
        is_part_time: section.flag("part_time", findings),
        is_night_worker: section.flag("night_worker", findings),
        born_on: section.text("born_on", findings),
        contact_hours: hours
            .iter()
            .map(|section| read_hours(section, findings))
            .collect(),
    }
}

fn read_hours(section: &Section<'_>, findings: &mut Findings) -> ContactHours {
    section.check_keys(&HOURS_KEYS, findings);
    ContactHours {
        weekday: section.whole("weekday", findings),
        start: section.required_text("start", findings),
        end: section.required_text("end", findings),
    }
}

fn read_site(section: &Section<'_>, findings: &mut Findings) -> Site {
    section.check_keys(&SITE_KEYS, findings);
    if !section.has("kind") {
        section.note(
            "kind",
            "is missing; it is one of home, telecentre, on_site",
            findings,
        );
    }
    Site {
        id: section.required_text("id", findings),
        kind: section.word::<SiteKind>("kind", findings) as i32,
        region: section.text("region", findings),
        provider: section.text("provider", findings),
    }
}

/// Reads a CSV file with a line of headers.
pub(super) fn read_csv(source: &str) -> (Vec<Agent>, Findings) {
    let mut findings = Findings::default();
    // Between CR and LF a reader of CSV begins to count the next record, and names its line one too low.
    let source = source.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(source.as_bytes());
    let columns: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(str::to_owned).collect(),
        Err(problem) => {
            findings.note(1, "headers", &format!("cannot be read: {problem}"));
            return (Vec::new(), findings);
        }
    };
    check_columns(&columns, &mut findings);
    let mut agents = Vec::new();
    if findings.is_clean() {
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let row = Row::new(&columns, &record, agents.len());
                    agents.push(row.agent(&mut findings));
                }
                Err(problem) => {
                    findings.note(problem_line(&problem), "row", &row_problem(&problem));
                }
            }
        }
    }
    (agents, findings)
}

fn check_columns(columns: &[String], findings: &mut Findings) {
    for (index, column) in columns.iter().enumerate() {
        if !COLUMNS.contains(&column.as_str()) {
            let what = format!("is not a column; the columns are {}", COLUMNS.join(", "));
            findings.note(1, column, &what);
        } else if columns[..index].contains(column) {
            findings.note(1, column, "is there twice");
        }
    }
    for needed in NEEDED {
        if !columns.iter().any(|column| column == needed) {
            findings.note(1, needed, "is missing; it must be a column");
        }
    }
}

fn problem_line(problem: &csv::Error) -> usize {
    let line = problem.position().map_or(0, csv::Position::line);
    usize::try_from(line).unwrap_or(usize::MAX)
}

fn row_problem(problem: &csv::Error) -> String {
    if let csv::ErrorKind::UnequalLengths {
        expected_len, len, ..
    } = problem.kind()
    {
        return format!("has {len} fields and needs {expected_len}, as the first line has");
    }
    format!("cannot be read: {problem}")
}

/// A row with the names of its columns.
struct Row<'a> {
    columns: &'a [String],
    record: &'a csv::StringRecord,
    path: String,
    line: usize,
}

impl<'a> Row<'a> {
    fn new(columns: &'a [String], record: &'a csv::StringRecord, index: usize) -> Self {
        let line = record.position().map_or(0, csv::Position::line);
        Self {
            columns,
            record,
            path: format!("agents[{index}]"),
            line: usize::try_from(line).unwrap_or(usize::MAX),
        }
    }

    fn agent(&self, findings: &mut Findings) -> Agent {
        findings.place(&self.path, self.line);
        if self.text("id").is_empty() {
            findings.note(self.line, "id", "is empty");
        }
        Agent {
            id: self.text("id"),
            display_name: self.text("display_name"),
            skills: self.skills(findings),
            site: Some(self.site(findings)),
            address: self.text("address"),
            team: self.text("team"),
            employer: self.text("employer"),
            status: None,
            terms: None,
            readiness: None,
        }
    }

    fn site(&self, findings: &mut Findings) -> Site {
        let kind = SiteKind::parse(&self.text("site_kind")).unwrap_or_else(|what| {
            findings.note(self.line, "site_kind", &format!("has {what}"));
            SiteKind::Unspecified
        });
        Site {
            id: self.text("site"),
            kind: kind as i32,
            region: self.text("region"),
            provider: self.text("provider"),
        }
    }

    fn skills(&self, findings: &mut Findings) -> Vec<SkillLevel> {
        let mut skills = Vec::new();
        for word in self
            .text("skills")
            .split('|')
            .filter(|word| !word.is_empty())
        {
            match text::parse_skill(word) {
                Ok(skill) => skills.push(skill),
                Err(what) => findings.note(self.line, "skills", &format!("has {what}")),
            }
        }
        skills
    }

    fn text(&self, column: &str) -> String {
        let position = self.columns.iter().position(|name| name == column);
        let cell = position.and_then(|at| self.record.get(at));
        cell.unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{read_csv, read_toml};

    const GOOD_CSV: &str = "\
id,display_name,skills,site,site_kind,region,provider,address,team,employer
ann,Ann,fr:3|billing:2,home-ann,home,north,fibrenet,sip:ann@example.org,red,own
bob,,,centre-1,telecentre,,,,,
";
    const GOOD_TOML: &str = "\
[[agents]]
id = \"ann\"
display_name = \"Ann\"
skills = { billing = 2, fr = 3 }
site = { id = \"home-ann\", kind = \"home\", region = \"north\", provider = \"fibrenet\" }
address = \"sip:ann@example.org\"
team = \"red\"
employer = \"own\"

[[agents]]
id = \"bob\"
site = { id = \"centre-1\", kind = \"telecentre\" }
";

    #[test]
    fn both_forms_say_the_same() {
        let (mut from_csv, csv_findings) = read_csv(GOOD_CSV);
        let (from_toml, toml_findings) = read_toml(GOOD_TOML);
        assert!(csv_findings.is_clean() && toml_findings.is_clean());
        from_csv[0].skills.sort_by(|a, b| a.skill.cmp(&b.skill));
        assert_eq!(from_csv, from_toml);
        assert_eq!(csv_findings.line_of("agents[1].site.id"), Some(3));
        assert_eq!(toml_findings.line_of("agents[1].id"), Some(11));
    }

    #[test]
    fn bad_csv_is_answered_with_line_and_field() {
        let cases = [
            ("", "f:1: `id` is missing"),
            ("id,site\n", "f:1: `site_kind` is missing"),
            ("id,site,site_kind,shoe\n", "f:1: `shoe` is not a column"),
            ("id,site,site_kind,id\n", "f:1: `id` is there twice"),
            (
                "id,site,site_kind\nann,x\n",
                "f:2: `row` has 2 fields and needs 3",
            ),
            (
                "id,site,site_kind\nann,x,attic\n",
                "f:2: `site_kind` has `attic` is not one of",
            ),
            ("id,site,site_kind\n,x,home\n", "f:2: `id` is empty"),
            (
                "id,site,site_kind,skills\na,x,home,fr:3\nb,x,home,fr\n",
                "f:3: `skills` has `fr` is not",
            ),
        ];
        for (source, expected) in cases {
            for source in [source.to_owned(), source.replace('\n', "\r\n")] {
                let report = read_csv(&source).1.report("f");
                assert!(report.contains(expected), "{source:?} gave {report}");
            }
        }
    }

    #[test]
    fn bad_toml_is_answered_with_line_and_field() {
        let cases = [
            ("", "f:1: `agents` is missing"),
            (
                "[[agents]]\nid = \"a\"\n",
                "f:1: `agents[0].site` is missing",
            ),
            (
                "[[agents]]\nid = \"a\"\nsite = 3\n",
                "f:3: `agents[0].site` must be a table",
            ),
            (
                "[[agents]]\nsite = { id = \"x\", kind = \"home\" }\n",
                "f:1: `agents[0].id` is missing",
            ),
            (
                "[[agents]]\nid = \"a\"\nsite = { id = \"x\" }\n",
                "`agents[0].site.kind` is missing",
            ),
            (
                "[[agents]]\nid = \"a\"\nshoe = 4\n",
                "f:3: `agents[0].shoe` is not known",
            ),
        ];
        for (source, expected) in cases {
            let report = read_toml(source).1.report("f");
            assert!(report.contains(expected), "{source:?} gave {report}");
        }
    }
}
