//! Events on which correlations are tried.

use serde_json::{Map, Value};

use super::{Applied, Pipelines};
use crate::ast::Logsource;
use crate::ir::{Event, Mapped, RULE_NUMBERS, Sigma};

impl Pipelines {
    /// Gives an event the field names that it has for each of these rules whose log source it may belong
    /// to, and the numbers of these rules.
    #[must_use]
    pub fn map_event_for_all(
        &self,
        rules: &[(Logsource, Applied)],
        event: &Event<Sigma>,
    ) -> Event<Mapped> {
        let mut fields = Map::new();
        let mut numbers = Vec::new();
        for (number, (logsource, applied)) in rules.iter().enumerate() {
            if event.is_for(logsource) {
                numbers.push(Value::from(number.to_string()));
                let mapped = self.map_event(applied, event);
                for (name, value) in mapped.fields() {
                    fields.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        fields.insert(RULE_NUMBERS.to_owned(), Value::Array(numbers));
        event.renamed(fields)
    }
}
