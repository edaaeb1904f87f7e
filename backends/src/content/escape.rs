//! Text that stays in its place: what a file of each kind needs to hold any value.

use std::fmt::Write;

use isogloss_compiler::text::is_hidden;

/// A value of a `.conf` file: on one line, or with `\` at the end of each line but the last (Splunk
/// documentation, "How to edit a configuration file"). Characters that are not seen become spaces. A value never
/// ends in a backslash, which would take the next line in, also with a space behind it for some readers: there is
/// no way to write one, so it becomes `＼` (U+FF3C), which looks alike.
pub(crate) fn conf(text: &str) -> String {
    let lines = text.trim().lines().map(|line| {
        let line: String = line.chars().map(|it| if is_hidden(it) { ' ' } else { it }).collect();
        line.trim_end().to_owned()
    });
    let value = lines.collect::<Vec<_>>().join(" \\\n");
    match value.strip_suffix('\\') {
        Some(start) => format!("{start}\u{ff3c}"),
        None => value,
    }
}

/// A string of JSON with its quotes. YAML reads it alike between double quotes (YAML 1.2.2, section 5.7).
pub(crate) fn json(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            it if is_hidden(it) => {
                let mut units = [0; 2];
                for unit in it.encode_utf16(&mut units) {
                    let _infallible = write!(quoted, "\\u{unit:04x}");
                }
            }
            it => quoted.push(it),
        }
    }
    quoted + "\""
}

/// A string of TOML (TOML 1.0, section "String"): as it is where it has several lines and nothing that such a
/// string cannot hold.
pub(crate) fn toml_lines(text: &str) -> String {
    let is_plain = |it: char| matches!(it, '\n' | '\t') || !is_hidden(it);
    let is_free = !text.contains("'''") && !text.ends_with('\'');
    if text.contains('\n') && is_free && text.chars().all(is_plain) {
        return format!("'''\n{text}'''");
    }
    toml(text)
}

/// A string of TOML on one line, with its quotes.
pub(crate) fn toml(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            it if is_hidden(it) => {
                let _infallible = write!(quoted, "\\U{:08x}", u32::from(it));
            }
            it => quoted.push(it),
        }
    }
    quoted + "\""
}

/// Markdown that shows the text as it is: what would be markup has a backslash before it.
pub(crate) fn markdown(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if matches!(
            character,
            '\\' | '`'
                | '*'
                | '_'
                | '['
                | ']'
                | '<'
                | '>'
                | '#'
                | '|'
                | '~'
                | '!'
                | '&'
                | '{'
                | '}'
        ) {
            escaped.push('\\');
        }
        escaped.push(if is_hidden(character) && character != '\n' { ' ' } else { character });
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_conf_file_is_one_value() {
        assert_eq!(conf("a\nb\r\n[c]\n"), "a \\\nb \\\n[c]");
        assert_eq!(conf("C:\\"), "C:\u{ff3c}");
        assert_eq!(conf("C:\\\nD:\\ "), "C:\\ \\\nD:\u{ff3c}");
        assert_eq!(conf("a\u{0}\u{1b}[2J\rb"), "a  [2J b");
    }

    #[test]
    fn json_is_read_back() {
        for text in ["", "a\"b\\", "\u{0}\n\r\t\u{1b}\u{2028}\u{85}", "😀\u{202e}\u{e0041}"] {
            assert_eq!(serde_json::from_str::<String>(&json(text)).unwrap(), text);
        }
    }

    #[test]
    fn toml_is_plain_where_it_can_be() {
        assert_eq!(toml_lines("a\\b"), "\"a\\\\b\"");
        assert_eq!(toml("a\nb"), "\"a\\nb\"");
        assert_eq!(toml_lines("a\n\"b\\"), "'''\na\n\"b\\'''");
        assert_eq!(toml_lines("a\nb'"), "\"a\\nb'\"");
        assert_eq!(toml("\u{0}\u{e0041}"), "\"\\U00000000\\U000e0041\"");
    }

    #[test]
    fn markup_is_shown() {
        assert_eq!(markdown("a <b> [c](d) `e`"), "a \\<b\\> \\[c\\](d) \\`e\\`");
    }
}
