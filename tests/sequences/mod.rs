//! Correlations with events for them, drawn by lot. The same number always gives the same ones.

#[path = "../generator/chance.rs"]
mod chance;
mod event;
mod rule;

use serde_json::{Map, Value};

use chance::Chance;
use rule::{Fields, Place};

/// A correlation, its pipeline, and sequences of events.
pub(crate) struct Drawn {
    /// The rules, the correlation last.
    pub(crate) rules: String,
    /// The pipeline, if there is one.
    pub(crate) pipeline: Option<String>,
    pub(crate) sequences: Vec<Vec<Drop>>,
}

/// An event of a sequence.
pub(crate) struct Drop {
    /// In Sigma's fields, with the field `src` that tells its log sources.
    pub(crate) sigma: Map<String, Value>,
    /// In the fields of the platform.
    pub(crate) mapped: Map<String, Value>,
    /// In nanoseconds.
    pub(crate) time: Option<i128>,
}

pub(crate) fn draw(number: usize) -> Drawn {
    let mut chance = Chance::new("correlations", number);
    let fields = Fields::draw(&mut chance);
    let place = Place::draw(&mut chance);
    let made = rule::draw(&mut chance, &fields, &place);
    let sequences =
        (0..3).map(|_| event::draw(&mut chance, &fields, &place, made.timespan)).collect();
    Drawn { rules: made.text, pipeline: place.pipeline(&fields), sequences }
}
