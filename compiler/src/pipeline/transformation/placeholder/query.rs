//! `query_expression_placeholders`: a placeholder that is a whole value becomes raw query text of the
//! target, such as a look-up in a list of the platform.

use indexmap::IndexMap;

use super::super::{
    Applies, Context, Entry, Owner, Replay, Rewrite, Run, Settings, Transformation,
};
use super::Names;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Item, Predicate, Sigma, TemplateKind, TemplatePart, Test};
use crate::yaml::Node;

const CODE: Code = Code::InvalidPipeline;

#[derive(Debug)]
struct QueryExpressionPlaceholders {
    names: Names,
    expression: String,
    /// What is put in for `{id}`, by the names of placeholders.
    mapping: IndexMap<String, String>,
    /// True if the text names the field.
    has_field: bool,
}

pub(in super::super) const ENTRY: Entry = Entry {
    name: "query_expression_placeholders",
    owner: Owner::PySigma,
    keys: &["expression", "mapping", "include", "exclude"],
    parse,
};

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let names = Names::parse(settings, diagnostics);
    let mapping = parse_mapping(settings, diagnostics);
    let Some(node) = settings.node("expression") else {
        let help = "write the text of a query, with `{field}` and `{id}`";
        settings.missing("expression", help, diagnostics);
        return None;
    };
    let expression = settings.text("expression", diagnostics)?.value;
    let has_field = check_braces(&expression, node, diagnostics)?;
    Some(Box::new(QueryExpressionPlaceholders { names, expression, mapping, has_field }))
}

fn parse_mapping(settings: &Settings, diagnostics: &mut Diagnostics) -> IndexMap<String, String> {
    let Some(node) = settings.node("mapping") else { return IndexMap::new() };
    let Some(map) = Settings::of(node, CODE, diagnostics) else { return IndexMap::new() };
    let names = map.entries().iter().filter_map(|(key, _)| key.as_text());
    names.filter_map(|name| Some((name.to_owned(), map.text(name, diagnostics)?.value))).collect()
}

/// Whether the text names the field. Braces hold `field` or `id`; `{{` and `}}` are braces of the query.
fn check_braces(expression: &str, node: &Node, diagnostics: &mut Diagnostics) -> Option<bool> {
    let mut has_field = false;
    let mut rest = expression;
    while let Some(place) = rest.find(['{', '}']) {
        let (_, at) = rest.split_at(place);
        let after = ["{{", "}}", "{field}", "{id}"].iter().find_map(|it| at.strip_prefix(it));
        let Some(after) = after else {
            let start = expression.len().saturating_sub(at.len());
            let end = at.find('}').map_or(start + 1, |end| start + end + 1);
            let message = "braces hold `field` or `id` here";
            diagnostics.push(
                Diagnostic::new(CODE, node.inner_span(start, end), message)
                    .with_help("write `{{` and `}}` for braces of the query"),
            );
            return None;
        };
        has_field |= at.starts_with("{field}");
        rest = after;
    }
    Some(has_field)
}

impl QueryExpressionPlaceholders {
    /// The test that a value becomes; `None` if it stays.
    fn query(
        &self,
        item: &Item<Sigma>,
        predicate: &Predicate<Sigma>,
        run: &Run,
    ) -> Result<Option<Test<Sigma>>, Box<Diagnostic>> {
        let Test::Open(template) = &predicate.test else { return Ok(None) };
        if !template.names().any(|name| self.names.contain(name)) {
            return Ok(None);
        }
        let refuse = |message: String, help: &str| {
            let span = run.place_of(&predicate.origin);
            let refusal = Diagnostic::new(Code::UnresolvedPlaceholder, span, message);
            Err(Box::new(refusal.with_help(help)))
        };
        let whole = matches!(template.kind, TemplateKind::Pattern { .. });
        let [TemplatePart::Placeholder(name)] = &*template.parts else {
            let message = "raw query text cannot stand for a part of a value".to_owned();
            return refuse(message, "let the placeholder be the whole value, without modifiers");
        };
        if !whole {
            let message = "raw query text cannot stand in a regular expression".to_owned();
            return refuse(message, "let the placeholder be the whole value, without modifiers");
        }
        if self.has_field && item.field.is_none() {
            let message = "the query text names a field, and a keyword has none".to_owned();
            return refuse(message, "write a text without `{field}`");
        }
        let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '-');
        let id = match self.mapping.get(name) {
            Some(id) => id.clone(),
            None if name.chars().all(plain) => name.clone(),
            None => {
                let message = format!("the name `{name}` cannot stand in a query as it is");
                return refuse(message, "give it another with `mapping`");
            }
        };
        Ok(Some(Test::Query { expression: self.expression.clone(), id }))
    }
}

impl Transformation for QueryExpressionPlaceholders {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        run.rewrite_items(applies, &mut |run, item, _| {
            let mut changed = false;
            let mut predicates = Vec::with_capacity(item.predicates.len());
            for predicate in &item.predicates {
                match self.query(item, predicate, run) {
                    Ok(None) => predicates.push(predicate.clone()),
                    Ok(Some(test)) => {
                        changed = true;
                        predicates.push(Predicate { test, origin: predicate.origin.clone() });
                    }
                    Err(refusal) => {
                        run.refusals.push(*refusal);
                        return Rewrite::Keep;
                    }
                }
            }
            if changed {
                Rewrite::Replace(crate::ir::Expr::Item(item.with_predicates(predicates)))
            } else {
                Rewrite::Keep
            }
        });
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
