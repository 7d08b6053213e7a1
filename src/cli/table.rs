//! Tables for people: aligned columns that fit the terminal, with a tone for what matters.

use unicode_width::UnicodeWidthChar;

/// What stands for what was cut off.
const CUT: char = '…';

/// What stands for what cannot be shown.
const UNSHOWN: char = '\u{fffd}';

/// Below this width columns stand one blank apart, else two.
const WIDE: usize = 110;

/// How far apart columns stand on a screen of this width.
pub(super) fn gap(width: Option<usize>) -> usize {
    if width.is_none_or(|width| width >= WIDE) {
        2
    } else {
        1
    }
}

/// How a piece of text is meant. Colour only repeats what a word or a sign says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Plain,
    /// Titles.
    Head,
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Wrong.
    Bad,
    /// Of little interest.
    Faint,
}

/// A piece of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Piece {
    /// Without characters that move the cursor, or that terminals do not agree on.
    pub(super) text: String,
    /// How it is meant.
    pub(super) tone: Tone,
}

/// A line of the screen.
pub(super) type Line = Vec<Piece>;

/// A piece of text, with characters in it that every terminal draws as wide as we think: else what was there before is left
/// on the screen.
pub(super) fn piece(text: impl AsRef<str>, tone: Tone) -> Piece {
    let whole = text.as_ref();
    let mut text: String = whole.chars().filter_map(steady).collect();
    if text.is_empty() && !whole.is_empty() {
        text.push(UNSHOWN);
    }
    Piece { text, tone }
}

/// What is drawn for a character, if anything.
fn steady(c: char) -> Option<char> {
    match c {
        // They choose, join or shade the character before them, and with it its width.
        '\u{200C}'
        | '\u{200D}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{1F3FB}'..='\u{1F3FF}'
        | '\u{E0000}'..='\u{E0FFF}' => None,
        // Two make a flag, which not every terminal has: its letters.
        '\u{1F1E6}'..='\u{1F1FF}' => char::from_u32(u32::from(c) - 0x1F1E6 + u32::from('A')),
        _ if is_unsteady(c) || c.is_control() => Some(UNSHOWN),
        _ => Some(c),
    }
}

/// Whether terminals do not agree on it: fillers and signs that only some show, and those that are narrow by the standard and
/// wide in tmux.
fn is_unsteady(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}'
            | '\u{600}'..='\u{605}' | '\u{6DD}' | '\u{70F}' | '\u{8E2}'
            | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{261D}' | '\u{26F9}' | '\u{270C}' | '\u{270D}' | '\u{1F3CB}' | '\u{1F3CC}'
            | '\u{1F574}' | '\u{1F575}' | '\u{1F590}'
    )
}

/// A piece of text without a tone.
pub(super) fn plain(text: impl AsRef<str>) -> Piece {
    piece(text, Tone::Plain)
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    title: &'static str,
    /// Numbers are aligned to the right.
    right: bool,
    /// Columns with the highest rank go first where there is no room; those of rank zero stay.
    rank: u8,
    /// The least width that it may be cut down to; without it, it is never cut.
    least: Option<usize>,
}

impl Column {
    /// Text, which may be cut.
    pub(super) const fn text(title: &'static str, least: usize) -> Self {
        Self {
            title,
            right: false,
            rank: 0,
            least: Some(least),
        }
    }

    /// Short words, which are never cut.
    pub(super) const fn word(title: &'static str) -> Self {
        Self {
            title,
            right: false,
            rank: 0,
            least: None,
        }
    }

    /// Numbers, which are never cut.
    pub(super) const fn number(title: &'static str) -> Self {
        Self {
            title,
            right: true,
            rank: 0,
            least: None,
        }
    }

    /// The same for where there is room: the higher the rank, the more room it takes.
    pub(super) const fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }
}

