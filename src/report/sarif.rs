//! A SARIF 2.1.0 document, for code scanning.

use isogloss_compiler::diagnostic::{Code, Diagnostic, Label, Severity};
use isogloss_compiler::lint;
use isogloss_compiler::source::SourceMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Group, visible};
use crate::fingerprint::fingerprints;
use crate::json::to_text;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What may stand in the path of a URI as it is.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The document, with its end.
pub(super) fn render(groups: &[Group], sources: &SourceMap) -> String {
    let mut codes: Vec<Code> =
        groups.iter().flat_map(|it| &it.findings).map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let results = groups.iter().flat_map(|group| {
        let prints = fingerprints(&group.findings, &group.subject, sources);
        group.findings.iter().zip(prints).map(|(it, print)| result(it, &print, &codes, sources))
    });
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "isogloss",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    });
    to_text(&document, true).unwrap_or_default() + "\n"
}

/// A code, as SARIF's word for what a finding is an instance of.
fn rule(code: Code) -> Value {
    let level = lint::default_severity(code).map_or("none", level);
    json!({
        "id": code.as_str(),
        "shortDescription": {"text": code.title()},
        "fullDescription": {"text": code.explanation()},
        "help": {"text": code.explanation()},
        "defaultConfiguration": {"level": level},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn result(finding: &Diagnostic, print: &str, codes: &[Code], sources: &SourceMap) -> Value {
    let help =
        finding.help.as_ref().map_or(String::new(), |help| format!("\nhelp: {}", visible(help)));
    let text = format!("{}{help}", visible(&finding.message));
    let mut locations = finding.labels.iter().filter_map(|label| location(label, sources));
    let first: Vec<Value> = locations.next().into_iter().collect();
    let mut result = json!({
        "ruleId": finding.code.as_str(),
        "ruleIndex": codes.binary_search(&finding.code).unwrap_or_default(),
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": first,
        "partialFingerprints": {"isogloss/v1": print},
    });
    // The schema wants each place once.
    let mut related: Vec<Value> = Vec::new();
    for location in locations {
        if !related.contains(&location) {
            related.push(location);
        }
    }
    if let Some(result) = result.as_object_mut().filter(|_| !related.is_empty()) {
        result.insert("relatedLocations".to_owned(), related.into());
    }
    result
}

fn location(label: &Label, sources: &SourceMap) -> Option<Value> {
    let place = sources.locate(label.span)?;
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(&place.path)},
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            },
        },
    });
    if let Some(location) = location.as_object_mut().filter(|_| !label.text.is_empty()) {
        location.insert("message".to_owned(), json!({"text": visible(&label.text)}));
    }
    Some(location)
}

/// A relative path is a relative reference, an absolute one a `file` URI.
fn uri(path: &str) -> String {
    let encoded = utf8_percent_encode(path, PATH).to_string();
    match encoded.strip_prefix('/') {
        Some(rest) => format!("file:///{rest}"),
        None => encoded.strip_prefix("./").unwrap_or(&encoded).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uris() {
        assert_eq!(uri("rules/a b#ä:1.yml"), "rules/a%20b%23%C3%A4%3A1.yml");
        assert_eq!(uri("/tmp/a.yml"), "file:///tmp/a.yml");
        assert_eq!(uri("./a.yml"), "a.yml");
    }
}
