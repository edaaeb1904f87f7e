//! Builds one after another, and what a lock makes of them.

mod names;

use std::collections::{BTreeMap, BTreeSet};

use isogloss_backends::content::{Names, entry_id};
use isogloss_compiler::source::{SourceId, Span};
use proptest::prelude::*;

use super::*;

const OUTPUT: &str = "prod.eql";

/// A UUID for each number.
fn id(number: u8) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000")
}

fn place() -> Span {
    Span::new(SourceId(0), 0, 1)
}

fn read(text: &str) -> Result<Lock, Vec<String>> {
    file::parse(SourceId(0), text).map_err(|mistakes| {
        let show = |it: &isogloss_compiler::diagnostic::Diagnostic| {
            let span = it.labels[0].span;
            let guilty = text.get(span.start as usize..span.end as usize).unwrap_or("?");
            format!("{} | {guilty} | {}", it.code.as_str(), it.message)
        };
        mistakes.iter().map(show).collect()
    })
}

/// A rule of a build: its number, its content, its type; or refused.
#[derive(Debug, Clone, Copy)]
enum Given {
    Built(u8, Kind),
    Refused,
}

#[derive(Debug, Clone, Default)]
struct Step {
    rules: BTreeMap<u8, Given>,
    relock: bool,
    drop_refused: bool,
    deployed: Option<u32>,
}

fn settle(lock: &mut Lock, step: &Step) -> Settlement {
    let mut of_all: Vec<(String, Names, String, Kind)> = Vec::new();
    let mut refused = BTreeMap::new();
    for (number, given) in &step.rules {
        match given {
            Given::Built(content, kind) => {
                let names = Names::new(&format!("rule {number}"), &id(*number), None, "L", "");
                of_all.push((id(*number), names, format!("{content:064x}"), *kind));
            }
            Given::Refused => {
                refused.insert(id(*number), place());
            }
        }
    }
    let built: Vec<Built> = of_all
        .iter()
        .map(|(id, names, digest, kind)| Built {
            id,
            rule: id,
            number: 1,
            names,
            digest,
            kind: Some(*kind),
            place: place(),
        })
        .collect();
    let all: Vec<String> = (0..=9).map(id).collect();
    let relock = Relock::new(all.iter().map(String::as_str).filter(|_| step.relock));
    lock.settle(&Build {
        output: OUTPUT,
        built: &built,
        refused: &refused,
        referenced: &BTreeMap::new(),
        deployed: step.deployed,
        relock: &relock,
        drop_refused: step.drop_refused,
    })
}

fn step(rules: &[(u8, Given)]) -> Step {
    Step { rules: rules.iter().copied().collect(), ..Step::default() }
}

const EQL: Kind = Kind::Eql;

fn built(content: u8) -> Given {
    Given::Built(content, EQL)
}

fn ids(of: &BTreeSet<String>) -> Vec<String> {
    of.iter().cloned().collect()
}

#[test]
fn builds_follow_one_another() {
    let mut lock = Lock::default();
    let first = settle(&mut lock, &step(&[(1, built(1)), (2, built(1))]));
    assert_eq!((first.release, ids(&first.new)), (1, vec![id(1), id(2)]));

    let second = settle(&mut lock, &step(&[(1, built(2)), (3, built(1))]));
    assert_eq!(second.release, 2);
    assert_eq!(ids(&second.new), [id(3)]);
    assert_eq!(ids(&second.changed), [id(1)]);
    assert_eq!(second.versions, [(id(1), 2), (id(3), 1)].into());
    let gone: Vec<(&str, u32)> =
        second.gone.iter().map(|it| (it.id.as_str(), it.release)).collect();
    assert_eq!(gone, [(id(2).as_str(), 2)]);

    // A rule that comes back goes on where it was.
    let third = settle(&mut lock, &step(&[(1, built(2)), (2, built(7)), (3, built(1))]));
    assert_eq!((third.release, ids(&third.new), third.gone.len()), (3, vec![id(2)], 0));
    assert_eq!(third.versions.get(&id(2)), Some(&2));

    // For who has deployed the first release, it was never gone.
    let old = Step { deployed: Some(1), ..step(&[(1, built(2)), (2, built(7)), (3, built(1))]) };
    let old = settle(&mut lock, &old);
    assert_eq!((old.release, ids(&old.new)), (3, vec![id(3)]));
    assert_eq!(ids(&old.changed), [id(1), id(2)]);
    assert_eq!(old.gone, []);
}

