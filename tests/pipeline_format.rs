//! The format of pipelines as a user writes it: conditions, state, placeholders, raw query text,
//! postprocessing, finalizers. Each test is a rule, a pipeline, and what becomes of the rule.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use assert_cmd::Command;

const HEAD: &str = "title: A rule\nid: 5013332f-8a70-4e04-bcc1-06a98a2cca2e\nlevel: high\nstatus: test\ntags: [attack.t1059]\n\
                    author: me\nlogsource:\n    category: process_creation\n    product: windows\n";

/// A rule of these detection items.
fn rule(items: &str) -> String {
    format!("{HEAD}detection:\n    a:\n        {items}\n    condition: a\n")
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

/// Converts a rule with a pipeline and the files beside it.
fn convert(rule: &str, pipeline: &str, target: &str, files: &[(&str, &str)], more: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    };
    let rule = write("rules/rule.yml", rule);
    let pipeline = write("pipeline.yml", pipeline);
    for (name, text) in files {
        write(name, text);
    }
    let mut command = Command::cargo_bin("isogloss").expect("the program is built");
    let fixed = ["convert", &rule, "-t", target, "-p", &pipeline, "--compact", "--no-config"];
    let talk = ["--message-format", "short", "--allow", "unscoped-logsource"];
    let output = command.args(fixed).args(talk).args(more).output().expect("the program runs");
    let text = |bytes: Vec<u8>| {
        let folder = format!("{}/", folder.path().display());
        String::from_utf8(bytes).expect("UTF-8").replace(&folder, "")
    };
    Run {
        code: output.status.code().expect("a code"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// The query of a rule after the transformations `items` (YAML in flow style).
fn query(detection: &str, items: &str) -> String {
    let run = convert(
        &rule(detection),
        &format!("name: p\ntransformations: [{items}]\n"),
        "spl",
        &[],
        &[],
    );
    if run.out.is_empty() { run.err } else { run.out.trim_end().to_owned() }
}

/// Whether an item with this condition applies to a rule, or to its detection item.
fn applies(detection: &str, keys: &str) -> bool {
    query(detection, &format!("{{type: field_name_prefix, prefix: new., {keys}}}")).contains("new.")
}

#[test]
fn rule_conditions_ask_about_the_rule() {
    for (condition, wanted) in [
        ("type: logsource, product: windows", true),
        ("type: logsource, product: linux", false),
        ("type: contains_field, field: F", true),
        ("type: contains_field, field: G", false),
        ("type: contains_detection_item, field: F, value: v", true),
        ("type: contains_detection_item, field: F, value: 'v*'", false),
        ("type: is_sigma_rule", true),
        ("type: is_sigma_correlation_rule", false),
        ("type: tag, tag: attack.t1059", true),
        ("type: tag, tag: attack.t1060", false),
        ("type: rule_attribute, attribute: level, value: medium, op: gte", true),
        ("type: rule_attribute, attribute: level, value: critical, op: gte", false),
        ("type: rule_attribute, attribute: status, value: experimental, op: gt", true),
        ("type: rule_attribute, attribute: status, value: stable, op: lt", true),
        ("type: rule_attribute, attribute: author, value: me", true),
        ("type: rule_attribute, attribute: author, value: me, op: ne", false),
        ("type: rule_attribute, attribute: tags, value: attack.t1059, op: in", true),
        ("type: rule_attribute, attribute: tags, value: attack.t1059, op: not_in", false),
        ("type: rule_attribute, attribute: date, value: '2024-01-01', op: ne", false),
        ("type: processing_state, key: k, val: 1", false),
        ("type: processing_item_applied, processing_item_id: x", false),
    ] {
        assert_eq!(
            applies("F: v", &format!("rule_conditions: [{{{condition}}}]")),
            wanted,
            "{condition}"
        );
    }
}

#[test]
fn conditions_on_items_ask_about_values() {
    for (detection, condition, wanted) in [
        ("F: vw", "type: match_string, cond: any, pattern: v", true),
        ("F: vw", "type: match_string, cond: any, pattern: w", false),
        ("F: vw", "type: match_string, cond: any, pattern: v, negate: true", false),
        ("F|contains: vw", "type: match_string, cond: any, pattern: '\\*vw\\*$'", true),
        ("F: [v, w]", "type: match_string, cond: all, pattern: v", false),
        ("F: [v, w]", "type: match_string, cond: any, pattern: v", true),
        ("F: 7", "type: match_string, cond: any, pattern: 7", false),
        ("F: 7", "type: match_value, cond: any, value: 7", true),
        ("F: '7'", "type: match_value, cond: any, value: 7", false),
        ("F: [v, null]", "type: is_null, cond: any", true),
        ("F: [v, null]", "type: is_null, cond: all", false),
        ("F|contains: v", "type: contains_wildcard, cond: all", true),
        ("F: v", "type: contains_wildcard, cond: any", false),
    ] {
        let found = applies(detection, &format!("detection_item_conditions: [{{{condition}}}]"));
        assert_eq!(found, wanted, "{detection} {condition}");
    }
}

#[test]
fn conditions_on_fields_ask_about_names() {
    for (condition, wanted) in [
        ("type: include_fields, fields: [Field]", true),
        ("type: include_fields, fields: [F]", false),
        ("type: exclude_fields, fields: [Field]", false),
        ("type: include_fields, mode: re, fields: ['Fi.*', 'F']", true),
        ("type: include_fields, mode: re, fields: ['ield']", false),
        ("type: exclude_fields, mode: re, fields: ['ield']", true),
    ] {
        let found = applies("Field: v", &format!("field_name_conditions: [{{{condition}}}]"));
        assert_eq!(found, wanted, "{condition}");
    }
}

#[test]
fn expressions_join_conditions() {
    let conditions = "rule_conditions: {w: {type: logsource, product: windows}, l: {type: logsource, product: linux}}";
    for (expression, wanted) in
        [("w and l", false), ("w or l", true), ("not (w and l)", true), ("not w and l or w", true)]
    {
        assert_eq!(applies("F: v", &format!("{conditions}, rule_cond_expr: {expression}")), wanted);
        let turned = format!("{conditions}, rule_cond_expr: {expression}, rule_cond_not: true");
        assert_eq!(applies("F: v", &turned), !wanted, "{expression}");
    }
    assert!(!applies("F: v", conditions));
    assert!(applies("F: v", &format!("{conditions}, rule_cond_op: or")));
}

#[test]
fn state_and_applied_items_are_asked_later() {
    let set = "{id: s, type: set_state, key: k, val: 10}";
    for (condition, wanted) in [
        ("type: processing_state, key: k, val: 10", true),
        ("type: processing_state, key: k, val: 9, op: gt", true),
        ("type: processing_state, key: k, val: 9, op: lte", false),
        ("type: processing_state, key: k, val: '10'", false),
        ("type: processing_state, key: k, val: 11, op: ne", true),
        ("type: processing_state, key: other, val: 11, op: ne", false),
        ("type: processing_item_applied, processing_item_id: s", true),
    ] {
        let items = format!(
            "{set}, {{type: field_name_prefix, prefix: new., rule_conditions: [{{{condition}}}]}}"
        );
        assert_eq!(query("F: v", &items).contains("new."), wanted, "{condition}");
    }
    let mapped = "{id: m, type: field_name_mapping, mapping: {F: G}}";
    let later = "{type: field_name_prefix, prefix: new., field_name_conditions: [{type: processing_item_applied, \
                 processing_item_id: m}]}";
    assert_eq!(query("F: v\n        H: v", &format!("{mapped}, {later}")), "new.G=\"v\" H=\"v\"");
}

/// The query after a pipeline with variables.
fn filled(detection: &str, items: &str) -> String {
    let pipeline = format!(
        "name: p\nvars: {{admins: ['a*', b], one: x, many: [c, d], re: ['a|b', 'c+'], broken: [')(']}}\n\
         transformations: [{items}]\n"
    );
    let run = convert(&rule(detection), &pipeline, "spl", &[], &[]);
    if run.out.is_empty() { run.err } else { run.out.trim_end().to_owned() }
}

#[test]
fn placeholders_become_values() {
    const VALUES: &str = "{type: value_placeholders}";
    for (detection, wanted) in [
        ("F|expand: '%admins%'", "F IN (\"a*\", \"b\")"),
        ("F|expand: ['%one%', y]", "F IN (\"x\", \"y\")"),
        ("F|expand: '%one%-%many%-%many%'", "F IN (\"x-c-c\", \"x-c-d\", \"x-d-c\", \"x-d-d\")"),
        ("F|contains|all|expand: ['%many%', z]", "F=\"*z*\" F IN (\"*c*\", \"*d*\")"),
        (
            "F|re|expand: '^%re%$'",
            "F=* | where isnotnull(mvfilter(match('F', \"\\A(?:a|b)\\z\") OR match('F', \"\\Ac+\\z\")))",
        ),
    ] {
        assert_eq!(filled(detection, VALUES), wanted, "{detection}");
    }
    for (detection, wanted) in [
        (
            "F|expand: '%admin%'",
            "error[E0602]: no pipeline of this run has a variable `admin` under `vars` (did you mean `admins`?)",
        ),
        (
            "F|re|expand: 'x%broken%'",
            "error[E0602]: a value of `%broken%` is no regular expression",
        ),
        ("F|re|expand: '%re%(?=x)'", "error["),
    ] {
        let found = filled(detection, VALUES);
        assert!(found.contains(wanted), "{detection}: {found}");
        assert_eq!(found.matches("error[").count(), 1, "{found}");
    }
    assert_eq!(filled("F|expand: '%one%%x%'", "{type: value_placeholders, include: [one]}, {type: wildcard_placeholders, exclude: [one]}")
        .lines().next(), Some("F=\"x*\""));
    assert_eq!(
        filled("F|expand: '%one%%x%'", "{type: value_placeholders, exclude: [x]}")
            .matches("E0602")
            .count(),
        1
    );
}

#[test]
fn too_many_values_are_refused() {
    let detection = format!("F|expand: '{}'", "%many%".repeat(20));
    let found = filled(&detection, "{type: value_placeholders}");
    assert!(found.contains("E0602"), "{found}");
    assert!(found.contains("multiply to too many"), "{found}");
}

#[test]
fn wildcards_are_a_loss() {
    let pipeline = "name: p\ntransformations: [{type: wildcard_placeholders}]\n";
    let run = convert(&rule("F|expand: 'a%x%'"), pipeline, "spl", &[], &[]);
    assert_eq!(run.out, "F=\"a*\"\n");
    assert!(
        run.err.contains(
            "warning[L0822]: SPL loses `mapping` (wider): `%x%` is a wildcard in the query"
        ),
        "{}",
        run.err
    );
    let run = convert(&rule("F|re|expand: 'a%x%b'"), pipeline, "spl", &[], &[]);
    assert!(run.out.contains("a(?s:.)*b"), "{}", run.out);
}

#[test]
fn files_hold_values() {
    for (settings, name, text) in [
        ("path: list.txt", "list.txt", " b \n\nc\n"),
        ("path: list.txt, filter: '^[bc]$'", "list.txt", "a\nb\nc\n"),
        ("path: l/t.csv, format: csv, csv_column: n", "l/t.csv", "m,n\n1,b\n2,c\n"),
        (
            "path: l/t.csv, format: csv, csv_column: 0, csv_has_header: false",
            "l/t.csv",
            "b,1\nc,2\n",
        ),
        (
            "path: d.json, format: json, jq_expression: '.x[].n'",
            "d.json",
            "{\"x\": [{\"n\": \"b\"}, {\"n\": \"c\"}, {}]}",
        ),
        ("path: d.yml, format: yaml, jq_expression: '.[]'", "d.yml", "- b\n- c\n"),
    ] {
        let pipeline =
            format!("name: p\ntransformations: [{{type: file_placeholders, {settings}}}]\n");
        let run = convert(&rule("F|expand: '%x%'"), &pipeline, "spl", &[(name, text)], &[]);
        assert_eq!(run.out, "F IN (\"b\", \"c\")\n", "{settings}: {}", run.err);
    }
    for (settings, text, wanted) in [
        (
            "path: list.txt",
            "\n",
            "pipeline.yml:2:51: error[E0501]: nothing of the file `list.txt` is a value",
        ),
        ("path: list.txt, format: json, jq_expression: .", "{", "`list.txt` is no JSON"),
        ("path: list.txt, format: json, jq_expression: .", "[1]", "selects a list or a map"),
        ("path: list.txt, format: csv, csv_column: x", "a,b\n", "the table has no column `x`"),
    ] {
        let pipeline =
            format!("name: p\ntransformations: [{{type: file_placeholders, {settings}}}]\n");
        let run = convert(&rule("F: v"), &pipeline, "spl", &[("list.txt", text)], &[]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains(wanted), "{}", run.err);
    }
}

#[test]
fn raw_query_text_is_read_by_the_language() {
    let with = |expression: &str| {
        format!(
            "name: p\ntransformations: [{{type: query_expression_placeholders, expression: '{expression}', mapping: {{x: list_1}}}}]\n"
        )
    };
    for (target, expression, wanted) in [
        ("spl", "`{id}` {field}=*", "`list_1` \"a b\"=*"),
        ("eql", "{field} in~ (\"{id}\")", "any where `a b` in~ (\"list_1\")"),
        ("kql", "{field}: {id} or tag: {id}", "\"a b\": list_1 or tag: list_1"),
    ] {
        let run = convert(&rule("a b|expand: '%x%'"), &with(expression), target, &[], &[]);
        assert!(run.out.contains(wanted), "{target}: {} {}", run.out, run.err);
        assert!(
            run.err.ends_with(
                "1 rule: 1 converted (0 exact, 0 with losses, 1 unverified), 0 refused\n"
            ),
            "{}",
            run.err
        );
    }
    let run =
        convert(&rule("F|expand: '%x%'"), &with("{field} | outputlookup {id}"), "spl", &[], &[]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("E0601"), "{}", run.err);
    assert!(run.err.contains("is no expression of this language"), "{}", run.err);
    let run = convert(&rule("F|expand: 'a%x%'"), &with("{field}={id}"), "spl", &[], &[]);
    assert!(run.err.contains("raw query text cannot stand for a part of a value"), "{}", run.err);
    let run = convert(&rule("F|expand: '%y z%'"), &with("{field}={id}"), "spl", &[], &[]);
    assert!(run.err.contains("the name `y z` cannot stand in a query as it is"), "{}", run.err);
    let run = convert(&rule("F|expand: '%x%'"), &with("{field}={id}"), "spl", &[], &["-f", "json"]);
    assert_eq!(run.out.matches("\"fidelity\": \"unverified\"").count(), 2);
}

#[test]
fn postprocessing_makes_artifacts() {
    for (steps, wanted) in [
        ("{type: embed, prefix: '[', suffix: ']'}", "[F=\"v\"]"),
        (
            "{type: simple_template, template: '{rule.title}: {query} {{{pipeline.name}}}'}",
            "A rule: F=\"v\" {p}",
        ),
        (
            "{type: template, template: '{{ rule.level }} {{ rule.tags | join(\"/\") }} {{ query }} {{ pipeline.state.k }}{{ pipeline.vars.v }}'}",
            "high attack.t1059 F=\"v\" 1w",
        ),
        ("{type: template, path: t, template: a.j2}", "from a file: F=\"v\""),
        ("{type: json, json_template: '{\"a\": [\"%QUERY%\", 1]}'}", "{\"a\":[\"F=\\\"v\\\"\",1]}"),
        ("{type: replace, pattern: '(\\w)=', replacement: '\\1 = '}", "F = \"v\""),
        ("{type: nest, items: [{type: embed, prefix: a}, {type: embed, prefix: b}]}", "baF=\"v\""),
        (
            "{type: embed, prefix: a, rule_conditions: [{type: logsource, product: linux}]}",
            "F=\"v\"",
        ),
        (
            "{id: x, type: embed, prefix: a}, {type: embed, prefix: b, rule_conditions: [{type: processing_item_applied, processing_item_id: x}]}",
            "baF=\"v\"",
        ),
    ] {
        let pipeline = format!(
            "name: p\nvars: {{v: w}}\ntransformations: [{{type: set_state, key: k, val: 1}}]\npostprocessing: [{steps}]\n"
        );
        let files = [("t/a.j2", "from a file: {{ query }}\n")];
        let run = convert(&rule("F: v"), &pipeline, "spl", &files, &[]);
        assert_eq!(run.out.trim_end(), wanted, "{steps}: {}", run.err);
    }
}

#[test]
fn templates_are_strict() {
    for (steps, wanted) in [
        ("{type: template, template: '{{ rule.titel.x }}'}", "E0603"),
        (
            "{type: template, template: '{{ titel }}'}",
            "pipeline.yml:2:25: error[E0603]: this step cannot be done for the rule: line 1: undefined value",
        ),
        (
            "{type: template, template: '{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}'}",
            "E0603",
        ),
        (
            "{type: template, template: '{% for a in range(9999) %}{{ query * 9999 }}{% endfor %}'}",
            "bytes",
        ),
        ("{type: simple_template, template: '{rule.titel}'}", "`rule.titel` is not defined"),
        (
            "{type: simple_template, template: '{rule.description}'}",
            "the rule has no `rule.description`",
        ),
    ] {
        let pipeline = format!("name: p\npostprocessing: [{steps}]\n");
        let run = convert(&rule("F: v"), &pipeline, "spl", &[], &[]);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{steps}");
        assert!(run.err.contains(wanted), "{steps}: {}", run.err);
    }
}

#[test]
fn finalizers_work_on_all_queries_of_an_output() {
    let two = format!("{}---\n{}", rule("F: v"), rule("G: w").replace("5013332f", "6013332f"));
    for (finalizers, wanted) in [
        ("{type: concat, separator: ' | ', prefix: '<', suffix: '>'}", "<F=\"v\" | G=\"w\">\n"),
        ("{type: json}", "[\"F=\\\"v\\\"\",\"G=\\\"w\\\"\"]\n"),
        ("{type: json, indent: 2}", "[\n  \"F=\\\"v\\\"\",\n  \"G=\\\"w\\\"\"\n]\n"),
        ("{type: yaml}", "- \"F=\\\"v\\\"\"\n- \"G=\\\"w\\\"\"\n"),
        (
            "{type: template, template: '{% for q in queries %}{{ loop.index }} {{ q }};{% endfor %}'}",
            "1 F=\"v\";2 G=\"w\";\n",
        ),
        (
            "{type: nested, finalizers: [{type: concat, separator: ','}, {type: concat, prefix: x}]}",
            "xF=\"v\",G=\"w\"\n",
        ),
    ] {
        let pipeline = format!("name: p\nfinalizers: [{finalizers}]\n");
        let run = convert(&two, &pipeline, "spl", &[], &[]);
        assert_eq!(run.out, wanted, "{finalizers}: {}", run.err);
    }
}

#[test]
fn a_pipeline_may_be_for_some_targets_only() {
    let pipeline = "name: mine\nallowed_backends: [splunk, kibana]\n";
    for (target, code) in [("spl", 0), ("kql", 0), ("eql", 2)] {
        let run = convert(&rule("F: v"), pipeline, target, &[], &[]);
        assert_eq!(run.code, code, "{target}: {}", run.err);
        let message = "error: the pipeline `mine` is not for the target `eql`: `allowed_backends` names splunk, kibana\n";
        assert_eq!(run.err.contains(message), code == 2, "{}", run.err);
    }
}

#[test]
fn events_are_not_mapped_by_what_was_done_to_the_rule() {
    let item = |kind: &str, conditions: &str| {
        format!(
            "name: p\ntransformations: [{{id: x, type: set_state, key: k, val: 1}}, {{type: {kind}, {conditions}}}]\n"
        )
    };
    let state = "type: processing_state, key: k, val: 1";
    for (kind, conditions, mapped) in [
        ("'field_name_prefix', prefix: new.", format!("rule_conditions: [{{{state}}}]"), true),
        (
            "'field_name_prefix', prefix: new.",
            format!("field_name_conditions: [{{{state}}}]"),
            false,
        ),
        ("value_placeholders", format!("field_name_conditions: [{{{state}}}]"), true),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            path.to_str().expect("UTF-8").to_owned()
        };
        let (rule, events) =
            (path("rule.yml", &rule("F: v")), path("events.json", "{\"F\": \"v\"}"));
        let pipeline = path("pipeline.yml", &item(kind, &conditions));
        let mut command = Command::cargo_bin("isogloss").expect("the program is built");
        let arguments =
            ["test", &rule, "--events", &events, "--via", "spl", "-p", &pipeline, "--no-config"];
        let output = command.args(arguments).output().expect("the program runs");
        let talk = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(talk.contains("1 match in all"), mapped, "{kind} {conditions}: {talk}");
        assert_eq!(talk.contains("E0604"), !mapped, "{talk}");
    }
}
