//! Content of Splunk that is made of rules: what is in its files, read back by readers of our own.
//!
//! | variable | what it does |
//! |---|---|
//! | `SIGMA_CORPUS` | a folder with `rules/` of SigmaHQ; its process creations of Windows become an app too |
//! | `CONTENT_OUT=folder` | the files are written there, for judges that are not ours (`conformance/content`) |

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod built_in;
mod content;
mod entries;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use content::conf::Conf;
use content::splunk::{
    DLL, PREFIX, SERVICE, SESSION, find, gone, json_of, netsupport, options, severe, stanza, text,
    value, with_settings,
};
use content::{Deployment, deployments, write};
use isogloss_backends::Options;
use isogloss_backends::content::splunk::{
    EnterpriseSecurity, MacroSource, Settings, app, check, check_escu, digest, escu, pack,
};
use isogloss_backends::content::{Artifact, Entry};
use serde_json::json;

#[test]
fn a_small_app() {
    let all = netsupport(&options());
    let small = [find(&all, DLL), severe(find(&all, SERVICE)), find(&all, SESSION)];
    let entries: Vec<Entry> = small.iter().map(Deployment::entry).collect();
    let artifacts = with_settings(|settings| app(&entries, &[gone()], &settings)).expect("an app");
    content::snapshots("splunk/app", &artifacts);
    write("small", &artifacts);
    write("small", &[with_settings(|settings| pack(&artifacts, &settings)).expect("a package")]);
    let files = with_settings(|settings| escu(&entries, &settings)).expect("detections");
    content::snapshots("splunk/escu", &files);
    write("small", &files);
}

/// Builds the app and the detections of a folder, and writes them. All rules but those that `check` refuses
/// are in them.
fn build(name: &str, folder: &Path) {
    with_settings(|settings| {
        let own = deployments(folder, "splunk", &options());
        let entries = good(&own, &settings);
        let artifacts = app(&entries, &[], &settings).expect("an app");
        assert_eq!(undefined(&artifacts), [""; 0]);
        write(name, &artifacts);
        write(name, &[pack(&artifacts, &settings).expect("a package")]);
        let settings = Settings { macros: MacroSource::Escu, macro_prefix: "", ..settings };
        let options = Options { macro_prefix: String::new(), ..options() };
        let theirs = deployments(folder, "splunk", &options);
        let mut entries = good(&theirs, &settings);
        entries.retain(|it| check_escu(it).is_empty());
        write(name, &escu(&entries, &settings).expect("detections"));
    });
}

fn good<'d>(deployments: &'d [Deployment], settings: &Settings) -> Vec<Entry<'d>> {
    let entries = deployments.iter().map(Deployment::entry);
    entries.filter(|it| check(it, settings).iter().all(|it| !it.is_error)).collect()
}

/// The macros that searches of an app call and that it does not define. Those of Splunk's add-on for the Common
/// Information Model are there wherever a data model is.
fn undefined(artifacts: &[Artifact]) -> Vec<String> {
    let macros = Conf::read(text(artifacts, "default/macros.conf")).expect("a conf file");
    let searches = Conf::read(text(artifacts, "default/savedsearches.conf")).expect("a conf file");
    let mut called = BTreeSet::new();
    for (name, _) in &searches.0 {
        let search = searches.get(name, "search").expect("a search");
        called.extend(calls(search));
    }
    let missing = |call: &String| macros.stanza(call).is_none() && call != "drop_dm_object_name(1)";
    called.into_iter().filter(missing).collect()
}

/// The names of the macros of a search, with the number of their arguments.
fn calls(search: &str) -> Vec<String> {
    let mut calls = Vec::new();
    let mut quoted = false;
    let mut characters = search.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if quoted => drop(characters.next()),
            '"' => quoted = !quoted,
            '`' if !quoted => {
                let call: String = characters.by_ref().take_while(|it| *it != '`').collect();
                calls.push(match call.split_once('(') {
                    None => call,
                    Some((name, arguments)) => format!("{name}({})", arguments.split(',').count()),
                });
            }
            _ => {}
        }
    }
    calls
}

