//! IR to SPL tree: a planner. All meaning is decided here.
//!
//! What `search` can say exactly stays in `search`. What it cannot (`?`, a literal `*`, `cased`, `re`,
//! keywords, control characters) is *residue*: `search` keeps an approximation of it, from above or
//! from below as the polarity of the place asks for, and the final command makes the answer exact:
//!
//! - no residue: only `search`;
//! - residue only as positive conjuncts: `search … | where …`;
//! - anything else: flags by `eval`, then `search` over the flags.
//!
//! `mvfilter` tests every value of a field and is never null under `isnotnull`, so residue is right for
//! fields with no, one and several values.

mod correlation;
mod exact;
mod keyword;
mod plan;
mod residue;

use isogloss_compiler::ir::{
    self, Field, Item, Link, Linked, Loss, Mapped, Origin, Part, Pattern, Polarity, Predicate,
    Rule, Scope, Test, siblings,
};

use super::ast::{
    Call, Command, Comparison, Eval, Literal, Operator, Query, RESERVED, Search, Value,
};
use super::parse::parse_search;
use super::print::print_field;
use crate::backend::{Refusal, parse_raw};
use crate::capability::Construct;
use crate::loss::Ledger;
use crate::pcre;
use crate::required::required;
pub(crate) use correlation::within;
pub use correlation::{group_columns, lower_correlation};
use plan::{Plan, residue_commands};
use residue::{Place, Residue};

/// One query a condition, with its losses.
pub fn lower(rule: &Rule<Mapped>) -> Result<Vec<(Query, Vec<Loss>)>, Vec<Refusal>> {
    let Linked { scope, conditions, losses, .. } = &rule.body;
    let lower_one = |condition| {
        let mut ledger = Ledger::with(losses);
        let call = lower_call(scope);
        let terms =
            scope.condition.as_ref().map(|it| plan_expr(it, Polarity::Positive, &mut ledger));
        let plan = plan_expr(condition, Polarity::Positive, &mut ledger);
        let condition = plan.above();
        let terms_above = terms.as_ref().and_then(Plan::above);
        let scope = Search::all(call.into_iter().chain(terms_above));
        let commands = residue_commands(&terms.into_iter().chain([plan]).collect::<Vec<_>>());
        // A search has to begin with something to find.
        let condition = condition.or_else(|| scope.is_none().then_some(Search::Everything));
        Ok((Query { scope, condition, commands }, ledger.close()?))
    };
    conditions.iter().map(lower_one).collect()
}

/// The macro of a scope, and its event category.
fn lower_call(scope: &Scope) -> Option<Search> {
    let call = scope.call.as_ref().map(|it| {
        let (name, origin) = (it.name.clone(), scope.origin.clone());
        Search::Call(Call { name, origin, ..Call::default() })
    });
    let category = scope.category.as_deref().filter(|it| *it != "any");
    let category = category.map(|it| category_term(it, &scope.origin));
    Search::all(call.into_iter().chain(category))
}

/// What `tstats` says of a conjunction at most, and the commands on its rows that make it exact. `always`
/// tells which fields every event has.
pub(crate) fn lower_for_tstats<'e>(
    exprs: impl IntoIterator<Item = &'e ir::Expr<Mapped>>,
    always: &dyn Fn(&str) -> bool,
    ledger: &mut Ledger,
) -> (Option<Search>, Vec<Command>) {
    let plans = exprs
        .into_iter()
        .map(|it| plan_expr(it, Polarity::Positive, ledger).for_tstats(Polarity::Positive, always));
    let plans: Vec<Plan> = plans.collect();
    (Search::all(plans.iter().filter_map(Plan::above)), residue_commands(&plans))
}

/// An event category is a field like any other here.
fn category_term(category: &str, origin: &Origin) -> Search {
    let literal = Literal::Quoted(category.to_owned());
    let values = vec![Value { literal, origin: origin.clone() }];
    Search::Comparison(Comparison {
        field: "event.category".to_owned(),
        operator: Operator::Equal,
        values,
        origin: origin.clone(),
    })
}

