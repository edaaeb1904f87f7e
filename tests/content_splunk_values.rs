//! Values of rules in content of Splunk: hostile ones stay in their place, wrong ones are found.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod built_in;
mod content;
mod entries;

use std::collections::BTreeMap;

use content::conf::Conf;
use content::splunk::{
    DLL, SERVICE, SESSION, attributes, find, gone, json_of, netsupport, options, severe, stanza,
    text, value, with_settings,
};
use content::{Deployment, write};
use isogloss_backends::Options;
use isogloss_backends::content::splunk::{App, Settings, app, check, check_escu, escu, pack};
use isogloss_backends::content::{Artifact, Entry};
use isogloss_compiler::source::SourceId;
use isogloss_compiler::yaml::{Node, parse_yaml};
use serde_json::{Value, json};

/// Text that leaves its place wherever it is not escaped.
const HOSTILE: &[&str] = &[
    "a \"quote\" and 'another'",
    "first\n[stanza]\nkey = value",
    "first\r\n# comment\r\nsecond",
    "ends in a backslash \\",
    "C:\\",
    "\\\n[x]",
    "[x]",
    "%name% and %x%",
    "$x$ and $y$",
    "``` comment ``` `macro`",
    "a\u{0}b\u{1b}[2J\u{202e}c",
    "emoji 😀 and | pipes | and <b>html</b>",
    "{{ braces }} {% raw %}",
    "---\n- a: b\n...",
    "  spaces around  ",
    "- item: {a: b} # no comment",
];

/// A rule that says something hostile wherever it can say anything.
fn hostile(mut rule: Deployment, text: &str) -> Deployment {
    let kept = attributes(&json!({
        "type": "TTP",
        "asset_type": text,
        "risk": {
            "message": text,
            "objects": [{"field": text, "type": "system"}],
            "threat_objects": [{"field": text, "type": "url"}],
        },
        "notable": {"title": text, "description": text, "fields": [text], "next_steps": text, "recommended_actions": [text]},
        "drilldowns": [{"name": text, "search": text, "earliest": text, "latest": text}],
        "stories": [text],
        "data_sources": [format!("Events of {text}")],
        "how_to_implement": text,
        "explanation": text,
        "tests": [{"name": text, "data": text, "source": text, "sourcetype": text}],
        "extra": {"action.email.to": text},
        "throttle": {"fields": [text], "period": text},
        "schedule": {"cron": text, "earliest": text, "latest": text, "window": text},
    }));
    rule.attributes = kept;
    text.clone_into(&mut rule.names.title);
    text.clone_into(&mut rule.path);
    let metadata = &mut rule.metadata;
    for field in
        [&mut metadata.description, &mut metadata.author, &mut metadata.license, &mut metadata.date]
    {
        *field = Some(text.to_owned());
    }
    metadata.modified = Some(text.to_owned());
    for list in [&mut metadata.falsepositives, &mut metadata.references, &mut metadata.tags] {
        *list = vec![text.to_owned()];
    }
    rule
}

fn hostile_app(text: &str) -> App {
    let text = text.to_owned();
    App {
        label: text.clone(),
        author: text.clone(),
        company: text.clone(),
        email: text.clone(),
        description: text.clone(),
        license: Some(text),
        ..App::default()
    }
}

/// The names of stanzas with the names of their keys. A story has the name that the rule gives it.
fn outline(artifacts: &[Artifact], path: &str) -> Vec<(String, Vec<String>)> {
    let conf = Conf::read(text(artifacts, path)).expect(path);
    let names = |keys: Vec<(String, String)>| keys.into_iter().map(|(key, _)| key).collect();
    let known = |name: String| match name.split_once("analytic_story://") {
        Some(_) => "analytic_story".to_owned(),
        None => name,
    };
    conf.0.into_iter().map(|(name, keys)| (known(name), names(keys))).collect()
}

