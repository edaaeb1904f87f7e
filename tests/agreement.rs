//! Rules and their queries agree on events that are made for each rule.
//!
//! A rule is asked directly, and through each target with its default pipeline. Where a query is said to
//! be exact, the answers are equal; where something is lost, they differ in the direction of the loss at
//! most.
//!
//! | variable | what it does |
//! |---|---|
//! | `SIGMA_CORPUS` | a folder with `rules/` of SigmaHQ, whose rules are asked too |
//! | `AGREEMENT=100` | so many of them; `full`: all |
//! | `AGREEMENT_JOBS=folder` | the queries, their events and our answers are written there |

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "what was compared is shown")]
#![expect(
    clippy::needless_for_each,
    clippy::wildcard_enum_match_arm,
    reason = "short walks over a tree"
)]
#![expect(clippy::format_push_string, clippy::format_collect, reason = "a few short lines")]
#![expect(clippy::similar_names, reason = "an event that is made and the one that it is mapped to")]

mod corpus;
mod generator;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use corpus::jobs::{self, Judged};
use corpus::platform::{Platform, Reason};
use corpus::{Asked, Target, rules};
use generator::number::FORMS;
use generator::{Class, Generated, generate};
use isogloss_backends::{Answers, BACKENDS, Trial};
use isogloss_compiler::ir::{Direction, Event, Loss, LossKind, Mapped, Rule, finds};
use isogloss_compiler::pass::run_passes;
use isogloss_compiler::pipeline::{Applied, Pipelines};
use rayon::prelude::*;

/// The rules of this repository; all are asked.
const CASES: &[&str] = &["rules", "tests/cases"];
/// So many rules of SigmaHQ are asked, unless another number is given: each target can say 1,000 of them.
const RULES: usize = 1150;
/// So many events are made for each rule.
const EVENTS: usize = 200;
/// This repository.
const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/");
/// So many rules that disagree are shown.
const SHOWN: usize = 20;
/// So many rules of a hundred get events that they find and events that they do not find.
const BOTH: usize = 97;
/// A rule whose events cannot all be on the platform, or which an evaluator does not do justice.
struct Exception {
    path: &'static str,
    why: &'static str,
    most: usize,
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        path: "azure_app_device_code_authentication.yml",
        why: "the platform's word for `Device Code` is `deviceCode`, so no event has it in another sense",
        most: 4,
    },
    Exception { path: "win_system_eventlog_cleared.yml", why: CLEARED, most: 50 },
    Exception { path: "win_system_susp_eventlog_cleared.yml", why: CLEARED, most: 90 },
];

/// The rules are about the `Channel` in the data of an event of the channel System.
const CLEARED: &str =
    "`Channel` is the log that was cleared, and a generated event has no other channel";

/// What a target answered for a rule.
#[derive(Default)]
struct Count {
    rules: usize,
    exact: usize,
    refused: usize,
    not_replayed: usize,
    /// Rules that find some of their events, and not all.
    both: usize,
    events: usize,
    found: usize,
    /// Events that the platform cannot have.
    impossible: BTreeMap<Reason, usize>,
    /// Answers that differ in the direction of a loss, by the kinds of the rule's losses.
    lost: BTreeMap<String, usize>,
    /// How many there are, by rule, and the first of each.
    disagreements: BTreeMap<String, (usize, String)>,
    by_class: BTreeMap<Class, usize>,
}

impl Count {
    fn differing(&self) -> usize {
        self.disagreements.values().map(|(count, _)| count).sum()
    }

    /// Rules that gave an answer.
    fn answering(&self) -> usize {
        self.rules - self.refused - self.not_replayed
    }

    /// The disagreements as text.
    fn shown(&self) -> String {
        let mut text = String::new();
        if !self.by_class.is_empty() {
            text = format!("  by class: {:?}\n", self.by_class);
        }
        for (path, (number, first)) in self.disagreements.iter().take(SHOWN) {
            text += &format!("  {path}: {number}, such as\n    {first}\n");
        }
        text
    }

    /// Takes the exceptions out, as far as they go.
    fn except(&mut self, target: &str) {
        for Exception { path, why, most } in EXCEPTIONS {
            let known = |it: &String| it.ends_with(path);
            let Some(found) = self.disagreements.keys().find(|it| known(it)).cloned() else {
                continue;
            };
            let count = self.disagreements[&found].0;
            if count <= *most {
                println!("{target}: {path}: {count} of at most {most} excepted, since {why}");
                self.disagreements.remove(&found);
            }
        }
    }

    fn plus(mut self, other: Self) -> Self {
        self.rules += other.rules;
        self.both += other.both;
        self.exact += other.exact;
        self.refused += other.refused;
        self.not_replayed += other.not_replayed;
        self.events += other.events;
        self.found += other.found;
        self.disagreements.extend(other.disagreements);
        for (reason, count) in other.impossible {
            *self.impossible.entry(reason).or_default() += count;
        }
        for (kinds, count) in other.lost {
            *self.lost.entry(kinds).or_default() += count;
        }
        for (class, count) in other.by_class {
            *self.by_class.entry(class).or_default() += count;
        }
        self
    }
}

