"""Writes files to `tests/reference/uploads`: the same 14 shifts in many forms (`ok_*`), and files that must be refused
(`bad_*`); and others, with what they hold, to `files` beside this.

    python3 -m venv venv && venv/bin/pip install openpyxl odfpy xlsxwriter msoffcrypto-tool
    venv/bin/python tests/schedule/make_files.py

It shares no code with homeshore. Two files are written by LibreOffice, if `soffice` is there: what is there else stays.
"""

import csv
import datetime as dt
import io
import pathlib
import shutil
import subprocess
import tempfile
import zipfile

import openpyxl
import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile
from odf import opendocument, table, text
from openpyxl.utils.datetime import CALENDAR_MAC_1904

HERE = pathlib.Path(__file__).parent.parent / "reference" / "uploads"
OTHERS = pathlib.Path(__file__).parent / "files"
SHIFTS = [
    ("E017", "Élodie Lefèvre", "2026-03-02", "17:30", "21:30", "assistance|facturation", "domicile"),
    ("E017", "Élodie Lefèvre", "2026-03-07", "09:00", "12:30", "assistance", "domicile"),
    ("E021", "Maëlle O'Connor", "2026-03-03", "11:30", "14:30", "facturation", "télécentre Guéret"),
    ("E021", "Maëlle O'Connor", "2026-03-03", "17:00", "20:00", "facturation", "télécentre Guéret"),
    ("E033", "Łukasz Żółć", "2026-03-28", "22:00", "06:00", "english", "domicile"),
    ("E033", "Łukasz Żółć", "2026-10-24", "22:00", "06:00", "english", "domicile"),
    ("E040", 'François "Fanfan" Noël', "2026-04-04", "08:00", "14:00", "assistance", "domicile"),
    ("E041", "Aïssatou Ndiaye; remplaçante", "2026-05-08", "18:00", "22:00", "assistance", "domicile"),
    ("E042", "Zoé Bœuf", "2026-03-29", "03:00", "08:00", "assistance", "domicile"),
    ("0043", "Code à zéro initial", "2026-03-04", "20:00", "24:00", "assistance", "domicile"),
    ("E044", "Hervé Müller", "2026-12-31", "20:00", "02:00", "assistance", "domicile"),
    ("E045", "Inès Gómez", "2026-03-05", "07:45", "12:15", "facturation|assistance", "domicile"),
    ("E046", "Jean-Noël Çetin", "2028-02-29", "18:00", "21:00", "assistance", "domicile"),
    ("E047", "Anaïs Garçon", "2026-03-06", "12:00", "15:30", "assistance", "domicile"),
]
LATIN = [tuple(cell.replace("Łukasz Żółć", "Lukasz Zolc") for cell in row) for row in SHIFTS]
ENGLISH = ["agent", "name", "date", "start", "end", "skills", "site"]
FRENCH = ["Matricule", "Nom", "Date", "Début", "Fin", "Compétences", "Site"]


def french_date(date):
    return "/".join(reversed(date.split("-")))


def french_time(time):
    return time.replace(":", "h")


def part(time):
    hours, minutes = map(int, time.split(":"))
    return (hours * 60 + minutes) / 1440


def serial(date):
    return (dt.date.fromisoformat(date) - dt.date(1899, 12, 30)).days


def as_csv(rows, separator, end="\r\n", quoting=csv.QUOTE_MINIMAL):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerows(rows)
    return out.getvalue()


def write(name, data, encoding="utf-8"):
    data = data if isinstance(data, bytes) else data.encode(encoding)
    folder = HERE if name.startswith(("ok_", "bad_")) else OTHERS
    (folder / name).write_bytes(data)


def each(of, date=str, time=str):
    return [(a, n, date(d), time(s), time(e), k, p) for a, n, d, s, e, k, p in of]


