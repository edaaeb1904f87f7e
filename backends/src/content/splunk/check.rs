//! What keeps a rule, or an app, from being deployed to Splunk.

use isogloss_compiler::text::is_hidden;
use isogloss_templates::TEMPLATES;

use super::shape::Shape;
use super::{App, Settings, drilldown, notable, risk, schedule};
use crate::content::entry::Entry;
use crate::content::problem::Problem;

/// What stands in the definition of a macro that somebody has to fill in.
const PLACEHOLDER: &str = "__fill_in__";
/// The template of the stanza, which has the keys that are ours.
const TEMPLATE: &str = "spl/savedsearches.conf.j2";

/// What is wrong with an entry as content of Splunk.
pub fn check(entry: &Entry, _settings: &Settings) -> Vec<Problem> {
    let shape = Shape::of(entry);
    let mut problems = check_text(entry);
    problems.extend(check_macros(entry));
    problems.extend(schedule::check(entry, &shape));
    problems.extend(risk::check(entry, &shape));
    problems.extend(notable::check(entry, &shape));
    problems.extend(drilldown::check(entry, &shape));
    problems.extend(check_extra(entry));
    problems
}

/// A conf file shows what it holds, so it cannot hold what is not seen.
fn check_text(entry: &Entry) -> Vec<Problem> {
    let mut problems = Vec::new();
    let hidden = entry.query.printed.text.chars().find(|it| *it != '\n' && is_hidden(*it));
    if let Some(hidden) = hidden {
        let message = format!(
            "the search has the character U+{:04X}, which is not seen in a conf file",
            u32::from(hidden)
        );
        problems.push(Problem::error(message));
    }
    let stanza = &entry.names.stanza;
    let is_bad = |it: char| matches!(it, '[' | ']') || is_hidden(it);
    if stanza.is_empty() || stanza.trim() != stanza || stanza.contains(is_bad) {
        problems.push(Problem::error(format!("`{stanza}` is no name of a saved search")));
    }
    problems
}

fn check_macros(entry: &Entry) -> Vec<Problem> {
    let open = entry.query.macros.iter().filter(|it| it.definition.contains(PLACEHOLDER));
    let problems = open.map(|it| {
        Problem::error(format!("the macro `{}` is a placeholder, `{}`", it.name, it.definition))
            .with_help(
                "define it in the configuration, as what selects the events of this log source",
            )
    });
    problems.collect()
}

fn check_extra(entry: &Entry) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (key, value) in &entry.attributes.splunk.extra {
        if value.trim_end().ends_with('\\') {
            let message =
                format!("the value of `{key}` ends in a backslash, which a conf file cannot hold");
            problems.push(Problem::error(message));
        }
        let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '-' | ':');
        if !key.starts_with(|it: char| it.is_ascii_alphabetic()) || !key.chars().all(plain) {
            problems.push(Problem::error(format!("`{key}` is no key of a conf file")));
        } else if own_keys().any(|own| own.eq_ignore_ascii_case(key)) {
            problems.push(
                Problem::error(format!("`extra` has the key `{key}`, which is written anyway"))
                    .with_help("use the setting of its own, or change the template"),
            );
        }
    }
    problems
}

/// The keys of the stanza that we write.
fn own_keys() -> impl Iterator<Item = &'static str> {
    let template =
        TEMPLATES.iter().find(|(name, _)| *name == TEMPLATE).map_or("", |(_, text)| text);
    template.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key)
}

/// What is wrong with an app, whatever is in it.
pub fn check_app(app: &App) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !is_folder(&app.id) {
        problems.push(
            Problem::error(format!("`{}` is no id of a Splunk app", app.id))
                .with_help("write letters, digits, `_` and `.`, such as `acme_detections`"),
        );
    }
    if !is_version(&app.version) {
        problems.push(
            Problem::error(format!("`{}` is no version of a Splunk app", app.version))
                .with_help("write three numbers, such as `1.0.0`"),
        );
    }
    let texts = [("label", &app.label), ("author", &app.author), ("description", &app.description)];
    for (key, _) in texts.into_iter().filter(|(_, text)| text.trim().is_empty()) {
        problems.push(Problem::error(format!("the app has no `{key}`")));
    }
    problems
}

/// Names that Windows keeps for devices.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// The name of a folder that Splunk takes on every system (Splunk documentation, `app.conf`, `[package]`).
fn is_folder(id: &str) -> bool {
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.');
    let stem = id.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let port = ["COM", "LPT"].iter().find_map(|it| stem.strip_prefix(it));
    let is_port = port.is_some_and(|it| it.len() == 1 && it.bytes().all(|it| it.is_ascii_digit()));
    id.starts_with(|it: char| it.is_ascii_alphanumeric())
        && id.chars().all(plain)
        && !id.ends_with('.')
        && !DEVICES.contains(&stem.as_str())
        && !is_port
}

fn is_version(version: &str) -> bool {
    let numbers: Vec<&str> = version.split('.').collect();
    let is_number = |it: &&str| {
        let zeros = it.len() > 1 && it.starts_with('0');
        !it.is_empty() && it.len() <= 9 && !zeros && it.bytes().all(|it| it.is_ascii_digit())
    };
    numbers.len() == 3 && numbers.iter().all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_versions_of_apps() {
        for good in ["isogloss_detections", "a", "TA.b_1"] {
            assert!(is_folder(good), "{good}");
        }
        for bad in ["", ".a", "a.", "a-b", "a b", "../a", "con", "COM1", "nul.x", "ä"] {
            assert!(!is_folder(bad), "{bad}");
        }
        assert!(check_app(&App::default()).is_empty());
        assert!(is_version("1.20.3"));
        for bad in ["1", "1.2", "1.2.3.4", "1.02.3", "1.2.x", "v1.2.3", "1.2.3\n"] {
            assert!(!is_version(bad), "{bad}");
        }
    }

    #[test]
    fn the_template_names_our_keys() {
        let keys: Vec<&str> = own_keys().collect();
        for key in ["search", "disabled", "cron_schedule", "action.risk.param._risk"] {
            assert!(keys.contains(&key), "{key}");
        }
    }
}
