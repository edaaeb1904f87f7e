//! Correlations and their queries agree on events that are drawn by lot.
//!
//! A correlation is asked directly, and through the query in SPL after that is printed and read back.
//! Where nothing but `limit` is lost, the answers are equal; else they differ in the direction of the
//! losses at most. So does the query in EQL; where nothing but `overlap` is lost, its sequence finds the first
//! match, and all matches if it counts events.
//!
//! | variable | what it does |
//! |---|---|
//! | `CORRELATIONS=10000` | so many correlations |
//! | `AGREEMENT_JOBS=folder` | some of the searches, their events and our answers are written there |

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

#[path = "sequences/elastic.rs"]
mod elastic;
mod sequences;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use elastic::elastic_job;
use isogloss_backends::backend::{Backend, Options, Refusal};
use isogloss_backends::eql::Eql;
use isogloss_backends::spl::ast::Query;
use isogloss_backends::spl::evaluate::{Input, Row, run};
use isogloss_backends::spl::{lower, parse, print};
use isogloss_compiler::ir::{
    Correlation, Direction, Event, Loss, LossKind, Macro, Mapped, Measure, Trigger,
};
use isogloss_compiler::map_correlation;
use rayon::prelude::*;
use sequences::{Drawn, Drop, allowed, draw, found_by, how_many, meant, pipelines, read, shown};
use serde_json::{Map, Value, json};

/// Every so many is written for another evaluator.
const EVERY: usize = 4;
/// For EQL, so many times as many are drawn, since few are sequences.
const MORE_FOR_EQL: usize = 4;
/// So many that disagree are shown.
const SHOWN: usize = 8;

/// What came out.
#[derive(Default)]
struct Count {
    /// Correlations by what became of them.
    kinds: BTreeMap<String, usize>,
    /// Sequences, those with a match, those that differ as the losses say.
    sequences: usize,
    found: usize,
    lost: usize,
    faults: Vec<String>,
}

impl Count {
    fn of(kind: String) -> Self {
        Self { kinds: BTreeMap::from([(kind, 1)]), ..Self::default() }
    }

    fn plus(mut self, other: Self) -> Self {
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        self.sequences += other.sequences;
        self.found += other.found;
        self.lost += other.lost;
        self.faults.extend(other.faults);
        self
    }

    fn shown(&self) -> String {
        let Self { kinds, sequences, found, lost, faults } = self;
        let faults: Vec<&str> = faults.iter().take(SHOWN).map(String::as_str).collect();
        format!(
            "{kinds:#?}\n{sequences} sequences, {found} with matches, {lost} lost as said\n{}",
            faults.join("\n")
        )
    }
}

#[test]
fn correlations_and_their_queries_agree() {
    let jobs = std::env::var_os("AGREEMENT_JOBS").map(PathBuf::from);
    let count = ask_all(how_many(), |number| {
        let jobs = jobs.as_deref().filter(|_| number.is_multiple_of(EVERY));
        ask(number, &draw(number), jobs)
    });
    println!("{}", count.shown());
    assert!(count.faults.is_empty(), "{} disagree", count.faults.len());
}

#[test]
fn sequences_in_eql_agree() {
    let jobs = std::env::var_os("AGREEMENT_JOBS").map(PathBuf::from);
    let count = ask_all(how_many() * MORE_FOR_EQL, |number| {
        ask_eql(number, &draw(number), jobs.as_deref())
    });
    println!("{}", count.shown());
    assert!(count.faults.is_empty(), "{} disagree", count.faults.len());
}

fn ask_all(many: usize, ask_one: impl Fn(usize) -> Count + Send + Sync) -> Count {
    (0..many).into_par_iter().map(ask_one).reduce(Count::default, Count::plus)
}

