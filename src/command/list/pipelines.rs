//! Each built-in pipeline with what it covers and what it leaves to its user.

use std::collections::BTreeMap;

use isogloss_backends::TARGETS;
use isogloss_compiler::ast::Logsource;
use isogloss_compiler::pipeline::{Pipeline, Variable, parse_pipeline};
use isogloss_compiler::source::SourceId;
use isogloss_pipelines::{BuiltIn, PIPELINES};
use textwrap::Options;

/// The columns of a line.
const WIDTH: usize = 100;

/// A paragraph for each pipeline.
pub(super) fn list() -> String {
    let widest = PIPELINES.iter().map(|it| it.name.len()).max().unwrap_or(0);
    PIPELINES.iter().map(|built_in| render(built_in, widest)).collect()
}

/// The name beside lines about its use, what it is for, what it covers, and its variables.
fn render(built_in: &BuiltIn, widest: usize) -> String {
    let pipelines: Vec<Pipeline> =
        built_in.files.iter().filter_map(|file| read(file.text)).collect();
    let lines = [usage(built_in, &pipelines), built_in.summary.to_owned(), coverage(&pipelines)];
    let variables = pipelines.iter().flat_map(|it| &it.extension.variables).map(variable);
    let lines = lines.into_iter().filter(|line| !line.is_empty()).chain(variables);
    let indent = " ".repeat(widest + 2);
    let wrap = |line: String| {
        let options = Options::new(WIDTH).initial_indent(&indent).subsequent_indent(&indent);
        format!("{}\n", textwrap::fill(&line, options))
    };
    let text: String = lines.map(wrap).collect();
    // The name stands in the indent of the first line.
    let name = format!("{:<width$}", built_in.name, width = indent.len());
    text.replacen(&indent, &name, 1)
}

/// Built-in pipelines read no files, and the tests see to it that their text is sound.
fn read(text: &str) -> Option<Pipeline> {
    let read_file = |_: &str| Err(String::new());
    parse_pipeline(SourceId(0), text, &read_file, &mut Vec::new())
}

/// `priority 20, default of eql,kql, also ecs_windows`.
fn usage(built_in: &BuiltIn, pipelines: &[Pipeline]) -> String {
    let priority = pipelines.first().map_or(0, |pipeline| pipeline.priority);
    let targets = TARGETS.iter().filter(|it| it.default_pipeline() == built_in.name);
    let targets: Vec<&str> = targets.map(|it| it.name()).collect();
    let targets = match &*targets {
        [] => "on demand".to_owned(),
        names => format!("default of {}", names.join(",")),
    };
    let aliases = match built_in.aliases {
        [] => String::new(),
        names => format!(", also {}", names.join(", ")),
    };
    format!("priority {priority}, {targets}{aliases}")
}

/// `covers windows (64 log sources), aws (1), proxy`: by product, else by category or service.
fn coverage(pipelines: &[Pipeline]) -> String {
    let scopes = pipelines.iter().flat_map(|it| &it.extension.scopes);
    let mut products: BTreeMap<&str, Vec<&Logsource>> = BTreeMap::new();
    for scope in scopes {
        let Logsource { category, product, service } = &scope.logsource;
        let name = product.as_ref().or(category.as_ref()).or(service.as_ref());
        let list = products.entry(name.map_or("all", String::as_str)).or_default();
        if !list.contains(&&scope.logsource) {
            list.push(&scope.logsource);
        }
    }
    if products.is_empty() {
        return String::new();
    }
    let mut products: Vec<_> = products.into_iter().map(|(name, it)| (name, it.len())).collect();
    products.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    let names = products.iter().map(|(name, count)| match count {
        1 => (*name).to_owned(),
        count => format!("{name} ({count} log sources)"),
    });
    format!("covers {}", names.collect::<Vec<_>>().join(", "))
}

/// `--var process_creation=sysmon|security|both (sysmon): where process starts are recorded`.
fn variable(variable: &Variable) -> String {
    let Variable { name, about, values, default } = variable;
    format!("--var {name}={} ({default}): {about}", values.join("|"))
}
