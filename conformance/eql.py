"""Judges emitted EQL with the parser and the engine of the Python package `eql`.

Usage: python -I conformance/eql.py REPORT.json...    (reports of `isogloss convert -f json`)
"""

import json
import re
import sys
from pathlib import Path

from eql import functions
from eql.ast import Comparison, FunctionCall, InSet, String
from eql.engine import PythonEngine
from eql.events import Event
from eql.parser import (
    allow_negation,
    allow_runs,
    allow_sample,
    elasticsearch_syntax,
    lark_parser,
    parse_query,
)
from eql.schema import Schema

HERE = Path(__file__).parent
FIELDS = json.loads((HERE / "fields.json").read_text())
EXCEPTIONS = [e for e in json.loads((HERE / "exceptions.json").read_text()) if e["judge"] == "eql" and "rewrite" in e]


def schema():
    """The categories of ECS, and the types that the package knows; other fields have any type."""
    fields = {}
    for kind in ("boolean", "number"):
        for path in FIELDS[kind]:
            *parents, name = path.split(".")
            node = fields
            for parent in parents:
                node = node.setdefault(parent, {})
            node[name] = kind
    return Schema({category: fields for category in FIELDS["categories"]}, allow_missing=True)


SCHEMA = schema()


def parse(query):
    """The syntax tree, after the package's checks of syntax and types."""
    with SCHEMA, elasticsearch_syntax, allow_runs, allow_sample, allow_negation:
        tree = parse_query(query)
    check_ip_fields(query)
    return tree


def concrete(query):
    """The concrete tree: here `:`, `like~` and `==` are still different."""
    return lark_parser.parse(query, start="piped_query")


def check_ip_fields(query):
    """To the package an address is a string. Elasticsearch has no `:`, `like`, `regex`, `in~` for it."""
    for node in concrete(query).iter_subtrees():
        if node.data in ("string_predicate", "in_set", "not_in_set"):
            name = "".join(node.children[0].scan_values(lambda _: True))
            field = name.replace("`", "").lstrip("?")
            operator = next(str(c) for c in node.children[1:] if str(c) != "not")
            if field in FIELDS["ip"] and operator != "in":
                raise ValueError(f"{field} is an address: `{operator}` is for strings")


class Judge:
    def __init__(self):
        self.queries = self.rejected = self.unexpected = 0
        self.used = {e["reason"]: 0 for e in EXCEPTIONS}

    def judge(self, path, query):
        """Whether the query is accepted."""
        self.queries += 1
        try:
            parse(query)
        except Exception as error:  # the package also lets foreign exceptions out
            if not self.excused(query, error):
                self.rejected += 1
                print(f"eql: REJECTED {path}\n{query}\n{type(error).__name__}: {error}\n")
                return False
        return True

    def excused(self, query, error):
        """Whether a known fault of the judge is the only thing it finds."""
        for known in EXCEPTIONS:
            if not re.search(known["error"], str(error)):
                continue
            try:
                parse(re.sub(*known["rewrite"], query))
            except Exception:
                continue
            self.used[known["reason"]] += 1
            return self.used[known["reason"]] <= known["at_most"]
        return False

    def expect(self, what, found, expected):
        if found != expected:
            self.unexpected += 1
            print(f"eql: UNEXPECTED {what}\n  expected {expected}\n  found    {found}\n")


def values(node):
    """All strings that a syntax tree compares fields with."""
    if isinstance(node, FunctionCall):
        literals = node.arguments[1:]
    elif isinstance(node, Comparison):
        literals = [node.right]
    elif isinstance(node, InSet):
        literals = node.container
    else:
        literals = []
    found = [literal.value for literal in literals if isinstance(literal, String)]
    for slot in getattr(node, "__slots__", ()):
        child = getattr(node, slot)
        for part in child if isinstance(child, (list, tuple)) else [child]:
            if hasattr(part, "__slots__"):
                found += values(part)
    return found


def wildcards_to_regex(*patterns):
    """Elasticsearch's wildcards; those of the package's engine have no `?`."""
    each = {"*": ".*", "?": "."}
    return "|".join(
        "".join(each.get(c, re.escape(c)) for c in pattern) + r"\Z" for pattern in patterns
    )


def matches(tree, event):
    hits = []
    engine = PythonEngine()
    engine.add_output_hook(hits.append)
    engine.add_query(tree)
    engine.stream_event(Event(event["event"]["category"], 0, event))
    engine.finalize()
    return bool(hits)


def check_events(judge, emitted):
    """Runs the emitted query, and the documented one where there is one, on the events."""
    functions.Wildcard.to_regex = staticmethod(wildcards_to_regex)
    count = 0
    for case in json.loads((HERE / "events.json").read_text()):
        query = emitted.get(case["rule"])
        if query is None:
            judge.expect(f"accepted query for {case['rule']}", "none", "one")
            continue
        queries = {case["rule"]: query}
        if "documented" in case:
            documented = Path(case["documented"]).read_text()
            queries[case["documented"]] = documented
            same = concrete(documented) == concrete(query)
            judge.expect(f"{case['rule']}: same tree as {case['documented']}", same, True)
        for path, query in queries.items():
            tree = parse(query)
            for expected in ("found", "not found"):
                for item in case[expected]:
                    count += 1
                    found = "found" if matches(tree, item["event"]) else "not found"
                    judge.expect(f"{path}: {item['why']}", found, expected)
    return count


def main(reports):
    judge = Judge()
    emitted = {}
    for report in reports:
        for target in json.loads(Path(report).read_text())["targets"]:
            if target["target"] != "eql":
                continue
            for rule in target["rules"]:
                for query in rule["queries"]:
                    if judge.judge(rule["path"], query["text"]):
                        emitted[rule["path"]] = query["text"]

    expected = json.loads((HERE / "values.json").read_text())["eql"]
    query = emitted.get("conformance/values.yml")
    found = values(parse(query)) if query else []
    judge.expect("values of conformance/values.yml", sorted(found), sorted(expected))
    events = check_events(judge, emitted)

    print(f"eql: {judge.queries} queries, {judge.rejected} rejected")
    print(f"eql: {len(expected)} values and {events} events compared, {judge.unexpected} unexpected")
    for known in EXCEPTIONS:
        used = judge.used[known["reason"]]
        print(f"eql: known exception, {used} times (at most {known['at_most']}): {known['reason']}")
    return 1 if judge.rejected or judge.unexpected else 0


sys.exit(main(sys.argv[1:]))
