//! Text that Enterprise Security shows, without what it would put something else in place of.

use isogloss_compiler::text::one_line;

/// Text in which nothing is replaced by a value of the finding. Two `$` could be a token, and there is no
/// documented way to escape them, so they become `＄` (U+FF04), which looks alike.
pub(super) fn without_tokens(text: &str) -> String {
    if text.matches('$').count() < 2 { text.to_owned() } else { text.replace('$', "\u{ff04}") }
}

/// The names between `$` in a message: `$dest$` and `$user|s$`.
pub(super) fn tokens(text: &str) -> Vec<&str> {
    let mut parts = text.split('$');
    parts.next();
    let mut names = Vec::new();
    while let (Some(name), Some(_)) = (parts.next(), parts.next()) {
        names.push(name.split('|').next().unwrap_or(name));
    }
    names
}

/// A list of a rule as one text, an entry a line.
pub(super) fn sentences(texts: &[String]) -> String {
    texts.iter().map(|it| one_line(it)).collect::<Vec<_>>().join("\n")
}

/// At most so many characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_and_taken_away() {
        assert_eq!(tokens("a $b$ and $c|s$ for $"), ["b", "c"]);
        assert_eq!(tokens("5 $"), [""; 0]);
        assert!(tokens(&without_tokens("IPC$ and ADMIN$")).is_empty());
        assert_eq!(without_tokens("IPC$"), "IPC$");
    }
}
