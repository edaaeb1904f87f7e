//! Correlations whose condition never holds.

use crate::ast::{Bound, Correlation, CorrelationCondition, CorrelationKind, Relation};
use crate::decimal::{Comparison, Decimal};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};

/// An end of the numbers that a bound leaves.
struct End {
    number: Decimal,
    /// True if the number itself is left out.
    strict: bool,
    /// Where it is written; `None` for what the type says by itself.
    span: Option<Span>,
}

/// Warns of bounds that leave no number. `neq` leaves nearly all of them.
pub(super) fn report_impossible(correlation: &Correlation, diagnostics: &mut Diagnostics) {
    let Some(CorrelationCondition::Bounds { bounds, .. }) = &correlation.condition else { return };
    let kind = correlation.kind.value;
    let (least, most) = implied(kind, correlation.rules.len());
    let lower: Vec<End> = bounds.iter().filter_map(|it| lower_end(it, kind)).chain(least).collect();
    let upper: Vec<End> = bounds.iter().filter_map(|it| upper_end(it, kind)).chain(most).collect();
    let pairs = lower.iter().flat_map(|low| upper.iter().map(move |high| (low, high)));
    let mut clashes = pairs.filter(|(low, high)| {
        low.number > high.number || (low.number == high.number && (low.strict || high.strict))
    });
    if let Some((low, high)) = clashes.next() {
        diagnostics.push(impossible(low, high, kind));
    }
}

/// What a type counts by itself: at an event there is an event, and no more rules match than there are.
fn implied(kind: CorrelationKind, rules: usize) -> (Option<End>, Option<End>) {
    let end = |number: usize| Some(End { number: number.into(), strict: false, span: None });
    match kind {
        CorrelationKind::EventCount => (end(1), None),
        CorrelationKind::ValueCount => (end(0), None),
        CorrelationKind::Temporal | CorrelationKind::TemporalOrdered => (end(1), end(rules)),
        CorrelationKind::ValueSum
        | CorrelationKind::ValueAvg
        | CorrelationKind::ValuePercentile
        | CorrelationKind::ValueMedian => (None, None),
    }
}

/// More than 4 whole numbers are at least 5.
fn lower_end(bound: &Spanned<Bound>, kind: CorrelationKind) -> Option<End> {
    let number = bound.value.number.clone();
    let one = Decimal::from(1);
    let (number, strict) = match bound.value.relation {
        Relation::Compare(Comparison::Greater) if kind.counts() => (number.plus(&one), false),
        Relation::Compare(Comparison::Greater) => (number, true),
        Relation::Compare(Comparison::GreaterEqual) | Relation::Equal => (number, false),
        Relation::Compare(Comparison::Less | Comparison::LessEqual) | Relation::NotEqual => {
            return None;
        }
    };
    Some(End { number, strict, span: Some(bound.span) })
}

fn upper_end(bound: &Spanned<Bound>, kind: CorrelationKind) -> Option<End> {
    let number = bound.value.number.clone();
    let (number, strict) = match bound.value.relation {
        Relation::Compare(Comparison::Less) if kind.counts() => {
            (Decimal::parse("-1").map_or(number.clone(), |it| number.plus(&it)), false)
        }
        Relation::Compare(Comparison::Less) => (number, true),
        Relation::Compare(Comparison::LessEqual) | Relation::Equal => (number, false),
        Relation::Compare(Comparison::Greater | Comparison::GreaterEqual) | Relation::NotEqual => {
            return None;
        }
    };
    Some(End { number, strict, span: Some(bound.span) })
}

fn impossible(low: &End, high: &End, kind: CorrelationKind) -> Diagnostic {
    let lint =
        |span: Span, message: String| Diagnostic::new(Code::ImpossibleCondition, span, message);
    match (low.span, high.span) {
        (Some(low), Some(high)) if low != high => {
            lint(low, "no number keeps both bounds, so the condition never holds".to_owned())
                .with_place(high, "")
        }
        (Some(span), None) => {
            let message =
                format!("there are only {} rules, so the condition never holds", high.number);
            lint(span, message).with_help("name more rules, or ask for fewer of them")
        }
        (_, Some(span)) => {
            let least = &low.number;
            let message = format!(
                "`{}` is at least {least} at every event, so the condition never holds",
                kind.as_str()
            );
            lint(span, message).with_help("what does not happen is seen at no event")
        }
        // A type by itself leaves some number.
        (None, None) => lint(Span::default(), "the condition never holds".to_owned()),
    }
}