#[test]
fn rules_and_queries_agree() {
    let most = match std::env::var("AGREEMENT").as_deref() {
        Ok("full") => usize::MAX,
        Ok(number) => number.parse().expect("a number or `full`"),
        Err(_) => RULES,
    };
    let here = Path::new(HERE);
    let mut asked = rules(&CASES.iter().map(|it| here.join(it)).collect::<Vec<_>>(), usize::MAX);
    if let Some(corpus) = std::env::var_os("SIGMA_CORPUS").map(PathBuf::from) {
        asked.extend(rules(&[corpus.join("rules")], most));
    } else {
        println!("SIGMA_CORPUS is not set: the rules of SigmaHQ are skipped");
    }
    let jobs = std::env::var_os("AGREEMENT_JOBS").map(PathBuf::from);
    assert!(asked.len() >= 100, "only {} rules", asked.len());
    let targets: Vec<Target> = BACKENDS.iter().map(|it| Target::of(*it)).collect();
    let counts = asked.par_iter().enumerate().map(|(number, asked)| {
        let events = generate(&asked.rule, EVENTS);
        let expected: Vec<bool> = events.iter().map(|it| finds(&asked.rule, &it.event)).collect();
        let jobs = jobs.as_deref().map(|it| (it, number));
        // Targets with one pipeline have one rule and one form of the events.
        let mut processed = BTreeMap::new();
        let ask_one = |target: &Target| {
            let pipeline = target.backend.default_pipeline();
            let processed =
                processed.entry(pipeline).or_insert_with(|| Processed::of(target, asked, &events));
            ask(target, asked, &events, &expected, (processed, jobs))
        };
        targets.iter().map(ask_one).collect::<Vec<Count>>()
    });
    let none = || targets.iter().map(|_| Count::default()).collect();
    let mut counts = counts
        .reduce(none, |a: Vec<Count>, b| a.into_iter().zip(b).map(|(a, b)| a.plus(b)).collect());
    let mut disagreements = 0;
    for (target, count) in targets.iter().zip(&mut counts) {
        count.except(target.backend.name());
        show(target, count);
        disagreements += count.differing();
        assert!(count.both * 100 >= count.answering() * BOTH, "events are all found or all missed");
    }
    assert_eq!(disagreements, 0, "rules and queries disagree");
}

/// Numbers that are no canonical decimals mean what the table of the generator says.
#[test]
fn other_forms_of_numbers_mean_what_is_stated() {
    let targets: Vec<Target> = BACKENDS
        .iter()
        .map(|it| Target { backend: *it, pipelines: Pipelines::default() })
        .collect();
    for form in FORMS {
        for number in [0, 5, 16, 65536] {
            let event = Event::new([("f".to_owned(), (form.write)(number))].into_iter().collect());
            let made = [Generated { class: Class::OtherNumber, event }];
            let next = number + 1;
            let tests = [
                (format!("f: {number}"), false),
                (format!("f|gte: {number}"), form.is_decimal),
                (format!("f|lte: {number}"), form.is_decimal),
                (format!("f|lt: {next}"), form.is_decimal),
                (format!("f|gt: {number}"), false),
            ];
            for (test, wanted) in tests {
                let asked = rule(&test);
                let found = finds(&asked.rule, &made[0].event);
                assert_eq!(found, wanted, "{test}: {number} with {}", form.name);
                for target in &targets {
                    let processed = Processed::of(target, &asked, &made);
                    let count = ask(target, &asked, &made, &[wanted], (&processed, None));
                    assert!(count.disagreements.is_empty(), "{test}: {}", count.shown());
                }
            }
        }
    }
}

/// A rule with one test.
fn rule(test: &str) -> Asked {
    let text = format!(
        "title: Test\nlogsource: {{category: test}}\ndetection: {{s: {{{test}}}, condition: s}}\n"
    );
    let mut rules = corpus::read_text(test, &text);
    rules.pop().expect("a rule")
}

fn show(target: &Target, count: &Count) {
    let Count { rules, exact, refused, not_replayed, events, found, lost, impossible, .. } = count;
    println!(
        "{}: {rules} rules, {exact} exact, {refused} refused, {not_replayed} not replayed; \
         {events} events, {found} found, {} disagreements in {} rules; \
         events that cannot be: {impossible:?}; lost as said: {lost:?}",
        target.backend.name(),
        count.differing(),
        count.disagreements.len()
    );
    print!("{}", count.shown());
}

/// What pipelines make of a rule and its events.
struct Processed {
    rule: Rule<Mapped>,
    applied: Applied,
    events: Vec<Event<Mapped>>,
}

