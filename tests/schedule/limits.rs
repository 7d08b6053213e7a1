//! Files made to take all memory or time: refused within 50 MiB and a second of the processor's time, by the program itself.

use std::{
    fs::{self, File},
    io::{BufWriter, Read, Seek, Write},
    path::Path,
    process::{Child, Stdio},
};

use serde_json::Value;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::support::program::{command, json};

/// Memory that a refusal may take, in KiB.
const MEMORY_KIB: u64 = 50 << 10;

/// What a run of the program took.
#[derive(Debug, Default)]
struct Cost {
    memory_kib: u64,
    cpu_ms: u64,
}

impl Cost {
    /// Looks at a process that may be over; its highest mark of memory and its time never go down.
    fn look(&mut self, process: u32) {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let mark = mark.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        self.memory_kib = self.memory_kib.max(mark.unwrap_or(0));
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let fields: Vec<u64> = after_name
            .split_whitespace()
            .map(|field| field.parse().unwrap_or(0))
            .collect();
        // User and system time, in hundredths of a second on every Linux.
        if let Some(ticks) = fields.get(11..13) {
            self.cpu_ms = self.cpu_ms.max((ticks[0] + ticks[1]) * 10);
        }
    }
}

fn refused(file: &Path) -> (Value, Cost) {
    let arguments = [
        "schedule",
        "validate",
        file.to_str().unwrap(),
        "--zone",
        "Europe/Paris",
        "--json",
    ];
    // A file takes what is printed: a pipe would fill and hold the program up.
    let mut printed = tempfile::tempfile().unwrap();
    let mut child: Child = command(&arguments)
        .stdout(printed.try_clone().unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut cost = Cost::default();
    let status = loop {
        cost.look(child.id());
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::yield_now();
    };
    let mut stdout = String::new();
    printed.rewind().unwrap();
    printed.read_to_string(&mut stdout).unwrap();
    let code = status.code().unwrap();
    assert_eq!(code, 1, "{}: {stdout}", file.display());
    (json(&stdout), cost)
}

fn hold(file: &Path, reason: &str) {
    let (document, cost) = refused(file);
    let problem = &document["problems"][0];
    let message = problem["message"].as_str().unwrap();
    assert!(message.contains(reason), "{}: {problem}", file.display());
    assert_eq!(
        document["shifts"],
        Value::from(Vec::<Value>::new()),
        "{}",
        file.display()
    );
    assert!(
        cost.memory_kib > 0 && cost.memory_kib < MEMORY_KIB,
        "{}: {cost:?}",
        file.display()
    );
    assert!(cost.cpu_ms < 1_000, "{}: {cost:?}", file.display());
}

/// A workbook with one part more.
fn workbook(path: &Path, part: &str, content: impl Fn(&mut ZipWriter<File>)) {
    let good = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/uploads/ok_typed.xlsx");
    let mut good = zip::ZipArchive::new(File::open(good).unwrap()).unwrap();
    let mut made = ZipWriter::new(File::create(path).unwrap());
    for at in 0..good.len() {
        let entry = good.by_index_raw(at).unwrap();
        if entry.name().unwrap() != part {
            made.raw_copy_file(entry).unwrap();
        }
    }
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    made.start_file(part, options).unwrap();
    content(&mut made);
    made.finish().unwrap();
}

fn zeros(made: &mut ZipWriter<File>) {
    let block = vec![b' '; 1 << 20];
    (0..64).for_each(|_| made.write_all(&block).unwrap());
}

#[test]
fn workbooks_that_unpack_to_much_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bomb = folder.path().join("bomb.xlsx");
    workbook(&bomb, "xl/sharedStrings.xml", zeros);
    hold(&bomb, "unpacks to more than 50 MiB");
    // The same, with a directory that says that the part is small.
    let mut bytes = fs::read(&bomb).unwrap();
    let size = (64_u32 << 20).to_le_bytes();
    let places: Vec<usize> = bytes
        .windows(4)
        .enumerate()
        .filter(|(_, four)| *four == size)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 4].copy_from_slice(&1_000_u32.to_le_bytes());
    }
    let liar = folder.path().join("liar.xlsx");
    fs::write(&liar, bytes).unwrap();
    let (document, cost) = refused(&liar);
    assert!(document["errors"].as_u64().unwrap() > 0, "{document}");
    assert!(
        cost.memory_kib < MEMORY_KIB && cost.cpu_ms < 1_000,
        "{cost:?}"
    );
    let strings = folder.path().join("strings.xlsx");
    workbook(&strings, "xl/sharedStrings.xml", |made| {
        made.write_all(b"<sst>").unwrap();
        made.write_all("<si><t/></si>".repeat(1_100_000).as_bytes())
            .unwrap();
        made.write_all(b"</sst>").unwrap();
    });
    hold(&strings, "more than 1000000 cells");
}

