//! Names that stay, move and clash.

use std::collections::BTreeMap;

use super::super::*;
use super::{id, place};

/// What is wanted of a rule, with its title in place of a path.
pub(super) fn wanted<'r>(id: Option<&'r str>, title: &'r str, own: Option<&'r str>) -> Wanted<'r> {
    Wanted { id, title, own, queries: 1, place: place(), path: "a.yml" }
}

fn pin(lock: &mut Lock, of_all: &Named, rule: &str) {
    let names = &of_all.names[rule];
    lock.settle(&Build {
        output: "spl",
        built: &[Built {
            id: rule,
            rule,
            number: 1,
            names,
            digest: "0",
            kind: None,
            place: place(),
        }],
        refused: &BTreeMap::new(),
        referenced: &BTreeMap::new(),
        deployed: None,
        relock: &Relock::default(),
        drop_refused: false,
    });
}

fn messages(of_all: &Named) -> Vec<(Vec<usize>, String)> {
    of_all.conflicts.iter().map(|it| (it.rules.clone(), it.finding.message.clone())).collect()
}

#[test]
fn names_stay_when_titles_change() {
    let (mut lock, one) = (Lock::default(), id(1));
    let none = Relock::default();
    let of_all = lock.names("spl", &[wanted(Some(&one), "Old", None)], "L", "", &none);
    pin(&mut lock, &of_all, &one);
    let of_all = lock.names("spl", &[wanted(Some(&one), "New", None)], "M", "p_", &none);
    let names = &of_all.names[&one];
    assert_eq!((names.title.as_str(), names.stanza.as_str()), ("New", "L - Old - Rule"));

    let own = [wanted(Some(&one), "New", Some("Mine"))];
    let of_all = lock.names("spl", &own, "L", "", &none);
    let wanted_message =
        "`New` is deployed as `Old`, and `isogloss.splunk.name` would make it `Mine`";
    assert_eq!(messages(&of_all), [(vec![0], wanted_message.to_owned())]);
    assert_eq!(of_all.names[&one].name, "Old");

    let of_all = lock.names("spl", &own, "L", "", &Relock::new([one.as_str()]));
    assert_eq!(messages(&of_all), []);
    assert_eq!(
        (of_all.moved[0].old.name.as_str(), of_all.moved[0].new.name.as_str()),
        ("Old", "Mine")
    );
}

#[test]
fn names_do_not_clash() {
    let (one, two, three) = (id(1), id(2), id(3));
    let none = Relock::default();
    let rules = [
        wanted(Some(&one), "A [b]", None),
        wanted(Some(&two), "a b", None),
        wanted(Some(&three), "c", None),
    ];
    let mut lock = Lock::default();
    let of_all = lock.names("spl", &rules, "L", "", &none);
    let message = "both `a b` and `A [b]` (a.yml) would be deployed as `L - a b - Rule`";
    assert_eq!(messages(&of_all), [(vec![1, 0], message.to_owned())]);

    // Who was first keeps the name.
    pin(&mut lock, &of_all, &two);
    let of_all = lock.names("spl", &rules, "L", "", &none);
    assert_eq!(messages(&of_all)[0].0, [0]);

    // Also if it is not part of this build, or gone.
    let of_all = lock.names("spl", &rules[..1], "L", "", &none);
    assert!(messages(&of_all)[0].1.contains("not part of this build"), "{:?}", messages(&of_all));
    pin(&mut lock, &named_alone(&three), &three);
    let of_all = lock.names("spl", &rules[..1], "L", "", &none);
    assert!(messages(&of_all)[0].1.contains("which is gone"), "{:?}", messages(&of_all));
    let of_all = lock.names("spl", &rules[..1], "L", "", &Relock::new([two.as_str()]));
    assert_eq!(messages(&of_all), []);
    pin(&mut lock, &of_all, &one);
    assert_eq!(messages(&lock.names("spl", &rules[..1], "L", "", &none)), []);
}

fn named_alone(rule: &str) -> Named {
    Lock::default().names("spl", &[wanted(Some(rule), "c", None)], "L", "", &Relock::default())
}

#[test]
fn numbered_queries_take_names_too() {
    let (one, two) = (id(1), id(2));
    let rules =
        [Wanted { queries: 3, ..wanted(Some(&one), "a", None) }, wanted(Some(&two), "a 3", None)];
    let of_all = Lock::default().names("spl", &rules, "L", "", &Relock::default());
    assert_eq!(of_all.names[&entry_id(&one, 2)].name, "a 2");
    assert_eq!(
        messages(&of_all),
        [(
            vec![1, 0],
            "both `a 3` and `a` (a.yml) would be deployed as `L - a 3 - Rule`".to_owned()
        )]
    );
}

#[test]
fn ids_are_there_and_used_once() {
    let (one, upper) = (id(10), id(10).to_uppercase());
    let rules =
        [wanted(Some(&one), "a", None), wanted(None, "b", None), wanted(Some(&upper), "c", None)];
    let of_all = Lock::default().names("spl", &rules, "L", "", &Relock::default());
    assert_eq!(
        messages(&of_all),
        [
            (vec![1], "`b` has no id to be deployed under".to_owned()),
            (vec![0], format!("`a` and `c` (a.yml) have one id, {one}")),
            (vec![2], format!("`c` and `a` (a.yml) have one id, {one}")),
        ]
    );
}

#[test]
fn every_output_has_its_own_label() {
    let (mut lock, one, two) = (Lock::default(), id(1), id(2));
    let rules = [wanted(Some(&one), "Old", None)];
    let none = Relock::default();
    let first = lock.names("spl", &rules, "A", "a_", &none);
    pin(&mut lock, &first, &one);
    let rules = [wanted(Some(&one), "New", None), wanted(Some(&two), "x", None)];
    let other = lock.names("b.spl", &rules, "B", "", &none);
    let names = &other.names[&one];
    let found = [&names.title, &names.name, &names.stanza, &names.filter, &names.file];
    assert_eq!(found, ["New", "Old", "B - Old - Rule", "old_filter", "old"]);
    // The names in Splunk of other outputs are in nobody's way, names and files are.
    let rules = [wanted(Some(&two), "old", None)];
    let other = lock.names("b.spl", &rules, "B", "", &none);
    let message = format!(
        "both `old` and `Old` ({one}), which is not part of this build, would have the file `old`"
    );
    assert_eq!(messages(&other), [(vec![0], message)]);
}
