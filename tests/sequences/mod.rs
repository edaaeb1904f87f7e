//! Correlations with events for them, drawn by lot, and what is found of them. The same number always gives
//! the same ones.

#[path = "../generator/chance.rs"]
mod chance;
mod event;
mod rule;

use std::borrow::Cow;
use std::sync::Arc;

use isogloss_backends::{Backend, Refusal, TimedTrial};
use isogloss_compiler::ir::{
    self, AnyRule, Correlation, Direction, Event, Mapped, Rule, Sigma, Timed,
};
use isogloss_compiler::pipeline::{Pipelines, parse_pipeline};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index};
use serde_json::{Map, Value};

use chance::Chance;
use rule::{Fields, Place};

/// So many correlations are drawn, unless another number is given.
const CORRELATIONS: usize = 1500;

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

/// `CORRELATIONS=10000` draws so many correlations.
pub(crate) fn how_many() -> usize {
    let many = std::env::var("CORRELATIONS").ok();
    many.map_or(CORRELATIONS, |it| it.parse().expect("a number"))
}

/// The last rule of a text.
pub(crate) fn read(text: &str) -> Result<Correlation<Sigma>, String> {
    let source = SourceMap::new().add("drawn.yml", text);
    let index = Index::new(vec![File::read(source, text)]);
    let mut found = Vec::new();
    let mut last = None;
    for (id, _, document) in index.rules() {
        found.extend(document.diagnostics.iter().cloned());
        last = index.lower(id, &mut found);
    }
    match last {
        Some(AnyRule::Correlation(correlation)) if correlation.metadata.title == "Drawn outer" => {
            Ok(correlation)
        }
        _ => Err(found.last().map(|it| it.message.clone()).unwrap_or_default()),
    }
}

/// The pipeline of this text, or none.
pub(crate) fn pipelines(text: Option<&str>) -> Pipelines {
    let Some(text) = text else { return Pipelines::default() };
    let source = SourceMap::new().add("pipeline.yml", text);
    let mut found = Vec::new();
    let pipeline = parse_pipeline(source, text, &|_| Err(String::new()), &mut found);
    assert!(found.is_empty(), "{found:?}");
    Pipelines::new(vec![Arc::new(pipeline.expect("a pipeline"))])
}

/// The places at which the correlation matches. With a pipeline the field `src` is the log source.
pub(crate) fn meant(correlation: &Correlation<Sigma>, events: &[Drop], scoped: bool) -> Vec<usize> {
    let events: Vec<Timed<Sigma>> = events
        .iter()
        .map(|it| Timed { event: Cow::Owned(Event::new(it.sigma.clone())), time: it.time })
        .collect();
    ir::correlate(correlation, &events, &|rule: &Rule<Sigma>, event: &Event<Sigma>| {
        let source = rule.logsource.category.as_deref().unwrap_or_default();
        let is_in = |it: &str| it == source || it == "both" && source != "three";
        (!scoped || event.values("src").iter().any(|it| is_in(it.text())))
            && ir::evaluate_conditions(rule, event).contains(&true)
    })
}

/// The places at which a target finds the correlation.
pub(crate) fn found_by(
    target: &dyn Backend,
    correlation: &Correlation<Mapped>,
    events: &[Drop],
) -> Result<Vec<usize>, Vec<Refusal>> {
    let mapped: Vec<Event<Mapped>> =
        events.iter().map(|it| Event::new(it.mapped.clone())).collect();
    let pairs = mapped.iter().zip(events);
    let trials: Vec<TimedTrial> =
        pairs.map(|(event, drop)| TimedTrial { event, time: drop.time }).collect();
    let answers = target.evaluate_correlation(correlation, &trials)?;
    let places = answers.found.iter().enumerate().filter(|(_, found)| **found);
    Ok(places.map(|(place, _)| place).collect())
}

/// True if what is found differs from what is wanted in this direction at most.
pub(crate) fn allowed(direction: Option<Direction>, wanted: &[usize], found: &[usize]) -> bool {
    match direction {
        None => wanted == found,
        Some(Direction::Wider) => wanted.iter().all(|it| found.contains(it)),
        Some(Direction::Narrower) => found.iter().all(|it| wanted.contains(it)),
        Some(Direction::Mixed) => true,
    }
}

/// Events, one a line.
pub(crate) fn shown(events: &[Drop]) -> String {
    let line = |(place, it): (usize, &Drop)| {
        let time = it.time.map(|it| it - 1_700_000_000_000_000_000);
        format!("  {place} {time:?} {}\n", serde_json::to_string(&it.mapped).expect("JSON"))
    };
    events.iter().enumerate().map(line).collect()
}
