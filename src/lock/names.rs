//! The names of the rules of a build: pinned ones stay, new ones are made, and no two are alike.

use std::collections::{BTreeMap, BTreeSet};

use isogloss_backends::content::{Names, entry_id};
use isogloss_compiler::diagnostic::{Code, Diagnostic};
use isogloss_compiler::source::Span;

use super::{Lock, Relock};

/// A rule that is to be built.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'r> {
    /// Its id, if it has one.
    pub(crate) id: Option<&'r str>,
    /// Its title.
    pub(crate) title: &'r str,
    /// `isogloss.splunk.name`.
    pub(crate) own: Option<&'r str>,
    /// How many queries it has.
    pub(crate) queries: usize,
    /// Where it says its title, or where it starts.
    pub(crate) place: Span,
    /// Its file, as people know it.
    pub(crate) path: &'r str,
}

/// The names of all rules of a build.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// The names of each query, by its id. Rules of conflicts have names too, if they have an id of their
    /// own; they must not be deployed under them.
    pub(crate) names: BTreeMap<String, Names>,
    /// What `--relock` has changed.
    pub(crate) moved: Vec<Moved>,
    /// Why rules cannot be deployed.
    pub(crate) conflicts: Vec<Conflict>,
}

/// A query whose pinned names change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moved {
    /// Its id.
    pub(crate) id: String,
    /// The names until now.
    pub(crate) old: Names,
    /// The names from now on.
    pub(crate) new: Names,
}

/// Rules that cannot be deployed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// The places of the rules in the list of those that were wanted; the finding belongs to the first.
    pub(crate) rules: Vec<usize>,
    /// What is wrong.
    pub(crate) finding: Diagnostic,
}

impl Lock {
    /// The names under which the rules are deployed in an output. New stanzas start with the label, new
    /// macros with the prefix.
    pub(crate) fn names(
        &self,
        output: &str,
        wanted: &[Wanted],
        label: &str,
        macro_prefix: &str,
        relock: &Relock,
    ) -> Named {
        let mut naming = Naming {
            lock: self,
            output,
            label,
            macro_prefix,
            relock,
            claims: Vec::new(),
            named: Named::default(),
        };
        let own = naming.rules_with_an_id_of_their_own(wanted);
        for (place, rule, id) in own {
            naming.name(place, rule, &id);
        }
        naming.find_clashes(wanted);
        naming.named
    }
}

struct Naming<'l> {
    lock: &'l Lock,
    output: &'l str,
    label: &'l str,
    macro_prefix: &'l str,
    relock: &'l Relock,
    claims: Vec<Claim>,
    named: Named,
}

/// A query that takes its names.
struct Claim {
    /// Its rule in the list of those that are wanted.
    rule: usize,
    /// Its id.
    id: String,
    /// True if the lock had these names for it.
    is_pinned: bool,
}