def good_tables():
    french = [FRENCH, *each(SHIFTS, french_date, french_time)]
    write("ok_bom_semicolon_french.csv", as_csv(french, ";"), "utf-8-sig")
    write("ok_utf16le_tab.csv", b"\xff\xfe" + as_csv(french, "\t").encode("utf-16-le"))
    write("ok_utf16be_tab.csv", b"\xfe\xff" + as_csv(french, "\t").encode("utf-16-be"))
    write("ok_pipe_all_quoted.csv", as_csv([ENGLISH, *SHIFTS], "|", "\n", csv.QUOTE_ALL))
    write("ok_cr_line_ends.csv", as_csv([ENGLISH, *SHIFTS], ",", "\r"))
    latin = [FRENCH, *each(LATIN, french_date, french_time)]
    write("latin_windows1252_semicolon.csv", as_csv(latin, ";"), "cp1252")
    comma = lambda value: repr(value).replace(".", ",")
    serials = [(a, n, serial(d), comma(part(s)), comma(part(e)), k, p) for a, n, d, s, e, k, p in SHIFTS]
    write("ok_excel_serials_decimal_commas.csv", as_csv([FRENCH, *serials], ";"))
    times = each(SHIFTS, lambda d: f"lundi {french_date(d)}"[6:], lambda t: f"{t}:00")
    titled = [["Planning du mois"], [], ["Agent", "Nom complet", "Jour", "Heure de début", "Heure de fin", "Compétence", "Lieu"]]
    write("ok_titles_above_seconds_blank_rows.csv", as_csv([*titled, *times[:5], [], *times[5:], []], ";"))
    months = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()

    def long_date(date):
        year, month, day = map(int, date.split("-"))
        weekday = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()[dt.date(year, month, day).weekday()]
        return f"{weekday} {day} {months[month - 1]} {year}"

    short = each(SHIFTS, long_date, lambda t: french_time(t).removesuffix("00").lstrip("0") if t != "03:00" else "3 h")
    write("ok_long_dates_short_hours_sep_line.csv", "sep=;\r\n" + as_csv([FRENCH, *short], ";"))

    def stamp(date, time, after=None):
        day = dt.date.fromisoformat(date)
        if time == "24:00" or (after is not None and time <= after):
            day, time = day + dt.timedelta(1), time.replace("24:00", "00:00")
        return f"{day.isoformat()} {time}"

    stamps = [(a, n, stamp(d, s), stamp(d, e, s), k, p) for a, n, d, s, e, k, p in SHIFTS]
    head = ["agent_id", "agent_name", "start_datetime", "end_datetime", "skills", "site"]
    write("ok_date_times.csv", as_csv([head, *stamps], ","))
    order = [4, 6, 0, 3, 2, 5, 1]
    mixed = [[row[at] for at in order] + ["x"] for row in [ENGLISH, *SHIFTS]]
    write("ok_other_order_unknown_column.csv", as_csv(mixed, ","))


def bad_tables():
    rows = [list(row) for row in SHIFTS[:4]]

    def bad(name, at, column, value, separator=",", head=ENGLISH):
        changed = [list(row) for row in rows]
        changed[at][column] = value
        write(f"bad_{name}.csv", as_csv([head, *changed], separator))

    bad("date_31_february", 1, 2, "31/02/2026")
    bad("time_25", 2, 3, "25:00")
    bad("end_missing", 2, 4, "")
    bad("agent_missing", 0, 0, "")
    bad("length_24h", 1, 4, "09:00")
    bad("length_huge", 1, 4, "08:30")
    bad("year", 1, 2, "0206-03-07")
    bad("end_in_spring_gap", 1, 2, "2026-03-28")
    changed = [*rows, ["E050", "X", "2026-03-28", "22:00", "02:30", "assistance", "domicile"]]
    write("bad_end_in_spring_gap.csv", as_csv([ENGLISH, *changed], ","))
    write("bad_overlap.csv", as_csv([ENGLISH, *rows, ["E021", "Maëlle O'Connor", "2026-03-03", "14:00", "16:00", "", ""]], ","))
    write("bad_duplicate_row.csv", as_csv([ENGLISH, *rows, rows[1]], ","))
    write("bad_unknown_header.csv", as_csv([["agent", "name", "date", "zzz", "end", "skills", "site"], *rows], ","))
    write("bad_no_header.csv", as_csv(rows, ","))
    write("bad_empty.csv", "")
    write("bad_header_alone.csv", as_csv([ENGLISH], ","))
    write("bad_unclosed_quote.csv", as_csv([ENGLISH, *rows], ",").replace("Maëlle", '"Maëlle', 1))
    write("bad_extra_cell.csv", as_csv([ENGLISH, *rows], ",").replace("Élodie Lefèvre", "Élodie, Lefèvre", 1))
    write("bad_not_a_workbook.xlsx", as_csv([ENGLISH, *rows], ","))
    write("bad_two_encodings.csv", as_csv([ENGLISH, *rows[:2]], ",").encode() + as_csv(rows[2:], ",").encode("cp1252"))
    write("bad_binary.csv", bytes(range(1, 256)) * 4)


