//! What a search gives: the fields of its results, and what stands in them where an event had nothing.

use std::collections::BTreeSet;

use isogloss_compiler::ir::Origin;

use crate::content::entry::Entry;
use crate::spl::ast::{Column, Command, Comparison, Eval, Literal, Operator, Query, Search};
use crate::spl::parse::parse;
use crate::spl::print::print;

/// What missing fields become in `tstats`: by its options, and in the data models of CIM.
const FILLERS_OF_MODELS: [&str; 2] = ["null", "unknown"];

/// What a search gives.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// The fields of a result.
    pub(super) fields: BTreeSet<String>,
    /// What stands in the fields that were missing, as `fillnull` and `tstats` name it.
    fillers: Vec<String>,
    /// The event codes that the search asks for.
    pub(super) event_codes: Vec<String>,
    /// The data model that is searched, such as `Endpoint.Processes`.
    pub(super) model: Option<String>,
}

impl Shape {
    /// What the search of an entry gives.
    pub(super) fn of(entry: &Entry) -> Self {
        let mut shape = Self::default();
        let Ok(query) = parse(&entry.query.printed.text) else { return shape };
        shape.event_codes = event_codes(&query);
        for command in &query.commands {
            shape.follow(command);
        }
        if shape.fields.is_empty() {
            shape.fields.extend(entry.facts.output_fields.iter().cloned());
        }
        shape
    }

    fn follow(&mut self, command: &Command) {
        match command {
            Command::Fillnull { value: Some(value), .. } => self.fillers = vec![value.clone()],
            Command::Stats { columns, by } => self.group(columns, by.iter().cloned()),
            Command::Tstats(tstats) => {
                let dataset = tstats.model.rsplit('.').next().unwrap_or_default();
                let plain = |it: &String| {
                    let name = it.strip_prefix(dataset).and_then(|it| it.strip_prefix('.'));
                    name.unwrap_or(it).to_owned()
                };
                self.group(&tstats.columns, tstats.by.iter().map(plain));
                self.fillers = FILLERS_OF_MODELS.map(str::to_owned).to_vec();
                self.model = Some(tstats.model.clone());
            }
            Command::Drop(fields) => self.fields.retain(|it| !fields.contains(it)),
            // A bare `fillnull` is what a rule asks for that is to be word for word as documented.
            Command::Fillnull { value: None, .. }
            | Command::Search(_)
            | Command::Where(_)
            | Command::Eval(_)
            | Command::Keep(_)
            | Command::Table(_)
            | Command::Streamstats(_)
            | Command::Bin { .. }
            | Command::Sort { .. }
            | Command::Dedup(_)
            | Command::Mvexpand(_)
            | Command::Rename(_)
            | Command::Multisearch(_)
            | Command::Append(_)
            | Command::Convert { .. }
            | Command::Other(_)
            | Command::Call(_) => {}
        }
    }

    fn group(&mut self, columns: &[Column], by: impl Iterator<Item = String>) {
        let names =
            columns.iter().map(|it| it.alias.clone().unwrap_or_else(|| it.function.clone()));
        self.fields = by.chain(names).collect();
    }

    /// The command that takes the fillers out of these fields; `None` if there are none.
    pub(super) fn empty(&self, fields: &[&str]) -> Option<String> {
        let Self { fillers, .. } = self;
        let emptied = |field: &&str| {
            let value = Eval::Field((*field).to_owned());
            let text = |it: &String| Eval::Text { text: it.clone(), origin: Origin::default() };
            let value = fillers
                .iter()
                .fold(value, |value, filler| Eval::call("nullif", [value, text(filler)]));
            ((*field).to_owned(), value)
        };
        if fillers.is_empty() || fields.is_empty() {
            return None;
        }
        let commands = vec![Command::Eval(fields.iter().map(emptied).collect())];
        Some(print(&Query { commands, ..Query::default() }, None).text)
    }
}

/// The event codes that every event of the search has one of.
fn event_codes(query: &Query) -> Vec<String> {
    let mut codes = Vec::new();
    for search in query.scope.iter().chain(&query.condition) {
        collect(search, &mut codes);
    }
    codes
}

fn collect(search: &Search, codes: &mut Vec<String>) {
    match search {
        Search::All(operands) | Search::Any(operands) => {
            for operand in operands {
                collect(operand, codes);
            }
        }
        Search::Comparison(Comparison { field, operator: Operator::Equal, values, .. })
            if field == "EventCode" =>
        {
            for value in values {
                let (Literal::Quoted(text) | Literal::Word(text)) = &value.literal else {
                    continue;
                };
                let is_code = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
                if is_code && !codes.contains(text) {
                    codes.push(text.clone());
                }
            }
        }
        Search::Comparison(_)
        | Search::Not(_)
        | Search::Call(_)
        | Search::Term(_)
        | Search::Everything
        | Search::Verbatim(_)
        | Search::Subsearch(_) => {}
    }
}