fn ask_eql(number: usize, drawn: &Drawn, jobs: Option<&Path>) -> Count {
    let Ok(correlation) = read(&drawn.rules) else { return Count::default() };
    let pipelines = pipelines(drawn.pipeline.as_deref().map(without_macros).as_deref());
    let Ok(mapped) = map_correlation(correlation.clone(), &pipelines) else {
        return Count::default();
    };
    let options = Options::query(None);
    let query = match Eql.translate_correlation(&mapped, &options) {
        Ok(query) => query,
        Err(why) => {
            let mut count = Count::of(format!("refused: {}", short(&why)));
            let ours = why.iter().all(|it| matches!(it, Refusal::Unsupported { .. }));
            count.faults.extend((!ours).then(|| format!("{number}: {why:?}")));
            return count;
        }
    };
    let claim = direction(&query.losses, &[]);
    let mut count = Count::of(claim.map_or("exact".to_owned(), |it| format!("{it:?}")));
    let counts = matches!(mapped.trigger, Trigger::Bounds { measure: Measure::Events, .. });
    let known = [LossKind::Overlap, LossKind::Case];
    let complete = query.losses.iter().all(|it| known.contains(&it.kind));
    for (place, events) in drawn.sequences.iter().enumerate() {
        let wanted = meant(&correlation, events, drawn.pipeline.is_some());
        let found = found_by(&Eql, &mapped, events).expect("it is translated");
        if let Some(folder) = jobs.filter(|_| !has_lists(events)) {
            let name = format!("correlation-{number:05}-{place}");
            elastic_job(folder, &name, &query.printed.text, events, &found);
        }
        count.sequences += 1;
        count.found += usize::from(!wanted.is_empty());
        let first = wanted.iter().min_by_key(|place| (events[**place].time, **place));
        let fits = wanted == found
            || allowed(direction(&query.losses, events), &wanted, &found)
                && (!complete || !counts && first.is_none_or(|it| found.contains(it)));
        count.lost += usize::from(fits && wanted != found);
        if !fits {
            count.faults.push(format!(
                "---- {number}.{place}: found {found:?}, not {wanted:?}\n{}\n{:?}\n{}\n{}",
                drawn.rules,
                drawn.pipeline,
                query.printed.text,
                shown(events)
            ));
            break;
        }
    }
    count
}

/// The same log sources, told by terms, since EQL has no macros.
fn without_macros(pipeline: &str) -> String {
    let mut pipeline: Value = serde_json::from_str(pipeline).expect("JSON");
    for scope in pipeline["isogloss"]["scopes"].as_array_mut().expect("a list") {
        let source = scope["logsource"]["category"].clone();
        let sources = if source == "three" { json!([source]) } else { json!([source, "both"]) };
        scope["terms"] = json!({ "src": sources });
        scope.as_object_mut().expect("a map").remove("macro");
    }
    pipeline.to_string()
}

fn ask(number: usize, drawn: &Drawn, jobs: Option<&Path>) -> Count {
    let correlation = match read(&drawn.rules) {
        Ok(correlation) => correlation,
        Err(why) => return Count::of(format!("not read: {why}")),
    };
    let pipelines = pipelines(drawn.pipeline.as_deref());
    let mapped = match map_correlation(correlation.clone(), &pipelines) {
        Ok(mapped) => mapped,
        Err(why) => return Count::of(format!("not mapped: {}", why[0].message)),
    };
    let (query, losses) = match lower::lower_correlation(&mapped) {
        Ok(lowered) => lowered,
        Err(why) => return Count::of(format!("refused: {}", short(&why))),
    };
    let claim = direction(&losses, &[]);
    let mut count = Count::of(claim.map_or("exact".to_owned(), |it| format!("{it:?}")));
    let text = print::print(&query, None).text;
    let read = match parse::parse(&text) {
        Ok(read) if read == query.joined() => read,
        other => {
            count.faults.push(format!("{number}: not read back: {text}\n{other:?}"));
            return count;
        }
    };
    let macros = macros(&mapped);
    if let Some(folder) = jobs {
        let asked = Asked { query: &read, text: &text, macros: &macros };
        write_jobs(number, folder, drawn, &asked, (&mapped, &losses));
    }
    let fit = |events: &&Vec<Drop>| ordered(&text) || !has_ties(events);
    for (place, events) in drawn.sequences.iter().filter(fit).enumerate() {
        let wanted = meant(&correlation, events, drawn.pipeline.is_some());
        let found = answered(&read, &macros, events);
        count.sequences += 1;
        count.found += usize::from(!wanted.is_empty());
        if wanted == found {
            continue;
        }
        if allowed(direction(&losses, events), &wanted, &found) {
            count.lost += 1;
            continue;
        }
        let text = print::print(&query, Some(100)).text;
        let kinds: Vec<String> = losses
            .iter()
            .map(|it| format!("{:?} {:?}: {}", it.kind, it.direction, it.message))
            .collect();
        count.faults.push(format!(
            "---- {number}.{place}: found {found:?}, not {wanted:?}\n{}\n{:?}\n{text}\n{kinds:#?}\n{}",
            drawn.rules,
            drawn.pipeline,
            shown(events)
        ));
        break;
    }
    count
}

/// Writes what the second evaluator is asked. What several values mean is documented where no loss says
/// otherwise.
fn write_jobs(
    number: usize,
    folder: &Path,
    drawn: &Drawn,
    asked: &Asked,
    (mapped, losses): (&Correlation<Mapped>, &[Loss]),
) {
    let shown = lower::group_columns(mapped);
    let documented = losses.iter().all(|it| it.kind != LossKind::Multivalue);
    let fit = |events: &&Vec<Drop>| {
        (ordered(asked.text) || !has_ties(events)) && (documented || !has_lists(events))
    };
    let jobs = drawn.sequences.iter().filter(fit);
    let jobs: Vec<String> =
        jobs.map(|events| job(number, asked, shown.clone(), events).to_string() + "\n").collect();
    let folder = folder.join("spl");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(format!("correlation-{number:05}.jsonl"));
    std::fs::write(path, jobs.concat()).expect("a file");
}

