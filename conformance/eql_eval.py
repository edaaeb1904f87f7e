#!/usr/bin/env python3
"""A second, slow evaluator of Elasticsearch's EQL.

It is written from Elastic's documentation alone and shares nothing with the
compiler. It reads jobs as JSON lines and writes one JSON line for each:

    {"query": "...", "types": {"process.pid": "long"}, "events": [{...}, ...]}

    {"found": [0, 3], "mapped": [0, 3]}  the events that are found; of a sequence,
                                         those that complete one
    {"error": "..."}                     what is not understood, or refused

An optional field (`?field`) that an event does not have is taken as one that no
index has: it is null, and so is what hangs on it. "mapped" is what is found if
some index has it; a field without a `?` is in every index. Other fields of the
job's "types" have these types, and those that are not there are keywords.
"""

import datetime
import re

from elastic import (
    ONE,
    RUN,
    STRINGS,
    Document,
    ElasticError,
    Number,
    address_test,
    answer,
    fold,
    lucene_parts,
    main,
    network,
    number,
    type_of,
    wildcard_test,
)
from lucene_regex import regex_test

# Tokens

TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\r\n]*|/\*.*?\*/)
    |(?P<raw>\"\"\".*?\"\"\"\"{0,2}(?!\"))
    |(?P<string>"(?:\\.|[^"\\\r\n])*")
    |(?P<quoted>`(?:``|[^`])*`)
    |(?P<number>\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+(?:[eE][+-]?\d+)?(?![A-Za-z0-9_@]))
    |(?P<span>\d+[A-Za-z]+)
    |(?P<name>[A-Za-z_@][A-Za-z0-9_]*(?:~(?=\s*\()|(?<=like)~|(?<=regex)~|(?<=in)~)?)
    |(?P<mark>==|!=|<=|>=|!\[|[-+*/%<>=:?.,()\[\]|])""",
    re.S | re.X,
)
KEYWORDS = {
    "and", "any", "by", "false", "in", "join", "like", "maxspan", "not", "null", "of", "or",
    "regex", "sample", "sequence", "true", "until", "where", "with",
}
ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
UNITS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}


def tokens(query):
    found, at = [], 0
    while at < len(query):
        match = TOKEN.match(query, at)
        if match is None:
            raise ElasticError(f"no EQL at {at}: {query[at : at + 30]!r}")
        if match.lastgroup != "space":
            found.append((match.lastgroup, match.group(), at))
        at = match.end()
    return found + [("end", "", at)]


def unescape(body):
    """The text of a string. There are no other escapes."""

    def escape(match):
        hexadecimal, letter = match.groups()
        if hexadecimal:
            return chr(int(hexadecimal, 16))
        if letter not in ESCAPES:
            raise ElasticError(f"`\\{letter}` is no escape")
        return ESCAPES[letter]

    return re.sub(r"\\(?:u\{([0-9A-Fa-f]{2,8})\}|(.))", escape, body, flags=re.S)


# Trees


class Field:
    def __init__(self, name, optional):
        self.name, self.optional = name, optional


class Literal:
    """A text, a Number, True, False or None."""

    def __init__(self, value):
        self.value = value


class Call:
    def __init__(self, name, arguments):
        self.name, self.arguments = name, arguments


class Parser:
    def __init__(self, query):
        self.tokens, self.at = tokens(query), 0

    def fail(self, why):
        _, text, at = self.tokens[self.at]
        raise ElasticError(f"{why} at {at}, before {text!r}")

    def kind(self):
        return self.tokens[self.at][0]

    def text(self):
        return self.tokens[self.at][1]

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1][1]

    def is_word(self, *words):
        return self.kind() == "name" and self.text() in words

    def word(self, word):
        if self.is_word(word):
            self.at += 1
            return True
        return False

    def is_mark(self, *marks):
        return self.kind() == "mark" and self.text() in marks

    def mark(self, mark):
        if self.is_mark(mark):
            self.at += 1
            return True
        return False

    def expect(self, text):
        if self.kind() not in ("mark", "name") or self.text() != text:
            self.fail(f"{text!r} is missing")
        self.at += 1

    def whole(self):
        query = self.sequence() if self.word("sequence") else self.event()
        if self.kind() != "end":
            self.fail("the rest is not understood")
        return query

    def event(self):
        if self.kind() == "string":
            category = unescape(self.next()[1:-1])
        elif self.kind() == "raw":
            category = self.next()[3:-3]
        elif self.word("any"):
            category = None
        elif self.kind() == "name" and self.text() not in KEYWORDS:
            category = self.next()
        else:
            self.fail("a category is missing")
        self.expect("where")
        return Event(category, self.disjunction())

    # Sequences

    def sequence(self):
        keys = self.keys() if self.word("by") else []
        span = None
        if self.word("with"):
            self.expect("maxspan")
            self.expect("=")
            span = self.span()
            if not keys and self.is_word("by"):
                self.fail("`by` comes before `with`")
        steps, until = [], None
        while self.is_mark("[", "!["):
            steps += self.step()
        if self.word("until"):
            until = self.term()
        if not steps or len(steps) < 2:
            self.fail("a sequence has two events or more")
        widths = {len(term.keys) for term in steps + ([until] if until else [])}
        if len(widths) != 1:
            self.fail("all terms of a sequence have as many keys")
        return Sequence(keys, span, steps, until)

    def step(self):
        term, runs = self.term(), 1
        if self.word("with"):
            if self.next() != "runs":
                self.fail("only `runs` is known here")
            self.expect("=")
            runs = int(self.next())
            if not 1 <= runs <= 100:
                self.fail("`runs` is a number from 1 to 100")
        return [term] * runs

    def term(self):
        if self.is_mark("!["):
            self.fail("missing events are not evaluated")
        self.expect("[")
        event = self.event()
        self.expect("]")
        return Term(event, self.keys() if self.word("by") else [])

    def keys(self):
        keys = [self.field()]
        while self.mark(","):
            keys.append(self.field())
        return keys

    def span(self):
        match = re.fullmatch(r"(\d+)([a-z]+)", self.text())
        if self.kind() != "span" or match is None or match[2] not in UNITS:
            self.fail("a span of time is missing")
        self.at += 1
        return int(match[1]) * UNITS[match[2]]

    # Conditions

    def disjunction(self):
        operands = [self.conjunction()]
        while self.word("or"):
            operands.append(self.conjunction())
        return operands[0] if len(operands) == 1 else Chain(True, operands)

    def conjunction(self):
        operands = [self.negation()]
        while self.word("and"):
            operands.append(self.negation())
        return operands[0] if len(operands) == 1 else Chain(False, operands)

    def negation(self):
        if self.word("not"):
            return Not(self.negation())
        return self.comparison()

    def comparison(self):
        left = self.primary()
        if self.is_mark("==", "!=", "<", "<=", ">", ">="):
            operator = self.next()
            return Comparison(left, operator, self.primary())
        if self.is_mark(":") or self.is_word("like", "like~", "regex", "regex~"):
            operator = self.next()
            return Predicate(left, operator, self.constants(optional=True))
        negated = self.word("not")
        if self.is_word("in", "in~"):
            operator = self.next()
            test = Predicate(left, operator, self.constants(optional=False))
            return Not(test) if negated else test
        if negated:
            self.fail("`in` is missing")
        return left

    def constants(self, optional):
        if optional and not self.is_mark("("):
            return [self.constant()]
        self.expect("(")
        found = [self.constant()]
        while self.mark(","):
            found.append(self.constant())
        self.expect(")")
        return found

    def constant(self):
        found = self.primary()
        if not isinstance(found, Literal):
            self.fail("only constants can be compared with")
        return found.value

    def primary(self):
        if self.mark("("):
            inner = self.disjunction()
            self.expect(")")
            return inner
        if self.is_mark("-", "+"):
            sign = self.next()
            if self.kind() != "number":
                self.fail("arithmetic is not evaluated")
            return Literal(Number(sign.strip("+") + self.next()))
        if self.kind() == "number":
            return Literal(Number(self.next()))
        if self.kind() == "string":
            return Literal(unescape(self.next()[1:-1]))
        if self.kind() == "raw":
            return Literal(self.next()[3:-3])
        if self.is_word("true", "false", "null"):
            return Literal({"true": True, "false": False, "null": None}[self.next()])
        after = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        if self.kind() == "name" and after[:2] == ("mark", "("):
            return self.call()
        return self.field()

    def call(self):
        name, arguments = self.next(), []
        self.expect("(")
        while not self.mark(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.primary())
        return Call(name, arguments)

    def field(self):
        optional, parts = self.mark("?"), []
        while True:
            if self.kind() == "quoted":
                parts.append(self.next()[1:-1].replace("``", "`"))
            elif self.kind() == "name" and self.text() not in KEYWORDS and not self.text().endswith("~"):
                parts.append(self.next())
            else:
                self.fail("a field is missing")
            if not self.mark("."):
                return Field(".".join(parts), optional)


