//! Lints on how detections are written in YAML: what reads as one thing and is another.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use crate::yaml::{Node, Resolved, Scalar, Style, Value};

/// Looks at every key and value below `detection`, but not at conditions.
pub(super) fn report_hazards(
    detections: &[(Node, Node)],
    reserved: &[&str],
    diagnostics: &mut Diagnostics,
) {
    for (name, body) in detections {
        if name.as_text().is_some_and(|name| reserved.contains(&name)) {
            continue;
        }
        report_key(name, diagnostics);
        report_lone_keyword(body, diagnostics);
        report_values(body, diagnostics);
    }
}

/// `Image:x` is a keyword, for want of a space.
fn report_lone_keyword(body: &Node, diagnostics: &mut Diagnostics) {
    let Some(scalar) = body.as_scalar().filter(|it| it.is_bare()) else { return };
    let Some((field, value)) = scalar.text.split_once([':', '=']) else { return };
    let help = if scalar.text.contains(':') {
        "write a space behind the `:`, or quote the keyword".to_owned()
    } else {
        format!("write `{}: {}`, or quote the keyword", field.trim(), value.trim())
    };
    let field = field.trim();
    let named = field.starts_with(|it: char| it.is_ascii_alphabetic())
        && field.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '|'));
    if named && !value.is_empty() {
        let message = format!("`{}` is a keyword, not a field and its value", scalar.text);
        diagnostics.push(Diagnostic::new(Code::KeyInKeyword, body.span, message).with_help(help));
    }
}

/// The depth of a tree is bounded, and so is this recursion.
fn report_values(node: &Node, diagnostics: &mut Diagnostics) {
    match &node.value {
        Value::Scalar(scalar) => report_scalar(scalar, node.span, diagnostics),
        Value::Sequence(elements) => {
            for element in elements {
                report_values(element, diagnostics);
            }
        }
        Value::Mapping(entries) => {
            for (key, value) in entries {
                report_key(key, diagnostics);
                if is_left_empty(value) {
                    let message = "the field has no value, which asks for its absence";
                    diagnostics.push(
                        Diagnostic::new(Code::EmptyValue, key.span, message)
                            .with_help("write `null` if that is meant"),
                    );
                }
                report_values(value, diagnostics);
            }
        }
    }
}

fn is_left_empty(node: &Node) -> bool {
    node.as_scalar().is_some_and(|it| it.is_bare() && it.text.is_empty())
}

fn report_key(key: &Node, diagnostics: &mut Diagnostics) {
    let Some(scalar) = key.as_scalar().filter(|it| it.is_bare()) else { return };
    match scalar.resolve() {
        Resolved::Number(text) => {
            let message = format!("the key `{text}` is a number, not a string");
            push(Code::KeyNotText, key.span, message, text, diagnostics);
        }
        Resolved::Bool(_) => {
            let message = format!("the key `{}` is a boolean, not a string", scalar.text);
            push(Code::KeyNotText, key.span, message, &scalar.text, diagnostics);
        }
        Resolved::Text(text) => report_other_type(text, key.span, diagnostics),
        Resolved::Null => {}
    }
}

fn report_scalar(scalar: &Scalar, span: Span, diagnostics: &mut Diagnostics) {
    match scalar.style {
        Style::Plain if scalar.is_bare() => report_plain(scalar, span, diagnostics),
        Style::DoubleQuoted => report_escapes(scalar, span, diagnostics),
        Style::Block => report_block(scalar, span, diagnostics),
        Style::Plain | Style::SingleQuoted => {}
    }
}

fn report_plain(scalar: &Scalar, span: Span, diagnostics: &mut Diagnostics) {
    let Resolved::Text(text) = scalar.resolve() else { return };
    if scalar.comment.is_some_and(|glued| glued || text.contains('\\')) {
        let message = "the value ends at ` #`, which starts a comment";
        diagnostics.push(
            Diagnostic::new(Code::CutByComment, span, message)
                .with_label("the whole value")
                .with_help("quote the value, so that its end is seen"),
        );
    }
    let unsigned = text.trim_start_matches(['-', '+']).to_ascii_lowercase();
    if matches!(unsigned.as_str(), ".inf" | ".nan") {
        let message = format!("`{text}` is a number that no event can hold");
        let help = format!("if the text is meant, quote it: `'{text}'`");
        diagnostics.push(Diagnostic::new(Code::NotFinite, span, message).with_help(help));
    } else if is_number_of_old(text) {
        let message = format!("`{text}` is read as different numbers by versions of YAML");
        let help = "quote it, or write the number in decimal";
        diagnostics.push(
            Diagnostic::new(Code::AmbiguousNumber, span, message)
                .with_label("kept as this text")
                .with_help(help),
        );
    } else {
        report_other_type(text, span, diagnostics);
    }
}

/// What YAML 1.1 does not read as text.
fn report_other_type(text: &str, span: Span, diagnostics: &mut Diagnostics) {
    let what = if is_old_boolean(text) {
        "a boolean"
    } else if is_date(text) {
        "a date"
    } else {
        return;
    };
    let message = format!("`{text}` is {what} to tools that read YAML 1.1");
    push(Code::ReadAsOtherType, span, message, text, diagnostics);
}

