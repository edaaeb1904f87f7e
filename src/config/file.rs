//! The file as it is written.

use indexmap::IndexMap;
use isogloss_backends::find;
use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::source::SourceId;
use schemars::JsonSchema;
use serde::Deserialize;

use super::defaults::{Defaults, Schedules};
use super::elastic::{Attack, Elastic};
use super::gates::{Check, Expectations, Lints};
use super::mistake::{self, Mistakes};
use super::outputs;
use super::overlay::{Entries, Overlay, table};
use super::placed::Placed;
use super::policy::{PolicyEntry, check_target};
use super::rules::Rules;
use super::select::Select;
use super::splunk::Splunk;
use super::target::Target;
use crate::policy::Entry;

/// The settings of a repository of rules.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "isogloss.toml")]
pub(super) struct File {
    /// A folder of templates that stand in place of the built-in ones of the same path.
    pub(super) templates: Option<String>,
    /// The file that keeps names, versions and types of what is deployed; `isogloss.lock` without it.
    pub(super) lock: Option<String>,
    /// Where rules and filters are.
    pub(super) rules: Rules,
    /// Which rules are looked at.
    pub(super) select: Select,
    /// The targets of the repository, by name.
    pub(super) targets: IndexMap<Placed<String>, Target>,
    /// What rules say nothing about.
    pub(super) defaults: Defaults,
    /// When rules run, by their level.
    pub(super) schedule: Schedules,
    /// The app of Splunk, and what it is installed in.
    pub(super) splunk: Splunk,
    /// The stack that rules are imported to.
    pub(super) elastic: Elastic,
    /// The names of ATT&CK that content is written with.
    pub(super) attack: Attack,
    /// What becomes of losses and lints; the last entry that names a finding decides.
    policy: Entries<PolicyEntry>,
    /// What only `check` reads.
    pub(super) check: Check,
    /// Whether `build` looks for mistakes first.
    pub(super) lints: Lints,
    /// Whether `build` runs the expectations beside the rules first.
    pub(super) expectations: Expectations,
    /// Environments or customers: tables that are laid over those above.
    pub(super) env: IndexMap<Placed<String>, File>,
}

table!(File {
    templates,
    lock,
    rules,
    select,
    targets,
    defaults,
    schedule,
    splunk,
    elastic,
    attack,
    policy,
    check,
    lints,
    expectations,
    env,
});

/// Reads the file; `None` if it is not of this shape, after saying why.
pub(super) fn parse(source: SourceId, text: &str, found: &mut Vec<Diagnostic>) -> Option<File> {
    let reader = match toml::Deserializer::parse(text) {
        Ok(reader) => reader,
        Err(error) => {
            found.push(mistake::explain_syntax(source, &error));
            return None;
        }
    };
    match File::deserialize(reader) {
        Ok(mut file) => {
            file.set_source(source);
            let mut mistakes = Mistakes::of(source);
            file.check(&mut mistakes);
            outputs::check(&file, &mut mistakes);
            found.extend(mistakes.found);
            Some(file)
        }
        Err(error) => {
            found.push(mistake::explain_shape(source, text, &error));
            None
        }
    }
}

impl File {
    /// What holds in an environment: its tables over those of the file.
    pub(super) fn in_environment(&self, name: &str) -> Option<Self> {
        let mut file = self.clone();
        file.overlay(self.env.get(name)?.clone());
        Some(file)
    }

    /// The entries of the policy, one a subject. What names nothing is reported.
    pub(super) fn entries(&self, found: &mut Vec<Diagnostic>) -> Vec<Entry> {
        self.policy.0.iter().flat_map(|it| it.entries(found)).collect()
    }

    fn set_source(&mut self, source: SourceId) {
        for entry in &mut self.policy.0 {
            entry.source = source;
        }
        for file in self.env.values_mut() {
            file.set_source(source);
        }
    }

