//! What rules mean, row by row: `tests/cases/meaning/<topic>.yml` holds rules and events with the answer
//! that is expected.
//!
//! Each file is a list of maps. The rule is one of
//!
//! | key | what it is |
//! |---|---|
//! | `rule` | one detection; the condition is its name |
//! | `detection` | detections with their condition |
//! | `rules` | whole files: the text of one, or a map of names to texts; the first rule is asked |
//! | `correlation` | a correlation over the rules `a`, `b`, `c`, `d`: the events whose field `is` has this value |
//! | `correlations` | several of them by name; the last is asked |
//!
//! and the answers are
//!
//! | key | what it is |
//! |---|---|
//! | `matches`, `misses` | events; what is no map is the value of the field `f` |
//! | `sequences` | lists of events as `seconds rules field=value,value …`; the matches end in ` !` |
//! | `warns` | the codes of the warnings; without it there must be none |
//! | `types` | what is known about fields, as `isogloss.fields` of a pipeline says it |
//! | `through` | the targets that translate the rule and give these very answers, whatever losses they have |
//! | `says` | what the case shows, where the rule does not say it by itself |
//!
//! A rule is asked directly, and through each target without a mapping. A target may
//! refuse the rule, and answer otherwise as far as its losses say, unless `through` names it.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod nodes;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use isogloss_backends::{BACKENDS, Backend, Options, TimedTrial, eql, kql, spl};
use isogloss_compiler::ir::{
    self, AnyRule, Event, Fidelity, LossKind, Mapped, Number, Rule, Sigma, State, Timed,
};
use isogloss_compiler::pipeline::{Pipelines, parse_pipeline};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::yaml::{Node, Resolved, Value, parse_yaml};
use isogloss_compiler::{File, Index, RuleId, map_correlation, map_rule};
use libtest_mimic::{Arguments, Failed, Trial};
use nodes::json;
use serde_json::{Map, Value as Json};

const KEYS: &[&str] = &[
    "says",
    "rule",
    "detection",
    "rules",
    "correlation",
    "correlations",
    "matches",
    "misses",
    "sequences",
    "types",
    "warns",
    "through",
];
/// What every case has, unless it writes whole rules.
const HEAD: &str = "title: Case\nlogsource: {category: test}\n";
/// The rules that correlations are about.
const BASES: &[&str] = &["a", "b", "c", "d"];

/// A rule and what it answers.
struct Case {
    /// Name and text of each file.
    files: Vec<(String, String)>,
    /// True if the last rule is asked, not the first.
    asks_last: bool,
    /// What is known about the fields.
    types: Pipelines,
    warnings: BTreeSet<String>,
    /// The targets that answer like the rule.
    through: BTreeSet<String>,
    events: Vec<(Json, bool)>,
    sequences: Vec<Vec<Step>>,
}

