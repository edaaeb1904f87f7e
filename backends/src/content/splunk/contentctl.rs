//! What contentctl asks of a detection, beyond what Splunk itself asks.

use std::sync::LazyLock;

use regex::Regex;

use super::schedule::throttle;
use crate::content::entry::Entry;
use crate::content::problem::Problem;

/// Text between two backticks, which contentctl takes for a macro wherever it stands.
static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("`([^\\s]+)`").ok());

/// What keeps an entry from being taken by contentctl, beyond what Splunk itself asks.
pub fn check_escu(entry: &Entry) -> Vec<Problem> {
    let text = &entry.query.printed.text;
    let known = |name: &str| {
        entry.query.macros.iter().any(|it| it.name == name) || name == "drop_dm_object_name"
    };
    let calls = CALL.iter().flat_map(|it| it.captures_iter(text)).filter_map(|it| it.get(1));
    let unknown =
        calls.map(|it| it.as_str().split('(').next().unwrap_or_default()).find(|name| !known(name));
    let mut problems = Vec::new();
    if let Some(name) = unknown {
        problems.push(
            Problem::error(format!("contentctl takes `{name}` in a value for a macro")).with_help(
                "leave the rule out of this output, or write the value without backticks",
            ),
        );
    }
    if text.contains("````") {
        problems.push(Problem::error("contentctl takes no four backticks in a row"));
    }
    let drilldowns = &entry.attributes.splunk.drilldowns;
    if let Some(it) = drilldowns.iter().find(|it| it.name.chars().count() < SHORTEST_NAME) {
        let message =
            format!("the name of the drilldown `{}` is too short for contentctl", it.name);
        problems.push(Problem::error(message));
    }
    let throttled = throttle(entry);
    if let Some(field) = throttled.iter().flat_map(|it| &it.fields).find(|it| it.contains(' ')) {
        let message =
            format!("contentctl takes no field with a space to throttle by, such as `{field}`");
        problems.push(Problem::error(message));
    }
    problems
}

/// The shortest name of a drilldown.
const SHORTEST_NAME: usize = 5;
/// The shortest text about false positives and about how to implement.
const SHORTEST: usize = 4;

/// Text that is long enough for contentctl.
pub(super) fn long_enough(text: String) -> String {
    if text.chars().count() < SHORTEST { format!("{text}: see the rule.") } else { text }
}
