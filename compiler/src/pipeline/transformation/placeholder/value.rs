//! `value_placeholders`: placeholders become the values of the variable of their name.

use super::super::{Applies, Entry, Owner, Replay, Run, Transformation};
use super::{Filling, KEYS, Names, fill_in};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::ir::{Predicate, Sigma};

#[derive(Debug)]
struct ValuePlaceholders {
    names: Names,
}

pub(in super::super) const ENTRY: Entry = Entry {
    name: "value_placeholders",
    owner: Owner::PySigma,
    keys: KEYS,
    parse: |settings, _, diagnostics| {
        Some(Box::new(ValuePlaceholders { names: Names::parse(settings, diagnostics) }))
    },
};

impl Transformation for ValuePlaceholders {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        fill_in(run, applies, &|run, name, predicate| {
            if !self.names.contain(name) {
                return Filling::Open;
            }
            match run.vars.get(name) {
                Some(values) => Filling::Texts(values.iter().map(|it| it.value.clone()).collect()),
                None => Filling::Refused(Box::new(unknown(run, name, predicate))),
            }
        });
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}

/// A placeholder without a variable, and where the variables stand.
fn unknown(run: &Run, name: &str, predicate: &Predicate<Sigma>) -> Diagnostic {
    let message = format!("no pipeline of this run has a variable `{name}` under `vars`");
    let span = run.place_of(&predicate.origin);
    let help = match run.vars.names().next() {
        Some(_) => suggest(name, run.vars.names().collect::<Vec<_>>()),
        None => format!("write `vars: {{{name}: [value, …]}}` in the pipeline"),
    };
    let refusal = Diagnostic::new(Code::UnresolvedPlaceholder, span, message).with_help(help);
    let places = run.vars.places().into_iter();
    places.fold(refusal, |it, place| it.with_place(place, "`vars` stand here"))
}
