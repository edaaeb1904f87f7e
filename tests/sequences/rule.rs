//! Rules, correlations over them, and pipelines.

use serde_json::{Map, Value, json};

use super::chance::Chance;

/// The names that the fields of a draw have.
pub(crate) struct Fields {
    /// By which groups are formed.
    pub(crate) groups: [String; 2],
    /// What is measured.
    pub(crate) measured: [String; 2],
}

/// Names that a search may take for something else.
const ODD: &[&str] = &[
    "user name",
    "a.b",
    "by",
    "as",
    "host-name",
    "what's",
    "sigma_who",
    "count",
    "NOT",
    "Größe",
    "x{}",
    "source",
    "where",
    "1st",
    "f=g",
    "sigmar_1",
    "_u",
    "x:y",
];

impl Fields {
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        let mut taken = Vec::new();
        let mut name = |plain: &str| {
            let mut name = String::from(plain);
            if chance.once_in(12) {
                name = String::from(*chance.pick(ODD));
            }
            if taken.contains(&name) {
                name = String::from(plain);
            }
            taken.push(name.clone());
            name
        };
        Self { groups: [name("u"), name("w")], measured: [name("v"), name("x")] }
    }
}

/// How the log sources `one`, `two` and `three` are found.
pub(crate) struct Place {
    kind: usize,
    /// The first group field has another name in events of `two`.
    pub(crate) renames: bool,
    /// True if rules have several log sources.
    pub(crate) several: bool,
}

impl Place {
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        let kind = chance.below(5);
        Self { kind, renames: kind > 0 && chance.once_in(4), several: kind > 0 }
    }

    /// None, a macro for each, one macro and terms, terms alone, or one macro and terms that `search` cannot say.
    pub(crate) fn pipeline(&self, fields: &Fields) -> Option<String> {
        if self.kind == 0 {
            return None;
        }
        let scope = |source: &str| {
            let sources = if source == "three" { json!(source) } else { json!([source, "both"]) };
            let logsource = json!({ "category": source });
            match self.kind {
                1 => {
                    json!({"logsource": logsource, "macro": {"name": source, "definition": format!("src={source} OR src={}", if source == "three" { "x" } else { "both" })}})
                }
                2 => {
                    json!({"logsource": logsource, "macro": {"name": "all", "definition": "src=*"}, "terms": {"src": sources}})
                }
                3 => json!({"logsource": logsource, "terms": {"src": sources}}),
                _ => {
                    json!({"logsource": logsource, "macro": {"name": "all", "definition": "src=*"}, "terms": {"src|cased": sources}})
                }
            }
        };
        let scopes: Vec<Value> = ["one", "two", "three"].map(scope).to_vec();
        let mut pipeline =
            json!({"name": "drawn", "priority": 10, "isogloss": {"version": 1, "scopes": scopes}});
        if self.renames {
            let mapping = json!({fields.groups[0].clone(): "renamed"});
            pipeline["transformations"] = json!([{"id": "renames", "type": "field_name_mapping", "mapping": mapping,
                "rule_conditions": [{"type": "logsource", "category": "two"}]}]);
        }
        Some(pipeline.to_string())
    }
}

/// The text of the rules, and the greatest time that they look back.
pub(crate) struct Made {
    pub(crate) text: String,
    pub(crate) timespan: u64,
}

const NAMES: &[&str] = &["a", "b", "c"];
const ODD_NAMES: &[&str] = &[
    "it's",
    "say \"x\"",
    "back\\slash",
    "tick`tick",
    "näme",
    "a, b",
    "a*",
    "[x]",
    "a|b",
    "\\\"",
    "two  blanks",
    "$x$",
    "(?i)a",
];
const SPANS: &[(&str, u64)] = &[
    ("10s", 10),
    ("5m", 300),
    ("90s", 90),
    ("2h", 7200),
    ("1d", 86_400),
    ("1w", 604_800),
    ("1M", 2_630_016),
    ("36h", 129_600),
    ("7m", 420),
];

struct Draft<'d> {
    fields: &'d Fields,
    names: Vec<String>,
    /// The name of a base rule that is a correlation, and its groups.
    inner: Option<(String, Vec<String>)>,
    timespan: u64,
}

