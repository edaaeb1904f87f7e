//! What `search` says of a condition, and the commands for the rest of it.

use isogloss_compiler::ir::{Origin, Polarity};

use super::super::ast::{Command, Comparison, Eval, Literal, Operator, Search, Value};

/// An expression, divided into what `search` says exactly and residue.
#[derive(Debug, Clone)]
pub(super) enum Plan {
    All(Vec<Plan>),
    Any(Vec<Plan>),
    Not(Box<Plan>),
    /// `search` says it exactly.
    Exact(Search),
    /// `search` says it exactly, but not where it is negated in the first command.
    Later(Search),
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
            Self::Later(_) | Self::Residue { .. } => true,
        }
    }

    /// The plan for `tstats`, which leaves out events without a field where a number in it is negated.
    /// `always` tells which fields every event has.
    pub(super) fn for_tstats(self, polarity: Polarity, always: &dyn Fn(&str) -> bool) -> Self {
        let all = |operands: Vec<Self>| {
            operands.into_iter().map(|it| it.for_tstats(polarity, always)).collect()
        };
        match self {
            Self::All(operands) => Self::All(all(operands)),
            Self::Any(operands) => Self::Any(all(operands)),
            Self::Not(operand) => {
                Self::Not(Box::new(operand.for_tstats(polarity.turned(), always)))
            }
            Self::Exact(Search::Comparison(it))
                if polarity == Polarity::Negative && has_number(&it) && !always(&it.field) =>
            {
                Self::Later(Search::Comparison(it))
            }
            Self::Exact(_) | Self::Later(_) | Self::Residue { .. } => self,
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
            Self::Exact(search) | Self::Later(search) => Some(search.clone()),
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
            Self::Later(_) | Self::Residue { .. } => None,
        }
    }

    /// The plan with a flag for each residue, in order; `flags` gets what they stand for.
    fn flagged(&self, flags: &mut Vec<(String, Eval)>) -> Option<Search> {
        match self {
            Self::All(operands) => Search::all(operands.iter().filter_map(|it| it.flagged(flags))),
            Self::Any(operands) => Search::any(operands.iter().filter_map(|it| it.flagged(flags))),
            Self::Not(operand) => operand.flagged(flags).map(Search::negate),
            Self::Exact(search) | Self::Later(search) => Some(search.clone()),
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
pub(super) fn residue_commands(plans: &[Plan]) -> Vec<Command> {
    let conjuncts = plans.iter().flat_map(|plan| match plan {
        Plan::All(operands) => operands.iter().collect(),
        Plan::Any(_) | Plan::Not(_) | Plan::Exact(_) | Plan::Later(_) | Plan::Residue { .. } => {
            vec![plan]
        }
    });
    let open: Vec<&Plan> = conjuncts.filter(|it| it.has_residue()).collect();
    let bare = open.iter().map(|it| match it {
        Plan::Residue { exact, .. } => Some(exact.clone()),
        Plan::All(_) | Plan::Any(_) | Plan::Not(_) | Plan::Exact(_) | Plan::Later(_) => None,
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
    if flags.is_empty() {
        return exact.into_iter().collect();
    }
    let flags = Command::Eval(flags);
    std::iter::once(flags).chain(exact).chain([Command::Drop(vec!["sigma_*".to_owned()])]).collect()
}

/// True if the comparison is with a number.
fn has_number(comparison: &Comparison) -> bool {
    comparison.values.iter().any(|value| match &value.literal {
        Literal::Quoted(text) | Literal::Word(text) => text.parse::<f64>().is_ok(),
    })
}
