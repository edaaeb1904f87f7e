//! Every class makes the events that it is there for.

use isogloss_compiler::ir::{AnyRule, Rule, Sigma, finds};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index};
use serde_json::{Map, Value};

use super::number::FORMS;
use super::{CLASSES, Class, Generated, generate};

/// The rule that has one detection, or several with their condition.
fn rule(detection: &str) -> Rule<Sigma> {
    let text = format!("title: Sample\nlogsource: {{category: test}}\ndetection: {detection}\n");
    let source = SourceMap::new().add("sample", text.as_str());
    let index = Index::new(vec![File::read(source, &text)]);
    let (id, ..) = index.rules().next().expect("a rule");
    match index.lower(id, &mut Vec::new()) {
        Some(AnyRule::Detection(rule)) => rule,
        Some(AnyRule::Correlation(_)) | None => panic!("no rule: {detection}"),
    }
}

/// A rule about one value.
const VALUE: &str = "{s: {f: Value-5k}, condition: s}";
const WANTED: &str = "Value-5k";

fn of_class(detection: &str, class: Class) -> Vec<(Generated, bool)> {
    let rule = rule(detection);
    let made = generate(&rule, 40 * CLASSES.len()).into_iter().filter(|it| it.class == class);
    made.map(|it| {
        let found = finds(&rule, &it.event);
        (it, found)
    })
    .collect()
}

/// True if some event of the class is found, or not, and its fields are as wanted.
fn has(
    detection: &str,
    class: Class,
    found: bool,
    is_wanted: impl Fn(&Map<String, Value>) -> bool,
) -> bool {
    let events = of_class(detection, class);
    events.iter().any(|(made, answer)| *answer == found && is_wanted(made.event.fields()))
}

/// The text of the field `f`.
fn f(fields: &Map<String, Value>) -> Option<&str> {
    fields.get("f").and_then(Value::as_str)
}

fn length(fields: &Map<String, Value>) -> Option<usize> {
    f(fields).map(|it| it.chars().count())
}

#[test]
fn conditions_hold_and_do_not_hold() {
    assert!(has(VALUE, Class::Found, true, |it| f(it) == Some(WANTED)));
    assert!(has(VALUE, Class::Missed, false, |it| f(it) != Some(WANTED)));
    let filtered = "{s: {f: a}, filter: {g: b}, condition: s and not filter}";
    assert!(has(filtered, Class::Found, true, |it| !it.contains_key("g")));
    assert!(has(filtered, Class::Excluded, false, |it| f(it) == Some("a") && it["g"] == "b"));
}

#[test]
fn one_character_is_enough_to_miss() {
    let wanted = WANTED.len();
    assert!(has(VALUE, Class::Inserted, false, |it| length(it) == Some(wanted + 1)));
    assert!(has(VALUE, Class::Deleted, false, |it| length(it) == Some(wanted - 1)));
    assert!(has(VALUE, Class::Replaced, false, |it| {
        let differing =
            f(it).map(|it| it.chars().zip(WANTED.chars()).filter(|(a, b)| a != b).count());
        length(it) == Some(wanted) && differing == Some(1)
    }));
    assert!(has(VALUE, Class::LineFeed, false, |it| f(it) == Some("Value-5k\n")));
    let open = "{s: {f|contains: ab}, condition: s}";
    assert!(has(open, Class::LineFeed, true, |it| f(it).is_some_and(|it| it.contains('\n'))));
    assert!(has(open, Class::Border, true, |it| f(it).is_some_and(|it| it.contains("xab"))));
}

#[test]
fn letters_have_another_case() {
    assert!(has(VALUE, Class::OtherCase, true, |it| f(it) == Some("VALUE-5K")));
    assert!(has(VALUE, Class::OtherCase, true, |it| f(it) == Some("value-5k")));
    assert!(has(VALUE, Class::OtherCase, false, |it| f(it) == Some("Value-5\u{212a}")));
    let cased = "{s: {f|cased: Ab}, condition: s}";
    assert!(has(cased, Class::OtherCase, false, |it| f(it) == Some("AB")));
}

#[test]
fn fields_are_missing_null_empty_or_lists() {
    assert!(has(VALUE, Class::Missing, false, |it| !it.contains_key("f")));
    assert!(has(VALUE, Class::Null, false, |it| it.get("f") == Some(&Value::Null)));
    assert!(has(VALUE, Class::Empty, false, |it| f(it) == Some("")));
    assert!(has("{s: {f: null}, condition: s}", Class::Found, true, |it| f(it).is_none()));
    assert!(has(VALUE, Class::Beside, true, |it| {
        it["f"].as_array().is_some_and(|values| values.len() == 3)
    }));
    let all = "{s: {f|contains|all: [ab, cd]}, condition: s}";
    assert!(has(all, Class::Several, true, |it| {
        let list = it["f"].as_array();
        list.is_some_and(|it| it.len() == 2 && it[0].as_str().is_some_and(|it| !it.contains("cd")))
    }));
    assert!(has(all, Class::Several, false, |_| true));
}

#[test]
fn values_are_elsewhere() {
    assert!(has(VALUE, Class::OtherField, false, |it| {
        f(it).is_none() && it.values().any(|value| value == WANTED)
    }));
    let two = "{s: {f: [ab, cd]}, condition: s}";
    assert!(has(two, Class::OtherValue, true, |it| f(it) == Some("cd")));
    let unknown = of_class(VALUE, Class::UnknownLogsource);
    assert!(unknown.iter().all(|(made, found)| *found && made.event.logsources.is_empty()));
    let keyword = "{keywords: [a word], condition: keywords}";
    assert!(has(keyword, Class::Found, true, |it| it.contains_key("Message")));
}

#[test]
fn numbers_and_neighbours_of_ranges() {
    let number = "{s: {f: 42}, condition: s}";
    assert!(has(number, Class::Number, true, |it| it["f"].is_number()));
    assert!(has(number, Class::Found, true, |it| f(it) == Some("42")));
    for form in FORMS {
        let wanted = (form.write)(42);
        assert!(has(number, Class::OtherNumber, false, |it| it["f"] == wanted), "{}", form.name);
    }
    let range = "{s: {f|gte: 42}, condition: s}";
    assert!(has(range, Class::Neighbour, false, |it| f(it) == Some("41")));
    assert!(has(range, Class::Neighbour, true, |it| f(it) == Some("42")));
    let network = "{s: {f|cidr: 10.0.0.0/8}, condition: s}";
    assert!(has(network, Class::Neighbour, true, |it| f(it) == Some("10.255.255.255")));
    assert!(has(network, Class::Neighbour, false, |it| f(it) == Some("11.0.0.0")));
    let hour = "{s: {f|hour: 12}, condition: s}";
    assert!(has(hour, Class::Neighbour, false, |it| f(it).is_some_and(|it| it.contains("T13:"))));
    let other = "{s: {f|fieldref: g}, condition: s}";
    assert!(has(other, Class::Neighbour, false, |it| it.contains_key("g")));
}

#[test]
fn the_same_rule_always_gets_the_same_events() {
    let (first, second) = (generate(&rule(VALUE), 200), generate(&rule(VALUE), 200));
    assert!(first.iter().zip(&second).all(|(a, b)| a.event.fields() == b.event.fields()));
}
