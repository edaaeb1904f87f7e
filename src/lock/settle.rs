//! What a build changes in an output: versions, the release, what is new and what is gone.

use std::collections::{BTreeMap, BTreeSet};

use isogloss_backends::content::Names;
use isogloss_compiler::diagnostic::{Code, Diagnostic};
use isogloss_compiler::source::Span;

use super::{Kind, Lock, Relock, Row, Splunk, State, Stay, further};

/// What was built for an output.
#[derive(Debug)]
pub(crate) struct Build<'b> {
    /// The output: `<environment>.<target>`, or `<target>`.
    pub(crate) output: &'b str,
    /// Every query.
    pub(crate) built: &'b [Built<'b>],
    /// The ids of rules that are still there and gave no content, with their places.
    pub(crate) refused: &'b BTreeMap<String, Span>,
    /// The ids of rules that are there for correlations only, with their places.
    pub(crate) referenced: &'b BTreeMap<String, Span>,
    /// The release that is deployed; without it the one before the last change.
    pub(crate) deployed: Option<u32>,
    /// The rules whose type may change.
    pub(crate) relock: &'b Relock,
    /// True if a deployed rule that is refused now is taken away.
    pub(crate) drop_refused: bool,
}

/// A query of a rule as it was built.
#[derive(Debug)]
pub(crate) struct Built<'b> {
    /// Its id, of `entry_id`.
    pub(crate) id: &'b str,
    /// The id of its rule.
    pub(crate) rule: &'b str,
    /// Its number in the rule, from 1.
    pub(crate) number: usize,
    /// Its names.
    pub(crate) names: &'b Names,
    /// The hash of everything that is deployed of it but its version.
    pub(crate) digest: &'b str,
    /// The type of the rule that it becomes (Elastic).
    pub(crate) kind: Option<Kind>,
    /// Where the rule says its title, or where it starts.
    pub(crate) place: Span,
}

/// What a build changes in an output.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Settlement {
    /// The release of the output.
    pub(crate) release: u32,
    /// The version of each query that was built, by its id.
    pub(crate) versions: BTreeMap<String, u32>,
    /// The queries that the deployed release does not have.
    pub(crate) new: BTreeSet<String>,
    /// The queries that the deployed release has otherwise.
    pub(crate) changed: BTreeSet<String>,
    /// What the deployed release has and has to lose, by id.
    pub(crate) gone: Vec<Gone>,
    /// Why the lock must not be written.
    pub(crate) conflicts: Vec<Refused>,
}

/// A query that the deployed release has and has to lose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gone {
    /// Its id.
    pub(crate) id: String,
    /// Its names when it was built for the last time.
    pub(crate) names: Names,
    /// The release in which it left.
    pub(crate) release: u32,
    /// The last version that it had.
    pub(crate) version: u32,
    /// True if it comes back with another type, so that it has to be deleted first.
    pub(crate) is_replaced: bool,
}

/// A query that cannot be deployed as it is, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Its id.
    pub(crate) id: String,
    /// What is wrong.
    pub(crate) finding: Diagnostic,
}

impl Lock {
    /// Takes in what was built for an output. The same build again changes nothing. With conflicts the lock
    /// must not be written.
    pub(crate) fn settle(&mut self, build: &Build) -> Settlement {
        let before = self.release(build.output);
        let mut settling =
            Settling { build, release: before + 1, is_changed: false, conflicts: Vec::new() };
        for built in build.built {
            settling.take_in(&mut self.rows, built);
        }
        let ids: BTreeSet<&str> = build.built.iter().map(|built| built.id).collect();
        for (id, row) in self.rows.iter_mut().filter(|(id, _)| !ids.contains(id.as_str())) {
            settling.take_away(id, row);
        }
        let Settling { is_changed, conflicts, .. } = settling;
        let release = if is_changed { before + 1 } else { before };
        if release > 0 {
            self.outputs.insert(build.output.to_owned(), release);
        }
        let deployed = build.deployed.unwrap_or_else(|| release.saturating_sub(1)).min(release);
        Settlement { release, conflicts, ..self.since(build.output, deployed) }
    }

    /// What an output has, and what of it a deployed release has not.
    fn since(&self, output: &str, deployed: u32) -> Settlement {
        let mut since = Settlement::default();
        for (id, row) in &self.rows {
            let Some(state) = row.outputs.get(output) else { continue };
            let then = state.at(deployed);
            let gone = |stay: Stay| Gone {
                id: id.clone(),
                names: row.names(output, "", ""),
                release: stay.gone,
                version: state.version,
                is_replaced: state.gone.is_none(),
            };
            if state.gone.is_some() {
                since.gone.extend(then.map(gone));
                continue;
            }
            since.versions.insert(id.clone(), state.version);
            match then {
                Some(stay) if stay.kind == state.kind => {
                    since.changed.extend((state.changed > deployed).then(|| id.clone()));
                }
                other => {
                    since.new.insert(id.clone());
                    since.gone.extend(other.map(gone));
                }
            }
        }
        since
    }
}

