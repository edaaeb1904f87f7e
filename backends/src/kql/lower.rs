//! IR to KQL tree. All meaning is decided here.
//!
//! KQL compares exact text with case, has `*` but no `?`, and no regular expressions. What it cannot
//! say is widened with a loss, or refused. A wildcard value with a space is one value only on a field
//! that is exactly `keyword`; on any other Kibana splits it, so spaces become `*` there.

mod range;
mod threshold;

use isogloss_compiler::ir::{
    self, Direction, Field, FieldKind, Item, Linked, Loss, LossKind, Mapped, Number, Origin, Part,
    Pattern, Polarity, Predicate, Rule, Test, siblings,
};

use super::ast::{Comparison, Expr, Link, Literal, Query, Relation, Value};
use super::parse::parse;
use super::print::print_field;
use crate::backend::{Refusal, parse_raw};
use crate::capability::Construct;
use crate::loss::Ledger;
use range::{lower_comparison, lower_network};
pub use threshold::lower_correlation;

/// One query a condition, with its losses.
pub fn lower(rule: &Rule<Mapped>) -> Result<Vec<(Query, Vec<Loss>)>, Vec<Refusal>> {
    let Linked { scope, conditions, losses, .. } = &rule.body;
    let lower_one = |condition| {
        let mut ledger = Ledger::with(losses);
        if let Some(call) = &scope.call {
            ledger.lose_macro(&call.name, &rule.logsource_origin);
        }
        let category = scope.category.as_deref().filter(|it| *it != "any");
        let category = category.map(|it| category_term(it, &scope.origin));
        let terms =
            scope.condition.as_ref().and_then(|it| lower_expr(it, Polarity::Positive, &mut ledger));
        let condition = lower_expr(condition, Polarity::Positive, &mut ledger);
        let losses = ledger.close()?;
        // Without a refusal every condition has an expression.
        let condition = condition.ok_or_else(Vec::new)?;
        let exprs = scope.condition.iter().chain(&rule.body.conditions);
        let fields = exprs.flat_map(ir::Expr::items).filter_map(|item| item.field.as_ref());
        let addresses = fields.filter(|field| field.facts.kind == FieldKind::Ip);
        let addresses = addresses.map(|field| field.name.clone()).collect();
        let scope = Expr::all(category.into_iter().chain(terms));
        Ok((Query { scope, condition, addresses }, losses))
    };
    conditions.iter().map(lower_one).collect()
}

fn category_term(category: &str, origin: &Origin) -> Expr {
    let literal = Literal::Quoted(category.to_owned());
    let value = Value { literal, origin: origin.clone() };
    Expr::Comparison(Comparison {
        field: "event.category".to_owned(),
        relation: Relation::Is,
        link: Link::Any,
        values: vec![value],
        origin: origin.clone(),
    })
}

fn lower_expr(expr: &ir::Expr<Mapped>, polarity: Polarity, ledger: &mut Ledger) -> Option<Expr> {
    match expr {
        ir::Expr::All(operands) => {
            let operands: Vec<_> =
                operands.iter().map(|it| lower_expr(it, polarity, ledger)).collect();
            Expr::all(operands.into_iter().flatten())
        }
        ir::Expr::Any(operands) => {
            let operands: Vec<_> =
                operands.iter().map(|it| lower_expr(it, polarity, ledger)).collect();
            Expr::any(operands.into_iter().flatten())
        }
        ir::Expr::Not(operand) => {
            Some(Expr::negate(lower_expr(operand, polarity.turned(), ledger)?))
        }
        ir::Expr::Item(item) => lower_item(item, polarity, ledger),
    }
}

