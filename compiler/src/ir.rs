//! What a rule means.
//!
//! Trees are canonical by construction: chains are flat and have at least two operands, patterns have
//! no neighbouring parts of one kind. Nothing is lower-cased, compiled or encoded for a target.
//!
//! A rule has two states: [`Sigma`] has Sigma's field names, named detections and conditions;
//! [`Mapped`] has the target's fields and scope, put together. Only [`Mapped`] reaches a backend.

mod chain;
mod correlate;
mod correlation;
mod data_model;
mod evaluate;
mod event;
mod expr;
mod find;
mod fold;
mod loss;
mod number;
mod origin;
pub mod outline;
mod pattern;
pub mod print;
mod regex;
mod scope;
mod template;
mod time;
mod time_part;
mod verify;
mod walk;

pub use chain::chain;
pub use correlate::{Timed, correlate};
pub use correlation::{AnyRule, Base, Correlation, GroupField, Measure, RULE_NUMBERS, Trigger};
pub use data_model::{DataModel, Fill};
pub use evaluate::{evaluate, evaluate_conditions, evaluate_rule};
pub use event::{Event, Scalar};
pub use expr::{Anchor, Expr, Item, Link, Polarity, Predicate, Test};
pub use find::finds;
pub use fold::{fold, siblings};
pub use loss::{Class, Direction, Fidelity, Loss, LossKind};
pub use number::Number;
pub use origin::{Origin, OriginId, Origins};
pub use pattern::{Part, Pattern};
pub use regex::{CharSet, Regex, RegexFlags, RegexNode};
pub use scope::{Macro, Scope};
pub use template::{Template, TemplateKind, TemplatePart};
pub use time::{TIME_FIELDS, by_time, parse_time, time_of};
pub use time_part::TimePart;
pub use verify::verify;
pub use walk::{Places, Step, Walk, widest};

use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::ast::{Logsource, Metadata};
pub use crate::decimal::{Comparison, Decimal};

/// The state of a rule or an event: whose field names it has.
pub trait State: Copy + Debug + Eq {
    /// How a field is named in this state.
    type Field: Clone + Debug + Eq + HasName;
    /// What a rule consists of in this state.
    type Body: Clone + Debug + Eq;
    /// A value that is not known yet.
    type Open: Clone + Debug + Eq;

    /// The placeholders of such a value.
    fn template(open: &Self::Open) -> &Template;
}

/// Something with a field name.
pub trait HasName {
    /// The name, as it stands in an event.
    fn name(&self) -> &str;
}

/// Sigma's field names, perhaps open placeholders; detections and conditions stand apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sigma {}

/// The target's field names, no placeholders; detections stand in their conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mapped {}

impl State for Sigma {
    type Field = FieldName;
    type Body = Named;
    type Open = Template;

    fn template(open: &Template) -> &Template {
        open
    }
}

impl State for Mapped {
    type Field = Field;
    type Body = Linked;
    type Open = Infallible;

    fn template(open: &Infallible) -> &Template {
        match *open {}
    }
}

/// A detection rule in one of its two states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule<S: State> {
    /// What the rule says about itself.
    pub metadata: Arc<Metadata>,
    /// Which events the rule is about.
    pub logsource: Logsource,
    /// Where the log source is written.
    pub logsource_origin: Origin,
    /// Where the leaves of the trees come from.
    pub origins: Origins,
    /// The logic.
    pub body: S::Body,
}

impl Rule<Mapped> {
    /// Puts the places of this rule behind those of a table, and gives the leaves their origins there.
    pub fn move_origins(&mut self, origins: &mut Origins) {
        let by = origins.append(&self.origins);
        let change = |origin: &Origin| origin.shifted(by);
        let Linked { scope, conditions, losses, .. } = &mut self.body;
        for expr in conditions.iter_mut().chain(&mut scope.condition) {
            expr.change_origins(&change);
        }
        scope.origin = change(&scope.origin);
        self.logsource_origin = change(&self.logsource_origin);
        for loss in losses {
            loss.origin = change(&loss.origin);
        }
    }
}

/// The logic of a rule before its pipeline: detections by name, conditions that refer to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The detections, in the order of the rule.
    pub detections: IndexMap<String, Expr<Sigma>>,
    /// The conditions; a rule whose condition is a list has one query each.
    pub conditions: Vec<Condition>,
    /// Fields to show or to group by.
    pub fields: Vec<FieldName>,
}