TIME = dt.time


def typed(row):
    agent, name, date, start, end, skills, site = row
    clock = lambda time: dt.timedelta(1) if time == "24:00" else TIME.fromisoformat(time)
    return [agent, name, dt.date.fromisoformat(date), clock(start), clock(end), skills, site]


def book(name, rows, before=(), head=FRENCH, epoch=None, shape=None):
    made = openpyxl.Workbook()
    if epoch:
        made.epoch = epoch
    sheet = made.active
    sheet.title = "Planning"
    for row in [*before, head, *rows]:
        sheet.append(row)
    if shape:
        shape(made, sheet)
    made.save(HERE / name)


def good_books():
    rows = [typed(row) for row in SHIFTS]
    book("ok_1904.xlsx", rows, epoch=CALENDAR_MAC_1904)
    book("ok_text_cells.xlsx", each(SHIFTS, french_date, french_time))

    def merged(_, sheet):
        sheet.merge_cells("A1:G1")
        sheet.merge_cells("D4:E4")
        for column in "ABCFG":
            sheet.merge_cells(f"{column}4:{column}5")

    above = [["Planning mars 2026"], ["édité le 20/02/2026"], [], ["Matricule", "Nom", "Date", "Horaires", None, "Compétences", "Site"]]
    book("ok_title_rows_merged_header.xlsx", rows, above, [None, None, None, "Début", "Fin", None, None], shape=merged)

    def sheets(made, sheet):
        first = made.create_sheet("Légende", 0)
        first.append(["couleur", "sens"])
        hidden = made.create_sheet("Ancien", 0)
        hidden.append(FRENCH)
        hidden.append(typed(SHIFTS[0]))
        hidden.sheet_state = "hidden"

    book("ok_several_sheets.xlsx", rows, shape=sheets)
    date = lambda row: dt.datetime.fromisoformat(f"{row[2]}T{row[3]}")

    def until(row):
        day, time = dt.datetime.fromisoformat(row[2]), row[4]
        hours, minutes = map(int, time.split(":"))
        end = day + dt.timedelta(hours=hours, minutes=minutes)
        return end if end > date(row) else end + dt.timedelta(1)

    stamped = [[r[0], r[1], date(r), until(r), r[5], r[6]] for r in SHIFTS]
    book("ok_date_time_cells.xlsx", stamped, head=["Matricule", "Nom", "Début", "Fin", "Compétences", "Site"])
    numbers = [[r[0], r[1], serial(r[2]), part(r[3]), part(r[4]), r[5], r[6]] for r in SHIFTS]
    made = xlsxwriter.Workbook(str(HERE / "ok_general_numbers_shared_strings.xlsx"))
    sheet = made.add_worksheet("Feuil1")
    for at, row in enumerate([FRENCH, *numbers]):
        sheet.write_row(at + 2, 1, row)
    made.close()


def good_ods():
    made = opendocument.OpenDocumentSpreadsheet()
    sheet = table.Table(name="Planning")
    for at, row in enumerate([["Planning de mars"], [], FRENCH, *SHIFTS]):
        line = table.TableRow()
        for column, value in enumerate(row):
            if at > 2 and column == 2:
                cell = table.TableCell(valuetype="date", datevalue=value)
            elif at > 2 and column in (3, 4):
                hours, minutes = value.split(":")
                cell = table.TableCell(valuetype="time", timevalue=f"PT{hours}H{minutes}M00S")
            else:
                cell = table.TableCell(valuetype="string")
            cell.addElement(text.P(text=value))
            line.addElement(cell)
        sheet.addElement(line)
    made.spreadsheet.addElement(sheet)
    made.save(str(HERE / "ok_typed.ods"))