# What the trees mean. A test gives True, False, or None for null. `script` says
# whether Elasticsearch runs it as a script.


class Context:
    """A document, and whether an optional field that it lacks is in no index."""

    def __init__(self, document, unmapped):
        self.document, self.unmapped = document, unmapped

    def is_null(self, field):
        return self.unmapped and field.optional and not self.document.has(field.name)


class Not:
    script = False

    def __init__(self, operand):
        self.operand = operand

    def bind(self, types):
        test, script = compiled(self.operand, types)

        def holds(context):
            found = test(context)
            return None if found is None else not found

        # The negation of a script is a script, and null in it finds nothing;
        # that of a query is a query, and finds what the query does not find.
        return holds, script


class Chain:
    def __init__(self, any_of, operands):
        self.any_of, self.operands = any_of, operands

    def bind(self, types):
        tests = [query(operand, types) for operand in self.operands]
        decisive = self.any_of

        def holds(context):
            null = False
            for test in tests:
                found = test(context)
                if found is decisive:
                    return decisive
                null = null or found is None
            return None if null else not decisive

        return holds, False


def query(tree, types):
    """A test as part of a query: there, a script that is null is false."""
    test, script = compiled(tree, types)
    return (lambda context: test(context) is True) if script else test


def compiled(tree, types):
    if isinstance(tree, Literal):
        if not isinstance(tree.value, bool):
            raise ElasticError("a condition is missing")
        return (lambda context: tree.value), False
    if isinstance(tree, Call):
        return bind_call(tree, types)
    if isinstance(tree, Field):
        return Comparison(tree, "==", Literal(True)).bind(types)
    return tree.bind(types)


