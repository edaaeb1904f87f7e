//! Small changes to an event that a rule finds.

use isogloss_compiler::ir::{Link, Rule, Sigma, Test};
use serde_json::Value;

use super::chance::Chance;
use super::draft::Draft;
use super::number::FORMS;
use super::satisfy::{shifted, time_with, value_for};
use super::text::{filler, other, strange};
use super::{Class, items, tests};

/// Changes the event as its class says.
pub(crate) fn change(draft: &mut Draft, class: Class, rule: &Rule<Sigma>, chance: &mut Chance) {
    match class {
        Class::Found | Class::Missed | Class::Excluded | Class::UnknownLogsource => {}
        Class::Inserted => edit(draft, chance, &|characters, place, chance| {
            characters.insert(place, strange(chance));
        }),
        Class::Deleted => edit(draft, chance, &|characters, place, _| {
            if place < characters.len() {
                characters.remove(place);
            }
        }),
        Class::Replaced => edit(draft, chance, &|characters, place, chance| {
            if place < characters.len() {
                characters[place] = strange(chance);
            }
        }),
        Class::LineFeed => edit(draft, chance, &|characters, place, chance| {
            let place = *chance.pick(&[0, place, characters.len()]);
            characters.insert(place, '\n');
        }),
        Class::OtherCase => change_case(draft, chance),
        Class::Missing => {
            if let Some(field) = some_field(draft, chance) {
                draft.fields.remove(&field);
            } else {
                draft.text.clear();
            }
        }
        Class::Null => set_values(draft, chance, |_, _| Vec::new()),
        Class::Empty => set_values(draft, chance, |_, _| vec![Value::from("")]),
        Class::Beside => set_values(draft, chance, |mut values, chance| {
            let place = chance.below(values.len() + 1);
            values.insert(place, Value::String(other(chance)));
            values.push(Value::String(filler(chance)));
            values
        }),
        Class::Several => take_apart(draft, rule, chance),
        Class::Number => draft.fields.values_mut().flatten().for_each(turn_number),
        Class::OtherNumber => other_number(draft, chance),
        Class::Border => border(draft, chance),
        Class::Neighbour => neighbour(draft, rule, chance),
        Class::OtherField => other_field(draft, rule, chance),
        Class::OtherValue => {
            if let Some((Some(field), test)) = some_test(rule, chance) {
                let text = value_for(test, chance);
                draft.set(field, text);
            }
        }
    }
}

fn some_field(draft: &Draft, chance: &mut Chance) -> Option<String> {
    let names = draft.names();
    (!names.is_empty()).then(|| chance.pick(&names).clone())
}

fn some_test<'r>(
    rule: &'r Rule<Sigma>,
    chance: &mut Chance,
) -> Option<(Option<&'r str>, &'r Test<Sigma>)> {
    let tests = tests(rule);
    (!tests.is_empty()).then(|| *chance.pick(&tests))
}

/// Changes one text at one place.
fn edit(
    draft: &mut Draft,
    chance: &mut Chance,
    change: &dyn Fn(&mut Vec<char>, usize, &mut Chance),
) {
    let mut texts = draft.texts_mut();
    if texts.is_empty() {
        return;
    }
    let number = chance.below(texts.len());
    let text = &mut *texts[number];
    let mut characters: Vec<char> = text.chars().collect();
    // The ends are where most mistakes are.
    let length = characters.len();
    let inside = chance.below(length + 1);
    let place = *chance.pick(&[0, inside, inside, inside, length.saturating_sub(1), length]);
    change(&mut characters, place, chance);
    *text = characters.into_iter().collect();
}

fn change_case(draft: &mut Draft, chance: &mut Chance) {
    let way = chance.below(4);
    for text in draft.texts_mut() {
        *text = match way {
            0 => text.to_ascii_uppercase(),
            1 => text.to_ascii_lowercase(),
            2 => text.chars().map(|it| turn_case(it, chance)).collect(),
            // Letters that Unicode folds into ASCII, and Sigma does not.
            _ => text.replace(['k', 'K'], "\u{212a}").replacen(['s', 'S'], "\u{17f}", 1),
        };
    }
}

fn turn_case(character: char, chance: &mut Chance) -> char {
    if chance.once_in(2) {
        character
    } else if character.is_ascii_lowercase() {
        character.to_ascii_uppercase()
    } else {
        character.to_ascii_lowercase()
    }
}

/// Gives one field other values.
fn set_values(
    draft: &mut Draft,
    chance: &mut Chance,
    change: impl Fn(Vec<Value>, &mut Chance) -> Vec<Value>,
) {
    if let Some(field) = some_field(draft, chance) {
        let values = draft.fields.remove(&field).unwrap_or_default();
        let values = change(values, chance);
        draft.fields.insert(field, values);
    }
}

/// The tests of `all`, each passed by a value of its own; else a value between others.
fn take_apart(draft: &mut Draft, rule: &Rule<Sigma>, chance: &mut Chance) {
    let items = items(rule).into_iter().filter(|it| it.link == Link::All);
    let linked: Vec<_> = items.filter_map(|it| Some((it.field_name()?, it))).collect();
    if linked.is_empty() {
        return set_values(draft, chance, |mut values, chance| {
            values.insert(0, Value::String(other(chance)));
            values
        });
    }
    let (field, item) = *chance.pick(&linked);
    let mut values: Vec<Value> = item
        .predicates
        .iter()
        .map(|predicate| Value::String(value_for(&predicate.test, chance)))
        .collect();
    if chance.once_in(3) {
        values.pop();
    }
    draft.fields.insert(field.to_owned(), values);
}

