//! Events for a rule, in Sigma's fields: some that it finds, and many that it nearly finds.
//!
//! The same rule always gives the same events.

mod chance;
mod change;
#[cfg(test)]
mod classes;
mod draft;
pub(crate) mod number;
mod satisfy;
mod text;

use isogloss_compiler::ast::Logsource;
use isogloss_compiler::ir::{Event, Item, Rule, Sigma, Test, finds};

use chance::Chance;
use draft::Draft;
use satisfy::{Goal, satisfy};

/// In what way an event is special.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// A condition holds.
    Found,
    /// A condition does not hold.
    Missed,
    /// Excluded branches hold too.
    Excluded,
    /// One character more.
    Inserted,
    /// One character less.
    Deleted,
    /// Another character.
    Replaced,
    /// Letters in another case.
    OtherCase,
    /// A field is missing.
    Missing,
    /// A field is null or an empty list.
    Null,
    /// A field is the empty text.
    Empty,
    /// A value stands beside others.
    Beside,
    /// The tests of `all` are passed by several values.
    Several,
    /// A line feed in a value.
    LineFeed,
    /// Numbers are JSON numbers, or text.
    Number,
    /// Numbers in forms that are not canonical.
    OtherNumber,
    /// Text inside a word, at its border, or in another field.
    Border,
    /// Next to the end of a network, of a range of numbers, of a time.
    Neighbour,
    /// Another field holds the value.
    OtherField,
    /// A value that another test of the rule asks for.
    OtherValue,
    /// The event says nothing about its log source.
    UnknownLogsource,
}

/// All classes; those with much to vary stand there more than once.
const CLASSES: &[Class] = &[
    Class::Found,
    Class::Inserted,
    Class::Deleted,
    Class::Excluded,
    Class::Replaced,
    Class::OtherCase,
    Class::Found,
    Class::Missing,
    Class::Null,
    Class::Empty,
    Class::Beside,
    Class::Several,
    Class::Found,
    Class::LineFeed,
    Class::Number,
    Class::OtherNumber,
    Class::Border,
    Class::Excluded,
    Class::Neighbour,
    Class::OtherField,
    Class::OtherValue,
    Class::Missed,
    Class::UnknownLogsource,
    Class::Deleted,
    Class::Replaced,
];

/// An event and the reason why it was made.
#[derive(Debug, Clone)]
pub(crate) struct Generated {
    pub(crate) class: Class,
    pub(crate) event: Event<Sigma>,
}

/// So many events for a rule.
pub(crate) fn generate(rule: &Rule<Sigma>, count: usize) -> Vec<Generated> {
    let id = rule.metadata.id.as_deref().unwrap_or(&rule.metadata.title);
    let make = |number: usize| {
        let class = CLASSES[number % CLASSES.len()];
        let event = event(rule, class, &mut Chance::new(id, number));
        Generated { class, event }
    };
    (0..count).map(make).collect()
}

fn event(rule: &Rule<Sigma>, class: Class, chance: &mut Chance) -> Event<Sigma> {
    let mut draft = match class {
        Class::Missed => satisfy(rule, Goal::False, chance),
        Class::Excluded => satisfy(rule, Goal::Everything, chance),
        _ => found(rule, chance),
    };
    change::change(&mut draft, class, rule, chance);
    add_own(&mut draft, rule, chance);
    let logsource = Some(&rule.logsource).filter(|_| class != Class::UnknownLogsource);
    draft.finish(text_field(rule), logsource)
}

/// An event that the rule finds, if a few tries can make one.
fn found(rule: &Rule<Sigma>, chance: &mut Chance) -> Draft {
    let mut draft = Draft::default();
    for _ in 0..4 {
        draft = satisfy(rule, Goal::True, chance);
        let event = draft.clone().finish(text_field(rule), Some(&rule.logsource));
        if finds(rule, &event) {
            break;
        }
    }
    draft
}

/// What is written in every event of a category, where it is not the same in all of them.
const OWN: &[(&str, &str, &[&str])] = &[
    ("registry_event", "EventID", &["12", "13", "14"]),
    ("registry_add", "EventType", &["CreateKey"]),
    ("registry_delete", "EventType", &["DeleteKey", "DeleteValue"]),
    ("pipe_created", "EventID", &["17", "18"]),
    ("wmi_event", "EventID", &["19", "20", "21"]),
    ("sysmon_status", "EventID", &["4", "16"]),
];
/// Every Windows event is of one channel. Rules that name the product alone are for all of them.
const CHANNELS: &[&str] = &["Security", "System", "Application"];

fn add_own(draft: &mut Draft, rule: &Rule<Sigma>, chance: &mut Chance) {
    if let Some(channels) = draft.fields.get_mut("Channel") {
        channels.truncate(1);
    }
    let category = rule.logsource.category.as_deref();
    let windows = Logsource { product: Some("windows".to_owned()), ..Logsource::default() };
    let channel = (rule.logsource == windows).then_some(("Channel", CHANNELS));
    let own = OWN.iter().find(|it| category == Some(it.0)).map(|it| (it.1, it.2));
    if let Some((own, values)) = own.or(channel)
        && !tests(rule).iter().any(|(field, _)| *field == Some(own))
    {
        draft.set(own, *chance.pick(values));
    }
}

/// Where the text of an event stands that keywords search.
fn text_field(rule: &Rule<Sigma>) -> &'static str {
    if rule.logsource.product.as_deref() == Some("linux") { "message" } else { "Message" }
}

/// All items of a rule.
fn items(rule: &Rule<Sigma>) -> Vec<&Item<Sigma>> {
    rule.body.detections.values().flat_map(|it| it.items()).collect()
}

/// All tests of a rule with their fields.
fn tests(rule: &Rule<Sigma>) -> Vec<(Option<&str>, &Test<Sigma>)> {
    let pairs = items(rule).into_iter().flat_map(|item| {
        item.predicates.iter().map(|predicate| (item.field_name(), &predicate.test))
    });
    pairs.collect()
}
