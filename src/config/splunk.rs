//! `[splunk]`: the app, and what it is installed in.

use isogloss_backends::content::splunk::{App, EnterpriseSecurity};
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

impl Splunk {
    /// The app that is built, whose content is under a licence where a rule names none.
    pub(crate) fn app(&self, license: Option<&str>) -> App {
        let unset = App::default();
        let text = |written: &Option<String>, unset: String| written.clone().unwrap_or(unset);
        let placed = |written: &Option<Placed<String>>, unset: String| {
            written.as_ref().map_or(unset, |it| it.value.clone())
        };
        App {
            id: placed(&self.id, unset.id),
            label: text(&self.label, unset.label),
            version: placed(&self.version, unset.version),
            author: text(&self.author, unset.author),
            company: text(&self.company, unset.company),
            email: text(&self.email, unset.email),
            description: text(&self.description, unset.description),
            license: license.map(str::to_owned),
        }
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