#[test]
fn hostile_values_stay_in_their_files() {
    let rule = severe(find(&netsupport(&options()), SERVICE));
    let build = |text: &str| {
        let (rule, about) = (hostile(rule.clone(), text), hostile_app(text));
        with_settings(|settings| {
            let mut gone = gone();
            text.clone_into(&mut gone.title);
            let settings = Settings { app: &about, ..settings };
            app(&[rule.entry()], &[gone], &settings).expect("an app")
        })
    };
    let harmless = build("harmless");
    let files =
        ["savedsearches.conf", "analyticstories.conf", "macros.conf", "app.conf", "server.conf"];
    for hostile in HOSTILE {
        let artifacts = build(hostile);
        for file in files {
            assert_eq!(outline(&artifacts, file), outline(&harmless, file), "{hostile:?}");
        }
        let conf = Conf::read(text(&artifacts, "savedsearches.conf")).expect("a conf file");
        let stanza = conf.stanza(&rule.names.stanza).expect("the stanza");
        for key in ["_risk", "_entities", "next_steps", "drilldown_searches"] {
            let (key, _) = stanza.iter().find(|(it, _)| it.ends_with(key)).expect("the key");
            assert!(!json_of(stanza, key).is_null());
        }
        let manifest: Value = serde_json::from_str(text(&artifacts, "app.manifest")).expect("JSON");
        assert_eq!(manifest["info"]["title"], json!(hostile));
        let rows = |artifacts| {
            text(artifacts, "README.md").lines().filter(|it| it.starts_with('|')).count()
        };
        assert_eq!(rows(&artifacts), rows(&harmless), "{hostile:?}");
    }
}

/// All hostile texts in one app, and what is no text as it should be: for judges that are not ours.
#[test]
fn hostile_values_become_an_app() {
    let rule = severe(find(&netsupport(&options()), SERVICE));
    let rules: Vec<Deployment> = HOSTILE
        .iter()
        .enumerate()
        .map(|(number, text)| {
            let mut other = hostile(rule.clone(), text);
            other.names.stanza = format!("{number} - Rule");
            other.names.name = format!("Hostile {number}");
            other.id = format!("2d510d8d-912b-45c5-b1df-36faa3d8c3{number:02}");
            other.metadata.modified = Some("2026-01-01".to_owned());
            let (good, splunk) = (rule.attributes.splunk.clone(), &mut other.attributes.splunk);
            (splunk.schedule, splunk.throttle, splunk.asset_type) =
                (good.schedule, good.throttle, None);
            splunk.risk.as_mut().expect("risk").objects = good.risk.expect("risk").objects;
            splunk.tests.clear();
            other
        })
        .collect();
    let entries: Vec<Entry> = rules.iter().map(Deployment::entry).collect();
    let artifacts = with_settings(|settings| app(&entries, &[gone()], &settings)).expect("an app");
    write("hostile", &artifacts);
    write("hostile", &[with_settings(|settings| pack(&artifacts, &settings)).expect("a package")]);
    let taken: Vec<Entry> = entries.into_iter().filter(|it| check_escu(it).is_empty()).collect();
    assert_eq!(taken.len(), HOSTILE.len() - 2);
    write("hostile", &with_settings(|settings| escu(&taken, &settings)).expect("detections"));
}

/// Every text of a YAML document, by its path.
fn texts(node: &Node, path: &str, found: &mut BTreeMap<String, String>) {
    if let Some(entries) = node.as_mapping() {
        for (key, value) in entries {
            texts(value, &format!("{path}/{}", key.as_text().unwrap_or_default()), found);
        }
    } else if let Some(text) = node.as_text() {
        found.insert(path.to_owned(), text.to_owned());
    }
    if let isogloss_compiler::yaml::Value::Sequence(elements) = &node.value {
        for (place, element) in elements.iter().enumerate() {
            texts(element, &format!("{path}/{place}"), found);
        }
    }
}

#[test]
fn hostile_values_come_out_of_yaml_as_they_are() {
    let rule = severe(find(&netsupport(&options()), SERVICE));
    for text in HOSTILE {
        let (rule, about) = (hostile(rule.clone(), text), hostile_app(text));
        let artifacts = with_settings(|settings| {
            escu(&[rule.entry()], &Settings { app: &about, ..settings }).expect("detections")
        });
        for artifact in &artifacts {
            let yaml = str::from_utf8(&artifact.bytes).expect("text");
            let mut diagnostics = Vec::new();
            let documents = parse_yaml(SourceId::default(), yaml, &mut diagnostics);
            assert!(diagnostics.is_empty() && documents.len() == 1, "{diagnostics:?}\n{yaml}");
            let mut found = BTreeMap::new();
            texts(&documents[0], "", &mut found);
            if artifact.path.contains("/detections/") {
                for path in [
                    "/rba/message",
                    "/drilldown_searches/0/search",
                    "/rba/risk_objects/0/field",
                    "/tests/0/name",
                ] {
                    assert_eq!(found.get(path).map(String::as_str), Some(*text), "{path}\n{yaml}");
                }
            }
        }
    }
}