#[test]
fn real_rules_become_an_app() {
    build("netsupport", &Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"));
}

#[test]
fn searches_of_data_models_become_an_app() {
    let options = Options { macro_prefix: PREFIX.to_owned(), ..Options::of("tstats", Some(100)) };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let all = deployments(&folder, "splunk_cim", &options);
    let entries: Vec<Entry> = all.iter().map(Deployment::entry).collect();
    assert!(entries.len() > 3);
    let artifacts = with_settings(|settings| app(&entries, &[], &settings)).expect("an app");
    assert_eq!(undefined(&artifacts), [""; 0]);
    let conf = Conf::read(text(&artifacts, "savedsearches.conf")).expect("a conf file");
    let stanza = conf.stanza("NetSupport Manager Executable - Rule").expect("the stanza");
    assert_eq!(value(stanza, "action.escu.data_models"), Some(r#"["Endpoint"]"#));
    let risky: Vec<_> =
        conf.0.iter().filter(|(_, it)| value(it, "action.risk").is_some()).collect();
    assert!(!risky.is_empty());
    for (name, stanza) in risky {
        let search = value(stanza, "search").expect("a search");
        let emptied = r#"| eval dest=nullif(nullif('dest', "null"), "unknown")"#;
        assert!(search.contains(emptied), "{name}: {search}");
    }
}

#[test]
fn process_creations_become_an_app() {
    let Some(corpus) = std::env::var_os("SIGMA_CORPUS") else { return };
    build("corpus", &PathBuf::from(corpus).join("rules/windows/process_creation"));
}

#[test]
fn macros_are_defined_by_whom_the_settings_name() {
    let names = |source, prefix: &'static str, inline_macros| {
        let options = Options { macro_prefix: prefix.to_owned(), inline_macros, ..options() };
        let all = netsupport(&options);
        let rule = find(&all, DLL);
        let artifacts = with_settings(|settings| {
            let settings = Settings { macros: source, macro_prefix: prefix, ..settings };
            app(&[rule.entry()], &[], &settings).expect("an app")
        });
        let conf = Conf::read(text(&artifacts, "default/macros.conf")).expect("a conf file");
        let searches = Conf::read(text(&artifacts, "savedsearches.conf")).expect("a conf file");
        let calls = calls(searches.get(&rule.names.stanza, "search").expect("a search"));
        let defined: Vec<String> = conf.0.into_iter().map(|(name, _)| name).collect();
        (defined, calls)
    };
    let filter = "windows_netsupport_rmm_dll_loaded_by_uncommon_process_filter";
    let own = format!("x_{filter}");
    let (defined, calls) = names(MacroSource::Own, "x_", false);
    assert_eq!(defined, ["x_security_content_ctime(1)", "x_sysmon", own.as_str()]);
    let ctime = "x_security_content_ctime(1)";
    assert_eq!(calls, ["x_sysmon", ctime, ctime, own.as_str()]);
    let (defined, calls) = names(MacroSource::Escu, "", false);
    assert_eq!(defined, [filter]);
    assert_eq!(calls.first().map(String::as_str), Some("sysmon"));
    let (defined, calls) = names(MacroSource::Inline, "x_", true);
    assert_eq!(defined, [own.as_str()]);
    assert_eq!(calls, [own.as_str()]);
}

#[test]
fn findings_depend_on_the_version_of_enterprise_security() {
    let all = netsupport(&options());
    let rule = severe(find(&all, SERVICE));
    with_settings(|settings| {
        let eight = stanza(&rule, &settings);
        assert_eq!(value(&eight, "action.correlationsearch.detection_type"), Some("ebd"));
        let entities = json_of(&eight, "action.notable.param._entities");
        assert_eq!(
            entities,
            json!([{"risk_object_field": "dest", "risk_object_type": "system", "risk_score": 0}])
        );
        assert_eq!(value(&eight, "action.notable.param.drilldown_name"), None);
        let seven = stanza(&rule, &Settings { es: EnterpriseSecurity::V7, ..settings });
        assert_eq!(value(&seven, "action.correlationsearch.detection_type"), None);
        assert_eq!(value(&seven, "action.notable.param._entities"), None);
        assert_eq!(value(&seven, "action.notable.param.drilldown_name"), Some("The host $dest$"));
        assert_eq!(json_of(&seven, "action.notable.param.next_steps")["version"], json!(1));
    });
}

#[test]
fn a_digest_is_that_of_the_content_alone() {
    let all = netsupport(&options());
    let rule = find(&all, DLL);
    with_settings(|settings| {
        let first = digest(&rule.entry(), &settings).expect("a digest");
        let newer = Entry { version: 9, ..rule.entry() };
        assert_eq!(digest(&newer, &settings).as_ref(), Ok(&first));
        for change in [
            |it: &mut Deployment| it.query.printed.text.push(' '),
            |it: &mut Deployment| it.names.title.push('x'),
            |it: &mut Deployment| it.query.macros[0].definition.push('x'),
            |it: &mut Deployment| it.attributes.splunk.enabled = Some(true),
        ] {
            let mut changed = rule.clone();
            change(&mut changed);
            assert_ne!(digest(&changed.entry(), &settings).as_ref(), Ok(&first));
        }
    });
}

#[test]
fn names_and_macros_that_clash_are_refused() {
    let all = netsupport(&options());
    let (rule, mut other) = (find(&all, DLL), find(&all, SERVICE));
    with_settings(|settings| {
        other.names.stanza = rule.names.stanza.clone();
        let error = app(&[rule.entry(), other.entry()], &[], &settings).expect_err("a clash");
        assert!(error.contains(&rule.id) && error.contains(&other.id), "{error}");
        let mut other = find(&all, SERVICE);
        other.query.macros.push(rule.query.macros[0].clone());
        other.query.macros.last_mut().expect("one").definition.push('x');
        let error = app(&[rule.entry(), other.entry()], &[], &settings).expect_err("a clash");
        assert!(error.contains("isogloss_sysmon"), "{error}");
    });
}