def leaf(field, holds):
    """A query on a field, which any of its values may satisfy."""

    def test(context):
        if context.is_null(field):
            return None
        return any(map(holds, context.document.values(field.name)))

    return test


class Comparison:
    def __init__(self, left, operator, right):
        self.left, self.operator, self.right = left, operator, right

    def bind(self, types):
        if not isinstance(self.right, Literal):
            raise ElasticError("comparisons with fields are not supported")
        value = self.right.value
        if isinstance(self.left, Call) and isinstance(value, bool) and self.operator in ("==", "!="):
            wanted = value == (self.operator == "==")
            return compiled(self.left if wanted else Not(self.left), types)
        if not isinstance(self.left, Field):
            raise ElasticError("this side of a comparison is not evaluated")
        field = self.left
        if value is None:
            return self.bind_null(field), False
        if self.operator in ("==", "!="):
            test = leaf(field, equals(field, value, types))
            if self.operator == "==":
                return test, False
            return Not(Bound(test)).bind(types)
        return leaf(field, self.bind_order(field, value, types)), False

    def bind_null(self, field):
        if self.operator not in ("==", "!="):
            raise ElasticError("null has no order")
        wanted = self.operator == "!="
        return lambda context: context.document.has(field.name) is wanted

    def bind_order(self, field, value, types):
        kind = type_of(types, field.name)
        if kind == "long":
            wanted = wanted_number(field, value)
        elif kind in STRINGS and is_text(value):
            wanted = value
        else:
            raise ElasticError(f"{field.name} is {kind} and has no order with {value!r}")
        return {
            "<": lambda found: found < wanted,
            "<=": lambda found: found <= wanted,
            ">": lambda found: found > wanted,
            ">=": lambda found: found >= wanted,
        }[self.operator]


