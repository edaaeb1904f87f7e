//! Techniques and tactics of MITRE ATT&CK Enterprise, as versions 18 and 19 have them.
//!
//! The names and ids stand in `techniques.tsv`, with MITRE's notice.

use std::cmp::Ordering;

use super::Version;

const TECHNIQUES: &str = include_str!("techniques.tsv");

/// A tactic: its id, and its word in tags and in the table.
pub(super) type Tactic = (&'static str, &'static str, &'static str);

/// The tactics of version 19 in the order of the matrix: id, name, and word in tags.
pub(super) const TACTICS: &[Tactic] = &[
    ("TA0043", "Reconnaissance", "reconnaissance"),
    ("TA0042", "Resource Development", "resource-development"),
    ("TA0001", "Initial Access", "initial-access"),
    ("TA0002", "Execution", "execution"),
    ("TA0003", "Persistence", "persistence"),
    ("TA0004", "Privilege Escalation", "privilege-escalation"),
    STEALTH,
    ("TA0112", "Defense Impairment", "defense-impairment"),
    ("TA0006", "Credential Access", "credential-access"),
    ("TA0007", "Discovery", "discovery"),
    ("TA0008", "Lateral Movement", "lateral-movement"),
    ("TA0009", "Collection", "collection"),
    ("TA0011", "Command and Control", "command-and-control"),
    ("TA0010", "Exfiltration", "exfiltration"),
    ("TA0040", "Impact", "impact"),
];

const STEALTH: Tactic = ("TA0005", "Stealth", "stealth");
/// What version 18 has in the place of [`STEALTH`] and of Defense Impairment.
const EVASION: Tactic = ("TA0005", "Defense Evasion", "defense-evasion");
/// The tactics of version 19 that were one in version 18.
const PARTS: &[&str] = &["stealth", "defense-impairment"];

/// The tactic that a word stands for in a version.
pub(super) fn tactic(word: &str, version: Version) -> Option<&'static Tactic> {
    if version == Version::V18 && (PARTS.contains(&word) || word == EVASION.2) {
        return Some(&EVASION);
    }
    TACTICS.iter().find(|it| it.2 == word)
}

/// The tactics that a tag may mean, the first of them if no technique tells. `TA0005` has become two.
pub(super) fn tagged(word: &str, version: Version) -> Vec<&'static Tactic> {
    let word = word.replace('_', "-");
    let of_id = TACTICS.iter().find(|it| it.0.eq_ignore_ascii_case(&word));
    let word = of_id.map_or(word.as_str(), |it| it.2);
    let was_one = word == EVASION.2 || of_id == Some(&STEALTH);
    let words = if was_one { PARTS } else { &[word] };
    let mut tactics: Vec<_> = words.iter().filter_map(|it| tactic(it, version)).collect();
    tactics.dedup();
    tactics
}

/// A technique or sub-technique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    tactics: &'static str,
    change: Change,
}

/// What became of a technique between the versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    /// Only version 19 has it.
    New,
    /// Only version 18 has it; this is what version 19 has in its place.
    ReplacedBy(&'static str),
}

impl Row {
    /// The tactics that it belongs to.
    pub(super) fn tactics(&self, version: Version) -> Vec<&'static Tactic> {
        let mut tactics: Vec<_> =
            self.tactics.split(',').filter_map(|it| tactic(it, version)).collect();
        tactics.dedup();
        tactics
    }

    /// True if the version has it.
    pub(super) fn is_in(&self, version: Version) -> bool {
        match self.change {
            Change::None => true,
            Change::New => version == Version::V19,
            Change::ReplacedBy(_) => version == Version::V18,
        }
    }
}

/// The technique that an id, in capitals, stands for in a version; `None` if the table knows none.
pub(super) fn technique(id: &str, version: Version) -> Option<Row> {
    let row = find(id)?;
    if row.is_in(version) {
        return Some(row);
    }
    match row.change {
        Change::ReplacedBy(heir) => find(heir),
        Change::None | Change::New => {
            let parent = || find(row.id.split_once('.')?.0);
            let former = predecessor(&row).or_else(|| predecessor(&parent()?));
            // It keeps its name, though the version has none of that id.
            former.or(Some(row))
        }
    }
}

/// What version 18 has in the place of a technique of version 19: of several, the one that is called alike.
fn predecessor(row: &Row) -> Option<Row> {
    let end = format!("\treplaced by {}\n", row.id);
    let lines = TECHNIQUES.match_indices(&end).filter_map(|(place, _)| read(line_at(place)));
    let mut heirs = lines.filter(|it| it.change == Change::ReplacedBy(row.id)).peekable();
    let first = heirs.peek().copied();
    heirs.find(|it| it.name == row.name).or(first)
}

/// The row of this id: the lines are in order, and comments go before all of them.
pub(super) fn find(id: &str) -> Option<Row> {
    let (mut low, mut high) = (0, TECHNIQUES.len());
    while low < high {
        let line = line_at(low.midpoint(high));
        let start = start_of(low.midpoint(high));
        let own = if line.starts_with('#') { "" } else { line.split('\t').next()? };
        match own.cmp(id) {
            Ordering::Equal => return read(line),
            Ordering::Less => low = start + line.len() + 1,
            Ordering::Greater => high = start,
        }
    }
    None
}

/// Where the line begins that this byte is in.
fn start_of(place: usize) -> usize {
    let before = TECHNIQUES.as_bytes().get(..place).unwrap_or_default();
    before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// The line that this byte is in.
fn line_at(place: usize) -> &'static str {
    let rest = TECHNIQUES.get(start_of(place)..).unwrap_or_default();
    rest.lines().next().unwrap_or_default()
}

fn read(line: &'static str) -> Option<Row> {
    let mut columns = line.split('\t');
    let (id, name, tactics) = (columns.next()?, columns.next()?, columns.next()?);
    let change = match columns.next() {
        None => Change::None,
        Some(text) => text.strip_prefix("replaced by ").map_or(Change::New, Change::ReplacedBy),
    };
    Some(Row { id, name, tactics, change })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_whole() {
        let lines = TECHNIQUES.lines().filter(|line| !line.starts_with('#'));
        let all: Vec<Row> = lines.map(|line| read(line).unwrap()).collect();
        assert!(all.len() > 680, "{}", all.len());
        assert!(all.is_sorted_by(|one, other| one.id < other.id));
        for id in ["", "A", "T0", "T1059.0005", "T1999", "Z", "#", "TA0001"] {
            assert_eq!(find(id), None, "{id}");
        }
        for &row in &all {
            assert_eq!(find(row.id), Some(row));
            for version in [Version::V18, Version::V19] {
                if row.is_in(version) {
                    assert!(!row.tactics(version).is_empty(), "{}", row.id);
                }
            }
            let heirs = all.iter().filter(|it| it.change == Change::ReplacedBy(row.id));
            assert_eq!(heirs.count() > 0, predecessor(&row).is_some(), "{}", row.id);
            if let Some((parent, _)) = row.id.split_once('.') {
                assert!(find(parent).is_some(), "{}", row.id);
            }
            if let Change::ReplacedBy(heir) = row.change {
                assert!(find(heir).is_some_and(|it| it.is_in(Version::V19)), "{}", row.id);
            }
        }
    }
}
