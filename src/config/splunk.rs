//! `[splunk]`: the app, and what it is installed in.

use schemars::JsonSchema;
use serde::Deserialize;

use super::mistake::Mistakes;
use super::overlay::table;
use super::placed::Placed;

/// What every Splunk app says of itself.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "SplunkApp")]
pub(crate) struct Splunk {
    /// The id of the app, which is the name of its folder.
    id: Option<Placed<String>>,
    /// The name of the app for people.
    label: Option<String>,
    /// The version of the app, such as `1.2.0`.
    version: Option<Placed<String>>,
    /// Who wrote it.
    author: Option<String>,
    /// The company of the author.
    company: Option<String>,
    /// What it is, in a sentence.
    description: Option<String>,
    /// Where to ask.
    email: Option<String>,
    /// Which Enterprise Security the searches are for.
    enterprise_security: Option<EnterpriseSecurity>,
}

table!(Splunk { id, label, version, author, company, description, email, enterprise_security });

/// A version of Splunk Enterprise Security.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub(crate) enum EnterpriseSecurity {
    /// Notable events and risk.
    #[serde(rename = "7")]
    Seven,
    /// Findings and intermediate findings.
    #[default]
    #[serde(rename = "8")]
    Eight,
}

impl Splunk {
    /// The id of the app.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_ref().map(|it| it.value.as_str())
    }

    /// The name of the app for people.
    pub(crate) fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The version of the app.
    pub(crate) fn version(&self) -> Option<&str> {
        self.version.as_ref().map(|it| it.value.as_str())
    }

    /// Who wrote it.
    pub(crate) fn author(&self) -> Option<&str> {
        self.author.as_deref()
    }

    /// The company of the author.
    pub(crate) fn company(&self) -> Option<&str> {
        self.company.as_deref()
    }

    /// What it is.
    pub(crate) fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Where to ask.
    pub(crate) fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// Which Enterprise Security the searches are for.
    pub(crate) fn enterprise_security(&self) -> EnterpriseSecurity {
        self.enterprise_security.unwrap_or_default()
    }

    /// Reports what Splunk would not take.
    pub(super) fn check(&self, mistakes: &mut Mistakes) {
        if let Some(id) = self.id.as_ref().filter(|it| !is_app_id(&it.value)) {
            let message = "the id of an app starts with a letter and has letters, digits, `_`, `-` and `.` only";
            mistakes.invalid(&id.range, message, "");
        }
        if let Some(version) = self.version.as_ref().filter(|it| !is_app_version(&it.value)) {
            let message = "the version of an app is three numbers and perhaps a suffix";
            mistakes.invalid(&version.range, message, "write it as `1.2.0` or `1.2.0-beta1`");
        }
    }
}

fn is_app_id(id: &str) -> bool {
    let allowed = |it: char| it.is_ascii_alphanumeric() || ['_', '-', '.'].contains(&it);
    id.starts_with(|it: char| it.is_ascii_alphabetic())
        && !id.ends_with('.')
        && id.chars().all(allowed)
}

fn is_app_version(version: &str) -> bool {
    let (numbers, suffix) = version.split_once('-').unwrap_or((version, "0"));
    let suffixed = !suffix.is_empty() && suffix.chars().all(|it| it.is_ascii_alphanumeric());
    suffixed && is_dotted(numbers, 3..=3)
}

/// True for so many whole numbers with dots between them.
pub(super) fn is_dotted(text: &str, count: std::ops::RangeInclusive<usize>) -> bool {
    let number = |it: &str| (1..=9).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
    count.contains(&text.split('.').count()) && text.split('.').all(number)
}
