//! `[elastic]` and `[attack]`: the stack that rules are imported to, and the names of ATT&CK.

use isogloss_backends::content::attack::Version;
use isogloss_backends::content::elastic::Stack;
use schemars::JsonSchema;
use serde::Deserialize;

use super::mistake::Mistakes;
use super::overlay::table;
use super::placed::Placed;
use super::splunk::is_dotted;

/// The stack that rules are imported to.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ElasticStack")]
pub(crate) struct Elastic {
    /// The oldest version of the stack that has to take the rules, such as `8.12.1`.
    min_stack: Option<Placed<String>>,
    /// The space of Kibana that the rules are for.
    space: Option<Placed<String>>,
}

table!(Elastic { min_stack, space });

impl Elastic {
    /// The oldest version of the stack that has to take the rules.
    pub(crate) fn min_stack(&self) -> Stack {
        let written = self.min_stack.as_ref();
        written.and_then(|it| Stack::parse(&it.value).ok()).unwrap_or_default()
    }

    /// The space of Kibana that the rules are for.
    pub(crate) fn space(&self) -> Option<&str> {
        self.space.as_ref().map(|it| it.value.as_str())
    }

    /// Reports what Elastic would not take.
    pub(super) fn check(&self, mistakes: &mut Mistakes) {
        if let Some(version) = self.min_stack.as_ref().filter(|it| !is_dotted(&it.value, 2..=3)) {
            let message = "the version of a stack is two or three numbers";
            mistakes.invalid(&version.range, message, "write it as `8.12.1`");
        }
        let is_space =
            |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "_-".contains(it);
        let space = self.space.as_ref();
        if let Some(space) =
            space.filter(|it| it.value.is_empty() || !it.value.chars().all(is_space))
        {
            let message = "the id of a space has small letters, digits, `_` and `-` only";
            mistakes.invalid(&space.range, message, "");
        }
    }
}

/// The names of ATT&CK that content is written with.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "AttackNames")]
pub(crate) struct Attack {
    /// The version of ATT&CK whose names are written.
    version: Option<Version>,
}

table!(Attack { version });

impl Attack {
    /// The version of ATT&CK whose names are written: without a choice the one that the stack knows.
    pub(crate) fn version(&self, stack: Stack) -> Version {
        let first = Stack { major: 9, minor: 5, patch: 0 };
        self.version.unwrap_or(if stack >= first { Version::V19 } else { Version::V18 })
    }
}
