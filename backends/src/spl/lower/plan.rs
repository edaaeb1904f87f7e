//! What `search` says of a condition, and the commands for the rest of it.

use isogloss_compiler::ir::{Origin, Part, Pattern};

use super::super::ast::{Command, Comparison, Eval, Literal, Operator, Search, Value};
use super::{anything, matches};
use crate::pcre;

/// An expression, divided into what `search` says exactly and residue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
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
    /// All plans, as one.
    pub(super) fn all(plans: impl IntoIterator<Item = Self>) -> Self {
        let flat = plans.into_iter().flat_map(|plan| match plan {
            Self::All(operands) => operands,
            Self::Any(_) | Self::Not(_) | Self::Exact(_) | Self::Residue { .. } => vec![plan],
        });
        let mut flat: Vec<Self> = flat.collect();
        if flat.len() == 1 { flat.remove(0) } else { Self::All(flat) }
    }

    /// Any of the plans, as one.
    pub(super) fn any(mut plans: Vec<Self>) -> Self {
        if plans.len() == 1 { plans.remove(0) } else { Self::Any(plans) }
    }

    fn has_residue(&self) -> bool {
        match self {
            Self::All(operands) | Self::Any(operands) => operands.iter().any(Self::has_residue),
            Self::Not(operand) => operand.has_residue(),
            Self::Exact(_) => false,
            Self::Residue { .. } => true,
        }
    }

    /// What `search` can say that holds wherever the plan holds; `None` is everything.
    pub(super) fn above(&self) -> Option<Search> {
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

    /// The plan as a boolean of `eval` that is never null; `None` if `eval` cannot say a part of it.
    pub(super) fn exact(&self) -> Option<Eval> {
        match self {
            Self::All(operands) => {
                Eval::all(operands.iter().map(Self::exact).collect::<Option<Vec<_>>>()?)
            }
            Self::Any(operands) => {
                Eval::any(operands.iter().map(Self::exact).collect::<Option<Vec<_>>>()?)
            }
            Self::Not(operand) => Some(Eval::Not(Box::new(operand.exact()?))),
            Self::Exact(search) => exact_search(search),
            Self::Residue { exact, .. } => Some(exact.clone()),
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

/// What `search` says, as a boolean of `eval` that is never null.
fn exact_search(search: &Search) -> Option<Eval> {
    match search {
        Search::All(operands) => {
            Eval::all(operands.iter().map(exact_search).collect::<Option<Vec<_>>>()?)
        }
        Search::Any(operands) => {
            Eval::any(operands.iter().map(exact_search).collect::<Option<Vec<_>>>()?)
        }
        Search::Not(operand) => Some(Eval::Not(Box::new(exact_search(operand)?))),
        Search::Comparison(comparison) => exact_comparison(comparison),
        Search::Call(_) | Search::Term(_) | Search::Everything => None,
    }
}

fn exact_comparison(comparison: &Comparison) -> Option<Eval> {
    let Comparison { field, operator, values, .. } = comparison;
    let subject = || Eval::Field(field.clone());
    match operator {
        Operator::Equal => {}
        Operator::NotEqual
        | Operator::Less
        | Operator::LessEqual
        | Operator::Greater
        | Operator::GreaterEqual => return None,
    }
    if values.iter().any(|value| value.literal == anything()) {
        return Some(Eval::call("isnotnull", [subject()]));
    }
    let tests = values.iter().map(|value| {
        let (Literal::Quoted(text) | Literal::Word(text)) = &value.literal;
        matches(field, pcre::from_pattern(&pattern(text)), &value.origin)
    });
    Some(Eval::call("isnotnull", [Eval::call("mvfilter", [Eval::any(tests)?])]))
}

/// The pattern of a value of `search`.
fn pattern(text: &str) -> Pattern {
    let texts = text.split('*').map(|it| Part::Text(it.to_owned()));
    let mut parts: Vec<Part> = texts.flat_map(|it| [Part::AnyRun, it]).collect();
    parts.remove(0);
    Pattern::new(parts)
}

/// The commands that make the conjunction of these plans exact.
pub(super) fn residue_commands(plans: &[Plan]) -> Vec<Command> {
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
