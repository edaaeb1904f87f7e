//! IR to EQL tree. All meaning is decided here: the operator comes from the test and from the type of
//! the field.
//!
//! Elasticsearch runs comparisons as queries, so a document without the field does not match, and
//! matches under `not`, as in Sigma. A field that no index has is different: there `?field` is null,
//! and null stays null under `not`. So a comparison on an optional field is guarded where it stands
//! under a negation.

mod correlation;
mod list;
mod network;
mod number;
mod pattern;
mod reference;
mod regex;
mod typed;

use isogloss_compiler::ir::{
    self, Field, FieldKind, Item, Link, Linked, Loss, LossKind, Mapped, Origin, Polarity,
    Predicate, Rule, Test,
};

use isogloss_compiler::text::is_hidden;

use super::ast::{Comparison, Expr, FieldPath, Literal, Operand, Operator, Query, Value};
use super::parse::parse_condition;
use super::print::print_field;
use crate::backend::{Refusal, parse_raw};
use crate::capability::Construct;
use crate::loss::Ledger;
use crate::lucene::Program;
pub use correlation::lower_correlation;

/// One query a condition, with its losses.
pub fn lower(rule: &Rule<Mapped>) -> Result<Vec<(Query, Vec<Loss>)>, Vec<Refusal>> {
    let Linked { scope, conditions, losses, .. } = &rule.body;
    let lower_one = |condition| {
        let mut ledger = Ledger::with(losses);
        if let Some(call) = &scope.call {
            ledger.lose_macro(&call.name, &rule.logsource_origin);
        }
        let category = scope.category.clone().filter(|category| category != "any");
        let terms =
            scope.condition.as_ref().map(|it| lower_expr(it, Polarity::Positive, &mut ledger));
        let condition = lower_expr(condition, Polarity::Positive, &mut ledger);
        let category_origin = scope.origin.clone();
        let losses = ledger.close()?;
        refuse_nothing(&condition, &losses)?;
        Ok((Query { category, category_origin, scope: terms, condition }, losses))
    };
    conditions.iter().map(lower_one).collect()
}

/// A query that finds nothing because of the types of fields is no translation.
fn refuse_nothing(condition: &Expr, losses: &[Loss]) -> Result<(), Vec<Refusal>> {
    let typed = losses.iter().find(|loss| loss.kind == LossKind::Type);
    match typed.filter(|_| *condition == Expr::Constant(false)) {
        None => Ok(()),
        Some(loss) => Err(vec![Refusal::Unsupported {
            construct: Construct::TypedWildcard,
            message: format!("nothing would be found: {}", loss.message),
            origin: loss.origin.clone(),
        }]),
    }
}

fn lower_expr(expr: &ir::Expr<Mapped>, polarity: Polarity, ledger: &mut Ledger) -> Expr {
    match expr {
        // Every operand is looked at, so that nothing that is lost or refused goes unsaid.
        ir::Expr::All(operands) => list::all(
            operands.iter().map(|it| lower_expr(it, polarity, ledger)).collect::<Vec<_>>(),
        ),
        ir::Expr::Any(operands) => list::any(
            operands.iter().map(|it| lower_expr(it, polarity, ledger)).collect::<Vec<_>>(),
        ),
        ir::Expr::Not(operand) => negate(lower_expr(operand, polarity.turned(), ledger)),
        ir::Expr::Item(item) => lower_item(item, polarity, ledger),
    }
}

/// `not (?f != null and ?f : "x")` reads better as `(?f == null or not ?f : "x")`, and `not f == null` as
/// `f != null`.
fn negate(operand: Expr) -> Expr {
    if let Expr::Constant(value) = operand {
        return Expr::Constant(!value);
    }
    if let Expr::All(parts) = &operand
        && let [Expr::Comparison(guard), test] = &**parts
        && is_null_test(guard, Operator::NotEqual)
        && subject(test) == Some(&guard.field)
    {
        let absent = Comparison { operator: Operator::Equal, ..guard.clone() };
        return Expr::any([Expr::Comparison(absent), Expr::negate(test.clone())]);
    }
    if let Expr::Comparison(test) = &operand
        && is_null_test(test, Operator::Equal)
    {
        return Expr::Comparison(Comparison { operator: Operator::NotEqual, ..test.clone() });
    }
    Expr::negate(operand)
}