fn push(code: Code, span: Span, message: String, text: &str, diagnostics: &mut Diagnostics) {
    diagnostics.push(
        Diagnostic::new(code, span, message)
            .with_label("taken as this text")
            .with_help(format!("quote it: `'{text}'`")),
    );
}

/// The booleans of YAML 1.1 that YAML 1.2 has no more, each in three spellings.
fn is_old_boolean(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut characters = text.chars();
    let first_is_upper = characters.next().is_some_and(|it| it.is_ascii_uppercase());
    let rest = characters.as_str();
    let rest_is_lower = !rest.contains(|it: char| it.is_ascii_uppercase());
    let rest_is_upper = !rest.contains(|it: char| it.is_ascii_lowercase());
    matches!(lower.as_str(), "y" | "n" | "yes" | "no" | "on" | "off")
        && (rest_is_lower || first_is_upper && rest_is_upper)
}

/// Numbers of YAML 1.1 only: `12:30` in base 60, `1_000`, `0b101`.
fn is_number_of_old(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if let Some(binary) = unsigned.strip_prefix("0b") {
        return binary.bytes().all(|it| matches!(it, b'0' | b'1' | b'_')) && !binary.is_empty();
    }
    if unsigned.contains('_') {
        let number = unsigned.replace('_', "");
        let hex = number.strip_prefix("0x");
        return unsigned.starts_with(|it: char| it.is_ascii_digit())
            && hex.map_or(number.bytes().all(|it| matches!(it, b'0'..=b'9' | b'.')), |hex| {
                !hex.is_empty() && hex.bytes().all(|it| it.is_ascii_hexdigit())
            });
    }
    let mut parts = unsigned.split(':');
    let whole = parts.next().is_some_and(digits);
    let sixties: Vec<&str> = parts.collect();
    let below_sixty = |part: &&str| {
        let part = part.strip_suffix('.').unwrap_or(part);
        let (whole, fraction) = part.split_once('.').unwrap_or((part, "0"));
        digits(whole) && whole.len() <= 2 && digits(fraction) && whole < "60"
    };
    whole && !sixties.is_empty() && sixties.iter().all(below_sixty)
}

/// `2024-01-31`, with or without a time behind it.
fn is_date(text: &str) -> bool {
    let date = text.split(['T', 't', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    matches!(lengths.as_slice(), [4, 1..=2, 1..=2])
        && parts.iter().all(|part| part.bytes().all(|it| it.is_ascii_digit()))
}

fn report_escapes(scalar: &Scalar, span: Span, diagnostics: &mut Diagnostics) {
    if scalar.is_verbatim() {
        return;
    }
    let Some(control) = scalar.text.chars().find(|it| it.is_control()) else { return };
    let (written, name) = match control {
        '\t' => ("\\t".to_owned(), "a tab"),
        '\n' => ("\\n".to_owned(), "a line feed"),
        '\r' => ("\\r".to_owned(), "a carriage return"),
        '\0' => ("\\0".to_owned(), "a null character"),
        '\u{7}' => ("\\a".to_owned(), "a bell"),
        '\u{8}' => ("\\b".to_owned(), "a backspace"),
        '\u{b}' => ("\\v".to_owned(), "a vertical tab"),
        '\u{c}' => ("\\f".to_owned(), "a form feed"),
        '\u{1b}' => ("\\e".to_owned(), "an escape character"),
        other => (format!("\\x{:02x}", u32::from(other)), "a control character"),
    };
    let message = format!("in double quotes `{written}` is {name}");
    diagnostics.push(
        Diagnostic::new(Code::ControlInEscape, span, message)
            .with_help("use single quotes: there, `\\` is a plain character"),
    );
}

fn report_block(scalar: &Scalar, span: Span, diagnostics: &mut Diagnostics) {
    let message = if scalar.text.ends_with('\n') {
        "the value ends with a line break, since it is written as a block"
    } else if scalar.text.contains('\n') {
        "the value holds line breaks, since it is written as a block"
    } else {
        return;
    };
    diagnostics.push(
        Diagnostic::new(Code::BlockValue, span, message)
            .with_help("write the value on one line, in single quotes, or as a list of values"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_yaml_1_1() {
        for text in ["12:30", "-1:59", "190:20:30", "190:20:30.15", "1_000", "0b1", "0x_FF", "+1_0"]
        {
            assert!(is_number_of_old(text), "{text}");
        }
        for text in ["12:60", "12", "a:30", "10.0.0.1", "1:2:x", "_1", "0b2", "1_a", "::1", "12:"] {
            assert!(!is_number_of_old(text), "{text}");
        }
    }

    #[test]
    fn booleans_of_yaml_1_1() {
        for text in ["yes", "Yes", "YES", "on", "Off", "n", "Y"] {
            assert!(is_old_boolean(text), "{text}");
        }
        for text in ["yES", "oN", "yess", "", "true", "nO"] {
            assert!(!is_old_boolean(text), "{text}");
        }
    }

    #[test]
    fn dates_of_yaml_1_1() {
        for text in ["2024-01-31", "2024-1-3", "2024-01-31T12:00:00Z", "2024-01-31 12:00:00"] {
            assert!(is_date(text), "{text}");
        }
        for text in ["2024-01", "24-01-31", "2024-01-31a", "2024/01/31", "a-b-c"] {
            assert!(!is_date(text), "{text}");
        }
    }
}
