//! `[check]`, `[lints]` and `[expectations]`: what has to hold.

use isogloss_backends::target_names;
use schemars::JsonSchema;
use serde::Deserialize;

use super::mistake::Mistakes;
use super::overlay::table;
use super::placed::Placed;

/// What only `check` reads.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Check {
    /// The findings that are known, as with `--baseline`.
    pub(super) baseline: Option<String>,
}

table!(Check { baseline });

/// Whether `build` looks for mistakes first.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Lints {
    /// True if a finding that is denied keeps `build` from writing; true without it.
    check: Option<bool>,
}

table!(Lints { check });

impl Lints {
    /// True if `build` lints first.
    pub(super) fn check(&self) -> bool {
        self.check.unwrap_or(true)
    }
}

/// Whether `build` runs the expectations beside the rules first.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Expectations {
    /// True if an expectation that fails keeps `build` from writing; true without it.
    run: Option<bool>,
    /// What answers: `ir`, or the names of targets; without it what each file of expectations says.
    via: Option<Vec<Placed<String>>>,
}

table!(Expectations { run, via });

impl Expectations {
    /// True if `build` runs the expectations first.
    pub(crate) fn run(&self) -> bool {
        self.run.unwrap_or(true)
    }

    /// What answers; nothing if each file of expectations says so itself.
    pub(crate) fn via(&self) -> Vec<&str> {
        self.via.iter().flatten().map(|it| it.value.as_str()).collect()
    }

    /// Reports names of nothing that could answer.
    pub(super) fn check(&self, mistakes: &mut Mistakes) {
        let known: Vec<&'static str> = std::iter::once("ir").chain(target_names()).collect();
        for via in self.via.iter().flatten().filter(|it| !known.contains(&it.value.as_str())) {
            let message = format!("`{}` cannot answer", via.value);
            mistakes.unknown(via, message, known.iter().copied());
        }
    }
}
