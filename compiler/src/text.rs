//! Text of rules where people and parsers read it: nothing in it can hide or end a line.

/// True for characters that are not seen: controls, format characters, line and paragraph separators.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text on one line, hidden characters as spaces: for comments.
pub fn one_line(text: &str) -> String {
    let visible: String = text.chars().map(|it| if is_hidden(it) { ' ' } else { it }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}
