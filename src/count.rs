//! The line that a run ends with.

use isogloss_compiler::ir::Fidelity;

use crate::json::Status;
use crate::outcome::{Outcome, Translation};
use crate::plan::Plan;

/// One line a target: `14 rules: 13 converted (12 exact, 1 with losses), 1 refused`.
pub(crate) fn count(outcomes: &[Outcome], plans: &[Plan]) -> Vec<String> {
    let lines = plans.iter().enumerate().map(|(place, plan)| {
        let translations: Vec<&Translation> = outcomes.iter().filter_map(|it| it.translations.get(place)).collect();
        let with = |status: Status| translations.iter().filter(|it| it.status == status).count();
        let exact = translations.iter().filter(|it| it.is_without_loss()).count();
        let converted = with(Status::Converted);
        let unverified = translations
            .iter()
            .filter(|it| it.fidelity() == Some(Fidelity::Unverified))
            .count();
        let unchecked = match unverified {
            0 => String::new(),
            count => format!(", {count} unverified"),
        };
        let invalid = match with(Status::Invalid) {
            0 => String::new(),
            count => format!(", {count} invalid"),
        };
        let target = if plans.len() > 1 { format!("{}: ", plan.backend.name()) } else { String::new() };
        let referenced = match with(Status::Referenced) {
            0 => String::new(),
            count => format!(", {count} referenced"),
        };
        let languages = languages(&translations, plan);
        let rules = if translations.len() == 1 { "rule" } else { "rules" };
        format!(
            "{target}{} {rules}: {converted} converted ({exact} exact, {} with losses{unchecked}{languages}), {} refused{referenced}{invalid}",
            translations.len(),
            converted - exact - unverified,
            with(Status::Refused),
        )
    });
    lines.collect()
}

/// `; 12 eql, 1 kql`: how many rules are in each language, where the target has several.
fn languages(translations: &[&Translation], plan: &Plan) -> String {
    let count = |name: &&str| translations.iter().filter(|it| it.language() == Some(*name)).count();
    let names = plan.backend.languages().iter();
    let counts: Vec<String> = names.map(|name| format!("{} {name}", count(name))).collect();
    if counts.is_empty() { String::new() } else { format!("; {}", counts.join(", ")) }
}
