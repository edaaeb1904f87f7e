//! The page of a code: Markdown on a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use isogloss_compiler::diagnostic::Code;
use isogloss_compiler::modifier::Modifier;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// Columns of a paragraph.
const WIDTH: usize = 80;
const HEADING: Style = Style::new().bold();
const CODE: Style = AnsiColor::Cyan.on_default();

/// A code, its severity and its page.
pub(super) fn render_code(code: Code) -> String {
    let (text, severity) = (code.as_str(), code.severity().as_str());
    let head = format!("{HEADING}{text}{HEADING:#} ({severity}): {}\n\n", code.title());
    head + &render(code.explanation())
}

/// What a modifier does.
pub(super) fn render_modifier(modifier: &Modifier) -> String {
    let name = modifier.name;
    let (summary, input) = (modifier.summary, modifier.input);
    format!(
        "{HEADING}{name}{HEADING:#} (modifier): {summary}\n\n\
         It works on {input} and stands behind a field: {CODE}`Field|{name}: …`{CODE:#}.\n"
    )
}

/// Text with styles: headings bold, code in colour and indented, paragraphs wrapped.
fn render(markdown: &str) -> String {
    let mut page = Page::default();
    for event in Parser::new(markdown) {
        page.add(event);
    }
    page.text.truncate(page.text.trim_end().len());
    page.text.push('\n');
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
    /// The paragraph, heading or entry of a list that is open.
    open: String,
    in_list: bool,
    in_code: bool,
}

impl Page {
    fn add(&mut self, event: Event) {
        match event {
            Event::Text(text) if self.in_code => self.add_code(&text),
            Event::Text(text) => self.open.push_str(&text),
            Event::Code(text) => {
                let _infallible = write!(self.open, "{CODE}`{text}`{CODE:#}");
            }
            Event::SoftBreak | Event::HardBreak => self.open.push(' '),
            Event::Start(Tag::Heading { .. }) => self.open.push_str(&HEADING.to_string()),
            // Its kind says how the tests run the example.
            Event::Start(Tag::CodeBlock(_)) => self.in_code = true,
            Event::Start(Tag::List(_)) => {
                self.close("");
                self.in_list = true;
            }
            Event::End(TagEnd::Heading(_)) => {
                self.open.push_str(&HEADING.render_reset().to_string());
                self.close("\n");
            }
            Event::End(TagEnd::Paragraph) => self.close("\n"),
            Event::End(TagEnd::Item) => self.close(""),
            Event::End(TagEnd::List(_)) => {
                self.in_list = false;
                self.text.push('\n');
            }
            Event::End(TagEnd::CodeBlock) => {
                self.in_code = false;
                self.text.push('\n');
            }
            // Pages have nothing else that is seen.
            Event::Start(_)
            | Event::End(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::Rule
            | Event::TaskListMarker(_) => {}
        }
    }

    fn add_code(&mut self, text: &str) {
        for line in text.lines() {
            let _infallible = writeln!(self.text, "    {CODE}{line}{CODE:#}");
        }
    }

    /// Wraps what is open and adds it, with what stands below it.
    fn close(&mut self, below: &str) {
        let (first, next) = if self.in_list { ("- ", "  ") } else { ("", "") };
        let options = textwrap::Options::new(WIDTH)
            .initial_indent(first)
            .subsequent_indent(next)
            .break_words(false);
        let open = std::mem::take(&mut self.open);
        if !open.is_empty() {
            self.text.push_str(&textwrap::fill(&open, options));
            self.text.push('\n');
            self.text.push_str(below);
        }
    }
}
