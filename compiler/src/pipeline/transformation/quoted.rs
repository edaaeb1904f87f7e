//! `quoted`: the platform may keep the quotes around the values of a field.
//!
//! A text `x` may be stored as `x` or as `'x'`, so that a test for a text is a test for both.

use super::{Applies, Context, Entry, Owner, Replay, Rewrite, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;
use crate::ir::{Expr, Item, Part, Pattern, Predicate, Sigma, Test};

#[derive(Debug)]
struct Quoted {
    fields: Vec<String>,
    quote: String,
}

pub(super) const ENTRY: Entry =
    Entry { name: "quoted", owner: Owner::Isogloss, keys: &["fields", "quote"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let fields: Vec<String> =
        settings.texts("fields", diagnostics).into_iter().map(|it| it.value).collect();
    if fields.is_empty() {
        settings.missing("fields", "write the fields whose values may be quoted", diagnostics);
        return None;
    }
    let quote = settings.text("quote", diagnostics).map_or_else(|| "'".to_owned(), |it| it.value);
    Some(Box::new(Quoted { fields, quote }))
}

impl Quoted {
    fn rewrite(&self, item: &Item<Sigma>) -> Rewrite {
        if !item.field_name().is_some_and(|name| self.fields.iter().any(|it| it == name)) {
            return Rewrite::Keep;
        }
        let groups = item.predicates.iter().map(|predicate| self.forms(predicate)).collect();
        let expr = Expr::item_of_groups(item.field.as_ref(), item.link, groups, &item.origin);
        expr.map_or(Rewrite::Keep, |expr| Rewrite::Replace(expr.negated_if(item.negated)))
    }

    /// A test, and the same with quotes where its pattern does not cover them already.
    fn forms(&self, predicate: &Predicate<Sigma>) -> Vec<Predicate<Sigma>> {
        let Test::Like(pattern) = &predicate.test else { return vec![predicate.clone()] };
        let quoted = self.quote_pattern(pattern);
        let mut forms = vec![predicate.clone()];
        if quoted != *pattern {
            forms.push(Predicate { test: Test::Like(quoted), origin: predicate.origin.clone() });
        }
        forms
    }

    fn quote_pattern(&self, pattern: &Pattern) -> Pattern {
        let quote = || Part::Text(self.quote.clone());
        let parts = pattern.parts();
        let opens = (parts.first() != Some(&Part::AnyRun)).then(quote);
        let closes = (parts.last() != Some(&Part::AnyRun)).then(quote);
        let parts = opens.into_iter().chain(parts.iter().cloned()).chain(closes);
        Pattern::new(parts).with_case_of(pattern)
    }
}

impl Transformation for Quoted {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        run.rewrite_items(applies, &mut |_, item, _| self.rewrite(item));
    }

    /// A value without quotes is one of the two forms.
    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_that_are_open_need_no_quote() {
        let quoted = Quoted { fields: Vec::new(), quote: "'".to_owned() };
        let text = |text: &str| Part::Text(text.to_owned());
        assert_eq!(quoted.quote_pattern(&Pattern::text("a")), Pattern::text("'a'"));
        let start = Pattern::new([text("a"), Part::AnyRun]);
        assert_eq!(quoted.quote_pattern(&start), Pattern::new([text("'a"), Part::AnyRun]));
        let inside = Pattern::new([Part::AnyRun, text("a"), Part::AnyRun]);
        assert_eq!(quoted.quote_pattern(&inside), inside);
    }
}