#[test]
fn text_of_a_rule_is_no_token() {
    let mut rule = severe(find(&netsupport(&options()), SERVICE));
    rule.names.title = "Copy To IPC$ And ADMIN$".to_owned();
    rule.metadata.description = Some("$dest$ is no field here".to_owned());
    rule.attributes.splunk.notable.title = None;
    rule.attributes.splunk.risk = None;
    rule.attributes.splunk.drilldowns.clear();
    rule.query.printed.text = rule.query.printed.text.replace("Client32", "ADMIN$ IPC$");
    with_settings(|settings| {
        let stanza = stanza(&rule, &settings);
        let title = value(&stanza, "action.notable.param.rule_title");
        assert_eq!(title, Some("Copy To IPC\u{ff04} And ADMIN\u{ff04}"));
        let message = value(&stanza, "action.risk.param._risk_message").expect("a message");
        assert_eq!(message.matches('$').count(), 4, "{message}");
        let description =
            value(&stanza, "action.notable.param.rule_description").expect("a description");
        assert!(!description.contains('$'), "{description}");
        let drilldowns = json_of(&stanza, "action.notable.param.drilldown_searches");
        let wanted = "| savedsearch \"NetSupport Manager Service Install - Rule\"\n| search dest=\"$dest$\" OR user=\"$user$\"";
        assert_eq!(drilldowns[0]["search"], json!(wanted));
    });
}

/// What `check` says of a rule with other attributes: `E` or `W`, and the message.
fn said(rule: &Deployment, splunk: &Value) -> Vec<String> {
    let mut rule = rule.clone();
    rule.attributes = attributes(splunk);
    with_settings(|settings| {
        let problems = check(&rule.entry(), &settings);
        problems
            .iter()
            .map(|it| format!("{} {}", if it.is_error { 'E' } else { 'W' }, it.message))
            .collect()
    })
}

/// Attributes, and what is said of them.
fn wrong() -> Vec<(Value, &'static str)> {
    let object = |field: &str, score: u8| json!({"objects": [{"field": field, "type": "system", "score": score}]});
    vec![
        (json!({}), ""),
        (json!({"schedule": {"cron": "0 * * * *"}}), ""),
        (
            json!({"schedule": {"cron": "0 * * *"}}),
            "E `schedule.cron` is `0 * * *`, which does not have five fields",
        ),
        (
            json!({"schedule": {"cron": "0 25 * * *"}}),
            "E `schedule.cron` is `0 25 * * *`, where `25` is no hour (0 to 23)",
        ),
        (
            json!({"schedule": {"earliest": "70m"}}),
            "E `schedule.earliest` is `70m`, which is no time of Splunk",
        ),
        (json!({"schedule": {"window": "soon"}}), "E `schedule.window` is `soon`"),
        (json!({"throttle": {"fields": ["dest"], "period": "1d"}}), "E `throttle.period` is `1d`"),
        (
            json!({"throttle": {"fields": ["host"], "period": "1h"}}),
            "W the results have no field `host`, by which `throttle` tells them apart: it is left out",
        ),
        (
            json!({"type": "TTP", "risk": object("dest", 0)}),
            "E the risk score of `dest` is 0; scores go from 1 to 100",
        ),
        (
            json!({"type": "TTP", "risk": object("src", 5)}),
            "W the results have no field `src`, which risk is added to",
        ),
        (
            json!({"type": "TTP", "risk": {"message": "on $host$"}}),
            "W the results have no field `host`, which the risk message shows",
        ),
        (
            json!({"type": "TTP", "risk": {"threat_objects": [{"field": "dest", "type": "machine"}]}}),
            "W `machine` is no type of a threat object that Splunk's content knows",
        ),
        (
            json!({"notable": {"title": "on $host$"}}),
            "W the results have no field `host`, which the notable event shows",
        ),
        (
            json!({"drilldowns": [{"name": "a $host$", "search": "b"}]}),
            "W the results have no field `host`, which a drilldown shows",
        ),
        (
            json!({"drilldowns": [{"name": "", "search": "b"}]}),
            "E a drilldown has a name and a search",
        ),
        (
            json!({"extra": {"search": "index=*"}}),
            "E `extra` has the key `search`, which is written anyway",
        ),
        (json!({"extra": {"a = b\n[x]": "c"}}), "E `a = b\n[x]` is no key of a conf file"),
    ]
}

#[test]
fn what_is_wrong_is_said() {
    let all = netsupport(&options());
    let (rule, session) = (find(&all, SERVICE), find(&all, SESSION));
    for (splunk, wanted) in wrong() {
        let said = said(&rule, &splunk);
        assert_eq!(said.first().map_or("", String::as_str), wanted, "{splunk}: {said:?}");
        assert!(said.len() < 2, "{said:?}");
    }
    let short = said(&session, &json!({"schedule": {"earliest": "-2h"}}));
    assert!(short[0].starts_with("W the search looks at 6600 seconds"), "{short:?}");
}

