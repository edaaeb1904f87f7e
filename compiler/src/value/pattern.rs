//! Sigma's wildcards and escapes (Sigma specification, sections "Wildcards" and "Escaping").

use crate::ir::{Part, Pattern};

/// Reads the text of a value, from left to right: `\` before `\`, `*` or `?` is an escape, before
/// anything else a plain character; `*` is any run, `?` exactly one character.
pub fn parse_pattern(text: &str) -> Pattern {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let wildcard = match character {
            '\\' => {
                let escaped = rest.next_if(|it| matches!(it, '\\' | '*' | '?'));
                plain.push(escaped.unwrap_or('\\'));
                continue;
            }
            '*' => Part::AnyRun,
            '?' => Part::AnyChar,
            other => {
                plain.push(other);
                continue;
            }
        };
        parts.push(Part::Text(std::mem::take(&mut plain)));
        parts.push(wildcard);
    }
    parts.push(Part::Text(plain));
    Pattern::new(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts in brackets, `*` and `?` outside of them are wildcards.
    fn show(value: &str) -> String {
        let show = |part: &Part| match part {
            Part::Text(text) => format!("[{text}]"),
            Part::AnyRun => "*".to_owned(),
            Part::AnyChar => "?".to_owned(),
        };
        parse_pattern(value).parts().iter().map(show).collect()
    }

    #[test]
    fn every_row_of_the_table_of_escapes() {
        for (value, meaning) in [
            (r"a\b", r"[a\b]"),
            (r"a\\b", r"[a\b]"),
            (r"a\\\b", r"[a\\b]"),
            (r"a\\\\b", r"[a\\b]"),
            (r"a\\\\\b", r"[a\\\b]"),
            (r"a\*b", r"[a*b]"),
            (r"a\\*b", r"[a\]*[b]"),
            (r"a\\\*b", r"[a\*b]"),
            (r"a\\\\*b", r"[a\\]*[b]"),
            (r"a\?b", r"[a?b]"),
            (r"a\\?b", r"[a\]?[b]"),
            (r"a\", r"[a\]"),
            (r"a\\", r"[a\]"),
            (r"\\srv\x", r"[\srv\x]"),
            (r"\\\\srv\x", r"[\\srv\x]"),
            (r"\\?\C:", r"[\]?[\C:]"),
            (r"\\\?\C:", r"[\?\C:]"),
            (r"\\\\\?\C:", r"[\\?\C:]"),
            (r"C:\*", r"[C:*]"),
            (r"C:\\*", r"[C:\]*"),
            ("*", "*"),
            ("**", "*"),
            (r"\t\%", r"[\t\%]"),
            ("", ""),
        ] {
            assert_eq!(show(value), meaning, "{value}");
        }
    }
}
