//! Pipelines as users of pySigma write them, on rules: what they make of a rule is what pySigma makes of
//! it (`tests/cases/pysigma/<case>/expected.json`), or `ours.json` says what else and why.
//!
//! `UPDATE_PYSIGMA=1` writes `ours.json` where the two differ; its `reason` is then to be written by hand.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use isogloss_backends::content::postprocess::{About, check_templates, finalize, postprocess};
use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::ir::{
    Anchor, Condition, Expr, HasName, Item, Link, Part, Pattern, Sigma, Template, TemplateKind,
    TemplatePart, Test,
};
use isogloss_compiler::pipeline::{Pipelines, Processed, parse_pipeline};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Map, Value, json};

const CASES: &str = "tests/cases/pysigma";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(CASES);
    let entries = std::fs::read_dir(&root).expect("the cases");
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.expect("a case").path()).filter(|it| it.is_dir()).collect();
    folders.sort();
    let trials = folders.into_iter().map(|folder| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Trial::test(name, move || check(&folder))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// Compares a case with what pySigma made of it, or with what was accepted to differ.
fn check(folder: &Path) -> Result<(), Failed> {
    let expected = read_json(&folder.join("expected.json")).expect("expected.json");
    let wanted = comparable(&expected);
    let found = run(folder);
    let path = folder.join("ours.json");
    let accepted = read_json(&path);
    if comparable(&found) == wanted {
        return match accepted {
            None => Ok(()),
            Some(_) => Err("the same as pySigma's: remove ours.json".into()),
        };
    }
    let reason = accepted.as_ref().and_then(|it| it.get("reason")).and_then(Value::as_str);
    let reason = reason.unwrap_or_default();
    let mut ours = found;
    if let Value::Object(fields) = &mut ours {
        fields.insert("reason".to_owned(), Value::from(reason));
    }
    if accepted.as_ref() == Some(&ours) && !reason.is_empty() {
        return Ok(());
    }
    if std::env::var_os("UPDATE_PYSIGMA").is_some() {
        let text = serde_json::to_string_pretty(&ours).expect("JSON");
        std::fs::write(&path, format!("{text}\n")).expect("ours.json is written");
    }
    let text = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    Err(format!("differs from pySigma\nours {}\npySigma's {}", text(&ours), text(&wanted)).into())
}

fn read_json(path: &Path) -> Option<Value> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

/// What is compared: the rule, whether there is an error, and the output.
fn comparable(result: &Value) -> Value {
    let failed = result.get("error").is_some_and(|it| !it.is_null());
    let mut rule = result.get("rule").filter(|_| !failed).cloned().unwrap_or(Value::Null);
    if let Some(detections) = rule.get_mut("detections").and_then(Value::as_object_mut) {
        for tree in detections.values_mut() {
            *tree = normal(tree);
        }
        detections.retain(|_, tree| *tree != empty());
    }
    let rule = number_names(&rule);
    let output = result.get("output").filter(|_| !failed).and_then(Value::as_str).map(data);
    json!({"rule": rule, "failed": failed, "output": output})
}

/// What is left of a detection that lost all its items.
fn empty() -> Value {
    json!({"all": []})
}

/// Numbers the names that were invented for added conditions.
fn number_names(rule: &Value) -> Value {
    let detections = rule.get("detections").and_then(Value::as_object);
    let names = detections.into_iter().flat_map(Map::keys).filter(|it| it.starts_with("_cond"));
    let names: Vec<(String, String)> =
        names.enumerate().map(|(place, it)| (it.clone(), format!("_cond_{}", place + 1))).collect();
    rename(rule, &names)
}

fn rename(value: &Value, names: &[(String, String)]) -> Value {
    let new = |old: &String| {
        names.iter().find(|(name, _)| name == old).map_or_else(|| old.clone(), |it| it.1.clone())
    };
    match value {
        Value::String(text) => Value::String(new(text)),
        Value::Array(list) => list.iter().map(|it| rename(it, names)).collect(),
        Value::Object(map) => map.iter().map(|(key, it)| (new(key), rename(it, names))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// JSON and lists of YAML as their data, since spaces, quotes and the escapes of letters differ; the
/// lines stay.
fn data(text: &str) -> Value {
    if let Ok(value @ (Value::Array(_) | Value::Object(_))) = serde_json::from_str(text) {
        return json!({"json": nested_data(value), "lines": text.lines().count()});
    }
    let entries: Option<Vec<&str>> = text.lines().map(|it| it.strip_prefix("- ")).collect();
    match entries {
        Some(entries) if !entries.is_empty() => {
            let entries = entries.into_iter().map(|it| {
                serde_json::from_str(it).ok().filter(Value::is_string).unwrap_or(Value::from(it))
            });
            json!({"yaml": entries.collect::<Vec<_>>()})
        }
        _ => Value::from(text),
    }
}

fn nested_data(value: Value) -> Value {
    match value {
        Value::String(text) => data(&text),
        Value::Array(list) => list.into_iter().map(nested_data).collect(),
        Value::Object(map) => map.into_iter().map(|(key, it)| (key, nested_data(it))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

/// One form for trees that mean the same: expansions are alternatives, presence is the negation of
/// absence, chains are flat, alternatives of one field are one item. What lost all its items is left out.
fn normal(tree: &Value) -> Value {
    for key in ["all", "any"] {
        if let Some(operands) = tree.get(key).and_then(Value::as_array) {
            return chain(key, operands.iter().map(normal).collect());
        }
    }
    if let Some(operand) = tree.get("not") {
        return json!({"not": normal(operand)});
    }
    let Some(item) = tree.get("item") else { return tree.clone() };
    let values = item.get("values").and_then(Value::as_array).cloned().unwrap_or_default();
    let all = item.get("link") == Some(&json!("all"));
    let negated = item.get("negated") == Some(&json!(true));
    if let [only] = &*values
        && let Some(exists) = only.get("exists").and_then(Value::as_bool)
    {
        return make_item(item, false, exists != negated, vec![json!({"null": true})]);
    }
    let keyword = item.get("field").is_none_or(Value::is_null);
    let groups = values.iter().map(|value| {
        let alternatives = value.get("expansion").and_then(Value::as_array).cloned();
        let alternatives = alternatives.unwrap_or_else(|| vec![value.clone()]);
        alternatives.iter().map(|it| normal_value(it, keyword)).collect::<Vec<_>>()
    });
    if !all {
        return make_item(item, false, negated, groups.flatten().collect());
    }
    let (single, several): (Vec<_>, Vec<_>) =
        groups.partition(|group: &Vec<Value>| group.len() == 1);
    let single: Vec<Value> = single.into_iter().flatten().collect();
    let single = (!single.is_empty()).then(|| make_item(item, true, false, single));
    let several = several.into_iter().map(|group| make_item(item, false, false, group));
    let joined = chain("all", single.into_iter().chain(several).collect());
    if negated { json!({"not": joined}) } else { joined }
}

/// Neighbouring texts are one part, as neighbouring runs are. A keyword stands anywhere, and a number among
/// keywords is its text.
fn normal_value(value: &Value, keyword: bool) -> Value {
    let run = json!({"wildcard": "*"});
    let number = value.get("number").filter(|_| keyword && value.get("timestamp_part").is_none());
    let parts = value.get("text").and_then(Value::as_array).cloned();
    let Some(mut parts) = parts.or_else(|| number.map(|it| vec![it.clone()])) else {
        return value.clone();
    };
    if keyword {
        parts.insert(0, run.clone());
        parts.push(run.clone());
    }
    let mut merged: Vec<Value> = Vec::new();
    for part in parts {
        match (merged.last_mut(), &part) {
            (Some(Value::String(last)), Value::String(text)) => last.push_str(text),
            (Some(last), _) if *last == run && part == run => {}
            _ => merged.push(part),
        }
    }
    let cased = value.get("cased") == Some(&json!(true));
    render_text(&merged, cased)
}

/// Used for conditions as well, which have no items.
fn chain(key: &str, operands: Vec<Value>) -> Value {
    let flat = operands.into_iter().flat_map(|it| match it.get(key).and_then(Value::as_array) {
        Some(inner) => inner.clone(),
        None => vec![it],
    });
    let mut joined: Vec<Value> = Vec::new();
    for operand in flat.filter(|it| *it != empty()) {
        let same = joined.iter_mut().find(|it| key == "any" && are_of_one_field(it, &operand));
        match same {
            Some(first) => *first = with_values_of(first, &operand),
            None => joined.push(operand),
        }
    }
    match &*joined {
        [] => empty(),
        [only] => only.clone(),
        _ => json!({key: joined}),
    }
}

/// True for two items one value of which is enough.
fn are_of_one_field(first: &Value, second: &Value) -> bool {
    let field = |it: &Value| {
        let item = it.get("item").filter(|it| it.get("negated").is_none())?;
        (item.get("link") == Some(&json!("any"))).then(|| item.get("field").cloned())
    };
    field(first).is_some() && field(first) == field(second)
}

fn with_values_of(first: &Value, second: &Value) -> Value {
    let item = |it: &Value| it.get("item").cloned().unwrap_or_default();
    let values =
        |it: &Value| item(it).get("values").and_then(Value::as_array).cloned().unwrap_or_default();
    make_item(&item(first), false, false, [values(first), values(second)].concat())
}

fn make_item(item: &Value, all: bool, negated: bool, values: Vec<Value>) -> Value {
    let mut distinct: Vec<Value> = Vec::new();
    for value in values {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    let link = if all && distinct.len() > 1 { "all" } else { "any" };
    let mut fields = Map::new();
    fields.insert("field".to_owned(), item.get("field").cloned().unwrap_or_default());
    fields.insert("link".to_owned(), Value::from(link));
    if negated {
        fields.insert("negated".to_owned(), Value::from(true));
    }
    fields.insert("values".to_owned(), Value::from(distinct));
    json!({"item": fields})
}

/// Runs the pipeline on the rule; the result has the form of `expected.json`.
fn run(folder: &Path) -> Value {
    let mut sources = SourceMap::new();
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file of the case");
    let (pipeline, rule) = (read("pipeline.yml"), read("rule.yml"));
    let source = sources.add("pipeline.yml", pipeline.as_str());
    let mut diagnostics = Vec::new();
    let read_file = |name: &str| read_beside(folder, name);
    let Some(pipeline) = parse_pipeline(source, &pipeline, &read_file, &mut diagnostics) else {
        return failed(&diagnostics);
    };
    let source = sources.add("rule.yml", rule.as_str());
    let index = Index::new(vec![File::read(source, &rule)]);
    let (id, _, document) = index.rules().next().expect("a rule");
    let mut diagnostics = document.diagnostics.clone();
    let Some(lowered) = index.lower(id, &mut diagnostics) else { return failed(&diagnostics) };
    let lowered = lowered.detection().expect("a detection").clone();
    let pipelines = Pipelines::new([Arc::new(pipeline)]);
    let mistakes = check_templates(&pipelines);
    if !mistakes.is_empty() {
        return failed(&mistakes);
    }
    let processed = pipelines.apply(lowered);
    if !processed.refusals().is_empty() {
        return failed(processed.refusals());
    }
    let rendered = render_rule(&processed);
    match artifact(processed, &pipelines) {
        Ok(output) => json!({"rule": rendered, "error": null, "output": output}),
        Err(error) => json!({"rule": null, "error": error, "output": null}),
    }
}

/// What postprocessing and finalizers make of one query a condition.
fn artifact(processed: Processed, pipelines: &Pipelines) -> Result<Option<String>, String> {
    let postprocessing = processed.postprocessing.clone();
    if postprocessing.is_empty() && pipelines.finalizers().next().is_none() {
        return Ok(None);
    }
    let all = |found: Vec<Diagnostic>| {
        found.into_iter().map(|it| it.message).collect::<Vec<_>>().join("; ")
    };
    let mapped = pipelines.link(processed).map_err(all)?;
    let query = format!("QUERY {}", mapped.metadata.title);
    let texts = mapped.body.conditions.iter().map(|_| {
        postprocess(&query, &About::of_rule(&mapped), &postprocessing).map_err(|it| it.message)
    });
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    let finalized = finalize(texts.clone(), pipelines)?;
    Ok(Some(finalized.unwrap_or_else(|| texts.join("\n"))))
}

fn read_beside(folder: &Path, name: &str) -> Result<String, String> {
    // Every system has other words for it.
    let absent = |_| "it is not there".to_owned();
    let path = folder.join(name).canonicalize().map_err(absent)?;
    let folder = folder.canonicalize().map_err(absent)?;
    if !path.starts_with(folder) {
        return Err("it is outside of the folder of the pipeline".to_owned());
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

fn failed(diagnostics: &[Diagnostic]) -> Value {
    let errors = diagnostics.iter().filter(|it| it.is_error());
    let errors: Vec<String> =
        errors.map(|it| format!("{}: {}", it.code.as_str(), it.message)).collect();
    json!({"rule": null, "error": errors.join("; "), "output": null})
}

fn render_rule(processed: &Processed) -> Value {
    let rule = &processed.rule;
    let logsource = [
        ("category", &rule.logsource.category),
        ("product", &rule.logsource.product),
        ("service", &rule.logsource.service),
    ];
    let logsource: Map<String, Value> = logsource
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), Value::from(value.clone()?))))
        .collect();
    let fields: Vec<&str> = rule.body.fields.iter().map(HasName::name).collect();
    let detections: Map<String, Value> =
        rule.body.detections.iter().map(|(name, expr)| (name.clone(), render_expr(expr))).collect();
    let known = |name: &str| detections.contains_key(name);
    let conditions: Vec<Value> =
        rule.body.conditions.iter().map(|it| render_condition(it, &known)).collect();
    let mut fields = Map::from_iter([
        ("logsource".to_owned(), Value::from(logsource)),
        ("fields".to_owned(), Value::from(fields)),
        ("conditions".to_owned(), Value::from(conditions)),
        ("detections".to_owned(), Value::from(detections)),
    ]);
    let custom = &rule.metadata.custom;
    if !custom.is_empty() {
        let custom = custom.iter().map(|(name, value)| (name.clone(), value.clone()));
        fields.insert("custom".to_owned(), Value::from(custom.collect::<Map<_, _>>()));
    }
    if !processed.state().is_empty() {
        let state = processed.state().iter().map(|(name, value)| (name.clone(), value.clone()));
        fields.insert("state".to_owned(), Value::from(state.collect::<Map<_, _>>()));
    }
    Value::from(fields)
}

/// Detections that lost all their items are left out, as where rules are linked.
fn render_condition(condition: &Condition, known: &dyn Fn(&str) -> bool) -> Value {
    let all = |operands: &[Condition]| -> Vec<Value> {
        let operands = operands.iter().map(|it| render_condition(it, known));
        operands.filter(|it| !it.is_null()).collect()
    };
    let join = |key: &str, operands: Vec<Value>| {
        if operands.is_empty() { Value::Null } else { chain(key, operands) }
    };
    match condition {
        Condition::All(operands) => join("all", all(operands)),
        Condition::Any(operands) => join("any", all(operands)),
        Condition::Not(operand) => {
            let operand = render_condition(operand, known);
            if operand.is_null() { operand } else { json!({"not": operand}) }
        }
        Condition::Detection(name) if known(name) => json!({"detection": name}),
        Condition::Detection(_) => Value::Null,
    }
}

fn render_expr(expr: &Expr<Sigma>) -> Value {
    match expr {
        Expr::All(operands) => json!({"all": operands.iter().map(render_expr).collect::<Vec<_>>()}),
        Expr::Any(operands) => json!({"any": operands.iter().map(render_expr).collect::<Vec<_>>()}),
        Expr::Not(operand) => json!({"not": render_expr(operand)}),
        Expr::Item(item) => render_item(item),
    }
}

fn render_item(item: &Item<Sigma>) -> Value {
    let values =
        item.predicates.iter().map(|it| render_test(&it.test, item.field_name())).collect();
    let field = json!({"field": item.field_name()});
    make_item(&field, item.link == Link::All, item.negated, values)
}

fn render_test(test: &Test<Sigma>, field: Option<&str>) -> Value {
    match test {
        Test::Like(pattern) => render_pattern(pattern),
        Test::Number(number) => json!({"number": number.as_str()}),
        Test::Bool(value) => json!({"bool": value}),
        Test::Null => json!({"null": true}),
        Test::Regex(regex) => {
            let flags = &regex.flags;
            json!({"regex": regex.text, "flags": render_flags(flags.ignore_case, flags.multi_line, flags.dot_all)})
        }
        Test::Compare(comparison, number) => {
            json!({"compare": comparison.as_str(), "number": number.to_string()})
        }
        Test::Cidr(network) => json!({"cidr": network.to_string()}),
        Test::FieldRef { field, anchor } => {
            let mut fields = Map::from_iter([("fieldref".to_owned(), Value::from(field.name()))]);
            if matches!(anchor, Anchor::Start | Anchor::Anywhere) {
                fields.insert("startswith".to_owned(), Value::from(true));
            }
            if matches!(anchor, Anchor::End | Anchor::Anywhere) {
                fields.insert("endswith".to_owned(), Value::from(true));
            }
            Value::from(fields)
        }
        Test::Time { part, number, .. } => {
            json!({"timestamp_part": part.as_str(), "number": number.to_string()})
        }
        Test::Query { expression, id } => {
            let query =
                expression.replace("{field}", field.unwrap_or_default()).replace("{id}", id);
            json!({"query": query, "expression": expression, "id": id})
        }
        Test::Open(template) => render_template(template),
    }
}

fn render_flags(ignore_case: bool, multi_line: bool, dot_all: bool) -> String {
    let flags = [(ignore_case, 'i'), (multi_line, 'm'), (dot_all, 's')];
    flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag).collect()
}

fn render_pattern(pattern: &Pattern) -> Value {
    let parts: Vec<Value> = pattern.parts().iter().map(render_part).collect();
    // pySigma has no parts for an empty text, or one that is empty.
    let parts = if parts == [json!("")] { Vec::new() } else { parts };
    render_text(&parts, pattern.is_cased())
}

fn render_text(parts: &[Value], cased: bool) -> Value {
    if cased { json!({"text": parts, "cased": true}) } else { json!({"text": parts}) }
}

fn render_part(part: &Part) -> Value {
    match part {
        Part::Text(text) => Value::from(text.as_str()),
        Part::AnyRun => json!({"wildcard": "*"}),
        Part::AnyChar => json!({"wildcard": "?"}),
    }
}

fn render_template(template: &Template) -> Value {
    let parts = template.parts.iter();
    match &template.kind {
        TemplateKind::Pattern { cased } => {
            let parts = parts.map(|part| match part {
                TemplatePart::Known(part) => render_part(part),
                TemplatePart::Placeholder(name) => json!({"placeholder": name}),
            });
            render_text(&parts.collect::<Vec<_>>(), *cased)
        }
        TemplateKind::Regex(flags) => {
            let text = parts.map(|part| match part {
                TemplatePart::Known(Part::Text(text)) => text.clone(),
                TemplatePart::Known(Part::AnyRun | Part::AnyChar) => String::new(),
                TemplatePart::Placeholder(name) => format!("%{name}%"),
            });
            let flags = render_flags(flags.ignore_case, flags.multi_line, flags.dot_all);
            let names: Vec<&str> = template.names().collect();
            json!({"regex": text.collect::<String>(), "flags": flags, "placeholders": names})
        }
    }
}
