//! What every target offers.

mod options;

use isogloss_compiler::ast::{Bound, Relation};
use isogloss_compiler::diagnostic::{Code, Diagnostic};
use isogloss_compiler::ir::{
    Comparison, Correlation, Event, Fidelity, Loss, Macro, Mapped, Measure, Origin, Origins,
    Predicate, Rule, State, Test, Trigger,
};
use isogloss_compiler::source::Span;

use crate::capability::{Construct, speakers};
use crate::content::lookup::Lookup;
use crate::find;
use crate::layout::Printed;
use crate::loss::Ledger;
pub use options::{Options, OutputFormat, QUERY};

/// A target language.
pub trait Backend: Sync {
    /// The name on the command line, such as `spl`.
    fn name(&self) -> &'static str;

    /// The language's name for people.
    fn title(&self) -> &'static str;

    /// What other tools call the language, in `allowed_backends` of their pipelines.
    fn also_called(&self) -> &'static [&'static str];

    /// The built-in pipeline that is used unless another is named.
    fn default_pipeline(&self) -> &'static str;

    /// The forms that a translation can take beside `query` and `json`.
    fn formats(&self) -> &'static [OutputFormat];

    /// The built-in pipeline of a format that is used unless another is named.
    fn pipeline_of(&self, format: &str) -> &'static str {
        let format = self.formats().iter().find(|it| it.name == format);
        format.and_then(|it| it.pipeline).unwrap_or_else(|| self.default_pipeline())
    }

    /// The languages that are asked for each rule; none for a language itself.
    fn languages(&self) -> &'static [&'static str] {
        &[]
    }

    /// What the language can say exactly; a construct that is missing is refused or a loss.
    fn constructs(&self) -> &'static [Construct];

    /// What the queries take for granted about the platform.
    fn assumes(&self) -> &'static [&'static str];

    /// A comment of one line, which no text can break out of.
    fn comment(&self, text: &str) -> String;

    /// One query a condition of the rule, or everything that keeps it from being translated.
    fn translate(&self, rule: &Rule<Mapped>, options: &Options)
    -> Result<Vec<Query>, Vec<Refusal>>;

    /// What the language's documented semantics answer for events, or everything that keeps the rule
    /// from being translated. A rule with several queries finds what any of them finds.
    fn evaluate(&self, rule: &Rule<Mapped>, trials: &[Trial]) -> Result<Answers, Vec<Refusal>>;

    /// The query of a correlation, or everything that keeps it from being translated.
    fn translate_correlation(
        &self,
        correlation: &Correlation<Mapped>,
        _options: &Options,
    ) -> Result<Query, Vec<Refusal>> {
        Err(vec![refuse_correlation(correlation)])
    }

    /// The events that complete a match of a correlation by the language's documented semantics, or
    /// everything that keeps it from being translated. Events that follow each other are in order.
    fn evaluate_correlation(
        &self,
        correlation: &Correlation<Mapped>,
        _events: &[TimedTrial],
    ) -> Result<Answers, Vec<Refusal>> {
        Err(vec![refuse_correlation(correlation)])
    }
}

/// An event that a query is tried on.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'e> {
    /// The event, with the target's field names.
    pub event: &'e Event<Mapped>,
    /// True if the scope has to hold too; false where the log source of the event is not known.
    pub scoped: bool,
}

/// An event of a sequence that a correlation is tried on.
#[derive(Debug, Clone, Copy)]
pub struct TimedTrial<'e> {
    /// The event, with the target's field names.
    pub event: &'e Event<Mapped>,
    /// Its time, in nanoseconds since 1970. An event without a time is in no window.
    pub time: Option<i128>,
}

/// The answers of all queries of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// For each trial, whether a query finds its event.
    pub found: Vec<bool>,
    /// What the queries lose.
    pub losses: Vec<Loss>,
}

/// Asks every query about every event.
pub(crate) fn answer<Q>(
    queries: Vec<(Q, Vec<Loss>)>,
    trials: &[Trial],
    finds: impl Fn(&Q, &Trial) -> bool,
) -> Answers {
    let found = trials.iter().map(|trial| queries.iter().any(|(query, _)| finds(query, trial)));
    let found = found.collect();
    Answers { found, losses: queries.into_iter().flat_map(|(_, losses)| losses).collect() }
}

