//! A stable text of the IR, for people and snapshots.

use std::fmt::Write;

use super::{
    Anchor, Comparison, Expr, HasName, Item, Link, Linked, Mapped, Part, Pattern, RegexFlags, Rule,
    Scope, State, Template, TemplateKind, TemplatePart, Test,
};

/// The text of a rule after its pipeline: scope and conditions.
pub fn print_rule(rule: &Rule<Mapped>) -> String {
    let Linked { scope, conditions, .. } = &rule.body;
    let mut text = print_scope(scope);
    for condition in conditions {
        let _infallible = writeln!(text, "condition {}", print_expr(condition));
    }
    text
}

fn print_scope(scope: &Scope) -> String {
    let call = scope.call.iter().map(|call| format!("scope macro {}\n", call.name));
    let category = scope.category.iter().map(|category| format!("scope category {category}\n"));
    let condition = scope.condition.iter().map(|it| format!("scope {}\n", print_expr(it)));
    call.chain(category).chain(condition).collect()
}

/// The text of an expression, on one line.
pub fn print_expr<S: State>(expr: &Expr<S>) -> String {
    match expr {
        Expr::All(operands) => print_call("all", operands.iter().map(print_expr)),
        Expr::Any(operands) => print_call("any", operands.iter().map(print_expr)),
        Expr::Not(operand) => print_call("not", [print_expr(operand)]),
        Expr::Item(item) => print_item(item),
    }
}

fn print_item<S: State>(item: &Item<S>) -> String {
    let field = item.field_name().unwrap_or("keyword");
    let tests: Vec<String> = item.predicates.iter().map(|it| print_test(&it.test)).collect();
    let tests = match (&*tests, item.link) {
        ([test], _) => test.clone(),
        (_, Link::Any) => print_call("any", tests),
        (_, Link::All) => print_call("all", tests),
    };
    let negation = if item.negated { "not " } else { "" };
    format!("{field} {negation}{tests}")
}

pub(super) fn print_test<S: State>(test: &Test<S>) -> String {
    match test {
        Test::Like(pattern) if pattern.is_cased() => format!("cased {}", print_pattern(pattern)),
        Test::Like(pattern) => format!("like {}", print_pattern(pattern)),
        Test::Number(number) => format!("number {}", number.as_str()),
        Test::Bool(value) => format!("bool {value}"),
        Test::Null => "null".to_owned(),
        Test::Regex(regex) => format!("regex{} {:?}", print_flags(regex.flags), regex.text),
        Test::Compare(comparison, number) => format!("{} {number}", comparison.as_str()),
        Test::Cidr(network) => format!("cidr {network}"),
        Test::FieldRef { field, anchor: Anchor::Whole } => format!("field {}", field.name()),
        Test::FieldRef { field, anchor } => format!("{} field {}", anchor.as_str(), field.name()),
        Test::Time { part, comparison, number } => {
            let comparison = comparison.map_or("", Comparison::as_str);
            format!(
                "{} {comparison}{}{number}",
                part.as_str(),
                if comparison.is_empty() { "" } else { " " }
            )
        }
        Test::Query { expression, id } => format!("query {expression:?} {id:?}"),
        Test::Open(open) => print_template(S::template(open)),
    }
}

/// Placeholders between percent signs, outside of the quotes.
fn print_template(template: &Template) -> String {
    let word = match template.kind {
        TemplateKind::Pattern { cased: true } => "cased ".to_owned(),
        TemplateKind::Pattern { cased: false } => "like ".to_owned(),
        TemplateKind::Regex(flags) => format!("regex{} ", print_flags(flags)),
    };
    let parts = template.parts.iter().map(|part| match part {
        TemplatePart::Known(part) => print_part(part),
        TemplatePart::Placeholder(name) => format!("%{name}%"),
    });
    word + &parts.collect::<String>()
}

fn print_flags(flags: RegexFlags) -> String {
    let RegexFlags { ignore_case, multi_line, dot_all } = flags;
    let set = [(ignore_case, 'i'), (multi_line, 'm'), (dot_all, 's')];
    let letters: String = set.into_iter().filter(|(set, _)| *set).map(|(_, it)| it).collect();
    if letters.is_empty() { letters } else { format!("|{letters}") }
}

/// Texts in quotes, wildcards outside of them.
fn print_pattern(pattern: &Pattern) -> String {
    let parts: Vec<String> = pattern.parts().iter().map(print_part).collect();
    if parts.is_empty() { "\"\"".to_owned() } else { parts.join("") }
}

fn print_part(part: &Part) -> String {
    match part {
        Part::Text(text) => format!("{text:?}"),
        Part::AnyRun => "*".to_owned(),
        Part::AnyChar => "?".to_owned(),
    }
}

fn print_call(name: &str, operands: impl IntoIterator<Item = String>) -> String {
    let operands: Vec<String> = operands.into_iter().collect();
    format!("{name}({})", operands.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Pipelines;
    use crate::source::SourceId;
    use crate::{File, Index, map_rule};

    #[test]
    fn a_rule_is_one_line_a_condition() {
        let rule = "title: t\nlogsource: {product: x}\ndetection:\n  a: {F|contains: ['b*c', 'd?'], G: null}\n  \
                    b: {H|re: e, I|cased: f}\n  condition: a and not b\n";
        let index = Index::new(vec![File::read(SourceId(0), rule)]);
        let (id, ..) = index.rules().next().unwrap();
        let lowered = index.lower(id, &mut Vec::new()).unwrap();
        let rule = lowered.detection().unwrap().clone();
        let printed = print_rule(&map_rule(rule, &Pipelines::default()).unwrap());
        let wanted = "condition all(F any(like *\"b\"*\"c\"*, like *\"d\"?*), G null, \
                      not(all(H regex \"e\", I cased \"f\")))\n";
        assert_eq!(printed, wanted);
    }
}