/// Lays rows out under their columns, `gap` spaces apart. With a width no line is longer: columns are left out by their
/// rank, then texts are cut, the longest first.
pub(super) fn lay_out(
    columns: &[Column],
    rows: &[Vec<Piece>],
    width: Option<usize>,
    gap: usize,
) -> Vec<Line> {
    let mut widths: Vec<usize> = columns.iter().map(|column| wide(column.title)).collect();
    for row in rows {
        for (column, cell) in widths.iter_mut().zip(row) {
            *column = (*column).max(wide(&cell.text));
        }
    }
    let kept = fit(columns, &mut widths, width, gap);
    let head = columns.iter().map(|column| piece(column.title, Tone::Head));
    let head: Vec<Piece> = head.collect();
    let rows = std::iter::once(&head).chain(rows);
    rows.map(|row| line(columns, row, &widths, &kept, gap, width))
        .collect()
}

/// Which columns are kept; their widths are cut so that they fit.
fn fit(columns: &[Column], widths: &mut [usize], width: Option<usize>, gap: usize) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    let Some(width) = width else { return kept };
    let least = |at: usize, widths: &[usize], times: usize| {
        let least = columns[at].least.map(|least| least * times);
        let least = least.unwrap_or(widths[at]);
        least.max(wide(columns[at].title)).min(widths[at])
    };
    let total = |kept: &[usize], of: &dyn Fn(usize) -> usize| -> usize {
        let cells: usize = kept.iter().map(|at| of(*at)).sum();
        cells + gap * kept.len().saturating_sub(1)
    };
    // A further column is not worth it if others are then cut down to little.
    while total(&kept, &|at| least(at, widths, 2)) > width {
        let spare = kept.iter().filter(|at| columns[**at].rank > 0);
        let Some(out) = spare.copied().max_by_key(|at| (columns[*at].rank, *at)) else {
            break;
        };
        kept.retain(|at| *at != out);
    }
    while total(&kept, &|at| widths[at]) > width {
        let can = |at: &&usize| widths[**at] > least(**at, widths, 1);
        let Some(longest) = kept.iter().filter(can).max_by_key(|at| widths[**at]) else {
            break;
        };
        widths[*longest] -= 1;
    }
    kept
}

fn line(
    columns: &[Column],
    row: &[Piece],
    widths: &[usize],
    kept: &[usize],
    gap: usize,
    width: Option<usize>,
) -> Line {
    let mut line = Line::new();
    for at in kept {
        let cell = row.get(*at).cloned().unwrap_or_default();
        let text = cut(&cell.text, widths[*at]);
        let blank = " ".repeat(widths[*at] - wide(&text));
        if !line.is_empty() {
            line.push(plain(" ".repeat(gap)));
        }
        let cell = Piece { text, ..cell };
        if columns[*at].right {
            line.extend([plain(blank), cell]);
        } else {
            line.extend([cell, plain(blank)]);
        }
    }
    trim(&mut line);
    match width {
        Some(width) => cut_line(line, width),
        None => line,
    }
}

/// Takes blanks off the end.
fn trim(line: &mut Line) {
    while let Some(last) = line.last_mut() {
        last.text.truncate(last.text.trim_end().len());
        if !last.text.is_empty() {
            return;
        }
        line.pop();
    }
}

/// The text, at most so wide.
pub(super) fn cut(text: &str, width: usize) -> String {
    if wide(text) <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let fits = |c: &char| {
        let wide = c.width().unwrap_or(0);
        let fits = wide <= room;
        room = room.saturating_sub(wide);
        fits
    };
    let kept: String = text.chars().take_while(fits).collect();
    if width == 0 {
        kept
    } else {
        format!("{kept}{CUT}")
    }
}

/// The line, at most so wide.
pub(super) fn cut_line(line: Line, width: usize) -> Line {
    if line_width(&line) <= width {
        return line;
    }
    let mut room = width;
    let mut short = Line::new();
    for Piece { text, tone } in line {
        let wide = wide(&text);
        // One place is kept for the sign that something is missing.
        if wide >= room {
            let text = if wide == room {
                format!("{text} ")
            } else {
                text
            };
            let text = cut(&text, room);
            short.push(Piece { text, tone });
            break;
        }
        room -= wide;
        short.push(Piece { text, tone });
    }
    short
}

/// How many columns of the screen a text takes: its characters one by one, as terminals count them.
fn wide(text: &str) -> usize {
    let wide = text.chars().map(|c| c.width().unwrap_or(0));
    wide.sum()
}

