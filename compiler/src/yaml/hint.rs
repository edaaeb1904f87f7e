//! What the author most likely meant, where a line is not YAML.

use super::lines::Lines;

/// A likelier mistake than the one that the parser stopped at, and its place.
pub(super) struct Hint {
    pub(super) start: usize,
    pub(super) length: usize,
    pub(super) message: String,
    pub(super) help: String,
}

/// How far above the place where the parser stopped an open bracket or quote is looked for, in lines.
const MOST_LINES: usize = 50;

/// A hint for the line that the parser stopped in.
pub(super) fn find(at: usize, lines: &Lines) -> Option<Hint> {
    directive(at, lines)
        .or_else(|| special_start(at, lines))
        .or_else(|| text_behind_brackets(at, lines))
}

/// A hint for a quote or bracket that was opened on a line above, or never.
pub(super) fn find_open(at: usize, lines: &Lines) -> Option<Hint> {
    lines.upwards(at).take(MOST_LINES).find_map(|(start, _)| {
        let (place, value) = lines.value_on(start);
        let first = value.chars().next().filter(|it| matches!(it, '[' | '{' | '"' | '\''))?;
        let closed = match first {
            '[' | '{' => value.matches(['[', '{']).count() <= value.matches([']', '}']).count(),
            // A `\"` does not close; an escaped backslash before it is too rare to care.
            '"' => value.replace("\\\"", "").matches('"').count() != 1,
            quote => value.matches(quote).count().is_multiple_of(2),
        };
        if closed {
            return None;
        }
        let help = match first {
            '\'' => "close it; a `'` inside single quotes is written twice".to_owned(),
            '"' if value.ends_with("\\\"") => {
                let inner = value.get(1..value.len() - 1).unwrap_or_default();
                format!(
                    "`\\\"` does not close a value; in single quotes, `\\` is a plain \
                         character: {}",
                    quoted(inner)
                )
            }
            '"' => "close it".to_owned(),
            _ if value.contains(['\'', '"', ',']) => "close it".to_owned(),
            _ => format!("close it, or if the text is meant, quote it: {}", quoted(value)),
        };
        let message = format!("this `{first}` is not closed");
        Some(Hint { start: place, length: first.len_utf8(), message, help })
    })
}

/// `%YAML 1.2` behind a document that was not ended.
fn directive(at: usize, lines: &Lines) -> Option<Hint> {
    let (start, line) = lines.line(at);
    let name = line.split_whitespace().next().filter(|it| matches!(*it, "%YAML" | "%TAG"))?;
    Some(Hint {
        start,
        length: name.len(),
        message: "a directive stands inside a document".to_owned(),
        help: "leave it out, or end the document before it with a line `...`".to_owned(),
    })
}

/// What cannot start a plain value is nearly always the mistake, wherever the parser noticed it.
fn special_start(at: usize, lines: &Lines) -> Option<Hint> {
    let (key_start, key) = lines.key_on(at);
    let (value_start, value) = lines.value_on(at);
    let (_, line) = lines.line(at);
    // Without a `:` there is no key.
    let first = if line.contains(": ") || line.trim_end().ends_with(':') { "key" } else { "value" };
    let candidates = [(key_start, key, first), (value_start, value, "value")];
    candidates.into_iter().find_map(|(start, text, what)| {
        let first = text.chars().next()?;
        let meaning = match first {
            '*' => "starts an alias",
            '&' => "starts an anchor",
            '!' => "starts a tag",
            '|' | '>' => "starts a block of text",
            '%' => "starts a directive",
            '@' | '`' => "YAML reserves",
            '-' if what == "value" && text.starts_with("- ") => "starts a list",
            '?' if text.starts_with("? ") => "starts a key",
            _ => return None,
        };
        Some(Hint {
            start,
            length: first.len_utf8(),
            message: format!("a plain {what} cannot start with {}, which {meaning}", shown(first)),
            help: format!("quote it: {}", quoted(text)),
        })
    })
}

/// A sign in backticks, if it is none.
fn shown(sign: char) -> String {
    if sign == '`' { "a backtick".to_owned() } else { format!("`{sign}`") }
}

/// `'selection' and not 'filter'`: a condition whose names are quoted.
pub(super) fn quoted_condition(at: usize, lines: &Lines) -> Option<Hint> {
    let (_, key) = lines.key_on(at);
    let (start, value) = lines.value_on(at);
    (key == "condition").then(|| Hint {
        start,
        length: value.len(),
        message: "search identifiers stand without quotes".to_owned(),
        help: format!("write `condition: {}`", value.replace(['\'', '"'], "")),
    })
}

