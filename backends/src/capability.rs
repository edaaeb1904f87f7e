//! What a target can say exactly.

use crate::BACKENDS;

/// A construct of Sigma that not every language has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Construct {
    /// A keyword, searched in the text of the whole event.
    Keyword,
    /// A regular expression.
    Regex,
    /// A regular expression of any size.
    LargeRegex,
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
    /// An address of IPv6 that is kept as text, in a network.
    NetworkOfText,
    /// The value of another field.
    FieldReference,
    /// A part of a time.
    TimePart,
    /// The week of a time.
    Week,
    /// Rules that match in their order, or so many events of one rule.
    Sequence,
    /// Any rule about several events.
    Correlation,
    /// A rule about how many events or values there are at least.
    Count,
    /// A macro whose definition is not a search.
    MacroDefinition,
    /// What a data model does not have: a log source, a field, the text of an event.
    DataModel,
    /// Raw query text of a pipeline; no language lists it, since only its own can be read.
    RawQuery,
}

/// The names of the targets that can say `construct`.
pub(crate) fn speakers(construct: Construct) -> Vec<&'static str> {
    let able = BACKENDS.iter().filter(|backend| backend.constructs().contains(&construct));
    able.map(|backend| backend.name()).collect()
}