#[test]
fn a_type_stays_unless_it_is_asked_for() {
    let mut lock = Lock::default();
    settle(&mut lock, &step(&[(1, built(1))]));
    let other = step(&[(1, Given::Built(2, Kind::Query))]);
    let before = lock.clone();
    let refused = settle(&mut lock, &other);
    assert_eq!(
        refused.conflicts[0].finding.message,
        "`rule 1` is deployed as a rule of type `eql` and would become one of type `query`"
    );
    assert_eq!(lock, before);
    let asked = Step { relock: true, ..other };
    let asked = settle(&mut lock, &asked);
    assert_eq!((asked.release, ids(&asked.new), asked.conflicts.len()), (2, vec![id(1)], 0));
    assert!(asked.gone[0].is_replaced && asked.gone[0].release == 2);
    assert_eq!(lock.kind(OUTPUT, &id(1)), Some(Kind::Query));
}

#[test]
fn a_deployed_rule_does_not_leave_in_silence() {
    let mut lock = Lock::default();
    settle(&mut lock, &step(&[(1, built(1))]));
    let before = lock.clone();
    let refused = settle(&mut lock, &step(&[(1, Given::Refused), (2, Given::Refused)]));
    assert_eq!(refused.conflicts.len(), 1);
    assert_eq!(refused.conflicts[0].finding.message, "`rule 1` was deployed and is refused now");
    assert_eq!(lock, before);
    let drop = Step { drop_refused: true, ..step(&[(1, Given::Refused)]) };
    let dropped = settle(&mut lock, &drop);
    assert_eq!((dropped.conflicts.len(), dropped.gone.len(), dropped.release), (0, 1, 2));
}

#[test]
fn what_no_build_writes_is_refused() {
    let one = id(1);
    let rule = format!("[rules.\"{one}\"]\ntitle='t'\nname='n'\nfile='f'\n");
    let state =
        format!("[rules.\"{one}\".outputs.spl]\nversion=1\ncontent='0'\nsince=1\nchanged=2\n");
    for (text, wanted) in [
        (
            "version = 2\nother = 1\n",
            "E0710 | 2 | the file has version 2, and this isogloss knows 1",
        ),
        ("", "E0710 |  | missing field `version`"),
        (
            "version = 1\n<<<<<<< HEAD\n[outputs.spl]\n",
            "E0710 | <<<<<<< HEAD | a merge has left both of its sides here",
        ),
        (
            "version = 1\n[outputs.spl]\nrelase = 1\n",
            "E0711 | relase | unknown field `relase`, expected `release`",
        ),
        (
            &format!("version = 1\n{rule}{state}"),
            "E0710 | 1 | release 2 is later than that of the output, 0",
        ),
        (
            &format!("version = 1\n{}", rule.replace("file='f'", "file='../f'")),
            "E0710 | 'n' | the names of this rule cannot be used",
        ),
        (
            &format!("version = 1\n{}", rule.replace(&one, "x")),
            "E0710 | \"x\" | this is not the id of a query",
        ),
        ("version = 1\n[rules.x\n", "E0710 |  | unclosed table, expected `]`"),
    ] {
        assert_eq!(read(text), Err(vec![wanted.to_owned()]), "{text}");
    }
}

const TEXT: &str = r#"# Written by `isogloss build`: the names, versions and types of what was built. Commit this file, and do not
# edit it. What is pinned here changes with `isogloss build --relock ID`.
version = 1

[outputs."prod.kql"]
release = 3

[rules."00000001-0000-4000-8000-000000000000"]
title = "a \"b\"\\ \U0000202E"
name = "a b"
file = "a_b"
[rules."00000001-0000-4000-8000-000000000000".outputs."prod.kql"]
version = 1
content = "ab"
since = 1
changed = 1
type = "threshold"

[rules."2b1005e4-3b65-5d71-a92d-c75e4e5fb016"]
title = "a \"b\"\\ \U0000202E (2)"
name = "a b 2"
file = "a_b_2"
rule = "00000001-0000-4000-8000-000000000000"
query = 2
[rules."2b1005e4-3b65-5d71-a92d-c75e4e5fb016".outputs."prod.kql"]
version = 1
content = "ab"
since = 3
changed = 3
type = "threshold"
earlier = [{ since = 1, gone = 2, type = "threshold" }]
"#;

