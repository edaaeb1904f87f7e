//! The regular expressions of `match`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use regex::Regex;

/// The regular expressions of a query, each compiled when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Programs(RefCell<BTreeMap<String, Option<Regex>>>);

impl Programs {
    /// True if the regular expression finds a match in the text.
    ///
    /// PCRE without its Unicode properties: `\d` and `\b` know digits and words of ASCII, and the two
    /// letters that Unicode folds into ASCII are kept apart.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> bool {
        let mut programs = self.0.borrow_mut();
        if !programs.contains_key(pattern) {
            programs.insert(pattern.to_owned(), compile(pattern));
        }
        let program = programs.get(pattern).and_then(Option::as_ref);
        program.is_some_and(|program| program.is_match(&apart(text)))
    }
}

fn compile(pattern: &str) -> Option<Regex> {
    let program = apart(pattern).replace(r"\d", "[0-9]");
    let program = program.replace(r"\b", r"(?-u:\b)").replace(r"\B", r"(?-u:\B)");
    Regex::new(&program).ok()
}

fn apart(text: &str) -> String {
    text.replace('\u{212a}', "\u{e000}").replace('\u{17f}', "\u{e001}")
}