/// A query that was printed, read back and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The text and where its parts come from.
    pub printed: Printed,
    /// The name of its language.
    pub language: &'static str,
    /// What it loses; one entry a kind.
    pub losses: Vec<Loss>,
    /// The macros it calls, with their definitions.
    pub macros: Vec<Macro>,
    /// The tables of values that were moved out of it (SPL).
    pub tables: Vec<Lookup>,
    /// True if a pipeline has put raw query text into it.
    pub unverified: bool,
}

impl Query {
    /// A query that calls no macros.
    pub(crate) fn new(
        language: &'static str,
        printed: Printed,
        losses: Vec<Loss>,
        unverified: bool,
    ) -> Self {
        Self { printed, language, losses, macros: Vec::new(), tables: Vec::new(), unverified }
    }

    /// How near the query is to its rule.
    pub fn fidelity(&self) -> Fidelity {
        if self.unverified { Fidelity::Unverified } else { Fidelity::of(&self.losses) }
    }
}

/// Why a correlation is not translated to a language that does not say them yet.
fn refuse_correlation<S: State>(correlation: &Correlation<S>) -> Refusal {
    Refusal::Unsupported {
        construct: correlation_construct(&correlation.trigger),
        message: "correlations are not translated yet".to_owned(),
        origin: correlation.trigger_origin.clone(),
    }
}

/// What a language has to have to say a correlation.
pub(crate) fn correlation_construct<S: State>(trigger: &Trigger<S>) -> Construct {
    let is_lower = |bound: &Bound| match bound.relation {
        Relation::Compare(it) => matches!(it, Comparison::Greater | Comparison::GreaterEqual),
        Relation::Equal | Relation::NotEqual => false,
    };
    match trigger {
        Trigger::Bounds { measure: Measure::Events | Measure::Distinct(_), bounds }
            if bounds.iter().all(is_lower) =>
        {
            Construct::Count
        }
        Trigger::Bounds { measure: Measure::RulesInOrder, .. } => Construct::Sequence,
        Trigger::Extended(_) | Trigger::Bounds { .. } => Construct::Correlation,
    }
}

/// The raw query text of a pipeline, with the field, quoted as the language quotes it, and the name put in.
/// `{{` and `}}` are braces.
fn fill_expression(expression: &str, field: &str, id: &str) -> String {
    let mut filled = String::new();
    let mut rest = expression;
    while let Some(place) = rest.find(['{', '}']) {
        let (before, at) = rest.split_at(place);
        filled.push_str(before);
        let known = [("{{", "{"), ("}}", "}"), ("{field}", field), ("{id}", id)];
        let found = known.iter().find_map(|(mark, text)| Some((at.strip_prefix(mark)?, *text)));
        let mut characters = at.chars();
        // A lone brace does not come through the reading of the pipeline.
        let (after, text) = found.unwrap_or_else(|| {
            characters.next();
            (characters.as_str(), "")
        });
        filled.push_str(text);
        rest = after;
    }
    filled + rest
}

/// The tree of raw query text, read by the language's own grammar; `None` for other tests, and after it was
/// refused.
pub(crate) fn parse_raw<T>(
    predicate: &Predicate<Mapped>,
    field: &str,
    parse: fn(&str) -> Result<T, usize>,
    ledger: &mut Ledger,
) -> Option<T> {
    let Test::Query { expression, id } = &predicate.test else { return None };
    let text = fill_expression(expression, field, id);
    let tree = parse(&text).ok();
    if tree.is_none() {
        let message =
            format!("the query text of the pipeline, `{text}`, is no expression of this language");
        ledger.refuse(Construct::RawQuery, &predicate.origin, message);
    }
    tree
}

/// Reads a query back and compares it with the tree that was printed.
pub(crate) fn read_back<T: PartialEq>(
    printed: Printed,
    tree: &T,
    parse: fn(&str) -> Result<T, usize>,
) -> Result<Printed, Vec<Refusal>> {
    match parse(&printed.text) {
        Ok(read) if read == *tree => Ok(printed),
        Ok(_) | Err(_) => Err(vec![Refusal::NotReadBack { text: printed.text }]),
    }
}

/// Why a rule is not translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The target cannot say it.
    Unsupported {
        /// What it cannot say.
        construct: Construct,
        /// In one sentence.
        message: String,
        /// The text that asks for it.
        origin: Origin,
    },
    /// The query was not equal to its tree after it was read back: a fault of ours.
    NotReadBack {
        /// The query.
        text: String,
    },
    /// A language that was asked for the target refuses.
    OfLanguage {
        /// The name of the language.
        language: &'static str,
        /// Why.
        refusal: Box<Refusal>,
        /// What another language says of the rule, if it is said here.
        other: Option<String>,
    },
}

