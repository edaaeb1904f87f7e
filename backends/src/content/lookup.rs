//! Long lists of values, moved out of a query into lookups.
//!
//! ```text
//! F IN ("a", "b", …, "x*")   ->   (`name` OR F="x*")      [name] definition = [| inputlookup name.csv | fields F]
//! ```
//! The rows of a search in brackets become `(F="a") OR (F="b") …` (Splunk documentation, "Change the format of
//! subsearch results"), which is what `IN` says: the case of values, fields with several values and `NOT` are
//! as before. What is not documented stays in the query: wildcards, quotes and backslashes in a row.

use isogloss_compiler::ir::{Macro, Origin};
use isogloss_compiler::text::is_hidden;

use crate::spl::ast::{Call, Command, Comparison, Literal, Operator, Query, Search, Value};
use crate::spl::print::print;

/// A search in brackets gives at most so many rows (Splunk documentation, "About subsearches").
const ROWS: usize = 10_000;
/// Shorter lists stay, since a lookup is one more thing to look after.
const LEAST_BYTES: usize = 200;

/// How definitions of their macros start.
pub(crate) const DEFINITION: &str = "[| inputlookup ";

/// A table of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The name of the table and of the macro that stands for it.
    pub name: String,
    /// The field whose values it has, which is its only column.
    pub field: String,
    /// The file, as CSV.
    pub csv: String,
}

impl Lookup {
    /// The macro that finds events with any value of the table.
    pub fn to_macro(&self) -> Macro {
        let Self { name, field, .. } = self;
        let definition = format!("{DEFINITION}{name}.csv | fields {field}]");
        Macro { name: name.clone(), definition }
    }
}

/// The name of the tables of a search, which follows from its filter.
pub(crate) fn name_of(filter: &str) -> String {
    format!("{}_values", filter.strip_suffix("_filter").unwrap_or(filter))
}

/// The query with its longest lists in lookups, so that it has at most so many bytes. `None` if it is short
/// enough as it is, or cannot become so.
pub fn with_lookups(query: &Query, max_bytes: usize, name: &str) -> Option<(Query, Vec<Lookup>)> {
    let is_long = |query: &Query| print(query, None).text.len() > max_bytes;
    let mut query = query.clone();
    let mut lookups = Vec::new();
    while is_long(&query) {
        let longest = longest_list(&mut query)?;
        let moved = move_out(&longest, name, &mut lookups);
        let is_it = |leaf: &Search| matches!(leaf, Search::Comparison(list) if *list == longest);
        for search in searches(&mut query) {
            let kept = std::mem::replace(search, Search::Everything);
            *search = kept.map(&mut |leaf| if is_it(&leaf) { moved.clone() } else { leaf });
        }
    }
    (!lookups.is_empty()).then_some((query, lookups))
}

/// The list with the most text that can be moved.
fn longest_list(query: &mut Query) -> Option<Comparison> {
    let leaves = searches(query).flat_map(|search| search.leaves());
    let lists = leaves.filter_map(|leaf| match leaf {
        Search::Comparison(list) => Some(list),
        Search::All(_)
        | Search::Any(_)
        | Search::Not(_)
        | Search::Call(_)
        | Search::Term(_)
        | Search::Everything
        | Search::Verbatim(_)
        | Search::Subsearch(_) => None,
    });
    let bytes = |list: &Comparison| movable(list).map(str::len).sum::<usize>();
    let long = lists.filter(|it| bytes(it) >= LEAST_BYTES);
    long.max_by_key(|it| bytes(it)).cloned()
}

/// The expressions of `search` that a query has at its own level.
fn searches(query: &mut Query) -> impl Iterator<Item = &mut Search> {
    let commands = query.commands.iter_mut().filter_map(|command| match command {
        Command::Search(search) => Some(search),
        Command::Tstats(tstats) => tstats.condition.as_mut(),
        Command::Where(_)
        | Command::Eval(_)
        | Command::Keep(_)
        | Command::Drop(_)
        | Command::Table(_)
        | Command::Fillnull { .. }
        | Command::Stats { .. }
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
        | Command::Call(_) => None,
    });
    query.scope.iter_mut().chain(&mut query.condition).chain(commands)
}

/// The values that a row of a table says exactly.
fn movable(list: &Comparison) -> impl Iterator<Item = &str> {
    let fits = list.operator == Operator::Equal && is_column(&list.field);
    list.values.iter().filter_map(move |it| fits.then(|| row(it)).flatten())
}

/// The name of a field that a search in brackets gives back as it is. `search` and `query` would be pasted
/// without their names, and what begins with `_` is left out.
fn is_column(field: &str) -> bool {
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.');
    field.starts_with(|it: char| it.is_ascii_alphabetic())
        && field.chars().all(plain)
        && !["search", "query"].contains(&field)
}

fn row(value: &Value) -> Option<&str> {
    let text = match &value.literal {
        Literal::Quoted(text) | Literal::Word(text) => text,
        Literal::Call(_) => return None,
    };
    let special = |it: char| matches!(it, '*' | '"' | '\\') || is_hidden(it);
    (!text.is_empty() && text.trim() == text && !text.contains(special)).then_some(text)
}

