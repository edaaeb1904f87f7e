//! What a difference in the events that a correlation counts does to its answer.

use isogloss_compiler::ast::Relation;
use isogloss_compiler::ir::{
    Base, Comparison, Condition, Direction, Mapped, Measure, Polarity, Trigger,
};

/// What more or fewer events do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// More events, more matches.
    Keep,
    /// More events, fewer matches.
    Turn,
    /// Either may happen.
    Mix,
}

impl Effect {
    /// What it does to the windows that are asked that they hold more events.
    pub(super) fn of(trigger: &Trigger<Mapped>) -> Self {
        match trigger {
            Trigger::Bounds { measure, bounds } => {
                let effects = bounds.iter().map(|bound| Self::of_relation(bound.relation));
                let bounds = effects.reduce(Self::and).unwrap_or(Self::Mix);
                if grows(measure) { bounds } else { Self::Mix }
            }
            Trigger::Extended(condition) => {
                let names = condition.names();
                let effects = names.iter().map(|name| Self::of_name(condition, name));
                effects.reduce(Self::and).unwrap_or(Self::Mix)
            }
        }
    }

    /// What the events of one rule do, which are events at which the condition may hold, too: without an
    /// event more windows may have few enough events, but the window that ends there is not asked.
    pub(super) fn of_base(trigger: &Trigger<Mapped>, base: &Base<Mapped>) -> Self {
        let counted = match trigger {
            Trigger::Bounds { .. } => Self::of(trigger),
            Trigger::Extended(condition) => Self::of_name(condition, &base.name),
        };
        counted.and(Self::Keep)
    }

    /// What the events of any rule do.
    pub(super) fn of_events(trigger: &Trigger<Mapped>) -> Self {
        Self::of(trigger).and(Self::Keep)
    }

    /// What the events of a rule do to an extended condition.
    fn of_name(condition: &Condition, name: &str) -> Self {
        let mut effect = None;
        walk(condition, Polarity::Positive, &mut |found, polarity| {
            if found == name {
                let here = match polarity {
                    Polarity::Positive => Self::Keep,
                    Polarity::Negative => Self::Turn,
                };
                effect = Some(effect.map_or(here, |known: Self| known.and(here)));
            }
        });
        effect.unwrap_or(Self::Keep)
    }

    fn of_relation(relation: Relation) -> Self {
        match relation {
            Relation::Compare(Comparison::Greater | Comparison::GreaterEqual) => Self::Keep,
            Relation::Compare(Comparison::Less | Comparison::LessEqual) => Self::Turn,
            Relation::Equal | Relation::NotEqual => Self::Mix,
        }
    }

    /// What both do.
    pub(super) fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Mix }
    }

    /// The direction for the correlation of a loss of its events.
    pub(super) fn apply(self, direction: Direction) -> Direction {
        match self {
            Self::Keep => direction,
            Self::Turn => direction.at(Polarity::Negative),
            Self::Mix => Direction::Mixed,
        }
    }
}

/// True if a measure never gets smaller by one more event. A number may be negative.
fn grows(measure: &Measure<Mapped>) -> bool {
    match measure {
        Measure::Events | Measure::Distinct(_) | Measure::Rules | Measure::RulesInOrder => true,
        Measure::Sum(_) | Measure::Mean(_) | Measure::Percentile(..) => false,
    }
}

fn walk(condition: &Condition, polarity: Polarity, visit: &mut dyn FnMut(&str, Polarity)) {
    match condition {
        Condition::All(operands) | Condition::Any(operands) => {
            for operand in operands {
                walk(operand, polarity, visit);
            }
        }
        Condition::Not(operand) => walk(operand, polarity.turned(), visit),
        Condition::Detection(name) => visit(name, polarity),
    }
}
