//! Every code explains itself, and its examples do what its page says: the wrong one is reported with
//! this code and no other, the right one is not reported at all.
//!
//! What only `check` finds is run by `check`, with its code switched on. A block of `toml` is a configuration,
//! and is tried on a small rule.
//!
//! An example is a fenced block of `compiler/src/diagnostic/explanation/<code>.md`. The words behind
//! `yaml` say how it is run:
//!
//! | word | meaning |
//! |---|---|
//! | `wrong`, `right` | which of the two it is; each page has one of each |
//! | `apart` | each document is a file `rule.yml` in a folder of its own |
//! | `target=kql` | the target; `spl` if none is named |
//! | `format=analytic` | the format; `query` if none is named |
//! | `pipeline` | the example is a pipeline, and is tried on a small rule |
//! | `via=spl` | with `pipeline`: the small rule is tested through this target, on a small event |
//! | `events` | the example is a file of events, and a small rule is tested on it |
//! | `expectations` | the example is a file of expectations beside a small rule |
//! | `allow=unsupported` | what the policy allows |
//! | `encoding=latin1` | the example is saved in this encoding |
//! | `also=W0703,L0823` | further codes that it gives |
//!
//! `␛` in an example is the escape character, which no page can show.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use isogloss_compiler::diagnostic::Code;
use libtest_mimic::{Arguments, Failed, Trial};

/// Codes that no example can show, and why.
const WITHOUT_EXAMPLE: &[(&str, &str)] = &[
    ("E0801", "only `build` deploys rules"),
    ("E0802", "only `build` deploys rules"),
    ("E0803", "only `build` deploys rules"),
    ("E0804", "only `build` deploys rules"),
    ("E0901", "a fault of isogloss itself"),
    ("W0791", "only `build` deploys rules"),
    ("W0792", "only `build` deploys rules"),
    ("L0812", "recorded by no target"),
    ("L0822", "recorded by no target"),
    ("L0825", "recorded by no target"),
];

/// The file of an example that is a file of events.
const EVENTS: &str = "events.json";

/// What each page has, in this order.
const SECTIONS: &[&str] = &["## Why it matters", "## What to do"];

/// The rule that pipelines are tried on.
const RULE: &str = r"title: A small rule
id: 4c1b9d0e-6f57-4b0a-9a53-1e0f0a4f3c11
level: low
logsource:
    category: process_creation
    product: windows
detection:
    selection:
        Image|endswith: '\cmd.exe'
    condition: selection
";

/// The event that the small rule is tested on.
const SMALL_EVENT: &str = r#"{"Image": "C:\\Windows\\System32\\cmd.exe"}"#;

/// The first code that only `check` finds.
const FIRST_LINT: &str = "W0729";
/// What is wrong with the configuration is found by every command, and shown by `check`.
const OF_CONFIG: &[&str] = &["E0710", "E0711"];

fn main() {
    let arguments = Arguments::from_args();
    let trials = Code::ALL.iter().map(|&code| Trial::test(code.as_str(), move || check(code)));
    let pages = Trial::test("every_page_has_a_code", every_page_has_a_code);
    libtest_mimic::run(&arguments, trials.chain([pages]).collect()).exit();
}

/// A page, its sections and its two examples.
fn check(code: Code) -> Result<(), Failed> {
    let page = code.explanation();
    let mut rest = page;
    for section in SECTIONS {
        rest = rest.split_once(section).ok_or(format!("the page lacks `{section}`"))?.1;
    }
    let examples = examples(page)?;
    let excused = WITHOUT_EXAMPLE.iter().find(|(text, _)| *text == code.as_str());
    match (&*examples, excused) {
        ([], Some(_)) if page.contains("\n## Example\n") => Ok(()),
        ([], Some(_)) => Err("the page does not say why it has no example".into()),
        ([], None) => Err("the page has no example".into()),
        (_, Some((_, reason))) => Err(format!("there are examples, and yet: {reason}").into()),
        ([wrong, right], None) if wrong.kind == "wrong" && right.kind == "right" => {
            let own = BTreeSet::from([code.as_str().to_owned()]);
            let of_check = code.as_str() >= FIRST_LINT || OF_CONFIG.contains(&code.as_str());
            if of_check {
                compare_by_check(code, wrong, &(&own | &wrong.also))?;
                return compare_by_check(code, right, &right.also);
            }
            compare(wrong, &(&own | &wrong.also))?;
            compare(right, &right.also)
        }
        _ => Err("a page has one wrong and one right example, in this order".into()),
    }
}

/// A fenced block of a page.
#[expect(clippy::struct_excessive_bools, reason = "each is a word of a fence")]
struct Example {
    kind: String,
    target: String,
    format: String,
    pipeline: bool,
    /// The target that the rule is tested through.
    via: Option<String>,
    /// The name of the file that `isogloss test` reads it from.
    tested: Option<&'static str>,
    allow: Option<String>,
    latin1: bool,
    also: BTreeSet<String>,
    text: String,
    is_config: bool,
    apart: bool,
}

/// The fenced blocks of a page. A word that is not understood is a mistake.
fn examples(page: &str) -> Result<Vec<Example>, Failed> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let config = line.strip_prefix("```toml ");
        let Some(words) = config.or(line.strip_prefix("```yaml ")) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let example = example(words, block.join("\n") + "\n")?;
        found.push(Example { is_config: config.is_some(), ..example });
    }
    Ok(found)
}

