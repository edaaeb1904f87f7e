//! Every code there is, with what it means. A code, once released, is never reused.
//!
//! [`RANGES`] says what the codes of a range are about.

use super::Severity;

/// Defines [`Code`] from one table: variant, text, title. What a code means in full, with an example that
/// is wrong and one that is right, stands in `explanation/<text>.md`; without that file it does not
/// compile.
macro_rules! codes {
    ($($variant:ident = $text:literal, $title:literal;)*) => {
        /// A stable code of a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// All codes, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as people write it, such as `E0302`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What the code means, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What the code means, why it matters, what to do, and two examples, in Markdown.
            pub fn explanation(self) -> &'static str {
                match self {
                    $(Self::$variant => include_str!(concat!("explanation/", $text, ".md")),)*
                }
            }
        }
    };
}

codes! {
    UnreadableText = "E0101", "the file is not UTF-8 text";
    InvalidYaml = "E0102", "the file is not YAML";
    DuplicateKey = "E0103", "a key stands twice in one map";
    UnsupportedYaml = "E0104", "a merge key stands in a map";
    LimitExceeded = "E0105", "the file is larger or deeper than a rule can be";
    ForbiddenCharacter = "E0106", "a character that no YAML file can hold";
    UnknownAlias = "E0107", "an alias names no anchor";
    EndlessAlias = "E0108", "an alias stands in the value that it names";
    UnsupportedTag = "E0109", "a tag is not known, or does not fit its value";
    InvalidKey = "E0110", "a key of a map is null, a list or a map";
    NotFinite = "E0111", "a number is infinite, or none at all";
    NotARule = "E0201", "the document is not a rule";
    MissingAttribute = "E0202", "a required attribute is missing";
    InvalidAttribute = "E0203", "an attribute has a value that Sigma does not allow";
    UnsupportedDocument = "E0204", "the document needs a later version of Sigma";
    UnknownAttribute = "E0205", "a key or a value under `isogloss` is not known";
    AmbiguousDocument = "E0206", "a document is of two kinds at once";
    InvalidCollection = "E0207", "a collection of old rules cannot be put together";
    InvalidCorrelation = "E0208", "a correlation cannot be read";
    UnknownReference = "E0209", "a correlation refers to a rule that is not there";
    AmbiguousReference = "E0210", "a correlation refers to several rules at once";
    ReferenceCycle = "E0211", "a correlation refers to itself";
    InvalidFilter = "E0212", "a filter cannot be read";
    InvalidCondition = "E0301", "the condition cannot be read";
    UnknownDetection = "E0302", "a condition names a detection that the rule does not define";
    EmptySelector = "E0303", "a selector such as `1 of filter_*` selects no detection";
    InvalidDetection = "E0304", "a detection is empty or has a shape that Sigma does not know";
    UnknownModifier = "E0401", "a modifier is not known";
    MisusedModifier = "E0403", "a modifier cannot be used here";
    InvalidRegex = "E0404", "a regular expression cannot be read";
    InvalidValue = "E0405", "a value that the modifier cannot take";
    InvalidPipeline = "E0501", "a processing pipeline cannot be read";
    UnknownTransformation = "E0502", "a transformation or a condition of a pipeline is not known";
    UnknownVariable = "E0503", "a pipeline has no such variable or value";
    ForbiddenTransformation = "E0504", "a transformation would run a command or fetch an address";
    UnsupportedByTarget = "E0601", "the target cannot say this";
    UnresolvedPlaceholder = "E0602", "a placeholder is not filled in";
    RefusedByPipeline = "E0603", "a pipeline refuses the rule";
    NotReplayed = "E0604", "what a pipeline did to a rule cannot be done to events";
    InvalidEvents = "E0701", "a file of events cannot be read";
    InvalidExpectation = "E0702", "an expectation cannot be read";
    UnmetExpectation = "E0703", "an expectation is not met";
    InvalidConfig = "E0710", "the configuration cannot be read";
    UnknownInConfig = "E0711", "the configuration names something that is not known";
    NameClash = "E0801", "two rules would be deployed under one name";
    NotDeployable = "E0802", "a rule has no id to be deployed under";
    PinnedOtherwise = "E0803", "a deployed rule would change its name or its type";
    InvalidContent = "E0804", "the platform would not take what a rule says about its deployment";
    NotReadBack = "E0901", "a query could not be read back";
    AmbiguousNumber = "W0701", "a plain number that YAML versions read differently";
    NullInList = "W0702", "`null` stands in a list of values";
    UnusedDetection = "W0703", "a detection is used by no condition";
    NumberAsText = "W0704", "a modifier for strings stands on a number";
    KeyNotText = "W0705", "a key is a number or a boolean";
    ReadAsOtherType = "W0706", "a plain value that other tools do not read as text";
    ControlInEscape = "W0707", "double quotes make a control character of a backslash";
    BlockValue = "W0708", "a block of text stands as a value";
    CutByComment = "W0709", "a comment cuts a plain value";
    EmptyValue = "W0710", "a field has no value";
    UnusedAnchor = "W0711", "an anchor that no alias uses";
    KeyInKeyword = "W0712", "a keyword that looks like a field and its value";
    MoreFindings = "W0719", "not everything that was found is shown";
    EncodedText = "W0720", "an encoded value stands without base64";
    RedundantModifier = "W0721", "a modifier changes nothing";
    LegacyCollection = "W0722", "a collection of an old version of Sigma";
    FilterWithoutNot = "W0723", "a filter keeps what it describes";
    UnusedFilter = "W0724", "a filter is added to no rule that it names";
    NotInSpecification = "W0725", "not in the Sigma specification";
    UnusedAlias = "W0726", "an alias of a correlation is not used";
    ImpossibleCondition = "W0727", "a correlation whose condition never holds";
    LostField = "W0728", "a correlation over a field that the matches of another do not have";
    TypographicQuotes = "W0729", "a value stands in typographic quotes";
    UnseenCharacter = "W0730", "a value holds a character that is not seen";
    ListInValue = "W0731", "one value was probably meant to be a list";
    InvalidComment = "W0740", "a comment for isogloss cannot be understood";
    UnusedEntry = "W0741", "an entry of the policy switches nothing";
    EntryOver = "W0742", "an entry of the policy is past its end date";
    DuplicateId = "W0743", "two rules have one id";
    DuplicateTitle = "W0744", "two rules have one title";
    DuplicateLogic = "W0745", "two rules look for the same";
    UnknownRelated = "W0746", "`related` names a rule that is not there";
    RelatedToItself = "W0747", "a rule is related to itself";
    UnknownRelation = "W0748", "a type of relation is not known";
    NoId = "W0749", "a rule has no id";
    NoLevel = "W0750", "a rule has no level";
    DeprecatedWithoutHeir = "W0751", "a deprecated rule does not say what replaces it";
    ModifiedBeforeDate = "W0752", "a rule was modified before it was written";
    MisspeltAttribute = "W0753", "an attribute is probably misspelt";
    DuplicateEntry = "W0754", "an entry stands twice in a list";
    MalformedTag = "W0755", "a tag is not of the form `namespace.name`";
    UnknownNamespace = "W0756", "a namespace of tags is not known";
    InvalidTag = "W0757", "a tag is nothing that its namespace has";
    LogsourceCase = "W0758", "a log source has letters in upper case";
    MisspeltLogsource = "W0759", "a log source is probably misspelt";
    EventCodeOfCategory = "W0760", "an event code is tested in a rule for a category";
    ThemIsOne = "W0761", "`them` is a single detection";
    SelectorIsOne = "W0762", "a selector selects a single detection";
    MixedOperators = "W0763", "`and` and `or` stand side by side without parentheses";
    Contradiction = "W0764", "a condition can never hold";
    EqualDetections = "W0765", "two detections of a rule look for the same";
    ModifiersOverlap = "W0766", "two modifiers together are a third";
    ModifierTwice = "W0767", "a modifier stands twice";
    AllOfOne = "W0768", "`all` has a single value";
    AllOfWholeValues = "W0769", "`all` asks for several whole values";
    OffsetOfWholeValue = "W0770", "`base64offset` stands without `contains`";
    WildcardForModifier = "W0771", "a wildcard stands where a modifier would";
    DoubleWildcard = "W0772", "a wildcard stands twice";
    EscapedWildcard = "W0773", "an escaped `*` stands where a folder would";
    ShortUnc = "W0774", "a network path starts with two backslashes";
    WildcardInUrl = "W0775", "an unescaped `?` stands in a URL";
    LoneWildcard = "W0776", "a value matches whatever a field holds";
    EmptyPart = "W0777", "an empty value stands under `contains`, `startswith` or `endswith`";
    DuplicateValue = "W0780", "a value stands twice in a list";
    CoveredValue = "W0781", "a value is covered by another one";
    RedundantRegex = "W0782", "`.*` stands at an end of a regular expression";
    FieldCase = "W0783", "a field differs from a known one only by case";
    DuplicateFileName = "W0784", "two files have one name";
    ReplacedTechnique = "W0785", "a technique of ATT&CK was replaced by another";
    UnknownTechnique = "W0786", "an id that ATT&CK does not have";
    UncommonRegex = "W0787", "a regular expression uses what not every tool reads alike";
    ManyTests = "W0788", "a modifier makes very many tests of few values";
    MisfitHash = "W0789", "a hash does not have the form of its algorithm";
    QueryTooLong = "W0790", "a query is longer than the configuration allows";
    TechniqueWithoutName = "W0791", "an id of ATT&CK whose name is not known";
    DoubtfulContent = "W0792", "content that the platform takes, but hardly as it is meant";
    LossCase = "L0801", "upper and lower case matter in the query, not in the rule";
    LossWildcard = "L0802", "a wildcard is wider in the query than in the rule";
    LossRegex = "L0803", "a regular expression is approximated";
    LossNull = "L0804", "an absent field is not told apart";
    LossKeyword = "L0805", "a keyword is not searched in the whole event";
    LossTokens = "L0806", "text is matched by whole words";
    LossType = "L0807", "the type of a field changes what a value finds";
    LossMultivalue = "L0808", "fields with several values are matched differently";
    LossWindow = "L0809", "the time window is not the rule's";
    LossOverlap = "L0810", "overlapping sequences are found once";
    LossLimit = "L0811", "the platform has a limit that the rule has not";
    LossGrouping = "L0812", "groups are formed differently";
    LossUnmappedField = "L0821", "a field has no known name on the platform";
    LossMapping = "L0822", "a field of the platform holds only part of the meaning";
    LossUnscopedLogsource = "L0823", "the query is not limited to the rule's log source";
    LossLogsource = "L0824", "the scope is not exactly the log source";
    LossOptionalField = "L0825", "a field may be missing from all indices";
    LossDataModel = "L0826", "the data model fills or renames values";
}

