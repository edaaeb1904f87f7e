//! The ledger of a query: what was lost while it was made, and what had to be refused.

use isogloss_compiler::ir::{Direction, Loss, LossKind, Origin, Polarity};

use crate::backend::Refusal;
use crate::capability::Construct;

/// Collects losses, one a kind, and refusals.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    losses: Vec<Loss>,
    refusals: Vec<Refusal>,
}

impl Ledger {
    /// A ledger that starts with what the mapping of fields and log sources lost.
    pub fn with(losses: &[Loss]) -> Self {
        let mut ledger = Self::default();
        for loss in losses {
            ledger.record(loss.clone());
        }
        ledger
    }

    /// Records a loss at a place of the rule. `direction` is what happens at that place.
    pub fn lose(
        &mut self,
        kind: LossKind,
        (direction, polarity): (Direction, Polarity),
        origin: &Origin,
        message: &str,
    ) {
        let direction = direction.at(polarity);
        self.record(Loss { kind, direction, message: message.to_owned(), origin: origin.clone() });
    }

    /// Records that a scope is a macro, which the target does not have.
    pub fn lose_macro(&mut self, name: &str, origin: &Origin) {
        let message = format!("the macro `{name}` is the scope, and the target has no macros");
        self.lose(
            LossKind::UnscopedLogsource,
            (Direction::Wider, Polarity::Positive),
            origin,
            &message,
        );
    }

    /// Records that the target cannot say something.
    pub fn refuse(&mut self, construct: Construct, origin: &Origin, message: impl Into<String>) {
        let message = message.into();
        self.refusals.push(Refusal::Unsupported { construct, message, origin: origin.clone() });
    }

    /// Adds a loss whose direction is that of the whole rule.
    pub fn add(&mut self, loss: Loss) {
        self.record(loss);
    }

    /// Takes over what another ledger holds; `turn` says what the direction of a loss becomes.
    pub fn take(&mut self, other: Self, turn: impl Fn(Direction) -> Direction) {
        self.refusals.extend(other.refusals);
        for loss in other.losses {
            self.record(Loss { direction: turn(loss.direction), ..loss });
        }
    }

    /// Adds what was refused elsewhere.
    pub(crate) fn add_refusal(&mut self, refusal: Refusal) {
        self.refusals.push(refusal);
    }

    /// All losses, or all refusals if there are any.
    pub fn close(self) -> Result<Vec<Loss>, Vec<Refusal>> {
        if self.refusals.is_empty() { Ok(self.losses) } else { Err(self.refusals) }
    }

    /// What was made, with all losses, or all refusals. `made` is `None` only after something was refused.
    pub fn close_with<T>(self, made: Option<T>) -> Result<(T, Vec<Loss>), Vec<Refusal>> {
        let losses = self.close()?;
        made.map(|made| (made, losses)).ok_or_else(Vec::new)
    }

    /// One loss a kind: places are joined, directions too.
    fn record(&mut self, loss: Loss) {
        match self.losses.iter_mut().find(|known| known.kind == loss.kind) {
            Some(known) => {
                known.direction = known.direction.and(loss.direction);
                known.origin = known.origin.join(&loss.origin);
            }
            None => self.losses.push(loss),
        }
    }
}