/// How many columns of the screen a line takes.
pub(super) fn line_width(line: &Line) -> usize {
    line.iter().map(|piece| wide(&piece.text)).sum()
}

/// Lines as text, with the terminal's colours if they are wanted.
pub(super) fn to_text(lines: &[Line], colour: bool) -> String {
    let lines = lines.iter().map(|line| {
        let pieces = line.iter().map(|piece| shown(piece, colour));
        pieces.collect::<String>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn shown(piece: &Piece, colour: bool) -> String {
    let code = match piece.tone {
        Tone::Plain => return piece.text.clone(),
        Tone::Head => "1",
        Tone::Good => "32",
        Tone::Warn => "33",
        Tone::Bad => "1;31",
        Tone::Faint => "2",
    };
    if colour && !piece.text.is_empty() {
        format!("\x1b[{code}m{}\x1b[0m", piece.text)
    } else {
        piece.text.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Piece, Tone, cut, cut_line, lay_out, line_width, piece, plain, to_text};

    fn rows() -> Vec<Vec<Piece>> {
        [["ann", "7", "fibrenet"], ["étienne-marie", "12", "寒い"]]
            .map(|row| row.map(plain).to_vec())
            .to_vec()
    }

    const COLUMNS: [Column; 3] = [
        Column::text("agent", 5),
        Column::number("calls"),
        Column::text("provider", 8).rank(1),
    ];

    fn laid_out(width: Option<usize>) -> String {
        to_text(&lay_out(&COLUMNS, &rows(), width, 2), false)
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_numbers_end_together() {
        let expected = "\
agent          calls  provider
ann                7  fibrenet
étienne-marie     12  寒い";
        assert_eq!(laid_out(None), expected);
        assert_eq!(laid_out(Some(30)), expected);
    }

    #[test]
    fn a_narrow_table_cuts_texts_and_then_leaves_columns_out() {
        let cut = "\
agent       calls  provider
ann             7  fibrenet
étienne-m…     12  寒い";
        assert_eq!(laid_out(Some(27)), cut);
        let without = "agent  calls\nann        7\nétie…     12";
        assert_eq!(laid_out(Some(12)), without);
        for width in 0..40 {
            let lines = lay_out(&COLUMNS, &rows(), Some(width), 2);
            assert!(
                lines.iter().all(|line| line_width(line) <= width),
                "{width}"
            );
        }
    }

    #[test]
    fn a_wide_letter_is_not_split() {
        assert_eq!(cut("寒い日", 6), "寒い日");
        assert_eq!(cut("寒い日", 5), "寒い…");
        assert_eq!(cut("寒い日", 4), "寒…");
        assert_eq!(cut("abc", 0), "");
        let line = vec![plain("ab"), piece("cd", Tone::Bad)];
        assert_eq!(to_text(&[cut_line(line, 3)], false), "ab…");
    }

    #[test]
    fn what_terminals_do_not_agree_on_is_drawn_as_something_else() {
        let cases = [
            ("❤\u{fe0f}", "❤"),
            ("🇩🇪 desk", "DE desk"),
            ("👩\u{200d}💻", "👩💻"),
            ("👍🏽", "👍"),
            ("hangul\u{3164}", "hangul\u{fffd}"),
            ("\u{fe0f}", "\u{fffd}"),
            ("نیک\u{200c}نام", "نیکنام"),
            ("e\u{301}", "e\u{301}"),
        ];
        for (name, shown) in cases {
            assert_eq!(plain(name).text, shown, "{name:?}");
        }
        assert_eq!(
            line_width(&vec![plain("لا")]),
            2,
            "terminals join no letters"
        );
    }

    #[test]
    fn nothing_moves_the_cursor() {
        let wicked = piece("a\x1b[2Jb\n\u{9b}", Tone::Bad);
        assert_eq!(wicked.text, "a\u{fffd}[2Jb\u{fffd}\u{fffd}");
        let line = vec![vec![wicked]];
        assert!(to_text(&line, true).starts_with("\x1b[1;31ma"));
    }
}