/// The field that a single test is about.
fn subject(expr: &Expr) -> Option<&FieldPath> {
    match expr {
        Expr::Comparison(test) => Some(&test.field),
        Expr::Call(call) => call.arguments.iter().find_map(Operand::as_field),
        Expr::All(_) | Expr::Any(_) | Expr::Not(_) | Expr::Computed(_) | Expr::Constant(_) => None,
    }
}

fn is_null_test(comparison: &Comparison, operator: Operator) -> bool {
    let null = comparison.values.iter().all(|value| value.literal == Literal::Null);
    comparison.operator == operator && null
}

fn lower_item(item: &Item<Mapped>, polarity: Polarity, ledger: &mut Ledger) -> Expr {
    let Some(field) = &item.field else {
        ledger.refuse(
            Construct::Keyword,
            &item.origin,
            "a word is searched in fields, not in the text of an event",
        );
        return Expr::Constant(false);
    };
    if field.name.chars().any(is_hidden) {
        ledger.refuse(
            Construct::Character,
            &item.origin,
            "a field name cannot hold hidden characters",
        );
    }
    let inner = polarity.under(item);
    let lowered = item.predicates.iter().filter_map(|predicate| {
        let place = Place { field, predicate, key: &item.origin, polarity: inner };
        Some((place, lower_test(place, ledger)?))
    });
    let lowered: Vec<(Place, Lowered)> = lowered.collect();
    // A value that is never found, or always, stands in no part of the query; its key stands for it.
    let vanished = lowered.iter().filter(|(_, it)| matches!(it, Lowered::Other(Expr::Constant(_))));
    let key = vanished.fold(item.origin.clone(), |key, (it, _)| key.join(&it.predicate.origin));
    let path = path(field);
    let any_of = |tests| any_of(tests, (&path, &key), inner);
    let joined = match item.link {
        Link::Any => any_of(lowered),
        Link::All => list::all(lowered.into_iter().map(|test| any_of(vec![test]))),
    };
    if item.negated { negate(joined) } else { joined }
}

/// Any of these tests of one item.
fn any_of(
    tests: Vec<(Place, Lowered)>,
    (path, key): (&FieldPath, &Origin),
    polarity: Polarity,
) -> Expr {
    let mut comparisons = Vec::new();
    let mut programs = Vec::new();
    let mut networks = Vec::new();
    let mut others = Vec::new();
    for (place, lowered) in tests {
        match lowered {
            Lowered::Test(operator, literal) => {
                comparisons.push((operator, place.value(literal)));
            }
            Lowered::Tests(operator, literals) => {
                comparisons.extend(literals.into_iter().map(|it| (operator, place.value(it))));
            }
            Lowered::Programs(all) => programs.extend(all.into_iter().map(|program| {
                let value = place.value(Literal::Text(program.text.clone()));
                (program, value)
            })),
            Lowered::Networks(all) => {
                networks.extend(all.into_iter().map(|it| place.value(Literal::Text(it))));
            }
            Lowered::Other(expr) => others.push(expr),
        }
    }
    let comparisons = list::grouped(comparisons).into_iter().map(|(operator, values)| {
        let (field, origin) = (path.clone(), key.clone());
        Comparison { field, operator, values, origin }
    });
    let programs = regex::comparisons(path, &programs, key);
    let comparisons = comparisons.chain(programs).map(|comparison| guard(comparison, polarity));
    let networks = (!networks.is_empty()).then_some(networks);
    let networks = networks.map(|networks| network::test(path, key, networks, polarity));
    list::any(comparisons.chain(networks).chain(others))
}

/// Where a test stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    field: &'p Field,
    predicate: &'p Predicate<Mapped>,
    /// The field as the author wrote it.
    key: &'p Origin,
    polarity: Polarity,
}