    /// Reports values that cannot be what they are.
    fn check(&self, mistakes: &mut Mistakes) {
        for (name, target) in &self.targets {
            check_target(name, mistakes);
            target.check(&name.value, mistakes);
        }
        self.select.compile(mistakes);
        self.defaults.compile(mistakes);
        self.splunk.check(mistakes);
        self.elastic.check(mistakes);
        self.expectations.check(mistakes);
        self.entries(&mut mistakes.found);
        for (name, file) in &self.env {
            check_environment(name, mistakes);
            for inner in file.env.keys() {
                mistakes.invalid(&inner.range, "an environment has no environments", "");
            }
            file.check(mistakes);
        }
    }
}

/// Reports names that cannot name a folder, and the one that stands for all.
fn check_environment(name: &Placed<String>, mistakes: &mut Mistakes) {
    let allowed = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
    if name.value.is_empty() || !name.value.chars().all(allowed) {
        let message = "the name of an environment has letters, digits, `_` and `-` only";
        mistakes.invalid(&name.range, message, "");
    }
    if find(&name.value).is_some() {
        let message = format!("`{}` is the name of a target", name.value);
        mistakes.invalid(&name.range, message, "give the environment another name");
    }
    if name.value == "all" {
        mistakes.invalid(&name.range, "`all` stands for all environments", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        let mut mistakes = Vec::new();
        parse(SourceId(0), text, &mut mistakes);
        let show = |it: &Diagnostic| {
            let span = it.labels[0].span;
            let guilty = text.get(span.start as usize..span.end as usize).unwrap();
            format!("{guilty} | {} | {}", it.message, it.help.as_deref().unwrap_or_default())
        };
        mistakes.iter().map(show).collect()
    }

    /// A file, and what is said of it: the underlined text, the message, the help.
    const MISTAKES: &[(&str, &str)] = &[
        ("[targets.spl]\n[targets.sql]\n", "sql | `sql` is no target | did you mean `spl`?"),
        ("[polcy]\n", "polcy | `polcy` is not known here | did you mean `policy`?"),
        (
            "[[policy]]\nalow = ['W0703']\nreason = 'r'\n",
            "alow | `alow` is not known here | did you mean `allow`?",
        ),
        (
            "[[policy]]\nallow = ['W0703']\n",
            "[[policy]] | `reason` is missing | every entry of the policy says why it is there",
        ),
        (
            "[[policy]]\nallow = ['csae']\nreason = 'r'\n",
            "'csae' | `csae` is no loss and no code; did you mean `case`? | ",
        ),
        (
            "[[policy]]\nallow = ['E0301']\nreason = 'r'\n",
            "'E0301' | `E0301` is an error, and errors cannot be switched | ",
        ),
        (
            "[[policy]]\nallow = ['case']\nreason = 'r'\nuntil = 2026-01-01T00:00:00\n",
            "2026-01-01T00:00:00 | `until` is a day, without a time | write it as `until = 2026-12-31`",
        ),
        ("[[policy]]\nallow = ['case']\nreason = ''\n", "'' | the reason is empty | "),
        (
            "[[policy]]\nreason = 'r'\n",
            "'r' | the entry names neither `deny`, `warn`, `note` nor `allow` | ",
        ),
        (
            "[[policy]]\nallow = ['case']\npaths = ['[a']\nreason = 'r'\n",
            "'[a' | this is no glob: unclosed character class; missing ']' | ",
        ),
        (
            "[targets.spl]\npipelines = 'a'\n",
            "'a' | this is not of the right type: invalid type: string \"a\", expected a sequence | ",
        ),
        ("a = \n", " | this is not TOML: string values must be quoted, expected literal string | "),
        (
            "[select]\nmin_level = 'hihg'\n",
            "'hihg' | `hihg` is not known here | did you mean `high`?",
        ),
        (
            "[select.exclude]\npath = []\n",
            "path | `path` is not known here | did you mean `paths`?",
        ),
        (
            "[select]\ntags = ['{a']\n",
            "'{a' | this is no glob: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?) | ",
        ),
        (
            "[select]\nlogsources = [{}]\n",
            "{} | the log source has neither `category`, `product` nor `service` | ",
        ),
        (
            "[select]\nmodified_since = 10:00:00\n",
            "10:00:00 | `modified_since` is a day, without a time | write it as `modified_since = 2026-12-31`",
        ),
        (
            "[targets.kql]\nformats = ['toml', 'app']\n",
            "'app' | `kql` has no format `app` | known here: `ndjson`, `toml`",
        ),
        (
            "[targets.spl]\nformats = ['toml']\n",
            "'toml' | `spl` has no format `toml` | known here: `app`, `escu`, `savedsearches`",
        ),
        (
            "[targets.eql.define]\nsysmon = 'x'\n",
            "sysmon | `define` is of `[targets.spl]` alone | ",
        ),
        (
            "[targets.spl.define]\n'a b' = 'x'\n'a(1)' = 'x'\n",
            "'a b' | the name of a macro has letters, digits, `_`, `-`, `.` and `:` only | ",
        ),
        (
            "[targets.spl]\nmacros = 'ours'\n",
            "'ours' | `ours` is not known here | known here: `own`, `escu`, `inline`",
        ),
        (
            "[targets.spl]\noutput = 'a/{name}'\n",
            "'a/{name}' | only `{env}` and `{target}` stand for something here | ",
        ),
        (
            "[defaults.elastic]\nrisk_score = 101\n",
            "101 | this has to be a whole number from 0 to 100 | ",
        ),
        (
            "[defaults.splunk.throttle]\nfields = ['a']\n",
            "[defaults.splunk.throttle] | `period` is missing | ",
        ),
        (
            "[[defaults.for]]\nlogsorce = { product = 'windows' }\n",
            "logsorce | `logsorce` is not known here | did you mean `logsource`?",
        ),
        ("[schedule.hgh]\n", "hgh | `hgh` is not known here | did you mean `high`?"),
        (
            "[splunk]\nid = '1 app'\n",
            "'1 app' | the id of an app starts with a letter and has letters, digits, `_`, `-` and `.` only | ",
        ),
        (
            "[splunk]\nversion = '1.2'\n",
            "'1.2' | the version of an app is three numbers and perhaps a suffix | write it as `1.2.0` or `1.2.0-beta1`",
        ),
        (
            "[elastic]\nmin_stack = '8'\n",
            "'8' | the version of a stack is two or three numbers | write it as `8.12.1`",
        ),
        (
            "[elastic]\nspace = 'Prod'\n",
            "'Prod' | the id of a space has small letters, digits, `_` and `-` only | ",
        ),
        ("[attack]\nversion = 'v17'\n", "'v17' | `v17` is not known here | did you mean `v18`?"),
        ("[expectations]\nvia = ['spll']\n", "'spll' | `spll` cannot answer | did you mean `spl`?"),
        ("[env.spl]\n", "spl | `spl` is the name of a target | give the environment another name"),
        (
            "[targets.spl]\noutput = 'out'\n[targets.kql]\noutput = 'out/./kql'\n",
            "kql | `spl` and `kql` would be built into one folder | write `{target}` into `output`",
        ),
        (
            "[targets.spl]\noutput = 'out'\n[env.a]\n[env.b]\n",
            "spl | `spl` of `a` and `spl` of `b` would be built into one folder | write `{env}` into `output`",
        ),
        ("[env.all]\n", "all | `all` stands for all environments | "),
        (
            "[env.'../x']\n",
            "'../x' | the name of an environment has letters, digits, `_` and `-` only | ",
        ),
        ("[env.a.env.b]\n", "b | an environment has no environments | "),
        ("[env.a.targets.sql]\n", "sql | `sql` is no target | did you mean `spl`?"),
        (
            "[[env.a.policy]]\nallow = ['csae']\nreason = 'r'\n",
            "'csae' | `csae` is no loss and no code; did you mean `case`? | ",
        ),
    ];

    #[test]
    fn what_is_wrong_is_underlined() {
        for (text, wanted) in MISTAKES {
            assert_eq!(mistakes(text), [*wanted], "{text}");
        }
    }
}
