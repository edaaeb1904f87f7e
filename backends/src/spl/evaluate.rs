//! SPL on an event, as Splunk's documents describe it.
//!
//! Written from the documentation alone: nothing of the compiler's evaluator is used. `search` ignores
//! the case of values and matches any value of a field; `eval` has null, which `NOT` keeps.

mod function;
mod network;
mod token;

use std::collections::BTreeMap;

use isogloss_compiler::ir::{Event, Macro, Mapped};

use super::ast::{Command, Comparison, Eval, Literal, Operator, Query, Search};
use super::parse::parse_search;
use function::{Worth, apply, compare, minus, stands};
use network::holds_address;
use token::holds_term;

/// The fields of the event while the commands run on it.
type Row = BTreeMap<String, Vec<String>>;

/// True if the query finds the event. `scoped` tells whether the log source counts too; a macro means
/// what its definition says, one without a definition finds everything.
pub fn evaluate(query: &Query, macros: &[Macro], event: &Event<Mapped>, scoped: bool) -> bool {
    let mut run = Run { event, row: Row::new(), macros };
    let found = |run: &Run, search: &Option<Search>| search.iter().all(|it| run.search(it));
    let scope = !scoped || found(&run, &query.scope);
    scope
        && found(&run, &query.condition)
        && query.commands.iter().all(|command| run.command(command))
}

struct Run<'e> {
    event: &'e Event<Mapped>,
    row: Row,
    macros: &'e [Macro],
}

impl Run<'_> {
    fn values(&self, field: &str) -> Vec<String> {
        if let Some(values) = self.row.get(field) {
            return values.clone();
        }
        let values: Vec<String> =
            self.event.values(field).iter().map(|it| it.text().to_owned()).collect();
        if field == "_raw" && values.is_empty() {
            return vec![self.event.text().into_owned()];
        }
        values
    }

    /// False if the row does not survive the command.
    fn command(&mut self, command: &Command) -> bool {
        match command {
            Command::Search(search) => self.search(search),
            Command::Where(eval) => self.eval(eval) == Worth::Bool(true),
            Command::Eval(assignments) => {
                for (name, eval) in assignments {
                    let values = self.eval(eval).into_values();
                    self.row.insert(name.clone(), values);
                }
                true
            }
            Command::Fillnull { value, fields } => {
                let filler = value.as_deref().unwrap_or("0");
                for field in fields {
                    if self.values(field).is_empty() {
                        self.row.insert(field.clone(), vec![filler.to_owned()]);
                    }
                }
                true
            }
            // A row without one of the grouping fields is dropped.
            Command::Stats { by, .. } => by.iter().all(|field| !self.values(field).is_empty()),
            Command::Call(_)
            | Command::Keep(_)
            | Command::Drop(_)
            | Command::Table(_)
            | Command::Streamstats(_)
            | Command::Bin { .. }
            | Command::Sort { .. }
            | Command::Dedup(_)
            | Command::Mvexpand(_)
            | Command::Rename(_)
            | Command::Multisearch(_)
            | Command::Append(_)
            | Command::Tstats(_)
            | Command::Convert { .. }
            | Command::Other(_) => true,
        }
    }

    fn search(&self, search: &Search) -> bool {
        match search {
            Search::All(operands) => operands.iter().all(|it| self.search(it)),
            Search::Any(operands) => operands.iter().any(|it| self.search(it)),
            Search::Not(operand) => !self.search(operand),
            Search::Everything | Search::Verbatim(_) | Search::Subsearch(_) => true,
            Search::Call(call) => {
                let definition = self.macros.iter().find(|it| it.name == call.name);
                definition
                    .is_none_or(|it| parse_search(&it.definition).is_ok_and(|it| self.search(&it)))
            }
            Search::Comparison(comparison) => self.compare(comparison),
            Search::Term(term) => {
                let is_like = |text: &str, term: &str| is_like_text(text, term);
                self.values("_raw").iter().any(|raw| holds_term(raw, &term.text, &is_like))
            }
        }
    }

    fn compare(&self, comparison: &Comparison) -> bool {
        let found = self.values(&comparison.field);
        let any = |test: &dyn Fn(&str, &Literal) -> bool| {
            found
                .iter()
                .any(|text| comparison.values.iter().any(|value| test(text, &value.literal)))
        };
        match comparison.operator {
            Operator::Equal => any(&is_like),
            Operator::NotEqual => any(&|text, literal| !is_like(text, literal)),
            Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
                any(&|text, literal| stands(order(text, literal), comparison.operator))
            }
        }
    }

    fn eval(&self, eval: &Eval) -> Worth {
        match eval {
            Eval::All(operands) => self.junction(operands, false),
            Eval::Any(operands) => self.junction(operands, true),
            Eval::Not(operand) => match self.eval(operand) {
                Worth::Bool(value) => Worth::Bool(!value),
                Worth::Text(_) | Worth::Number(_) | Worth::List(_) | Worth::Null => Worth::Null,
            },
            Eval::Compare { left, operator, right } => {
                compare(&self.eval(left), *operator, &self.eval(right))
            }
            Eval::Minus(left, right) => minus(&self.eval(left), &self.eval(right)),
            Eval::Field(name) => Worth::of(self.values(name)),
            Eval::Text { text, .. } => Worth::Text(text.clone()),
            Eval::Number(text) => Worth::number(text),
            Eval::Xor(_)
            | Eval::Chain { .. }
            | Eval::Token(_)
            | Eval::Macro(_)
            | Eval::Search(_) => Worth::Null,
            Eval::Call { function, arguments } => self.call(function, arguments),
        }
    }

    /// `decisive` decides alone; otherwise null makes the whole null.
    fn junction(&self, operands: &[Eval], decisive: bool) -> Worth {
        let values: Vec<Worth> = operands.iter().map(|it| self.eval(it)).collect();
        if values.contains(&Worth::Bool(decisive)) {
            return Worth::Bool(decisive);
        }
        if values.iter().all(|it| *it == Worth::Bool(!decisive)) {
            Worth::Bool(!decisive)
        } else {
            Worth::Null
        }
    }

    /// The answer of a test where its field has only this value.
    fn holds_for(&self, test: &Eval, field: &str, value: &str) -> bool {
        let mut row = self.row.clone();
        row.insert(field.to_owned(), vec![value.to_owned()]);
        Run { event: self.event, row, macros: self.macros }.eval(test) == Worth::Bool(true)
    }

    fn call(&self, function: &str, arguments: &[Eval]) -> Worth {
        match (function, arguments) {
            ("isnotnull", [operand]) => Worth::Bool(self.eval(operand) != Worth::Null),
            ("isnull", [operand]) => Worth::Bool(self.eval(operand) == Worth::Null),
            ("if", [condition, then, otherwise]) => {
                let holds = self.eval(condition) == Worth::Bool(true);
                self.eval(if holds { then } else { otherwise })
            }
            ("match", [subject, Eval::Text { text: pattern, .. }]) => match self.eval(subject) {
                Worth::Text(text) => Worth::Bool(matches(pattern, &text)),
                Worth::List(values) => {
                    Worth::Bool(values.iter().any(|text| matches(pattern, text)))
                }
                Worth::Number(_) | Worth::Bool(_) | Worth::Null => Worth::Null,
            },
            // Keeps the values for which the test on its only field is true.
            ("mvfilter", [test]) => match subject(test) {
                Some(field) => {
                    let kept = self
                        .values(field)
                        .into_iter()
                        .filter(|value| self.holds_for(test, field, value));
                    Worth::of(kept.collect())
                }
                None => Worth::Null,
            },
            _ => {
                let arguments: Vec<Worth> = arguments.iter().map(|it| self.eval(it)).collect();
                apply(function, &arguments)
            }
        }
    }
}

