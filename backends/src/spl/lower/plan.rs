//! What `search` says of a condition, and the commands for the rest of it.

use isogloss_compiler::ir::{Origin, Polarity};

use super::super::ast::{Command, Comparison, Eval, Literal, Operator, Search, Value};
use super::exact::exact_search;

/// An expression, divided into what `search` says exactly and residue.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// All plans, as one.
    pub(super) fn all(plans: impl IntoIterator<Item = Self>) -> Self {
        let flat = plans.into_iter().flat_map(|plan| match plan {
            Self::All(operands) => operands,
            Self::Any(_)
            | Self::Not(_)
            | Self::Exact(_)
            | Self::Later(_)
            | Self::Residue { .. } => vec![plan],
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
            Self::All(_) => all_above(self),
            Self::Any(operands) => {
                let above = operands.iter().map(Self::above).collect::<Option<Vec<_>>>()?;
                Search::any(if self.has_residue() { without_narrower(above) } else { above })
            }
            Self::Not(operand) => operand.below().map(Search::negate),
            Self::Exact(search) | Self::Later(search) => Some(search.clone()),
            Self::Residue { above, .. } => above.clone(),
        }
    }

    /// The operands of nested conjunctions.
    fn conjuncts(&self) -> Vec<&Self> {
        match self {
            Self::All(operands) => operands.iter().flat_map(Self::conjuncts).collect(),
            Self::Any(_)
            | Self::Not(_)
            | Self::Exact(_)
            | Self::Later(_)
            | Self::Residue { .. } => vec![self],
        }
    }

    /// What `search` does not say of the plan by `above`, as conjuncts.
    fn open(&self) -> Vec<Self> {
        match self {
            Self::All(operands) => operands.iter().flat_map(Self::open).collect(),
            Self::Not(operand) => {
                operand.open_under_not().map(|it| Self::Not(Box::new(it))).into_iter().collect()
            }
            Self::Any(_) => self.has_residue().then(|| self.clone()).into_iter().collect(),
            Self::Exact(_) => Vec::new(),
            Self::Later(_) | Self::Residue { .. } => vec![self.clone()],
        }
    }

    /// The same where the plan stands under a negation: an operand of a disjunction that `search` says
    /// exactly is left out.
    fn open_under_not(&self) -> Option<Self> {
        match self {
            Self::Any(operands) => {
                let mut open: Vec<_> = operands.iter().filter_map(Self::open_under_not).collect();
                if open.len() > 1 { Some(Self::Any(open)) } else { open.pop() }
            }
            Self::All(_)
            | Self::Not(_)
            | Self::Exact(_)
            | Self::Later(_)
            | Self::Residue { .. } => self.has_residue().then(|| self.clone()),
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
            Self::Exact(search) | Self::Later(search) => exact_search(search),
            Self::Residue { exact, .. } => Some(never_null(exact)),
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

/// The same, and false where it is null: `NOT` keeps null.
fn never_null(exact: &Eval) -> Eval {
    if is_never_null(exact) {
        return exact.clone();
    }
    let number = |text: &str| Eval::Number(text.to_owned());
    let flag = Eval::call("if", [exact.clone(), number("1"), number("0")]);
    flag.compare(Operator::Equal, number("1"))
}

fn is_never_null(exact: &Eval) -> bool {
    match exact {
        Eval::All(operands) | Eval::Any(operands) => operands.iter().all(is_never_null),
        Eval::Not(operand) => is_never_null(operand),
        Eval::Call { function, .. } => matches!(function.as_str(), "isnull" | "isnotnull"),
        Eval::Compare { .. }
        | Eval::Minus(..)
        | Eval::Field(_)
        | Eval::Text { .. }
        | Eval::Number(_)
        | Eval::Xor(_)
        | Eval::Chain { .. }
        | Eval::Token(_)
        | Eval::Macro(_)
        | Eval::Search(_) => false,
    }
}

/// The conjunction of what `search` says above each operand. What residue adds to it is left out where
/// another operand says it already.
fn all_above(plan: &Plan) -> Option<Search> {
    let mut said = Vec::new();
    for conjunct in plan.conjuncts() {
        let parts = match conjunct.above() {
            Some(Search::All(parts)) => parts,
            other => other.into_iter().collect(),
        };
        let by_residue = matches!(conjunct, Plan::Residue { .. });
        for search in parts {
            say(Said { search, by_residue }, &mut said);
        }
    }
    Search::all(said.into_iter().map(|it| it.search))
}

/// An operand of a conjunction, and whether it only stands before residue.
struct Said {
    search: Search,
    by_residue: bool,
}

/// What is left out gives its origin to what stands for it.
fn say(mut new: Said, said: &mut Vec<Said>) {
    let known = said.iter_mut().find(|it| implies(&it.search, &new.search));
    if let Some(known) = known.filter(|_| new.by_residue) {
        join_origins(&mut known.search, &new.search);
        return;
    }
    let needless = |old: &mut Said| old.by_residue && implies(&new.search, &old.search);
    for old in said.extract_if(.., needless).collect::<Vec<_>>() {
        join_origins(&mut new.search, &old.search);
    }
    said.push(new);
}

fn join_origins(search: &mut Search, other: &Search) {
    if let (Search::Comparison(it), Search::Comparison(other)) = (search, other) {
        it.origin = it.origin.join(&other.origin);
    }
}

/// Any of these without those that hold only where another one does.
fn without_narrower(operands: Vec<Search>) -> Vec<Search> {
    let mut kept: Vec<Search> = Vec::new();
    for search in operands {
        if !kept.iter().any(|it| implies(&search, it)) {
            kept.retain(|it| !implies(it, &search));
            kept.push(search);
        }
    }
    kept
}

/// True if it is plain to see that `other` holds wherever `search` does: they are equal, or one tests a
/// field and the other says only that the field is there.
fn implies(search: &Search, other: &Search) -> bool {
    let tested = |search: &Search| match search {
        Search::Comparison(it) => Some(it.field.clone()),
        Search::All(_)
        | Search::Any(_)
        | Search::Not(_)
        | Search::Call(_)
        | Search::Term(_)
        | Search::Everything
        | Search::Verbatim(_)
        | Search::Subsearch(_) => None,
    };
    search == other || presence(other).is_some_and(|field| tested(search).as_deref() == Some(field))
}

/// The field, if it is only asked to be there.
fn presence(search: &Search) -> Option<&str> {
    let Search::Comparison(comparison) = search else { return None };
    let [value] = &*comparison.values else { return None };
    let is_there = comparison.operator == Operator::Equal && value.literal == super::anything();
    is_there.then_some(&*comparison.field)
}

/// The commands that make the conjunction of these plans exact.
pub(super) fn residue_commands(plans: &[Plan]) -> Vec<Command> {
    let open: Vec<Plan> = plans.iter().flat_map(Plan::open).collect();
    let bare = open.iter().map(|it| match it {
        Plan::Residue { exact, .. } => Some(exact.clone()),
        Plan::All(_) | Plan::Any(_) | Plan::Not(_) | Plan::Exact(_) | Plan::Later(_) => None,
    });
    match bare.collect::<Option<Vec<_>>>() {
        Some(exact) => Eval::all(exact).map(Command::Where).into_iter().collect(),
        None => flag_commands(&open),
    }
}

fn flag_commands(open: &[Plan]) -> Vec<Command> {
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
        Literal::Call(_) => true,
    })
}
