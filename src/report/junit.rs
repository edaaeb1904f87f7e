//! A `JUnit` document: one test case a rule. Errors are failures; all findings are its output.

use isogloss_compiler::diagnostic::{Diagnostic, Severity};
use isogloss_compiler::source::SourceMap;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{Group, short};

/// The document, with its end.
pub(super) fn render(groups: &[Group], sources: &SourceMap) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory cannot fail.
    let _infallible = write(&mut writer, groups, sources);
    let mut text = String::from_utf8(writer.into_inner()).unwrap_or_default();
    text.push('\n');
    text
}

type Result = std::io::Result<()>;

fn write(writer: &mut Writer<Vec<u8>>, groups: &[Group], sources: &SourceMap) -> Result {
    let failed = groups.iter().filter(|it| it.findings.iter().any(Diagnostic::is_error)).count();
    let (tests, failures) = (groups.len().to_string(), failed.to_string());
    let counts = [("tests", &*tests), ("failures", &*failures), ("errors", "0")];
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites = BytesStart::new("testsuites").with_attributes(counts);
    writer.write_event(Event::Start(suites))?;
    let suite = BytesStart::new("testsuite").with_attributes([("name", "isogloss check")]);
    writer.write_event(Event::Start(suite.with_attributes(counts)))?;
    for group in groups {
        write_case(writer, group, sources)?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuite")))?;
    writer.write_event(Event::End(BytesEnd::new("testsuites")))
}

fn write_case(writer: &mut Writer<Vec<u8>>, group: &Group, sources: &SourceMap) -> Result {
    let subject = &group.subject;
    let title = if subject.title.is_empty() { &subject.path } else { &subject.title };
    let name = match &subject.id {
        Some(id) => format!("{title} ({id})"),
        None => title.clone(),
    };
    let path = allowed(&subject.path);
    let name = allowed(&name);
    let case = BytesStart::new("testcase").with_attributes([
        ("name", &*name),
        ("classname", &*path),
        ("file", &*path),
    ]);
    if group.findings.is_empty() {
        return writer.write_event(Event::Empty(case));
    }
    writer.write_event(Event::Start(case))?;
    let (errors, others): (Vec<_>, Vec<_>) =
        group.findings.iter().partition(|it| it.severity == Severity::Error);
    if let Some(first) = errors.first() {
        let message = allowed(&first.message);
        let failure = BytesStart::new("failure")
            .with_attributes([("message", &*message), ("type", first.code.as_str())]);
        write_text(writer, failure, &errors, sources)?;
    }
    if !others.is_empty() {
        write_text(writer, BytesStart::new("system-out"), &others, sources)?;
    }
    writer.write_event(Event::End(BytesEnd::new("testcase")))
}

fn write_text(
    writer: &mut Writer<Vec<u8>>,
    element: BytesStart,
    findings: &[&Diagnostic],
    sources: &SourceMap,
) -> Result {
    let text: String = findings.iter().map(|it| short::render(it, sources)).collect();
    let text = allowed(&text);
    let end = element.to_end().into_owned();
    writer.write_event(Event::Start(element))?;
    writer.write_event(Event::Text(BytesText::new(&text)))?;
    writer.write_event(Event::End(end))
}

/// XML 1.0 has no way to write most control characters, surrogates, U+FFFE and U+FFFF.
pub(crate) fn allowed(text: &str) -> String {
    let is_allowed = |it: char| {
        matches!(it, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
            && !('\u{7f}'..='\u{9f}').contains(&it)
    };
    text.chars().map(|it| if is_allowed(it) { it } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Subject;

    #[test]
    fn titles_stay_in_their_attribute() {
        let subject = Subject {
            path: "a\u{1b}&.yml".to_owned(),
            id: None,
            title: "\"><x y='\u{0}\u{ffff}\n".to_owned(),
        };
        let text = render(&[Group { subject, findings: Vec::new() }], &SourceMap::new());
        assert!(
            text.contains(
                "<testcase name=\"&quot;&gt;&lt;x y=&apos;\u{fffd}\u{fffd}&#10;\" \
                 classname=\"a\u{fffd}&amp;.yml\" file=\"a\u{fffd}&amp;.yml\"/>"
            ),
            "{text}"
        );
    }
}
