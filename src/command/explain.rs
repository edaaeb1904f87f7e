//! `isogloss explain`: what a code means, or a rule from its text to each query.

mod context;
mod page;
mod places;
mod query;
mod relation;
mod rows;
mod rule;
mod subject;

use crate::cli::{Explain, MessageFormat};
use crate::exit::Exit;
use crate::output::write_styled;
use crate::report::Reporter;
use subject::Subject;

/// Explains the subject on standard output.
pub(crate) fn run(arguments: &Explain) -> Exit {
    let mut reporter = Reporter::of(MessageFormat::Pretty, arguments.color);
    let explained = match subject::resolve(&arguments.subject) {
        Ok(Subject::Code(_) | Subject::Modifier(_)) if !arguments.context.is_empty() => {
            Err(format!("`{}` is no rule, so it takes no further files", arguments.subject))
        }
        Ok(Subject::Code(code)) => Ok((page::render_code(code), Exit::Fine)),
        Ok(Subject::Modifier(modifier)) => Ok((page::render_modifier(modifier), Exit::Fine)),
        Ok(Subject::Rule(path)) => rule::explain(&path, arguments, &mut reporter),
        Err(message) => Err(message),
    };
    let written =
        explained.and_then(|(text, exit)| write_styled(&text, arguments.color).map(|()| exit));
    written.unwrap_or_else(|message| {
        reporter.failure(&message);
        Exit::Usage
    })
}
