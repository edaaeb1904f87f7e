//! Placeholders: what the transformations that fill them in have in common.

pub(super) mod file;
pub(super) mod query;
pub(super) mod remote;
mod selector;
mod table;
pub(super) mod value;
pub(super) mod wildcard;

use super::values::merge;
use super::{Applies, Rewrite, Run, Settings};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{
    Expr, Item, Part, Pattern, Predicate, RegexFlags, Sigma, Template, TemplateKind, TemplatePart,
    Test,
};
use crate::value::{parse_pattern, parse_regex};

/// The most values that a detection item may have after its placeholders were filled in.
const MAX_VALUES: usize = 20_000;
/// The most text that the values of a detection item may have then, in bytes.
const MAX_TEXT: usize = 4 << 20;

/// Keys of every transformation of placeholders.
const KEYS: &[&str] = &["include", "exclude"];

/// The names of placeholders that a transformation fills in.
#[derive(Debug)]
enum Names {
    All,
    Only(Vec<String>),
    Without(Vec<String>),
}

impl Names {
    fn parse(settings: &Settings, diagnostics: &mut Diagnostics) -> Self {
        let names = |key: &str, diagnostics: &mut Diagnostics| {
            settings.texts(key, diagnostics).into_iter().map(|it| it.value).collect()
        };
        if let (Some(include), Some((key, _))) =
            (settings.node("include"), settings.entry("exclude"))
        {
            let message = "`include` and `exclude` exclude each other";
            diagnostics.push(
                Diagnostic::new(Code::InvalidPipeline, key.span, message)
                    .with_place(include.span, "what is included")
                    .with_help("leave one of them out"),
            );
        }
        if settings.node("include").is_some() {
            Self::Only(names("include", diagnostics))
        } else if settings.node("exclude").is_some() {
            Self::Without(names("exclude", diagnostics))
        } else {
            Self::All
        }
    }

    fn contain(&self, name: &str) -> bool {
        let among = |names: &[String]| names.iter().any(|it| it == name);
        match self {
            Self::All => true,
            Self::Only(names) => among(names),
            Self::Without(names) => !among(names),
        }
    }
}

/// What takes the place of a placeholder.
enum Filling {
    /// It stays.
    Open,
    /// Anything.
    Wildcard,
    /// One of these texts: with wildcards in a string, part of a regular expression in one.
    Texts(Vec<String>),
    /// Nothing can: the rule is refused.
    Refused(Box<Diagnostic>),
}

/// Fills in the placeholders of every value. `fill` gets the name of a placeholder and the predicate that
/// it stands in.
fn fill_in(
    run: &mut Run,
    applies: &Applies,
    fill: &dyn Fn(&Run, &str, &Predicate<Sigma>) -> Filling,
) {
    run.rewrite_items(applies, &mut |run, item, _| {
        let mut changed = false;
        let mut size = Size::default();
        let mut groups = Vec::with_capacity(item.predicates.len());
        for predicate in &item.predicates {
            match fill_predicate(predicate, run, fill, &mut size) {
                Ok(None) => groups.push(vec![predicate.clone()]),
                Ok(Some(filled)) => {
                    changed = true;
                    groups.push(filled);
                }
                Err(refusal) => {
                    run.refusals.push(*refusal);
                    return Rewrite::Keep;
                }
            }
        }
        if changed { rewritten(item, groups) } else { Rewrite::Keep }
    });
}

/// The item with other tests; of the tests that one value became any is enough.
fn rewritten(item: &Item<Sigma>, groups: Vec<Vec<Predicate<Sigma>>>) -> Rewrite {
    let expr = Expr::item_of_groups(item.field.as_ref(), item.link, groups, &item.origin);
    expr.map_or(Rewrite::Keep, |expr| Rewrite::Replace(expr.negated_if(item.negated)))
}

/// How much the values of an item have become.
#[derive(Default)]
struct Size {
    values: usize,
    text: usize,
}

type Filled<T> = Result<T, Box<Diagnostic>>;

/// The predicates that one becomes; `None` if none of its placeholders is filled in.
fn fill_predicate(
    predicate: &Predicate<Sigma>,
    run: &Run,
    fill: &dyn Fn(&Run, &str, &Predicate<Sigma>) -> Filling,
    size: &mut Size,
) -> Filled<Option<Vec<Predicate<Sigma>>>> {
    let Test::Open(template) = &predicate.test else { return Ok(None) };
    let choices = choices(template, predicate, run, fill)?;
    let Some(choices) = choices else { return Ok(None) };
    let refuse = |message: String, help: &str| {
        let span = run.place_of(&predicate.origin);
        let refusal = Diagnostic::new(Code::UnresolvedPlaceholder, span, message);
        Box::new(if help.is_empty() { refusal } else { refusal.with_help(help) })
    };
    let count = choices.iter().map(Vec::len).try_fold(1_usize, usize::checked_mul);
    size.values = size.values.saturating_add(count.unwrap_or(usize::MAX));
    let longest: usize =
        choices.iter().map(|it| it.iter().map(|it| length(it)).max().unwrap_or(0)).sum();
    size.text = size.text.saturating_add(count.unwrap_or(usize::MAX).saturating_mul(longest));
    if size.values > MAX_VALUES || size.text > MAX_TEXT {
        let message = "the values of the placeholders multiply to too many".to_owned();
        let help =
            format!("{MAX_VALUES} values and {MAX_TEXT} bytes are the most for a detection item");
        return Err(refuse(message, &help));
    }
    let tests = product(&choices).into_iter().map(|parts| {
        let test = close(template.kind, parts).map_err(|message| refuse(message, ""))?;
        Ok(Predicate { test, origin: predicate.origin.clone() })
    });
    tests.collect::<Filled<Vec<_>>>().map(Some)
}