impl Place<'_> {
    fn value(self, literal: Literal) -> Value {
        Value { literal, origin: self.predicate.origin.clone() }
    }
}

fn path(field: &Field) -> FieldPath {
    FieldPath { name: field.name.clone(), optional: field.facts.optional }
}

/// Makes a comparison false, not null, where no index has its field.
fn guard(comparison: Comparison, polarity: Polarity) -> Expr {
    let asks_null =
        is_null_test(&comparison, Operator::Equal) || is_null_test(&comparison, Operator::NotEqual);
    if polarity == Polarity::Positive || !comparison.field.optional || asks_null {
        return Expr::Comparison(comparison);
    }
    let present = present(comparison.field.clone(), comparison.origin.clone());
    Expr::all([present, Expr::Comparison(comparison)])
}

/// The field has a value.
fn present(field: FieldPath, origin: Origin) -> Expr {
    let values = vec![Value { literal: Literal::Null, origin: Origin::default() }];
    Expr::Comparison(Comparison { field, operator: Operator::NotEqual, values, origin })
}

/// What becomes of a test.
enum Lowered {
    /// A comparison with a value.
    Test(Operator, Literal),
    /// A comparison with any of these values.
    Tests(Operator, Vec<Literal>),
    /// Any of these regular expressions.
    Programs(Vec<Program>),
    /// Networks; an address lies in any of them.
    Networks(Vec<String>),
    /// An expression of its own.
    Other(Expr),
}

/// What a test becomes, or `None` after it was refused.
fn lower_test(place: Place, ledger: &mut Ledger) -> Option<Lowered> {
    let Place { field, predicate, .. } = place;
    let kind = field.facts.kind;
    match &predicate.test {
        Test::Null => Some(Lowered::Test(Operator::Equal, Literal::Null)),
        Test::Like(pattern) if pattern.matches_all() => {
            Some(Lowered::Test(Operator::NotEqual, Literal::Null))
        }
        Test::Query { .. } => {
            let raw = parse_raw(predicate, &print_field(&path(field)), parse_condition, ledger)?;
            Some(Lowered::Other(raw.from_place(&predicate.origin)))
        }
        Test::Open(open) => match *open {},
        Test::Time { .. } => {
            let message = "there are no functions for the parts of a time";
            ledger.refuse(Construct::TimePart, &predicate.origin, message);
            None
        }
        _ if kind == FieldKind::Text => refuse_text(place, ledger),
        Test::Compare(order, number) => number::compare(place, (*order, number), ledger),
        Test::Cidr(network) => {
            let network = (network.network(), network.prefix_len());
            if kind == FieldKind::Ip {
                let network = network::on_addresses(place, network, ledger)?;
                return Some(Lowered::Networks(vec![network]));
            }
            network::on_text(place, network, ledger)
        }
        Test::FieldRef { field: other, anchor } => {
            Some(Lowered::Other(reference::test(place, other, *anchor, ledger)?))
        }
        Test::Like(pattern) if kind.is_string() => pattern::lower(place, pattern, ledger),
        Test::Like(pattern) => typed::lower(place, pattern, ledger),
        // A number on text is its digits, where case cannot matter.
        Test::Number(number) if kind.is_string() => {
            Some(Lowered::Test(Operator::Equal, Literal::Text(number.as_str().to_owned())))
        }
        Test::Number(number) => typed::lower_word(place, number.as_str(), ledger),
        Test::Bool(value) if kind.is_string() => {
            Some(Lowered::Test(Operator::Match, Literal::Text(value.to_string())))
        }
        Test::Bool(value) => typed::lower_word(place, &value.to_string(), ledger),
        Test::Regex(regex) if kind.is_string() => regex::lower(place, regex, ledger),
        Test::Regex(_) => typed::refuse(place, ledger),
    }
}

fn refuse_text(place: Place, ledger: &mut Ledger) -> Option<Lowered> {
    let message = format!("`{}` is analysed text, which EQL does not search", place.field.name);
    ledger.refuse(Construct::AnalysedText, &place.predicate.origin, message);
    None
}
