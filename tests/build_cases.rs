//! Repositories that change step by step, with `isogloss build` after each step: what it says, and what is
//! new, changed and gone among all files. `tests/building/script.rs` shows how a case is written.
//!
//! A case is `tests/cases/build/<name>.txt`, its snapshot `snapshots/build/<name>.snap`. To accept changes
//! after reading them: `INSTA_UPDATE=always cargo test --test build_cases`.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]
#![expect(clippy::panic, reason = "a case that cannot be read fails")]

mod building;
#[path = "building/script.rs"]
mod script;
#[path = "building/shown.rs"]
mod shown;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use building::Repository;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let cases = names("tests/cases/build", "txt");
    let orphans = {
        let cases = cases.clone();
        Trial::test("no_orphans", move || check_orphans(&cases))
    };
    let trials = cases.into_iter().map(|name| Trial::test(name.clone(), move || check(&name)));
    libtest_mimic::run(&arguments, trials.chain([orphans]).collect()).exit();
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The names of the files in a folder, without their extension.
fn names(folder: &str, extension: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).expect("the folder");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let mut names: Vec<String> = paths
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn check(name: &str) -> Result<(), Failed> {
    let input = Path::new("tests/cases/build").join(format!("{name}.txt"));
    let script = std::fs::read_to_string(root().join(&input))?;
    let repository = Repository::new();
    let mut text = String::new();
    for (number, step) in script::parse(&script).iter().enumerate() {
        step.apply(&repository);
        let before = repository.tree("");
        let mut arguments = vec!["--message-format", "pretty", "--color", "never"];
        arguments.extend(step.arguments.iter().map(String::as_str));
        let output = repository.build(&arguments);
        let after = repository.tree("");
        let code = output.status.code().ok_or("ended by a signal")?;
        let title = [step.title.as_str(), &step.arguments.join(" ")].join(" ");
        let gap = if number == 0 { "" } else { "\n" };
        writeln!(text, "{gap}===== {}", title.trim_end())?;
        text += &String::from_utf8(output.stdout)?;
        let talk = String::from_utf8(output.stderr)?;
        text += &without_places(&talk, &repository.path("").canonicalize()?);
        writeln!(text, "exit code {code}")?;
        text += &shown::changes(&before, &after);
        for (path, word) in &step.shown {
            text += &shown::lines(&after, path, word);
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots/build"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_input_file(&input);
    settings.bind(|| insta::assert_snapshot!(name, text));
    Ok(())
}

/// The text without the places of the repository and of the folder that it is in.
fn without_places(text: &str, repository: &Path) -> String {
    let text = text.replace(&repository.display().to_string(), "REPOSITORY");
    let above = repository.parent().expect("a folder");
    text.replace(&above.display().to_string(), "ABOVE")
}

/// A snapshot without a case is never compared.
fn check_orphans(cases: &[String]) -> Result<(), Failed> {
    let snapshots = names("snapshots/build", "snap");
    let orphans: Vec<&String> = snapshots.iter().filter(|it| !cases.contains(it)).collect();
    if orphans.is_empty() { Ok(()) } else { Err(format!("no case has these: {orphans:?}").into()) }
}
