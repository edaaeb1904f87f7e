//! Queries about one event, sequences, samples and pipes.

use isogloss_compiler::ir::Origin;

use super::super::ast::{Key, Pipe, Query, Sample, Sequence, Stage, Statement, TimeUnit, Timespan};
use super::lexical::{fail, identifier, list, skip, string, symbol, whole_number, word};
use super::operand::field;
use super::{Parsed, condition, error};

/// The least number of events of a sequence or a sample.
const LEAST: usize = 2;

pub(super) fn statement(rest: &str) -> Parsed<'_, Statement> {
    if let Ok((after, ())) = word(rest, "sequence") {
        let (rest, sequence) = sequence(after)?;
        let (rest, pipes) = pipes(rest)?;
        return Ok((rest, Statement::Sequence(sequence, pipes)));
    }
    if let Ok((after, ())) = word(rest, "sample") {
        let (rest, sample) = sample(after)?;
        let (rest, pipes) = pipes(rest)?;
        return Ok((rest, Statement::Sample(sample, pipes)));
    }
    let (rest, query) = query(rest)?;
    let (rest, pipes) = pipes(rest)?;
    Ok((rest, Statement::Event(query, pipes)))
}

/// `category where condition`.
pub(super) fn query(rest: &str) -> Parsed<'_, Query> {
    let (rest, category) = category(rest)?;
    let (rest, ()) = word(rest, "where")?;
    let (rest, condition) = condition(rest)?;
    Ok((rest, Query { category, category_origin: Origin::default(), scope: None, condition }))
}

fn category(rest: &str) -> Parsed<'_, Option<String>> {
    let (rest, ()) = skip(rest)?;
    if rest.starts_with('"') {
        let (rest, name) = string(rest)?;
        return Ok((rest, Some(name)));
    }
    if let Ok((rest, ())) = word(rest, "any") {
        return Ok((rest, None));
    }
    let (rest, name) = identifier(rest)?;
    Ok((rest, Some(name.to_owned())))
}

/// What stands behind `sequence`.
fn sequence(rest: &str) -> Parsed<'_, Sequence> {
    let (rest, keys) = by(rest)?;
    let (rest, maxspan) = maxspan(rest)?;
    let (rest, stages) = stages(rest, maxspan.is_some())?;
    let events = stages.iter().fold(0_usize, |sum, stage| sum.saturating_add(stage.runs));
    if events < LEAST || stages.iter().all(|stage| stage.missing) {
        return Err(error(rest));
    }
    let Ok((after, ())) = word(rest, "until") else {
        return Ok((rest, Sequence { keys, maxspan, stages, until: None }));
    };
    let (rest, until) = plain_stage(after)?;
    same_keys(&stages, &until, rest)?;
    Ok((rest, Sequence { keys, maxspan, stages, until: Some(until) }))
}

/// What stands behind `sample`. Its events have something in common.
fn sample(rest: &str) -> Parsed<'_, Sample> {
    let (mut rest, keys) = by(rest)?;
    let mut stages = Vec::new();
    while symbol(rest, "[").is_ok() {
        let (after, stage) = plain_stage(rest)?;
        same_keys(&stages, &stage, after)?;
        stages.push(stage);
        rest = after;
    }
    let joined = !keys.is_empty() || stages.iter().any(|stage| !stage.keys.is_empty());
    if joined && stages.len() >= LEAST {
        Ok((rest, Sample { keys, stages }))
    } else {
        Err(error(rest))
    }
}

fn by(rest: &str) -> Parsed<'_, Vec<Key>> {
    let Ok((after, ())) = word(rest, "by") else { return Ok((rest, Vec::new())) };
    list(after, |rest| {
        let (rest, field) = field(rest)?;
        Ok((rest, Key { field, origin: Origin::default() }))
    })
}

fn maxspan(rest: &str) -> Parsed<'_, Option<Timespan>> {
    let Ok((after, ())) = word(rest, "with") else { return Ok((rest, None)) };
    let (rest, ()) = word(after, "maxspan")?;
    let (rest, ()) = symbol(rest, "=")?;
    let (after, count) = whole_number(rest)?;
    if count == 0 {
        return Err(error(rest));
    }
    let (rest, name) = identifier(after)?;
    match TimeUnit::ALL.iter().find(|(text, _)| *text == name) {
        Some((_, unit)) => Ok((rest, Some(Timespan { count, unit: *unit }))),
        None => Err(error(after)),
    }
}

/// All stages have as many keys of their own; one that is missing needs a bound in time.
fn stages(rest: &str, bounded: bool) -> Parsed<'_, Vec<Stage>> {
    let mut rest = rest;
    let mut stages = Vec::new();
    loop {
        let missing = symbol(rest, "![").is_ok();
        if !missing && symbol(rest, "[").is_err() {
            return Ok((rest, stages));
        }
        if missing && !bounded {
            return Err(error(rest));
        }
        let (after, stage) = if missing { missing_stage(rest)? } else { stage(rest)? };
        same_keys(&stages, &stage, after)?;
        stages.push(stage);
        rest = after;
    }
}

fn same_keys<'t>(
    stages: &[Stage],
    stage: &Stage,
    rest: &'t str,
) -> Result<(), nom::Err<nom::error::Error<&'t str>>> {
    let fits = stages.first().is_none_or(|first| first.keys.len() == stage.keys.len());
    if fits { Ok(()) } else { Err(error(rest)) }
}

/// `[ ] by … with runs=…`.
fn stage(rest: &str) -> Parsed<'_, Stage> {
    let (rest, stage) = plain_stage(rest)?;
    let Ok((after, ())) = word(rest, "with") else { return Ok((rest, stage)) };
    let (rest, ()) = word(after, "runs")?;
    let (rest, ()) = symbol(rest, "=")?;
    let (after, count) = whole_number(rest)?;
    match usize::try_from(count) {
        Ok(runs) if (1..=Stage::MOST_RUNS).contains(&runs) => Ok((after, Stage { runs, ..stage })),
        _ => Err(error(rest)),
    }
}

/// `![ ] by …`.
fn missing_stage(rest: &str) -> Parsed<'_, Stage> {
    let (rest, ()) = skip(rest)?;
    let (rest, stage) = plain_stage(rest.strip_prefix('!').unwrap_or(rest))?;
    Ok((rest, Stage { missing: true, ..stage }))
}

/// `[ ] by …`.
fn plain_stage(rest: &str) -> Parsed<'_, Stage> {
    let (rest, ()) = symbol(rest, "[")?;
    let (rest, query) = query(rest)?;
    let (rest, ()) = symbol(rest, "]")?;
    let (rest, keys) = by(rest)?;
    Ok((rest, Stage::of(query, keys)))
}

/// `| head n` and `| tail n`.
fn pipes(rest: &str) -> Parsed<'_, Vec<Pipe>> {
    let mut rest = rest;
    let mut pipes = Vec::new();
    while let Ok((after, ())) = symbol(rest, "|") {
        let (behind, name) = identifier(after)?;
        let pipe = match name {
            "head" => Pipe::Head,
            "tail" => Pipe::Tail,
            _ => return fail(skip(after)?.0),
        };
        let (behind, most) = whole_number(behind)?;
        pipes.push(pipe(most));
        rest = behind;
    }
    Ok((rest, pipes))
}
