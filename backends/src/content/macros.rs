//! Macros: what they stand for, `--macros inline`, and the format `macros`.

mod rename;

use isogloss_compiler::ir::{Correlation, Macro, Mapped, Origin, Rule};
use serde::Serialize;

use super::lookup::DEFINITION;
use super::template::Templates;
use super::tstats::OPTIONS;
use crate::backend::{Options, Refusal};
use crate::capability::Construct;
use crate::spl::ast::{Call, Command, Query, Search};
use crate::spl::parse::{parse, parse_search};
use crate::spl::print::print_search;
pub(crate) use rename::rename;

/// The macro of Splunk's content that turns a time into text.
pub(super) const TIME: &str = "security_content_ctime";
/// The form of times in Splunk's own content.
const CTIME: &str = "convert timeformat=\"%Y-%m-%dT%H:%M:%S\" ctime($field$)";
/// A filter lets everything through until a team changes it.
const FILTER: &str = "search *";

/// Options of `tstats`: events that are not summarized yet are found too, and rows are not lost for a field.
const SUMMARIES: &str = "summariesonly=false allow_old_summaries=true fillnull_value=null";

/// Every macro that a translation of the rule may call, by the names of the pipelines. A definition that is no
/// search is refused.
pub(crate) fn definitions(
    rule: &Rule<Mapped>,
    filter: &str,
    options: &Options,
) -> Result<Vec<Macro>, Refusal> {
    all_definitions(rule.body.scope.call.as_ref(), filter, options)
}

/// Every macro that a translation of the correlation may call.
pub(crate) fn definitions_of_correlation(
    correlation: &Correlation<Mapped>,
    filter: &str,
    options: &Options,
) -> Result<Vec<Macro>, Refusal> {
    let rules = correlation.leaves();
    all_definitions(rules.iter().filter_map(|it| it.body.scope.call.as_ref()), filter, options)
}

fn all_definitions<'m>(
    scopes: impl IntoIterator<Item = &'m Macro>,
    filter: &str,
    options: &Options,
) -> Result<Vec<Macro>, Refusal> {
    // A definition of the options stands in place of any other.
    let chosen = |call: &Macro| {
        let given = options.definitions.iter().find(|it| it.name == call.name);
        given.unwrap_or(call).clone()
    };
    let standard =
        [(TIME, CTIME), (OPTIONS, SUMMARIES), (filter, FILTER)].map(|(name, definition)| Macro {
            name: name.to_owned(),
            definition: definition.to_owned(),
        });
    let mut definitions: Vec<Macro> = Vec::new();
    for scope in scopes {
        if !definitions.iter().any(|it| it.name == scope.name) {
            definitions.push(parenthesized(&chosen(scope))?);
        }
    }
    definitions.extend(standard.iter().map(chosen));
    Ok(definitions)
}

/// True if the macro selects the events of a log source.
pub(super) fn is_scope(call: &Macro) -> bool {
    call.definition != FILTER
        && !call.definition.starts_with(DEFINITION)
        && ![TIME, OPTIONS].iter().any(|it| call.name.ends_with(it))
}

/// Definitions that we write are in parentheses: `search` binds `OR` before the space beside a macro,
/// but nobody should have to know that.
fn parenthesized(call: &Macro) -> Result<Macro, Refusal> {
    let search = parse_search(&call.definition).map_err(|_| refuse(&call.name))?;
    let definition = match &search {
        Search::All(_) | Search::Any(_) => print_search(&search),
        Search::Not(_)
        | Search::Call(_)
        | Search::Comparison(_)
        | Search::Term(_)
        | Search::Verbatim(_)
        | Search::Subsearch(_)
        | Search::Everything => {
            format!("({})", print_search(&search))
        }
    };
    Ok(Macro { name: call.name.clone(), definition })
}

/// The macros that a query calls.
pub(crate) fn used(query: &Query, definitions: &[Macro]) -> Vec<Macro> {
    let mut names = Vec::new();
    collect_query(query, &mut names);
    definitions.iter().filter(|it| names.contains(&it.name.as_str())).cloned().collect()
}

fn collect_query<'q>(query: &'q Query, names: &mut Vec<&'q str>) {
    for search in query.scope.iter().chain(&query.condition) {
        collect(search, names);
    }
    for command in &query.commands {
        collect_command(command, names);
    }
}

fn collect_command<'q>(command: &'q Command, names: &mut Vec<&'q str>) {
    match command {
        Command::Call(call) => names.push(&call.name),
        Command::Search(search) => collect(search, names),
        Command::Append(query) => collect_query(query, names),
        Command::Multisearch(queries) => {
            for query in queries {
                collect_query(query, names);
            }
        }
        Command::Tstats(tstats) => {
            names.extend(tstats.options.iter().map(|call| call.name.as_str()));
            if let Some(condition) = &tstats.condition {
                collect(condition, names);
            }
        }
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
        | Command::Convert { .. }
        | Command::Other(_) => {}
    }
}

fn collect<'q>(search: &'q Search, names: &mut Vec<&'q str>) {
    for leaf in search.leaves() {
        if let Search::Call(call) = leaf {
            names.push(&call.name);
        } else if let Search::Subsearch(query) = leaf {
            collect_query(query, names);
        }
    }
}

