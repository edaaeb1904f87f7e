//! Every code there is, with what it means. A code, once released, is never reused.
//!
//! | range | about |
//! |---|---|
//! | `E01xx` | the file: encoding, YAML, limits |
//! | `E02xx` | the attributes of a rule |
//! | `E03xx` | detections and conditions |
//! | `E04xx` | modifiers and values |
//! | `E05xx` | processing pipelines |
//! | `E06xx` | what a target cannot say |
//! | `E09xx` | faults of isogloss itself |
//! | `W07xx` | lints |
//! | `L08xx` | losses of a translation |

use super::Severity;

/// Defines [`Code`] from one table: variant, text, title, explanation.
macro_rules! codes {
    ($($variant:ident = $text:literal, $title:literal, $explanation:literal;)*) => {
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

            /// What the code means, and what to do.
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation,)* }
            }
        }
    };
}

codes! {
    UnreadableText = "E0101", "the file is not UTF-8 text",
        "Rules are read as UTF-8. Save the file in that encoding.";
    InvalidYaml = "E0102", "the file is not YAML",
        "The YAML parser stopped at the underlined place. Values that start with `*`, `&`, `%`, `@` \
         or a backtick have to be quoted.";
    DuplicateKey = "E0103", "a key stands twice in one map",
        "YAML allows a key once in a map; other tools keep the last one and drop the first in \
         silence. Write the values as one list, or give the detections two names.";
    UnsupportedYaml = "E0104", "a merge key stands in a map",
        "`<<` is not part of YAML 1.2, and tools disagree about what it does. Write the keys out.";
    LimitExceeded = "E0105", "the file is larger or deeper than a rule can be",
        "Limits: 4 MiB a file, 1,000 documents, 64 KiB a scalar, 64 levels, 20,000 elements a list, 1,000 \
         anchors a document, 200,000 nodes with all aliases replaced; 1,000 detections and 1,000 terms of \
         conditions a rule, 20,000 tests an item, 100,000 a rule.";
    ForbiddenCharacter = "E0106", "a character that no YAML file can hold",
        "Control characters, and byte order marks that do not stand at the start, are refused. In \
         double quotes a control character can be written as an escape.";
    UnknownAlias = "E0107", "an alias names no anchor",
        "A plain value that starts with `*` is an alias to YAML. Values that start with a wildcard \
         have to be quoted.";
    EndlessAlias = "E0108", "an alias stands in the value that it names",
        "Such a value would have no end.";
    UnsupportedTag = "E0109", "a tag is not known, or does not fit its value",
        "The tags `!!str`, `!!int`, `!!float`, `!!bool` and `!!null` are honoured. Values that start with \
         `!` have to be quoted.";
    InvalidKey = "E0110", "a key of a map is null, a list or a map",
        "Detections and fields are named by strings.";
    NotFinite = "E0111", "a number is infinite, or none at all",
        "`.inf` and `.nan` are numbers to YAML, and no event holds them. Quote the value if the text is \
         meant.";
    NotARule = "E0201", "the document is not a rule",
        "A rule is a map with `title`, `logsource` and `detection`.";
    MissingAttribute = "E0202", "a required attribute is missing",
        "Sigma requires `title`, `logsource`, `detection` and in it `condition`.";
    InvalidAttribute = "E0203", "an attribute has a value that Sigma does not allow",
        "See the list of attributes in the Sigma specification, section \"Components\".";
    UnsupportedDocument = "E0204", "the document needs a later version of Sigma",
        "Rules of version 2 are read. A later version may give the same words another meaning.";
    UnknownAttribute = "E0205", "a key or a value under `isogloss` is not known",
        "The custom attribute `isogloss` has a fixed set of keys.";
    AmbiguousDocument = "E0206", "a document is of two kinds at once",
        "A document is a detection rule, a correlation or a filter.";
    InvalidCollection = "E0207", "a collection of old rules cannot be put together",
        "`action: global` is merged into every rule behind it, `repeat` changes the rule before it. Where both \
         sides set a key, tools disagree on which wins, so it is an error.";
    InvalidCorrelation = "E0208", "a correlation cannot be read",
        "See the list of attributes in the Sigma specification, \"Correlation Rules\".";
    UnknownReference = "E0209", "a correlation refers to a rule that is not there",
        "Rules are found by `id` and by `name`, in all files of the run.";
    AmbiguousReference = "E0210", "a correlation refers to several rules at once",
        "Several rules have this id or name, and only one can be meant.";
    ReferenceCycle = "E0211", "a correlation refers to itself",
        "The rules that a correlation is about cannot be about it in turn.";
    InvalidFilter = "E0212", "a filter cannot be read",
        "A filter has a log source, and under `filter` the keys `rules` and `condition` and detections.";
    InvalidCondition = "E0301", "the condition cannot be read",
        "A condition joins search identifiers with `and`, `or`, `not`, parentheses, `1 of`, `all \
         of`. Operators are lower case.";
    UnknownDetection = "E0302", "a condition names a detection that the rule does not define",
        "Every search identifier of a condition is a key under `detection`.";
    EmptySelector = "E0303", "a selector such as `1 of filter_*` selects no detection",
        "Other tools drop such a part in silence, which changes what the rule finds.";
    InvalidDetection = "E0304", "a detection is empty or has a shape that Sigma does not know",
        "A detection is a map of fields, a list of such maps, or a list of keywords.";
    UnknownModifier = "E0401", "a modifier is not known",
        "Modifiers are lower case and stand after the field, each behind a `|`.";
    MisusedModifier = "E0403", "a modifier cannot be used here",
        "See the chains that the Sigma specification allows.";
    InvalidRegex = "E0404", "a regular expression cannot be read",
        "Regular expressions are PCRE without look-around, back references and Unicode classes.";
    InvalidValue = "E0405", "a value that the modifier cannot take",
        "The modifier is in the right place, but nothing can be made of this value: a network with bits \
         of a host, a wildcard in base64, an hour beyond 23.";
    InvalidPipeline = "E0501", "a processing pipeline cannot be read",
        "A pipeline is a map with `name`, `priority`, `transformations` and `isogloss`.";
    UnknownTransformation = "E0502", "a transformation or a condition of a pipeline is not known",
        "An unknown part of a pipeline is an error, since without it the queries would change.";
    UnsupportedByTarget = "E0601", "the target cannot say this",
        "Nothing is weakened in silence: what a language can neither say nor soundly approximate is \
         refused. The message names a target that can say it.";
    UnresolvedPlaceholder = "E0602", "a placeholder is not filled in",
        "The modifier `expand` leaves `%name%` to a pipeline. No pipeline fills it in, and without its \
         values the rule would find nothing or everything.";
    NotReadBack = "E0901", "a query could not be read back",
        "Every query is parsed again and compared with the tree that was printed. This one differs, \
         so it is not given out. Please report the rule.";
    AmbiguousNumber = "W0701", "a plain number that YAML versions read differently",
        "The text is kept as it is written. Quote the value, or write the number in decimal.";
    NullInList = "W0702", "`null` stands in a list of values",
        "Sigma does not allow `null` in a list. It is taken as: the field is absent.";
    UnusedDetection = "W0703", "a detection is used by no condition",
        "Nothing of it reaches a query.";
    NumberAsText = "W0704", "a modifier for strings stands on a number",
        "The number is taken as its decimal text. Quote the value.";
    KeyNotText = "W0705", "a key is a number or a boolean",
        "The key is taken as its text. Quote it.";
    ReadAsOtherType = "W0706", "a plain value that other tools do not read as text",
        "Tools that read YAML 1.1 take `yes`, `no`, `on`, `off`, `y` and `n` for booleans, and \
         `2024-01-31` for a date. Here it is text. Quote the value.";
    ControlInEscape = "W0707", "double quotes make a control character of a backslash",
        "In double quotes `\\t` is a tab, `\\b` a backspace, `\\n` a line feed. Paths are written in \
         single quotes.";
    BlockValue = "W0708", "a block of text stands as a value",
        "The line breaks of a block, the last one included, are part of the value. Write the value on one \
         line, in quotes.";
    CutByComment = "W0709", "a comment cuts a plain value",
        "In a plain value, ` #` starts a comment. Quote the value.";
    EmptyValue = "W0710", "a field has no value",
        "Nothing is `null` to YAML, which asks for the absence of the field. Write `null` if that is \
         meant.";
    UnusedAnchor = "W0711", "an anchor that no alias uses",
        "A plain value that starts with `&` is an anchor to YAML, which names the value behind it and is \
         no part of it. Quote the value.";
    KeyInKeyword = "W0712", "a keyword that looks like a field and its value",
        "A `:` ends a key only if a space follows it. Without one, the text is a keyword, which is \
         searched in the whole event.";
    MoreFindings = "W0719", "not everything that was found is shown",
        "Of one document, the first 50 errors and the first 50 warnings are shown. Mend them and run again.";
    EncodedText = "W0720", "an encoded value stands without base64",
        "Text in UTF-16 holds NUL characters, which hardly any field does. Put `base64` or \
         `base64offset` behind the encoding.";
    RedundantModifier = "W0721", "a modifier changes nothing",
        "The rule means the same without it.";
    LegacyCollection = "W0722", "a collection of an old version of Sigma",
        "`action` is no part of Sigma any more. The documents are merged as far as they agree.";
    FilterWithoutNot = "W0723", "a filter keeps what it describes",
        "The condition of a filter is added to rules with `and`, so without a `not` the rules find only what the \
         filter describes.";
    UnusedFilter = "W0724", "a filter is added to no rule that it names",
        "A rule that the filter names is not in this run, or its log source is not among those of the filter.";
    NotInSpecification = "W0725", "not in the Sigma specification",
        "Other tools may not know it.";
    UnusedAlias = "W0726", "an alias of a correlation is not used",
        "An alias has an effect in `group-by` and as the `field` of a condition.";
    LossCase = "L0801", "upper and lower case matter in the query, not in the rule",
        "The language compares this field with case. The query finds only the case as written.";
    LossWildcard = "L0802", "a wildcard is wider in the query than in the rule",
        "The language has no wildcard for exactly one character, or none that can stand here.";
    LossRegex = "L0803", "a regular expression is approximated", "See the message.";
    LossNull = "L0804", "an absent field is not told apart", "See the message.";
    LossKeyword = "L0805", "a keyword is not searched in the whole event", "See the message.";
    LossTokens = "L0806", "text is matched by whole words", "See the message.";
    LossType = "L0807", "the type of a field changes what a value finds", "See the message.";
    LossMultivalue = "L0808", "fields with several values are matched differently", "See the message.";
    LossWindow = "L0809", "the time window is not the rule's", "See the message.";
    LossOverlap = "L0810", "overlapping sequences are found once", "See the message.";
    LossLimit = "L0811", "the platform has a limit that the rule has not", "See the message.";
    LossGrouping = "L0812", "groups are formed differently", "See the message.";
    LossUnmappedField = "L0821", "a field has no known name on the platform",
        "The field is passed on as it is. Add it to a pipeline.";
    LossMapping = "L0822", "a field of the platform holds only part of the meaning", "See the message.";
    LossUnscopedLogsource = "L0823", "the query is not limited to the rule's log source",
        "No scope of the pipelines contains the log source, so the query searches everything.";
    LossLogsource = "L0824", "the scope is not exactly the log source", "See the message.";
    LossOptionalField = "L0825", "a field may be missing from all indices", "See the message.";
    LossDataModel = "L0826", "the data model fills or renames values", "See the message.";
}

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
