//! Just enough of Rust's lexing to see paths and not be fooled by comments and texts.

/// A piece of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// An identifier, a keyword or a number.
    Word(String),
    /// `::`.
    PathSep,
    /// The inside of a text, as written.
    Text(String),
    /// Any other character.
    Mark(char),
}

impl Token {
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found == word)
    }

    pub(super) fn is_mark(&self, mark: char) -> bool {
        *self == Self::Mark(mark)
    }
}

/// Splits code into tokens; comments and characters in quotes are left out.
pub(super) fn tokens(code: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => text(rest, &mut found),
            'r' if raw_hashes(rest).is_some() => raw_text(rest, &mut found),
            '\'' => quoted(rest),
            ':' if rest.starts_with("::") => {
                found.push(Token::PathSep);
                2
            }
            _ if is_word(first) => word(rest, &mut found),
            _ if first.is_whitespace() => first.len_utf8(),
            _ => {
                found.push(Token::Mark(first));
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(rest: &str, found: &mut Vec<Token>) -> usize {
    let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    found.push(Token::Word(rest[..length].into()));
    length
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        let ahead = &rest[at..];
        match (ahead.get(..2), ahead.chars().next()) {
            (Some("/*"), _) => (depth, at) = (depth + 1, at + 2),
            (Some("*/"), _) => (depth, at) = (depth - 1, at + 2),
            (_, Some(other)) => at += other.len_utf8(),
            (_, None) => return at,
        }
        if depth == 0 {
            return at;
        }
    }
}

fn text(rest: &str, found: &mut Vec<Token>) -> usize {
    let mut escaped = false;
    let inside = &rest[1..];
    let end = inside.find(|c| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    let end = end.unwrap_or(inside.len());
    found.push(Token::Text(inside[..end].into()));
    (end + 2).min(rest.len())
}

/// How many `#` a raw text opens with.
fn raw_hashes(rest: &str) -> Option<usize> {
    let after = rest[1..].trim_start_matches('#');
    after.starts_with('"').then(|| rest.len() - 1 - after.len())
}

fn raw_text(rest: &str, found: &mut Vec<Token>) -> usize {
    let hashes = raw_hashes(rest).unwrap_or(0);
    let inside = &rest[hashes + 2..];
    let close = format!("\"{}", "#".repeat(hashes));
    let end = inside.find(&close).unwrap_or(inside.len());
    found.push(Token::Text(inside[..end].into()));
    (hashes + 2 + end + close.len()).min(rest.len())
}

/// A character such as `'x'` or `'\n'`, or else only the quote of a lifetime.
fn quoted(rest: &str) -> usize {
    let inside = &rest[1..];
    let skip = if inside.starts_with('\\') { 2 } else { 1 };
    let Some((start, _)) = inside.char_indices().nth(skip) else {
        return 1;
    };
    let close = inside[start..].find('\'');
    match close {
        Some(0) => start + 2,
        Some(close) if skip == 2 => start + close + 2,
        Some(_) | None => 1,
    }
}

#[test]
fn code_is_split_without_comments_and_characters() {
    let code = r##"a::b /* c /* d */ e */ 'f' '\'' '"' 'g: "x\"y" r#"z"w"# // h
        i"##;
    let words: Vec<String> = tokens(code)
        .into_iter()
        .map(|token| match token {
            Token::Word(word) => word,
            Token::PathSep => "::".into(),
            Token::Text(text) => format!("<{text}>"),
            Token::Mark(mark) => mark.into(),
        })
        .collect();
    assert_eq!(words.join(" "), r#"a :: b g : <x\"y> <z"w> i"#);
}