class Bound:
    """A query that is made already."""

    def __init__(self, test):
        self.test = test

    def bind(self, types):
        return self.test, False


def is_text(value):
    return isinstance(value, str) and not isinstance(value, Number)


def wanted_number(field, value):
    if not isinstance(value, Number):
        raise ElasticError(f"{field.name} is a number and cannot be {value!r}")
    return number(value, field.name)


def equals(field, value, types):
    kind = type_of(types, field.name)
    if kind in STRINGS and is_text(value):
        return lambda found: found == value
    if kind == "long":
        wanted = wanted_number(field, value)
        return lambda found: found == wanted
    if kind == "ip" and is_text(value):
        return address_test(value)
    if kind == "boolean" and isinstance(value, bool):
        return lambda found: found is value
    raise ElasticError(f"{field.name} is {kind} and cannot be {value!r}")


class Predicate:
    """`:`, `like`, `regex`, `in`."""

    def __init__(self, field, operator, values):
        self.field, self.operator, self.values = field, operator, values

    def bind(self, types):
        if not isinstance(self.field, Field):
            raise ElasticError("only fields are matched here")
        field, operator = self.field, self.operator
        if operator == "in":
            tests = [equals(field, value, types) for value in self.values]
            return leaf(field, lambda found: any(test(found) for test in tests)), False
        kind = type_of(types, field.name)
        if kind not in STRINGS or not all(map(is_text, self.values)):
            raise ElasticError(f"{field.name} is {kind}, and `{operator}` is for strings")
        folded = operator == ":" or operator.endswith("~")
        if operator.startswith("regex"):
            test = regex_test("|".join(self.values), folded)
            return leaf(field, test), False
        exact, patterns = set(), []
        for value in self.values:
            if operator != "in~" and ("*" in value or "?" in value):
                patterns.append(wildcard_test(eql_parts(value), folded))
            else:
                exact.add(fold(value) if folded else value)

        def holds(found):
            return (fold(found) if folded else found) in exact or any(test(found) for test in patterns)

        return leaf(field, holds), False


def eql_parts(pattern):
    """Wildcards of EQL: there is no escape."""
    return [RUN if each == "*" else ONE if each == "?" else each for each in pattern]


# Functions

AFFIXES = {
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    # An empty text is contained in none.
    "stringcontains": lambda text, part: bool(part) and part in text,
}


def bind_call(call, types):
    name, folded = call.name.rstrip("~").lower(), call.name.endswith("~")
    if name == "cidrmatch" and not folded:
        return bind_network(call, types), False
    if name not in AFFIXES or len(call.arguments) != 2:
        raise ElasticError(f"the function {call.name} is not evaluated")
    field, part = call.arguments
    for each in call.arguments:
        if isinstance(each, Field) and type_of(types, each.name) not in STRINGS:
            raise ElasticError(f"{call.name} is for strings, and {each.name} is none")
    if isinstance(field, Field) and isinstance(part, Literal) and is_text(part.value):
        return bind_affix(name, field, part.value, folded), False
    return bind_script(AFFIXES[name], field, part, folded), True


def bind_network(call, types):
    field, *networks = call.arguments
    if not isinstance(field, Field) or type_of(types, field.name) != "ip" or not networks:
        raise ElasticError("cidrMatch takes a field of addresses and networks")
    if not all(isinstance(each, Literal) and is_text(each.value) for each in networks):
        raise ElasticError("cidrMatch takes networks as strings")
    ranges = [network(each.value) for each in networks]
    return leaf(field, lambda found: any(first <= found <= last for first, last in ranges))


def bind_affix(name, field, part, folded):
    """With a constant it is a query. All but a prefix become a wildcard, in which nothing is escaped."""
    if name == "startswith":
        parts = [part, RUN]
    else:
        parts = [RUN] + lucene_parts(part) + [RUN] * (name == "stringcontains")
    return leaf(field, wildcard_test(parts, folded))


