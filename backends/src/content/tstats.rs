//! The format `tstats`: a search over the summaries of a data model, in the style of Splunk's own content.
//!
//! ```text
//! | tstats `security_content_summariesonly` count … from datamodel=Endpoint.Processes where … by …
//! | `drop_dm_object_name(Processes)` | what `tstats` cannot test | times as text | `…_filter`
//! ```
//! `tstats` tests the fields of the model as `search` does. The residue is tested on its rows, which have the
//! fields of `by` alone, each with one value; there a field that was missing has the text `null`.

use std::collections::BTreeSet;

use isogloss_compiler::ir::{
    Correlation, DataModel, Direction, Expr, Linked, Loss, LossKind, Mapped, Origin, Polarity,
    Rule, Test,
};

use super::analytic::{columns, endings, filter_name, shown_fields};
use super::data_model::{finds, in_model, other_field, without_tags};
use crate::backend::{Options, Refusal};
use crate::capability::Construct;
use crate::loss::Ledger;
use crate::spl::ast::{Call, Command, Comparison, Eval, Operator, Query, Search, Tstats};
use crate::spl::lower::lower_for_tstats;

/// The macro of Splunk's content with options of `tstats`.
pub(super) const OPTIONS: &str = "security_content_summariesonly";
/// What missing fields of `by` become, in that macro too.
const FILLER: &str = "null";

/// One query a condition, with its losses.
pub fn lower(
    rule: &Rule<Mapped>,
    options: &Options,
) -> Result<Vec<(Query, Vec<Loss>)>, Vec<Refusal>> {
    let Linked { scope, conditions, .. } = &rule.body;
    let Some(model) = scope.data_model.as_deref() else {
        return Err(vec![Refusal::Unsupported {
            construct: Construct::DataModel,
            message: "the pipelines name no data model for this log source".to_owned(),
            origin: rule.logsource_origin.clone(),
        }]);
    };
    let search = Summaries { rule, model, options };
    conditions
        .iter()
        .zip(1..)
        .map(|(condition, number)| search.lower_one(condition, number))
        .collect()
}

/// A data model, and what is looked for in it.
struct Summaries<'r> {
    rule: &'r Rule<Mapped>,
    model: &'r DataModel,
    options: &'r Options,
}

