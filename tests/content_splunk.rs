//! Content of Splunk that is made of rules: what is in its files, read back by readers of our own.
//!
//! | variable | what it does |
//! |---|---|
//! | `SIGMA_CORPUS` | a folder with `rules/` of SigmaHQ; its process creations of Windows become an app too |
//! | `CONTENT_OUT=folder` | the files are written there, for judges that are not ours (`conformance/content`) |

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod built_in;
mod content;

use std::path::{Path, PathBuf};

use content::{Deployment, deployments, write};
use isogloss_backends::Options;
use isogloss_backends::content::splunk::{
    App, EnterpriseSecurity, MacroSource, Settings, app, check, escu, pack,
};
use isogloss_backends::content::{Entry, Templates};

const PREFIX: &str = "isogloss_";

fn options() -> Options {
    Options { macro_prefix: PREFIX.to_owned(), ..Options::of("analytic", Some(100)) }
}

/// Builds the app and the detections of a folder, shows their problems, and writes them.
fn build(name: &str, folder: &Path) {
    let templates = Templates::default();
    let about = App::default();
    let settings = Settings {
        app: &about,
        es: EnterpriseSecurity::V8,
        macros: MacroSource::Own,
        macro_prefix: PREFIX,
        templates: &templates,
    };
    let own = deployments(folder, "splunk", &options());
    let good = good(&own, &settings);
    let artifacts = app(&good, &[], &settings).expect("an app");
    write(name, &artifacts);
    write(name, &[pack(&artifacts, &settings).expect("a package")]);
    let settings = Settings { macros: MacroSource::Escu, macro_prefix: "", ..settings };
    let options = Options { macro_prefix: String::new(), ..options() };
    let theirs = deployments(folder, "splunk", &options);
    write(name, &escu(&self::good(&theirs, &settings), &settings).expect("detections"));
}

fn good<'d>(deployments: &'d [Deployment], settings: &Settings) -> Vec<Entry<'d>> {
    let mut good = Vec::new();
    for entry in deployments.iter().map(Deployment::entry) {
        let problems = check(&entry, settings);
        for problem in &problems {
            println!("{}: {problem:?}", entry.names.name);
        }
        if problems.iter().all(|it| !it.is_error) {
            good.push(entry);
        }
    }
    println!("{} of {} entries", good.len(), deployments.len());
    good
}

#[test]
fn rules_become_an_app() {
    build("netsupport", &Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"));
}

#[test]
fn process_creations_become_an_app() {
    let Some(corpus) = std::env::var_os("SIGMA_CORPUS") else { return };
    build("corpus", &PathBuf::from(corpus).join("rules/windows/process_creation"));
}
