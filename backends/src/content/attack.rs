//! MITRE ATT&CK: which tactics and techniques a rule is tagged with, in the words of one version.

mod table;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use table::Row;

/// A version of ATT&CK, as far as it makes a difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Version {
    /// Up to version 18: `TA0005` is Defense Evasion.
    #[default]
    V18,
    /// From version 19: `TA0005` is Stealth, and Defense Impairment stands beside it.
    V19,
}

/// What a rule is tagged with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Threats {
    /// The tactics in the order of the tags, then those that only techniques have brought.
    pub tactics: Vec<Tactic>,
    /// Techniques that no tactic was found for.
    pub without_tactic: Vec<Technique>,
    /// Ids of tactics and techniques that the table does not have in this version.
    pub unknown: Vec<String>,
}

/// A tactic with the techniques of the rule that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tactic {
    /// Such as `TA0002`.
    pub id: String,
    /// Such as `Execution`.
    pub name: String,
    /// Its page.
    pub reference: String,
    /// By id.
    pub techniques: Vec<Technique>,
}

/// A technique.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Technique {
    /// Such as `T1059`, and `T1059.001` for a sub-technique.
    pub id: String,
    /// Its own name, without that of the technique it is a part of.
    pub name: String,
    /// Its page.
    pub reference: String,
    /// By id; a sub-technique has none.
    pub subtechniques: Vec<Technique>,
}

/// The tactics and techniques of a rule's tags, each technique below the tagged tactics that it belongs to,
/// or below all of its own tactics if none of them is tagged.
pub fn threats(tags: &[String], version: Version) -> Threats {
    let mut unknown = Vec::new();
    let tagged = tagged_tactics(tags, version, &mut unknown);
    let techniques = tagged_techniques(tags, version);
    let mut tree = Tree::default();
    for candidates in &tagged {
        for tactic in fitting(candidates, &techniques, version) {
            tree.tactics.entry(*tactic).or_default();
        }
    }
    for (id, row) in techniques.iter().filter_map(|it| Some((&it.id, it.row.as_ref()?))) {
        let own = row.tactics(version);
        let is_tagged = |tactic: &&table::Tactic| tagged.iter().flatten().any(|it| it == tactic);
        let wanted: Vec<_> = own.iter().copied().filter(is_tagged).collect();
        for tactic in if wanted.is_empty() { own } else { wanted } {
            insert(tree.tactics.entry(*tactic).or_default(), row.id, row.name);
        }
        if !row.is_in(version) {
            unknown.push(id.clone());
        }
    }
    // The table cannot tell where these belong.
    let unplaced = techniques.into_iter().filter(|it| it.row.is_none());
    for Tagged { id, .. } in unplaced {
        let home = tree.tactics.first_mut().map_or(&mut tree.without_tactic, |(_, it)| it);
        insert(home, &id, &id);
        unknown.push(id);
    }
    tree.close(unknown)
}

/// Of the tactics that a tag may mean, those that a technique belongs to, else the first.
fn fitting<'t>(
    candidates: &[&'t table::Tactic],
    techniques: &[Tagged],
    version: Version,
) -> Vec<&'t table::Tactic> {
    let belongs = |tactic: &&table::Tactic| {
        let mut rows = techniques.iter().filter_map(|it| it.row);
        rows.any(|row| row.tactics(version).contains(tactic))
    };
    let fitting: Vec<_> = candidates.iter().copied().filter(belongs).collect();
    if fitting.is_empty() { candidates.iter().copied().take(1).collect() } else { fitting }
}

/// The ids of a rule's techniques, in the order of its tags; a technique is left out where one of its
/// sub-techniques is there.
pub fn technique_ids(tags: &[String], version: Version) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for Tagged { id, row } in tagged_techniques(tags, version) {
        let id = row.map_or(id, |row| row.id.to_owned());
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let parents: Vec<String> =
        ids.iter().filter_map(|id| Some(id.split_once('.')?.0.to_owned())).collect();
    ids.retain(|id| !parents.contains(id));
    ids
}

/// The phases of the Cyber Kill Chain that tactics fall in, in the order of the chain
/// (splunk/contentctl, `contentctl/objects/enums.py`).
pub fn kill_chain(tactics: &[Tactic]) -> Vec<&'static str> {
    let is_there =
        |(_, ids): &&(&str, &[&str])| tactics.iter().any(|it| ids.contains(&it.id.as_str()));
    KILL_CHAIN.iter().filter(is_there).map(|(phase, _)| *phase).collect()
}

