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
//! | `E07xx` | the configuration |
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
    UnsupportedYaml = "E0104", "anchors, aliases, tags and merge keys are not read yet",
        "Write the value out where it is used.";
    LimitExceeded = "E0105", "the file is larger or deeper than a rule can be",
        "Limits: 4 MiB a file, 64 KiB a scalar, 64 levels, 200,000 nodes; 20,000 tests an item, 100,000 \
         a rule.";
    NotARule = "E0201", "the document is not a rule",
        "A rule is a map with `title`, `logsource` and `detection`.";
    MissingAttribute = "E0202", "a required attribute is missing",
        "Sigma requires `title`, `logsource`, `detection` and in it `condition`.";
    InvalidAttribute = "E0203", "an attribute has a value that Sigma does not allow",
        "See the list of attributes in the Sigma specification, section \"Components\".";
    UnsupportedDocument = "E0204", "this kind of document is not translated yet",
        "Correlations, filters and `action` collections are refused, never skipped.";
    UnknownAttribute = "E0205", "a key or a value under `isogloss` is not known",
        "The custom attribute `isogloss` has a fixed set of keys.";
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
    UnsupportedModifier = "E0402", "a modifier of Sigma is not translated yet",
        "The rule is refused, since without the modifier it would mean something else.";
    MisusedModifier = "E0403", "a modifier cannot be used here",
        "See the chains that the Sigma specification allows.";
    InvalidRegex = "E0404", "a regular expression cannot be read",
        "Regular expressions are PCRE without look-around, back references and Unicode classes.";
    InvalidPipeline = "E0501", "a processing pipeline cannot be read",
        "A pipeline is a map with `name`, `priority`, `transformations` and `isogloss`.";
    UnknownTransformation = "E0502", "a transformation or a condition of a pipeline is not known",
        "An unknown part of a pipeline is an error, since without it the queries would change.";
    UnsupportedByTarget = "E0601", "the target cannot say this",
        "Nothing is weakened in silence: what a language can neither say nor soundly approximate is \
         refused. The message names a target that can say it.";
    InvalidConfig = "E0710", "the configuration cannot be read",
        "`isogloss.toml` is described in docs/configuration.md.";
    UnknownInConfig = "E0711", "the configuration names something that is not known",
        "A key, a target, a code or a kind of loss in `isogloss.toml` is not known. A typing mistake there \
         would change what is reported, so it is an error.";
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
    InvalidComment = "W0740", "a comment for isogloss cannot be understood",
        "A comment that switches findings is written `# isogloss: allow W0774 -- reason`, with `deny`, \
         `warn`, `note` or `allow`, codes or kinds of losses, `in` and targets if it is not about all, and \
         `until` and a date if it is to end.";
    UnusedEntry = "W0741", "an entry of the policy switches nothing",
        "The finding that the comment or the entry of `isogloss.toml` names is no longer there. Delete \
         the entry, before it hides something new.";
    EntryOver = "W0742", "an entry of the policy is past its end date",
        "The entry switches nothing any more. Mend what it hid, or give it another date.";
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
