#!/usr/bin/env python3
"""An evaluator of the query DSL that Kibana makes of KQL.

It is written from Elastic's documentation alone and shares nothing with the
compiler. It reads jobs as JSON lines, each with a "dsl" that kql_dsl.js added,
and writes one JSON line for each:

    {"dsl": {...}, "types": {"process.pid": "long"}, "events": [{...}, ...]}

    {"found": [0, 3]}        the events that are found
    {"error": "..."}         what is not understood, or refused

Fields that "types" does not name are keywords. A query without a field asks all
fields of a document; there, a field without a type is both a text and a keyword,
as Elasticsearch maps strings that nobody has described. "analyzers" names those
of fields of text that are not `standard`.
"""

import re

from elastic import (
    ANALYZERS,
    ONE,
    RUN,
    STRINGS,
    Document,
    ElasticError,
    address_test,
    answer,
    holds_phrase,
    lucene_parts,
    main,
    number,
    text_of,
    type_of,
    wildcard_test,
)

# A query becomes a test of a document.


class Compiler:
    def __init__(self, types, analyzers):
        self.types, self.analyzers = types, analyzers

    def query(self, node):
        (name, body), *others = node.items()
        method = getattr(self, f"query_{name}", None)
        if others or method is None:
            raise ElasticError(f"the query {'/'.join(node)} is not understood")
        return method(body)

    def queries(self, nodes):
        return [self.query(node) for node in (nodes if isinstance(nodes, list) else [nodes])]

    def query_match_all(self, body):
        return lambda document: True

    def query_bool(self, body):
        only(body, "must", "filter", "should", "must_not", "minimum_should_match")
        wanted = self.queries(body.get("must", [])) + self.queries(body.get("filter", []))
        unwanted = self.queries(body.get("must_not", []))
        choices = self.queries(body.get("should", []))
        # Without `must` and `filter`, one of `should` has to hold, unless another number is said.
        least = int(body.get("minimum_should_match", 1 if choices and not wanted else 0))

        def holds(document):
            return (
                all(test(document) for test in wanted)
                and not any(test(document) for test in unwanted)
                and (not least or sum(test(document) for test in choices) >= least)
            )

        return holds

    def query_exists(self, body):
        only(body, "field")
        name = body["field"]
        return lambda document: document.has(name)

    def query_term(self, body):
        name, value = one_field(body, "value")
        return leaf(name, self.equals(name, value))

    def query_match(self, body):
        name, value = one_field(body, "query")
        if self.is_text(name):
            return leaf(name, text_any(value, self.words_of(name)))
        return leaf(name, self.equals(name, value))

    def query_match_phrase(self, body):
        name, value = one_field(body, "query")
        if self.is_text(name):
            return leaf(name, text_phrase(value, self.words_of(name)))
        return leaf(name, self.equals(name, value))

    def query_wildcard(self, body):
        name, value = one_field(body, "value")
        if type_of(self.types, name) not in STRINGS + ("text",):
            raise ElasticError(f"{name} is no text and has no wildcards")
        return leaf(name, self.wildcard(name, lucene_parts(value)))

    def query_range(self, body):
        name, bounds = next(iter(body.items()))
        only(body, name)
        only(bounds, "lt", "lte", "gt", "gte", "time_zone")
        read = self.order_of(name)
        tests = [(operator, read(text_of(bound))) for operator, bound in bounds.items()]
        return leaf(name, lambda value: all(in_order(value, operator, bound) for operator, bound in tests))

    def query_multi_match(self, body):
        """In any field. A value that is none of the field's type is let pass."""
        only(body, "type", "query", "lenient")
        kind, value = body.get("type", "best_fields"), text_of(body["query"])
        if kind not in ("best_fields", "phrase") or body.get("lenient") is not True:
            raise ElasticError(f"multi_match of type {kind} is not understood")
        analysed = text_phrase if kind == "phrase" else text_any

        def test_of(compiler, name):
            if compiler.is_text(name):
                return analysed(value, compiler.words_of(name))
            return compiler.lenient(name, value)

        return self.anywhere(test_of)

    def query_query_string(self, body):
        """Terms that white space separates; any of them."""
        only(body, "fields", "query")
        terms = query_string_terms(body["query"])
        fields = body.get("fields")
        if fields is None:
            tests = [self.anywhere(lambda of, name, term=term: of.string_term(name, term, True)) for term in terms]
        else:
            if len(fields) != 1 or "*" in fields[0]:
                raise ElasticError("query_string with several fields is not understood")
            name = fields[0]
            tests = [leaf(name, self.string_term(name, term, False)) for term in terms]
        return lambda document: any(test(document) for test in tests)

    # On one field

    def is_text(self, name):
        return type_of(self.types, name) == "text"

    def words_of(self, name):
        return ANALYZERS[self.analyzers.get(name, "standard")]

    def string_term(self, name, parts, lenient):
        """A term of query_string: with wildcards, on a field of text, it is compared word by word."""
        plain = all(part is not RUN and part is not ONE for part in parts)
        if plain:
            value = "".join(parts)
            if self.is_text(name):
                return text_phrase(value, self.words_of(name))
            return self.lenient(name, value) if lenient else self.equals(name, value)
        if type_of(self.types, name) not in STRINGS + ("text",):
            if lenient:
                return lambda value: False
            raise ElasticError(f"{name} is no text and has no wildcards")
        return self.wildcard(name, parts)

    def wildcard(self, name, parts):
        if not self.is_text(name):
            return wildcard_test(parts, False)
        # The analyzer makes small letters of the pattern, and leaves it in one piece.
        parts = [part if part is RUN or part is ONE else part.lower() for part in parts]
        test, words = wildcard_test(parts, False), self.words_of(name)
        return lambda value: any(map(test, words(value)))

    def lenient(self, name, value):
        try:
            return self.equals(name, value)
        except ElasticError:
            return lambda found: False

    def equals(self, name, value):
        kind, text = type_of(self.types, name), text_of(value)
        if kind in STRINGS:
            return lambda found: found == text
        if kind == "long":
            wanted = number(text, name)
            return lambda found: found == wanted
        if kind == "ip":
            return address_test(text)
        if kind == "boolean":
            if text not in ("true", "false"):
                raise ElasticError(f"{name} is boolean and cannot be {text!r}")
            return lambda found: found is (text == "true")
        raise ElasticError(f"what equals a {kind} is not understood")

    def order_of(self, name):
        kind = type_of(self.types, name)
        if kind == "long":
            return lambda text: number(text, name)
        if kind in STRINGS:
            return lambda text: text
        raise ElasticError(f"the order of a {kind} is not understood")

    def anywhere(self, test_of):
        tests = {}
        as_text = Compiler(AllText(), {})

        def tests_of(name):
            if name not in tests:
                tests[name] = [test_of(self, name)]
                if name not in self.types:
                    tests[name].append(test_of(as_text, name))
            return tests[name]

        def holds(document):
            names = document.names()
            return any(any(map(test, document.values(name))) for name in names for test in tests_of(name))

        return holds