/// What to do about a data model that does not have something.
const IN_EVENTS: &str = "`-p splunk_cim` knows the data models of Splunk; `-f query` and `-f analytic` search the \
                         events themselves";

/// Which targets can say a construct at some places of the rule.
pub type CanSay<'a> = dyn Fn(Construct, &[Span]) -> Speakers + 'a;

/// Targets that can say something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speakers {
    /// Their names.
    pub names: Vec<&'static str>,
    /// True if they say it exactly.
    pub exact: bool,
}

impl Refusal {
    /// The finding, at the places of the rule, naming the targets that have the construct.
    pub fn to_diagnostic(&self, target: &dyn Backend, origins: &Origins, rule: Span) -> Diagnostic {
        let all = |construct, _: &[Span]| Speakers { names: speakers(construct), exact: true };
        self.diagnose(target, origins, rule, &all)
    }

    /// The finding, at the places of the rule, naming the targets that can say it.
    pub fn diagnose(
        &self,
        target: &dyn Backend,
        origins: &Origins,
        rule: Span,
        can_say: &CanSay,
    ) -> Diagnostic {
        match self {
            Self::Unsupported { construct, message, origin } => {
                let spans: Vec<Span> = origins.spans(origin).collect();
                let message = format!("{} cannot say this: {message}", target.title());
                let first = spans.first().copied().unwrap_or(rule);
                let mut diagnostic = Diagnostic::new(Code::UnsupportedByTarget, first, message);
                for span in spans.iter().skip(1) {
                    diagnostic = diagnostic.with_place(*span, "");
                }
                match help(*construct, target, &can_say(*construct, &spans)) {
                    Some(help) => diagnostic.with_help(help),
                    None => diagnostic,
                }
            }
            Self::NotReadBack { text } => {
                let message = format!("the {} query could not be read back", target.title());
                Diagnostic::new(Code::NotReadBack, rule, message)
                    .with_help(format!("please report the rule with this query: {text}"))
            }
            Self::OfLanguage { language, refusal, other } => {
                let asked = find(language).unwrap_or(target);
                // The other languages of the target were asked already.
                let others = |construct, spans: &[Span]| {
                    let mut speakers = can_say(construct, spans);
                    speakers.names.retain(|name| !target.languages().contains(name));
                    speakers
                };
                let mut diagnostic = refusal.diagnose(asked, origins, rule, &others);
                let help = other.iter().cloned().chain(diagnostic.help.take());
                let help = help.collect::<Vec<String>>().join("; ");
                if help.is_empty() { diagnostic } else { diagnostic.with_help(help) }
            }
        }
    }

    /// True for a fault of ours.
    pub fn is_fault(&self) -> bool {
        match self {
            Self::Unsupported { .. } => false,
            Self::NotReadBack { .. } => true,
            Self::OfLanguage { refusal, .. } => refusal.is_fault(),
        }
    }

    /// The places of the rule that are refused; none where it is not about a place.
    pub fn places<'o>(&'o self, origins: &'o Origins) -> Box<dyn Iterator<Item = Span> + 'o> {
        match self {
            Self::Unsupported { origin, .. } => Box::new(origins.spans(origin)),
            Self::NotReadBack { .. } => Box::new(std::iter::empty()),
            Self::OfLanguage { refusal, .. } => refusal.places(origins),
        }
    }

    /// Why, in one sentence.
    pub fn reason(&self) -> &str {
        match self {
            Self::Unsupported { message, .. } => message,
            Self::NotReadBack { .. } => "the query could not be read back",
            Self::OfLanguage { refusal, .. } => refusal.reason(),
        }
    }
}

/// Names the targets that can say a construct. The target itself may say it in another place.
fn help(construct: Construct, target: &dyn Backend, able: &Speakers) -> Option<String> {
    if construct == Construct::DataModel {
        return Some(IN_EVENTS.to_owned());
    }
    let names: Vec<&str> =
        able.names.iter().copied().filter(|name| *name != target.name()).collect();
    let how = if able.exact { "" } else { ", with losses" };
    (!names.is_empty()).then(|| format!("`-t {}` can say it{how}", names.join(",")))
}