impl State {
    /// The stay that a release falls into. One that lasts ends with the largest number.
    fn at(&self, release: u32) -> Option<Stay> {
        let last = Stay { since: self.since, gone: self.gone.unwrap_or(u32::MAX), kind: self.kind };
        let mut stays = self.earlier.iter().chain([&last]);
        stays.find(|stay| (stay.since..stay.gone).contains(&release)).cloned()
    }

    /// It is there again, or as another type, from this release on.
    fn begin_again(&mut self, release: u32, kind: Option<Kind>) {
        let gone = self.gone.take().unwrap_or(release);
        self.earlier.push(Stay { since: self.since, gone, kind: self.kind });
        self.since = release;
        self.changed = release;
        self.kind = kind;
    }
}

struct Settling<'b> {
    build: &'b Build<'b>,
    /// The number of this release, if it changes anything.
    release: u32,
    is_changed: bool,
    conflicts: Vec<Refused>,
}

impl Settling<'_> {
    fn take_in(&mut self, rows: &mut BTreeMap<String, Row>, built: &Built) {
        let row = rows.entry(built.id.to_owned()).or_insert_with(|| Row {
            title: String::new(),
            name: String::new(),
            file: String::new(),
            further: further(built.rule, built.number),
            outputs: BTreeMap::new(),
        });
        let is_relocked = self.build.relock.covers(row.rule(built.id));
        match row.outputs.get_mut(self.build.output) {
            None => {
                let state = State {
                    splunk: splunk(built),
                    version: 1,
                    content: built.digest.to_owned(),
                    since: self.release,
                    changed: self.release,
                    kind: built.kind,
                    gone: None,
                    earlier: Vec::new(),
                };
                row.outputs.insert(self.build.output.to_owned(), state);
                self.is_changed = true;
            }
            Some(state) if state.kind != built.kind && state.gone.is_none() && !is_relocked => {
                self.conflicts.push(retyped(built, state.kind));
                return;
            }
            Some(state) => self.update(state, built),
        }
        let Names { title, name, file, .. } = built.names.clone();
        row.title = title;
        row.name = name;
        row.file = file;
    }

    fn update(&mut self, state: &mut State, built: &Built) {
        if state.gone.is_some() || state.kind != built.kind {
            state.begin_again(self.release, built.kind);
            self.is_changed = true;
        }
        let splunk = splunk(built);
        if state.content != built.digest || state.splunk != splunk {
            state.splunk = splunk;
            built.digest.clone_into(&mut state.content);
            state.version += 1;
            state.changed = self.release;
            self.is_changed = true;
        }
    }

    fn take_away(&mut self, id: &str, row: &mut Row) {
        let rule = row.rule(id);
        let refused = self.build.refused.get(rule).map(|place| (place, &REFUSED));
        let referenced = || self.build.referenced.get(rule).map(|place| (place, &REFERENCED));
        let missing = refused.or_else(referenced);
        let Some(state) = row.outputs.get_mut(self.build.output) else { return };
        if state.gone.is_some() {
            return;
        }
        match missing {
            Some((place, why)) if !self.build.drop_refused => {
                self.conflicts.push(no_longer(id, &row.title, *place, why));
            }
            Some(_) | None => {
                state.gone = Some(self.release);
                self.is_changed = true;
            }
        }
    }
}

/// The names in Splunk, where rules have no type.
fn splunk(built: &Built) -> Option<Splunk> {
    let Names { stanza, filter, .. } = built.names.clone();
    built.kind.is_none().then_some(Splunk { stanza, filter })
}

fn retyped(built: &Built, old: Option<Kind>) -> Refused {
    let word = |kind: Option<Kind>| kind.map_or("another", Kind::as_str);
    let message = format!(
        "`{}` is deployed as a rule of type `{}` and would become one of type `{}`",
        built.names.title,
        word(old),
        word(built.kind)
    );
    let help = format!(
        "a deployed rule cannot change its type: give it a new id, or delete it on the platform first and run \
         `isogloss build --relock {}`",
        built.rule
    );
    let finding = Diagnostic::new(Code::PinnedOtherwise, built.place, message).with_help(help);
    Refused { id: built.id.to_owned(), finding }
}

/// Why a deployed rule gave no content, and what there is to do.
type Why = (&'static str, &'static str);

const REFUSED: Why = (
    "is refused now",
    "mend the rule or leave it out of the selection; `isogloss build --drop-refused` takes it away",
);
const REFERENCED: Why = (
    "is there for a correlation only now, and would find nothing by itself",
    "write `generate: true` in the correlation; `isogloss build --drop-refused` takes the rule away",
);

fn no_longer(id: &str, title: &str, place: Span, (why, help): &Why) -> Refused {
    let message = format!("`{title}` was deployed and {why}");
    let finding = Diagnostic::new(Code::PinnedOtherwise, place, message).with_help(*help);
    Refused { id: id.to_owned(), finding }
}
