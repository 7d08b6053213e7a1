//! Words as people write them: without case, accents and marks, so that `Début`, `DEBUT` and `début *` are one.

/// The letter without its accent, in lower case; ligatures become two letters.
fn plain(c: char) -> &'static str {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'ç' => "c",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => "o",
        'ù' | 'ú' | 'û' | 'ü' => "u",
        'ý' | 'ÿ' => "y",
        'œ' => "oe",
        'æ' => "ae",
        _ => "",
    }
}

/// Lower case, without accents, hard and narrow blanks as blanks.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars().flat_map(char::to_lowercase) {
        match c {
            '\u{300}'..='\u{36f}' | '\u{feff}' => {}
            _ if c.is_whitespace() => out.push(' '),
            _ if c.is_ascii() => out.push(c),
            _ => match plain(c) {
                "" => out.push(c),
                letters => out.push_str(letters),
            },
        }
    }
    out
}

/// Words that say nothing about which column it is.
const SMALL: [&str; 14] = [
    "de", "du", "des", "d", "l", "la", "le", "les", "n", "no", "et", "and", "of", "the",
];

/// The words of a column's title: folded, split at marks, at digits and between `aB`, without small ones.
pub(super) fn title_words(title: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(title.len() + 8);
    let mut before = ' ';
    for c in title.chars() {
        let joins = (before.is_lowercase() && c.is_uppercase())
            || (before.is_alphabetic() && c.is_ascii_digit())
            || (before.is_ascii_digit() && c.is_alphabetic());
        if joins {
            spaced.push(' ');
        }
        spaced.push(c);
        before = c;
    }
    let folded = folded(&spaced);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let telling = words.iter().filter(|word| !SMALL.contains(word));
    let telling: Vec<String> = telling.map(|word| (*word).to_owned()).collect();
    if telling.is_empty() {
        words.into_iter().map(str::to_owned).collect()
    } else {
        telling
    }
}

/// Whether one or two letters differ, which is a slip of the hand in words of this length.
pub(super) fn is_near(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let allowed = usize::from(a.len() >= 3) + usize::from(a.len() >= 6);
    if a.len().abs_diff(b.len()) > allowed {
        return false;
    }
    // Each row of the table of distances follows from the two above it; two swapped letters count as one slip.
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()] <= allowed
}

#[cfg(test)]
mod tests {
    use super::{folded, is_near, title_words};

    #[test]
    fn words_are_folded() {
        assert_eq!(folded(" Févr.\u{a0}2026 "), "fevr. 2026");
        assert_eq!(folded("De\u{301}but"), "debut");
        for (title, words) in [
            ("Heure de début *", "heure debut"),
            ("StartTime", "start time"),
            ("N° matricule", "matricule"),
            ("pause1_début", "pause 1 debut"),
            ("De", "de"),
            ("À", "a"),
        ] {
            assert_eq!(title_words(title).join(" "), words, "{title}");
        }
    }

    #[test]
    fn slips_are_near() {
        for (a, b) in [
            ("strat", "start"),
            ("sart", "start"),
            ("matricul", "matricule"),
        ] {
            assert!(is_near(a, b), "{a} {b}");
        }
        for (a, b) in [("fin", "skill"), ("de", "a"), ("date", "site")] {
            assert!(!is_near(a, b), "{a} {b}");
        }
    }
}
