//! IR to EQL tree. All meaning is decided here: the operator comes from the test and from the type of
//! the field.
//!
//! Elasticsearch runs comparisons as queries, so a document without the field does not match, and
//! matches under `not`, as in Sigma. A field that no index has is different: there `?field` is null,
//! and null stays null under `not`. So a comparison on an optional field is guarded where it stands
//! under a negation.

mod correlation;
mod network;
mod number;
mod reference;

use isogloss_compiler::ir::{
    self, Field, FieldKind, Item, Link, Linked, Loss, Mapped, Number, Origin, Pattern, Polarity,
    Predicate, Rule, Test, siblings,
};

use isogloss_compiler::text::is_hidden;

use super::ast::{Comparison, Expr, FieldPath, Literal, Operand, Operator, Query, Value};
use super::parse::parse_condition;
use super::print::print_field;
use crate::backend::{Refusal, parse_raw};
use crate::capability::Construct;
use crate::loss::Ledger;
use crate::lucene;
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
        Ok((Query { category, category_origin, scope: terms, condition }, ledger.close()?))
    };
    conditions.iter().map(lower_one).collect()
}

fn lower_expr(expr: &ir::Expr<Mapped>, polarity: Polarity, ledger: &mut Ledger) -> Expr {
    match expr {
        ir::Expr::All(operands) => Expr::all(
            operands.iter().map(|it| lower_expr(it, polarity, ledger)).collect::<Vec<_>>(),
        ),
        ir::Expr::Any(operands) => Expr::any(
            operands.iter().map(|it| lower_expr(it, polarity, ledger)).collect::<Vec<_>>(),
        ),
        ir::Expr::Not(operand) => negate(lower_expr(operand, polarity.turned(), ledger)),
        ir::Expr::Item(item) => lower_item(item, polarity, ledger),
    }
}

/// `not (?f != null and ?f : "x")` reads better as `(?f == null or not ?f : "x")`, and `not f == null` as
/// `f != null`.
fn negate(operand: Expr) -> Expr {
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
    let path = path(field);
    let mut tests = Vec::new();
    let mut networks = Vec::new();
    let mut others = Vec::new();
    for predicate in &item.predicates {
        let place = Place { field, predicate, polarity: inner };
        match lower_test(place, ledger) {
            None => {}
            Some(Lowered::Test(operator, literal)) => {
                tests.push((operator, place.value(literal)));
            }
            Some(Lowered::Network(text)) => networks.push(place.value(Literal::Text(text))),
            Some(Lowered::Other(expr)) => others.push(expr),
        }
    }
    let (comparisons, networks) = match item.link {
        Link::Any => (group(tests), Vec::from_iter((!networks.is_empty()).then_some(networks))),
        Link::All => (
            tests.into_iter().map(|(operator, value)| (operator, vec![value])).collect(),
            networks.into_iter().map(|network| vec![network]).collect(),
        ),
    };
    let comparisons = comparisons.into_iter().map(|(operator, values)| {
        let (field, origin) = (path.clone(), item.origin.clone());
        guard(Comparison { field, operator, values, origin }, inner)
    });
    let networks = networks.into_iter().map(|networks| network::test(item, &path, networks, inner));
    let parts = comparisons.chain(networks).chain(others);
    let joined = match item.link {
        Link::Any => Expr::any(parts),
        Link::All => Expr::all(parts),
    };
    if item.negated { negate(joined) } else { joined }
}

/// Where a test stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    field: &'p Field,
    predicate: &'p Predicate<Mapped>,
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

/// Values of one operator become one list.
fn group(tests: Vec<(Operator, Value)>) -> Vec<(Operator, Vec<Value>)> {
    let mut groups: Vec<(Operator, Vec<Value>)> = Vec::new();
    for (operator, value) in tests {
        let joins = value.literal != Literal::Null && !orders(operator);
        let known = groups.iter_mut().find(|(known, values)| {
            *known == operator && joins && values.iter().all(|it| it.literal != Literal::Null)
        });
        match known {
            Some((_, values)) => values.push(value),
            None => groups.push((operator, vec![value])),
        }
    }
    for (operator, values) in &mut groups {
        if *operator == Operator::Equal && values.len() > 1 {
            *operator = Operator::In;
        }
    }
    groups
}

/// Operators that take no list.
fn orders(operator: Operator) -> bool {
    use Operator::{Greater, GreaterEqual, Less, LessEqual};
    matches!(operator, Less | LessEqual | Greater | GreaterEqual)
}

/// What becomes of a test.
enum Lowered {
    /// A comparison with a value.
    Test(Operator, Literal),
    /// A network that an address lies in.
    Network(String),
    /// An expression of its own.
    Other(Expr),
}