pub(super) fn draw(chance: &mut Chance, fields: &Fields, place: &Place) -> Made {
    let mut names: Vec<String> = NAMES.iter().map(|it| (*it).to_owned()).collect();
    let odd = chance.once_in(8);
    if odd {
        let at = chance.below(3);
        names[at] = String::from(*chance.pick(ODD_NAMES));
    }
    let mut documents: Vec<Value> =
        names.iter().map(|name| base(chance, fields, place, name)).collect();
    let mut draft = Draft { fields, names, inner: None, timespan: 0 };
    if chance.once_in(4) {
        let (document, groups) = correlation(chance, &mut draft, "inner", false);
        documents.push(document);
        draft.inner = Some(("inner".to_owned(), groups));
    }
    documents.push(correlation(chance, &mut draft, "outer", !odd).0);
    let texts: Vec<String> = documents.iter().map(Value::to_string).collect();
    Made { text: texts.join("\n---\n"), timespan: draft.timespan }
}

fn base(chance: &mut Chance, fields: &Fields, place: &Place, name: &str) -> Value {
    let source =
        if place.several && chance.once_in(2) { *chance.pick(&["two", "three"]) } else { "one" };
    let mut detection = Map::new();
    detection.insert("s".to_owned(), items(chance, fields));
    let mut condition = json!("s");
    match chance.below(6) {
        0 => {
            detection.insert("t".to_owned(), items(chance, fields));
            condition = json!("s and not t");
        }
        1 => {
            detection.insert("t".to_owned(), items(chance, fields));
            condition = json!(["s", "t"]);
        }
        2 => condition = json!("not s"),
        _ => {}
    }
    detection.insert("condition".to_owned(), condition);
    json!({"title": format!("Base {name}"), "name": name, "logsource": {"category": source}, "detection": detection})
}

/// One or two items.
fn items(chance: &mut Chance, fields: &Fields) -> Value {
    let mut items = Map::new();
    for _ in 0..=chance.below(2) {
        let (key, value) = match chance.below(26) {
            0..=16 => ("is".to_owned(), json!(*chance.pick(&["a", "b", "c"]))),
            17 => ("is".to_owned(), json!(["a", *chance.pick(&["b", "c"])])),
            18 => ("is|re".to_owned(), json!(*chance.pick(&["^[ab]", "b$", "^a.?$"]))),
            19 => ("is|cased".to_owned(), json!(*chance.pick(&["a", "A"]))),
            20 => ("is".to_owned(), json!(*chance.pick(&["?", "a*", "a?"]))),
            21 => (fields.measured[0].clone(), Value::Null),
            22 => (format!("{}|exists", fields.groups[0]), json!(chance.once_in(2))),
            23 => (format!("{}|gte", fields.measured[0]), json!(chance.below(4))),
            24 => ("is|contains|all".to_owned(), json!(["a", "b"])),
            _ => (format!("{}|fieldref", fields.groups[0]), json!(fields.groups[1].clone())),
        };
        items.insert(key, value);
    }
    Value::Object(items)
}

/// A correlation and the names of its groups.
fn correlation(
    chance: &mut Chance,
    draft: &mut Draft,
    name: &str,
    extends: bool,
) -> (Value, Vec<String>) {
    let mut bases = draft.names.clone();
    bases.rotate_left(chance.below(3));
    bases.truncate(1 + chance.below(3));
    if let Some((inner, _)) = &draft.inner {
        let at = chance.below(bases.len() + 1);
        bases.insert(at, inner.clone());
        if chance.once_in(3) {
            bases = vec![inner.clone()];
        }
    }
    let (span, seconds) = *chance.pick(SPANS);
    draft.timespan = draft.timespan.max(seconds);
    let mut body = Map::new();
    let (groups, aliases) = groups(chance, draft, &bases);
    if !groups.is_empty() {
        body.insert("group-by".to_owned(), json!(groups));
    }
    let mut aliases = aliases;
    let mut measured = draft.fields.measured.to_vec();
    if chance.once_in(6) {
        let pick = |chance: &mut Chance| chance.pick(&draft.fields.measured).clone();
        let names: Map<String, Value> = bases
            .iter()
            .filter(|it| *it != "inner")
            .map(|it| (it.clone(), json!(pick(chance))))
            .collect();
        if !names.is_empty() {
            aliases.insert("what".to_owned(), Value::Object(names));
            measured[0] = String::from("what");
        }
    }
    condition(chance, &mut body, &bases, &measured, extends);
    if !aliases.is_empty() {
        body.insert("aliases".to_owned(), Value::Object(aliases));
    }
    body.insert("timespan".to_owned(), json!(span));
    body.insert("rules".to_owned(), json!(bases));
    let mut document = json!({"title": format!("Drawn {name}"), "name": name, "correlation": body});
    if chance.once_in(5) && name == "outer" {
        document["isogloss"] = json!({"splunk": {"window": "tumbling"}});
    }
    (document, groups)
}

