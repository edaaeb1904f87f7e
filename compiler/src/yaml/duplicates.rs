//! Keys of a map: each is a single value, none stands twice, none merges another map into its own.

use std::collections::BTreeMap;

use super::Node;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Reports keys that stand twice. Keys that cannot name anything are reported and taken out; `null` is
/// such a key unless the caller knows what to do with it.
pub(super) fn check_keys(
    entries: &mut Vec<(Node, Node)>,
    keep_null: bool,
    diagnostics: &mut Diagnostics,
) {
    entries.retain(|(key, _)| {
        let mistake = refuse(key).filter(|_| !(keep_null && is_null_word(key)));
        let sound = mistake.is_none();
        diagnostics.extend(mistake);
        sound
    });
    let mut seen = BTreeMap::new();
    for (key, _) in entries {
        let Some(scalar) = key.as_scalar() else { continue };
        let Some(first) = seen.get(&*scalar.text) else {
            seen.insert(&*scalar.text, key.span);
            continue;
        };
        let message = format!("the key `{}` stands twice", scalar.text);
        diagnostics.push(
            Diagnostic::new(Code::DuplicateKey, key.span, message)
                .with_label("again here")
                .with_place(*first, "first here")
                .with_help("write its values as one list, or name the two parts differently"),
        );
    }
}

/// True for `null` and `~`, but not for a key that is missing.
fn is_null_word(key: &Node) -> bool {
    key.is_null() && key.as_scalar().is_some_and(|scalar| !scalar.text.is_empty())
}

fn refuse(key: &Node) -> Option<Diagnostic> {
    let Some(scalar) = key.as_scalar() else {
        let message = format!("a key is a string, not {}", key.describe());
        return Some(
            Diagnostic::new(Code::InvalidKey, key.span, message)
                .with_help("if the text is meant, quote it"),
        );
    };
    if scalar.is_bare() && scalar.text == "<<" {
        let message = "the merge key `<<` is not part of YAML 1.2";
        return Some(
            Diagnostic::new(Code::UnsupportedYaml, key.span, message)
                .with_help("write the merged keys out; an alias can stand for a whole value"),
        );
    }
    key.is_null().then(|| null_key(key))
}

/// Reports a key that is null.
pub(crate) fn null_key(key: &Node) -> Diagnostic {
    let missing = key.as_scalar().is_some_and(|scalar| scalar.text.is_empty());
    let message = if missing { "a key is missing before the `:`" } else { "a key is null" };
    Diagnostic::new(Code::InvalidKey, key.span, message)
        .with_help("name the field or the detection; `null` as a name has to be quoted")
}
