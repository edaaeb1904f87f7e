//! `isogloss.variables`: what a user may choose about a pipeline, and the parts that hold for a choice
//! only.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::parse::Fields;
use crate::source::Spanned;

const CODE: Code = Code::InvalidPipeline;

/// A choice that a pipeline leaves to its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it is about, in one phrase.
    pub about: String,
    /// What may be chosen.
    pub values: Vec<String>,
    /// What holds without a choice.
    pub default: String,
}

/// What was chosen: values by the names of variables.
pub type Choices = BTreeMap<String, String>;

/// The choices that a part of a pipeline holds for; without any it always holds.
#[derive(Debug, Clone, Default)]
pub(super) struct When(Vec<(Spanned<String>, Vec<Spanned<String>>)>);

impl When {
    /// True if every variable has one of the values.
    pub(super) fn holds(&self, choices: &Choices) -> bool {
        self.0.iter().all(|(name, values)| {
            let chosen = choices.get(&name.value);
            chosen.is_some_and(|chosen| values.iter().any(|it| it.value == *chosen))
        })
    }

    /// Reports variables and values that no pipeline has declared.
    pub(super) fn check(&self, variables: &[Variable], diagnostics: &mut Diagnostics) {
        for (name, values) in &self.0 {
            let Some(variable) = variables.iter().find(|it| it.name == name.value) else {
                let message = format!("`{}` is no variable of this pipeline", name.value);
                let help = suggest(&name.value, variables.iter().map(|it| it.name.as_str()));
                diagnostics.push(
                    Diagnostic::new(Code::UnknownVariable, name.span, message).with_help(help),
                );
                continue;
            };
            for value in values.iter().filter(|it| !variable.values.contains(&it.value)) {
                let message = format!("`{}` is no value of `{}`", value.value, variable.name);
                let help = suggest(&value.value, variable.values.iter().map(String::as_str));
                diagnostics.push(
                    Diagnostic::new(Code::UnknownVariable, value.span, message).with_help(help),
                );
            }
        }
    }
}

/// Reads `when`: names of variables, each with a value or a list of values.
pub(super) fn parse_when(entry: &Fields, diagnostics: &mut Diagnostics) -> When {
    let Some(node) = entry.node("when") else { return When::default() };
    let Some(fields) = Fields::of(node, CODE, diagnostics) else { return When::default() };
    let names = fields.entries().iter().filter_map(|(key, _)| Some((key.as_text()?, key.span)));
    let conditions = names
        .map(|(name, span)| (Spanned::new(name.to_owned(), span), fields.texts(name, diagnostics)));
    When(conditions.collect())
}

/// Reads `variables`.
pub(super) fn parse_variables(section: &Fields, diagnostics: &mut Diagnostics) -> Vec<Variable> {
    let Some(node) = section.node("variables") else { return Vec::new() };
    let Some(fields) = Fields::of(node, CODE, diagnostics) else { return Vec::new() };
    let entries = fields.entries().iter();
    entries
        .filter_map(|(key, value)| {
            let entry = Fields::of(value, CODE, diagnostics)?;
            parse_variable(key.as_text()?, &entry, diagnostics)
        })
        .collect()
}

fn parse_variable(name: &str, entry: &Fields, diagnostics: &mut Diagnostics) -> Option<Variable> {
    entry.refuse_others(&["about", "values", "default"], CODE, diagnostics);
    let values: Vec<String> =
        entry.texts("values", diagnostics).into_iter().map(|it| it.value).collect();
    let about = entry.text("about", diagnostics).map(|it| it.value).unwrap_or_default();
    let Some(default) = entry.text("default", diagnostics) else {
        entry.missing("default", "a variable has a value without being chosen", diagnostics);
        return None;
    };
    if !values.contains(&default.value) {
        let message = format!("`{}` is not among the values of `{name}`", default.value);
        let help = suggest(&default.value, values.iter().map(String::as_str));
        diagnostics
            .push(Diagnostic::new(Code::UnknownVariable, default.span, message).with_help(help));
        return None;
    }
    Some(Variable { name: name.to_owned(), about, values, default: default.value })
}