/// Makes lookups of a list; what cannot be moved stays.
fn move_out(list: &Comparison, name: &str, lookups: &mut Vec<Lookup>) -> Search {
    let mut rows: Vec<&str> = movable(list).collect();
    rows.sort_unstable();
    rows.dedup();
    let mut parts = Vec::new();
    for rows in rows.chunks(ROWS) {
        let name = match lookups.len() {
            0 => name.to_owned(),
            count => format!("{name}_{}", count + 1),
        };
        let lines = std::iter::once(list.field.as_str()).chain(rows.iter().copied());
        let csv = lines.map(|it| cell(it) + "\n").collect();
        lookups.push(Lookup { name: name.clone(), field: list.field.clone(), csv });
        parts.push(Search::Call(Call { name, arguments: Vec::new(), origin: Origin::default() }));
    }
    let values: Vec<Value> = list.values.iter().filter(|it| row(it).is_none()).cloned().collect();
    let rest = Comparison { values, ..list.clone() };
    parts.extend((!rest.values.is_empty()).then_some(Search::Comparison(rest)));
    Search::any(parts).unwrap_or_else(|| Search::Comparison(list.clone()))
}

fn cell(text: &str) -> String {
    if text.contains(',') { format!("\"{text}\"") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use isogloss_compiler::ir::{Event, Mapped};
    use serde_json::json;

    use super::*;
    use crate::spl::evaluate::evaluate;
    use crate::spl::parse::parse;
    use crate::spl::print::print_search;

    fn list(field: &str, values: impl IntoIterator<Item = String>) -> Search {
        let value = |text| Value { literal: Literal::Quoted(text), origin: Origin::default() };
        Search::Comparison(Comparison {
            field: field.to_owned(),
            operator: Operator::Equal,
            values: values.into_iter().map(value).collect(),
            origin: Origin::default(),
        })
    }

    fn query(condition: Search) -> Query {
        Query { condition: Some(condition), ..Query::default() }
    }

    /// What the macro of a lookup is replaced by when the search runs.
    fn expanded(lookup: &Lookup) -> Macro {
        let rows = lookup.csv.lines().skip(1).map(|it| it.trim_matches('"').to_owned());
        let definition = format!("({})", print_search(&list(&lookup.field, rows)));
        Macro { name: lookup.name.clone(), definition }
    }

    fn agree(query: &Query, moved: &Query, lookups: &[Lookup], event: serde_json::Value) -> bool {
        let serde_json::Value::Object(fields) = event else { panic!("no event") };
        let event = Event::<Mapped>::new(fields);
        let macros: Vec<Macro> = lookups.iter().map(expanded).collect();
        let found = evaluate(query, &[], &event, true);
        assert_eq!(evaluate(moved, &macros, &event, true), found, "{event:?}");
        found
    }

    fn names(from: usize, to: usize) -> impl Iterator<Item = String> {
        (from..to).map(|it| format!("host-{it}.example"))
    }

    #[test]
    fn a_list_becomes_a_lookup_and_wildcards_stay() {
        let values =
            names(0, 100).chain(["*.test".to_owned(), r"c:\a".to_owned(), "a,b".to_owned()]);
        let query = query(Search::Any(vec![list("F", values), list("G", ["x".to_owned()])]));
        let (moved, lookups) = with_lookups(&query, 100, "hosts").unwrap();
        let text = print(&moved, None).text;
        assert_eq!(text, r#"`hosts` OR F IN ("*.test", "c:\\a") OR G="x""#);
        assert_eq!(parse(&text), Ok(moved.joined()));
        let [lookup] = &*lookups else { panic!("{lookups:?}") };
        assert_eq!(lookup.to_macro().definition, "[| inputlookup hosts.csv | fields F]");
        assert!(lookup.csv.starts_with("F\n\"a,b\"\nhost-0.example\n"), "{}", lookup.csv);
        for (event, found) in [
            (json!({"F": "HOST-7.example"}), true),
            (json!({"F": ["other", "host-99.example"]}), true),
            (json!({"F": "host-100.example"}), false),
            (json!({"F": "a.test"}), true),
            (json!({"F": r"C:\A"}), true),
            (json!({"F": "a,b"}), true),
            (json!({"G": "x"}), true),
            (json!({}), false),
        ] {
            assert_eq!(agree(&query, &moved, &lookups, event), found);
        }
    }

    #[test]
    fn a_list_under_not_means_the_same() {
        let query = query(Search::negate(list("F", names(0, 50))));
        let (moved, lookups) = with_lookups(&query, 100, "hosts").unwrap();
        assert_eq!(print(&moved, None).text, "NOT `hosts`");
        assert!(!agree(&query, &moved, &lookups, json!({"F": "host-1.example"})));
        assert!(agree(&query, &moved, &lookups, json!({"F": "x"})));
        assert!(agree(&query, &moved, &lookups, json!({})));
    }

    #[test]
    fn a_search_in_brackets_has_an_end() {
        let query = query(list("F", names(0, 25_000)));
        let (moved, lookups) = with_lookups(&query, 100, "hosts").unwrap();
        assert_eq!(print(&moved, None).text, "`hosts` OR `hosts_2` OR `hosts_3`");
        let rows: Vec<usize> = lookups.iter().map(|it| it.csv.lines().count() - 1).collect();
        assert_eq!(rows, [10_000, 10_000, 5_000]);
    }

    #[test]
    fn what_is_short_or_cannot_be_moved_stays() {
        let hosts = || names(0, 100);
        let folders = hosts().map(|it| format!(r"c:\{it}"));
        let patterns = hosts().map(|it| format!("*{it}"));
        for (query, most) in [
            (query(list("F", hosts())), 1_000_000),
            (query(list("F", folders)), 100),
            (query(list("F", patterns)), 100),
            (query(list("query", hosts())), 100),
            (query(list("_raw", hosts())), 100),
            (query(list("my field", hosts())), 100),
        ] {
            assert_eq!(with_lookups(&query, most, "hosts"), None);
        }
    }
}
