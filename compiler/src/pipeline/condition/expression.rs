//! How the conditions of one item are joined: all of them, any of them, or an expression over their
//! names.

use super::{Kind, parse_condition, parse_flag};
use crate::ast;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::parse::{Fields, parse_condition as parse_words};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

const CODE: Code = Code::InvalidPipeline;

/// The keys of conditions of one kind.
pub(super) struct Keys {
    pub(super) conditions: &'static str,
    pub(super) operator: &'static str,
    pub(super) negation: &'static str,
    pub(super) expression: &'static str,
}

/// Conditions of one kind, and how they are joined.
#[derive(Debug)]
pub(super) struct Group<T> {
    conditions: Vec<T>,
    logic: Logic,
    negated: bool,
}

impl<T> Default for Group<T> {
    fn default() -> Self {
        Self { conditions: Vec::new(), logic: Logic::All, negated: false }
    }
}

/// How conditions are joined.
#[derive(Debug)]
enum Logic {
    All,
    Any,
    Expression(Expression),
}

/// An expression over the places of conditions.
#[derive(Debug)]
enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    Condition(usize),
}

impl Expression {
    fn holds(&self, answers: &dyn Fn(usize) -> bool) -> bool {
        match self {
            Self::All(operands) => operands.iter().all(|it| it.holds(answers)),
            Self::Any(operands) => operands.iter().any(|it| it.holds(answers)),
            Self::Not(operand) => !operand.holds(answers),
            Self::Condition(place) => answers(*place),
        }
    }
}

impl<T> Group<T> {
    /// A group without conditions always holds.
    pub(super) fn holds(&self, test: impl Fn(&T) -> bool) -> bool {
        if self.conditions.is_empty() {
            return true;
        }
        let joined = match &self.logic {
            Logic::All => self.conditions.iter().all(test),
            Logic::Any => self.conditions.iter().any(test),
            Logic::Expression(expression) => {
                expression.holds(&|place| self.conditions.get(place).is_some_and(&test))
            }
        };
        joined != self.negated
    }

    pub(super) fn conditions(&self) -> &[T] {
        &self.conditions
    }

    pub(super) fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }
}

/// Reads conditions of one kind: a list, or a map that names each.
pub(super) fn parse_group<T>(
    keys: &Keys,
    item: &Fields,
    kinds: &[Kind<T>],
    diagnostics: &mut Diagnostics,
) -> Group<T> {
    let (names, nodes) = listed(keys, item, diagnostics);
    let conditions = nodes.into_iter().filter_map(|node| {
        let entry = Fields::of(node, CODE, diagnostics)?;
        parse_condition(&entry, kinds, diagnostics)
    });
    Group {
        conditions: conditions.collect(),
        logic: parse_logic(keys, item, names.as_deref(), diagnostics),
        negated: parse_flag(keys.negation, item, diagnostics),
    }
}

/// The conditions, and their names if they are a map.
fn listed<'n, 'a>(
    keys: &Keys,
    item: &Fields<'n, 'a>,
    diagnostics: &mut Diagnostics,
) -> (Option<Vec<Spanned<String>>>, Vec<&'n Node<'a>>) {
    let Some(node) = item.node(keys.conditions) else { return (None, Vec::new()) };
    match &node.value {
        Value::Sequence(elements) => (None, elements.iter().collect()),
        Value::Mapping(entries) => {
            let name = |key: &Node| key.as_text().unwrap_or_default().to_owned();
            let names = entries.iter().map(|(key, _)| Spanned::new(name(key), key.span));
            (Some(names.collect()), entries.iter().map(|(_, value)| value).collect())
        }
        Value::Scalar(_) => {
            let message = format!(
                "`{}` has to be a list or a map of conditions, not {}",
                keys.conditions,
                node.describe()
            );
            diagnostics.push(Diagnostic::new(CODE, node.span, message));
            (None, Vec::new())
        }
    }
}

