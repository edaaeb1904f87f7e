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
    UnsupportedYaml = "E0104", "anchors, aliases, tags and merge keys are not read yet";
    LimitExceeded = "E0105", "the file is larger or deeper than a rule can be";
    NotARule = "E0201", "the document is not a rule";
    MissingAttribute = "E0202", "a required attribute is missing";
    InvalidAttribute = "E0203", "an attribute has a value that Sigma does not allow";
    UnsupportedDocument = "E0204", "this kind of document is not translated yet";
    UnknownAttribute = "E0205", "a key or a value under `isogloss` is not known";
    InvalidCondition = "E0301", "the condition cannot be read";
    UnknownDetection = "E0302", "a condition names a detection that the rule does not define";
    EmptySelector = "E0303", "a selector such as `1 of filter_*` selects no detection";
    InvalidDetection = "E0304", "a detection is empty or has a shape that Sigma does not know";
    UnknownModifier = "E0401", "a modifier is not known";
    UnsupportedModifier = "E0402", "a modifier of Sigma is not translated yet";
    MisusedModifier = "E0403", "a modifier cannot be used here";
    InvalidRegex = "E0404", "a regular expression cannot be read";
    InvalidPipeline = "E0501", "a processing pipeline cannot be read";
    UnknownTransformation = "E0502", "a transformation or a condition of a pipeline is not known";
    UnsupportedByTarget = "E0601", "the target cannot say this";
    NotReadBack = "E0901", "a query could not be read back";
    AmbiguousNumber = "W0701", "a plain number that YAML versions read differently";
    NullInList = "W0702", "`null` stands in a list of values";
    UnusedDetection = "W0703", "a detection is used by no condition";
    NumberAsText = "W0704", "a modifier for strings stands on a number";
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