impl Naming<'_> {
    /// Reports rules without an id, and rules that share one; gives back the others, with their ids.
    fn rules_with_an_id_of_their_own<'w, 'r>(
        &mut self,
        wanted: &'w [Wanted<'r>],
    ) -> Vec<(usize, &'w Wanted<'r>, String)> {
        let mut by_id: BTreeMap<String, Vec<(usize, &Wanted)>> = BTreeMap::new();
        for (place, rule) in wanted.iter().enumerate() {
            match rule.id {
                Some(id) => by_id.entry(entry_id(id, 1)).or_default().push((place, rule)),
                // What has neither could not be read, and that is reported already.
                None if rule.title.is_empty() => {}
                None => self
                    .named
                    .conflicts
                    .push(Conflict { rules: vec![place], finding: without_id(rule) }),
            }
        }
        let mut own = Vec::new();
        for (id, rules) in by_id {
            match rules.as_slice() {
                [(place, rule)] => own.push((*place, *rule, id)),
                several => self.named.conflicts.extend(shared_id(&id, several)),
            }
        }
        own.sort_unstable_by_key(|(place, _, _)| *place);
        own
    }

    fn name(&mut self, place: usize, rule: &Wanted, id: &str) {
        let made = Names::new(rule.title, id, rule.own, self.label, self.macro_prefix);
        let pinned = self.pinned(id);
        let is_moved = match &pinned {
            Some(pinned) if self.relock.covers(id) => !same(pinned, &made),
            Some(pinned) if rule.own.is_some() && pinned.name != made.name => {
                let finding = renamed(rule, id, pinned, &made);
                self.named.conflicts.push(Conflict { rules: vec![place], finding });
                false
            }
            Some(_) | None => false,
        };
        let first = match pinned {
            Some(pinned) if !is_moved => Names { title: rule.title.to_owned(), ..pinned },
            Some(_) | None => made,
        };
        for number in 1..=rule.queries.max(1) {
            self.name_query(place, entry_id(id, number), first.numbered(number), is_moved);
        }
    }

    fn pinned(&self, id: &str) -> Option<Names> {
        Some(self.lock.rows.get(id)?.names(self.output, self.label, self.macro_prefix))
    }

    fn name_query(&mut self, rule: usize, id: String, made: Names, is_moved: bool) {
        let pinned = self.pinned(&id);
        let is_pinned = pinned.is_some() && !is_moved;
        let names = match pinned {
            Some(old) if is_moved => {
                let moved = Moved { id: id.clone(), old, new: made.clone() };
                self.named.moved.push(moved);
                made
            }
            Some(pinned) => Names { title: made.title, ..pinned },
            None => made,
        };
        self.claims.push(Claim { rule, id: id.clone(), is_pinned });
        self.named.names.insert(id, names);
    }

    /// Reports names that two queries would have, whatever their case: some file systems and Splunk's own
    /// interface do not tell it apart.
    fn find_clashes(&mut self, wanted: &[Wanted]) {
        let mut holders = self.others();
        // Who has a name already keeps it, and the new one is refused.
        let (pinned, new): (Vec<&Claim>, Vec<&Claim>) =
            self.claims.iter().partition(|claim| claim.is_pinned);
        let mut conflicts: BTreeMap<(usize, String), Conflict> = BTreeMap::new();
        for claim in pinned.into_iter().chain(new) {
            let Some(names) = self.named.names.get(&claim.id) else { continue };
            for (what, name) in deployed_as(names) {
                match holders.get(&(what, name.to_lowercase())) {
                    None => {
                        let holder =
                            Holder::Wanted { rule: claim.rule, is_pinned: claim.is_pinned };
                        holders.insert((what, name.to_lowercase()), holder);
                    }
                    Some(holder) => {
                        let Some((other, conflict)) = clash(wanted, claim, holder, what, name)
                        else {
                            continue;
                        };
                        // A pair of rules is reported once, not for each of its names.
                        conflicts.entry((claim.rule, other)).or_insert(conflict);
                    }
                }
            }
        }
        self.named.conflicts.extend(conflicts.into_values());
    }

    /// The names of queries that are not built now.
    fn others(&self) -> BTreeMap<(What, String), Holder> {
        let built: BTreeSet<&String> = self.claims.iter().map(|claim| &claim.id).collect();
        let mut holders = BTreeMap::new();
        for (id, row) in self.lock.rows.iter().filter(|(id, _)| !built.contains(id)) {
            if row.is_tombstone() && self.relock.covers(row.rule(id)) {
                continue;
            }
            let is_here = row.outputs.get(self.output).is_some_and(|it| it.splunk.is_some());
            let names = row.names(self.output, self.label, self.macro_prefix);
            // The names in Splunk meet in one app only, the others wherever both rules are built.
            let shared = |what: &What| is_here || *what == What::File;
            for (what, name) in deployed_as(&names).into_iter().filter(|(what, _)| shared(what)) {
                let holder = Holder::Before {
                    id: row.rule(id).to_owned(),
                    title: row.title.clone(),
                    is_gone: row.is_tombstone(),
                };
                holders.entry((what, name.to_lowercase())).or_insert(holder);
            }
        }
        holders
    }
}

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    SavedSearch,
    Macro,
    File,
}