/// The ranges of codes: how their codes start, and what they are about.
pub const RANGES: &[(&str, &str)] = &[
    ("E01", "the file: encoding, YAML, limits"),
    ("E02", "the attributes of a rule"),
    ("E03", "detections and conditions"),
    ("E04", "modifiers and values"),
    ("E05", "processing pipelines"),
    ("E06", "what a target cannot say"),
    ("E07", "events, expectations and configuration"),
    ("E08", "the deployment of a rule"),
    ("E09", "faults of isogloss itself"),
    ("W07", "lints"),
    ("L08", "losses of a translation"),
];

impl Code {
    /// The severity that a finding starts with: the letter of the code says it.
    pub fn severity(self) -> Severity {
        if self.as_str().starts_with('E') { Severity::Error } else { Severity::Warning }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_lies_in_one_range() {
        for code in Code::ALL {
            let ranges = RANGES.iter().filter(|(start, _)| code.as_str().starts_with(start));
            assert_eq!(ranges.count(), 1, "{}", code.as_str());
        }
    }

    #[test]
    fn codes_are_unique_and_in_order() {
        let texts: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        let groups = ["E", "W", "L"].map(|letter| {
            texts.iter().filter(|text| text.starts_with(letter)).copied().collect::<Vec<_>>()
        });
        for group in groups {
            let mut sorted = group.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(group, sorted);
        }
    }
}