fn groups(
    chance: &mut Chance,
    draft: &Draft,
    bases: &[String],
) -> (Vec<String>, Map<String, Value>) {
    let mut groups: Vec<String> = draft.fields.groups.to_vec();
    if chance.once_in(3) {
        groups.reverse();
    }
    groups.truncate(chance.below(3));
    let mut aliases = Map::new();
    if chance.once_in(5) && !groups.is_empty() {
        let names = bases.iter().map(|it| {
            let field = match &draft.inner {
                Some((inner, of)) if inner == it && !of.is_empty() => chance.pick(of).clone(),
                _ => chance.pick(&draft.fields.groups).clone(),
            };
            (it.clone(), json!(field))
        });
        let names: Map<String, Value> = names.collect();
        let alias = if chance.once_in(3) { "the one" } else { "who" };
        aliases.insert(alias.to_owned(), Value::Object(names));
        groups[0] = String::from(alias);
    }
    (groups, aliases)
}

fn condition(
    chance: &mut Chance,
    body: &mut Map<String, Value>,
    bases: &[String],
    measured: &[String],
    extends: bool,
) {
    let field = json!(measured[0]);
    let several = bases.len() > 1;
    let (kind, bounds) = match chance.below(11) {
        0 | 1 => ("event_count", Some(bounds(chance, 4, true))),
        2 => ("value_count", Some(with(bounds(chance, 4, true), "field", field))),
        3 => ("value_count", Some(with(bounds(chance, 4, true), "field", json!(measured)))),
        4 => ("value_sum", Some(with(bounds(chance, 9, true), "field", field))),
        5 => ("value_avg", Some(with(bounds(chance, 5, true), "field", field))),
        6 => {
            let percent =
                chance.pick(&["0", "10", "50", "75", "99.5", "100"]).parse::<serde_json::Number>();
            let bounds = with(bounds(chance, 5, true), "field", field);
            (
                "value_percentile",
                Some(with(bounds, "percentile", Value::Number(percent.expect("a number")))),
            )
        }
        7 => ("value_median", Some(with(bounds(chance, 5, true), "field", field))),
        8 => ("temporal", chance.once_in(2).then(|| bounds(chance, bases.len(), true))),
        9 if several => ("temporal_ordered", None),
        _ if extends => {
            let text = extended(chance, bases);
            body.insert("condition".to_owned(), json!(text));
            body.insert("type".to_owned(), json!("temporal"));
            return;
        }
        _ => ("temporal", None),
    };
    body.insert("type".to_owned(), json!(kind));
    if let Some(bounds) = bounds {
        body.insert("condition".to_owned(), Value::Object(bounds));
    }
}

fn with(mut bounds: Map<String, Value>, key: &str, value: Value) -> Map<String, Value> {
    bounds.insert(key.to_owned(), value);
    bounds
}

fn bounds(chance: &mut Chance, most: usize, relations: bool) -> Map<String, Value> {
    let mut bounds = Map::new();
    let number = |chance: &mut Chance| chance.below(most + 1);
    let low = number(chance);
    match if relations { chance.below(9) } else { 0 } {
        0..=2 => drop(bounds.insert("gte".to_owned(), json!(low))),
        3 => drop(bounds.insert("gt".to_owned(), json!(low))),
        4 => drop(bounds.insert("lt".to_owned(), json!(low))),
        5 => drop(bounds.insert("lte".to_owned(), json!(low))),
        6 => drop(bounds.insert("eq".to_owned(), json!(low))),
        7 => drop(bounds.insert("neq".to_owned(), json!(low))),
        _ => {
            bounds.insert("gte".to_owned(), json!(low));
            bounds.insert("lt".to_owned(), json!(low + 1 + chance.below(2)));
        }
    }
    bounds
}

fn extended(chance: &mut Chance, bases: &[String]) -> String {
    let name = |chance: &mut Chance| {
        let name = chance.pick(bases);
        if chance.once_in(3) { format!("not {name}") } else { name.clone() }
    };
    let mut text = name(chance);
    for _ in 0..chance.below(3) {
        let word = if chance.once_in(2) { "and" } else { "or" };
        text = format!("{text} {word} {}", name(chance));
        if chance.once_in(3) {
            text = format!("not ({text})");
        }
    }
    // Every rule of the list has to stand there.
    for base in bases {
        if !text.split([' ', '(', ')']).any(|it| it == base) {
            text = format!("({text}) or {base}");
        }
    }
    text
}
