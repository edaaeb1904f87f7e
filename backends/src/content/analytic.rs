//! The format `analytic`: a search in the style of Splunk's own content.
//!
//! ```text
//! search | fillnull | stats count min(_time) as firstTime max(_time) as lastTime by …
//!        | `security_content_ctime(firstTime)` | `security_content_ctime(lastTime)` | `…_filter`
//! ```
//! `stats by` drops an event that lacks a field, so the fields of `by` are filled first.

use isogloss_compiler::ast::{Fillnull, Metadata, Window};
use isogloss_compiler::ir::{Correlation, Direction, Linked, Loss, LossKind, Mapped, Rule};

use super::macros::TIME;
use super::names::Names;
use crate::backend::{Options, Refusal};
use crate::capability::Construct;
use crate::spl::ast::{Call, Column, Command, Eval, Query, SortKey, Streamstats};
use crate::spl::lower::{group_columns, refuse_name, within};

/// Adds the commands of an analytic to a query. Gives back what that loses, or which field cannot be
/// grouped by.
pub(crate) fn extend(
    query: &mut Query,
    rule: &Rule<Mapped>,
    filter: &str,
) -> Result<Option<Loss>, Refusal> {
    let by = shown_fields(rule)?;
    let bare = rule.metadata.attributes.splunk.fillnull == Some(Fillnull::All);
    let fillnull = if bare {
        Command::Fillnull { value: None, fields: Vec::new() }
    } else {
        Command::Fillnull { value: Some("unknown".to_owned()), fields: by.clone() }
    };
    query.commands.extend([fillnull, Command::Stats { columns: columns(), by }]);
    query.commands.extend(endings(filter));
    Ok(bare.then(|| Loss {
        kind: LossKind::Null,
        direction: Direction::Narrower,
        message: BARE_FILLNULL.to_owned(),
        origin: rule.logsource_origin.clone(),
    }))
}

/// Adds the commands of an analytic to the query of a correlation: one row for each group and burst, so
/// that a burst is one finding. A burst ends where nothing follows within the window.
pub(crate) fn extend_correlation(
    query: &mut Query,
    correlation: &Correlation<Mapped>,
    filter: &str,
) {
    let by = group_columns(correlation);
    match correlation.metadata.attributes.splunk.window.unwrap_or_default() {
        // The rows of sliding windows are in the order of time.
        Window::Sliding => {}
        Window::Tumbling => {
            let key = SortKey { field: "_time".to_owned(), descending: false };
            query.commands.push(Command::Sort { count: 0, keys: vec![key] });
        }
    }
    query.commands.extend(burst_commands(correlation.timespan, &by));
    let by = by.into_iter().chain([BURST.to_owned()]).collect();
    query.commands.push(Command::Stats { columns: columns(), by });
    query.commands.push(Command::Drop(vec![BURST.to_owned()]));
    query.commands.extend(endings(filter));
}

const BURST: &str = "sigma_burst";

fn burst_commands(timespan: u64, by: &[String]) -> Vec<Command> {
    const BEFORE: &str = "sigma_before";
    const NEW: &str = "sigma_new";
    let running = |function: &str, field: &str, alias: &str, current: bool| {
        let columns = vec![Column::of(function, field, alias)];
        Command::Streamstats(Streamstats::running(columns, current, by))
    };
    let number = |text: &str| Eval::Number(text.to_owned());
    let near = within(BEFORE, timespan);
    let new = Eval::call("if", [near, number("0"), number("1")]);
    vec![
        running("max", "_time", BEFORE, false),
        Command::Eval(vec![(NEW.to_owned(), new)]),
        running("sum", NEW, BURST, true),
    ]
}

const BARE_FILLNULL: &str = "a bare `fillnull`, which the rule asks for, fills only fields that some result has; \
                             where none has a field of `by`, `stats` drops all results";

/// How many events a group has, and from when to when.
pub(super) fn columns() -> Vec<Column> {
    vec![
        Column::count(None),
        Column::of("min", "_time", "firstTime"),
        Column::of("max", "_time", "lastTime"),
    ]
}

/// What every search of content ends with: times as text, and the macro for what is harmless.
pub(super) fn endings(filter: &str) -> [Command; 3] {
    let filter = Call { name: filter.to_owned(), ..Call::default() };
    [ctime("firstTime"), ctime("lastTime"), filter].map(Command::Call)
}

/// The fields of a result, or which of them cannot be named.
pub(super) fn shown_fields(rule: &Rule<Mapped>) -> Result<Vec<String>, Refusal> {
    let fields = group_fields(rule);
    match fields.iter().find_map(|name| Some((name, refuse_name(name)?))) {
        None => Ok(fields),
        Some((name, reason)) => Err(Refusal::Unsupported {
            construct: Construct::FieldName,
            message: format!("the field name `{name}` {reason}"),
            origin: rule.logsource_origin.clone(),
        }),
    }
}

/// The rule's `fields`, else what the log source shows and what the rule tests.
fn group_fields(rule: &Rule<Mapped>) -> Vec<String> {
    let Linked { scope, conditions, fields, .. } = &rule.body;
    if !fields.is_empty() {
        return fields.clone();
    }
    let tested = conditions.iter().flat_map(|it| it.items()).filter_map(|item| item.field_name());
    let mut by: Vec<String> = Vec::new();
    for field in scope.output_fields.iter().map(String::as_str).chain(tested) {
        if !by.iter().any(|known| known == field) {
            by.push(field.to_owned());
        }
    }
    by
}

fn ctime(field: &str) -> Call {
    let arguments = vec![field.to_owned()];
    Call { name: TIME.to_owned(), arguments, ..Call::default() }
}

/// The macro by which a team excludes what it knows, for the query of this number, from 1: that of the names
/// under which the rule is deployed, else of those that its title gives.
pub(crate) fn filter_name(metadata: &Metadata, options: &Options, number: usize) -> String {
    if let Some(names) = &options.names {
        return names.numbered(number).filter;
    }
    let id = metadata.id.as_deref().unwrap_or_default();
    let own = metadata.attributes.splunk.name.as_deref();
    Names::new(&metadata.title, id, own, "", &options.macro_prefix).numbered(number).filter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_is_named_after_the_title() {
        let named = |title: &str, id: Option<&str>| {
            let (title, id) = (title.to_owned(), id.map(str::to_owned));
            filter_name(&Metadata { title, id, ..Metadata::default() }, &Options::query(None), 1)
        };
        assert_eq!(
            named("Remote Access Tool - NetSupport `x`", None),
            "remote_access_tool___netsupport_x_filter"
        );
        assert_eq!(named("日本語", Some("a-1")), "rule_a_1_filter");
        let metadata = Metadata { title: "X".to_owned(), ..Metadata::default() };
        let options = Options { macro_prefix: "sigma_".to_owned(), ..Options::query(None) };
        assert_eq!(filter_name(&metadata, &options, 2), "sigma_x_2_filter");
        let deployed = Some(Names::new("Y", "", None, "", "own_"));
        let options = Options { names: deployed, ..options };
        assert_eq!(filter_name(&metadata, &options, 1), "own_y_filter");
    }
}