fn example(words: &str, text: String) -> Result<Example, Failed> {
    let mut example = Example {
        kind: String::new(),
        target: "spl".to_owned(),
        format: "query".to_owned(),
        pipeline: false,
        via: None,
        tested: None,
        allow: None,
        latin1: false,
        also: BTreeSet::new(),
        text,
        is_config: false,
        apart: false,
    };
    for word in words.split(' ') {
        match word.split_once('=').unwrap_or((word, "")) {
            ("wrong" | "right", "") => word.clone_into(&mut example.kind),
            ("apart", "") => example.apart = true,
            ("target", name) => name.clone_into(&mut example.target),
            ("format", name) => name.clone_into(&mut example.format),
            ("pipeline", "") => example.pipeline = true,
            ("via", target) => example.via = Some(target.to_owned()),
            ("events", "") => example.tested = Some(EVENTS),
            ("expectations", "") => example.tested = Some("rule.test.yml"),
            ("allow", subject) => example.allow = Some(subject.to_owned()),
            ("encoding", "latin1") => example.latin1 = true,
            ("also", codes) => example.also = codes.split(',').map(str::to_owned).collect(),
            _ => return Err(format!("`{word}` says nothing about an example").into()),
        }
    }
    Ok(example)
}

impl Example {
    /// The bytes of its file.
    fn bytes(&self) -> Vec<u8> {
        if self.latin1 {
            // The first 256 characters of Unicode are those of Latin-1.
            self.text.chars().filter_map(|it| u8::try_from(u32::from(it)).ok()).collect()
        } else {
            self.text.replace('␛', "\u{1b}").into_bytes()
        }
    }
}

impl Example {
    /// The files that `check` reads, with their paths.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        if !self.apart {
            return vec![("rule.yml".to_owned(), self.bytes())];
        }
        let documents = self.text.split("---\n").enumerate();
        documents.map(|(place, it)| (format!("{place}/rule.yml"), it.into())).collect()
    }
}

/// Runs the program on an example and compares the codes that it reports.
fn compare(example: &Example, wanted: &BTreeSet<String>) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let (rule, pipeline) = (folder.path().join("rule.yml"), folder.path().join("pipeline.yml"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_isogloss"));
    if let Some(via) = &example.via {
        let events = folder.path().join(EVENTS);
        std::fs::write(&events, SMALL_EVENT)?;
        command.arg("test").arg(&rule).args(["--via", via, "--events"]).arg(events);
    } else if example.tested.is_some() {
        command.arg("test").arg(&rule);
    } else {
        command.args(["convert", "-t", &example.target, "-f", &example.format]).arg(&rule);
    }
    command.args(["-v", "--message-format", "json"]);
    command.args(example.allow.iter().flat_map(|subject| ["--allow", subject]));
    if let Some(name) = example.tested {
        let tested = folder.path().join(name);
        std::fs::write(&rule, RULE)?;
        std::fs::write(&tested, example.bytes())?;
        if name == EVENTS {
            command.arg("--events").arg(&tested);
        }
    } else if example.pipeline {
        std::fs::write(&rule, RULE)?;
        std::fs::write(&pipeline, example.bytes())?;
        command.arg("-p").arg(&pipeline);
    } else {
        std::fs::write(&rule, example.bytes())?;
    }
    let output = command.stdin(Stdio::null()).output()?;
    judge(example, wanted, &String::from_utf8(output.stderr)?)
}

/// The same for what `check` finds in a folder that holds the example.
fn compare_by_check(
    code: Code,
    example: &Example,
    wanted: &BTreeSet<String>,
) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let (rule, config) = (folder.path().join("rule.yml"), folder.path().join("isogloss.toml"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_isogloss"));
    command.args(["check", "-v", "--message-format", "json"]).arg(folder.path());
    if code.as_str() >= FIRST_LINT {
        command.args(["--warn", code.as_str()]);
    }
    if example.is_config {
        std::fs::write(&rule, RULE)?;
        std::fs::write(&config, example.bytes())?;
        command.arg("--config").arg(config);
    } else {
        command.arg("--no-config");
        for (path, text) in example.files() {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
            std::fs::write(path, text)?;
        }
    }
    let output = command.stdin(Stdio::null()).output()?;
    judge(example, wanted, &String::from_utf8(output.stdout)?)
}

/// Compares the codes of the findings, one a line, with those that are wanted.
fn judge(example: &Example, wanted: &BTreeSet<String>, talk: &str) -> Result<(), Failed> {
    let found: BTreeSet<String> = talk.lines().filter_map(code_of).collect();
    if found == *wanted {
        return Ok(());
    }
    let text = &example.text;
    Err(format!("wanted {wanted:?}, found {found:?}\n\n{text}\n{talk}").into())
}

/// The code of a finding in JSON; lines that belong to no rule are none.
fn code_of(line: &str) -> Option<String> {
    let finding: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(finding.get("code")?.as_str()?.to_owned())
}

/// A page that no row of the table names would never be seen.
fn every_page_has_a_code() -> Result<(), Failed> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler/src/diagnostic/explanation");
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !Code::ALL.iter().any(|code| name == format!("{}.md", code.as_str())) {
            return Err(format!("{name} explains no code").into());
        }
    }
    Ok(())
}
