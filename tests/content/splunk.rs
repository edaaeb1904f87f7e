//! What tests of content of Splunk have in common.

use std::path::Path;

use isogloss_backends::Options;
use isogloss_backends::content::attack::Version;
use isogloss_backends::content::splunk::{
    App, EnterpriseSecurity, Gone, MacroSource, Settings, savedsearches,
};
use isogloss_backends::content::{Artifact, Names, Templates};
use isogloss_compiler::ast::Attributes;
use serde_json::{Value, json};

use super::conf::Conf;
use super::{Deployment, deployments};

pub(crate) const PREFIX: &str = "isogloss_";
pub(crate) const DLL: &str = "Windows NetSupport RMM DLL Loaded By Uncommon Process";
pub(crate) const SERVICE: &str = "NetSupport Manager Service Install";
pub(crate) const SESSION: &str = "NetSupport Process In A Privileged Logon Session";

pub(crate) fn options() -> Options {
    Options { macro_prefix: PREFIX.to_owned(), ..Options::of("analytic", Some(100)) }
}

pub(crate) fn netsupport(options: &Options) -> Vec<Deployment> {
    deployments(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"), "splunk", options)
}

pub(crate) fn find(deployments: &[Deployment], title: &str) -> Deployment {
    deployments.iter().find(|it| it.names.title == title).expect("the rule").clone()
}

pub(crate) fn attributes(splunk: &Value) -> Attributes {
    serde_json::from_value(json!({ "splunk": splunk })).expect("attributes")
}

/// Calls a function with settings for an app of Enterprise Security 8.
pub(crate) fn with_settings<T>(run: impl FnOnce(Settings) -> T) -> T {
    let (about, templates) = (App::default(), Templates::default());
    run(Settings {
        app: &about,
        es: EnterpriseSecurity::V8,
        macros: MacroSource::Own,
        macro_prefix: PREFIX,
        attack: Version::V18,
        templates: &templates,
    })
}

pub(crate) fn text<'a>(artifacts: &'a [Artifact], path: &str) -> &'a str {
    let artifact = artifacts.iter().find(|it| it.path.ends_with(path)).expect("the file");
    str::from_utf8(&artifact.bytes).expect("text")
}

/// The stanza of a rule.
pub(crate) fn stanza(deployment: &Deployment, settings: &Settings) -> Vec<(String, String)> {
    let file = savedsearches(&[deployment.entry()], &[], settings).expect("a file");
    let conf = Conf::read(str::from_utf8(&file.bytes).expect("text")).expect("a conf file");
    conf.stanza(&deployment.names.stanza).expect("the stanza").to_vec()
}

pub(crate) fn value<'s>(stanza: &'s [(String, String)], key: &str) -> Option<&'s str> {
    stanza.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
}

pub(crate) fn json_of(stanza: &[(String, String)], key: &str) -> Value {
    serde_json::from_str(value(stanza, key).expect(key)).expect("JSON")
}

/// A rule with everything that a rule can say about a notable event.
pub(crate) fn severe(mut deployment: Deployment) -> Deployment {
    deployment.attributes = attributes(&json!({
        "type": "TTP",
        "severity": "high",
        "risk": {
            "message": "$ServiceName$ was installed on $dest$",
            "objects": [{"field": "dest", "type": "system"}, {"field": "user", "type": "user", "score": 20}],
            "threat_objects": [{"field": "ImagePath", "type": "process_name"}],
        },
        "schedule": {"cron": "H/15 * * * *", "earliest": "-20m@m", "latest": "-5m@m", "window": "5"},
        "throttle": {"fields": ["dest"], "period": "12h"},
        "notable": {
            "title": "NetSupport on $dest$",
            "fields": ["dest", "user"],
            "next_steps": "Ask the \"owner\".\nIsolate the host.",
            "recommended_actions": ["email", "risk"],
        },
        "drilldowns": [{"name": "The host $dest$", "search": "%original_detection_search% | search dest=\"$dest$\""}],
        "stories": ["Remote Monitoring and Management Software"],
        "enabled": true,
        "extra": {"action.email": "1", "action.email.to": "soc@example.com"},
    }));
    deployment
}

pub(crate) fn gone() -> Gone {
    let names = Names {
        name: "A Rule That Left".to_owned(),
        stanza: "A Rule That Left - Rule".to_owned(),
        ..Names::default()
    };
    Gone {
        names,
        id: "11111111-2222-3333-4444-555555555555".to_owned(),
        title: "A Rule That Left".to_owned(),
        version: 3,
    }
}