fn parse_logic(
    keys: &Keys,
    item: &Fields,
    names: Option<&[Spanned<String>]>,
    diagnostics: &mut Diagnostics,
) -> Logic {
    let any = item.word(keys.operator, &[("and", false), ("or", true)], diagnostics);
    let Some(node) = item.node(keys.expression) else {
        return if any == Some(true) { Logic::Any } else { Logic::All };
    };
    if let Some((key, _)) = item.entry(keys.operator) {
        let message = format!("`{}` and `{}` exclude each other", keys.operator, keys.expression);
        diagnostics.push(
            Diagnostic::new(CODE, key.span, message)
                .with_place(node.span, "the expression")
                .with_help(format!("leave `{}` out", keys.operator)),
        );
    }
    let Some(names) = names else {
        let message = format!("the expression has no named conditions in `{}`", keys.conditions);
        let help = format!("write a map: `{}: {{name: {{type: …}}}}`", keys.conditions);
        diagnostics.push(Diagnostic::new(CODE, node.span, message).with_help(help));
        return Logic::All;
    };
    match parse_expression(node, names, diagnostics) {
        Some(expression) => Logic::Expression(expression),
        None => Logic::All,
    }
}

fn parse_expression(
    node: &Node,
    names: &[Spanned<String>],
    diagnostics: &mut Diagnostics,
) -> Option<Expression> {
    let Some(text) = node.as_text() else {
        let message = format!("an expression is a string, not {}", node.describe());
        diagnostics.push(Diagnostic::new(CODE, node.span, message));
        return None;
    };
    let spans = |start: usize, end: usize| node.inner_span(start, end);
    let condition = match parse_words(text, &spans) {
        Ok(condition) => condition,
        Err(mistake) => {
            let Spanned { value, span } = *mistake;
            let diagnostic = Diagnostic::new(CODE, span, value.message);
            // What an expression of a rule names are its detections.
            diagnostics.push(match value.help {
                Some(help) => diagnostic.with_help(help.replace("a detection", "a condition")),
                None => diagnostic,
            });
            return None;
        }
    };
    let mut used = Vec::new();
    let expression = resolve(&condition, names, &mut used, diagnostics)?;
    let unused = names.iter().enumerate().filter(|(place, _)| !used.contains(place));
    for (_, name) in unused {
        let message = format!("the expression does not use the condition `{}`", name.value);
        diagnostics.push(
            Diagnostic::new(CODE, name.span, message)
                .with_place(node.span, "the expression")
                .with_help("use it, or leave it out"),
        );
    }
    Some(expression)
}

/// Puts places in the place of names; `used` gets every place.
fn resolve(
    condition: &ast::Condition,
    names: &[Spanned<String>],
    used: &mut Vec<usize>,
    diagnostics: &mut Diagnostics,
) -> Option<Expression> {
    let mut all = |operands: &[ast::Condition], diagnostics: &mut Diagnostics| {
        let operands: Vec<_> =
            operands.iter().map(|it| resolve(it, names, used, diagnostics)).collect();
        operands.into_iter().collect::<Option<Vec<_>>>()
    };
    match condition {
        ast::Condition::And(operands) => Some(Expression::All(all(operands, diagnostics)?)),
        ast::Condition::Or(operands) => Some(Expression::Any(all(operands, diagnostics)?)),
        ast::Condition::Not(operand) => {
            Some(Expression::Not(Box::new(resolve(operand, names, used, diagnostics)?)))
        }
        ast::Condition::Identifier { name, span } => {
            let place = names.iter().position(|it| it.value == *name);
            used.extend(place);
            if place.is_none() {
                diagnostics.push(unknown(name, *span, names));
            }
            place.map(Expression::Condition)
        }
        ast::Condition::Selector { span, .. } => {
            let message = "selectors belong to the conditions of rules";
            let help = "name the conditions, joined by `and`, `or` and `not`";
            diagnostics.push(Diagnostic::new(CODE, *span, message).with_help(help));
            None
        }
    }
}

fn unknown(name: &str, span: Span, names: &[Spanned<String>]) -> Diagnostic {
    let message = format!("no condition has the name `{name}`");
    let help = suggest(name, names.iter().map(|it| it.value.as_str()));
    Diagnostic::new(CODE, span, message).with_help(help)
}
