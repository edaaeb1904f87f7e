//! Values that would like to be something else: JSON and TOML read them back as they are.

use isogloss_compiler::ast::attributes::Integration;
use serde_json::json;

use super::rules::{Built, Compiler, settings};

const VALUES: &[&str] = &[
    "\"",
    "'",
    "'''",
    "\"\"\"",
    "\\",
    "a\\",
    "\\n",
    "a\nb",
    "a\r\nb",
    "\r",
    "a\nb'''c",
    "a\nb'",
    "\n",
    "\u{0}",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{202e}abc",
    "\u{feff}",
    "\u{2028}x\u{2029}",
    "\u{85}",
    "\u{e0041}",
    "😀",
    "{{ title }}",
    "{% raw %}",
    "{# a #}",
    "]]>",
    "]\n[rule]",
    "x = 1 # y",
    "\t",
    "<script>",
    "!{investigate{}}",
    "${a}",
    "a\n'''\n[metadata]\nb",
];

fn hostile(mut built: Built, value: &str) -> Built {
    // Kibana has no name or description without anything to see.
    let text = format!("a{value}b");
    built.metadata.title.clone_from(&text);
    built.names.title.clone_from(&text);
    built.metadata.description = Some(text.clone());
    built.metadata.author = Some(text.clone());
    built.metadata.license = Some(text.clone());
    built.metadata.references = vec![text.clone()];
    built.metadata.falsepositives = vec![text.clone()];
    built.metadata.logsource.insert("definition".to_owned(), json!(text));
    let elastic = &mut built.attributes.elastic;
    elastic.tags = vec![text.clone()];
    elastic.index = vec![text.clone()];
    elastic.investigation_fields = vec![text.clone()];
    elastic.rule_name_override = Some(text.clone());
    elastic.related_integrations =
        vec![Integration { package: text.clone(), integration: None, version: text.clone() }];
    elastic
        .extra
        .insert("meta".to_owned(), json!({ value: text, "n": [1, 2.5, true, { "a": "b" }] }));
    built
}

#[test]
fn values_stay_values() {
    let built = Compiler::new().folder(&crate::root().join("tests/kibana_rules/cases"));
    let validator = crate::validator();
    for value in VALUES {
        for built in &built {
            let built = hostile(built.clone(), value);
            let entry = built.entry();
            crate::judge(std::slice::from_ref(&entry), &validator);
            let files = crate::files(std::slice::from_ref(&entry));
            let rules = crate::text(&files, "rules.ndjson");
            assert_eq!(rules.lines().count(), 1, "{value:?}");
            let rule = crate::lines(&rules).remove(0);
            let text = format!("a{value}b");
            let tags = rule["tags"].as_array().expect("tags");
            assert!(tags.contains(&json!(text)), "{value:?}");
            assert_eq!(rule["false_positives"], json!([text]));
            assert_eq!(rule["rule_name_override"], json!(text));
            if built.attributes.elastic.name.is_none() {
                assert_eq!(rule["name"], json!(text));
            }
        }
    }
}

/// A template that says the same of every rule cannot be fooled by one.
#[test]
fn templates_are_not_filled_in_twice() {
    let built = Compiler::new().folder(&crate::root().join("tests/kibana_rules/cases"));
    let built = hostile(built[0].clone(), "{{ 1 + 1 }}");
    let tree = isogloss_backends::content::elastic::toml(&[built.entry()], None, &settings());
    let text = format!("{tree:?}");
    assert!(!text.contains("a2b"), "{text}");
}
