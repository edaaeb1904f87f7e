//! A build that is killed at any moment leaves each output folder wholly as it was or wholly as it is to be,
//! and the next build makes it what it is to be.
//!
//! Two versions of a repository are built in turn, and each build is killed before it is done once more:
//!
//! | state | is made of |
//! |---|---|
//! | A | the first version, built in an empty repository |
//! | B | the second version, built in A |
//! | C | the first version again, built in B |

// Elsewhere two folders cannot change places in one step (`src/staging/exchange.rs`).
#![cfg(any(target_os = "linux", target_os = "macos"))]
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod building;

use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use building::{Repository, Tree};

/// How often each of the workers kills a build.
const KILLS: usize = 50;
const RULES: usize = 12;
const OUTPUTS: [&str; 2] = ["build/elastic/", "build/spl/"];
const LOCK: &str = "isogloss.lock";
const FOREIGN: &str = "build/spl/isogloss_detections/lookups/mine.csv";

const CONFIG: &str = r#"
[rules]
folders = ["rules"]

[lints]
check = false

[targets.spl]
pipelines = ["spl.yml"]
formats = ["app", "escu"]

[targets.elastic]
pipelines = ["ecs.yml"]
formats = ["ndjson", "toml"]
"#;

const SPL: &str = "
name: ours
transformations: []
isogloss:
  version: 1
  scopes:
    - logsource: {category: process_creation, product: windows}
      macro: {name: sysmon, definition: index=main}
";

const ECS: &str = "
name: ours
transformations: []
isogloss:
  version: 1
  scopes:
    - logsource: {category: process_creation, product: windows}
      category: process
      index: [logs-*]
";

fn rule(number: usize, word: &str) -> String {
    format!(
        "title: Rule {number}
id: 000000{number:02}-1111-4111-8111-111111111111
date: 2025-01-02
logsource: {{category: process_creation, product: windows}}
detection:
    selection: {{CommandLine|contains: {word}{number}}}
    condition: selection
level: high
"
    )
}

/// The second version has other queries, lacks the first rule, and has one more.
fn write_version(repository: &Repository, is_second: bool) {
    let word = if is_second { "second" } else { "first" };
    for number in 0..RULES {
        repository.write(&format!("rules/{number}.yml"), rule(number, word));
    }
    let (gone, there) = if is_second { (0, RULES) } else { (RULES, 0) };
    let _may_be_missing = std::fs::remove_file(repository.path(&format!("rules/{gone}.yml")));
    repository.write(&format!("rules/{there}.yml"), rule(there, word));
}

/// How long a build takes, and how long it writes at its end.
#[derive(Default)]
struct Times {
    whole: Duration,
    writing: Duration,
}

fn modified(repository: &Repository) -> Option<SystemTime> {
    std::fs::metadata(repository.path(LOCK)).and_then(|it| it.modified()).ok()
}

/// Waits until the lock file is written, which is the first thing that a build writes.
fn wait_for_the_lock(repository: &Repository, before: Option<SystemTime>, child: &mut Child) {
    while modified(repository) == before && child.try_wait().expect("a process").is_none() {
        sleep(Duration::from_micros(100));
    }
}

/// Builds to the end; gives back all files, and how long it took.
fn build(repository: &Repository) -> (Tree, Times) {
    let before = modified(repository);
    let start = Instant::now();
    let mut child = start_build(repository);
    wait_for_the_lock(repository, before, &mut child);
    let locked = Instant::now();
    let status = child.wait().expect("a process");
    let times = Times { whole: start.elapsed(), writing: locked.elapsed() };
    assert!(status.success(), "{status}");
    (repository.tree(""), times)
}

fn start_build(repository: &Repository) -> Child {
    let mut command = repository.command(&["-q"]);
    command.stderr(std::process::Stdio::null()).spawn().expect("the program runs")
}

