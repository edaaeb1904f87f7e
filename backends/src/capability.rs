//! What a target can say exactly.

use isogloss_compiler::ir::{Mapped, Test};

use crate::BACKENDS;

/// A construct of Sigma that not every language has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Construct {
    /// A keyword, searched in the text of the whole event.
    Keyword,
    /// A regular expression.
    Regex,
    /// A boundary of words or lines in a regular expression.
    RegexBoundary,
    /// A wildcard on a field that is not text.
    TypedWildcard,
    /// A test on analysed text.
    AnalysedText,
    /// A field name that the language's quoting cannot hold.
    FieldName,
    /// A character that the language's strings cannot hold.
    Character,
    /// A comparison of numbers.
    Comparison,
    /// An address in a network.
    Network,
    /// The value of another field.
    FieldReference,
    /// A part of a time.
    TimePart,
    /// A rule about several events.
    Correlation,
    /// A macro whose definition is not a search.
    MacroDefinition,
}

/// The names of the targets that can say `construct`.
pub(crate) fn speakers(construct: Construct) -> Vec<&'static str> {
    let able = BACKENDS.iter().filter(|backend| backend.constructs().contains(&construct));
    able.map(|backend| backend.name()).collect()
}

/// What a test asks for that no target says yet, with the words for it.
pub(crate) fn unsaid(test: &Test<Mapped>) -> Option<(Construct, &'static str)> {
    match test {
        Test::Compare(..) => Some((Construct::Comparison, "comparisons are not translated yet")),
        Test::Cidr(_) => Some((Construct::Network, "networks are not translated yet")),
        Test::FieldRef { .. } => {
            Some((Construct::FieldReference, "references to fields are not translated yet"))
        }
        Test::Time { .. } => Some((Construct::TimePart, "parts of times are not translated yet")),
        Test::Like(_) | Test::Number(_) | Test::Bool(_) | Test::Null | Test::Regex(_) => None,
        Test::Open(open) => match *open {},
    }
}