/// The first field that an expression names.
fn subject(eval: &Eval) -> Option<&str> {
    match eval {
        Eval::All(operands) | Eval::Any(operands) => operands.iter().find_map(subject),
        Eval::Not(operand) => subject(operand),
        Eval::Compare { left, right, .. } | Eval::Minus(left, right) => {
            subject(left).or_else(|| subject(right))
        }
        Eval::Call { arguments, .. } => arguments.iter().find_map(subject),
        Eval::Field(name) => Some(name),
        Eval::Text { .. }
        | Eval::Number(_)
        | Eval::Xor(_)
        | Eval::Chain { .. }
        | Eval::Token(_)
        | Eval::Macro(_)
        | Eval::Search(_) => None,
    }
}

/// A value in the form of a subnet finds its addresses too.
fn is_like(text: &str, literal: &Literal) -> bool {
    let wanted = literal_text(literal);
    is_like_text(text, wanted) || holds_address(wanted, text)
}

fn literal_text(literal: &Literal) -> &str {
    match literal {
        Literal::Quoted(text) | Literal::Word(text) => text,
        Literal::Call(call) => &call.name,
    }
}

/// `*` is any run; letters that differ only by case are equal.
fn is_like_text(text: &str, wanted: &str) -> bool {
    let text: Vec<char> = text.chars().map(small).collect();
    let mut pieces = wanted.split('*').map(|piece| piece.chars().map(small).collect::<Vec<char>>());
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first.as_slice()) else { return false };
    let mut pieces: Vec<Vec<char>> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(start) = (0..=rest.len())
            .find(|start| rest.get(*start..).is_some_and(|it| it.starts_with(&piece)))
        else {
            return false;
        };
        rest = rest.get(start + piece.len()..).unwrap_or_default();
    }
    rest.ends_with(&last)
}

/// One small letter for each group of letters that differ by case; ASCII stays among itself.
fn small(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let mut lower = character.to_lowercase();
    let single = lower.next().filter(|_| lower.next().is_none());
    let lower = single.filter(|it| it.is_ascii() == character.is_ascii()).unwrap_or(character);
    // Three letters have two small forms each.
    match lower {
        'ς' => 'σ',
        'ϐ' => 'β',
        'µ' => 'μ',
        other => other,
    }
}

fn order(text: &str, literal: &Literal) -> std::cmp::Ordering {
    let wanted = literal_text(literal);
    match (text.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(text), Ok(wanted)) => text.total_cmp(&wanted),
        _ => text.cmp(wanted),
    }
}

/// PCRE without its Unicode properties: `\d` and `\b` know digits and words of ASCII, and the two
/// letters that Unicode folds into ASCII are kept apart.
fn matches(pattern: &str, text: &str) -> bool {
    let apart = |text: &str| text.replace('\u{212a}', "\u{e000}").replace('\u{17f}', "\u{e001}");
    let program = apart(pattern).replace(r"\d", "[0-9]");
    let program = program.replace(r"\b", r"(?-u:\b)").replace(r"\B", r"(?-u:\B)");
    regex::Regex::new(&program).is_ok_and(|program| program.is_match(&apart(text)))
}