/// A canonical number as text becomes a number, a number becomes text.
fn turn_number(value: &mut Value) {
    let turned = match value {
        Value::String(text) => isogloss_compiler::ir::Number::canonical(text)
            .and_then(|it| serde_json::from_str(it.as_str()).ok()),
        Value::Number(number) => Some(Value::String(number.to_string())),
        _ => None,
    };
    if let Some(turned) = turned {
        *value = turned;
    }
}

/// Numbers in the forms that some platforms write: with zeros, a sign, in hexadecimal digits.
fn other_number(draft: &mut Draft, chance: &mut Chance) {
    for value in draft.fields.values_mut().flatten() {
        if let Some(number) = value.as_str().and_then(|it| it.parse::<i64>().ok()) {
            *value = (chance.pick(FORMS).write)(number);
        }
    }
}

/// Puts text at a border of words, or inside of a word.
fn border(draft: &mut Draft, chance: &mut Chance) {
    let mut texts = draft.texts_mut();
    if texts.is_empty() {
        return;
    }
    let number = chance.below(texts.len());
    let text = &mut *texts[number];
    let around = *chance.pick(&[
        ("x", "x"),
        ("x", ""),
        ("", "x"),
        (" ", " "),
        ("_", "."),
        ("(", ")"),
        ("\"", "\""),
        ("\n", "\n"),
        ("\\", ""),
        ("", "\\"),
    ]);
    *text = format!("{}{text}{}", around.0, around.1);
}

/// Values next to the ends of networks and ranges; else a test's own value once more.
fn neighbour(draft: &mut Draft, rule: &Rule<Sigma>, chance: &mut Chance) {
    let tests = tests(rule).into_iter().filter_map(|(field, test)| Some((field?, test)));
    let special = |test: &Test<Sigma>| {
        matches!(
            test,
            Test::Cidr(_) | Test::Compare(..) | Test::Time { .. } | Test::FieldRef { .. }
        )
    };
    let tests: Vec<(&str, &Test<Sigma>)> = tests.collect();
    let ranged: Vec<_> = tests.iter().filter(|(_, test)| special(test)).collect();
    let (field, test) = match (ranged.is_empty(), tests.is_empty()) {
        (false, _) => **chance.pick(&ranged),
        (true, false) => *chance.pick(&tests),
        (true, true) => return,
    };
    let text = match test {
        Test::Cidr(network) => address_near(&network.to_string(), chance),
        Test::Compare(_, number) => number_near(&number.to_string(), chance),
        Test::Time { part, number, .. } => {
            let near = [number.saturating_sub(1), *number, number + 1];
            time_with(*part, *chance.pick(&near), chance)
        }
        Test::FieldRef { field: referred, .. } => {
            let known = draft.fields.get(&referred.0).and_then(|it| it.first());
            let known = known.and_then(Value::as_str).unwrap_or("x").to_owned();
            let forms = [known.to_ascii_uppercase(), known.clone(), format!("{known}y")];
            chance.pick(&forms).clone()
        }
        _ => value_for(test, chance),
    };
    draft.set(field, text);
}

fn number_near(number: &str, chance: &mut Chance) -> String {
    let forms = [
        shifted(number, -1),
        number.to_owned(),
        shifted(number, 1),
        format!("{number}.5"),
        format!("-{}", number.trim_start_matches('-')),
        format!("{number}0"),
        "none".to_owned(),
        String::new(),
    ];
    chance.pick(&forms).clone()
}

/// The first and the last address of a network, and those outside of it.
fn address_near(network: &str, chance: &mut Chance) -> String {
    let (address, length) = network.split_once('/').unwrap_or((network, "32"));
    let bits: u32 = length.parse().unwrap_or(32);
    if let Ok(address) = address.parse::<std::net::Ipv4Addr>() {
        let host = u32::MAX.checked_shr(bits).unwrap_or(0);
        let first = u32::from(address) & !host;
        let last = first | host;
        let forms = [first, last, first.wrapping_sub(1), last.wrapping_add(1), first + host / 2];
        return std::net::Ipv4Addr::from(*chance.pick(&forms)).to_string();
    }
    if let Ok(address) = address.parse::<std::net::Ipv6Addr>() {
        let host = u128::MAX.checked_shr(bits).unwrap_or(0);
        let first = u128::from(address) & !host;
        let last = first | host;
        let forms = [first, last, first.wrapping_sub(1), last.wrapping_add(1), first + host / 2];
        return std::net::Ipv6Addr::from(*chance.pick(&forms)).to_string();
    }
    other(chance)
}

/// Moves the value of a field to another one, or the text of the event into a field.
fn other_field(draft: &mut Draft, rule: &Rule<Sigma>, chance: &mut Chance) {
    let known = tests(rule).into_iter().filter_map(|(field, _)| field.map(str::to_owned));
    let mut names: Vec<String> = known.collect();
    names.extend(["User", "Details", "host.name"].map(str::to_owned));
    let to = chance.pick(&names).clone();
    if !draft.text.is_empty() {
        let text = std::mem::take(&mut draft.text).join(" ");
        draft.set(&to, text);
    } else if let Some(from) = some_field(draft, chance) {
        let values = draft.fields.remove(&from).unwrap_or_default();
        draft.fields.insert(to, values);
    }
}