#[test]
fn the_file_is_for_people_too() {
    let (one, mut lock) = (id(1), Lock::default());
    let rules = [Wanted { queries: 2, ..names::wanted(Some(&one), "a \"b\"\\ \u{202e}", None) }];
    let of_all = lock.names("prod.kql", &rules, "L", "", &Relock::default());
    let second = entry_id(&one, 2);
    let queries: Vec<Built> = [(1, &one), (2, &second)]
        .map(|(number, id)| Built {
            id,
            rule: &one,
            number,
            names: &of_all.names[id],
            digest: "ab",
            kind: Some(Kind::Threshold),
            place: place(),
        })
        .into();
    for built in [&queries[..], &queries[..1], &queries[..]] {
        lock.settle(&Build {
            output: "prod.kql",
            built,
            refused: &BTreeMap::new(),
            referenced: &BTreeMap::new(),
            deployed: None,
            relock: &Relock::default(),
            drop_refused: false,
        });
    }
    assert_eq!(lock.to_text(), TEXT);
    assert_eq!(read(&lock.to_text()), Ok(lock));
}

prop_compose! {
    fn steps()(
        rules in proptest::collection::btree_map(0u8..5, prop_oneof![
            6 => (0u8..3, prop_oneof![3 => Just(EQL), 1 => Just(Kind::Query)])
                .prop_map(|(content, kind)| Given::Built(content, kind)),
            1 => Just(Given::Refused),
        ], 0..5),
        relock in any::<bool>(),
        drop_refused in any::<bool>(),
        deployed in proptest::option::weighted(0.3, 0u32..6),
    ) -> Step {
        Step { rules, relock, drop_refused, deployed }
    }
}

/// What a platform holds that follows every release: the types of its rules.
type Platform = BTreeMap<String, Kind>;

fn deploy(platform: &mut Platform, lock: &Lock, settled: &Settlement) {
    for gone in &settled.gone {
        assert!(platform.remove(&gone.id).is_some(), "{} is not there to be deleted", gone.id);
    }
    for id in &settled.new {
        let kind = lock.kind(OUTPUT, id).unwrap();
        assert_eq!(platform.insert(id.clone(), kind), None, "{id} is there already");
    }
    let there: Vec<&String> = platform.keys().collect();
    assert_eq!(there, settled.versions.keys().collect::<Vec<_>>());
    for (id, kind) in platform {
        assert_eq!(lock.kind(OUTPUT, id), Some(*kind));
    }
}

proptest! {
    #[test]
    fn any_builds(steps in proptest::collection::vec(steps(), 1..12)) {
        let mut lock = Lock::default();
        // What platforms hold that have deployed a release and nothing since.
        let mut platforms: BTreeMap<u32, Platform> = [(0, Platform::new())].into();
        for step in steps {
            let before = lock.clone();
            let settled = settle(&mut lock, &step);
            if !settled.conflicts.is_empty() {
                // A build with a conflict writes nothing.
                lock = before;
                continue;
            }
            let release = lock.release(OUTPUT);
            prop_assert_eq!(release == before.release(OUTPUT), lock == before);
            prop_assert!(release <= before.release(OUTPUT) + 1);
            for (id, row) in &before.rows {
                let (old, new) = (&row.outputs[OUTPUT], &lock.rows[id].outputs[OUTPUT]);
                prop_assert!(old.version <= new.version && old.since <= new.since);
                prop_assert!(old.gone.is_none() || new.gone.is_none() || old.gone == new.gone);
                prop_assert_eq!(old.content != new.content, new.version == old.version + 1);
            }
            prop_assert_eq!(read(&lock.to_text()), Ok(lock.clone()));

            let after = lock.clone();
            let again = settle(&mut lock, &step);
            prop_assert_eq!(&again, &settled);
            prop_assert_eq!(&lock, &after);

            // Whatever release is deployed: what this build says leads to this release.
            let platform_now = platforms.iter().map(|(deployed, platform)| {
                let mut platform = platform.clone();
                let to = Step { deployed: Some(*deployed), ..step.clone() };
                deploy(&mut platform, &after, &settle(&mut lock, &to));
                platform
            }).last().unwrap();
            platforms.insert(release, platform_now);
        }
    }
}
