//! A tree of custom rules for elastic/detection-rules (`docs-dev/custom-rules-management.md` there).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::super::artifact::Artifact;
use super::super::entry::Entry;
use super::super::escape;
use super::current::Current;
use super::stack::Stack;
use super::{Settings, blame, make};

/// The template writes these, or the tool makes them itself.
const BUILT: &[&str] = &["rule_id", "required_fields", "related_integrations", "threat"];
/// What stands for a date that is not known.
const NO_DATE: &str = "1970/01/01";

/// The tree of custom rules. Of rules that Kibana has, if that is known, what belongs to operators is taken
/// over: importing overwrites it. The error is for people.
pub fn toml(
    entries: &[Entry],
    current: Option<&Current>,
    settings: &Settings,
) -> Result<Vec<Artifact>, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for entry in entries {
        if let Some(other) = names.insert(make::name(entry), entry.path) {
            let message = format!(
                "{other} has the same name, and detection-rules takes each name once; set \
                 `isogloss.elastic.name` of one of them"
            );
            return Err(blame(entry, &message));
        }
        let (path, text) =
            rule_file(entry, current, settings).map_err(|error| blame(entry, &error))?;
        if files.insert(path.clone(), text).is_some() {
            return Err(blame(entry, &format!("another rule has the file `{path}`")));
        }
    }
    files.extend(settings_of_tree(settings.min_stack));
    Ok(files.into_iter().map(|(path, text)| Artifact::text(path, text)).collect())
}

/// The files that the tool reads beside the rules.
fn settings_of_tree(stack: Stack) -> [(String, String); 5] {
    let Stack { major, minor, .. } = stack;
    let config = "rule_dirs:\n  - rules\nfiles:\n  deprecated_rules: etc/deprecated_rules.json\n  \
                  packages: etc/packages.yaml\n  stack_schema_map: etc/stack-schema-map.yaml\n  \
                  version_lock: etc/version.lock.json\nbypass_version_lock: true\n\
                  bypass_optional_elastic_validation: true\nnormalize_kql_keywords: false\n";
    let (beats, ecs) = schemas(stack);
    let map =
        format!("{major}.{minor}.0:\n  beats: {beats:?}\n  ecs: {ecs:?}\n  endgame: \"8.4.0\"\n");
    let file = |path: &str, text: &str| (format!("toml/{path}"), text.to_owned());
    [
        file("_config.yaml", config),
        file("etc/deprecated_rules.json", "{}\n"),
        file("etc/packages.yaml", &format!("package:\n  name: \"{major}.{minor}\"\n")),
        file("etc/stack-schema-map.yaml", &map),
        file("etc/version.lock.json", "{}\n"),
    ]
}

/// Since when the schemas of Beats and of the Elastic Common Schema are these (elastic/detection-rules,
/// `detection_rules/etc/stack-schema-map.yaml`).
const SCHEMAS: &[(Stack, &str, &str)] = &[
    (Stack::of(8, 8), "8.8.2", "8.8.0"),
    (Stack::of(8, 9), "8.9.0", "8.9.0"),
    (Stack::of(8, 10), "8.10.3", "8.10.0"),
    (Stack::of(8, 11), "8.11.2", "8.11.0"),
    (Stack::of(8, 12), "8.12.2", "8.11.0"),
    (Stack::of(8, 13), "8.13.4", "8.11.0"),
    (Stack::of(8, 14), "8.14.3", "8.11.0"),
    (Stack::of(8, 15), "8.15.3", "8.11.0"),
    (Stack::of(8, 16), "8.16.1", "8.16.0"),
    (Stack::of(8, 17), "8.17.0", "8.17.0"),
    (Stack::of(8, 18), "8.18.0", "8.17.0"),
    (Stack::of(8, 19), "8.18.3", "8.17.0"),
    (Stack::of(9, 0), "9.0.0", "9.0.0"),
    (Stack::of(9, 1), "9.1.5", "9.1.0"),
    (Stack::of(9, 2), "9.1.5", "9.2.0-rc1"),
];