/// Who has a name.
enum Holder {
    /// A rule that is built now.
    Wanted { rule: usize, is_pinned: bool },
    /// A rule that was built before and is not built now.
    Before { id: String, title: String, is_gone: bool },
}

fn deployed_as(names: &Names) -> [(What, &str); 3] {
    [
        (What::SavedSearch, names.stanza.as_str()),
        (What::Macro, names.filter.as_str()),
        (What::File, names.file.as_str()),
    ]
}

/// Equal names, whatever the title.
fn same(one: &Names, other: &Names) -> bool {
    deployed_as(one) == deployed_as(other) && one.name == other.name
}

/// The conflict of a query with who has its name, and who that is; `None` if they may share it.
fn clash(
    wanted: &[Wanted],
    claim: &Claim,
    holder: &Holder,
    what: What,
    name: &str,
) -> Option<(String, Conflict)> {
    let rule = wanted.get(claim.rule)?;
    let shared = match what {
        What::SavedSearch => format!("would be deployed as `{name}`"),
        What::Macro => format!("would have the macro `{name}`"),
        What::File => format!("would have the file `{name}`"),
    };
    let ask = "give this rule another title, or a name of its own: `isogloss.splunk.name`";
    match holder {
        // The numbers of the queries of one rule keep its names apart.
        Holder::Wanted { rule: other, .. } if *other == claim.rule => None,
        Holder::Wanted { rule: other, is_pinned } => {
            let first = wanted.get(*other)?;
            let message =
                format!("both `{}` and `{}` ({}) {shared}", rule.title, first.title, first.path);
            let finding = Diagnostic::new(Code::NameClash, rule.place, message)
                .with_place(first.place, "the other rule");
            let keeps = *is_pinned && !claim.is_pinned;
            let rules = if keeps { vec![claim.rule] } else { vec![claim.rule, *other] };
            Some((format!("{other}"), Conflict { rules, finding: finding.with_help(ask) }))
        }
        // It was decided before that the name may go on.
        Holder::Before { is_gone: true, .. } if claim.is_pinned => None,
        Holder::Before { id, title, is_gone } => {
            let (state, help) = if *is_gone {
                let help = format!(
                    "what operators have set for the rule that is gone would take effect on this one; \
                     {ask}; if that is meant, run `isogloss build --relock {id}`"
                );
                ("which is gone", help)
            } else {
                ("which is not part of this build", ask.to_owned())
            };
            let message = format!("both `{}` and `{title}` ({id}), {state}, {shared}", rule.title);
            let finding = Diagnostic::new(Code::NameClash, rule.place, message).with_help(help);
            Some((id.clone(), Conflict { rules: vec![claim.rule], finding }))
        }
    }
}

fn without_id(rule: &Wanted) -> Diagnostic {
    let message = format!("`{}` has no id to be deployed under", rule.title);
    Diagnostic::new(Code::NotDeployable, rule.place, message)
        .with_help("write a new UUID, version 4")
}

/// One finding for each rule that shares an id.
fn shared_id(id: &str, rules: &[(usize, &Wanted)]) -> Vec<Conflict> {
    let conflict = |(place, rule): &(usize, &Wanted)| {
        let (_, other) = rules.iter().find(|(it, _)| it != place)?;
        let message =
            format!("`{}` and `{}` ({}) have one id, {id}", rule.title, other.title, other.path);
        let finding = Diagnostic::new(Code::NotDeployable, rule.place, message)
            .with_place(other.place, "the other rule")
            .with_help("write a new UUID, version 4, for the rule that is newer");
        Some(Conflict { rules: vec![*place], finding })
    };
    rules.iter().filter_map(conflict).collect()
}

fn renamed(rule: &Wanted, id: &str, old: &Names, new: &Names) -> Diagnostic {
    let message = format!(
        "`{}` is deployed as `{}`, and `isogloss.splunk.name` would make it `{}`",
        rule.title, old.name, new.name
    );
    let help = format!(
        "what operators have set for the old name would be lost; if that is meant, run \
         `isogloss build --relock {id}`"
    );
    Diagnostic::new(Code::PinnedOtherwise, rule.place, message).with_help(help)
}
