//! `hashes_fields`: tests of a list `ALGO=hash,…` become tests of one field for each algorithm.

use serde_json::Value;

use super::values::{Words, lose_tests};
use super::{
    Applies, Context, Entry, Fields, Owner, Place, Replay, Rewrite, Run, Settings, Transformation,
    add_value,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Expr, FieldName, Item, Link, Part, Predicate, Sigma, TemplatePart, Test};

#[derive(Debug)]
struct HashesFields {
    algorithms: Vec<String>,
    field_prefix: String,
    drop_algo_prefix: bool,
    fields: Vec<String>,
}

pub(super) const ENTRY: Entry = Entry {
    name: "hashes_fields",
    owner: Owner::PySigma,
    keys: &["valid_hash_algos", "field_prefix", "drop_algo_prefix", "field_to_parse"],
    parse,
};

/// Algorithms whose hashes have so many digits.
const LENGTHS: &[(usize, &[&str])] =
    &[(32, &["MD5", "IMPHASH"]), (40, &["SHA1"]), (64, &["SHA256"]), (128, &["SHA512"])];

/// The name that stands for keywords.
const KEYWORD: &str = "keyword";

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let names = |key: &str, diagnostics: &mut Diagnostics| -> Vec<String> {
        settings.texts(key, diagnostics).into_iter().map(|it| it.value).collect()
    };
    let algorithms = names("valid_hash_algos", diagnostics);
    if algorithms.is_empty() {
        let help = "write `valid_hash_algos: [MD5, SHA1, SHA256]`";
        settings.missing("valid_hash_algos", help, diagnostics);
        return None;
    }
    let mut fields = names("field_to_parse", diagnostics);
    if settings.node("field_to_parse").is_none() {
        fields = vec!["Hashes".to_owned(), "Hash".to_owned()];
    }
    let prefix = settings.text("field_prefix", diagnostics).map(|it| it.value);
    let flags = [("true", true), ("false", false)];
    let drop_algo_prefix = settings.word("drop_algo_prefix", &flags, diagnostics).unwrap_or(false);
    let field_prefix = prefix.unwrap_or_default();
    if drop_algo_prefix && field_prefix.is_empty() {
        let span = settings.node("drop_algo_prefix").map_or(settings.span(), |it| it.span);
        let message = "the fields would have no name";
        let mistake = Diagnostic::new(Code::InvalidPipeline, span, message);
        diagnostics.push(mistake.with_help("write the name of the field as `field_prefix`"));
        return None;
    }
    Some(Box::new(HashesFields { algorithms, field_prefix, drop_algo_prefix, fields }))
}

impl Transformation for HashesFields {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        run.rewrite_items(applies, &mut |run, item, place| match item.field_name() {
            Some(field) if self.fields.iter().any(|it| it == field) => {
                self.rewrite(run, item, place)
            }
            Some(_) | None => Rewrite::Keep,
        });
    }

    fn replay(&self) -> Replay {
        Replay::OnEvent
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        for name in self.fields.iter().filter(|it| applies.to_field_of_event(it)) {
            let texts = match fields.get(name) {
                Some(Value::Array(values)) => values.clone(),
                Some(value) => vec![value.clone()],
                None => continue,
            };
            for entry in texts.iter().filter_map(Value::as_str).flat_map(|it| it.split(',')) {
                let (algorithms, hash) = self.split(entry.trim());
                for algorithm in algorithms {
                    if let Some(field) = self.field(&algorithm) {
                        add_value(fields, field, Value::from(hash));
                    }
                }
            }
        }
    }
}

impl HashesFields {
    fn rewrite(&self, run: &mut Run, item: &Item<Sigma>, place: Place) -> Rewrite {
        let values: Option<Vec<Words>> =
            item.predicates.iter().map(|it| Words::of(&it.test, item)).collect();
        let Some(values) = values else { return Rewrite::Keep };
        let (mut parts, mut dropped) = (Vec::new(), None);
        for (words, predicate) in values.iter().zip(&item.predicates) {
            match self.parts(words, predicate, item) {
                Some(expr) => parts.push(expr),
                None => dropped = Some(words.plain()),
            }
        }
        let known = self.algorithms.join(", ");
        let joined = match item.link {
            Link::Any => Expr::any(parts),
            Link::All => Expr::all(parts),
        };
        let Some(joined) = joined else {
            let message = format!("a pipeline finds no hash of {known} among these values");
            run.refuse(Code::RefusedByPipeline, &item.origin, message, "");
            return Rewrite::Keep;
        };
        if let Some(value) = dropped {
            let message = format!("the pipeline leaves out `{value}`: it knows hashes of {known}");
            lose_tests(run, item, place, message);
        }
        Rewrite::Replace(joined.negated_if(item.negated))
    }

    /// Tests of a hash; `None` if the value is none that is known.
    fn parts(
        &self,
        words: &Words,
        predicate: &Predicate<Sigma>,
        item: &Item<Sigma>,
    ) -> Option<Expr<Sigma>> {
        let parts = match &*words.parts {
            [TemplatePart::Known(Part::AnyRun), rest @ ..] => rest,
            whole => whole,
        };
        let [TemplatePart::Known(Part::Text(first)), rest @ ..] = parts else { return None };
        let (algorithms, hash) = self.split(first);
        if hash.contains([',', '=', '|']) {
            return None;
        }
        // A whole hash is all that its field holds.
        let is_whole = algorithms.iter().any(|it| length_of(it) == Some(hash.len()));
        let open =
            if is_whole && rest == [TemplatePart::Known(Part::AnyRun)] { &[][..] } else { rest };
        let hash = TemplatePart::Known(Part::Text(hash.to_owned()));
        let parts: Vec<TemplatePart> = [hash].into_iter().chain(open.iter().cloned()).collect();
        let tests = algorithms.iter().map(|algorithm| {
            let field = self.field(algorithm).map(FieldName);
            let mut test = words.with(parts.clone());
            if let (None, Test::Like(pattern)) = (&field, &mut test) {
                *pattern = pattern.open(true, true);
            }
            let predicates = vec![Predicate { test, origin: predicate.origin.clone() }];
            Expr::Item(Item {
                field,
                link: Link::Any,
                negated: false,
                ..item.with_predicates(predicates)
            })
        });
        Expr::any(tests.collect::<Vec<_>>())
    }

    /// The algorithms that a text is a hash of, and the hash: by its name, else by its length.
    fn split<'t>(&self, text: &'t str) -> (Vec<String>, &'t str) {
        let (hash, mut algorithms) = if let Some((algorithm, hash)) = text.split_once(['=', '|']) {
            (hash, vec![algorithm.to_uppercase()])
        } else {
            let of_length = LENGTHS.iter().find(|(length, _)| *length == text.len());
            let algorithms = of_length.map_or(&[][..], |(_, algorithms)| algorithms);
            (text, algorithms.iter().map(|it| (*it).to_owned()).collect())
        };
        algorithms.retain(|it| self.algorithms.contains(it));
        (algorithms, hash)
    }

    /// The field of an algorithm; `None` stands for keywords.
    fn field(&self, algorithm: &str) -> Option<String> {
        let algorithm = if self.drop_algo_prefix { "" } else { algorithm };
        Some(format!("{}{algorithm}", self.field_prefix)).filter(|it| it != KEYWORD)
    }
}

fn length_of(algorithm: &str) -> Option<usize> {
    let (length, _) = LENGTHS.iter().find(|(_, algorithms)| algorithms.contains(&algorithm))?;
    Some(*length)
}
