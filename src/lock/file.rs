//! The file as it is written.

use std::collections::BTreeMap;
use std::ops::Range;

use isogloss_backends::content::entry_id;
use isogloss_compiler::diagnostic::{Diagnostic, Diagnostics};
use isogloss_compiler::source::SourceId;
use isogloss_compiler::text::is_hidden;
use serde::Deserialize;
use toml::Spanned;

use super::{Kind, Lock, Row, Splunk, State, Stay, VERSION, further, mistake};

/// What every version of the file has.
#[derive(Deserialize)]
struct Versioned {
    version: Spanned<i64>,
}

/// The file of this version.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: i64,
    #[serde(default)]
    outputs: BTreeMap<String, Output>,
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, Pinned>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Output {
    release: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pinned {
    title: String,
    name: Spanned<String>,
    file: String,
    rule: Option<String>,
    query: Option<usize>,
    #[serde(default)]
    outputs: BTreeMap<String, Built>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Built {
    stanza: Option<String>,
    filter: Option<String>,
    version: Spanned<u32>,
    content: String,
    since: u32,
    changed: u32,
    #[serde(rename = "type")]
    kind: Option<Kind>,
    gone: Option<u32>,
    #[serde(default)]
    earlier: Vec<Earlier>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Earlier {
    since: u32,
    gone: u32,
    #[serde(rename = "type")]
    kind: Option<Kind>,
}

/// Reads the text of a lock, or says what is wrong with it.
pub(super) fn parse(source: SourceId, text: &str) -> Result<Lock, Diagnostics> {
    if let Some(mistake) = mistake::merge(source, text) {
        return Err(vec![mistake]);
    }
    let versioned: Versioned = read(source, text)?;
    let version = *versioned.version.get_ref();
    if version != VERSION {
        return Err(vec![mistake::later(source, versioned.version.span(), version)]);
    }
    let file: File = read(source, text)?;
    Reading { source, mistakes: Vec::new() }.lock(file)
}

fn read<'t, T: Deserialize<'t>>(source: SourceId, text: &'t str) -> Result<T, Diagnostics> {
    toml::from_str(text).map_err(|error| vec![mistake::toml(source, &error)])
}

struct Reading {
    source: SourceId,
    mistakes: Vec<Diagnostic>,
}

impl Reading {
    fn lock(mut self, file: File) -> Result<Lock, Diagnostics> {
        let outputs = file.outputs.into_iter().map(|(name, output)| (name, output.release));
        let mut lock = Lock { outputs: outputs.collect(), rows: BTreeMap::new() };
        for (id, rule) in file.rules {
            let row = self.row(&id, rule, &lock.outputs);
            lock.rows.insert(id.into_inner(), row);
        }
        if self.mistakes.is_empty() { Ok(lock) } else { Err(self.mistakes) }
    }

    fn row(&mut self, id: &Spanned<String>, rule: Pinned, releases: &BTreeMap<String, u32>) -> Row {
        let further =
            rule.rule.as_deref().and_then(|first| further(first, rule.query.unwrap_or_default()));
        let expected = match &further {
            Some(it) => entry_id(&it.rule, it.number),
            None => entry_id(id.get_ref(), 1),
        };
        if *id.get_ref() != expected || further.is_some() != rule.rule.is_some() {
            self.say(id.span(), "this is not the id of a query");
        }
        if !is_line(rule.name.get_ref()) || !is_word(&rule.file) {
            self.say(rule.name.span(), "the names of this rule cannot be used");
        }
        let outputs = rule.outputs.into_iter().map(|(name, built)| {
            let release = releases.get(&name).copied().unwrap_or_default();
            (name, self.state(built, release))
        });
        let outputs = outputs.collect();
        let Pinned { title, name, file, .. } = rule;
        Row { title, name: name.into_inner(), file, further, outputs }
    }

    fn state(&mut self, built: Built, release: u32) -> State {
        let last = built.gone.unwrap_or(built.changed).max(built.changed).max(built.since);
        if *built.version.get_ref() == 0 || built.since == 0 || built.changed < built.since {
            self.say(built.version.span(), "versions and releases count from 1 and do not fall");
        } else if last > release {
            let message = format!("release {last} is later than that of the output, {release}");
            self.say(built.version.span(), &message);
        }
        let splunk = match (built.stanza, built.filter) {
            (Some(stanza), Some(filter)) if is_line(&stanza) && is_word(&filter) => {
                Some(Splunk { stanza, filter })
            }
            (None, None) => None,
            (Some(_) | None, _) => {
                self.say(built.version.span(), "the names in Splunk cannot be used");
                None
            }
        };
        let earlier = built.earlier.into_iter().map(|it| {
            let Earlier { since, gone, kind } = it;
            Stay { since, gone, kind }
        });
        State {
            splunk,
            version: built.version.into_inner(),
            content: built.content,
            since: built.since,
            changed: built.changed,
            kind: built.kind,
            gone: built.gone,
            earlier: earlier.collect(),
        }
    }

    fn say(&mut self, range: Range<usize>, message: &str) {
        self.mistakes.push(mistake::value(self.source, range, message));
    }
}

/// True for what a stanza can be.
fn is_line(name: &str) -> bool {
    !name.is_empty() && !name.contains(|it| is_hidden(it) || matches!(it, '[' | ']'))
}

/// True for what a macro and a file can be named.
fn is_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
}