/// An event of a sequence.
struct Step {
    event: Event<Sigma>,
    time: Option<i128>,
    matches: bool,
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/meaning");
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name() {
        let path = entry.expect("the folder can be read").into_path();
        if path.extension().is_some_and(|it| it == "yml") {
            trials.extend(read(&path));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// The cases of a file, each under the name of the file and its line.
fn read(path: &Path) -> Vec<Trial> {
    let text = std::fs::read_to_string(path).expect("the cases can be read");
    let topic = path.file_stem().expect("a name").display().to_string();
    let mut sources = SourceMap::new();
    let source = sources.add(topic.clone(), text.as_str());
    let mut mistakes = Vec::new();
    let documents = parse_yaml(source, &text, &mut mistakes);
    assert!(mistakes.is_empty(), "{topic}: {mistakes:?}");
    let nodes = documents.first().map_or(&[][..], Node::elements);
    let trials = nodes.iter().map(|node| {
        let line = sources.locate(node.span).expect("a place").line;
        let case = read_case(node, &format!("{topic}.yml:{line}"));
        Trial::test(format!("{topic}/{line}"), move || check(&case))
    });
    trials.collect()
}

fn read_case(node: &Node, place: &str) -> Case {
    for (key, _) in node.as_mapping().expect(place) {
        assert!(KEYS.contains(&key.as_text().unwrap_or_default()), "{place}: {key:?}");
    }
    let list = |key: &str| node.get(key).map_or(&[][..], Node::elements);
    let events = |key: &str, wanted: bool| {
        list(key).iter().map(move |it| (event_of(it), wanted)).collect::<Vec<_>>()
    };
    let words = |key: &str| -> BTreeSet<String> {
        list(key).iter().filter_map(Node::as_text).map(str::to_owned).collect()
    };
    let case = Case {
        files: files(node),
        asks_last: node.get("correlations").is_some(),
        types: node.get("types").map_or_else(Pipelines::default, types),
        warnings: words("warns"),
        through: words("through"),
        events: [events("matches", true), events("misses", false)].concat(),
        sequences: list("sequences").iter().map(|it| sequence(it, place)).collect(),
    };
    let answers = case.events.len() + case.sequences.len();
    assert!(answers > 0 && !case.files.is_empty(), "{place} asks nothing");
    case
}

/// A pipeline that says nothing but what is known about fields.
fn types(fields: &Node) -> Pipelines {
    let text = format!("isogloss: {{fields: {}}}\n", flow(fields));
    let mut mistakes = Vec::new();
    let mut sources = SourceMap::new();
    let source = sources.add("types.yml".to_owned(), text.as_str());
    let pipeline = parse_pipeline(source, &text, &|_| Err(String::new()), &mut mistakes);
    assert!(mistakes.is_empty(), "{text}: {mistakes:?}");
    Pipelines::new([Arc::new(pipeline.expect("a pipeline"))])
}

/// The files of a case.
fn files(node: &Node) -> Vec<(String, String)> {
    let mut file = String::new();
    if let Some(body) = node.get("rule") {
        file = format!("{HEAD}detection: {{condition: case, case: {}}}\n", flow(body));
    } else if let Some(body) = node.get("detection") {
        file = format!("{HEAD}detection: {}\n", flow(body));
    } else if let Some(files) = node.get("rules").and_then(Node::as_mapping) {
        let pair = |node: &Node| node.as_text().expect("a text").to_owned();
        return files.iter().map(|(name, text)| (pair(name), pair(text))).collect();
    } else if let Some(text) = node.get("rules").and_then(Node::as_text) {
        text.clone_into(&mut file);
    } else if let Some(body) = node.get("correlation") {
        file = format!("title: Case\ncorrelation: {}\n{}", flow(body), bases());
    } else if let Some(bodies) = node.get("correlations").and_then(Node::as_mapping) {
        file = bases();
        for (name, body) in bodies {
            let (name, body) = (flow(name), flow(body));
            write!(file, "---\ntitle: Case\nname: {name}\ncorrelation: {body}\n").expect("text");
        }
    }
    vec![("case.yml".to_owned(), file)]
}

/// A part of a rule on one line. Plain scalars that are no text stay as they are written.
fn flow(node: &Node) -> String {
    match &node.value {
        Value::Mapping(entries) => {
            let entries =
                entries.iter().map(|(key, value)| format!("{}: {}", flow(key), flow(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Sequence(elements) => {
            format!("[{}]", elements.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Scalar(scalar) => match scalar.resolve() {
            Resolved::Null => "~".to_owned(),
            Resolved::Bool(_) | Resolved::Number(_) => scalar.text.clone().into_owned(),
            Resolved::Text(text) => Json::from(text).to_string(),
        },
    }
}

fn bases() -> String {
    let base = |name: &&str| {
        format!("---\n{HEAD}name: {name}\ndetection: {{is: {{is: {name}}}, condition: is}}\n")
    };
    BASES.iter().map(base).collect()
}

fn event_of(node: &Node) -> Json {
    let value = json(node);
    if value.is_object() { value } else { Json::Object(Map::from_iter([("f".to_owned(), value)])) }
}

fn sequence(node: &Node, place: &str) -> Vec<Step> {
    node.elements().iter().map(|it| step(it.as_text().expect(place))).collect()
}

/// `2.5 a,b user=x,y !`: after 2.5 seconds an event for the rules `a` and `b`, with two values of `user`,
/// at which the correlation matches. `-` stands for no time and for no rule.
fn step(text: &str) -> Step {
    let (text, matches) =
        text.strip_suffix(" !").map_or((text, false), |text| (text.trim_end(), true));
    let mut words = text.split(' ').filter(|it| !it.is_empty());
    let time = words.next().and_then(nanoseconds);
    let rules = words.next().filter(|it| *it != "-").map(|it| ("is", it));
    let pairs = words.map(|it| it.split_once('=').expect("field=value"));
    let fields = rules.into_iter().chain(pairs).map(|(field, values)| {
        let values = values.split(',').map(|it| Json::String(it.to_owned()));
        (field.to_owned(), Json::Array(values.collect()))
    });
    Step { event: Event::new(fields.collect()), time, matches }
}

fn nanoseconds(text: &str) -> Option<i128> {
    if text == "-" {
        return None;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    Some(format!("{whole}{fraction:0<9}").parse().expect("seconds"))
}

fn check(case: &Case) -> Result<(), Failed> {
    let mut sources = SourceMap::new();
    let files = case.files.iter().map(|(name, text)| {
        let source = sources.add(name.clone(), text.as_str());
        File::read(source, text)
    });
    let index = Index::new(files.collect());
    let mut found = Vec::new();
    let mut lowered: Vec<(RuleId, AnyRule<Sigma>)> = Vec::new();
    for (id, _, document) in index.rules() {
        found.extend(document.diagnostics.iter().cloned());
        lowered.extend(index.lower(id, &mut found).map(|rule| (id, rule)));
    }
    let codes: BTreeSet<String> = found.iter().map(|it| it.code.as_str().to_owned()).collect();
    if codes != case.warnings {
        let messages: Vec<String> =
            found.iter().map(|it| format!("{} {}", it.code.as_str(), it.message)).collect();
        return Err(format!("found {messages:#?}, not {:?}", case.warnings).into());
    }
    let asked = if case.asks_last { lowered.last() } else { lowered.first() };
    match asked {
        Some((_, AnyRule::Detection(rule))) => check_events(rule, case),
        Some((_, AnyRule::Correlation(rule))) => {
            check_sequences(rule, &case.sequences, &case.through)
        }
        None => Err("no rule is left".into()),
    }
}

fn check_events(rule: &Rule<Sigma>, case: &Case) -> Result<(), Failed> {
    let mapped = map_rule(rule.clone(), &case.types).ok();
    let mut mistakes = Vec::new();
    for (fields, wanted) in &case.events {
        let found = ir::evaluate_conditions(rule, &event::<Sigma>(fields)).contains(&true);
        if found != *wanted {
            mistakes.push(format!("{fields}: {found}, not {wanted}"));
        }
        if let Some(mapped) = mapped.as_ref().filter(|_| is_canonical(fields)) {
            mistakes.extend(ask_targets(mapped, fields, *wanted, &case.through));
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.join("\n").into()) }
}

fn event<S: State>(fields: &Json) -> Event<S> {
    let Json::Object(fields) = fields else { panic!("an event is a map") };
    Event::new(fields.clone())
}

/// True if every number is a canonical decimal: for others no query is called exact.
fn is_canonical(value: &Json) -> bool {
    match value {
        Json::Number(number) => Number::canonical(number.as_str()).is_some(),
        Json::Array(elements) => elements.iter().all(is_canonical),
        Json::Object(fields) => fields.values().all(is_canonical),
        Json::Null | Json::Bool(_) | Json::String(_) => true,
    }
}

/// True if every number has at most 15 digits: what Splunk compares exactly.
fn is_short(value: &Json) -> bool {
    match value {
        Json::Number(number) => has_few_digits(number.as_str()),
        Json::String(text) => !text.bytes().all(|it| it.is_ascii_digit()) || has_few_digits(text),
        Json::Array(elements) => elements.iter().all(is_short),
        Json::Object(fields) => fields.values().all(is_short),
        Json::Null | Json::Bool(_) => true,
    }
}

fn has_few_digits(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() <= 15
}

/// True if the rule compares with a number of at most 15 digits: for a longer one it says what is lost.
fn compares_short(rule: &Rule<Mapped>) -> bool {
    let items = rule.body.conditions.iter().flat_map(ir::Expr::items);
    let mut tests = items.flat_map(|item| &item.predicates).map(|it| &it.test);
    tests
        .any(|it| matches!(it, ir::Test::Compare(_, number) if has_few_digits(&number.to_string())))
}

/// What targets answer, as far as they claim to answer like the rule.
fn ask_targets(
    rule: &Rule<Mapped>,
    fields: &Json,
    wanted: bool,
    through: &BTreeSet<String>,
) -> Vec<String> {
    let event = event::<Mapped>(fields);
    let spl_answers =
        spl::lower::lower(rule).unwrap_or_default().into_iter().map(|(query, losses)| {
            let found = spl::evaluate::evaluate(&query, &[], &event, true);
            (Fidelity::of(&losses), found, spl::print::print(&query, None).text)
        });
    let eql_answers =
        eql::lower::lower(rule).unwrap_or_default().into_iter().map(|(query, losses)| {
            let found = eql::evaluate::evaluate(&query, &event, true);
            (Fidelity::of(&losses), found, eql::print::print(&query, None).text)
        });
    let kql_answers =
        kql::lower::lower(rule).unwrap_or_default().into_iter().map(|(query, losses)| {
            let found = kql::evaluate::evaluate(&query, &event, true);
            (Fidelity::of(&losses), found, kql::print::print(&query, None).text)
        });
    let spl_answers = if compares_short(rule) && !is_short(fields) {
        Vec::new()
    } else {
        spl_answers.collect::<Vec<_>>()
    };
    [("spl", spl_answers), ("eql", eql_answers.collect()), ("kql", kql_answers.collect())]
        .iter()
        .filter_map(|(target, queries)| judge(queries, fields, wanted, through.contains(*target)))
        .collect()
}

/// All queries of a rule together: any of them finds the event. With `strict`, a loss is no excuse.
fn judge(
    queries: &[(Fidelity, bool, String)],
    fields: &Json,
    wanted: bool,
    strict: bool,
) -> Option<String> {
    let found = queries.iter().any(|(_, found, _)| *found);
    let all = |claim: Fidelity| {
        queries.iter().all(|(fidelity, ..)| [Fidelity::Exact, claim].contains(fidelity))
    };
    let fits = queries.is_empty() && !strict
        || found == wanted && !queries.is_empty()
        || !strict
            && !all(Fidelity::Exact)
            && (!all(Fidelity::Wider) || found)
            && (!all(Fidelity::Narrower) || !found);
    let texts: Vec<&str> = queries.iter().map(|(.., text)| text.as_str()).collect();
    (!fits).then(|| format!("{fields}: {found}, not {wanted}, by the query {texts:?}"))
}

fn check_sequences(
    correlation: &ir::Correlation<Sigma>,
    sequences: &[Vec<Step>],
    through: &BTreeSet<String>,
) -> Result<(), Failed> {
    let mut mistakes = Vec::new();
    for (number, steps) in sequences.iter().enumerate() {
        let events: Vec<Timed<Sigma>> = steps
            .iter()
            .map(|step| Timed { event: Cow::Borrowed(&step.event), time: step.time })
            .collect();
        let found = ir::correlate(correlation, &events, &|rule, event| {
            ir::evaluate_conditions(rule, event).contains(&true)
        });
        let wanted: Vec<usize> =
            steps.iter().enumerate().filter(|(_, it)| it.matches).map(|(place, _)| place).collect();
        if found != wanted {
            mistakes.push(format!("sequence {number}: matches at {found:?}, not {wanted:?}"));
        }
        if let Ok(mapped) = map_correlation(correlation.clone(), &Pipelines::default()) {
            let ask = |target| ask_target(target, &mapped, steps, &wanted, through);
            let answers = BACKENDS.iter().filter_map(|target| ask(*target));
            mistakes.extend(answers.map(|it| format!("sequence {number}: {it}")));
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.join("\n").into()) }
}

/// True if an event has several values of a field that is measured.
fn has_several(correlation: &ir::Correlation<Mapped>, event: &Event<Mapped>) -> bool {
    let mut fields = correlation.trigger.fields().iter().flat_map(|it| it.fields.iter().flatten());
    fields.any(|field| event.values(&field.name).len() > 1)
}

/// What the query of a correlation answers, as far as it claims to answer like the correlation. Windows
/// are far smaller here than the limits of the platform, and a loss for fields with several values is no
/// excuse where there are none.
fn ask_target(
    target: &dyn Backend,
    correlation: &ir::Correlation<Mapped>,
    steps: &[Step],
    wanted: &[usize],
    through: &BTreeSet<String>,
) -> Option<String> {
    let events: Vec<Event<Mapped>> =
        steps.iter().map(|step| Event::new(step.event.fields().clone())).collect();
    let pairs = events.iter().zip(steps);
    let trials: Vec<TimedTrial> =
        pairs.map(|(event, step)| TimedTrial { event, time: step.time }).collect();
    let strict = through.contains(target.name());
    let answers = match target.evaluate_correlation(correlation, &trials) {
        Ok(answers) => answers,
        Err(why) => return strict.then(|| format!("{} refuses: {why:?}", target.title())),
    };
    let places = answers.found.iter().enumerate().filter(|(_, found)| **found);
    let found: Vec<usize> = places.map(|(place, _)| place).collect();
    let several = events.iter().any(|event| has_several(correlation, event));
    let losses = answers.losses.iter();
    let losses = losses.filter(|it| it.kind != LossKind::Limit);
    let losses = losses.filter(|it| several || it.kind != LossKind::Multivalue);
    // What a threshold rule does after an alert is not evaluated, and values are written as in the rules.
    let unfelt = [LossKind::Overlap, LossKind::Case];
    let losses = losses.filter(|it| target.name() != "kql" || !unfelt.contains(&it.kind));
    let all_in = |inner: &[usize], outer: &[usize]| inner.iter().all(|it| outer.contains(it));
    let fits = match Fidelity::of(losses) {
        _ if strict => found == wanted,
        Fidelity::Exact => found == wanted,
        Fidelity::Wider => all_in(wanted, &found),
        Fidelity::Narrower => all_in(&found, wanted),
        Fidelity::Mixed | Fidelity::Unverified => true,
    };
    if fits {
        return None;
    }
    let options = Options::query(Some(100));
    let text = target.translate_correlation(correlation, &options).ok()?.printed.text;
    let title = target.title();
    Some(format!("matches in {title} at {found:?}, not {wanted:?}, by the query\n{text}"))
}