fn plan_expr(expr: &ir::Expr<Mapped>, polarity: Polarity, ledger: &mut Ledger) -> Plan {
    match expr {
        ir::Expr::All(operands) => {
            Plan::All(operands.iter().map(|it| plan_expr(it, polarity, ledger)).collect())
        }
        ir::Expr::Any(operands) => {
            Plan::Any(operands.iter().map(|it| plan_expr(it, polarity, ledger)).collect())
        }
        ir::Expr::Not(operand) => {
            Plan::Not(Box::new(plan_expr(operand, polarity.turned(), ledger)))
        }
        ir::Expr::Item(item) => plan_item(item, polarity, ledger),
    }
}

fn plan_item(item: &Item<Mapped>, polarity: Polarity, ledger: &mut Ledger) -> Plan {
    let parts: Vec<Plan> = match &item.field {
        Some(field) => plan_field(item, field, polarity.under(item), ledger),
        None => item.predicates.iter().filter_map(|it| plan_keyword(it, ledger)).collect(),
    };
    let joined = match (parts.len(), item.link) {
        (1, _) => parts.into_iter().next(),
        (_, Link::Any) => Some(Plan::Any(parts)),
        (_, Link::All) => Some(Plan::All(parts)),
    };
    match joined {
        Some(plan) if item.negated => Plan::Not(Box::new(plan)),
        Some(plan) => plan,
        None => Plan::All(Vec::new()),
    }
}

/// Values that `search` says exactly become one list, those that it only approximates another.
fn plan_field(
    item: &Item<Mapped>,
    field: &Field,
    polarity: Polarity,
    ledger: &mut Ledger,
) -> Vec<Plan> {
    if let Some(reason) = refuse_name(&field.name) {
        let message = format!("the field name `{}` {reason}", field.name);
        ledger.refuse(Construct::FieldName, &item.origin, message);
        return Vec::new();
    }
    let mut values = Vec::new();
    let mut residues = Vec::new();
    let mut plans = Vec::new();
    for predicate in &item.predicates {
        let origin = predicate.origin.clone();
        match plan_test(Place { item, field, predicate, polarity }, ledger) {
            None => {}
            Some(Planned::Plan(plan)) => plans.push(plan),
            Some(Planned::Value(literal)) => values.push(Value { literal, origin }),
            Some(Planned::Residue(residue)) => residues.push(residue),
        }
    }
    match item.link {
        Link::Any => {
            plans.extend((!values.is_empty()).then(|| Plan::Exact(equals(item, field, values))));
            plans.extend(any_residue(item, field, residues));
        }
        Link::All => {
            plans.extend(values.into_iter().map(|it| Plan::Exact(equals(item, field, vec![it]))));
            plans.extend(residues.into_iter().filter_map(|it| any_residue(item, field, vec![it])));
        }
    }
    plans
}

/// Raw query text of a pipeline; `None` after it was refused.
fn plan_query(predicate: &Predicate<Mapped>, field: &str, ledger: &mut Ledger) -> Option<Plan> {
    let search = parse_raw(predicate, field, parse_search, ledger)?;
    Some(Plan::Exact(search.from_place(&predicate.origin)))
}

/// Why `search` cannot test a field of this name.
pub(crate) fn refuse_name(name: &str) -> Option<&'static str> {
    if name.is_empty()
        || name.contains(['*', '\'', '`'])
        || name.chars().any(isogloss_compiler::text::is_hidden)
    {
        return Some("cannot be quoted");
    }
    if RESERVED.iter().any(|word| word.eq_ignore_ascii_case(name)) {
        return Some("has a meaning of its own in a search");
    }
    name.starts_with("sigma_").then_some("is kept for the flags of a query")
}

