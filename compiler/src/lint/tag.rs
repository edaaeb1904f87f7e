//! Lints on tags (Sigma specification, appendix on tags).

use super::Context;
use crate::ast::Written;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest, suggest};
use crate::source::{Span, Spanned};

/// What is known about a namespace.
struct Namespace {
    name: &'static str,
    /// Says if what stands behind the dot can be there.
    allows: fn(&str) -> bool,
    /// The form, for people.
    form: &'static str,
    /// The words that it has, if they are few.
    words: &'static [&'static str],
}

const TACTICS: &[&str] = &[
    "reconnaissance",
    "resource-development",
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "defense-evasion",
    "stealth",
    "defense-impairment",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "command-and-control",
    "exfiltration",
    "impact",
    "inhibit-response-function",
    "impair-process-control",
    "evasion",
];
const SCOPES: &[&str] = &["dfir", "emerging-threats", "threat-hunting"];
const COLOURS: &[&str] = &["red", "amber", "amber-strict", "green", "clear", "white"];

const NAMESPACES: &[Namespace] = &[
    Namespace {
        name: "attack",
        allows: |it| TACTICS.contains(&it) || is_attack_id(it),
        form: "a tactic such as `attack.initial-access`, or an id such as `attack.t1059.001`",
        words: TACTICS,
    },
    Namespace {
        name: "car",
        allows: |it| digits(it, '-') == Some(vec![4, 2, 3]),
        form: "a tag such as `car.2016-04-005`",
        words: &[],
    },
    Namespace {
        name: "cve",
        allows: |it| {
            let lengths = digits(it, '-').or_else(|| digits(it, '.'));
            lengths.is_some_and(|it| matches!(*it, [4, number] if number >= 4))
        },
        form: "a tag such as `cve.2021-44228`",
        words: &[],
    },
    Namespace { name: "d3fend", allows: |_| true, form: "", words: &[] },
    Namespace {
        name: "detection",
        allows: |it| SCOPES.contains(&it),
        form: "a tag such as `detection.dfir`",
        words: SCOPES,
    },
    Namespace {
        name: "stp",
        allows: |it| {
            let mut rest = it.chars();
            matches!(rest.next(), Some('1'..='5')) && matches!(rest.as_str(), "" | "a" | "u" | "k")
        },
        form: "a tag such as `stp.1u`",
        words: &[],
    },
    Namespace {
        name: "tlp",
        allows: |it| COLOURS.contains(&it),
        form: "a tag such as `tlp.green`",
        words: COLOURS,
    },
];

/// `t1059`, `t1059.001`, `g0032`, `s0154`, `c0017`, `m1036`, `ta0001`, `ds0005`.
fn is_attack_id(text: &str) -> bool {
    let number =
        |text: &str, length| text.len() == length && text.bytes().all(|it| it.is_ascii_digit());
    let long = text.strip_prefix("ta").or_else(|| text.strip_prefix("ds"));
    match (long, text.split_at_checked(1)) {
        (Some(rest), _) | (None, Some(("g" | "s" | "c" | "m", rest))) => number(rest, 4),
        (None, Some(("t", rest))) => match rest.split_once('.') {
            Some((technique, part)) => number(technique, 4) && number(part, 3),
            None => number(rest, 4),
        },
        (None, _) => false,
    }
}

/// The lengths of groups of digits between separators; `None` if anything else stands there.
fn digits(text: &str, separator: char) -> Option<Vec<usize>> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    text.split(separator).map(|part| is_number(part).then_some(part.len())).collect()
}

pub(super) fn tags<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Spanned<String>> {
    let written = context.document.written.get("tags").map_or(&[][..], |it| it.value.elements());
    written.iter().filter_map(Written::as_text)
}

/// Namespace and name, if the tag has the form that Sigma asks for.
pub(super) fn split(tag: &str) -> Option<(&str, &str)> {
    let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "_-".contains(it);
    let (namespace, name) = tag.split_once('.')?;
    let sound = !namespace.is_empty()
        && !name.is_empty()
        && namespace.chars().all(is_plain)
        && name.chars().all(|it| is_plain(it) || it == '.');
    sound.then_some((namespace, name))
}