/// What the pipelines cannot bring into the form of the platform.
enum Refused {
    Events,
    Rule,
}

impl Processed {
    fn of(target: &Target, asked: &Asked, events: &[Generated]) -> Result<Self, Refused> {
        let processed = target.pipelines.apply(asked.rule.clone());
        target.pipelines.check_replay(&processed.applied).map_err(|_| Refused::Events)?;
        let applied = processed.applied.clone();
        let rule = target.pipelines.link(processed).map_err(|_| Refused::Rule)?;
        let map = |made: &Generated| target.pipelines.map_event(&applied, &made.event);
        let events = events.iter().map(map).collect();
        Ok(Self { rule: run_passes(rule), applied, events })
    }
}

fn ask(
    target: &Target,
    asked: &Asked,
    events: &[Generated],
    expected: &[bool],
    (processed, jobs): (&Result<Processed, Refused>, Option<(&Path, usize)>),
) -> Count {
    let mut count = Count { rules: 1, ..Count::default() };
    let Processed { rule, applied, events: mapped } = match processed {
        Ok(processed) => processed,
        Err(Refused::Events) => return Count { not_replayed: 1, ..count },
        Err(Refused::Rule) => return Count { refused: 1, ..count },
    };
    let Ok(Answers { losses, .. }) = target.backend.evaluate(rule, &[]) else {
        count.refused = 1;
        return count;
    };
    // A scope that is still to be filled in finds nothing yet.
    let has_scope = !losses.iter().any(|it| it.kind == LossKind::UnscopedLogsource);
    let scoped = |event: &Event<Mapped>| has_scope && !event.logsources.is_empty();
    let trials: Vec<Trial> =
        mapped.iter().map(|event| Trial { event, scoped: scoped(event) }).collect();
    let found = target.backend.evaluate(rule, &trials).map_or_else(|_| Vec::new(), |it| it.found);
    // What is not mapped has the same name in events, so it makes no difference here.
    let nameless = [LossKind::UnscopedLogsource, LossKind::UnmappedField];
    let felt: Vec<&Loss> = losses.iter().filter(|it| !nameless.contains(&it.kind)).collect();
    let direction = felt.iter().map(|it| it.direction).reduce(Direction::and);
    let kinds: BTreeSet<&str> = felt.iter().map(|it| it.kind.as_str()).collect();
    let kinds = kinds.into_iter().collect::<Vec<_>>().join(" ");
    count.exact = usize::from(direction.is_none());
    if let Some((folder, number)) = jobs {
        let judged = Judged {
            path: asked.path.strip_prefix(HERE).unwrap_or(&asked.path),
            rule,
            trials: &trials,
            exact: direction.is_none(),
            losses: &losses,
        };
        jobs::write(folder, target.backend.name(), number, &judged);
    }
    count.both = usize::from(expected.contains(&true) && expected.contains(&false));
    let platform = Platform::of(&target.pipelines, applied, &asked.rule, rule);
    for (((made, mapped), expected), found) in events.iter().zip(mapped).zip(expected).zip(&found) {
        let answer = Answer { expected: *expected, found: *found, direction, kinds: &kinds };
        count.add(asked, &platform, made, mapped, answer);
    }
    count
}

/// What the rule says of an event, and what its queries say.
#[derive(Clone, Copy)]
struct Answer<'k> {
    expected: bool,
    found: bool,
    direction: Option<Direction>,
    kinds: &'k str,
}

impl Answer<'_> {
    /// True if they may differ as they do.
    fn is_allowed(self) -> bool {
        match self.direction {
            None => false,
            Some(Direction::Wider) => self.found,
            Some(Direction::Narrower) => !self.found,
            Some(Direction::Mixed) => true,
        }
    }
}

impl Count {
    fn add(
        &mut self,
        asked: &Asked,
        platform: &Platform,
        made: &Generated,
        mapped: &Event<Mapped>,
        answer: Answer,
    ) {
        let Answer { expected, found, .. } = answer;
        self.events += 1;
        self.found += usize::from(expected);
        if expected == found {
            return;
        }
        // Whether it can be is only asked where it matters.
        if let Some(reason) = platform.rules_out(made, mapped) {
            *self.impossible.entry(reason).or_default() += 1;
        } else if answer.is_allowed() {
            *self.lost.entry(answer.kinds.to_owned()).or_default() += 1;
        } else {
            *self.by_class.entry(made.class).or_default() += 1;
            let before = serde_json::to_string(made.event.fields()).expect("JSON");
            let after = serde_json::to_string(mapped.fields()).expect("JSON");
            let first = format!(
                "{:?}: the rule says {expected}, the query {found}\n      {before}\n      {after}",
                made.class
            );
            self.disagreements.entry(asked.path.clone()).or_insert((0, first)).0 += 1;
        }
    }
}