#[test]
fn workbooks_with_far_or_repeated_cells_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let far = folder.path().join("far.xlsx");
    let sheet = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData></worksheet>";
    workbook(&far, "xl/worksheets/sheet1.xml", |made| {
        made.write_all(sheet.as_bytes()).unwrap()
    });
    hold(&far, "column 16384 of row 1048576");
    let ods = folder.path().join("repeated.ods");
    let mut made = ZipWriter::new(File::create(&ods).unwrap());
    for (name, content) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        (
            "content.xml",
            "<o xmlns:table=\"t\" xmlns:text=\"x\" xmlns:office=\"f\"><table:table table:name=\"a\"><table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell table:number-columns-repeated=\"200\" office:value-type=\"string\"><text:p>x</text:p></table:table-cell></table:table-row></table:table></o>",
        ),
    ] {
        made.start_file(name, SimpleFileOptions::default()).unwrap();
        made.write_all(content.as_bytes()).unwrap();
    }
    made.finish().unwrap();
    hold(&ods, "more than 1000000 cells");
}

#[test]
fn texts_with_too_much_are_refused_before_they_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("line.csv");
    File::create(&large).unwrap().set_len(1 << 30).unwrap();
    hold(&large, "the file has 1024 MiB");
    let long = folder.path().join("long.csv");
    fs::write(
        &long,
        format!("agent,date,start,end\n{}", "x".repeat(3 << 20)),
    )
    .unwrap();
    hold(&long, "the row is longer than 1 MiB");
    let open = folder.path().join("open.csv");
    fs::write(
        &open,
        format!("agent,date,start,end\n\"{}", "x\n".repeat(1 << 20)),
    )
    .unwrap();
    hold(&open, "a quote is opened here and not closed");
    let rows = folder.path().join("rows.csv");
    let mut file = BufWriter::new(File::create(&rows).unwrap());
    file.write_all(b"agent,date,start,end\n").unwrap();
    let block = "a,2026-03-02,08:00,12:00\n".repeat(1_000);
    (0..2_001).for_each(|_| file.write_all(block.as_bytes()).unwrap());
    file.flush().unwrap();
    hold(&rows, "the file has more than 2000000 rows");
}

#[test]
fn calendars_without_end_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let event = "BEGIN:VEVENT\nDTSTART:20260302T080000\nDTEND:20260302T120000\n";
    for (name, rule, reason) in [
        (
            "count",
            "FREQ=DAILY;COUNT=1000000000",
            "COUNT=1000000000 is not within",
        ),
        ("secondly", "FREQ=SECONDLY", "does not repeat SECONDLY"),
    ] {
        let file = folder.path().join(format!("{name}.ics"));
        fs::write(
            &file,
            format!("BEGIN:VCALENDAR\n{event}RRULE:{rule}\nEND:VEVENT\nEND:VCALENDAR\n"),
        )
        .unwrap();
        hold(&file, reason);
    }
    let many = folder.path().join("many.ics");
    let events = format!("{event}RRULE:FREQ=DAILY\nEND:VEVENT\n").repeat(1_000);
    fs::write(
        &many,
        format!("BEGIN:VCALENDAR\nX-HOMESHORE-AGENT:a\n{events}END:VCALENDAR\n"),
    )
    .unwrap();
    let (document, cost) = refused(&many);
    assert!(document["errors"].as_u64().unwrap() > 0);
    assert!(cost.memory_kib < MEMORY_KIB, "{cost:?}");
}
