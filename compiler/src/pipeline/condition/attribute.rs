//! `rule_attribute`: what a rule says about itself.

use serde_json::Value;

use super::required_text;
use super::state::{RELATIONS, Relation};
use crate::ast::{Level, Metadata, Status};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::ir::{Decimal, HasName};
use crate::parse::Fields;
use crate::pipeline::run::Run;
use crate::source::Spanned;

const CODE: Code = Code::InvalidPipeline;

/// A comparison with an attribute of the rule.
#[derive(Debug)]
pub(super) struct AttributeCondition {
    attribute: String,
    operator: Operator,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is(Relation),
    In,
    NotIn,
}

/// Keys of the condition.
pub(super) const KEYS: &[&str] = &["attribute", "value", "op"];

/// What kind of values an attribute has, which decides how they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    List,
    Date,
    Level,
    Status,
}

/// The attributes of Sigma; any other name is a custom attribute.
const ATTRIBUTES: &[(&str, Type)] = &[
    ("title", Type::Text),
    ("id", Type::Text),
    ("name", Type::Text),
    ("taxonomy", Type::Text),
    ("description", Type::Text),
    ("license", Type::Text),
    ("author", Type::Text),
    ("references", Type::List),
    ("tags", Type::List),
    ("fields", Type::List),
    ("falsepositives", Type::List),
    ("scope", Type::List),
    ("date", Type::Date),
    ("modified", Type::Date),
    ("level", Type::Level),
    ("status", Type::Status),
];

/// Attributes that are no single values.
const STRUCTURED: &[&str] = &["logsource", "detection", "related", "correlation", "filter"];