class AllText(dict):
    """Types where every field is text."""

    def get(self, name, default=None):
        return "text"


def leaf(name, holds):
    """A query on a field, which any of its values may satisfy."""
    return lambda document: any(map(holds, document.values(name)))


def in_order(value, operator, bound):
    return {
        "lt": value < bound,
        "lte": value <= bound,
        "gt": value > bound,
        "gte": value >= bound,
    }[operator]


def text_any(value, words):
    wanted = set(words(text_of(value)))
    return lambda found: not wanted.isdisjoint(words(found))


def text_phrase(value, words):
    wanted = words(text_of(value))
    return lambda found: bool(wanted) and holds_phrase(words(found), wanted)


def only(body, *known):
    for key in body:
        if key not in known:
            raise ElasticError(f"the parameter {key} is not understood")


def one_field(body, key):
    """`{"field": "x"}` or `{"field": {key: "x"}}`."""
    if len(body) != 1:
        raise ElasticError("a query on one field has one field")
    name, value = next(iter(body.items()))
    if isinstance(value, dict):
        only(value, key)
        value = value[key]
    return name, value


OPERATORS = re.compile(r'[-+!(){}\[\]^"~:/]|&&|\|\|')


def query_string_terms(text):
    """The terms of a query_string, each as its parts. Operators are not evaluated."""
    terms, now, at, white = [], [], 0, " \t\r\n\u3000"
    plain = ""
    while at <= len(text):
        if at == len(text) or text[at] in white:
            if now:
                if plain in ("AND", "OR", "NOT"):
                    raise ElasticError(f"the operator {plain} of query_string is not evaluated")
                terms.append(now)
            now, plain = [], ""
        elif text[at] == "\\" and at + 1 < len(text):
            now.append(text[at + 1])
            plain += "\\"
            at += 1
        elif OPERATORS.match(text, at):
            raise ElasticError(f"an operator of query_string is not evaluated, in {text!r} at {at}")
        else:
            now.append({"*": RUN, "?": ONE}.get(text[at], text[at]))
            plain += text[at]
        at += 1
    return terms


# Jobs


def evaluate(job, strict=False):
    """The answer to one job. Nothing is assumed, so there is nothing to be strict about."""
    return answer(ask, job)


def ask(job):
    if "dsl" not in job:
        raise ElasticError(f"Kibana refuses the query: {job.get('refused', 'kql_dsl.js has not compiled it')}")
    types = job.get("types", {})
    test = Compiler(types, job.get("analyzers", {})).query(job["dsl"])
    documents = [Document(event, types) for event in job["events"]]
    return {"found": [index for index, each in enumerate(documents) if test(each)]}


if __name__ == "__main__":
    main("Evaluates query DSL over events.", evaluate)