/// The places of namespace and name. A tag that does not stand letter for letter in the file is one place.
pub(super) fn parts(context: &Context, tag: &Spanned<String>) -> (Span, Span) {
    let whole = tag.span;
    let written = context.slice(whole);
    let quote = usize::from(written.starts_with(['\'', '"']));
    let inner = written.get(quote..written.len().saturating_sub(quote)).unwrap_or_default();
    let (Some(dot), Ok(start)) = (inner.find('.'), usize::try_from(whole.start)) else {
        return (whole, whole);
    };
    if inner != tag.value {
        return (whole, whole);
    }
    let start = start + quote;
    let (dot, end) = (start + dot, start + inner.len());
    (Span::new(whole.source, start, dot), Span::new(whole.source, dot + 1, end))
}

/// A tag that has no namespace, or characters that tags do not have.
pub(super) fn malformed(context: &Context, found: &mut Diagnostics) {
    for tag in tags(context).filter(|tag| split(&tag.value).is_none()) {
        let message = format!("`{}` is not of the form `namespace.name`", tag.value);
        let lower = tag.value.to_lowercase().replace(' ', "-");
        let parts: Vec<&str> = tag.value.split(',').map(str::trim).collect();
        let help = match split(&lower) {
            _ if parts.len() > 1 && parts.iter().all(|it| split(it).is_some()) => {
                format!("write a list: `[{}]`", parts.join(", "))
            }
            Some(_) => format!("write `{lower}`"),
            None if is_attack_id(&lower) || TACTICS.contains(&&*lower) => {
                format!("write `attack.{lower}`")
            }
            None => "tags are in lower case, without spaces, such as `attack.t1059`".to_owned(),
        };
        found.push(Diagnostic::new(Code::MalformedTag, tag.span, message).with_help(help));
    }
}

/// A namespace that Sigma does not have.
pub(super) fn unknown_namespace(context: &Context, found: &mut Diagnostics) {
    for tag in tags(context) {
        let Some((namespace, _)) = split(&tag.value) else { continue };
        let known = NAMESPACES.iter().map(|it| it.name);
        if !known.clone().any(|it| it == namespace) {
            let message = format!("`{namespace}` is no namespace of tags in Sigma");
            let help = suggest(namespace, known);
            let (span, _) = parts(context, tag);
            found.push(Diagnostic::new(Code::UnknownNamespace, span, message).with_help(help));
        }
    }
}

/// A tag that its namespace cannot have.
pub(super) fn invalid(context: &Context, found: &mut Diagnostics) {
    for tag in tags(context) {
        let Some((namespace, name)) = split(&tag.value) else { continue };
        let Some(known) = NAMESPACES.iter().find(|it| it.name == namespace) else { continue };
        if !(known.allows)(name) {
            let message = format!("`{namespace}` has no `{name}`");
            let dashed = name.replace('_', "-");
            let help = match nearest(&dashed, known.words.iter().copied()) {
                Some(word) => format!("did you mean `{namespace}.{word}`?"),
                None => format!("write {}", known.form),
            };
            let (_, span) = parts(context, tag);
            found.push(Diagnostic::new(Code::InvalidTag, span, message).with_help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_the_forms_of_their_namespaces() {
        let allows = |tag: &str| {
            let (namespace, name) = split(tag).unwrap();
            (NAMESPACES.iter().find(|it| it.name == namespace).unwrap().allows)(name)
        };
        for tag in [
            "attack.t1059",
            "attack.t1059.001",
            "attack.g0032",
            "attack.ta0001",
            "attack.stealth",
            "car.2016-04-005",
            "cve.2021-44228",
            "stp.1",
            "stp.5k",
            "tlp.amber-strict",
            "detection.dfir",
        ] {
            assert!(allows(tag), "{tag}");
        }
        for tag in [
            "attack.t10590",
            "attack.t1059.1",
            "attack.initial_access",
            "car.2016-4-5",
            "cve.44228",
            "stp.6",
            "stp.1x",
            "tlp.blue",
            "detection.x",
        ] {
            assert!(!allows(tag), "{tag}");
        }
        for tag in ["attack", "Attack.t1059", "attack.", "a b.c"] {
            assert_eq!(split(tag), None);
        }
    }
}