pub(super) fn parse(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<AttributeCondition> {
    let help = "name an attribute of rules, such as `level`";
    let attribute = required_text(entry, "attribute", help, diagnostics);
    let value = required_text(entry, "value", "the condition compares with a value", diagnostics);
    let relations = RELATIONS.iter().map(|(word, relation)| (*word, Operator::Is(*relation)));
    let words: Vec<(&str, Operator)> =
        relations.chain([("in", Operator::In), ("not_in", Operator::NotIn)]).collect();
    let operator = entry.word("op", &words, diagnostics);
    if entry.node("op").is_some() && operator.is_none() {
        return None;
    }
    let operator = operator.unwrap_or(Operator::Is(Relation::Equal));
    let (attribute, value) = (attribute?, value?);
    if STRUCTURED.contains(&attribute.value.as_str()) {
        let message = format!("`{}` is no single value, and cannot be compared", attribute.value);
        let known = ATTRIBUTES.iter().map(|(name, _)| *name);
        let help = suggest("", known);
        diagnostics.push(Diagnostic::new(CODE, attribute.span, message).with_help(help));
        return None;
    }
    let known = ATTRIBUTES.iter().find(|(name, _)| *name == attribute.value);
    if let Some((_, kind)) = known {
        check(*kind, operator, &value, entry, diagnostics)?;
    }
    Some(AttributeCondition { attribute: attribute.value, operator, value: value.value })
}

/// Reports operators and values that do not fit an attribute of this kind.
fn check(
    kind: Type,
    operator: Operator,
    value: &Spanned<String>,
    entry: &Fields,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let mut refuse = |span, message: String, help: String| {
        diagnostics.push(Diagnostic::new(CODE, span, message).with_help(help));
        None
    };
    let place = entry.node("op").map_or(value.span, |node| node.span);
    let ordered = !matches!(
        operator,
        Operator::Is(Relation::Equal | Relation::NotEqual) | Operator::In | Operator::NotIn
    );
    let member = matches!(operator, Operator::In | Operator::NotIn);
    match kind {
        Type::Text if ordered || member => refuse(
            place,
            "the attribute is a text, which this operator does not compare".to_owned(),
            "write `op: eq` or `op: ne`".to_owned(),
        ),
        Type::List if !member => refuse(
            place,
            "the attribute is a list, which this operator does not compare".to_owned(),
            "write `op: in` or `op: not_in`".to_owned(),
        ),
        Type::Date | Type::Level | Type::Status if member => refuse(
            place,
            "the attribute is one value, which has no members".to_owned(),
            "write `op: eq` or `op: ne`".to_owned(),
        ),
        Type::Date if !is_date(&value.value) => refuse(
            value.span,
            format!("`{}` is no date", value.value),
            "write a date as `2024-12-31`".to_owned(),
        ),
        Type::Level if rank(Level::ALL, &value.value).is_none() => refuse(
            value.span,
            format!("`{}` is no level", value.value),
            suggest(&value.value, Level::ALL.iter().map(|(word, _)| *word)),
        ),
        Type::Status if rank(Status::ALL, &value.value).is_none() => refuse(
            value.span,
            format!("`{}` is no status", value.value),
            suggest(&value.value, Status::ALL.iter().map(|(word, _)| *word)),
        ),
        Type::Text | Type::List | Type::Date | Type::Level | Type::Status => Some(()),
    }
}

fn is_date(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok()
}

/// The place of a word in a list of words.
fn rank<T>(words: &[(&str, T)], word: &str) -> Option<usize> {
    words.iter().position(|(it, _)| it.eq_ignore_ascii_case(word))
}

impl AttributeCondition {
    /// False where the rule does not have the attribute.
    pub(super) fn holds(&self, run: &Run) -> bool {
        let metadata = &*run.rule.metadata;
        let known = ATTRIBUTES.iter().find(|(name, _)| *name == self.attribute);
        match known.map(|(_, kind)| *kind) {
            Some(Type::List) => self.holds_for_list(&self.list_of(run, metadata)),
            Some(Type::Level) => {
                let found = metadata.level.and_then(|it| place(Level::ALL, &it));
                self.holds_for(found, rank(Level::ALL, &self.value))
            }
            Some(Type::Status) => {
                // From the least to the most mature.
                let found = metadata.status.and_then(|it| place(Status::ALL, &it));
                let turned = |place: usize| Status::ALL.len().saturating_sub(place);
                self.holds_for(found.map(turned), rank(Status::ALL, &self.value).map(turned))
            }
            Some(Type::Date | Type::Text) => {
                self.holds_for(self.text_of(metadata), Some(self.value.clone()))
            }
            None => metadata.custom.get(&self.attribute).is_some_and(|it| self.holds_for_value(it)),
        }
    }

    fn holds_for<T: Ord>(&self, found: Option<T>, wanted: Option<T>) -> bool {
        match (self.operator, found, wanted) {
            (Operator::Is(relation), Some(found), Some(wanted)) => relation.holds(&found, &wanted),
            _ => false,
        }
    }

    fn holds_for_list(&self, list: &[String]) -> bool {
        let contained = list.contains(&self.value);
        match self.operator {
            Operator::In => contained,
            Operator::NotIn => !contained,
            // A list is never one value.
            Operator::Is(Relation::NotEqual) => true,
            Operator::Is(_) => false,
        }
    }

    fn holds_for_value(&self, found: &Value) -> bool {
        match found {
            Value::Array(list) => {
                let texts: Vec<String> = list.iter().map(plain_text).collect();
                self.holds_for_list(&texts)
            }
            Value::Number(number) => {
                self.holds_for(Decimal::parse(&number.to_string()), Decimal::parse(&self.value))
            }
            Value::String(_) | Value::Bool(_) => match self.operator {
                Operator::Is(Relation::Equal) => plain_text(found) == self.value,
                Operator::Is(Relation::NotEqual) => plain_text(found) != self.value,
                Operator::Is(_) | Operator::In | Operator::NotIn => false,
            },
            Value::Null | Value::Object(_) => false,
        }
    }

    fn text_of(&self, metadata: &Metadata) -> Option<String> {
        match self.attribute.as_str() {
            "title" => Some(metadata.title.clone()),
            "id" => metadata.id.clone(),
            "name" => metadata.name.clone(),
            "taxonomy" => metadata.taxonomy.clone(),
            "description" => metadata.description.clone(),
            "license" => metadata.license.clone(),
            "author" => metadata.author.clone(),
            "date" => metadata.date.clone(),
            "modified" => metadata.modified.clone(),
            _ => None,
        }
    }

    fn list_of(&self, run: &Run, metadata: &Metadata) -> Vec<String> {
        match self.attribute.as_str() {
            "references" => metadata.references.clone(),
            "tags" => metadata.tags.clone(),
            "falsepositives" => metadata.falsepositives.clone(),
            "scope" => metadata.scope.clone(),
            _ => run.rule.body.fields.iter().map(|it| it.name().to_owned()).collect(),
        }
    }
}

fn place<T: PartialEq>(words: &[(&str, T)], value: &T) -> Option<usize> {
    words.iter().position(|(_, it)| it == value)
}

/// A value of YAML as the text that was written.
fn plain_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
