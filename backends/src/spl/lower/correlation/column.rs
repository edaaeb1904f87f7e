//! The columns of a correlation's rows.

use isogloss_compiler::ir::{AnyRule, Base, Correlation, GroupField, Mapped};

use super::super::refuse_name;
use crate::capability::Construct;
use crate::loss::Ledger;

/// The number of an event, where one event may become several rows.
pub(super) const EVENT: &str = "sigma_event";

/// The time of an event that a rule found; rules count from 1.
pub(super) fn time_column(base: usize) -> String {
    format!("sigma_time_{base}")
}

/// A column, and the field that it comes from in the events of each rule.
#[derive(Debug)]
pub(super) struct Column {
    pub name: String,
    pub fields: Vec<Option<String>>,
}

impl Column {
    /// True if the events of all rules have the field under the name of the column.
    pub(super) fn is_shared(&self) -> bool {
        self.fields.iter().all(|field| field.as_deref() == Some(&self.name))
    }
}

/// The columns of a correlation.
#[derive(Debug)]
pub(super) struct Columns {
    /// By which groups are formed.
    pub groups: Vec<Column>,
    /// What is measured.
    pub measured: Vec<Column>,
}

impl Columns {
    pub(super) fn of(correlation: &Correlation<Mapped>) -> Self {
        let all = |fields: &[GroupField<Mapped>]| {
            fields.iter().map(|field| column(field, &correlation.bases)).collect()
        };
        let columns = Self {
            groups: all(&correlation.group_by),
            measured: all(correlation.trigger.fields()),
        };
        columns.apart()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Column> {
        self.groups.iter().chain(&self.measured)
    }

    /// True if all columns are fields of all rules' events.
    pub(super) fn are_shared(&self) -> bool {
        self.iter().all(Column::is_shared)
    }

    /// A column that is made may not have the name of a field that another one is made of.
    fn apart(mut self) -> Self {
        let sources: Vec<String> =
            self.iter().flat_map(|column| column.fields.iter().flatten().cloned()).collect();
        for column in self.groups.iter_mut().chain(&mut self.measured) {
            let taken = sources.contains(&column.name) || refuse_name(&column.name).is_some();
            if !column.is_shared() && taken {
                column.name = format!("sigma_{}", plain(&column.name));
            }
        }
        self
    }

    /// Refuses fields that cannot be named in a search. `None` if there are any.
    pub(super) fn refuse_names(
        &self,
        correlation: &Correlation<Mapped>,
        ledger: &mut Ledger,
    ) -> Option<()> {
        let detections: Vec<bool> = correlation
            .bases
            .iter()
            .map(|base| matches!(base.rule, AnyRule::Detection(_)))
            .collect();
        let fields = correlation.group_by.iter().chain(correlation.trigger.fields());
        let mut sound = true;
        for (column, field) in self.iter().zip(fields) {
            let sources = column.fields.iter().zip(&detections);
            let own = sources.filter_map(|(name, own)| name.as_ref().filter(|_| *own));
            for name in own {
                if let Some(reason) = refuse_name(name) {
                    let message = format!("the field name `{name}` {reason}");
                    ledger.refuse(Construct::FieldName, &field.origin, message);
                    sound = false;
                }
            }
        }
        sound.then_some(())
    }
}

/// A field that is called the same in the events of all rules keeps its name; any other has that of its
/// alias.
fn column(field: &GroupField<Mapped>, bases: &[Base<Mapped>]) -> Column {
    let pairs = bases.iter().zip(&field.fields);
    let fields = pairs.map(|(base, field)| match &base.rule {
        AnyRule::Detection(_) => field.as_ref().map(|it| it.name.clone()),
        AnyRule::Correlation(inner) => inner_column(inner, &field.as_ref()?.name),
    });
    let fields: Vec<Option<String>> = fields.collect();
    let first = fields.first().cloned().flatten();
    let shared = first.filter(|first| fields.iter().all(|it| it.as_ref() == Some(first)));
    Column { name: shared.unwrap_or_else(|| plain(&field.name)), fields }
}

/// The column of a correlation's rows that has the values of its field of this name.
fn inner_column(inner: &Correlation<Mapped>, name: &str) -> Option<String> {
    let place = inner.group_by.iter().position(|it| it.name == name)?;
    Columns::of(inner).groups.into_iter().nth(place).map(|it| it.name)
}

/// A name that can be assigned to.
fn plain(name: &str) -> String {
    let plain = |it: char| if it.is_ascii_alphanumeric() { it } else { '_' };
    name.chars().map(plain).collect()
}