/// What a test becomes, or `None` after it was refused.
fn lower_test(place: Place, ledger: &mut Ledger) -> Option<Lowered> {
    let Place { field, predicate, .. } = place;
    let kind = field.facts.kind;
    let lowered = match &predicate.test {
        Test::Null => Ok((Operator::Equal, Literal::Null)),
        Test::Like(pattern) if pattern.matches_all() => Ok((Operator::NotEqual, Literal::Null)),
        Test::Query { .. } => {
            let raw = parse_raw(predicate, &print_field(&path(field)), parse_condition, ledger)?;
            return Some(Lowered::Other(raw.from_place(&predicate.origin)));
        }
        Test::Open(open) => match *open {},
        Test::Time { .. } => {
            Err((Construct::TimePart, "there are no functions for the parts of a time".to_owned()))
        }
        _ if kind == FieldKind::Text => refuse_text(field),
        Test::Compare(order, number) => number::compare(*order, number, field),
        Test::Cidr(network) => {
            let network = (network.network(), network.prefix_len());
            if kind == FieldKind::Ip {
                return network::on_addresses(place, network, ledger).map(Lowered::Network);
            }
            network::on_text(network, field)
        }
        Test::FieldRef { field: other, anchor } => {
            return Some(Lowered::Other(reference::test(place, other, *anchor, ledger)?));
        }
        Test::Like(pattern) if kind.is_string() => Ok(lower_pattern(pattern)),
        Test::Like(pattern) => lower_typed(pattern, kind, field),
        Test::Number(number) => number::equal(number, kind, field),
        Test::Bool(value) => lower_bool(*value, kind, field),
        Test::Regex(regex) if kind.is_string() => match lucene::from_regex(&regex.tree) {
            Ok(text) => Ok((Operator::Regex, Literal::Text(text))),
            Err(reason) => {
                let message = format!("the regular expressions of Lucene differ: {reason}");
                Err((Construct::RegexBoundary, message))
            }
        },
        Test::Regex(_) => Err(typed(field)),
    };
    let lowered = lowered.map(|(operator, literal)| Lowered::Test(operator, literal));
    lowered
        .map_err(|(construct, message)| ledger.refuse(construct, &predicate.origin, message))
        .ok()
}

type Tested = Result<(Operator, Literal), (Construct, String)>;

fn refuse_text(field: &Field) -> Tested {
    Err((
        Construct::AnalysedText,
        format!("`{}` is analysed text, which EQL does not search", field.name),
    ))
}

fn typed(field: &Field) -> (Construct, String) {
    (
        Construct::TypedWildcard,
        format!("`{}` is not text, and this is no value of its type", field.name),
    )
}

/// A pattern on a field of exact text.
fn lower_pattern(pattern: &Pattern) -> (Operator, Literal) {
    let literal_wildcard = pattern.texts().any(|text| text.contains(['*', '?']));
    let spelled =
        !pattern.is_cased() && pattern.texts().flat_map(str::chars).any(folds_beyond_ascii);
    match pattern.as_text() {
        Some("") => (Operator::Equal, Literal::Text(String::new())),
        Some(text) if pattern.is_cased() => (Operator::Equal, Literal::Text(text.to_owned())),
        Some(text) if literal_wildcard && !spelled => {
            (Operator::InFolded, Literal::Text(text.to_owned()))
        }
        _ if (literal_wildcard || spelled) && pattern.is_cased() => {
            (Operator::Regex, Literal::Text(lucene::from_pattern(pattern)))
        }
        _ if literal_wildcard || spelled => {
            (Operator::RegexFolded, Literal::Text(lucene::from_pattern(pattern)))
        }
        _ if pattern.is_cased() => (Operator::Like, Literal::Text(wildcards(pattern))),
        _ => (Operator::Match, Literal::Text(wildcards(pattern))),
    }
}

/// Stacks before Lucene 10.5 ignore the case of ASCII letters only.
fn folds_beyond_ascii(character: char) -> bool {
    !character.is_ascii() && siblings(character).len() > 1
}

/// The text of a pattern whose texts hold no wildcard characters: EQL has no escape for those.
fn wildcards(pattern: &Pattern) -> String {
    let parts = pattern.parts().iter().map(|part| match part {
        ir::Part::Text(text) => text.as_str(),
        ir::Part::AnyRun => "*",
        ir::Part::AnyChar => "?",
    });
    parts.collect()
}

/// A pattern on a field that is not text: only a whole value of that type can match.
fn lower_typed(pattern: &Pattern, kind: FieldKind, field: &Field) -> Tested {
    let text = pattern.as_text().ok_or_else(|| typed(field))?;
    match kind {
        FieldKind::Long => match Number::canonical(text) {
            Some(number) if number::fits_long(&number) => {
                Ok((Operator::Equal, Literal::Number(number.as_str().to_owned())))
            }
            _ => Err(typed(field)),
        },
        FieldKind::Boolean if text.eq_ignore_ascii_case("true") => {
            Ok((Operator::Equal, Literal::Bool(true)))
        }
        FieldKind::Boolean if text.eq_ignore_ascii_case("false") => {
            Ok((Operator::Equal, Literal::Bool(false)))
        }
        FieldKind::Ip if text.parse::<std::net::IpAddr>().is_ok() => {
            Ok((Operator::Equal, Literal::Text(text.to_owned())))
        }
        FieldKind::Keyword
        | FieldKind::Wildcard
        | FieldKind::Text
        | FieldKind::Boolean
        | FieldKind::Ip
        | FieldKind::Date => Err(typed(field)),
    }
}

fn lower_bool(value: bool, kind: FieldKind, field: &Field) -> Tested {
    match kind {
        FieldKind::Boolean => Ok((Operator::Equal, Literal::Bool(value))),
        FieldKind::Keyword | FieldKind::Wildcard => {
            Ok((Operator::Match, Literal::Text(value.to_string())))
        }
        FieldKind::Text | FieldKind::Long | FieldKind::Ip | FieldKind::Date => Err(typed(field)),
    }
}
