//! `isogloss build` that is killed: every output folder is wholly the old one or wholly the new one, and the
//! next build ends well. Unix only: elsewhere folders do not change places in one step.

#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often a build is killed.
const KILLS: u32 = 24;
/// What an operator has in the app.
const OPERATORS: &str = "build/spl/isogloss_detections/local/savedsearches.conf";

const CONFIGURATION: &str = "\
[rules]
folders = [\"rules\"]

[targets.spl]
formats = [\"app\", \"escu\"]

[targets.elastic]
formats = [\"ndjson\", \"toml\"]
";

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}

fn write_rules(home: &Path, numbers: std::ops::Range<u32>, image: &str) {
    let folder = home.join("rules");
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("removed");
    }
    for number in numbers {
        let text = format!(
            "title: Process {number}\nid: {number:08x}-0000-4000-8000-000000000000\nstatus: test\n\
             description: A process.\nauthor: Somebody\ndate: 2026-01-01\nlogsource:\n    \
             category: process_creation\n    product: windows\ndetection:\n    selection:\n        \
             Image|endswith: '\\{image}{number}.exe'\n    condition: selection\nlevel: high\n"
        );
        write(&folder.join(format!("{number}.yml")), &text);
    }
}

fn start(home: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isogloss"));
    command.args(["build", "-q", "--allow", "all"]).current_dir(home);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs")
}

fn build(home: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isogloss"));
    command.args(["build", "--allow", "all"]).current_dir(home);
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Every file below a folder, with its bytes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(|it| it.expect("readable"));
    entries
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path();
            let below = path.strip_prefix(folder).expect("below").to_owned();
            (below, fs::read(path).expect("readable"))
        })
        .collect()
}

fn copy(from: &Path, to: &Path) {
    for (path, bytes) in tree(from) {
        let path = to.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
}

/// Waits until a build has begun with its output, or has ended.
fn wait_for_output(home: &Path, child: &mut Child) {
    let is_at_work = || {
        let names = fs::read_dir(home.join("build")).expect("a folder");
        let mut names = names.filter_map(|it| it.ok()?.file_name().into_string().ok());
        names.any(|name| name.starts_with('.'))
    };
    while !is_at_work() && child.try_wait().expect("a process").is_none() {
        std::thread::yield_now();
    }
}

/// What there may be: before, and after.
struct States {
    old: tempfile::TempDir,
    new: tempfile::TempDir,
    /// How long a build took, of which nothing but the moments of the kills depends.
    duration: Duration,
}

fn states() -> States {
    let (old, new) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    write(&old.path().join("isogloss.toml"), CONFIGURATION);
    write_rules(old.path(), 0..40, "a");
    build(old.path());
    write(&old.path().join(OPERATORS), "[mine]\n");
    write_rules(old.path(), 5..45, "b");
    copy(old.path(), new.path());
    let start = Instant::now();
    build(new.path());
    States { old, new, duration: start.elapsed() }
}

#[test]
fn a_killed_build_leaves_no_mixed_folder() {
    let States { old, new, duration } = states();
    let (mut killed, mut new_folders) = (0, 0);
    for kill in 0..KILLS {
        let home = tempfile::tempdir().expect("a folder");
        copy(old.path(), home.path());
        let mut child = start(home.path());
        if kill % 2 == 0 {
            std::thread::sleep(duration * kill / KILLS);
        } else {
            wait_for_output(home.path(), &mut child);
            std::thread::sleep(Duration::from_micros(800) * kill);
        }
        killed += u32::from(child.try_wait().expect("a process").is_none());
        child.kill().expect("a process");
        child.wait().expect("a process");

        for part in ["build/spl", "build/elastic"] {
            let now = tree(&home.path().join(part));
            let is_new = now == tree(&new.path().join(part));
            let is_old = now == tree(&old.path().join(part));
            assert!(is_new || is_old, "{part} is mixed after kill {kill}: {:?}", now.keys());
            new_folders += u32::from(is_new);
        }
        let lock = |home: &Path| fs::read(home.join("isogloss.lock")).expect("readable");
        assert!([lock(old.path()), lock(new.path())].contains(&lock(home.path())), "kill {kill}");

        build(home.path());
        let (now, wanted) = (tree(home.path()), tree(new.path()));
        let paths = |tree: &BTreeMap<PathBuf, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
        assert_eq!(paths(&now), paths(&wanted), "after kill {kill}");
        assert!(now == wanted, "the next build gives something else after kill {kill}");
    }
    assert!(killed > 0, "no build was alive any more");
    println!("{killed} of {KILLS} builds were killed; {new_folders} folders were new already");
}
