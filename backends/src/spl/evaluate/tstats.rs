//! `tstats` over the events of a data model: the fields of a dataset are called after it,
//! `Processes.process_name`, and events have them without its name.

use std::sync::Arc;

use super::super::ast::Tstats;
use super::Run;
use super::row::Row;
use super::stats::stats;
use super::worth::Worth;

/// The option that fills the fields of groups.
const FILL: &str = "fillnull_value=";

impl<'e> Run<'_, 'e> {
    /// The rows of `tstats`. Which events are in the data model is the scope, which is taken as true.
    pub(super) fn tstats(&self, tstats: &Tstats) -> Vec<Row<'e>> {
        let dataset = tstats.model.rsplit('.').next().unwrap_or_default();
        let dataset: Arc<str> = Arc::from(dataset);
        let rows = self.inputs.iter().enumerate().map(|(place, input)| {
            let mut row = Row::of(input, place);
            row.call_after(&dataset);
            row
        });
        let counts =
            |row: &Row| tstats.condition.iter().all(|it| self.context.search_of_tstats(it, row));
        let mut rows: Vec<Row> = rows.filter(counts).collect();
        if let Some(filler) = self.filler(tstats) {
            for field in &tstats.by {
                rows.iter_mut().filter(|row| row.lacks(field)).for_each(|row| {
                    row.set(field, Worth::Text(filler.to_owned()));
                });
            }
        }
        stats(&rows, &tstats.columns, &tstats.by)
    }

    /// What missing fields of groups become, by the definition of the macro with options.
    fn filler(&self, tstats: &Tstats) -> Option<&str> {
        let definition = self.context.definition(&tstats.options.as_ref()?.name)?;
        definition.split_whitespace().find_map(|word| word.strip_prefix(FILL))
    }
}