/// For each part of a template what may stand there; `None` if every placeholder stays.
fn choices(
    template: &Template,
    predicate: &Predicate<Sigma>,
    run: &Run,
    fill: &dyn Fn(&Run, &str, &Predicate<Sigma>) -> Filling,
) -> Filled<Option<Vec<Vec<Vec<TemplatePart>>>>> {
    let mut changed = false;
    let mut choices = Vec::with_capacity(template.parts.len());
    for part in &template.parts {
        let TemplatePart::Placeholder(name) = part else {
            choices.push(vec![vec![part.clone()]]);
            continue;
        };
        let filling = fill(run, name, predicate);
        changed |= !matches!(filling, Filling::Open);
        choices.push(match filling {
            Filling::Open => vec![vec![part.clone()]],
            Filling::Wildcard => vec![wildcard_parts(template.kind)],
            Filling::Texts(texts) => {
                let parts = texts.iter().map(|text| {
                    text_parts(text, template.kind).map_err(|reason| {
                        let span = run.place_of(&predicate.origin);
                        let message =
                            format!("a value of `%{name}%` is no regular expression: {reason}");
                        Box::new(Diagnostic::new(Code::UnresolvedPlaceholder, span, message))
                    })
                });
                parts.collect::<Filled<Vec<_>>>()?
            }
            Filling::Refused(refusal) => return Err(refusal),
        });
    }
    Ok(changed.then_some(choices))
}

fn wildcard_parts(kind: TemplateKind) -> Vec<TemplatePart> {
    vec![TemplatePart::Known(match kind {
        TemplateKind::Pattern { .. } => Part::AnyRun,
        TemplateKind::Regex(_) => Part::Text("(?s:.*)".to_owned()),
    })]
}

/// A value in a string may have wildcards; in a regular expression it is a group of its own.
fn text_parts(text: &str, kind: TemplateKind) -> Result<Vec<TemplatePart>, String> {
    match kind {
        TemplateKind::Pattern { .. } => {
            let pattern = parse_pattern(text);
            Ok(pattern.parts().iter().cloned().map(TemplatePart::Known).collect())
        }
        TemplateKind::Regex(flags) => {
            parse_regex(text, flags).map_err(|mistake| mistake.message)?;
            Ok(vec![TemplatePart::Known(Part::Text(format!("(?:{text})")))])
        }
    }
}

/// How much text a choice adds.
fn length(parts: &[TemplatePart]) -> usize {
    let length = |part: &TemplatePart| match part {
        TemplatePart::Known(Part::Text(text)) | TemplatePart::Placeholder(text) => text.len(),
        TemplatePart::Known(Part::AnyRun | Part::AnyChar) => 1,
    };
    parts.iter().map(length).sum()
}

/// Every way to take one choice of each.
fn product(choices: &[Vec<Vec<TemplatePart>>]) -> Vec<Vec<TemplatePart>> {
    choices.iter().fold(vec![Vec::new()], |begun, choices| {
        let longer = begun.iter().flat_map(|start: &Vec<TemplatePart>| {
            choices.iter().map(|choice| [start.as_slice(), choice.as_slice()].concat())
        });
        longer.collect()
    })
}

/// The test of these parts, which is still open if one of them is a placeholder.
fn close(kind: TemplateKind, parts: Vec<TemplatePart>) -> Result<Test<Sigma>, String> {
    let known: Option<Vec<Part>> = parts
        .iter()
        .map(|part| match part {
            TemplatePart::Known(part) => Some(part.clone()),
            TemplatePart::Placeholder(_) => None,
        })
        .collect();
    let Some(known) = known else {
        return Ok(Test::Open(Template { kind, parts: merge(parts) }));
    };
    match kind {
        TemplateKind::Pattern { cased } => {
            let pattern = Pattern::new(known);
            Ok(Test::Like(if cased { pattern.cased() } else { pattern }))
        }
        TemplateKind::Regex(flags) => close_regex(&known, flags),
    }
}

fn close_regex(parts: &[Part], flags: RegexFlags) -> Result<Test<Sigma>, String> {
    let texts = parts.iter().map(|part| match part {
        Part::Text(text) => text.as_str(),
        // The parts of a regular expression are texts only.
        Part::AnyRun | Part::AnyChar => "",
    });
    let text: String = texts.collect();
    let regex = parse_regex(&text, flags).map_err(|mistake| {
        format!(
            "with its placeholders filled in, the value is no regular expression: {}",
            mistake.message
        )
    })?;
    Ok(Test::Regex(regex))
}