/// A `- ` among the keys of a map, or a key among the items of a list.
pub(super) fn mixed_entries(at: usize, lines: &Lines) -> Option<Hint> {
    let indent_of = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_item = |line: &str| line.trim_start().starts_with("- ");
    let (start, line) = lines.line(at);
    let indent = indent_of(line);
    let above = start.checked_sub(1)?;
    let (_, sibling) = lines
        .upwards(above)
        .take(MOST_LINES)
        .filter(|(_, it)| !it.trim().is_empty())
        .find(|(_, it)| indent_of(it) <= indent)
        .filter(|(_, it)| indent_of(it) == indent && is_item(it) != is_item(line))?;
    let (message, help) = if is_item(sibling) {
        (
            "a key stands among the items of a list",
            "write `- ` before it, or indent it as far as the text of the item above",
        )
    } else {
        (
            "an item of a list stands among the keys of a map",
            "leave the `- ` out, or write `- ` before every part",
        )
    };
    let (start, length) = if is_item(line) {
        (start + indent, 1)
    } else {
        // The indentation may hold more than spaces.
        let (place, key) = lines.key_on(at);
        (place, key.split(':').next()?.len())
    };
    Some(Hint { start, length, message: message.to_owned(), help: help.to_owned() })
}

/// `[System.Net]::Foo`, `{abc} def`: text behind a list or a map.
fn text_behind_brackets(at: usize, lines: &Lines) -> Option<Hint> {
    let (start, value) = lines.value_on(at);
    let (first, last, what) = match value.chars().next()? {
        '[' => ('[', ']', "list"),
        '{' => ('{', '}', "map"),
        _ => return None,
    };
    (value.contains(last) && !value.ends_with(last)).then(|| Hint {
        start,
        length: 1,
        message: format!("a plain value cannot start with `{first}`, which starts a {what}"),
        help: format!("quote it: {}", quoted(value)),
    })
}

/// A line that goes on with the value above it, and has a key.
pub(super) fn key_in_value(at: usize, lines: &Lines) -> Option<Hint> {
    let (start, line) = lines.line(at);
    let before = line.get(..at.checked_sub(start)?)?;
    if before.contains(": ") {
        return None;
    }
    let (above, previous) =
        lines.upwards(start.checked_sub(1)?).find(|(_, it)| !it.trim().is_empty())?;
    let text = previous.trim();
    if let Some(colon) = text.find(':').filter(|_| !text.contains(": ") && !text.ends_with(':')) {
        let place = above + previous.len() - previous.trim_start().len() + colon;
        return Some(Hint {
            start: place,
            length: 1,
            message: "no space follows this `:`, so it ends no key".to_owned(),
            help: "write `key: value`".to_owned(),
        });
    }
    let key = before.trim_start();
    Some(Hint {
        start: at - key.len(),
        length: key.len(),
        message: "this key stands in the column of no key above it".to_owned(),
        help: "keys of one map stand in one column; a value ends before the next key".to_owned(),
    })
}

/// The first escape that YAML does not know, in the double quotes that start at `at`.
pub(super) fn bad_escape(at: usize, lines: &Lines) -> Option<Hint> {
    let value = lines.value_from(at);
    let mut rest = value.char_indices().skip(1);
    let (offset, escaped) = loop {
        let (offset, character) = rest.next()?;
        if character != '\\' {
            continue;
        }
        let (_, escaped) = rest.next()?;
        if !"0abt\tnvfre \"/\\N_LP".contains(escaped) {
            break (offset, escaped);
        }
    };
    let inner = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let help = match inner {
        Some(inner) if !inner.contains('"') => format!("use single quotes: {}", quoted(inner)),
        _ => "use single quotes: there, `\\` is a plain character".to_owned(),
    };
    let wanted = if "xuU".contains(escaped) { " without its digits" } else { "" };
    Some(Hint {
        start: at + offset,
        length: 1 + escaped.len_utf8(),
        message: format!("in double quotes `\\{escaped}` is no escape of YAML{wanted}"),
        help,
    })
}

/// The text in single quotes, for messages.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let text = text.strip_suffix(':').unwrap_or(text);
    if text.len() > LONGEST || text.contains('`') {
        return "`'…'`".to_owned();
    }
    format!("`'{}'`", text.replace('\'', "''"))
}
