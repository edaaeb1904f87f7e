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

use isogloss_compiler::ir::{
    self, Field, Item, Link, Linked, Loss, Mapped, Origin, Part, Pattern, Predicate, Rule, Test,
    siblings,
};

use super::ast::{
    Call, Command, Comparison, Eval, Literal, Operator, Query, RESERVED, Search, Value,
};
use super::parse::parse_search;
use super::print::print_field;
use crate::backend::{Refusal, parse_raw};
use crate::capability::{
    COMPARISON, Construct, FIELD_REFERENCE, NETWORK, RAW_QUERY, TIME_PART, Unsaid,
};
use crate::loss::Ledger;
use crate::pcre;

/// One query a condition, with its losses.
pub fn lower(rule: &Rule<Mapped>) -> Result<Vec<(Query, Vec<Loss>)>, Vec<Refusal>> {
    let Linked { scope, conditions, losses, .. } = &rule.body;
    let lower_one = |condition| {
        let mut ledger = Ledger::with(losses);
        let call = scope.call.as_ref().map(|it| {
            let (name, origin) = (it.name.clone(), scope.origin.clone());
            Search::Call(Call { name, origin, ..Call::default() })
        });
        let category = scope.category.as_deref().filter(|it| *it != "any");
        let category = category.map(|it| category_term(it, &scope.origin));
        let terms = scope.condition.as_ref().map(|it| plan_expr(it, &mut ledger));
        let plan = plan_expr(condition, &mut ledger);
        let condition = plan.above();
        let terms_above = terms.as_ref().and_then(Plan::above);
        let scope = Search::all(call.into_iter().chain(category).chain(terms_above));
        let commands = residue_commands(&terms.into_iter().chain([plan]).collect::<Vec<_>>());
        // A search has to begin with something to find.
        let condition = condition.or_else(|| scope.is_none().then_some(Search::Everything));
        Ok((Query { scope, condition, commands }, ledger.close()?))
    };
    conditions.iter().map(lower_one).collect()
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

/// An expression, divided into what `search` says exactly and residue.
#[derive(Debug, Clone)]
enum Plan {
    All(Vec<Plan>),
    Any(Vec<Plan>),
    Not(Box<Plan>),
    /// `search` says it exactly.
    Exact(Search),
    /// `search` says at most `above`; `exact` is a boolean of `eval` that is never null.
    Residue {
        above: Option<Search>,
        exact: Eval,
        origin: Origin,
    },
}

impl Plan {
    fn has_residue(&self) -> bool {
        match self {
            Self::All(operands) | Self::Any(operands) => operands.iter().any(Self::has_residue),
            Self::Not(operand) => operand.has_residue(),
            Self::Exact(_) => false,
            Self::Residue { .. } => true,
        }
    }

    /// What `search` can say that holds wherever the plan holds; `None` is everything.
    fn above(&self) -> Option<Search> {
        match self {
            Self::All(operands) => Search::all(operands.iter().filter_map(Self::above)),
            Self::Any(operands) => {
                Search::any(operands.iter().map(Self::above).collect::<Option<Vec<_>>>()?)
            }
            Self::Not(operand) => operand.below().map(Search::negate),
            Self::Exact(search) => Some(search.clone()),
            Self::Residue { above, .. } => above.clone(),
        }
    }

    /// What `search` can say that holds nowhere but where the plan holds; `None` is nothing.
    fn below(&self) -> Option<Search> {
        match self {
            Self::All(operands) => {
                Search::all(operands.iter().map(Self::below).collect::<Option<Vec<_>>>()?)
            }
            Self::Any(operands) => Search::any(operands.iter().filter_map(Self::below)),
            Self::Not(operand) => operand.above().map(Search::negate),
            Self::Exact(search) => Some(search.clone()),
            Self::Residue { .. } => None,
        }
    }

    /// The plan with a flag for each residue, in order; `flags` gets what they stand for.
    fn flagged(&self, flags: &mut Vec<(String, Eval)>) -> Option<Search> {
        match self {
            Self::All(operands) => Search::all(operands.iter().filter_map(|it| it.flagged(flags))),
            Self::Any(operands) => Search::any(operands.iter().filter_map(|it| it.flagged(flags))),
            Self::Not(operand) => operand.flagged(flags).map(Search::negate),
            Self::Exact(search) => Some(search.clone()),
            Self::Residue { exact, origin, .. } => {
                let name = format!("sigma_{}", flags.len() + 1);
                let number = |text: &str| Eval::Number(text.to_owned());
                let flag = Eval::call("if", [exact.clone(), number("1"), number("0")]);
                flags.push((name.clone(), flag));
                let value =
                    Value { literal: Literal::Word("1".to_owned()), origin: origin.clone() };
                Some(Search::Comparison(Comparison {
                    field: name,
                    operator: Operator::Equal,
                    values: vec![value],
                    origin: origin.clone(),
                }))
            }
        }
    }
}

/// The commands that make the conjunction of these plans exact.
fn residue_commands(plans: &[Plan]) -> Vec<Command> {
    let conjuncts = plans.iter().flat_map(|plan| match plan {
        Plan::All(operands) => operands.iter().collect(),
        Plan::Any(_) | Plan::Not(_) | Plan::Exact(_) | Plan::Residue { .. } => vec![plan],
    });
    let open: Vec<&Plan> = conjuncts.filter(|it| it.has_residue()).collect();
    let bare = open.iter().map(|it| match it {
        Plan::Residue { exact, .. } => Some(exact.clone()),
        Plan::All(_) | Plan::Any(_) | Plan::Not(_) | Plan::Exact(_) => None,
    });
    match bare.collect::<Option<Vec<_>>>() {
        Some(exact) => Eval::all(exact).map(Command::Where).into_iter().collect(),
        None => flag_commands(&open),
    }
}

fn flag_commands(open: &[&Plan]) -> Vec<Command> {
    let mut flags = Vec::new();
    let searches: Vec<_> = open.iter().filter_map(|it| it.flagged(&mut flags)).collect();
    let exact = Search::all(searches).map(Command::Search);
    let flags = Command::Eval(flags);
    std::iter::once(flags).chain(exact).chain([Command::Drop(vec!["sigma_*".to_owned()])]).collect()
}

fn plan_expr(expr: &ir::Expr<Mapped>, ledger: &mut Ledger) -> Plan {
    match expr {
        ir::Expr::All(operands) => {
            Plan::All(operands.iter().map(|it| plan_expr(it, ledger)).collect())
        }
        ir::Expr::Any(operands) => {
            Plan::Any(operands.iter().map(|it| plan_expr(it, ledger)).collect())
        }
        ir::Expr::Not(operand) => Plan::Not(Box::new(plan_expr(operand, ledger))),
        ir::Expr::Item(item) => plan_item(item, ledger),
    }
}

fn plan_item(item: &Item<Mapped>, ledger: &mut Ledger) -> Plan {
    let parts: Vec<Plan> = match &item.field {
        Some(field) => plan_field(item, field, ledger),
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
fn plan_field(item: &Item<Mapped>, field: &Field, ledger: &mut Ledger) -> Vec<Plan> {
    if let Some(reason) = refuse_name(&field.name) {
        let message = format!("the field name `{}` {reason}", field.name);
        ledger.refuse(Construct::FieldName, &item.origin, message);
        return Vec::new();
    }
    let mut values = Vec::new();
    let mut residues = Vec::new();
    let mut plans = Vec::new();
    for predicate in &item.predicates {
        let value = |literal: Literal| Value { literal, origin: predicate.origin.clone() };
        if matches!(predicate.test, Test::Query { .. }) {
            plans.extend(plan_query(predicate, &print_field(&field.name), ledger));
            continue;
        }
        let planned = match plan_test(predicate) {
            Ok(planned) => planned,
            Err((construct, message)) => {
                ledger.refuse(construct, &predicate.origin, message);
                continue;
            }
        };
        match planned {
            Planned::Null => plans.push(Plan::Exact(Search::negate(equals(
                item,
                field,
                vec![value(anything())],
            )))),
            Planned::Value(literal) => values.push(value(literal)),
            Planned::Residue { above, pattern } => {
                residues.push((value(above), matches(&field.name, pattern, &predicate.origin)));
            }
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
fn any_residue(item: &Item<Mapped>, field: &Field, residues: Vec<(Value, Eval)>) -> Option<Plan> {
    let (above, tests): (Vec<Value>, Vec<Eval>) = residues.into_iter().unzip();
    // A lone `*` says as much as the whole list.
    let above = if above.iter().any(|value| value.literal == anything()) {
        vec![Value { literal: anything(), origin: item.origin.clone() }]
    } else {
        above
    };
    let exact = Eval::call("isnotnull", [Eval::call("mvfilter", [Eval::any(tests)?])]);
    let origin = item.origin.clone();
    Some(Plan::Residue { above: Some(equals(item, field, above)), exact, origin })
}

/// What `search` makes of a test.
enum Planned {
    /// The field has no value.
    Null,
    /// It says the value exactly.
    Value(Literal),
    /// It says at most `above`; the regular expression is exact.
    Residue { above: Literal, pattern: String },
}

fn plan_test(predicate: &Predicate<Mapped>) -> Result<Planned, Unsaid> {
    Ok(match &predicate.test {
        Test::Null => Planned::Null,
        Test::Number(number) => Planned::Value(Literal::Word(number.as_str().to_owned())),
        Test::Bool(value) => Planned::Value(Literal::Quoted(value.to_string())),
        Test::Like(pattern) if pattern.matches_all() => Planned::Value(anything()),
        Test::Like(pattern) if is_searchable(pattern) => Planned::Value(widened(pattern)),
        Test::Like(pattern) => {
            Planned::Residue { above: widened(pattern), pattern: pcre::from_pattern(pattern) }
        }
        Test::Regex(regex) => {
            Planned::Residue { above: anything(), pattern: pcre::from_regex(&regex.tree) }
        }
        Test::Compare(..) => return Err(COMPARISON),
        Test::Cidr(_) => return Err(NETWORK),
        Test::FieldRef { .. } => return Err(FIELD_REFERENCE),
        Test::Time { .. } => return Err(TIME_PART),
        // It was taken out before.
        Test::Query { .. } => return Err(RAW_QUERY),
        Test::Open(open) => match *open {},
    })
}

/// Keywords are searched in the raw text; a word of `search` would only find whole tokens.
fn plan_keyword(predicate: &Predicate<Mapped>, ledger: &mut Ledger) -> Option<Plan> {
    let text = match &predicate.test {
        Test::Like(pattern) => pcre::from_keyword(pattern),
        Test::Regex(regex) => pcre::from_regex(&regex.tree),
        // The other tests need a field. Lowering refuses them on keywords; should one come through, no
        // query may stand for it.
        Test::Number(_)
        | Test::Bool(_)
        | Test::Null
        | Test::Compare(..)
        | Test::Cidr(_)
        | Test::FieldRef { .. }
        | Test::Time { .. } => {
            ledger.refuse(Construct::Keyword, &predicate.origin, "this test needs a field");
            return None;
        }
        Test::Query { .. } => return plan_query(predicate, "_raw", ledger),
        Test::Open(open) => match *open {},
    };
    let exact = Eval::call(
        "isnotnull",
        [Eval::call("mvfilter", [matches("_raw", text, &predicate.origin)])],
    );
    Some(Plan::Residue { above: None, exact, origin: predicate.origin.clone() })
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
