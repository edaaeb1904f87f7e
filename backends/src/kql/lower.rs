//! IR to KQL tree. All meaning is decided here.
//!
//! KQL compares exact text with case, has `*` but no `?`, and no regular expressions. What it cannot
//! say is widened with a loss, or refused. Analysed text and the text of an event are searched by words.

mod exact;
mod range;
mod regex;
mod threshold;
mod words;

use isogloss_compiler::ir::{
    self, Direction, Field, FieldKind, Item, Linked, Loss, LossKind, Mapped, Origin, Pattern,
    Polarity, Predicate, Rule, Test,
};

use super::ast::{self, Comparison, Expr, Kind, Literal, Query, Value, Values};
use super::parse::parse;
use super::print::print_field;
use crate::backend::{Refusal, parse_raw};
use crate::capability::Construct;
use crate::loss::Ledger;
use exact::{lower_number, lower_pattern, lower_typed};
use range::{lower_comparison, lower_network};
use regex::lower_regex;
pub use threshold::lower_correlation;
use words::{lower_keyword, lower_words};

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
        let kinds = fields.map(|field| (field.name.clone(), Kind::of(&field.facts))).collect();
        let scope = Expr::all(category.into_iter().chain(terms));
        Ok((Query { scope, condition, kinds }, losses))
    };
    conditions.iter().map(lower_one).collect()
}

fn category_term(category: &str, origin: &Origin) -> Expr {
    let literal = Literal::Quoted(category.to_owned());
    let value = Values::One(Value { literal, origin: origin.clone() });
    Expr::Comparison(Comparison {
        field: "event.category".into(),
        test: ast::Test::Is(value),
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

fn lower_item(item: &Item<Mapped>, polarity: Polarity, ledger: &mut Ledger) -> Option<Expr> {
    let inner = polarity.under(item);
    let joined = if let Some(field) = &item.field {
        lower_field(item, field, inner, ledger)
    } else {
        let words = item.predicates.iter().map(|it| lower_keyword(it, inner, ledger));
        let words: Vec<_> = words.collect();
        join(item, words.into_iter().flatten())
    }?;
    Some(if item.negated { Expr::negate(joined) } else { joined })
}

fn join(item: &Item<Mapped>, exprs: impl IntoIterator<Item = Expr>) -> Option<Expr> {
    match item.link {
        ir::Link::Any => Expr::any(exprs),
        ir::Link::All => Expr::all(exprs),
    }
}

/// Values that are compared by `:` are one comparison. Null is said by a negation, so it stands apart.
fn lower_field(
    item: &Item<Mapped>,
    field: &Field,
    polarity: Polarity,
    ledger: &mut Ledger,
) -> Option<Expr> {
    let comparison = |test: ast::Test| {
        let (field, origin) = (field.name.as_str().into(), item.origin.clone());
        Expr::Comparison(Comparison { field, test, origin })
    };
    let (mut values, mut others) = (Vec::new(), Vec::new());
    let mut null: Option<Origin> = None;
    for predicate in &item.predicates {
        if predicate.test == Test::Null {
            let origin = &predicate.origin;
            null = Some(null.map_or_else(|| origin.clone(), |it| it.join(origin)));
        } else if let Test::Query { .. } = predicate.test {
            let query = parse_raw(predicate, &print_field(&field.name), parse, ledger);
            others.extend(query.map(|it| it.condition.from_place(&predicate.origin)));
        } else {
            match lower_test(&mut Site { field, predicate, polarity, ledger }) {
                Some(ast::Test::Is(value)) => values.push(value),
                Some(range @ ast::Test::Range(..)) => others.push(comparison(range)),
                None => {}
            }
        }
    }
    let values = match item.link {
        ir::Link::Any => Values::any(values),
        ir::Link::All => Values::all(values),
    };
    let present = values.map(|it| comparison(ast::Test::Is(it)));
    let absent = null.map(|origin| {
        let value = Values::One(Value { literal: Literal::any(), origin });
        Expr::negate(comparison(ast::Test::Is(value)))
    });
    join(item, present.into_iter().chain(others).chain(absent))
}

/// How a test compares and with what, or `None` after it was refused.
fn lower_test(site: &mut Site) -> Option<ast::Test> {
    let kind = site.field.facts.kind;
    let predicate = site.predicate;
    let value = match &predicate.test {
        // Both are expressions of their own.
        Test::Null | Test::Query { .. } => None,
        Test::Like(pattern) if pattern.matches_all() => Some(site.value(Literal::any())),
        Test::Like(pattern) => match kind {
            FieldKind::Text => lower_words(pattern, site),
            FieldKind::Keyword | FieldKind::Wildcard => Some(lower_pattern(pattern, site)),
            FieldKind::Long | FieldKind::Ip | FieldKind::Boolean | FieldKind::Date => {
                lower_typed(pattern, site)
            }
        },
        Test::Number(number) => lower_number(number, site),
        Test::Bool(value) => {
            let value = Pattern::text(value.to_string());
            match kind {
                FieldKind::Text => lower_words(&value, site),
                FieldKind::Keyword | FieldKind::Wildcard => Some(lower_pattern(&value, site)),
                FieldKind::Boolean => lower_typed(&value, site),
                FieldKind::Long | FieldKind::Ip | FieldKind::Date => site.refuse_type(),
            }
        }
        Test::Regex(regex) => lower_regex(regex, site),
        Test::Compare(order, number) => {
            let (relation, bound) = lower_comparison(*order, number, site)?;
            return Some(ast::Test::Range(relation, bound));
        }
        Test::Cidr(network) => lower_network((network.network(), network.prefix_len()), site),
        Test::FieldRef { .. } => {
            let message = "a field is compared with a value, not with another field";
            site.refuse_all(Construct::FieldReference, message)
        }
        Test::Time { .. } => {
            let message = "there are no functions for the parts of a time";
            site.refuse_all(Construct::TimePart, message)
        }
        Test::Open(open) => match *open {},
    };
    value.map(ast::Test::Is)
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

    /// What no field can be asked for.
    fn refuse_all<T>(&mut self, construct: Construct, message: &str) -> Option<T> {
        self.ledger.refuse(construct, &self.predicate.origin, message);
        None
    }

    /// What this field cannot be asked for.
    fn refuse<T>(&mut self, construct: Construct, reason: &str) -> Option<T> {
        let message = format!("`{}` {reason}", self.field.name);
        self.refuse_all(construct, &message)
    }

    /// A value that the field cannot hold.
    fn refuse_type<T>(&mut self) -> Option<T> {
        let reason = "is not text, and this is no value of its type";
        self.refuse(Construct::TypedWildcard, reason)
    }

    fn value(&self, literal: Literal) -> Values {
        Values::One(self.one(literal))
    }

    fn one(&self, literal: Literal) -> Value {
        Value { literal, origin: self.predicate.origin.clone() }
    }
}
