//! The texts that every match of a regular expression holds: for a search that goes before it.

use std::collections::BTreeSet;

use isogloss_compiler::ir::{CharSet, RegexNode, fold};
use isogloss_compiler::text::is_hidden;

/// At most so many alternatives.
const MAX_TEXTS: usize = 16;
/// A set of more characters is not taken apart.
const MAX_SET: usize = 64;
/// No alternative is longer.
const MAX_LENGTH: usize = 64;
/// A shorter text would be found nearly everywhere.
const MIN_LENGTH: usize = 3;

/// Texts of which every match holds at least one, without regard to case. `None` if there are no such
/// texts, or only short ones, or too many. No text holds a `*` or a character that is not seen.
pub fn required(tree: &RegexNode) -> Option<Vec<String>> {
    choose(&hold(tree, fold))
}

/// The same, with regard to case: of every match they stand so in it.
pub fn required_as_written(tree: &RegexNode) -> Option<Vec<String>> {
    choose(&hold(tree, |it| it))
}

fn choose(held: &Held) -> Option<Vec<String>> {
    let all = held.whole.as_ref().and_then(Texts::cut);
    better(all, held.part.clone()).filter(|texts| texts.shortest() >= MIN_LENGTH).map(|texts| {
        let texts: BTreeSet<String> = texts.0.into_iter().collect();
        // A text that holds another one says nothing more.
        let others = |text: &&String| {
            !texts.iter().any(|other| other != *text && text.contains(other.as_str()))
        };
        texts.iter().filter(others).cloned().collect()
    })
}

/// Alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Texts(Vec<String>);

/// What a match of a node holds.
#[derive(Debug, Clone, Default)]
struct Held {
    /// The match is one of these texts.
    whole: Option<Texts>,
    /// The match holds one of these texts.
    part: Option<Texts>,
}

impl Texts {
    fn one(text: impl Into<String>) -> Self {
        Self(vec![text.into()])
    }

    /// The alternatives, if there are not too many.
    fn bounded(texts: impl IntoIterator<Item = String>) -> Option<Self> {
        let texts: BTreeSet<String> = texts.into_iter().collect();
        let long = texts.iter().any(|text| text.chars().count() > MAX_LENGTH);
        (texts.len() <= MAX_TEXTS && !long).then(|| Self(texts.into_iter().collect()))
    }

    /// Each of these texts before each of the others.
    fn before(&self, others: &Self) -> Option<Self> {
        let pairs = self.0.iter().flat_map(|text| others.0.iter().map(move |it| text.clone() + it));
        Self::bounded(pairs)
    }

    fn shortest(&self) -> usize {
        self.0.iter().map(|text| text.chars().count()).min().unwrap_or(0)
    }

    /// Of each text the longest run that a search can say.
    fn cut(&self) -> Option<Self> {
        let silent = |it: char| it == '*' || is_hidden(it);
        let longest = |text: &String| {
            text.split(silent).max_by_key(|it| it.chars().count()).unwrap_or_default().to_owned()
        };
        Self::bounded(self.0.iter().map(longest))
    }
}

/// The alternatives of which the shortest is longer; of equals the fewer.
fn better(left: Option<Texts>, right: Option<Texts>) -> Option<Texts> {
    let worth = |texts: &Texts| (texts.shortest(), MAX_TEXTS.saturating_sub(texts.0.len()));
    match (left, right) {
        (Some(left), Some(right)) if worth(&right) > worth(&left) => Some(right),
        (Some(left), _) => Some(left),
        (None, right) => right,
    }
}

/// What a character of a set stands for: itself, or all that differ from it by case.
type Spelling = fn(char) -> char;

fn hold(node: &RegexNode, spelling: Spelling) -> Held {
    match node {
        RegexNode::Empty
        | RegexNode::Start
        | RegexNode::End
        | RegexNode::LineStart
        | RegexNode::LineEnd
        | RegexNode::WordBoundary
        | RegexNode::NotWordBoundary => Held { whole: Some(Texts::one("")), part: None },
        RegexNode::Char(character) => Held { whole: Some(Texts::one(*character)), part: None },
        RegexNode::Set(set) => Held { whole: letters(set, spelling), part: None },
        RegexNode::Repeat { node, min, max } => hold_repeat(&hold(node, spelling), *min, *max),
        RegexNode::Concat(nodes) => hold_all(nodes, spelling),
        RegexNode::Alternate(nodes) => hold_any(nodes, spelling),
    }
}

/// The letters of a small set; those that are spelled alike are one.
fn letters(set: &CharSet, spelling: Spelling) -> Option<Texts> {
    let all = || set.0.iter().flat_map(|(start, end)| *start..=*end);
    if all().take(MAX_SET + 1).count() > MAX_SET {
        return None;
    }
    Texts::bounded(all().map(|it| spelling(it).to_string())).filter(|it| !it.0.is_empty())
}