/// Puts definitions in place of macros, as trees, but for the macro that is kept.
pub(crate) fn inline(
    query: &Query,
    definitions: &[Macro],
    kept: Option<&str>,
) -> Result<Query, Refusal> {
    let itself = |it: &Macro| Macro { definition: format!("`{}`", it.name), ..it.clone() };
    let definitions: Vec<Macro> = definitions
        .iter()
        .map(|it| if kept == Some(it.name.as_str()) { itself(it) } else { it.clone() })
        .collect();
    inline_query(query, &definitions)
}

fn inline_query(query: &Query, definitions: &[Macro]) -> Result<Query, Refusal> {
    let search =
        |part: &Option<Search>| part.as_ref().map(|it| inline_search(it, definitions)).transpose();
    let commands = query.commands.iter().map(|it| inline_any(it, definitions));
    let commands = commands.collect::<Result<Vec<_>, _>>()?.concat();
    Ok(Query { scope: search(&query.scope)?, condition: search(&query.condition)?, commands })
}

fn inline_search(search: &Search, definitions: &[Macro]) -> Result<Search, Refusal> {
    search.clone().try_map(&mut |leaf| match leaf {
        Search::Call(call) => {
            let definition = find(&call, definitions)?;
            parse_search(&definition.definition).map_err(|_| refuse(&call.name))
        }
        Search::Subsearch(query) => {
            Ok(Search::Subsearch(Box::new(inline_query(&query, definitions)?)))
        }
        Search::All(_)
        | Search::Any(_)
        | Search::Not(_)
        | Search::Comparison(_)
        | Search::Term(_)
        | Search::Verbatim(_)
        | Search::Everything => Ok(leaf),
    })
}

fn inline_any(command: &Command, definitions: &[Macro]) -> Result<Vec<Command>, Refusal> {
    let inlined = match command {
        Command::Call(call) => return inline_command(call, definitions),
        Command::Search(search) => Command::Search(inline_search(search, definitions)?),
        Command::Append(query) => Command::Append(inline_query(query, definitions)?),
        Command::Multisearch(queries) => {
            let queries = queries.iter().map(|it| inline_query(it, definitions));
            Command::Multisearch(queries.collect::<Result<_, _>>()?)
        }
        // Options of `tstats` are no search.
        Command::Tstats(_)
        | Command::Where(_)
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
        | Command::Convert { .. }
        | Command::Other(_) => command.clone(),
    };
    Ok(vec![inlined])
}

fn inline_command(call: &Call, definitions: &[Macro]) -> Result<Vec<Command>, Refusal> {
    let definition = &find(call, definitions)?.definition;
    let text =
        call.arguments.iter().fold(definition.clone(), |text, it| text.replace("$field$", it));
    let commands = parse(&format!("| {text}")).map_err(|_| refuse(&call.name))?.commands;
    // A filter that lets everything through says nothing.
    Ok(commands.into_iter().filter(|it| *it != Command::Search(Search::Everything)).collect())
}

fn find<'d>(call: &Call, definitions: &'d [Macro]) -> Result<&'d Macro, Refusal> {
    definitions.iter().find(|it| it.name == call.name).ok_or_else(|| refuse(&call.name))
}

fn refuse(name: &str) -> Refusal {
    Refusal::Unsupported {
        construct: Construct::MacroDefinition,
        message: format!("the definition of the macro `{name}` is no search"),
        origin: Origin::default(),
    }
}

/// What the template knows.
#[derive(Debug, Serialize)]
struct Context {
    stanzas: Vec<Stanza>,
}

/// A stanza of `macros.conf`.
#[derive(Debug, Serialize)]
struct Stanza {
    name: String,
    arguments: Option<String>,
    definition: String,
    description: &'static str,
}

/// `macros.conf` with these macros, each once, by name. The error is the template engine's.
pub fn render_macros<'m>(macros: impl IntoIterator<Item = &'m Macro>) -> Result<String, String> {
    render_with(&Templates::default(), macros)
}

/// The same with templates of the user.
pub(super) fn render_with<'m>(
    templates: &Templates,
    macros: impl IntoIterator<Item = &'m Macro>,
) -> Result<String, String> {
    let mut stanzas: Vec<Stanza> = macros.into_iter().map(stanza).collect();
    stanzas.sort_by(|left, right| left.name.cmp(&right.name));
    stanzas.dedup_by(|next, last| next.name == last.name);
    templates.render("spl/macros.conf.j2", Context { stanzas })
}

/// A macro with what it is for.
#[derive(Debug, Serialize)]
pub(super) struct Described<'m> {
    name: &'m str,
    arguments: &'static [&'static str],
    definition: &'m str,
    description: &'static str,
}

/// What a macro is for.
pub(super) fn described(call: &Macro) -> Described<'_> {
    let takes_field = call.definition.contains("$field$");
    let description = match &*call.definition {
        CTIME => "turns a time into text",
        SUMMARIES => "options of searches of data models",
        FILTER => "empty by default: exclude here what is known to be harmless",
        it if it.starts_with(DEFINITION) => "finds the values of a table",
        _ => "selects the events of a log source",
    };
    Described {
        name: &call.name,
        arguments: if takes_field { &["field"] } else { &[] },
        definition: &call.definition,
        description,
    }
}

fn stanza(call: &Macro) -> Stanza {
    let Described { name, arguments, definition, description } = described(call);
    Stanza {
        name: match arguments.len() {
            0 => name.to_owned(),
            count => format!("{name}({count})"),
        },
        arguments: (!arguments.is_empty()).then(|| arguments.join(", ")),
        definition: definition.to_owned(),
        description,
    }
}