/// Null is said by a negation, so it stands apart from the values of an item.
fn lower_item(item: &Item<Mapped>, polarity: Polarity, ledger: &mut Ledger) -> Option<Expr> {
    let Some(field) = &item.field else {
        ledger.refuse(
            Construct::Keyword,
            &item.origin,
            "a word is searched in fields, not in the text of an event",
        );
        return None;
    };
    let inner = polarity.under(item);
    let comparison = |relation: Relation, link: Link, values: Vec<Value>| {
        Expr::Comparison(Comparison {
            field: field.name.clone(),
            relation,
            link: if values.len() == 1 { Link::Any } else { link },
            values,
            origin: item.origin.clone(),
        })
    };
    let (nulls, tests): (Vec<_>, Vec<_>) =
        item.predicates.iter().partition(|it| it.test == Test::Null);
    let raw = tests.iter().filter_map(|it| {
        let query = parse_raw(it, &print_field(&field.name), parse, ledger)?;
        Some(query.condition.from_place(&it.origin))
    });
    let raw: Vec<Expr> = raw.collect();
    let values = tests.iter().filter_map(|it| lower_test(it, field, inner, ledger));
    let (values, ranges): (Vec<_>, Vec<_>) =
        values.partition(|(relation, _)| *relation == Relation::Is);
    let values: Vec<Value> = values.into_iter().map(|(_, value)| value).collect();
    let ranges = ranges.into_iter().map(|(it, value)| comparison(it, Link::Any, vec![value]));
    let others = raw.into_iter().chain(ranges);
    let null = nulls.iter().map(|it| it.origin.clone()).reduce(|all, it| all.join(&it));
    let absent = null.map(|origin| {
        let value = Value { literal: Literal::any(), origin };
        Expr::negate(comparison(Relation::Is, Link::Any, vec![value]))
    });
    let joined = match item.link {
        ir::Link::Any => {
            let present = (!values.is_empty()).then(|| comparison(Relation::Is, Link::Any, values));
            Expr::any(present.into_iter().chain(others).chain(absent))
        }
        ir::Link::All => {
            let present = (!values.is_empty()).then(|| comparison(Relation::Is, Link::All, values));
            Expr::all(present.into_iter().chain(others).chain(absent))
        }
    }?;
    Some(if item.negated { Expr::negate(joined) } else { joined })
}

/// How a test compares and with what, or `None` after it was refused.
fn lower_test(
    predicate: &Predicate<Mapped>,
    field: &Field,
    polarity: Polarity,
    ledger: &mut Ledger,
) -> Option<(Relation, Value)> {
    let kind = field.facts.kind;
    let mut site = Site { field, predicate, polarity, ledger };
    let literal = match &predicate.test {
        // Both are expressions of their own.
        Test::Null | Test::Query { .. } => return None,
        Test::Like(pattern) if pattern.matches_all() => Literal::any(),
        Test::Like(_) | Test::Number(_) | Test::Bool(_) | Test::Compare(..) | Test::Cidr(_)
            if kind == FieldKind::Text =>
        {
            let reason = "is analysed text, which is matched word by word";
            return is(site.refuse(Construct::AnalysedText, reason));
        }
        Test::Like(pattern) if kind.is_string() => lower_pattern(pattern, &mut site),
        Test::Like(pattern) => return is(lower_typed(pattern, kind, &mut site)),
        Test::Number(number) => return is(lower_number(number, kind, &mut site)),
        Test::Bool(value) if kind == FieldKind::Boolean => Literal::word(value.to_string()),
        Test::Bool(_) if !kind.is_string() => {
            return is(site.refuse(Construct::TypedWildcard, WRONG_TYPE));
        }
        Test::Bool(value) => lower_pattern(&Pattern::text(value.to_string()), &mut site),
        Test::Regex(_) => {
            return refuse(Construct::Regex, "there are no regular expressions", &mut site);
        }
        Test::Compare(order, number) => return lower_comparison(*order, number, &mut site),
        Test::Cidr(network) => {
            let network = (network.network(), network.prefix_len());
            return is(lower_network(network, &mut site));
        }
        Test::FieldRef { .. } => {
            let message = "a field is compared with a value, not with another field";
            return refuse(Construct::FieldReference, message, &mut site);
        }
        Test::Time { .. } => {
            return refuse(
                Construct::TimePart,
                "there are no functions for the parts of a time",
                &mut site,
            );
        }
        Test::Open(open) => match *open {},
    };
    is(Some(site.value(literal)))
}

/// A value that is compared by `:`.
fn is(value: Option<Value>) -> Option<(Relation, Value)> {
    value.map(|value| (Relation::Is, value))
}

fn refuse(construct: Construct, message: &str, site: &mut Site) -> Option<(Relation, Value)> {
    site.ledger.refuse(construct, &site.predicate.origin, message);
    None
}

const WRONG_TYPE: &str = "is not text, and this is no value of its type";

/// A `long` of Elasticsearch has 64 bits.
fn fits_long(text: &str) -> bool {
    Number::canonical(text).is_some_and(|number| number.as_str().parse::<i64>().is_ok())
}

/// A test, its field and its place.
struct Site<'s> {
    field: &'s Field,
    predicate: &'s Predicate<Mapped>,
    polarity: Polarity,
    ledger: &'s mut Ledger,
}

impl Site<'_> {
    fn lose(&mut self, kind: LossKind, direction: Direction, message: &str) {
        self.ledger.lose(kind, (direction, self.polarity), &self.predicate.origin, message);
    }

    fn refuse(&mut self, construct: Construct, reason: &str) -> Option<Value> {
        let message = format!("`{}` {reason}", self.field.name);
        self.ledger.refuse(construct, &self.predicate.origin, message);
        None
    }

    fn value(&self, literal: Literal) -> Value {
        Value { literal, origin: self.predicate.origin.clone() }
    }
}

