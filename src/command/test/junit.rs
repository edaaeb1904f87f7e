//! The expectations of a run as a report for CI, in the form of `junit`: a suite is a file, a case is one answer for one entry.

use std::io::{Error, Write};

use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::source::SourceMap;
use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::expect::{Check, Suite};
use crate::report::{allowed, visible};

/// The whole report.
pub(super) fn report(suites: &[Suite], sources: &SourceMap) -> Result<String, String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = writer
        .create_element("testsuites")
        .with_attribute(("name", "isogloss test"))
        .write_inner_content(|writer| {
            suites.iter().try_for_each(|suite| write_suite(suite, sources, writer))
        });
    written.map_err(|error| error.to_string())?;
    let text = String::from_utf8(writer.into_inner()).map_err(|error| error.to_string())?;
    Ok(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n"))
}

fn write_suite<W: Write>(
    suite: &Suite,
    sources: &SourceMap,
    writer: &mut Writer<W>,
) -> Result<(), Error> {
    let failures = suite.checks.iter().filter(|it| it.failure.is_some()).count();
    let errors = suite.diagnostics.iter().filter(|it| it.is_error()).count();
    let element = writer
        .create_element("testsuite")
        .with_attribute(("name", shown(&suite.path).as_str()))
        .with_attribute(("tests", (suite.checks.len() + errors).to_string().as_str()))
        .with_attribute(("failures", failures.to_string().as_str()))
        .with_attribute(("errors", errors.to_string().as_str()));
    element.write_inner_content(|writer| {
        for diagnostic in suite.diagnostics.iter().filter(|it| it.is_error()) {
            write_case(&suite.path, "the file", Some(("error", diagnostic)), sources, writer)?;
        }
        suite.checks.iter().try_for_each(|Check { rule, name, failure }| {
            let failure = failure.as_ref().map(|it| ("failure", it));
            write_case(rule, name, failure, sources, writer)
        })
    })?;
    Ok(())
}

fn write_case<W: Write>(
    class: &str,
    name: &str,
    failure: Option<(&str, &Diagnostic)>,
    sources: &SourceMap,
    writer: &mut Writer<W>,
) -> Result<(), Error> {
    let (class, name) = (shown(class), shown(name));
    let element = writer
        .create_element("testcase")
        .with_attribute(("classname", class.as_str()))
        .with_attribute(("name", name.as_str()));
    let Some((kind, diagnostic)) = failure else {
        element.write_empty()?;
        return Ok(());
    };
    element.write_inner_content(|writer| {
        let place = diagnostic.labels.first().and_then(|it| sources.locate(it.span));
        let place = place.map(|it| format!("{}:{}:{}", it.path, it.line, it.column));
        let lines = place.iter().chain(&diagnostic.help).map(|it| shown(it));
        let text = lines.collect::<Vec<_>>().join("\n");
        writer
            .create_element(kind)
            .with_attribute(("message", shown(&diagnostic.message).as_str()))
            .with_attribute(("type", diagnostic.code.as_str()))
            .write_text_content(BytesText::new(&text))?;
        Ok(())
    })?;
    Ok(())
}

/// Text of a rule as XML can hold it.
fn shown(text: &str) -> String {
    allowed(&visible(text))
}
