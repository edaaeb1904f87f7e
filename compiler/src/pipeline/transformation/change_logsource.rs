//! `change_logsource`: the rule has another log source, and so perhaps another scope.

use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::ast::Logsource;
use crate::diagnostic::Diagnostics;
use crate::pipeline::condition::parse_logsource;

#[derive(Debug)]
struct ChangeLogsource {
    logsource: Logsource,
}

pub(super) const ENTRY: Entry = Entry {
    name: "change_logsource",
    owner: Owner::PySigma,
    keys: &["category", "product", "service"],
    parse,
};

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let logsource = parse_logsource(settings, diagnostics);
    if logsource.specificity() == 0 {
        let help = "a log source has at least one of them";
        settings.missing("category`, `product` or `service", help, diagnostics);
        return None;
    }
    Some(Box::new(ChangeLogsource { logsource }))
}

impl Transformation for ChangeLogsource {
    fn on_rule(&self, run: &mut Run, _: &Applies) {
        run.rule.logsource = self.logsource.clone();
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