/// The schemas for a stack: of an older one, the first.
fn schemas(stack: Stack) -> (&'static str, &'static str) {
    let row = SCHEMAS.iter().rev().find(|(since, ..)| *since <= stack).or(SCHEMAS.first());
    row.map_or(("", ""), |(_, beats, ecs)| (*beats, *ecs))
}

/// What the template of a rule can name.
#[derive(Serialize)]
struct Context<'e> {
    created: String,
    updated: String,
    integrations: Vec<String>,
    rule_id: &'e str,
    /// The keys of the rule and their values, as TOML.
    values: Vec<(String, String)>,
    threats: Value,
}

/// The path and the text of a rule.
fn rule_file(
    entry: &Entry,
    current: Option<&Current>,
    settings: &Settings,
) -> Result<(String, String), String> {
    let rule = make::make(entry, entry.version, settings)?;
    let tactic = rule.threat.first().map(|it| it.tactic.name.to_lowercase().replace(' ', "_"));
    let file = &entry.names.file;
    let path = tactic.map_or_else(
        || format!("toml/rules/{file}.toml"),
        |tactic| format!("toml/rules/{tactic}_{file}.toml"),
    );
    let mut integrations: Vec<String> = Vec::new();
    for integration in &rule.related_integrations {
        if !integrations.contains(&integration.package) {
            integrations.push(integration.package.clone());
        }
    }
    let mut object = rule.to_object()?;
    if let Some(current) = current {
        current.carry_over(&entry.id, &mut object);
    }
    let (created, updated) = dates(entry);
    let context = Context {
        created,
        updated,
        integrations,
        rule_id: &entry.id,
        values: values(&object)?,
        threats: object.get("threat").cloned().unwrap_or_else(|| Value::Array(Vec::new())),
    };
    Ok((path, settings.templates.render("elastic/rule.toml.j2", context)?))
}

/// When the rule was made and changed, with slashes. It cannot have changed before it was made.
fn dates(entry: &Entry) -> (String, String) {
    let slashes = |date: &Option<String>| date.as_ref().map(|it| it.replace('-', "/"));
    let (date, modified) = (slashes(&entry.metadata.date), slashes(&entry.metadata.modified));
    let created = date.or_else(|| modified.clone()).unwrap_or_else(|| NO_DATE.to_owned());
    let updated = modified.filter(|it| *it > created).unwrap_or_else(|| created.clone());
    (created, updated)
}

/// The keys with their values as TOML, by name; what runs over several lines goes last.
fn values(object: &Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    let mut values = Vec::new();
    for (key, value) in object.iter().filter(|(key, _)| !BUILT.contains(&key.as_str())) {
        let lines = value.as_str().map(escape::toml_lines);
        if let Some(text) = lines.map_or_else(|| value_of(value), |text| Ok(Some(text)))? {
            values.push((key_of(key), text));
        }
    }
    values.sort_by_key(|(key, text)| (text.contains('\n'), key.clone()));
    Ok(values)
}

fn key_of(key: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(is_bare) { key.to_owned() } else { escape::toml(key) }
}

/// A value of JSON as one of TOML; `None` for `null`, which TOML does not have.
fn value_of(value: &Value) -> Result<Option<String>, String> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number_of(&number.to_string())?,
        Value::String(text) => escape::toml(text),
        Value::Array(list) => {
            let items = list.iter().map(value_of).collect::<Result<Vec<_>, _>>()?;
            format!("[{}]", items.into_iter().flatten().collect::<Vec<_>>().join(", "))
        }
        Value::Object(object) => {
            let mut entries = Vec::new();
            for (key, value) in object {
                let text = value_of(value)?;
                entries.extend(text.map(|text| format!("{} = {text}", key_of(key))));
            }
            format!("{{ {} }}", entries.join(", "))
        }
    };
    Ok(Some(text))
}

/// Whole numbers of TOML have 64 bits.
fn number_of(text: &str) -> Result<String, String> {
    let is_float = text.contains(['.', 'e', 'E']);
    if is_float || text.parse::<i64>().is_ok() {
        return Ok(text.to_owned());
    }
    Err(format!("TOML has no number {text}"))
}
