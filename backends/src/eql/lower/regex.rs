//! Regular expressions. Elasticsearch joins a list of them to one, which has to be short and simple enough.

use isogloss_compiler::ir::{Direction, LossKind, Origin, Pattern, Regex};

use super::super::ast::{Comparison, Expr, FieldPath, Literal, Operator, Value};
use super::{Lowered, Place};
use crate::capability::Construct;
use crate::loss::Ledger;
use crate::lucene::{self, Program, Translation};
use crate::required::required;

const WHOLE: &str = "Elasticsearch does not take so large a regular expression, so only texts that every match holds are searched";
const TOO_LARGE: &str = "Elasticsearch does not take so large a regular expression";

/// A regular expression that the author wrote.
pub(super) fn lower(place: Place, regex: &Regex, ledger: &mut Ledger) -> Option<Lowered> {
    let origin = &place.predicate.origin;
    let mut lose = |message| {
        ledger.lose(LossKind::Regex, (Direction::Wider, place.polarity), origin, message);
    };
    match lucene::from_regex(&regex.tree) {
        Some(Translation::Never) => Some(Lowered::Other(Expr::Constant(false))),
        Some(Translation::Always) => Some(Lowered::Test(Operator::NotEqual, Literal::Null)),
        Some(Translation::Programs { programs, left_out }) => {
            left_out.into_iter().for_each(lose);
            Some(Lowered::Programs(programs))
        }
        None => {
            let texts = required(&regex.tree).filter(|texts| texts.iter().all(|it| is_plain(it)));
            let Some(texts) = texts else {
                ledger.refuse(Construct::LargeRegex, origin, TOO_LARGE);
                return None;
            };
            lose(WHOLE);
            let texts = texts.into_iter().map(|it| format!("*{it}*"));
            Some(Lowered::Tests(Operator::Match, texts.map(Literal::Text).collect()))
        }
    }
}

/// A text that a pattern can hold, and whose case every version ignores.
fn is_plain(text: &str) -> bool {
    text.is_ascii() && !text.contains(['*', '?'])
}

/// A pattern that the other operators cannot say.
pub(super) fn of_pattern(place: Place, pattern: &Pattern, ledger: &mut Ledger) -> Option<Lowered> {
    let program = lucene::from_pattern(pattern);
    if program.is_none() {
        ledger.refuse(Construct::LargeRegex, &place.predicate.origin, TOO_LARGE);
    }
    program.map(|it| Lowered::Programs(vec![it]))
}

/// As few comparisons as Elasticsearch takes.
pub(super) fn comparisons(
    field: &FieldPath,
    programs: &[(Program, Value)],
    origin: &Origin,
) -> Vec<Comparison> {
    let mut groups: Vec<Vec<&(Program, Value)>> = Vec::new();
    for program in programs {
        let group = groups.iter_mut().find(|group| {
            let all = group.iter().copied().chain([program]).map(|(it, _)| it);
            let all: Vec<&Program> = all.collect();
            all.iter().all(|it| it.folded == program.0.folded) && lucene::all_fit(&all)
        });
        match group {
            Some(group) => group.push(program),
            None => groups.push(vec![program]),
        }
    }
    let comparison = |group: Vec<&(Program, Value)>| {
        let folded = group.iter().any(|(program, _)| program.folded);
        Comparison {
            field: field.clone(),
            operator: if folded { Operator::RegexFolded } else { Operator::Regex },
            values: group.into_iter().map(|(_, value)| value.clone()).collect(),
            origin: origin.clone(),
        }
    };
    groups.into_iter().map(comparison).collect()
}
