//! `map_string`: whole strings are written otherwise on the platform; a list means any of them.

use indexmap::IndexMap;
use serde_json::Value;

use super::values::{Words, rewrite_tests};
use super::{
    Applies, Context, Entry, Fields, Owner, Place, Replay, Run, Settings, Transformation, add_value,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{
    Direction, Event, Expr, Item, LossKind, Pattern, Predicate, Sigma, Test, evaluate, fold,
};
use crate::value::parse_pattern;

const CODE: Code = Code::InvalidPipeline;

#[derive(Debug)]
struct MapString {
    mapping: IndexMap<String, Vec<String>>,
}

pub(super) const ENTRY: Entry =
    Entry { name: "map_string", owner: Owner::PySigma, keys: &["mapping"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let Some(node) = settings.node("mapping") else {
        settings.missing(
            "mapping",
            "write `mapping: {Sigma's value: the platform's}`",
            diagnostics,
        );
        return None;
    };
    let map = Settings::of(node, CODE, diagnostics)?;
    let mut mapping = IndexMap::new();
    for (key, value) in map.entries() {
        let Some(text) = key.as_text() else {
            let message = format!("a string is mapped here, not {}", key.describe());
            diagnostics.push(Diagnostic::new(CODE, key.span, message));
            continue;
        };
        if value.is_null() {
            let message = format!("`{text}` is mapped to nothing");
            let mistake = Diagnostic::new(CODE, key.span, message);
            diagnostics.push(
                mistake.with_help("write `''` for the empty string, `[]` to leave the value out"),
            );
        }
        let texts = map.texts(text, diagnostics).into_iter().map(|it| it.value);
        mapping.insert(text.to_owned(), texts.collect());
    }
    Some(Box::new(MapString { mapping }))
}

impl MapString {
    /// What a string is mapped to: by its very text, else without regard to case.
    fn find(&self, text: &str, cased: bool) -> Option<&[String]> {
        let folded = |text: &str| text.chars().map(fold).collect::<String>();
        let alike = |key: &String| !cased && folded(key) == folded(text);
        let other = || self.mapping.iter().find(|(key, _)| alike(key)).map(|(_, texts)| texts);
        self.mapping.get(text).or_else(other).map(Vec::as_slice)
    }

    /// The first string of the mapping that a test finds without naming it, be it in another case.
    fn found_by(&self, predicate: &Predicate<Sigma>, item: &Item<Sigma>) -> Option<&str> {
        let field = item.field_name()?;
        let mut predicate = predicate.clone();
        if let Test::Like(pattern) = &predicate.test {
            predicate.test = Test::Like(Pattern::new(pattern.parts().iter().cloned()));
        }
        let test = Item { negated: false, ..item.with_predicates(vec![predicate]) };
        let expr = Expr::Item(test);
        let finds = |key: &String| {
            let fields = [(field.to_owned(), Value::from(key.as_str()))];
            evaluate(&expr, &Event::new(fields.into_iter().collect()))
        };
        self.mapping.keys().find(|key| finds(key)).map(String::as_str)
    }

    fn on_test(
        &self,
        run: &mut Run,
        item: &Item<Sigma>,
        predicate: &Predicate<Sigma>,
        place: Place,
    ) -> Option<Vec<Test<Sigma>>> {
        let pattern = match &predicate.test {
            Test::Number(number) => {
                Some((Pattern::text(number.as_str()), number.as_str().to_owned()))
            }
            Test::Bool(value) => Some((Pattern::text(value.to_string()), value.to_string())),
            Test::Like(pattern) => {
                Words::of(&predicate.test, item).map(|it| (pattern.clone(), it.plain()))
            }
            Test::Null
            | Test::Regex(_)
            | Test::Compare(..)
            | Test::Cidr(_)
            | Test::FieldRef { .. }
            | Test::Time { .. }
            | Test::Query { .. }
            | Test::Open(_) => None,
        };
        if let Some((pattern, plain)) = pattern
            && let Some(texts) = self.find(&plain, pattern.is_cased())
        {
            let keyword = item.field.is_none();
            if keyword {
                let message =
                    "the pipeline maps a keyword, and the text of an event may hold it as it was";
                run.lose(LossKind::Mapping, Direction::Mixed, message.to_owned(), item, place);
            }
            if pattern.as_text().is_none() {
                let message = format!(
                    "the pipeline writes another text for `{plain}`, and not for each value that it finds"
                );
                run.lose(LossKind::Mapping, Direction::Mixed, message, item, place);
            }
            let made = texts.iter().map(|text| parse_pattern(text).with_case_of(&pattern));
            return Some(made.map(|it| Test::Like(it.open(keyword, keyword))).collect());
        }
        if let Some(key) = self.found_by(predicate, item) {
            let message =
                format!("the platform writes another text for `{key}`, which this value finds too");
            run.lose(LossKind::Mapping, Direction::Narrower, message, item, place);
        }
        None
    }
}

impl Transformation for MapString {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        rewrite_tests(run, applies, &mut |run, item, predicate, place| {
            self.on_test(run, item, predicate, place)
        });
    }

    fn replay(&self) -> Replay {
        if self.mapping.values().flatten().any(|it| parse_pattern(it).as_text().is_none()) {
            return Replay::Missing("what a pattern stands for is known to the platform only");
        }
        Replay::OnEvent
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        let names: Vec<String> = fields.keys().cloned().collect();
        for name in names.into_iter().filter(|it| applies.to_field_of_event(it)) {
            let Some(value) = fields.remove(&name) else { continue };
            let values = if let Value::Array(values) = value { values } else { vec![value] };
            for value in values {
                for value in self.on_value(value) {
                    add_value(fields, name.clone(), value);
                }
            }
        }
    }
}

impl MapString {
    fn on_value(&self, value: Value) -> Vec<Value> {
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return vec![value],
        };
        match self.find(&text, false) {
            Some(texts) => {
                let texts =
                    texts.iter().filter_map(|it| parse_pattern(it).as_text().map(Value::from));
                texts.collect()
            }
            None => vec![value],
        }
    }
}