def bind_script(holds, left, right, folded):
    """A script sees the first value of a field in the order of the index, which sorts them."""

    def value(side, context):
        if isinstance(side, Literal) and is_text(side.value):
            return side.value
        if not isinstance(side, Field):
            raise ElasticError("this argument is not evaluated")
        if context.is_null(side):
            return None
        return min(context.document.values(side.name), default=None)

    def test(context):
        text, part = value(left, context), value(right, context)
        if text is None or part is None:
            return None
        return holds(text.lower(), part.lower()) if folded else holds(text, part)

    return test


# Queries


class Event:
    def __init__(self, category, condition):
        self.category, self.condition = category, condition

    def bind(self, types):
        test, category = query(self.condition, types), self.category

        def holds(context):
            if category is not None and category not in context.document.values("event.category"):
                return False
            return test(context) is True

        return holds

    def found(self, documents, types, unmapped):
        holds = self.bind(types)
        return [index for index, each in enumerate(documents) if holds(Context(each, unmapped))]


class Term:
    """An event of a sequence, and the keys of its own."""

    def __init__(self, event, keys):
        self.event, self.keys = event, keys


class Sequence:
    """Each combination of keys has a machine of its own. It keeps one pending sequence at each step, the
    latest; an event moves it on, or ends it."""

    def __init__(self, keys, span, steps, until):
        self.keys, self.span, self.steps, self.until = keys, span, steps, until

    def found(self, documents, types, unmapped):
        contexts = [Context(each, unmapped) for each in documents]
        times = [time_of(each) for each in documents]
        steps = [(step.event.bind(types), self.keys + step.keys) for step in self.steps]
        until = self.until and (self.until.event.bind(types), self.keys + self.until.keys)
        machines, found = {}, []
        timed = [index for index, time in enumerate(times) if time is not None]
        for index in sorted(timed, key=lambda each: times[each]):
            context = contexts[index]
            # From the last step to the first, so that no event takes two steps.
            for place in reversed(range(len(steps))):
                holds, keys = steps[place]
                if not holds(context):
                    continue
                key = key_of(keys, context)
                if key is None:
                    continue
                pending = machines.setdefault(key, {})
                if place == 0:
                    start = times[index]
                elif place - 1 in pending:
                    start = pending.pop(place - 1)
                    if self.span is not None and times[index] - start > self.span:
                        continue
                else:
                    continue
                if place == len(steps) - 1:
                    found.append(index)
                else:
                    pending[place] = start
            if until and until[0](context):
                machines.pop(key_of(until[1], context), None)
        return sorted(set(found))


def key_of(keys, context):
    """The values of the keys, or None if one is missing that is not optional."""
    found = []
    for field in keys:
        values = context.document.values(field.name)
        if len(values) > 1:
            raise ElasticError(f"{field.name} has several values, and a sequence goes by it")
        if not values and not field.optional:
            return None
        found.append(values[0] if values else None)
    return tuple(found)


def time_of(document):
    """`@timestamp` in nanoseconds since 1970: a date, or milliseconds."""
    values = document.values("@timestamp")
    if not values:
        return None
    if re.fullmatch(r"-?\d+", values[0]):
        return int(values[0]) * 10**6
    match = re.fullmatch(r"(.*?:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?", values[0])
    if match is None:
        raise ElasticError(f"{values[0]!r} is no time")
    moment = datetime.datetime.fromisoformat(match[1] + (match[3] or "Z").replace("Z", "+00:00"))
    return int(moment.timestamp()) * 10**9 + int((match[2] or "0").ljust(9, "0"))


# Jobs


def evaluate(job, strict=False):
    """The answer to one job. Nothing is assumed, so there is nothing to be strict about."""
    return answer(ask, job)


def ask(job):
    types = {"@timestamp": "date"} | job.get("types", {})
    parsed = Parser(job["query"]).whole()
    documents = [Document(event, types) for event in job["events"]]
    found = parsed.found(documents, types, True)
    return {"found": found, "mapped": parsed.found(documents, types, False)}


if __name__ == "__main__":
    main("Evaluates EQL over events.", evaluate)