#[test]
fn searches_that_cannot_be_deployed_are_refused() {
    let rule = find(&netsupport(&options()), DLL);
    let errors = |rule: &Deployment| {
        with_settings(|settings| {
            check(&rule.entry(), &settings).iter().filter(|it| it.is_error).count()
        })
    };
    assert_eq!(errors(&rule), 0);
    let mut open = rule.clone();
    open.query.macros[0].definition = "index=__fill_in__".to_owned();
    assert_eq!(errors(&open), 1);
    let mut hidden = rule.clone();
    hidden.query.printed.text =
        hidden.query.printed.text.replace("NetSupport", "Net\u{202e}Support");
    assert_eq!(errors(&hidden), 1);
    let mut named = rule.clone();
    named.names.stanza = "a [b]".to_owned();
    assert_eq!(errors(&named), 1);
    assert!(check_escu(&rule.entry()).is_empty());
    let mut quoted = rule;
    quoted.query.printed.text = quoted.query.printed.text.replace("NetSupport Ltd", "`x`");
    assert_eq!(check_escu(&quoted.entry()).len(), 1);
}

#[test]
fn long_lists_become_lookups() {
    let options = Options { max_query_bytes: Some(1200), ..options() };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/content/rules");
    let all = content::deployments(&folder, "splunk", &options);
    let rule = find(&all, "Connection To A Known Host");
    with_settings(|settings| {
        let artifacts = app(&[rule.entry()], &[], &settings).expect("an app");
        let name = "isogloss_connection_to_a_known_host_values";
        let transforms = Conf::read(text(&artifacts, "transforms.conf")).expect("a conf file");
        assert_eq!(
            transforms.get(name, "filename"),
            Some("isogloss_connection_to_a_known_host_values.csv")
        );
        let csv = text(&artifacts, "lookups/isogloss_connection_to_a_known_host_values.csv");
        assert!(csv.starts_with("DestinationHostname\n") && csv.lines().count() == 41, "{csv}");
        let macros = Conf::read(text(&artifacts, "macros.conf")).expect("a conf file");
        let wanted = format!("[| inputlookup {name}.csv | fields DestinationHostname]");
        assert_eq!(macros.get(name, "definition"), Some(wanted.as_str()));
        let search = stanza(&rule, &settings);
        assert!(value(&search, "search").expect("a search").contains(&format!("`{name}`")));
    });
}

#[test]
fn every_query_of_a_rule_has_its_own_filter() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/content/rules");
    let all = content::deployments(&folder, "splunk", &options());
    let queries: Vec<&Deployment> =
        all.iter().filter(|it| it.metadata.title == "Two Conditions").collect();
    let filters = ["isogloss_two_conditions_filter", "isogloss_two_conditions_2_filter"];
    assert_eq!(queries.len(), 2);
    for (query, filter) in queries.into_iter().zip(filters) {
        assert!(
            query.query.printed.text.ends_with(&format!("`{filter}`")),
            "{}",
            query.query.printed.text
        );
        assert!(query.query.macros.iter().any(|it| it.name == filter));
    }
}

/// The values that the documentation shows of the analytic.
#[test]
fn the_documented_values_are_there() {
    let mut rule = find(&netsupport(&options()), DLL);
    rule.attributes.splunk.schedule.cron = Some("0 * * * *".to_owned());
    let documented = [
        ("disabled", "true"),
        ("cron_schedule", "0 * * * *"),
        ("dispatch.earliest_time", "-70m@m"),
        ("dispatch.latest_time", "-10m@m"),
        ("schedule_window", "auto"),
        ("action.risk", "1"),
    ];
    with_settings(|settings| {
        let stanza = stanza(&rule, &settings);
        for (key, wanted) in documented {
            assert_eq!(value(&stanza, key), Some(wanted), "{key}");
        }
        let risk = json!([
            {"risk_object_field": "dest", "risk_object_type": "system", "risk_score": 30},
            {"threat_object_field": "Image", "threat_object_type": "process_name"},
        ]);
        assert_eq!(json_of(&stanza, "action.risk.param._risk"), risk);
        let annotations = json_of(&stanza, "action.correlationsearch.annotations");
        assert_eq!(annotations["mitre_attack"], json!(["T1036"]));
        assert_eq!(annotations["data_source"], json!(["Sysmon EventID 7"]));
    });
}