impl Summaries<'_> {
    fn lower_one(
        &self,
        condition: &Expr<Mapped>,
        number: usize,
    ) -> Result<(Query, Vec<Loss>), Vec<Refusal>> {
        let Linked { scope, losses, .. } = &self.rule.body;
        let mut ledger = Ledger::with(losses);
        let terms = scope.condition.as_ref().and_then(|it| without_tags(it, self.model));
        let exprs: Vec<_> = terms
            .iter()
            .chain([condition])
            .filter_map(|it| in_model(it, self.model, &mut ledger))
            .collect();
        let always = |field: &str| self.model.fill(field).is_some();
        let (above, residue) = lower_for_tstats(&exprs, &always, &mut ledger);
        let mut needed = BTreeSet::new();
        for command in &residue {
            collect_fields(command, &mut needed);
        }
        self.lose_lists(&needed, &mut ledger);
        let by = self.by(&needed, &mut ledger);
        let restored = self.restore(&needed, &exprs, &mut ledger);
        let losses = ledger.close()?;
        let mut commands = vec![self.tstats(above, &by), self.plain_names(&by)];
        commands.extend(restored.into_iter().chain(residue));
        commands.extend(endings(&filter_name(&self.rule.metadata, self.options, number)));
        Ok((Query { scope: None, condition: None, commands }, losses))
    }

    fn tstats(&self, condition: Option<Search>, by: &[String]) -> Command {
        let options = Call { name: OPTIONS.to_owned(), ..Call::default() };
        Command::Tstats(Tstats {
            options: (!self.options.inline_macros).then_some(options),
            fillnull_value: self.options.inline_macros.then(|| FILLER.to_owned()),
            columns: columns(),
            model: self.model.name.clone(),
            condition: condition.map(|it| self.qualify(it)),
            by: by.iter().map(|it| self.qualified(it)).collect(),
        })
    }

    fn qualified(&self, field: &str) -> String {
        format!("{}.{field}", self.model.dataset())
    }

    /// The expression over the names that fields have inside the model.
    fn qualify(&self, search: Search) -> Search {
        search.map(&mut |leaf| match leaf {
            Search::Comparison(it) => {
                Search::Comparison(Comparison { field: self.qualified(&it.field), ..it })
            }
            Search::All(_)
            | Search::Any(_)
            | Search::Not(_)
            | Search::Call(_)
            | Search::Term(_)
            | Search::Everything
            | Search::Verbatim(_)
            | Search::Subsearch(_) => leaf,
        })
    }

    /// Fields lose the name of the dataset.
    fn plain_names(&self, by: &[String]) -> Command {
        let dataset = self.model.dataset().to_owned();
        if self.options.inline_macros {
            let names = by.iter().map(|it| (self.qualified(it), it.clone()));
            return Command::Rename(names.collect());
        }
        let name = "drop_dm_object_name".to_owned();
        Command::Call(Call { name, arguments: vec![dataset], ..Call::default() })
    }

    /// The fields of the result that the model has, and those that the residue needs.
    fn by(&self, needed: &BTreeSet<String>, ledger: &mut Ledger) -> Vec<String> {
        let shown = shown_fields(self.rule).unwrap_or_else(|refusal| {
            ledger.add_refusal(refusal);
            Vec::new()
        });
        let mut by: Vec<String> =
            shown.into_iter().filter(|it| self.model.fields.contains(it)).collect();
        let others: Vec<String> = needed.iter().filter(|it| !by.contains(*it)).cloned().collect();
        by.extend(others);
        if by.is_empty() {
            // Without groups there is a row where nothing is found.
            let message =
                format!("the data model {} has none of the fields of the result", self.model.name);
            ledger.refuse(Construct::DataModel, &self.rule.logsource_origin, message);
        }
        by
    }

    fn lose_lists(&self, needed: &BTreeSet<String>, ledger: &mut Ledger) {
        if needed.iter().any(|it| self.model.lists.contains(it)) {
            let message = "`tstats` makes a row of each value of a field, and what it cannot test itself is \
                           tested on one value at a time";
            let direction = (Direction::Mixed, Polarity::Positive);
            ledger.lose(LossKind::Multivalue, direction, &Origin::default(), message);
        }
    }

    /// Takes the filler away from fields that a test finds it in.
    fn restore(
        &self,
        needed: &BTreeSet<String>,
        exprs: &[Expr<Mapped>],
        ledger: &mut Ledger,
    ) -> Option<Command> {
        let mut fields: Vec<String> = Vec::new();
        for item in exprs.iter().flat_map(Expr::items) {
            let Some(field) = &item.field else { continue };
            for predicate in &item.predicates {
                let other = other_field(&predicate.test);
                let finds_filler = predicate.test == Test::Null || finds(predicate, field, FILLER);
                let tested = (finds_filler || other.is_some()).then_some(field);
                for it in tested.into_iter().chain(other) {
                    let missing = needed.contains(&it.name) && self.model.fill(&it.name).is_none();
                    if missing && !fields.contains(&it.name) {
                        fields.push(it.name.clone());
                        let direction = (Direction::Mixed, Polarity::Positive);
                        let message = "a field with the text `null` counts as missing";
                        ledger.lose(LossKind::DataModel, direction, &predicate.origin, message);
                    }
                }
            }
        }
        let assignments = fields.into_iter().map(|it| {
            let (field, null) = (Eval::Field(it.clone()), Eval::call("null", []));
            let text = Eval::Text { text: FILLER.to_owned(), origin: Origin::default() };
            let is_filler = field.clone().compare(Operator::Equal, text);
            (it, Eval::call("if", [is_filler, null, field]))
        });
        let assignments: Vec<_> = assignments.collect();
        (!assignments.is_empty()).then_some(Command::Eval(assignments))
    }
}

/// The fields that a command of the residue reads.
fn collect_fields(command: &Command, fields: &mut BTreeSet<String>) {
    match command {
        Command::Search(search) => collect_search(search, fields),
        Command::Where(eval) => collect_eval(eval, fields),
        Command::Eval(assignments) => {
            for (_, eval) in assignments {
                collect_eval(eval, fields);
            }
        }
        // The residue has no others, and flags are dropped by name.
        Command::Keep(_)
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
        | Command::Tstats(_)
        | Command::Convert { .. }
        | Command::Other(_)
        | Command::Call(_) => {}
    }
}

fn collect_search(search: &Search, fields: &mut BTreeSet<String>) {
    for leaf in search.leaves() {
        if let Search::Comparison(it) = leaf {
            let is_flag = it.field.starts_with("sigma_");
            fields.extend((!is_flag).then(|| it.field.clone()));
        }
    }
}

fn collect_eval(eval: &Eval, fields: &mut BTreeSet<String>) {
    match eval {
        Eval::All(operands) | Eval::Any(operands) | Eval::Call { arguments: operands, .. } => {
            for operand in operands {
                collect_eval(operand, fields);
            }
        }
        Eval::Not(operand) => collect_eval(operand, fields),
        Eval::Compare { left, right, .. } | Eval::Minus(left, right) => {
            collect_eval(left, fields);
            collect_eval(right, fields);
        }
        Eval::Field(name) => {
            fields.insert(name.clone());
        }
        Eval::Text { .. }
        | Eval::Number(_)
        | Eval::Xor(_)
        | Eval::Chain { .. }
        | Eval::Token(_)
        | Eval::Macro(_)
        | Eval::Search(_) => {}
    }
}

/// A model has no times of single events to count windows by.
pub(crate) fn refuse_correlation(correlation: &Correlation<Mapped>) -> Refusal {
    Refusal::Unsupported {
        construct: Construct::DataModel,
        message: "`tstats` has no windows of time that end at each event".to_owned(),
        origin: correlation.trigger_origin.clone(),
    }
}