/// The phases, and the tactics that fall in them.
const KILL_CHAIN: &[(&str, &[&str])] = &[
    ("Reconnaissance", &["TA0043"]),
    ("Weaponization", &["TA0042"]),
    ("Delivery", &["TA0001"]),
    ("Exploitation", &["TA0004", "TA0005", "TA0112", "TA0006", "TA0007", "TA0008", "TA0009"]),
    ("Installation", &["TA0002", "TA0003"]),
    ("Command and Control", &["TA0011"]),
    ("Actions on Objectives", &["TA0010", "TA0040"]),
];

/// What [`Threats`] is made of.
#[derive(Default)]
struct Tree {
    tactics: IndexMap<table::Tactic, Branches>,
    without_tactic: Branches,
}

/// Techniques by id.
type Branches = BTreeMap<String, Branch>;

/// A technique.
#[derive(Default)]
struct Branch {
    name: String,
    parts: Branches,
}

impl Tree {
    fn close(self, unknown: Vec<String>) -> Threats {
        let tactics = self.tactics.into_iter().map(|((id, name, _), techniques)| Tactic {
            id: id.to_owned(),
            name: name.to_owned(),
            reference: format!("https://attack.mitre.org/tactics/{id}/"),
            techniques: close(techniques),
        });
        let tactics = tactics.collect();
        Threats { tactics, without_tactic: close(self.without_tactic), unknown }
    }
}

fn close(branches: Branches) -> Vec<Technique> {
    let techniques = branches.into_iter().map(|(id, branch)| Technique {
        reference: format!("https://attack.mitre.org/techniques/{}/", id.replace('.', "/")),
        id,
        name: branch.name,
        subtechniques: close(branch.parts),
    });
    techniques.collect()
}

/// Puts a technique in its place; a sub-technique goes below what it is a part of.
fn insert(techniques: &mut Branches, id: &str, name: &str) {
    let (parent, is_part) = id.split_once('.').map_or((id, false), |(parent, _)| (parent, true));
    let parent_name = table::find(parent).map_or(parent, |row| row.name);
    let branch = techniques.entry(parent.to_owned()).or_default();
    parent_name.clone_into(&mut branch.name);
    if is_part {
        let part = Branch { name: name.to_owned(), parts: Branches::new() };
        branch.parts.insert(id.to_owned(), part);
    }
}

/// The part of a tag behind `attack.`, in small letters.
fn words(tags: &[String]) -> impl Iterator<Item = String> {
    tags.iter().filter_map(|tag| Some(tag.to_ascii_lowercase().strip_prefix("attack.")?.to_owned()))
}

/// For each tag of a tactic, the tactics that it may mean.
fn tagged_tactics(
    tags: &[String],
    version: Version,
    unknown: &mut Vec<String>,
) -> Vec<Vec<&'static table::Tactic>> {
    let mut tagged = Vec::new();
    for word in words(tags) {
        let tactics = table::tagged(&word, version);
        if !tactics.is_empty() {
            tagged.push(tactics);
        } else if is_number(word.strip_prefix("ta")) {
            unknown.push(word.to_ascii_uppercase());
        }
    }
    tagged
}

/// A technique of a tag: its id as it is written, in capitals, and what the table has for it.
struct Tagged {
    id: String,
    row: Option<Row>,
}

/// The techniques, each once.
fn tagged_techniques(tags: &[String], version: Version) -> Vec<Tagged> {
    let mut techniques: Vec<Tagged> = Vec::new();
    for word in words(tags) {
        let number = word.strip_prefix('t').map(|it| it.split_once('.').unwrap_or((it, "0")));
        if number.is_none_or(|(main, part)| !is_number(Some(main)) || !is_number(Some(part))) {
            continue;
        }
        let id = word.to_ascii_uppercase();
        let row = table::technique(&id, version);
        let known = techniques.iter().any(|it| it.id == id || (row.is_some() && it.row == row));
        if !known {
            techniques.push(Tagged { id, row });
        }
    }
    techniques
}

fn is_number(text: Option<&str>) -> bool {
    text.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