/// A pattern on a field of exact text.
fn lower_pattern(pattern: &Pattern, site: &mut Site) -> Literal {
    let has_case = pattern.texts().flat_map(str::chars).any(|it| siblings(it).len() > 1);
    if has_case && !pattern.is_cased() && !site.field.facts.canonical_case {
        site.lose(
            LossKind::Case,
            Direction::Narrower,
            "upper and lower case matter, and only the case as written is found",
        );
    }
    if let Some(text) = pattern.as_text() {
        return Literal::Quoted(text.to_owned());
    }
    if pattern.has_any_char() {
        site.lose(
            LossKind::Wildcard,
            Direction::Wider,
            "`?` becomes `*`, which is any number of characters",
        );
    }
    let splits = site.field.facts.kind != FieldKind::Keyword;
    if splits && pattern.texts().any(|text| text.contains(char::is_whitespace)) {
        site.lose(
            LossKind::Tokens,
            Direction::Wider,
            "a space in a pattern becomes `*`, since Kibana splits the pattern there",
        );
    }
    let mut parts = unquoted_parts(pattern, splits);
    if open_ends(&mut parts) {
        site.lose(
            LossKind::Tokens,
            Direction::Wider,
            "a space at the end of a pattern becomes `*`, since Kibana trims it",
        );
    }
    Literal::Unquoted(parts)
}

/// White space at the ends of an unquoted value is trimmed, escaped or not. True if there was any.
fn open_ends(parts: &mut Vec<Option<String>>) -> bool {
    let mut opened = false;
    if let Some(Some(first)) = parts.first_mut()
        && first.starts_with(char::is_whitespace)
    {
        *first = first.trim_start().to_owned();
        parts.insert(0, None);
        opened = true;
    }
    if let Some(Some(last)) = parts.last_mut()
        && last.ends_with(char::is_whitespace)
    {
        *last = last.trim_end().to_owned();
        parts.push(None);
        opened = true;
    }
    parts.retain(|part| part.as_deref() != Some(""));
    parts.dedup_by(|next, last| next.is_none() && last.is_none());
    opened
}

/// Texts and runs; no two texts and no two runs are neighbours.
fn unquoted_parts(pattern: &Pattern, splits: bool) -> Vec<Option<String>> {
    let mut parts: Vec<Option<String>> = Vec::new();
    for part in pattern.parts() {
        let Part::Text(text) = part else {
            parts.push(None);
            continue;
        };
        for (index, piece) in text.split(|it: char| splits && it.is_whitespace()).enumerate() {
            parts.extend((index > 0).then_some(None));
            parts.extend((!piece.is_empty()).then(|| Some(piece.to_owned())));
        }
    }
    parts.dedup_by(|next, last| next.is_none() && last.is_none());
    parts
}

/// A pattern on a field that is not text: only a whole value of that type can match.
fn lower_typed(pattern: &Pattern, kind: FieldKind, site: &mut Site) -> Option<Value> {
    let Some(text) = pattern.as_text() else {
        return site.refuse(Construct::TypedWildcard, WRONG_TYPE);
    };
    let boolean = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    match kind {
        FieldKind::Long if fits_long(text) => Some(site.value(Literal::word(text))),
        FieldKind::Boolean if boolean => Some(site.value(Literal::word(text.to_ascii_lowercase()))),
        FieldKind::Ip if text.parse::<std::net::IpAddr>().is_ok() => {
            Some(site.value(Literal::Quoted(text.to_owned())))
        }
        FieldKind::Keyword
        | FieldKind::Wildcard
        | FieldKind::Text
        | FieldKind::Long
        | FieldKind::Boolean
        | FieldKind::Ip
        | FieldKind::Date => site.refuse(Construct::TypedWildcard, WRONG_TYPE),
    }
}

fn lower_number(number: &Number, kind: FieldKind, site: &mut Site) -> Option<Value> {
    match kind {
        FieldKind::Long if fits_long(number.as_str()) => {
            Some(site.value(Literal::word(number.as_str())))
        }
        FieldKind::Keyword | FieldKind::Wildcard => {
            Some(site.value(Literal::Quoted(number.as_str().to_owned())))
        }
        FieldKind::Long
        | FieldKind::Text
        | FieldKind::Ip
        | FieldKind::Boolean
        | FieldKind::Date => site.refuse(Construct::TypedWildcard, WRONG_TYPE),
    }
}
