//! What leaving parts out does to the answer of a rule.
//!
//! An item that is left out of an `and` makes the rest hold for more events, out of an `or` for fewer.
//! If nothing of a chain stays, the same is asked of the chain around it, and at last of the
//! conditions.

use indexmap::IndexMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Condition, Direction, Expr, Item, Origin, Origins, Polarity, Sigma};

/// Something that is left out.
#[derive(Debug)]
pub(super) struct Gone {
    /// What is lost, in one sentence.
    pub(super) message: String,
    /// The item.
    pub(super) origin: Origin,
}

/// What became of a part of a detection.
pub(super) enum Outcome {
    /// This is in its place.
    Stays(Expr<Sigma>),
    /// Nothing is in its place.
    Leaves(Vec<Gone>),
}

/// Items that are left out, with what that does to the place they stood at.
#[derive(Debug, Default)]
pub(super) struct Decided(pub(super) Vec<(Gone, Direction)>);

impl Decided {
    fn add(&mut self, gone: Vec<Gone>, direction: Direction) {
        self.0.extend(gone.into_iter().map(|it| (it, direction)));
    }
}

/// What is put in the place of an item.
type Replace<'r> = dyn FnMut(&Item<Sigma>, Polarity) -> Outcome + 'r;

/// Rewrites the items of a detection that stands at `place`.
pub(super) fn rewrite(
    expr: &Expr<Sigma>,
    place: Option<Polarity>,
    replace: &mut Replace,
    decided: &mut Decided,
) -> Outcome {
    let mut walk = Walk { place, replace, decided };
    walk.expr(expr, Polarity::Positive)
}

struct Walk<'w, 'r> {
    place: Option<Polarity>,
    replace: &'w mut Replace<'r>,
    decided: &'w mut Decided,
}

impl Walk<'_, '_> {
    fn expr(&mut self, expr: &Expr<Sigma>, polarity: Polarity) -> Outcome {
        match expr {
            Expr::All(operands) => {
                let stay = self.chain(operands, polarity, Direction::Wider);
                stay.map_or_else(Outcome::Leaves, |stay| joined(Expr::all(stay)))
            }
            Expr::Any(operands) => {
                let stay = self.chain(operands, polarity, Direction::Narrower);
                stay.map_or_else(Outcome::Leaves, |stay| joined(Expr::any(stay)))
            }
            Expr::Not(operand) => match self.expr(operand, polarity.turned()) {
                Outcome::Stays(expr) => Outcome::Stays(Expr::negate(expr)),
                leaves @ Outcome::Leaves(_) => leaves,
            },
            Expr::Item(item) => (self.replace)(item, polarity),
        }
    }

    /// The operands that stay; the error is what is left out if none does.
    fn chain(
        &mut self,
        operands: &[Expr<Sigma>],
        polarity: Polarity,
        direction: Direction,
    ) -> Result<Vec<Expr<Sigma>>, Vec<Gone>> {
        let (mut stay, mut gone) = (Vec::with_capacity(operands.len()), Vec::new());
        for operand in operands {
            match self.expr(operand, polarity) {
                Outcome::Stays(expr) => stay.push(expr),
                Outcome::Leaves(more) => gone.extend(more),
            }
        }
        if stay.is_empty() {
            return Err(gone);
        }
        let direction = match self.place {
            Some(place) => direction.at(place.under_another(polarity)),
            None => Direction::Mixed,
        };
        self.decided.add(gone, direction);
        Ok(stay)
    }
}

fn joined(expr: Option<Expr<Sigma>>) -> Outcome {
    expr.map_or_else(|| Outcome::Leaves(Vec::new()), Outcome::Stays)
}

/// Decides about detections of which nothing stays, by the conditions that name them. Where nothing of a
/// condition stays either, the rule is refused, and there is nothing to say.
pub(super) fn decide(
    conditions: &[Condition],
    stays: &dyn Fn(&str) -> bool,
    gone: IndexMap<String, Vec<Gone>>,
    decided: &mut Decided,
) {
    let mut found: Vec<(&str, Direction)> = Vec::new();
    for condition in conditions {
        let _: Result<(), Vec<&str>> = visit(condition, Polarity::Positive, stays, &mut found);
    }
    for (name, gone) in gone {
        let directions = found.iter().filter(|(it, _)| *it == name).map(|it| it.1);
        if let Some(direction) = directions.reduce(Direction::and) {
            decided.add(gone, direction);
        }
    }
}

/// Finds what leaving detections out does. The error has their names if nothing of the condition stays.
fn visit<'c>(
    condition: &'c Condition,
    polarity: Polarity,
    stays: &dyn Fn(&str) -> bool,
    found: &mut Vec<(&'c str, Direction)>,
) -> Result<(), Vec<&'c str>> {
    let (operands, direction) = match condition {
        Condition::All(operands) => (operands, Direction::Wider),
        Condition::Any(operands) => (operands, Direction::Narrower),
        Condition::Not(operand) => return visit(operand, polarity.turned(), stays, found),
        Condition::Detection(name) if stays(name) => return Ok(()),
        Condition::Detection(name) => return Err(vec![name]),
    };
    let mut gone = Vec::new();
    let mut stay = 0_usize;
    for operand in operands {
        match visit(operand, polarity, stays, found) {
            Ok(()) => stay += 1,
            Err(names) => gone.extend(names),
        }
    }
    if stay == 0 {
        return Err(gone);
    }
    found.extend(gone.into_iter().map(|name| (name, direction.at(polarity))));
    Ok(())
}

/// Without any test, a query would find every event of its log source.
pub(super) fn refuse_empty(origin: &Origin, origins: &Origins) -> Diagnostic {
    let span = origins.spans(origin).next().unwrap_or_default();
    let message = "the pipelines leave out everything that a condition of the rule asks for";
    Diagnostic::new(Code::RefusedByPipeline, span, message)
        .with_help("`isogloss explain` shows the rule after each transformation")
}