/// Makes lock and output what they were.
fn restore(repository: &Repository, state: &Tree) {
    std::fs::remove_dir_all(repository.path("build")).expect("a folder");
    for (path, bytes) in state.iter().filter(|(path, _)| !path.starts_with("rules/")) {
        repository.write(path, bytes);
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    /// Up to a duration.
    fn up_to(&mut self, most: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let thousandths = u32::try_from(self.0 % 1001).expect("small");
        most * thousandths / 1000
    }
}

/// The files below a folder of the repository.
fn below<'t>(tree: &'t Tree, folder: &str) -> Vec<(&'t String, &'t Vec<u8>)> {
    tree.iter().filter(|(path, _)| path.starts_with(folder)).collect()
}

/// Every folder is wholly the old or wholly the new one, and the lock was written before any of them. True if
/// the folders are of two states.
fn check(now: &Tree, old: &Tree, new: &Tree) -> bool {
    let lock = now.get(LOCK);
    assert!(lock == old.get(LOCK) || lock == new.get(LOCK), "the lock is neither");
    let mut are_new = Vec::new();
    for folder in OUTPUTS {
        let (now, new) = (below(now, folder), below(new, folder));
        assert!(now == new || now == below(old, folder), "{folder} is neither the old nor the new");
        are_new.push(now == new);
    }
    assert!(lock == new.get(LOCK) || !are_new.contains(&true), "the lock came too late");
    assert_eq!(now.get(FOREIGN), old.get(FOREIGN));
    are_new.contains(&true) && are_new.contains(&false)
}

/// Starts a build and kills it: of three times twice while it writes. False if it was faster.
fn kill(repository: &Repository, trial: usize, times: &Times, dice: &mut Dice) -> bool {
    let before = modified(repository);
    let mut child = start_build(repository);
    if trial.is_multiple_of(3) {
        sleep(dice.up_to(times.whole));
    } else {
        wait_for_the_lock(repository, before, &mut child);
        sleep(dice.up_to(times.writing));
    }
    child.kill().expect("a process");
    let status = child.wait().expect("a process");
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(9)
}

/// Kills builds; gives back how often folders were of two states.
fn work(seed: u64) -> usize {
    let repository = Repository::new();
    repository.write("isogloss.toml", CONFIG);
    repository.write("spl.yml", SPL);
    repository.write("ecs.yml", ECS);
    repository.write(FOREIGN, "a,b\n");
    write_version(&repository, false);
    let (a, _) = build(&repository);
    write_version(&repository, true);
    let (b, times) = build(&repository);
    write_version(&repository, false);
    let (c, _) = build(&repository);
    assert!(repository.build(&["--check"]).status.success());
    restore(&repository, &a);

    let mut dice = Dice(seed);
    let (mut killed, mut mixed) = (0, 0);
    for trial in 0..10 * KILLS {
        let is_second = trial.is_multiple_of(2);
        let (old, new) = if is_second { (&a, &b) } else { (&b, &c) };
        write_version(&repository, is_second);
        killed += usize::from(kill(&repository, trial, &times, &mut dice));
        mixed += usize::from(check(&repository.tree(""), old, new));
        // What is left behind beside the folders is cleared away too.
        let (now, _) = build(&repository);
        assert_eq!(now.keys().collect::<Vec<_>>(), new.keys().collect::<Vec<_>>());
        assert!(now == *new, "the next build gives something else");
        if !is_second {
            restore(&repository, &a);
        }
        if killed >= KILLS {
            break;
        }
    }
    assert!(killed >= KILLS, "only {killed} builds could be killed");
    mixed
}

#[test]
fn a_killed_build_leaves_whole_folders() {
    let mixed: usize = std::thread::scope(|scope| {
        let workers = [0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03]
            .map(|seed| scope.spawn(move || work(seed)));
        workers.into_iter().map(|worker| worker.join().expect("no failure")).sum()
    });
    println!("{mixed} times one folder was new and the other one old");
}