/// The logic of a rule after its pipeline. `scope` and conditions stay apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The log source, in the target's terms.
    pub scope: Scope,
    /// One expression a query.
    pub conditions: Vec<Expr<Mapped>>,
    /// Fields to show or to group by.
    pub fields: Vec<String>,
    /// What the mapping of fields and log source lost.
    pub losses: Vec<Loss>,
    /// Which part of the rule the pipelines know.
    pub coverage: Coverage,
    /// True if a pipeline has put raw query text into a condition, which nobody has checked.
    pub unverified: bool,
}

/// Which part of a rule its pipelines know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// True if a scope was found for the log source.
    pub scoped: bool,
    /// The fields that the rule tests, with the names that its pipelines have given them, each once.
    pub fields: Vec<String>,
    /// Those of them without a known name on the platform.
    pub unmapped: Vec<String>,
}

/// A condition whose selectors are resolved to the names of detections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All operands hold. Never empty.
    All(Vec<Condition>),
    /// Any operand holds. Never empty.
    Any(Vec<Condition>),
    /// The operand does not hold.
    Not(Box<Condition>),
    /// The detection of this name matches.
    Detection(String),
}

impl Condition {
    /// The same condition over other names.
    #[must_use]
    pub fn renamed(&self, rename: &dyn Fn(&str) -> String) -> Self {
        let all = |operands: &[Self]| operands.iter().map(|it| it.renamed(rename)).collect();
        match self {
            Self::All(operands) => Self::All(all(operands)),
            Self::Any(operands) => Self::Any(all(operands)),
            Self::Not(operand) => Self::Not(Box::new(operand.renamed(rename))),
            Self::Detection(name) => Self::Detection(rename(name)),
        }
    }

    /// The names of the detections, as often as they stand there.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::All(operands) | Self::Any(operands) => {
                operands.iter().flat_map(Self::names).collect()
            }
            Self::Not(operand) => operand.names(),
            Self::Detection(name) => vec![name],
        }
    }
}

/// A field name of Sigma's taxonomy, or what transformations have made of it so far.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldName(pub String);

impl HasName for FieldName {
    fn name(&self) -> &str {
        &self.0
    }
}

/// A field of the target, with what the pipeline knows about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name, as the platform has it.
    pub name: String,
    /// What is known about it.
    pub facts: Arc<FieldFacts>,
}

impl HasName for Field {
    fn name(&self) -> &str {
        &self.name
    }
}

/// What a pipeline says about a field of the target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldFacts {
    /// Its type in the index.
    pub kind: FieldKind,
    /// True if the field is not in every index that the rule searches.
    pub optional: bool,
    /// True if every value has one spelling, so that case cannot matter.
    pub canonical_case: bool,
    /// The field that this one is the file name of, such as `process.executable` for `process.name`.
    pub file_name_of: Option<String>,
    /// Values that the platform drops before it stores an event, such as `-`: they are absence.
    pub absent: Vec<String>,
    /// How analysed text is cut into words.
    pub analyzer: Analyzer,
}

/// How the index cuts analysed text into words. All of them take letters without regard to case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Analyzer {
    /// The standard analyzer of Elasticsearch: the words of Unicode.
    #[default]
    Standard,
    /// That of Elastic's PowerShell logs: ASCII letters, digits, `_` and `-` make a word.
    PowerShell,
}

impl Analyzer {
    /// All analyzers with the words that pipelines write.
    pub const ALL: &'static [(&'static str, Self)] =
        &[("standard", Self::Standard), ("powershell", Self::PowerShell)];
}

/// The type of a field in the index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldKind {
    /// Exact text.
    #[default]
    Keyword,
    /// Exact text, indexed for wildcards.
    Wildcard,
    /// Analysed text.
    Text,
    /// A whole number.
    Long,
    /// An address.
    Ip,
    /// True or false.
    Boolean,
    /// A time.
    Date,
}

impl FieldKind {
    /// All types with the words that pipelines write.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("keyword", Self::Keyword),
        ("wildcard", Self::Wildcard),
        ("text", Self::Text),
        ("long", Self::Long),
        ("ip", Self::Ip),
        ("boolean", Self::Boolean),
        ("date", Self::Date),
    ];

    /// True for types whose values are text.
    pub fn is_string(self) -> bool {
        match self {
            Self::Keyword | Self::Wildcard | Self::Text => true,
            Self::Long | Self::Ip | Self::Boolean | Self::Date => false,
        }
    }
}
