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
    DuplicateId = "W0743", "two rules have one id",
        "An id names one rule: content that is deployed, correlations and filters find it by its id. Write \
         a new UUID for the copy.";
    DuplicateTitle = "W0744", "two rules have one title",
        "Titles are what people see in alerts, and names of deployed content are made from them.";
    DuplicateLogic = "W0745", "two rules look for the same",
        "Log source, detections and condition are the same but for order and case, so every event raises \
         two alerts.";
    UnknownRelated = "W0746", "`related` names a rule that is not there",
        "The id was not found among the rules that were read. Off by default, since a run may be about a \
         part of the repository.";
    RelatedToItself = "W0747", "a rule is related to itself",
        "`related` names other rules.";
    UnknownRelation = "W0748", "a type of relation is not known",
        "Sigma has `derived`, `obsolete`, `merged`, `renamed` and `similar`.";
    NoId = "W0749", "a rule has no id",
        "Without an id a rule cannot be followed through changes of its title or its file.";
    NoLevel = "W0750", "a rule has no level",
        "The level decides severity and risk score where the rule is deployed.";
    DeprecatedWithoutHeir = "W0751", "a deprecated rule does not say what replaces it",
        "Name the rules that replace it under `related`. Off by default.";
    ModifiedBeforeDate = "W0752", "a rule was modified before it was written",
        "One of `date` and `modified` is wrong.";
    MisspeltAttribute = "W0753", "an attribute is probably misspelt",
        "Sigma allows attributes of your own, so this one is not read and nothing fails. It is near to one \
         that Sigma has.";
    DuplicateEntry = "W0754", "an entry stands twice in a list",
        "Sigma asks for lists without repetition in `tags`, `references`, `falsepositives`, `fields` and \
         `scope`.";
    MalformedTag = "W0755", "a tag is not of the form `namespace.name`",
        "A tag is `namespace.name`, in lower case, without spaces.";
    UnknownNamespace = "W0756", "a namespace of tags is not known",
        "Sigma has `attack`, `car`, `cve`, `d3fend`, `detection`, `stp` and `tlp`.";
    InvalidTag = "W0757", "a tag is nothing that its namespace has",
        "Tags are read by machines: a tactic or an id of ATT&CK, a CVE number, a colour of TLP.";
    LogsourceCase = "W0758", "a log source has letters in upper case",
        "Log sources are compared letter for letter, so no pipeline knows this one.";
    MisspeltLogsource = "W0759", "a log source is probably misspelt",
        "Sigma's specification and public rules do not name it, but one that is near to it. Pipelines do \
         not know it either, so queries would search everything.";
    EventCodeOfCategory = "W0760", "an event code is tested in a rule for a category",
        "A category stands for the events of several sources, each with a code of its own. A test on one \
         code makes the rule blind to the other sources.";
    ThemIsOne = "W0761", "`them` is a single detection",
        "The name of the detection is clearer, and stays right when another detection is added.";
    SelectorIsOne = "W0762", "a selector selects a single detection",
        "Off by default: a pattern is often written for detections that are still to come.";
    MixedOperators = "W0763", "`and` and `or` stand side by side without parentheses",
        "`and` binds more tightly than `or`. Not every reader knows that, and Splunk's `search` binds them \
         the other way round.";
    Contradiction = "W0764", "a condition can never hold",
        "The same detection has to match and must not match.";
    EqualDetections = "W0765", "two detections of a rule look for the same",
        "One of them is a copy that was not finished, or is not needed.";
    ModifiersOverlap = "W0766", "two modifiers together are a third",
        "`contains` opens both ends of a value, `startswith` and `endswith` one of them.";
    ModifierTwice = "W0767", "a modifier stands twice",
        "The second one changes nothing.";
    AllOfOne = "W0768", "`all` has a single value",
        "Sigma asks for several values; perhaps one was lost.";
    AllOfWholeValues = "W0769", "`all` asks for several whole values",
        "A field has one value, so it cannot be equal to several. Mostly `contains|all` is meant.";
    OffsetOfWholeValue = "W0770", "`base64offset` stands without `contains`",
        "`base64offset` gives the three forms that a text can take inside a longer encoded text. They are \
         parts of the value.";
    WildcardForModifier = "W0771", "a wildcard stands where a modifier would",
        "`|contains`, `|startswith` and `|endswith` say the same, and the value needs no escapes.";
    DoubleWildcard = "W0772", "a wildcard stands twice",
        "Two `*` match what one matches. A `*` that is meant as a character is written `\\*`.";
    EscapedWildcard = "W0773", "an escaped `*` stands where a folder would",
        "A backslash before `*` makes it a character, which no path of Windows can have, so the value \
         matches nothing. A backslash and a wildcard are written `\\\\*`.";
    ShortUnc = "W0774", "a network path starts with two backslashes",
        "Two backslashes are an escaped one, so the value starts with one. A network path starts with \
         four.";
    WildcardInUrl = "W0775", "an unescaped `?` stands in a URL",
        "`?` matches any one character. The query finds what is meant, and more. The character is written \
         `\\?`.";
    LoneWildcard = "W0776", "a value matches whatever a field holds",
        "`*` alone asks for presence, as `|exists: true` does. Off by default.";
    EmptyPart = "W0777", "an empty value stands under `contains`, `startswith` or `endswith`",
        "Every value contains the empty text, so the item matches whenever the field is there. In a filter \
         that hides every event.";
    ControlCharacter = "W0778", "a value holds a control character",
        "In double quotes YAML reads `\\t`, `\\b` and the like as escapes, so that `\"C:\\temp\"` holds a tab.";
    AccidentalNull = "W0779", "a key has no value",
        "A key without a value is `null`, which asks for the absence of the field.";
    DuplicateValue = "W0780", "a value stands twice in a list",
        "The second one changes nothing.";
    CoveredValue = "W0781", "a value is covered by another one",
        "Whatever the longer value matches, the shorter one matches too. The longer one is not needed, or the \
         shorter one finds more than was meant.";
    RedundantRegex = "W0782", "`.*` stands at an end of a regular expression",
        "A regular expression may match anywhere in the value. `.*` at its ends changes nothing and makes \
         searches slow.";
    FieldCase = "W0783", "a field differs from a known one only by case",
        "Field names are compared letter for letter, so no pipeline knows this one.";
    DuplicateFileName = "W0784", "two files have one name",
        "Off by default. Some tools keep rules in one folder.";
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