/// Any of these tests, by any value of the field.
fn any_residue(item: &Item<Mapped>, field: &Field, residues: Vec<Residue>) -> Option<Plan> {
    let (above, tests): (Vec<Search>, Vec<Eval>) = residues.into_iter().unzip();
    let exact = Eval::call("isnotnull", [Eval::call("mvfilter", [Eval::any(tests)?])]);
    let origin = item.origin.clone();
    Some(Plan::Residue { above: Search::any(one_list(item, field, above)), exact, origin })
}

/// Values of one field become one list. A lone `*` says as much as all of them.
fn one_list(item: &Item<Mapped>, field: &Field, above: Vec<Search>) -> Vec<Search> {
    let mut values = Vec::new();
    let mut others = Vec::new();
    for search in above {
        // Whether a list takes subnets is not documented.
        if let Search::Comparison(it) = &search
            && it.operator == Operator::Equal
            && !has_subnet(it)
        {
            it.values.iter().for_each(|value| push_value(value.clone(), &mut values));
        } else {
            others.push(search);
        }
    }
    if values.iter().any(|value| value.literal == anything()) {
        let value = Value { literal: anything(), origin: item.origin.clone() };
        return vec![equals(item, field, vec![value])];
    }
    let list = (!values.is_empty()).then(|| equals(item, field, values));
    list.into_iter().chain(others).collect()
}

/// A value that is there already gets one more place that it comes from.
fn push_value(value: Value, values: &mut Vec<Value>) {
    match values.iter_mut().find(|it| it.literal == value.literal) {
        Some(known) => known.origin = known.origin.join(&value.origin),
        None => values.push(value),
    }
}

fn has_subnet(comparison: &Comparison) -> bool {
    comparison.values.iter().any(|value| match &value.literal {
        Literal::Quoted(text) | Literal::Word(text) => is_subnet(text),
        Literal::Call(_) => false,
    })
}

/// What becomes of a test.
enum Planned {
    /// `search` says the value exactly.
    Value(Literal),
    /// `search` says at most the one, and the other is exact for each value.
    Residue(Residue),
    /// Something of its own.
    Plan(Plan),
}

/// `None` after it was refused.
fn plan_test(place: Place, ledger: &mut Ledger) -> Option<Planned> {
    let Place { item, field, predicate, .. } = place;
    let list = |literals: Vec<Literal>| {
        let value = |literal| Value { literal, origin: predicate.origin.clone() };
        equals(item, field, literals.into_iter().map(value).collect())
    };
    let test = |pattern: String| matches(&field.name, pattern, &predicate.origin);
    Some(match &predicate.test {
        Test::Null => Planned::Plan(Plan::Exact(Search::negate(list(vec![anything()])))),
        Test::Number(number) => Planned::Value(Literal::Word(number.as_str().to_owned())),
        Test::Bool(value) => Planned::Value(Literal::Quoted(value.to_string())),
        Test::Like(pattern) if pattern.matches_all() => Planned::Value(anything()),
        Test::Like(pattern) if is_searchable(pattern) => Planned::Value(widened(pattern)),
        Test::Like(pattern) => {
            Planned::Residue((list(vec![widened(pattern)]), test(pcre::from_pattern(pattern))))
        }
        Test::Regex(regex) => {
            let around = |text: String| Literal::Quoted(format!("*{text}*"));
            let above = required(&regex.tree)
                .map_or_else(|| vec![anything()], |texts| texts.into_iter().map(around).collect());
            Planned::Residue((list(above), test(pcre::from_regex(&regex.tree))))
        }
        Test::Compare(order, number) => {
            Planned::Residue(residue::compare(place, *order, number, ledger))
        }
        Test::Cidr(network) => {
            Planned::Residue(residue::network(place, network.network(), network.prefix_len()))
        }
        Test::FieldRef { field: other, anchor } => {
            let (above, exact) = residue::reference(place, other, *anchor, ledger)?;
            let origin = item.origin.join(&predicate.origin);
            Planned::Plan(Plan::Residue { above: Some(above), exact, origin })
        }
        Test::Time { part, comparison, number } => {
            Planned::Residue(residue::time(place, *part, (*comparison, *number), ledger)?)
        }
        Test::Query { .. } => {
            Planned::Plan(plan_query(predicate, &print_field(&field.name), ledger)?)
        }
        Test::Open(open) => match *open {},
    })
}