fn hold_repeat(inner: &Held, min: u32, max: Option<u32>) -> Held {
    let once = inner.whole.as_ref();
    let maybe = |texts: &Texts| {
        Texts::bounded(texts.0.iter().cloned().chain(std::iter::once(String::new())))
    };
    if min == 0 {
        return Held { whole: once.filter(|_| max == Some(1)).and_then(maybe), part: None };
    }
    let times = usize::try_from(min).unwrap_or(MAX_LENGTH).min(MAX_LENGTH);
    // So often it stands there at least; a number above the bound of lengths only gives a part.
    let row = (1..times).try_fold(once.cloned(), |row, _| {
        let next = row.as_ref().zip(once).and_then(|(row, once)| row.before(once));
        next.map(Some)
    });
    let whole = row.flatten().filter(|_| max == Some(min) && u32::try_from(times) == Ok(min));
    let part = better(once.and_then(Texts::cut), inner.part.clone());
    Held { whole, part }
}

/// Neighbours whose matches are known are put together, until one is not known or they are too many.
fn hold_all(nodes: &[RegexNode], spelling: Spelling) -> Held {
    let mut part = None;
    let mut row = Some(Texts::one(""));
    let mut complete = true;
    for node in nodes {
        let held = hold(node, spelling);
        let longer = row.as_ref().zip(held.whole.as_ref()).and_then(|(row, it)| row.before(it));
        if longer.is_none() {
            complete = false;
            part = better(part, row.as_ref().and_then(Texts::cut));
        }
        part = better(part, held.part);
        row = longer.or(held.whole).or_else(|| Some(Texts::one("")));
    }
    let part = better(part, row.as_ref().and_then(Texts::cut));
    Held { whole: row.filter(|_| complete), part }
}

/// Every alternative has to hold something.
fn hold_any(nodes: &[RegexNode], spelling: Spelling) -> Held {
    let held: Vec<Held> = nodes.iter().map(|it| hold(it, spelling)).collect();
    let join = |texts: Vec<Option<Texts>>| {
        let texts = texts.into_iter().collect::<Option<Vec<_>>>()?;
        Texts::bounded(texts.into_iter().flat_map(|it| it.0))
    };
    let whole = join(held.iter().map(|it| it.whole.clone()).collect());
    let parts = held.into_iter().map(|it| better(it.whole.as_ref().and_then(Texts::cut), it.part));
    Held { whole, part: join(parts.collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isogloss_compiler::ir::RegexFlags;
    use isogloss_compiler::value::parse_regex;

    #[test]
    fn the_longest_text_that_every_match_holds() {
        for (text, wanted) in [
            ("abc", Some(vec!["abc"])),
            ("ab", None),
            ("a.{3}defg\\d+hi", Some(vec!["defg"])),
            ("(?i)PowerShell(\\.exe)?$", Some(vec!["powershell"])),
            ("(?:cmd|pwsh)\\.exe", Some(vec!["cmd.exe", "pwsh.exe"])),
            ("(?:cmd.*|pwsh)x", Some(vec!["cmd", "pwsh"])),
            ("(?:cmd|.*)", None),
            ("(?:abc)*", None),
            ("(?:abc)+", Some(vec!["abc"])),
            ("(?:ab){2}", Some(vec!["abab"])),
            ("(?:ab){200}", None),
            (
                "a[0-9]bc",
                Some(vec![
                    "a0bc", "a1bc", "a2bc", "a3bc", "a4bc", "a5bc", "a6bc", "a7bc", "a8bc", "a9bc",
                ]),
            ),
            ("ab\\*cdef", Some(vec!["cdef"])),
            ("abcd\\nef", Some(vec!["abcd"])),
            ("^abc|bc", None),
            ("abc|xabcx", Some(vec!["abc"])),
        ] {
            let tree = parse_regex(text, RegexFlags::default()).unwrap().tree;
            let wanted = wanted.map(|it| it.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(required(&tree), wanted, "{text}");
        }
    }

    #[test]
    fn in_their_case_if_there_is_one() {
        for (text, wanted) in [
            ("Cmd\\.exe", Some(vec!["Cmd.exe"])),
            ("[Pp]ower", Some(vec!["Power", "power"])),
            ("(?i)abc. -12-", Some(vec![" -12-"])),
            ("(?i)a{2}x", Some(vec!["AAX", "AAx", "AaX", "Aax", "aAX", "aAx", "aaX", "aax"])),
            ("(?i)ab", None),
        ] {
            let tree = parse_regex(text, RegexFlags::default()).unwrap().tree;
            let wanted = wanted.map(|it| it.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(required_as_written(&tree), wanted, "{text}");
        }
    }
}
