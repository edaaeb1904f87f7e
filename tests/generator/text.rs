//! Text that patterns and regular expressions match.

use isogloss_compiler::ir::{CharSet, Part, Pattern, RegexNode};

use super::chance::Chance;

/// What stands in real events where a rule has a wildcard.
const FILLERS: &[&str] = &[
    "",
    "",
    " ",
    "\\",
    "C:\\Windows\\System32\\",
    "C:\\Program Files (x86)\\Some Vendor\\",
    "\\Device\\HarddiskVolume2\\",
    "x",
    "-",
    "cmd.exe /c \"whoami\" ",
    "/usr/bin/",
    "..\\..\\",
    "\n",
    "line\r\nnext",
    "*",
    "?",
    "100%",
    "a=b&c='d'|e",
    "<x>",
    "Grüße",
    "東京",
    "HKLM\\SOFTWARE\\Microsoft\\",
    "{brace}",
    "`tick`",
    "$var$",
    "\t",
];

/// Values that hardly any rule looks for.
const OTHERS: &[&str] =
    &["other", "C:\\Other\\thing.exe", "-", "0", "17", "10.1.2.3", "true", "", " ", "/opt/thing"];

/// Characters that are put in by mistake.
const STRANGE: &[char] = &[
    'a',
    'Z',
    '0',
    ' ',
    '\\',
    '/',
    '*',
    '?',
    '"',
    '\'',
    '\n',
    '\r',
    '\t',
    '.',
    '-',
    '%',
    '(',
    '|',
    'ß',
    'é',
    '\u{212a}',
    '\u{17f}',
    '\u{1f600}',
];

pub(crate) fn filler(chance: &mut Chance) -> String {
    (*chance.pick(FILLERS)).to_owned()
}

pub(crate) fn other(chance: &mut Chance) -> String {
    (*chance.pick(OTHERS)).to_owned()
}

pub(crate) fn strange(chance: &mut Chance) -> char {
    *chance.pick(STRANGE)
}

/// A text that matches a pattern.
pub(crate) fn fill_pattern(pattern: &Pattern, chance: &mut Chance) -> String {
    let parts = pattern.parts().iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::AnyRun => filler(chance),
        Part::AnyChar => strange(chance).to_string(),
    });
    parts.collect()
}

/// A text in which a regular expression finds a match, as a rule.
pub(crate) fn fill_regex(tree: &RegexNode, chance: &mut Chance) -> String {
    let mut text = String::new();
    write_match(tree, chance, &mut text);
    if chance.once_in(2) {
        return text;
    }
    format!("{}{text}{}", filler(chance), filler(chance))
}

fn write_match(node: &RegexNode, chance: &mut Chance, out: &mut String) {
    match node {
        RegexNode::Char(character) => out.push(*character),
        RegexNode::Set(set) => out.extend(character_of(set, chance)),
        RegexNode::Repeat { node, min, max } => {
            let more = u32::try_from(chance.below(3)).expect("a small number");
            let times = max.map_or(min + more, |max| max.min(min + more));
            for _ in 0..times.min(300) {
                write_match(node, chance, out);
            }
        }
        RegexNode::Concat(nodes) => nodes.iter().for_each(|it| write_match(it, chance, out)),
        RegexNode::Alternate(nodes) => write_match(chance.pick(nodes), chance, out),
        RegexNode::LineStart if !out.is_empty() => out.push('\n'),
        RegexNode::Empty
        | RegexNode::Start
        | RegexNode::End
        | RegexNode::LineStart
        | RegexNode::LineEnd
        | RegexNode::WordBoundary
        | RegexNode::NotWordBoundary => {}
    }
}

/// A character of the set, one that can be printed if there is one.
fn character_of(set: &CharSet, chance: &mut Chance) -> Option<char> {
    let plain: Vec<char> = (' '..='~').filter(|it| holds(set, *it)).collect();
    if !plain.is_empty() && !chance.once_in(8) {
        return Some(*chance.pick(&plain));
    }
    let (start, end) = if set.0.is_empty() { return None } else { *chance.pick(&set.0) };
    Some(if chance.once_in(2) { start } else { end })
}

fn holds(set: &CharSet, character: char) -> bool {
    set.0.iter().any(|(start, end)| (*start..=*end).contains(&character))
}