/// Keywords are searched in the raw text; a word of `search` would only find whole tokens.
fn plan_keyword(predicate: &Predicate<Mapped>, ledger: &mut Ledger) -> Option<Plan> {
    let origin = &predicate.origin;
    let (above, text) = match &predicate.test {
        Test::Like(pattern) => {
            (keyword::pattern_terms(pattern, origin), pcre::from_keyword(pattern))
        }
        Test::Regex(regex) => (keyword::regex_terms(regex, origin), pcre::from_regex(&regex.tree)),
        // The other tests need a field. Lowering refuses them on keywords; should one come through, no
        // query may stand for it.
        Test::Number(_)
        | Test::Bool(_)
        | Test::Null
        | Test::Compare(..)
        | Test::Cidr(_)
        | Test::FieldRef { .. }
        | Test::Time { .. } => {
            ledger.refuse(Construct::Keyword, origin, "this test needs a field");
            return None;
        }
        Test::Query { .. } => return plan_query(predicate, "_raw", ledger),
        Test::Open(open) => match *open {},
    };
    let exact = Eval::call("isnotnull", [Eval::call("mvfilter", [matches("_raw", text, origin)])]);
    Some(Plan::Residue { above, exact, origin: origin.clone() })
}

/// True if `search` says exactly the pattern. A whole value in the form of an address or a subnet
/// would match as one.
fn is_searchable(pattern: &Pattern) -> bool {
    let plain = pattern
        .texts()
        .all(|text| !text.contains(|it: char| it == '*' || isogloss_compiler::text::is_hidden(it)));
    let caseless = !pattern.is_cased() || pattern.texts().flat_map(str::chars).all(has_no_case);
    plain && caseless && !pattern.has_any_char() && !pattern.as_text().is_some_and(is_subnet)
}

fn has_no_case(character: char) -> bool {
    siblings(character).len() < 2
}

fn is_subnet(text: &str) -> bool {
    let (address, length) = text.split_once('/').unwrap_or((text, "0"));
    address.parse::<std::net::IpAddr>().is_ok()
        && length.parse::<u8>().is_ok()
        && text.contains('/')
}

/// The nearest pattern above that has only `*` as wildcard.
fn widened(pattern: &Pattern) -> Literal {
    let mut wide = String::new();
    for part in pattern.parts() {
        match part {
            Part::AnyRun | Part::AnyChar => wide.push('*'),
            Part::Text(text) => wide.extend(
                text.chars()
                    .map(|it| if isogloss_compiler::text::is_hidden(it) { '*' } else { it }),
            ),
        }
    }
    while wide.contains("**") {
        wide = wide.replace("**", "*");
    }
    if wide == "*" { anything() } else { Literal::Quoted(wide) }
}

/// A search for every event that has a value of the field.
fn has_value(field: &str) -> Search {
    let value = Value { literal: anything(), origin: Origin::default() };
    let (field, origin) = (field.to_owned(), Origin::default());
    Search::Comparison(Comparison { field, operator: Operator::Equal, values: vec![value], origin })
}

/// `*`: the field has a value.
fn anything() -> Literal {
    Literal::Word("*".to_owned())
}

fn equals(item: &Item<Mapped>, field: &Field, values: Vec<Value>) -> Search {
    Search::Comparison(Comparison {
        field: field.name.clone(),
        operator: Operator::Equal,
        values,
        origin: item.origin.clone(),
    })
}

/// True for a value of the field that the regular expression matches.
fn matches(field: &str, pattern: String, origin: &Origin) -> Eval {
    let pattern = Eval::Text { text: pattern, origin: origin.clone() };
    Eval::call("match", [Eval::Field(field.to_owned()), pattern])
}
