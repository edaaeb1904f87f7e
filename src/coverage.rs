//! What the pipelines of each target know of the log sources and fields of a rule set.

use std::collections::{BTreeMap, BTreeSet};

use isogloss_compiler::ast::Logsource;
use isogloss_compiler::ir::Coverage;

use crate::outcome::Outcome;
use crate::plan::Plan;

/// The fields that are named of those that are not known.
const NAMED: usize = 5;

/// The rules of one log source in one target.
#[derive(Default)]
struct Row<'o> {
    rules: usize,
    covered: usize,
    scoped: bool,
    fields: BTreeSet<&'o str>,
    unmapped: BTreeSet<&'o str>,
}

/// A table for each target: its log sources, those with the most rules first.
pub(crate) fn table(outcomes: &[Outcome], plans: &[Plan]) -> Vec<String> {
    let tables = plans.iter().enumerate().map(|(place, plan)| {
        let rows = collect(outcomes, place);
        if rows.is_empty() { Vec::new() } else { render(plan.backend.name(), rows) }
    });
    tables.flatten().collect()
}

fn collect<'o>(outcomes: &'o [Outcome], plan: usize) -> BTreeMap<&'o Logsource, Row<'o>> {
    let mut rows: BTreeMap<&Logsource, Row> = BTreeMap::new();
    for outcome in outcomes {
        let translation = outcome.translations.get(plan);
        let Some(coverage) = translation.and_then(|it| it.coverage.as_ref()) else { continue };
        let Some(rule) = outcome.document.rule() else { continue };
        rows.entry(&rule.logsource.value).or_default().add(coverage);
    }
    rows
}

impl<'o> Row<'o> {
    fn add(&mut self, coverage: &'o Coverage) {
        self.rules += 1;
        self.covered += usize::from(coverage.scoped && coverage.unmapped.is_empty());
        self.scoped = coverage.scoped;
        self.fields.extend(coverage.fields.iter().map(String::as_str));
        self.unmapped.extend(coverage.unmapped.iter().map(String::as_str));
    }

    /// `3 of 5: a, b`, with the fields that are not known.
    fn fields(&self) -> String {
        let known = self.fields.len().saturating_sub(self.unmapped.len());
        let unknown: Vec<&str> = self.unmapped.iter().copied().take(NAMED).collect();
        let more = self.unmapped.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        match &*unknown {
            [] => format!("{known} of {}", self.fields.len()),
            names => format!("{known} of {}, not {}{more}", self.fields.len(), names.join(", ")),
        }
    }
}

fn render(target: &str, rows: BTreeMap<&Logsource, Row>) -> Vec<String> {
    let rules: usize = rows.values().map(|row| row.rules).sum();
    let covered: usize = rows.values().map(|row| row.covered).sum();
    let noun = if rules == 1 { "rule" } else { "rules" };
    let head = format!("coverage of {target}: {covered} of {rules} {noun}");
    let mut rows: Vec<(String, Row)> =
        rows.into_iter().map(|(logsource, row)| (logsource.to_string(), row)).collect();
    rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.rules));
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let title =
        format!("  {:<width$}  {:>6}  {:>7}  scope  fields", "log source", "rules", "covered");
    let lines = rows.into_iter().map(|(name, row)| {
        let scope = if row.scoped { "yes" } else { "no" };
        let (rules, covered, fields) = (row.rules, row.covered, row.fields());
        format!("  {name:<width$}  {rules:>6}  {covered:>7}  {scope:<5}  {fields}")
    });
    [head, title].into_iter().chain(lines).collect()
}
