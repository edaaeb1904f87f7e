//! The sample, the documentation and the schemas say what the types say.

use isogloss_compiler::ast::attributes::WrittenAttributes;
use schemars::{JsonSchema, schema_for};

use super::{File, parse};

/// The sample with every key: a comment of a key has no space behind its `#`.
fn uncommented() -> String {
    let keep = |line: &str| {
        let key = line.strip_prefix('#').filter(|rest| !rest.starts_with([' ', '#', ':']));
        key.unwrap_or(line).to_owned() + "\n"
    };
    isogloss_templates::CONFIG.lines().map(keep).collect::<Vec<_>>().concat()
}

#[test]
fn the_sample_can_be_read_with_and_without_its_comments() {
    let as_is = parse(isogloss_templates::CONFIG);
    assert_eq!(as_is.targets().collect::<Vec<_>>(), ["spl", "elastic"]);
    let text = uncommented();
    assert!(text.matches("\n[env.").count() == 3, "{text}");
    let config = parse(&text);
    assert!(config.in_environment("production").is_ok());
}

/// Every key of the file stands in the sample and in the documentation.
#[test]
fn every_key_is_in_the_sample_and_in_the_documentation() {
    let schema = serde_json::to_value(schema_for!(File)).unwrap();
    let tables = schema["$defs"].as_object().unwrap();
    // Those of attributes are described with the rules.
    let ours = [
        "Rules",
        "Select",
        "Exclude",
        "Target",
        "Defaults",
        "For",
        "Schedules",
        "OfLevel",
        "Interval",
        "SplunkApp",
        "ElasticStack",
        "AttackNames",
        "PolicyEntry",
        "Check",
        "Lints",
        "Expectations",
    ];
    let named = |table: &serde_json::Value| {
        table["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    let sample = uncommented();
    for key in ours.iter().flat_map(|name| named(&tables[*name])).chain(named(&schema)) {
        let written =
            [format!("{key} = "), format!("[{key}"), format!(".{key}]"), format!(".{key}.")];
        // Of the levels, two stand for all.
        let is_level = ["informational", "low", "critical"].contains(&key.as_str());
        assert!(
            is_level || written.iter().any(|it| sample.contains(it)),
            "the sample lacks `{key}`"
        );
        let described = [
            format!("`{key}."),
            format!("`{key}`"),
            format!(".{key}`"),
            format!("{key}]`"),
            format!("[{key}."),
            format!(".{key}]"),
        ];
        let is_described = described.iter().any(|it| DOCUMENTATION.contains(it));
        assert!(is_described, "docs/configuration.md lacks `{key}`");
    }
}

const DOCUMENTATION: &str = include_str!("../../../docs/configuration.md");

#[test]
fn the_examples_of_the_documentation_can_be_read() {
    let blocks = DOCUMENTATION.split("```toml\n").skip(1).filter_map(|it| it.split("```").next());
    assert!(blocks.map(parse).count() > 3);
}

/// To accept a change: `UPDATE_SCHEMA=1 cargo test --bin isogloss schema`.
fn check_schema<T: JsonSchema>(name: &str) {
    let path = format!("{}/docs/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema = serde_json::to_string_pretty(&schema_for!(T)).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == schema, "{path} is not up to date");
}

#[test]
fn the_schemas_in_the_repository_are_those_of_the_types() {
    check_schema::<File>("isogloss");
    check_schema::<WrittenAttributes>("attributes");
}

#[test]
fn the_sample_fits_the_schema() {
    let schema = serde_json::to_value(schema_for!(File)).unwrap();
    let sample: toml::Table = toml::from_str(&uncommented()).unwrap();
    // Dates are text to a JSON schema.
    let text = serde_json::to_string(&sample).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["select"]["modified_since"] = "2024-01-01".into();
    value["policy"][2]["until"] = "2030-12-31".into();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|it| it.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    value["splunk"]["versoin"] = "1".into();
    assert!(!validator.is_valid(&value));
}