def bad_books():
    rows = [typed(row) for row in SHIFTS[:4]]
    book("bad_date_text_31_february.xlsx", [*rows[:1], ["E017", "X", "31/02/2026", *rows[1][3:]]])
    book("bad_number_as_date.xlsx", [*rows[:1], ["E017", "X", 12, *rows[1][3:]]])
    book("bad_start_in_spring_gap.xlsx", [*rows, ["E050", "X", dt.date(2026, 3, 29), TIME(2, 30), TIME(6), "", ""]])
    book("bad_no_titles.xlsx", rows, head=["a", "b"])

    def far(_, sheet):
        sheet["XFD1048576"] = "x"

    book("bad_far_cell.xlsx", rows, shape=far)
    whole = (HERE / "ok_1904.xlsx").read_bytes()
    write("bad_cut_off.xlsx", whole[: len(whole) // 2])
    with zipfile.ZipFile(HERE / "bad_no_workbook.xlsx", "w") as archive:
        archive.writestr("read.me", "no workbook")
    with open(HERE / "bad_password.xlsx", "wb") as locked:
        OOXMLFile(io.BytesIO(whole)).encrypt("secret", locked)
    with zipfile.ZipFile(HERE / "bad_zip_bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        with zipfile.ZipFile(io.BytesIO(whole)) as good:
            for entry in good.namelist():
                archive.writestr(entry, good.read(entry))
        archive.writestr("xl/media/zeros.bin", b"\0" * (60 << 20))


def by_office():
    if not shutil.which("soffice"):
        return
    with tempfile.TemporaryDirectory() as folder:
        for source, target, form in [
            ("ok_title_rows_merged_header.xlsx", "ok_office_merged_header.ods", "ods"),
            ("ok_1904.xlsx", "ok_office_1904.ods", "ods"),
            ("ok_typed.ods", "ok_office.xlsx", "xlsx:Calc MS Excel 2007 XML"),
        ]:
            made = HERE / source
            subprocess.run(["soffice", "--headless", "--convert-to", form, "--outdir", folder, made], check=True)
            shutil.copy(pathlib.Path(folder) / f"{made.stem}.{form.split(':')[0]}", HERE / target)


def calendar(*events, head=()):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//made up//EN", *head]
    for event in events:
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def calendars():
    """The shifts of `cal_*` are written out in `tests/schedule/calendars.rs`."""
    paris = "DTSTART;TZID=Europe/Paris:"
    until = "DTEND;TZID=Europe/Paris:"
    name = ["X-WR-CALNAME:E017"]
    weekly = ["UID:1", paris + "20260302T173000", until + "20260302T213000", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260331T220000Z"]
    weekly += ["EXDATE;TZID=Europe/Paris:20260304T173000", "CATEGORIES:assistance,facturation", "LOCATION:domicile"]
    weekly += ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "END:VALARM"]
    moved = ["UID:1", "RECURRENCE-ID;TZID=Europe/Paris:20260309T173000", paris + "20260309T180000", until + "20260309T220000"]
    gone = ["UID:1", "RECURRENCE-ID:20260311T163000Z", paris + "20260311T173000", until + "20260311T213000", "STATUS:CANCELLED"]
    night = ["UID:2", "DTSTART;TZID=Romance Standard Time:20260327T220000", "DURATION:PT8H", "RRULE:FREQ=DAILY;COUNT=2"]
    write("cal_weekly_with_exceptions.ics", calendar(weekly, moved, gone, head=name))
    write("cal_outlook_night.ics", calendar(night, head=name))
    write("cal_floating_and_utc.ics", calendar(["UID:3", "DTSTART:20260405T080000", "DTEND:20260405T120000"], ["UID:4", "DTSTART:20260406T080000Z", "DTEND:20260406T120000Z"], head=name))
    plain = ["UID:5", paris + "20260302T173000", until + "20260302T213000"]
    write("bad_secondly.ics", calendar([*plain, "RRULE:FREQ=SECONDLY"], head=name))
    write("bad_count.ics", calendar([*plain, "RRULE:FREQ=DAILY;COUNT=1000000000"], head=name))
    write("bad_exrule.ics", calendar([*plain, "RRULE:FREQ=DAILY;COUNT=5", "EXRULE:FREQ=DAILY"], head=name))
    write("bad_zone.ics", calendar(["UID:6", "DTSTART;TZID=../../etc/passwd:20260302T173000", until + "20260302T213000"], head=name))
    write("bad_spring_gap.ics", calendar(["UID:7", paris + "20260329T023000", until + "20260329T060000"], head=name))
    write("bad_no_end.ics", calendar(["UID:8", paris + "20260329T053000"], head=name))
    write("bad_cut_off.ics", calendar(plain, head=name)[:-20])
    write("bad_overlap.ics", calendar(plain, [*plain[1:], "UID:9"], head=name))


if __name__ == "__main__":
    for folder in (HERE, OTHERS):
        folder.mkdir(exist_ok=True)
    good_tables()
    good_books()
    good_ods()
    bad_tables()
    bad_books()
    calendars()
    by_office()