/// True unless rows of several searches that have one time are in no order that is known.
fn ordered(text: &str) -> bool {
    !text.contains("| multisearch") && !text.contains("| append")
}

fn has_lists(events: &[Drop]) -> bool {
    events.iter().any(|it| it.sigma.values().any(Value::is_array))
}

fn has_ties(events: &[Drop]) -> bool {
    let times: BTreeSet<i128> = events.iter().filter_map(|it| it.time).collect();
    times.len() < events.iter().filter(|it| it.time.is_some()).count()
}

fn macros(correlation: &Correlation<Mapped>) -> Vec<Macro> {
    correlation.leaves().iter().filter_map(|it| it.body.scope.call.clone()).collect()
}

/// What the losses say together that these events may meet. None of the sequences comes near a limit, no
/// letter is outside ASCII.
fn direction(losses: &[Loss], events: &[Drop]) -> Option<Direction> {
    let has_lists = has_lists(events);
    let met = losses.iter().filter(|it| {
        let kind = it.kind;
        let lists = kind == LossKind::Multivalue && !has_lists;
        kind != LossKind::Limit && kind != LossKind::Case && !lists
    });
    met.map(|it| it.direction).reduce(Direction::and)
}

/// The places of the last events of the rows that the query gives.
fn answered(query: &Query, macros: &[Macro], events: &[Drop]) -> Vec<usize> {
    let timed: Vec<(usize, Event<Mapped>, i128)> = events
        .iter()
        .enumerate()
        .filter_map(|(place, it)| Some((place, Event::new(it.mapped.clone()), it.time?)))
        .collect();
    let inputs: Vec<Input> = timed
        .iter()
        .map(|(_, event, time)| Input { event, time: Some(*time), scoped: true })
        .collect();
    let rows = run(query, macros, &inputs);
    let places: BTreeSet<usize> =
        rows.iter().filter_map(Row::last).map(|place| timed[place].0).collect();
    places.into_iter().collect()
}

/// A query and its macros.
struct Asked<'a> {
    query: &'a Query,
    text: &'a str,
    macros: &'a [Macro],
}

/// A search with its events: the events that its rows come from, and what the rows say of time and group.
fn job(number: usize, asked: &Asked, groups: Vec<String>, events: &[Drop]) -> Value {
    let timed: Vec<(Event<Mapped>, i128)> =
        events.iter().filter_map(|it| Some((Event::new(it.mapped.clone()), it.time?))).collect();
    let inputs = timed.iter().map(|(event, time)| Input { event, time: Some(*time), scoped: true });
    let inputs: Vec<Input> = inputs.collect();
    let rows = run(asked.query, asked.macros, &inputs);
    let places: BTreeSet<usize> = rows.iter().flat_map(|it| it.events.clone()).collect();
    let shown: Vec<String> = ["_time".to_owned()].into_iter().chain(groups).collect();
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            shown.iter().map(|it| (it.clone(), json!(row.values(it)))).collect::<Map<_, _>>().into()
        })
        .collect();
    let macros: Map<String, Value> = asked
        .macros
        .iter()
        .map(|it| (it.name.clone(), json!(format!("({})", it.definition))))
        .collect();
    let events: Vec<Value> = timed.iter().map(|(event, time)| table_row(event, *time)).collect();
    json!({
        "name": format!("correlation {number}"), "query": asked.text, "macros": macros, "events": events,
        "expected": places, "shown": shown, "rows": rows,
    })
}

/// An event as Splunk has it: every value is text, and a field may have several.
fn table_row(event: &Event<Mapped>, time: i128) -> Value {
    let mut fields = Map::new();
    for name in event.fields().keys() {
        let values = event.values(name);
        let texts: Vec<&str> = values.iter().map(|it| it.text()).collect();
        match texts.as_slice() {
            [] => {}
            [single] => drop(fields.insert(name.clone(), json!(single))),
            several => drop(fields.insert(name.clone(), json!({"$mv": several}))),
        }
    }
    let (seconds, rest) = (time / 1_000_000_000, time % 1_000_000_000);
    let text = format!("{seconds}.{rest:09}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    fields.insert("_time".to_owned(), Value::Number(text.parse().expect("a number")));
    Value::Object(fields)
}

fn short(refusals: &[Refusal]) -> String {
    match refusals {
        [Refusal::Unsupported { message, .. }, ..] => message.clone(),
        other => format!("{other:?}"),
    }
}
