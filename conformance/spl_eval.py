#!/usr/bin/env python3
"""A second, slow evaluator of SPL searches.

It is written from Splunk's documentation alone and shares nothing with the
compiler. It reads jobs as JSON lines and writes one JSON line for each:

    {"query": "...", "macros": {"name": "definition"}, "events": [{...}, ...]}

    {"found": [0, 3]}                    events that the result rows come from
    {"rows": [...], "from": [[0, 3]]}    after `stats`: the rows, and their events
    {"error": "... at byte 12"}          what is not understood, in the text
                                         after macros were put in

Where the documentation says nothing, one reading is taken and named under
"assumed" (see ASSUMPTIONS); with --strict such a job is an error.

Events: nested JSON is reached as `a.b`, an array as `a{}` and `a{}.b`. A field
with several values that is no JSON array is written {"$mv": ["x", "y"]}. Fields
are never taken out of `_raw`. Pages are named in test_spl_eval.py.
"""

import argparse
import datetime
import ipaddress
import itertools
import json
import math
import re
import sys

# What the documentation leaves open, and the reading that is taken here.
ASSUMPTIONS = {
    "backslash-eval": "a backslash before another character stays in a string of eval that is no regular expression",
    "backslash-unquoted": "a backslash in a value without quotes is read as in quotes",
    "case-crossing": "the letters that Unicode pairs with letters of ASCII (the Kelvin sign, the long s, i with and without a dot) do not match them",
    "case-nonascii": "letters outside ASCII match in any case, too",
    "cidr-host-bits": "a subnet may be written with bits of a host",
    "cidr-text": "a field that holds the text of the subnet itself matches it",
    "concat-order": "`.` binds as `+` and `-` do",
    "count-values": "count(f) counts every value of a field with several",
    "eventtype-field": "eventtype and tag are fields of the event",
    "json-null": "a JSON null is a field that is absent",
    "mvexpand-absent": "mvexpand leaves out rows without the field",
    "mv-eval": "a comparison or match in eval holds if it holds for any value",
    "mv-not-equal": "f!=v in search holds if any value differs",
    "mv-order": "f<v in search holds if it holds for any value",
    "null-not": "NOT of a null (of a comparison or match of an absent field) is null",
    "number-mixed": "a number and a text are ordered as texts",
    "number-text": "two texts that are the same number are not equal; they are ordered as numbers",
    "number-wrong": "arithmetic on a text that is no number gives null",
    "percentile": "percentiles are of the nearest rank",
    "phrase-filter": "a phrase stands between breakers itself, not only its words elsewhere",
    "raw-order": "events without _time are in the order of the input",
    "rename-absent": "renaming an absent field clears the new name",
    "replace-escape": "a backslash in the new text of replace() is plain unless a digit follows",
    "searchmatch-escape": "the text of searchmatch() loses its backslashes twice: as a text of eval and as a search",
    "sort-mixed": "sort orders values that are not all numbers or all addresses as texts, though some begin with a digit",
    "star-empty": "f=* holds for an empty value",
    "strptime-rest": "strptime takes no notice of text after the format",
    "term-prefix": "TERM() finds the part of a token that ends at a minor breaker, as it is indexed, too",
    "time-window-edge": "an event exactly one time_window away is in the window",
    "timezone": "the time zone is UTC",
    "wildcard-breaker": "a wildcard in a term does not cross a major breaker",
    "window-empty": "streamstats count over no events is 0",
}

# segmenters.conf, [default]: a text becomes tokens at these.
MAJOR = set("[]<>(){}|!;,'\"*\n\r\t &?+") | {"\f", "\v"}
MINOR = set("/:=@.-$#%\\_")
MAJOR_CODES = "%2526 %2520 %21 %26 %3B %7C %20 %2B %3D %5D %5B %3A %0A %2C %28 %29 --".split()

STAR = object()
OPERATOR = re.compile(r"\s*(!=|<=|>=|=|<|>)")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z")


class SplError(Exception):
    """What is not understood, and where (an index into the expanded text)."""

    def __init__(self, message, at=None):
        super().__init__(message)
        self.message, self.at = message, at


class Row:
    """A result row: field -> values, and the events it comes from."""

    def __init__(self, fields, source):
        self.fields, self.source = fields, frozenset(source)

    def values(self, name):
        return self.fields.get(name, [])

    def get(self, name):
        values = self.values(name)
        if not values:
            return None
        return values[0] if len(values) == 1 else list(values)

    def put(self, name, value):
        if value is None or value == []:
            self.fields.pop(name, None)
        else:
            self.fields[name] = list(value) if isinstance(value, list) else [value]

    def copy(self):
        return Row(dict(self.fields), self.source)


# Values


def number(value):
    """The value as a number, or None."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str) and NUMBER.match(value):
        return float(value) if re.search(r"[.eE]", value) else int(value)
    return None


def text(value):
    """The value as a text."""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def many(value):
    """A value as a list of values."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def fold(one):
    """A text in lower case, as ASCII knows it."""
    return "".join(c.lower() if c.isascii() else c for c in one)


# Events


def flatten(event, notes):
    """The fields of an event: dotted names, `{}` for arrays."""
    fields = {}

    def put(name, value):
        if value is None:
            notes.add("json-null")
        elif isinstance(value, dict) and set(value) == {"$mv"}:
            for each in value["$mv"]:
                put(name, each)
        elif isinstance(value, dict):
            for key, inner in value.items():
                put(f"{name}.{key}" if name else key, inner)
        elif isinstance(value, list):
            listed = name if "{}" in name and name in event else name + "{}"
            for each in value:
                put(listed, each)
        else:
            if isinstance(value, bool):
                value = "true" if value else "false"
            fields.setdefault(name, []).append(value if isinstance(value, str) else text(value))

    put("", event)
    if "_time" in fields:
        fields["_time"] = [epoch(fields["_time"][0])]
    return fields


def epoch(value):
    """`_time` as seconds: a number, or a date of ISO 8601."""
    if number(value) is not None:
        return number(value)
    try:
        moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        raise SplError(f"_time {value!r} is no time") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    seconds = moment.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def first_rows(events, notes):
    """The events as rows, the latest first, as a search returns them."""
    rows = [Row(flatten(event, notes), [index]) for index, event in enumerate(events)]
    if all(row.values("_time") for row in rows):
        rows.sort(key=lambda row: -row.get("_time"))
        return rows, True
    return rows, False


# Macros, comments, pipes


def expand(query, macros, depth=0):
    """The query with comments out and macros put in, outside of quotes."""
    if depth > 20:
        raise SplError("macros call each other without end", 0)
    out, at = [], 0
    while at < len(query):
        if query[at] == '"':
            end = string_end(query, at)
            out.append(query[at:end])
        elif query.startswith("```", at):
            close = query.find("```", at + 3)
            if close < 0:
                raise SplError("a comment without end", at)
            out.append(" ")
            end = close + 3
        elif query[at] == "`":
            close = macro_end(query, at)
            out.append(expand(call_macro(query[at + 1 : close], macros, at), macros, depth + 1))
            end = close + 1
        elif query[at] == "\\" and at + 1 < len(query):
            out.append(query[at : at + 2])
            end = at + 2
        else:
            out.append(query[at])
            end = at + 1
        at = end
    return "".join(out)


def macro_end(query, at):
    end = at + 1
    while end < len(query) and query[end] != "`":
        end = string_end(query, end) if query[end] == '"' else end + 1
    if end >= len(query):
        raise SplError("a macro without its second backtick", at)
    return end


def string_end(query, at):
    """The index after the string in double quotes that begins at `at`."""
    end = at + 1
    while end < len(query) and query[end] != '"':
        end += 2 if query[end] == "\\" else 1
    if end >= len(query):
        raise SplError("a quotation mark without its second", at)
    return end + 1


def call_macro(call, macros, at):
    """The text of a macro with its arguments in the place of `$name$`."""
    parts = re.fullmatch(r"\s*([\w.:-]+)\s*(?:\((.*)\))?\s*", call, re.S)
    if not parts:
        raise SplError(f"no macro call: `{call}`", at)
    name, given = parts.group(1), parts.group(2)
    if given and '"' in given:
        raise SplError("a macro argument in quotes", at)
    arguments = [each.strip() for each in given.split(",")] if given and given.strip() else []
    macro = macros.get(f"{name}({len(arguments)})") if arguments else None
    if macro is None:
        macro = macros.get(name)
    if macro is None:
        raise SplError(f"macro `{name}` with {len(arguments)} arguments is not defined", at)
    definition = macro["definition"] if isinstance(macro, dict) else macro
    names = macro.get("args") if isinstance(macro, dict) else None
    if names is None:
        names = list(dict.fromkeys(re.findall(r"\$([\w-]+)\$", definition))) if arguments else []
        if len(names) > 1:
            raise SplError(f"the names of the arguments of macro `{name}` are not given", at)
    if len(names) != len(arguments):
        raise SplError(f"macro `{name}` takes {len(names)} arguments", at)
    for name_, value in zip(names, arguments):
        definition = definition.replace(f"${name_}$", value)
    return definition


def split_pipes(query):
    """The commands of a query: (text, where it begins)."""
    parts, begin, at, depth = [], 0, 0, 0
    while at < len(query):
        if query[at] == '"':
            at = string_end(query, at)
        elif query[at] == "\\":
            at += 2
        elif query[at] in "[]":
            depth += 1 if query[at] == "[" else -1
            at += 1
        elif query[at] == "|" and not depth:
            parts.append((query[begin:at], begin))
            begin = at = at + 1
        else:
            at += 1
    parts.append((query[begin:], begin))
    return parts


# Scanning


class Scanner:
    """A text and a place in it."""

    def __init__(self, body, base, notes):
        self.body, self.base, self.notes, self.at = body, base, notes, 0

    def fail(self, message, at=None):
        raise SplError(message, self.base + (self.at if at is None else at))

    def space(self):
        while self.at < len(self.body) and self.body[self.at].isspace():
            self.at += 1

    def done(self):
        self.space()
        return self.at >= len(self.body)

    def peek(self, what):
        return self.body.startswith(what, self.at)

    def take(self, pattern):
        found = re.compile(pattern).match(self.body, self.at)
        if found:
            self.at = found.end()
        return found

    def need(self, pattern, message):
        self.space()
        return self.take(pattern) or self.fail(message)

    def quoted(self):
        """The inside of a string in double quotes, as it is written."""
        begin = self.at
        try:
            self.at = string_end(self.body, begin)
        except SplError as error:
            self.fail(error.message, begin)
        return self.body[begin + 1 : self.at - 1]

    def name(self, message="a field name was expected"):
        """A field name of a command: bare, or in either quotes."""
        self.space()
        if self.peek('"'):
            return unescape(self.quoted())[0]
        single = self.take(r"'([^']*)'")
        if single:
            return single.group(1)
        bare = self.take(r"[^\s,=()\"'|\[\]`]+") or self.fail(message)
        return bare.group(0)

    def names(self):
        """A list of field names, with commas or spaces between them."""
        names = []
        while not self.done():
            if self.take(r","):
                continue
            names.append(self.name())
        return names


def unescape(raw):
    """Backslash sequences of a string; whether others were in it."""
    out, other, at = [], False, 0
    while at < len(raw):
        if raw[at] == "\\" and at + 1 < len(raw) and raw[at + 1] in '\\"|':
            out.append(raw[at + 1])
            at += 2
        else:
            other = other or raw[at] == "\\"
            out.append(raw[at])
            at += 1
    return "".join(out), other


def wild_parts(raw):
    """A search value as texts and STARs; no backslash makes a `*` plain."""
    parts, at, now = [], 0, []
    while at < len(raw):
        if raw[at] == "\\" and at + 1 < len(raw) and raw[at + 1] in '\\"|':
            now.append(raw[at + 1])
            at += 2
            continue
        if raw[at] == "*":
            if now:
                parts.append("".join(now))
                now = []
            if not parts or parts[-1] is not STAR:
                parts.append(STAR)
        else:
            now.append(raw[at])
        at += 1
    if now:
        parts.append("".join(now))
    return parts


# The search command


class SearchParser(Scanner):
    """The expression of `search`: parentheses, NOT, OR, then AND."""

    REFUSED = {
        "earliest", "latest", "_index_earliest", "_index_latest", "starttime", "endtime",
        "timeformat", "savedsearch", "savedsplunk", "hosttag", "eventtypetag",
    }

    def whole(self):
        test = self.conjunction()
        if not self.done():
            self.fail("the rest of the search is not understood")
        return test

    def conjunction(self):
        tests = [self.disjunction()]
        while not self.done() and not self.peek(")"):
            self.word("AND")
            tests.append(self.disjunction())
        return lambda row: all(test(row) for test in tests)

    def disjunction(self):
        tests = [self.unary()]
        while self.word("OR"):
            tests.append(self.unary())
        return lambda row: any(test(row) for test in tests)

    def word(self, word):
        self.space()
        return self.take(re.escape(word) + r"(?=[\s(\"]|\Z)")

    def unary(self):
        self.space()
        if self.word("NOT"):
            inner = self.unary()
            return lambda row: not inner(row)
        if self.take(r"\("):
            inner = self.conjunction()
            self.need(r"\)", "`)` was expected")
            return inner
        return self.leaf()

    def leaf(self):
        begin = self.at
        if self.done():
            self.fail("the search ends where a term was expected")
        if self.peek("["):
            self.fail("subsearches are not understood")
        directive = self.take(r"(TERM|CASE)\(([^()]*)\)")
        if directive:
            return self.directive(directive.group(1), directive.group(2), begin)
        if self.peek('"'):
            raw, bare = self.quoted(), False
        else:
            raw, bare = self.bare(), True
        operator = OPERATOR.match(self.body, self.at)
        if operator:
            self.at = operator.end()
            return self.comparison(self.field(raw, bare, begin), operator.group(1))
        listed = re.compile(r"\s+IN\s*\(|\s*IN\s*\(" if not bare else r"\s+IN\s*\(").match(self.body, self.at)
        if listed:
            self.at = listed.end()
            return self.listed(self.field(raw, bare, begin))
        if bare and raw in ("AND", "OR", "NOT", "IN", "XOR"):
            self.fail(f"{raw} stands where a term was expected", begin)
        if bare and "::" in raw:
            self.fail("indexed fields with `::` are not understood", begin)
        if bare and raw.startswith("'"):
            self.fail("single quotes have no meaning in search", begin)
        if bare and self.peek("("):
            self.fail("`(` right after a term")
        return self.term(raw, begin, bare)

    def bare(self):
        found = self.take(r"(?:\\\S?|[^\s()|,\"\[\]=<>!`\\]|!(?!=))+")
        return found.group(0) if found else self.fail("a term was expected")

    def field(self, raw, bare, begin):
        name = raw if bare else unescape(raw)[0]
        if "*" in name or name == "":
            self.fail("wildcards in a field name are not understood", begin)
        if name in self.REFUSED or name.startswith("tag::"):
            self.fail(f"`{name}` is no field of an event", begin)
        if name in ("eventtype", "tag"):
            self.notes.add("eventtype-field")
        return name

    def value(self):
        """The value of a comparison: (as written, whether by CASE())."""
        self.space()
        begin = self.at
        if self.peek('"'):
            return self.quoted(), False
        case = self.take(r"CASE\(([^()\s\"]*)\)")
        if case:
            return case.group(1), True
        if self.take(r"(CASE|TERM)\("):
            self.fail("this form of CASE() or TERM() is not documented for values", begin)
        raw = self.bare()
        if raw in ("AND", "OR", "NOT", "IN", "AS", "XOR"):
            self.fail(f"the value {raw} has to be in quotes", begin)
        if "\\" in raw:
            self.notes.add("backslash-unquoted")
        if OPERATOR.match(self.body, self.at) and not self.body[self.at].isspace():
            self.fail("an operator inside a value without quotes")
        return raw, False

    def comparison(self, name, operator):
        begin = self.at
        raw, case = self.value()
        if operator in ("=", "!="):
            equal = self.equal(raw, case)
            if operator == "=":
                return lambda row: any([equal(value) for value in row.values(name)])
            return lambda row: self.differs(row.values(name), equal)
        if "*" in raw or case:
            self.fail(f"wildcards and CASE() have no order for `{operator}`", begin)
        bound = unescape(raw)[0]
        return lambda row: self.ordered(row.values(name), operator, bound)

    def differs(self, values, equal):
        results = [not equal(value) for value in values]
        if any(results) and not all(results):
            self.notes.add("mv-not-equal")
        return any(results)

    def ordered(self, values, operator, bound):
        results = [order(operator, *order_pair(text(value), bound)) for value in values]
        if any(results) and not all(results):
            self.notes.add("mv-order")
        return any(results)

    def listed(self, name):
        tests = []
        while True:
            raw, case = self.value()
            tests.append(self.equal(raw, case))
            self.space()
            if self.take(r"\)"):
                break
            self.need(r",", "`,` or `)` was expected in the list of IN")
        return lambda row: any([test(value) for test in tests for value in row.values(name)])

    def equal(self, raw, case):
        """A test of one value of a field."""
        parts, notes = wild_parts(raw), self.notes
        pattern = "".join(".*" if part is STAR else re.escape(part) for part in parts)
        network = None if case or STAR in parts else subnet("".join(parts), notes)
        only_star = parts == [STAR]

        def test(value):
            value = text(value)
            if only_star and value == "":
                notes.add("star-empty")
            if network is not None:
                address = ip(value)
                if address is not None:
                    return address.version == network.version and address in network
                if value.lower() == "".join(parts).lower():
                    notes.add("cidr-text")
            return matches(pattern, value, notes, case, whole=True)

        return test

    # Terms on _raw

    def directive(self, kind, inner, begin):
        operator = OPERATOR.match(self.body, self.at)
        if operator and not self.body[self.at].isspace():
            self.fail("a directive in the place of a field", begin)
        if not inner or re.search(r"[\s\"]", inner):
            self.fail(f"{kind}() takes one term without spaces or quotes", begin)
        if kind == "CASE":
            return self.term(inner, begin, True, case=True)
        if any(c in MAJOR and c != "*" for c in inner):
            self.fail("TERM() takes no major breakers", begin)
        parts = wild_parts(inner)
        exact = "".join("[^" + MAJOR_SET + "]*" if part is STAR else re.escape(part) for part in parts)
        before, after = f"(?<![^{MAJOR_SET}])", f"(?![^{MAJOR_SET}])"

        def test(row):
            raw = self.raw(row, begin)
            if matches(before + exact + after, raw, self.notes):
                return True
            if matches(before + exact + f"(?![^{ALL_SET}])", raw, self.notes):
                self.notes.add("term-prefix")
                return True
            return False

        return test

    def raw(self, row, begin):
        values = row.values("_raw")
        if not values:
            self.fail("a term needs _raw, which a row does not have", begin)
        return text(values[0])

    def term(self, written, begin, bare, case=False):
        if bare and "\\" in written:
            self.notes.add("backslash-unquoted")
        parts = wild_parts(written)
        if not parts:
            self.fail("an empty term", begin)
        if parts == [STAR]:
            return lambda row: True
        strict, loose = term_pattern(parts, f"[^{MAJOR_SET}]*"), term_pattern(parts, ".*")
        words = [] if STAR in parts else [w for w in re.split(f"[{ALL_SET}]+", parts[0]) if w]
        plain = "".join(part for part in parts if part is not STAR)

        def test(row):
            raw = self.raw(row, begin)
            found = matches(strict, raw, self.notes, case)
            if not found and STAR in parts and matches(loose, raw, self.notes, case):
                self.notes.add("wildcard-breaker")
            if not found and len(words) > 1 and matches(re.escape(plain), raw, self.notes, case):
                if all(matches(term_pattern([w], ""), raw, self.notes, case) for w in words):
                    self.notes.add("phrase-filter")
            return found

        return test


MAJOR_SET = "".join(re.escape(c) for c in sorted(MAJOR))
ALL_SET = "".join(re.escape(c) for c in sorted(MAJOR | MINOR))


def term_pattern(parts, star):
    """A regular expression for a term that begins and ends at breakers."""
    body = "".join(star if part is STAR else re.escape(part) for part in parts)
    codes = "|".join(f"(?<={re.escape(code)})" for code in MAJOR_CODES)
    first, last = parts[0], parts[-1]
    before = after = ""
    if first is not STAR and first[0] not in MAJOR | MINOR:
        before = f"(?:(?<![^{ALL_SET}])|{codes})"
    if last is not STAR and last[-1] not in MAJOR | MINOR:
        after = f"(?![^{ALL_SET}])"
    return before + body + after


# Letters that Unicode pairs with k, s and i, and letters in their place that pair with nothing.
CROSSING = str.maketrans("\u212a\u017f\u0130\u0131", "\ue000\ue001\ue002\ue003")


def matches(pattern, value, notes, case=False, whole=False):
    """Whether a pattern of ours matches, in any case unless `case`."""
    flags = re.S if case else re.S | re.I
    run = re.fullmatch if whole else re.search
    if case or (value.isascii() and pattern.isascii()):
        return run(pattern, value, flags) is not None
    result = run(pattern.translate(CROSSING), value.translate(CROSSING), flags) is not None
    if result != (run(pattern, value, flags) is not None):
        notes.add("case-crossing")
    if result != (run(pattern, value, flags | re.A) is not None):
        notes.add("case-nonascii")
    return result


def subnet(value, notes):
    """The value as a subnet, or None."""
    if "/" not in value:
        return None
    try:
        return ipaddress.ip_network(value)
    except ValueError:
        pass
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None
    notes.add("cidr-host-bits")
    return network


def ip(value):
    if "%" in value:  # a zone, which only Python knows
        return None
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


def order_pair(left, right):
    """Two values as numbers if both are, else as texts."""
    a, b = number(left), number(right)
    if a is not None and b is not None:
        return a, b
    return text(left).encode(), text(right).encode()


def order(operator, left, right):
    if operator == "<":
        return left < right
    if operator == "<=":
        return left <= right
    if operator == ">":
        return left > right
    return left >= right


# PCRE


def pcre(pattern, at=None):
    """A PCRE as a regular expression of Python, with ASCII classes."""
    flags, rest = re.A, pattern
    while True:
        lead = re.match(r"\(\?([ims]+)\)", rest)
        if not lead:
            break
        for flag in lead.group(1):
            flags |= {"i": re.I, "m": re.M, "s": re.S}[flag]
        rest = rest[lead.end() :]
    try:
        return re.compile(PcreWriter(rest, at).whole(), flags)
    except re.error as error:
        raise SplError(f"regular expression {pattern!r}: {error}", at) from None


class PcreWriter:
    """Rewrites what PCRE and Python spell differently, refuses the rest."""

    POSIX = {
        "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z",
        "space": r"\s", "xdigit": "0-9A-Fa-f", "word": r"\w", "blank": r" \t",
        "punct": r"!-/:-@\[-`{-~", "cntrl": r"\x00-\x1f\x7f", "print": r"\x20-\x7e", "graph": r"\x21-\x7e",
    }

    def __init__(self, pattern, place):
        self.p, self.i, self.out, self.place = pattern, 0, [], place

    def fail(self, message):
        raise SplError(f"regular expression {self.p!r}: {message}", self.place)

    def whole(self):
        while self.i < len(self.p):
            self.step()
        return "".join(self.out)

    def step(self):
        p, i = self.p, self.i
        if p[i] == "\\":
            self.out.append(self.escape(False))
        elif p[i] == "[":
            self.out.append(self.set())
        elif p[i] == "(":
            self.group()
        elif p[i] in "*+?":
            self.quantifier(1)
        elif p[i] == "{":
            self.brace()
        else:
            self.out.append(p[i])
            self.i += 1

    def quantifier(self, length):
        self.out.append(self.p[self.i : self.i + length])
        self.i += length
        if self.p[self.i : self.i + 1] == "+":
            self.fail("possessive quantifiers are not understood")
        if self.p[self.i : self.i + 1] == "?":
            self.out.append("?")
            self.i += 1

    def brace(self):
        found = re.compile(r"\{\d+(,\d*)?\}").match(self.p, self.i)
        if found:
            self.quantifier(len(found.group(0)))
        else:
            self.out.append(r"\{")
            self.i += 1

    def group(self):
        p, i = self.p, self.i
        if p.startswith("(*", i):
            self.fail("verbs are not understood")
        named = re.compile(r"\(\?P?<([A-Za-z_]\w*)>|\(\?'([A-Za-z_]\w*)'").match(p, i)
        if named:
            self.out.append(f"(?P<{named.group(1) or named.group(2)}>")
            self.i = named.end()
            return
        kind = re.compile(r"\((?:\?(?::|=|!|<=|<!|[ims]+:|[ims]*-[ims]+:|P=\w+|#[^)]*\)))?").match(p, i)
        if p.startswith("(?", i) and kind.end() == i + 1:
            self.fail(f"`{p[i:i + 4]}` is not understood")
        self.out.append(kind.group(0))
        self.i = kind.end()

    def set(self):
        p, i, out = self.p, self.i + 1, ["["]
        if p[i : i + 1] == "^":
            out.append("^")
            i += 1
        if p[i : i + 1] == "]":
            out.append(r"\]")
            i += 1
        while i < len(p) and p[i] != "]":
            posix = re.compile(r"\[:(\^?)(\w+):\]").match(p, i)
            if posix:
                if posix.group(1) or posix.group(2) not in self.POSIX:
                    self.fail(f"{posix.group(0)} is not understood")
                out.append(self.POSIX[posix.group(2)])
                i = posix.end()
            elif p[i] == "\\":
                self.i = i
                out.append(self.escape(True))
                i = self.i
            else:
                out.append("\\" + p[i] if p[i] in "[&~|" else p[i])
                i += 1
        if i >= len(p):
            self.fail("a set without `]`")
        self.i = i + 1
        return "".join(out) + "]"

    def escape(self, inside):
        p, i = self.p, self.i
        if i + 1 >= len(p):
            self.fail("a backslash at the end")
        c = p[i + 1]
        self.i = i + 2
        if c == "x":
            code = re.compile(r"\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{0,2}))").match(p, i)
            self.i = code.end()
            return re.escape(chr(int(code.group(1) or code.group(2) or "0", 16)))
        if c == "Q":
            end = p.find(r"\E", i)
            end = len(p) if end < 0 else end
            self.i = min(end + 2, len(p))
            return re.escape(p[i + 2 : end])
        if c == "E":
            return ""
        if c == "h":
            return r"\t \xa0" if inside else r"[\t \xa0]"
        if c == "e":
            return r"\x1b"
        if inside and (c in "wWdDsSbnrtfa\\" or not c.isalnum()):
            return "\\" + c
        if not inside and c == "z":
            return r"\Z"
        if not inside and c == "Z":
            return r"(?=\n?\Z)"
        if not inside and c == "N":
            return r"[^\n]"
        if not inside and c == "k":
            named = re.compile(r"\\k[<{']([A-Za-z_]\w*)[>}']").match(p, i)
            if named:
                self.i = named.end()
                return f"(?P={named.group(1)})"
        if not inside and c == "g":
            numbered = re.compile(r"\\g\{?([1-9])\}?").match(p, i)
            if numbered:
                self.i = numbered.end()
                return f"(?:\\{numbered.group(1)})"
        if not inside and c in "123456789":
            if p[i + 2 : i + 3].isdigit():
                self.fail("references above 9 are not understood")
            return f"(?:\\{c})"
        if not inside and (c in "wWdDsSbBAnrtfa" or not c.isalnum()):
            return "\\" + c
        return self.fail(f"`\\{c}` is not understood")


def regex_test(compiled, value, notes):
    """Whether a user's regular expression finds a match."""
    result = compiled.search(value) is not None
    if compiled.flags & re.I and not (value.isascii() and compiled.pattern.isascii()):
        other = re.compile(compiled.pattern, (compiled.flags & ~re.A) | re.U)
        if (other.search(value) is not None) != result:
            notes.add("case-nonascii")
    return result


# Expressions of eval and where


class Node:
    """An expression: how to evaluate it, the fields in it, its literal."""

    def __init__(self, run, fields=(), literal=None):
        self.run, self.fields, self.literal = run, frozenset(fields), literal


class EvalParser(Scanner):
    """The expression of `eval` and `where`: AND binds tighter than OR."""

    def whole(self):
        node = self.exclusive()
        if not self.done():
            self.fail("the rest of the expression is not understood")
        return node

    def word(self, word):
        self.space()
        return self.take(re.escape(word) + r"(?![A-Za-z0-9_])")

    def chain(self, word, inner, combine):
        nodes = [inner()]
        while self.word(word):
            nodes.append(inner())
        if len(nodes) == 1:
            return nodes[0]

        def run(row):
            value = self.truth(nodes[0], row)
            for node in nodes[1:]:
                value = combine(value, self.truth(node, row))
            return value

        return Node(run, frozenset().union(*[node.fields for node in nodes]))

    def exclusive(self):
        return self.chain("XOR", self.either, lambda a, b: None if a is None or b is None else a != b)

    def either(self):
        return self.chain("OR", self.both, lambda a, b: True if a or b else (None if a is None or b is None else False))

    def both(self):
        return self.chain("AND", self.negation, lambda a, b: False if a is False or b is False else (None if a is None or b is None else True))

    def truth(self, node, row):
        value = node.run(row)
        if value is None or isinstance(value, bool):
            return value
        return self.fail("true or false was expected", 0)

    def negation(self):
        self.space()
        if self.word("NOT") or self.take(r"!(?!=)"):
            inner = self.negation()

            def run(row):
                value = self.truth(inner, row)
                if value is None:
                    self.notes.add("null-not")
                    return None
                return not value

            return Node(run, inner.fields)
        return self.compare()

    def compare(self):
        left = self.sum()
        self.space()
        operator = self.take(r"==|!=|<=|>=|=|<|>")
        if operator:
            sign, right = operator.group(0), self.sum()
            return Node(lambda row: self.relate(sign, left.run(row), right.run(row)), left.fields | right.fields)
        if self.word("LIKE") or self.word("like"):
            return self.like([left, self.sum()], self.at)
        if self.word("IN") or self.word("in"):
            self.need(r"\(", "`(` was expected")
            return self.among([left] + self.arguments(), self.at)
        return left

    def sum(self):
        node, signs = self.product(), set()
        while True:
            self.space()
            sign = self.take(r"[+\-.]")
            if not sign:
                return node
            signs.add(sign.group(0))
            if "." in signs and len(signs) > 1:
                self.notes.add("concat-order")
            left, right = node, self.product()
            node = Node(lambda row, s=sign.group(0), a=left, b=right: self.arithmetic(s, a.run(row), b.run(row)), left.fields | right.fields)

    def product(self):
        node = self.atom()
        while True:
            self.space()
            sign = self.take(r"[*/%]")
            if not sign:
                return node
            left, right = node, self.atom()
            node = Node(lambda row, s=sign.group(0), a=left, b=right: self.arithmetic(s, a.run(row), b.run(row)), left.fields | right.fields)

    def arithmetic(self, sign, left, right):
        if left is None or right is None:
            return None
        if isinstance(left, (list, bool)) or isinstance(right, (list, bool)):
            self.fail(f"`{sign}` on a Boolean or on several values", 0)
        if sign == ".":
            return text(left) + text(right)
        a, b = number(left), number(right)
        if a is None or b is None:
            if sign == "+" and a is None and b is None:
                return text(left) + text(right)
            self.notes.add("number-wrong")
            return None
        if sign == "+":
            return a + b
        if sign == "-":
            return a - b
        if sign == "*":
            return a * b
        if b == 0:
            return None
        return whole_number(a / b) if sign == "/" else math.fmod(a, b)

    def relate(self, sign, left, right):
        """A comparison: null if a side is null, any value if several."""
        if left is None or right is None:
            return None
        if isinstance(left, bool) or isinstance(right, bool):
            self.fail("a comparison of a Boolean", 0)
        if isinstance(left, list) or isinstance(right, list):
            self.notes.add("mv-eval")
            return any([self.relate(sign, a, b) for a in many(left) for b in many(right)])
        if sign in ("=", "=="):
            return self.same(left, right)
        if sign == "!=":
            return not self.same(left, right)
        return self.ordered(sign, left, right)

    def same(self, left, right):
        a, b = number(left), number(right)
        if a is not None and b is not None:
            if isinstance(left, str) and isinstance(right, str):
                if left != right and a == b:
                    self.notes.add("number-text")
                return left == right
            return a == b
        return text(left) == text(right)

    def ordered(self, sign, left, right):
        a, b = number(left), number(right)
        result = order(sign, *order_pair(left, right))
        if (a is None) != (b is None):
            self.notes.add("number-mixed")
        if a is not None and b is not None and isinstance(left, str) and isinstance(right, str):
            if result != order(sign, left, right):
                self.notes.add("number-text")
        return result

    def atom(self):
        self.space()
        begin = self.at
        if self.take(r"\("):
            node = self.exclusive()
            self.need(r"\)", "`)` was expected")
            return Node(node.run, node.fields)
        if self.take(r"-"):
            inner = self.atom()
            return Node(lambda row: self.arithmetic("-", 0, inner.run(row)), inner.fields)
        if self.peek('"'):
            return self.string()
        single = self.take(r"'([^']*)'")
        if single:
            return self.field(single.group(1))
        digits = self.take(r"(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?")
        if digits:
            if self.take(r"[A-Za-z_]"):
                self.fail("a field name that begins with a digit needs single quotes", begin)
            value = number(digits.group(0))
            return Node(lambda row: value)
        name = self.take(r"[A-Za-z_][A-Za-z0-9_]*")
        if not name:
            self.fail("an expression was expected")
        if name.group(0) in ("and", "or", "not", "xor"):
            self.fail("operators are written in capitals", begin)
        if self.take(r"\s*\("):
            return self.call(name.group(0), begin)
        if self.take(r"[{:@]"):
            self.fail("a field name with other characters needs single quotes", begin)
        return self.field(name.group(0))

    def field(self, name):
        return Node(lambda row: row.get(name), [name])

    def string(self):
        value, other = unescape(self.quoted())

        def run(row):
            if other:
                self.notes.add("backslash-eval")
            return value

        return Node(run, (), value)

    def arguments(self):
        """Arguments up to `)`, whose `(` was read."""
        self.space()
        if self.take(r"\)"):
            return []
        nodes = [self.exclusive()]
        while True:
            self.space()
            if self.take(r"\)"):
                return nodes
            self.need(r",", "`,` or `)` was expected")
            nodes.append(self.exclusive())

    def call(self, name, begin):
        build = getattr(self, "f_" + name, None)
        if build is None:
            self.fail(f"function {name}() is not understood", begin)
        nodes = self.arguments()
        least, most = self.ARITY.get(name, (1, 1))
        if not least <= len(nodes) <= most:
            self.fail(f"{name}() with {len(nodes)} arguments", begin)
        made = build(nodes, begin)
        fields = frozenset().union(*[node.fields for node in nodes]) if nodes else frozenset()
        return made if isinstance(made, Node) else Node(made, fields)

    ANY = 10_000
    ARITY = {
        "if": (3, 3), "case": (2, ANY), "validate": (2, ANY), "coalesce": (1, ANY), "match": (2, 2),
        "like": (2, 2), "substr": (2, 3), "tonumber": (1, 2), "cidrmatch": (2, 2), "mvindex": (2, 3),
        "mvappend": (1, ANY), "mvmap": (2, 2), "mvfind": (2, 2), "mvjoin": (2, 2), "split": (2, 2),
        "replace": (3, 3), "in": (2, ANY), "true": (0, 0), "false": (0, 0), "null": (0, 0),
        "strftime": (2, 2), "strptime": (2, 2), "nullif": (2, 2), "round": (1, 2), "trim": (1, 2),
        "ltrim": (1, 2), "rtrim": (1, 2), "json_array": (0, ANY),
    }

    # Conditions

    def f_true(self, nodes, at):
        return lambda row: True

    def f_false(self, nodes, at):
        return lambda row: False

    def f_null(self, nodes, at):
        return lambda row: None

    def f_if(self, nodes, at):
        test, then, other = nodes
        return lambda row: then.run(row) if self.truth(test, row) is True else other.run(row)

    def f_case(self, nodes, at):
        if len(nodes) % 2:
            self.fail("case() takes pairs", at)
        pairs = list(zip(nodes[::2], nodes[1::2]))
        return lambda row: next((value.run(row) for test, value in pairs if self.truth(test, row) is True), None)

    def f_coalesce(self, nodes, at):
        return lambda row: next((value for value in (node.run(row) for node in nodes) if value is not None), None)

    def f_nullif(self, nodes, at):
        left, right = nodes
        return lambda row: None if self.relate("=", left.run(row), right.run(row)) else left.run(row)

    def f_isnull(self, nodes, at):
        return lambda row: nodes[0].run(row) is None

    def f_isnotnull(self, nodes, at):
        return lambda row: nodes[0].run(row) is not None

    def f_isnum(self, nodes, at):
        return lambda row: number(self.one("isnum", nodes[0].run(row), at)) is not None

    def f_in(self, nodes, at):
        return self.among(nodes, at)

    def among(self, nodes, at):
        def run(row):
            value = nodes[0].run(row)
            results = [self.relate("=", value, node.run(row)) for node in nodes[1:]]
            return True if True in results else (None if None in results else False)

        return Node(run, frozenset().union(*[node.fields for node in nodes]))

    def each(self, value, test):
        """A test of a value; of several, whether any passes."""
        if value is None:
            return None
        if isinstance(value, list):
            self.notes.add("mv-eval")
        return any([test(text(one)) for one in many(value)])

    def f_match(self, nodes, at):
        find = self.pattern(nodes[1], at)
        return lambda row: self.each(nodes[0].run(row), lambda one: regex_test(find(row), one, self.notes))

    def pattern(self, node, at):
        """A regular expression: a literal, or an expression of the row."""
        if node.literal is not None:
            compiled = pcre(node.literal, self.base + at)
            return lambda row: compiled

        def run(row):
            value = node.run(row)
            if not isinstance(value, str):
                self.fail("a regular expression was expected", at)
            return pcre(value, self.base + at)

        return run

    def f_like(self, nodes, at):
        return self.like(nodes, at)

    def like(self, nodes, at):
        def run(row):
            wanted = nodes[1].run(row)
            if wanted is None:
                return None
            if isinstance(wanted, list) or re.search(r"\\[%_]", text(wanted)):
                self.fail("this pattern of like() is not documented", at)
            pattern = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in text(wanted))
            return self.each(nodes[0].run(row), lambda one: re.fullmatch(pattern, one, re.S) is not None)

        return Node(run, nodes[0].fields | nodes[1].fields)

    def f_cidrmatch(self, nodes, at):
        def run(row):
            wanted = nodes[0].run(row)
            if wanted is None:
                return None
            network = subnet(text(wanted), self.notes)
            if network is None:
                self.fail("cidrmatch() needs a subnet", at)
            return self.each(nodes[1].run(row), lambda one: inside(one, network))

        return run

    def f_searchmatch(self, nodes, at):
        if nodes[0].literal is None:
            self.fail("searchmatch() takes a text", at)
        if "\\" in nodes[0].literal:
            self.notes.add("searchmatch-escape")
        return SearchParser(nodes[0].literal, self.base + at, self.notes).whole()

    # Texts and numbers

    def one(self, name, value, at):
        if isinstance(value, list):
            self.fail(f"{name}() does not support several values", at)
        if isinstance(value, bool):
            self.fail(f"{name}() of a Boolean", at)
        return value

    def on_text(self, name, node, at, make):
        def run(row):
            value = self.one(name, node.run(row), at)
            return None if value is None else make(text(value))

        return run

    def f_len(self, nodes, at):
        return self.on_text("len", nodes[0], at, len)

    f_length = f_len

    def cased(self, node, unicode_way, ascii_way):
        def change(one):
            one = text(one)
            if unicode_way(one) != ascii_way(one):
                self.notes.add("case-nonascii")
            return unicode_way(one)

        def run(row):
            value = node.run(row)
            if isinstance(value, bool):
                self.fail("lower() or upper() of a Boolean", 0)
            if isinstance(value, list):
                return [change(one) for one in value]
            return None if value is None else change(value)

        return run

    def f_lower(self, nodes, at):
        return self.cased(nodes[0], str.lower, fold)

    def f_upper(self, nodes, at):
        return self.cased(nodes[0], str.upper, lambda one: "".join(c.upper() if c.isascii() else c for c in one))

    def trimmed(self, name, nodes, at, how):
        chars = nodes[1].run if len(nodes) > 1 else lambda row: " \t"

        def run(row):
            value = self.one(name, nodes[0].run(row), at)
            return None if value is None else how(text(value), text(chars(row)))

        return run

    def f_trim(self, nodes, at):
        return self.trimmed("trim", nodes, at, str.strip)

    def f_ltrim(self, nodes, at):
        return self.trimmed("ltrim", nodes, at, str.lstrip)

    def f_rtrim(self, nodes, at):
        return self.trimmed("rtrim", nodes, at, str.rstrip)

    def f_substr(self, nodes, at):
        def run(row):
            value = self.one("substr", nodes[0].run(row), at)
            numbers = [number(node.run(row)) for node in nodes[1:]]
            if value is None or None in numbers:
                return None
            return sqlite_substr(text(value), int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else None)

        return run

    def f_replace(self, nodes, at):
        find, new = self.pattern(nodes[1], at), nodes[2]

        def run(row):
            value = self.one("replace", nodes[0].run(row), at)
            into = new.literal if new.literal is not None else new.run(row)
            if value is None or into is None:
                return None
            if re.search(r"\\(?!\d)", text(into)):
                self.notes.add("replace-escape")
            if any(int(group) > find(row).groups for group in re.findall(r"\\(\d)", text(into))):
                self.fail("replace() with a group that is not there", at)
            return find(row).sub(lambda m: re.sub(r"\\(\d)", lambda d: m.group(int(d.group(1))) or "", text(into)), text(value))

        return run

    def f_tonumber(self, nodes, at):
        def run(row):
            value = self.one("tonumber", nodes[0].run(row), at)
            if value is None:
                return None
            if len(nodes) == 1:
                result = number(value)
            else:
                result = based(text(value), int(number(nodes[1].run(row))))
            if result is None and nodes[0].literal is not None:
                self.fail("tonumber() of a text that is no number", at)
            return result

        return run

    def f_tostring(self, nodes, at):
        def run(row):
            value = nodes[0].run(row)
            if isinstance(value, list):
                self.fail("tostring() of several values", at)
            return None if value is None else text(value)

        return run

    def f_round(self, nodes, at):
        def run(row):
            value = number(self.one("round", nodes[0].run(row), at))
            digits = int(number(nodes[1].run(row))) if len(nodes) > 1 else 0
            if value is None:
                return None
            scale = 10**digits
            return whole_number(math.copysign(math.floor(abs(value) * scale + 0.5) / scale, value))

        return run

    # Several values

    def f_mvcount(self, nodes, at):
        return lambda row: len(many(nodes[0].run(row))) or None

    def f_mvdedup(self, nodes, at):
        return lambda row: shrink(list(dict.fromkeys(text(one) for one in many(nodes[0].run(row)))))

    def f_mvsort(self, nodes, at):
        return lambda row: shrink(sorted((text(one) for one in many(nodes[0].run(row))), key=str.encode))

    def f_mvappend(self, nodes, at):
        return lambda row: shrink([one for node in nodes for one in many(node.run(row))])

    def f_json_array(self, nodes, at):
        """Strings and numbers as they are; what null and several values become is not said for arrays."""

        def run(row):
            values = [node.run(row) for node in nodes]
            if any(one is None or isinstance(one, (list, bool)) for one in values):
                self.fail("null or several values in json_array() are not understood", at)
            return json.dumps(values, ensure_ascii=False, separators=(",", ":"))

        return run

    def f_mvjoin(self, nodes, at):
        def run(row):
            values, mark = many(nodes[0].run(row)), nodes[1].run(row)
            return None if not values or mark is None else text(mark).join(text(one) for one in values)

        return run

    def f_mvindex(self, nodes, at):
        def run(row):
            values = many(nodes[0].run(row))
            ends = [number(node.run(row)) for node in nodes[1:]]
            if not values or None in ends:
                return None
            first, last = int(ends[0]), int(ends[-1])
            first, last = (e + len(values) if e < 0 else e for e in (first, last))
            if first < 0 or last < first or last >= len(values):
                return None
            return shrink(values[first : last + 1])

        return run

    def f_mvfind(self, nodes, at):
        find = self.pattern(nodes[1], at)

        def run(row):
            values = many(nodes[0].run(row))
            return next((i for i, one in enumerate(values) if regex_test(find(row), text(one), self.notes)), None)

        return run

    def f_mvfilter(self, nodes, at):
        if len(nodes[0].fields) != 1:
            self.fail("mvfilter() takes an expression over one field", at)
        name = next(iter(nodes[0].fields))

        def run(row):
            return shrink([one for one in row.values(name) if self.truth(nodes[0], with_field(row, name, one)) is True])

        return run

    def f_mvmap(self, nodes, at):
        if len(nodes[0].fields) != 1:
            self.fail("mvmap() goes over the values of one field", at)
        name = next(iter(nodes[0].fields))

        def run(row):
            results = [nodes[1].run(with_field(row, name, one)) for one in many(nodes[0].run(row))]
            if any(isinstance(one, bool) for one in results):
                self.fail("mvmap() with a Boolean", at)
            return shrink([one for result in results for one in many(result)])

        return run

    def f_split(self, nodes, at):
        def run(row):
            value, mark = self.one("split", nodes[0].run(row), at), nodes[1].run(row)
            if value is None or mark is None:
                return None
            return shrink(list(text(value)) if mark == "" else text(value).split(text(mark)))

        return run

    # Times

    def f_strftime(self, nodes, at):
        def run(row):
            value, form = number(self.one("strftime", nodes[0].run(row), at)), nodes[1].run(row)
            if value is None or form is None:
                return None
            self.notes.add("timezone")
            return write_time(value, text(form), lambda message: self.fail(message, at))

        return run

    def f_strptime(self, nodes, at):
        def run(row):
            value, form = self.one("strptime", nodes[0].run(row), at), nodes[1].run(row)
            if value is None or form is None:
                return None
            return read_time(text(value), text(form), self.notes, lambda message: self.fail(message, at))

        return run


def inside(one, network):
    address = ip(one)
    return address is not None and address.version == network.version and address in network


def shrink(values):
    """No value as null, one as itself."""
    if not values:
        return None
    return values[0] if len(values) == 1 else values


def with_field(row, name, value):
    copy = row.copy()
    copy.fields[name] = [value]
    return copy


def whole_number(value):
    return int(value) if float(value).is_integer() else value


def based(value, base):
    try:
        return int(value, base)
    except ValueError:
        return None


def sqlite_substr(value, start, length):
    """substr() as SQLite has it: from 1, negative from the end."""
    if start > 0:
        begin = start - 1
    elif start < 0:
        begin = len(value) + start
    else:
        begin = -1
    if length is None:
        return value[max(begin, 0) :]
    if length < 0:
        begin, length = begin + length, -length
    return value[max(begin, 0) : max(begin + length, 0)]


# Times


MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def write_time(seconds, form, fail):
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=math.floor(seconds))
    part = seconds - math.floor(seconds)
    plain = {
        "Y": f"{moment.year:04d}", "m": f"{moment.month:02d}", "d": f"{moment.day:02d}", "H": f"{moment.hour:02d}",
        "I": f"{(moment.hour + 11) % 12 + 1:02d}", "M": f"{moment.minute:02d}", "S": f"{moment.second:02d}",
        "p": "AM" if moment.hour < 12 else "PM", "y": f"{moment.year % 100:02d}", "e": f"{moment.day:2d}",
        "A": DAYS[moment.weekday()], "a": DAYS[moment.weekday()][:3], "B": MONTHS[moment.month - 1],
        "b": MONTHS[moment.month - 1][:3], "j": f"{moment.timetuple().tm_yday:03d}", "w": str((moment.weekday() + 1) % 7),
        "u": str(moment.isoweekday()), "V": f"{moment.isocalendar()[1]:02d}", "G": str(moment.isocalendar()[0]),
        "F": moment.strftime("%Y-%m-%d"), "T": moment.strftime("%H:%M:%S"), "s": str(math.floor(seconds)), "%": "%",
        "z": "+0000", "Z": "UTC", "f": f"{math.floor(part * 10**6):06d}", "k": f"{moment.hour:2d}", "U": f"{(moment.timetuple().tm_yday + 6 - (moment.weekday() + 1) % 7) // 7:02d}",
    }

    def put(found):
        digits, letter = found.group(1), found.group(2)
        if letter in "NQ":
            return str(math.floor(part * 10 ** int(digits or (9 if letter == "N" else 3)))).zfill(int(digits or (9 if letter == "N" else 3)))
        if digits or letter not in plain:
            fail(f"the time format %{digits or ''}{letter} is not understood")
        return plain[letter]

    return re.sub(r"%(\d?)(.)", put, form)


def read_time(value, form, notes, fail):
    pieces = {
        "Y": r"(?P<Y>\d{4})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})", "e": r"\s*(?P<d>\d{1,2})", "H": r"(?P<H>\d{1,2})",
        "I": r"(?P<I>\d{1,2})", "M": r"(?P<M>\d{1,2})", "S": r"(?P<S>\d{1,2})", "p": r"(?P<p>[AaPp][Mm])", "y": r"(?P<y>\d{2})",
        "b": r"(?P<b>[A-Za-z]{3,9})", "B": r"(?P<b>[A-Za-z]{3,9})", "a": r"[A-Za-z]{3,9}", "A": r"[A-Za-z]{3,9}", "s": r"(?P<s>-?\d+)",
        "F": r"(?P<Y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", "T": r"(?P<H>\d{1,2}):(?P<M>\d{1,2}):(?P<S>\d{1,2})",
        "z": r"(?P<z>[+-]\d\d:?\d\d|Z)", "Z": r"(?P<z>UTC|GMT|Z)", "N": r"(?P<N>\d{1,9})", "Q": r"(?P<N>\d{1,9})", "%": "%",
    }
    pattern, at = [], 0
    while at < len(form):
        found = re.compile(r"%\d?(.)").match(form, at)
        if found:
            if found.group(1) not in pieces:
                fail(f"the time format {found.group(0)} is not understood")
            pattern.append(pieces[found.group(1)])
            at = found.end()
        else:
            pattern.append(r"\s+" if form[at].isspace() else re.escape(form[at]))
            at += 1
    try:
        found = re.match("".join(pattern), value)
    except re.error:
        return fail(f"the time format {form!r} is not understood")
    if not found:
        return None
    if found.end() != len(value):
        notes.add("strptime-rest")
    return seconds_of(found.groupdict(), notes, fail)


def seconds_of(got, notes, fail):
    """The parts of a time as seconds."""
    if got.get("s") is not None:
        return int(got["s"])
    if got.get("Y") is None and got.get("y") is None:
        fail("strptime() without a year")
    year = int(got["Y"]) if got.get("Y") else (2000 if int(got["y"]) < 69 else 1900) + int(got["y"])
    month = int(got.get("m") or 1)
    if got.get("b"):
        short = [name[:3].lower() for name in MONTHS]
        if got["b"][:3].lower() not in short:
            return None
        month = short.index(got["b"][:3].lower()) + 1
    hour = int(got.get("H") or 0)
    if got.get("I"):
        hour = int(got["I"]) % 12 + (12 if (got.get("p") or "").lower() == "pm" else 0)
    try:
        moment = datetime.datetime(year, month, int(got.get("d") or 1), hour, int(got.get("M") or 0), int(got.get("S") or 0), tzinfo=datetime.timezone.utc)
    except ValueError:
        return None
    zone = got.get("z")
    seconds = int(moment.timestamp())
    if zone is None:
        notes.add("timezone")
    elif zone[0] in "+-":
        shift = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
        seconds -= shift if zone[0] == "+" else -shift
    if got.get("N"):
        return seconds + int(got["N"]) / 10 ** len(got["N"])
    return seconds


SPANS = {"s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1, "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
         "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600, "d": 86400, "day": 86400, "days": 86400}


def span_seconds(written, fail, units=SPANS):
    found = re.fullmatch(r"(\d*)([a-z]+)", written)
    if not found or found.group(2) not in units:
        return fail(f"the time span {written} is not understood")
    return int(found.group(1) or 1) * units[found.group(2)]


# Statistics


class Aggregate:
    """One function of stats: what it is called and how it is computed."""

    def __init__(self, function, take, label):
        self.function, self.take, self.label = function, take, label

    def compute(self, rows, notes, fail):
        if self.take is None:
            return len(rows)
        per_row = [self.take(row) for row in rows]
        values = [one for each in per_row for one in each]
        if self.function == "count":
            if any(len(each) > 1 for each in per_row):
                notes.add("count-values")
            return len(values)
        return self.of(values, rows, per_row, notes, fail)

    def of(self, values, rows, per_row, notes, fail):
        function = self.function
        if function in ("dc", "distinct_count"):
            return len({text(one) for one in values})
        if function == "values":
            return sorted({text(one) for one in values}, key=str.encode) or None
        if function == "list":
            return values[:100] or None
        if function in ("first", "last"):
            some = [each for each in per_row if each]
            return (some[0] if function == "first" else some[-1])[0] if some else None
        if function in ("earliest", "latest"):
            return by_time(function, rows, per_row, fail)
        if function in ("min", "max"):
            return extreme(function, values)
        numbers = sorted(n for n in map(number, values) if n is not None)
        if not numbers:
            return None
        if function == "sum":
            return whole_number(sum(numbers))
        if function in ("avg", "mean"):
            return whole_number(sum(numbers) / len(numbers))
        if function == "range":
            return whole_number(numbers[-1] - numbers[0])
        if function == "median":
            return numbers[len(numbers) // 2]
        return percentile(numbers, float(re.search(r"[\d.]+$", function).group(0)), notes)


AGGREGATES = "count dc distinct_count values list first last earliest latest min max sum avg mean range median".split()


def by_time(function, rows, per_row, fail):
    some = [(row.get("_time"), each[0]) for row, each in zip(rows, per_row) if each]
    if any(when is None for when, _ in some):
        fail(f"{function}() without _time")
    if not some:
        return None
    return (min if function == "earliest" else max)(some, key=lambda pair: pair[0])[1]


def extreme(function, values):
    """min and max: numbers come before texts."""
    if not values:
        return None
    def key(one):
        n = number(one)
        return (0, n, b"") if n is not None else (1, 0, text(one).encode())
    found = (min if function == "min" else max)(values, key=key)
    return found if number(found) is None else number(found)


def percentile(numbers, share, notes):
    """The nearest rank; the examples of the page interpolate."""
    nearest = numbers[max(math.ceil(share / 100 * len(numbers)) - 1, 0)]
    place = (len(numbers) - 1) * share / 100
    low = math.floor(place)
    between = numbers[low] + (numbers[min(low + 1, len(numbers) - 1)] - numbers[low]) * (place - low)
    if not math.isclose(nearest, between):
        notes.add("percentile")
    return nearest


# Commands


REFUSED_COMMANDS = {
    "tstats": "tstats reads data models, not events: its WHERE is not understood",
    "rex": "rex, which takes fields out of text, is not understood",
}


# Commands that look at one event at a time (Search Manual, "Types of commands"): what multisearch takes.
STREAMING = "search where eval fields rename fillnull mvexpand bin bucket rex regex".split()


class Pipeline:
    """The rows on their way through the commands of a query."""

    def __init__(self, rows, timed, notes):
        self.rows, self.timed, self.notes, self.transformed = rows, timed, notes, False
        self.first = [row.copy() for row in rows], timed

    def run(self, query):
        commands = split_pipes(query)
        if not commands[0][0].strip():
            if len(commands) == 1:
                raise SplError("an empty search", 0)
            name = re.match(r"\s*(\w*)", commands[1][0]).group(1)
            if name == "multisearch":
                for body, base in commands[1:]:
                    self.command(body, base)
                return
            reason = REFUSED_COMMANDS.get(name, f"a search that begins with `| {name}` makes rows of its own")
            raise SplError(reason, commands[1][1])
        body, base = commands[0]
        lead = re.match(r"\s*search(?=\s)", body)
        if lead:
            body, base = body[lead.end() :], base + lead.end()
        self.c_search(body, base)
        for body, base in commands[1:]:
            self.command(body, base)

    def command(self, body, base):
        found = re.match(r"\s*([a-z]+)(?![\w=])", body)
        if not found:
            raise SplError("a command was expected", base)
        name = found.group(1)
        run = getattr(self, "c_" + name, None)
        if run is None:
            reason = REFUSED_COMMANDS.get(name, f"command {name} is not understood")
            raise SplError(reason, base + found.start(1))
        run(body[found.end() :], base + found.end())

    def ordered_use(self):
        if not self.timed:
            self.notes.add("raw-order")

    def keep(self, test):
        self.rows = [row for row in self.rows if test(row)]

    def c_search(self, body, base):
        self.keep(SearchParser(body, base, self.notes).whole())

    def c_where(self, body, base):
        parser = EvalParser(body, base, self.notes)
        node = parser.whole()
        self.keep(lambda row: parser.truth(node, row) is True)

    def c_eval(self, body, base):
        parser, steps = EvalParser(body, base, self.notes), []
        while True:
            name = parser.name()
            parser.need(r"=", "`=` was expected")
            steps.append((name, parser.exclusive()))
            parser.space()
            if not parser.take(r","):
                break
        if not parser.done():
            parser.fail("the rest of eval is not understood")
        changed = [row.copy() for row in self.rows]
        for row in changed:
            for name, node in steps:
                value = node.run(row)
                if isinstance(value, bool):
                    parser.fail("eval cannot give a field a Boolean", 0)
                row.put(name, value)
        self.rows = changed

    # Searches in brackets

    def subsearches(self, body, base):
        """The texts in brackets, and where they begin."""
        found, at = [], 0
        while body[at:].strip():
            at += len(body[at:]) - len(body[at:].lstrip())
            if body[at] != "[":
                raise SplError("a search in brackets was expected", base + at)
            end, depth = at + 1, 1
            while depth:
                if end >= len(body):
                    raise SplError("a bracket without end", base + at)
                if body[end] == '"':
                    end = string_end(body, end)
                    continue
                if body[end] == "\\":
                    end += 2
                    continue
                depth += {"[": 1, "]": -1}.get(body[end], 0)
                end += 1
            found.append((body[at + 1 : end - 1], base + at + 1))
            at = end
        return found

    def sub(self, written, base):
        """The rows of a search of its own over the same events."""
        rows, timed = self.first
        inner = Pipeline([row.copy() for row in rows], timed, self.notes)
        try:
            inner.run(written)
        except SplError as error:
            raise SplError(error.message, None if error.at is None else base + error.at) from None
        return inner

    def c_multisearch(self, body, base):
        searches = self.subsearches(body, base)
        if len(searches) < 2:
            raise SplError("multisearch needs two searches", base)
        for written, at in searches:
            for command, _ in split_pipes(written)[1:]:
                name = re.match(r"\s*(\w*)", command).group(1)
                if name not in STREAMING:
                    raise SplError(f"multisearch takes streaming commands only, and {name} is none", at)
        self.rows = [row for written, at in searches for row in self.sub(written, at).rows]
        self.timed = False

    def c_append(self, body, base):
        searches = self.subsearches(body, base)
        if len(searches) != 1:
            raise SplError("append takes one search", base)
        inner = self.sub(*searches[0])
        self.rows, self.timed = self.rows + inner.rows, False
        self.transformed = self.transformed or inner.transformed

    # Fields

    def c_fields(self, body, base):
        scan = Scanner(body, base, self.notes)
        scan.space()
        sign = scan.take(r"[+-](?=\s|\w|_|\"|')")
        patterns = self.patterns(scan)
        drop = sign is not None and sign.group(0) == "-"
        for row in self.rows:
            def wanted(name):
                listed = any(p.fullmatch(name) for p in patterns)
                return not listed if drop else listed or name in ("_raw", "_time")
            row.fields = {name: values for name, values in row.fields.items() if wanted(name)}

    def c_table(self, body, base):
        patterns = self.patterns(Scanner(body, base, self.notes))
        for row in self.rows:
            row.fields = {n: v for n, v in row.fields.items() if any(p.fullmatch(n) for p in patterns)}

    def patterns(self, scan):
        names = scan.names()
        if not names:
            scan.fail("field names were expected")
        return [re.compile(".*".join(map(re.escape, name.split("*"))), re.S) for name in names]

    def c_rename(self, body, base):
        scan, pairs = Scanner(body, base, self.notes), []
        while not scan.done():
            if scan.take(r","):
                continue
            old = scan.name()
            scan.need(r"(?i:as)(?=[\s\"'])", "AS was expected")
            pairs.append((old, scan.name()))
        for old, new in pairs:
            if old.count("*") != new.count("*") or old.count("*") > 1:
                scan.fail("these wildcards of rename are not understood", 0)
            self.rows = [self.renamed(row, old, new) for row in self.rows]

    def renamed(self, row, old, new):
        copy = row.copy()
        if "*" in old:
            pattern = re.compile("(.*)".join(map(re.escape, old.split("*"))), re.S)
            for name in list(row.fields):
                found = pattern.fullmatch(name)
                if found:
                    copy.fields[new.replace("*", found.group(1))] = copy.fields.pop(name)
            return copy
        if old not in row.fields and new in row.fields:
            self.notes.add("rename-absent")
        copy.put(new, copy.fields.pop(old, None))
        return copy

    def c_fillnull(self, body, base):
        scan, value = Scanner(body, base, self.notes), "0"
        scan.space()
        if scan.take(r"value\s*="):
            value = scan.name("a value was expected")
        names = scan.names() or sorted({name for row in self.rows for name in row.fields})
        for row in self.rows:
            for name in names:
                if not row.values(name):
                    row.put(name, value)

    def c_mvexpand(self, body, base):
        scan = Scanner(body, base, self.notes)
        name = scan.name()
        if not scan.done():
            scan.fail("the rest of mvexpand is not understood")
        expanded = []
        for row in self.rows:
            values = row.values(name)
            if not values:
                self.notes.add("mvexpand-absent")
            expanded += [with_field(row, name, one) for one in values]
        self.rows = expanded

    def c_convert(self, body, base):
        scan, form = Scanner(body, base, self.notes), "%m/%d/%Y %H:%M:%S"
        scan.space()
        if scan.take(r"timeformat\s*="):
            form = scan.name("a time format was expected")
        jobs = []
        while not scan.done():
            scan.need(r"ctime\s*\(", "only ctime() of convert is understood")
            name = scan.name()
            scan.need(r"\)", "`)` was expected")
            scan.space()
            jobs.append((name, scan.name() if scan.take(r"(?i:as)(?=\s)") else name))
        for row, (name, new) in itertools.product(self.rows, jobs):
            values = [number(one) for one in row.values(name)]
            if values and None not in values:
                self.notes.add("timezone")
                row.put(new, [write_time(one, form, scan.fail) for one in values])

    def c_bin(self, body, base):
        scan, span, name, new = Scanner(body, base, self.notes), None, None, None
        while not scan.done():
            option = scan.take(r"([a-z]+)\s*=\s*([^\s]+)")
            if option:
                if option.group(1) != "span":
                    scan.fail(f"option {option.group(1)} of bin is not understood")
                span = option.group(2)
            elif scan.take(r"(?i:as)(?=\s)"):
                new = scan.name()
            else:
                name = scan.name()
        if span is None or name is None:
            scan.fail("bin needs a span and a field")
        for row in self.rows:
            values = row.values(name)
            if values:
                row.put(new or name, [self.binned(name, one, span, scan) for one in values])

    c_bucket = c_bin

    def binned(self, name, value, span, scan):
        n = number(value)
        if n is None:
            return value
        if name == "_time":
            width = span_seconds(span, scan.fail)
            if width % 86400 == 0:
                self.notes.add("timezone")
            return whole_number(math.floor(n / width) * width)
        width = number(span)
        if not width:
            scan.fail("a number was expected for span")
        low = math.floor(n / width) * width
        return f"{text(low)}-{text(low + width)}"

    # Order and number of rows

    def c_sort(self, body, base):
        scan, limit, keys = Scanner(body, base, self.notes), 10_000, []
        scan.space()
        count = scan.take(r"(?:limit\s*=\s*)?(\d+)(?=[\s,]|\Z)")
        if count:
            limit = int(count.group(1))
        while not scan.done():
            if scan.take(r","):
                continue
            sign = scan.take(r"([+-])\s*")
            kind = scan.take(r"(auto|num|str|ip)\s*\(\s*")
            name = scan.name()
            if kind:
                scan.need(r"\)", "`)` was expected")
            if keys and name in ("d", "desc"):
                scan.fail("desc of sort is not understood")
            keys.append((name, sign is not None and sign.group(1) == "-", kind.group(1) if kind else "auto"))
        if not keys:
            scan.fail("fields to sort by were expected")
        for name, down, kind in reversed(keys):
            self.sort_by(name, down, kind)
        self.rows = self.rows[:limit] if limit else self.rows
        self.timed = True

    def sort_by(self, name, down, kind):
        present = [row for row in self.rows if row.values(name)]
        absent = [row for row in self.rows if not row.values(name)]
        values = [row.values(name)[0] for row in present]
        if kind in ("auto", "num") and all(number(one) is not None for one in values):
            key = number
        elif kind in ("auto", "ip") and all(ip(text(one)) is not None for one in values):
            key = lambda one: (ip(text(one)).version, int(ip(text(one))))
        elif kind == "num":
            raise SplError(f"sort num({name}) over texts")
        else:
            key = lambda one: text(one).encode()
            if kind == "auto" and any(text(one)[:1].isdigit() for one in values):
                self.notes.add("sort-mixed")
        present.sort(key=lambda row: key(row.values(name)[0]), reverse=down)
        self.rows = present + absent

    def c_dedup(self, body, base):
        scan, options, count = Scanner(body, base, self.notes), {}, 1
        scan.space()
        number_ = scan.take(r"(\d+)(?=\s)")
        if number_:
            count = int(number_.group(1))
        names = []
        while not scan.done():
            option = scan.take(r"(keepempty|consecutive)\s*=\s*(\w+)")
            if option:
                options[option.group(1)] = truthy(option.group(2), scan)
            elif scan.take(r"(keepevents|sortby)\b"):
                scan.fail("keepevents and sortby of dedup are not understood")
            elif not scan.take(r","):
                names.append(scan.name())
        if not names or count < 1:
            scan.fail("dedup needs fields and a count above 0")
        self.ordered_use()
        self.rows = list(self.deduped(names, count, options))

    def deduped(self, names, count, options):
        seen, last = {}, None
        for row in self.rows:
            if not all(row.values(name) for name in names):
                if options.get("keepempty"):
                    yield row
                continue
            key = tuple(tuple(map(text, row.values(name))) for name in names)
            if options.get("consecutive") and key != last:
                seen = {}
            last = key
            seen[key] = seen.get(key, 0) + 1
            if seen[key] <= count:
                yield row

    def count_of(self, body, base, name):
        found = re.fullmatch(r"\s*(?:(?:limit\s*=\s*)?(\d+))?\s*", body)
        if not found:
            raise SplError(f"{name} takes a number", base)
        return int(found.group(1) or 10)

    def c_head(self, body, base):
        self.ordered_use()
        self.rows = self.rows[: self.count_of(body, base, "head")]

    def c_tail(self, body, base):
        self.ordered_use()
        count = self.count_of(body, base, "tail")
        self.rows = self.rows[::-1][:count]

    # Statistics

    def aggregates(self, body, base, options):
        """The functions, the fields of BY, the options of a stats command."""
        scan, functions, by, given = StatsScanner(body, base, self.notes), [], [], {}
        while not scan.done():
            option = scan.take(r"([a-z_]+)\s*=\s*(\w+)")
            if option:
                if option.group(1) not in options:
                    scan.fail(f"option {option.group(1)} is not understood")
                given[option.group(1)] = option.group(2)
            elif scan.take(r"(?i:by)(?=[\s\"'])"):
                by = scan.by_names(options)
            elif not scan.take(r","):
                functions.append(scan.function())
        if not functions:
            scan.fail("a function was expected")
        labels = [f.label for f in functions]
        if len(set(labels)) != len(labels):
            scan.fail("two results of the same name")
        return functions, by, given, scan

    def keys(self, row, by):
        """The groups of a row: of each value; none if a field of BY is absent."""
        return list(itertools.product(*[dict.fromkeys(map(text, row.values(name))) for name in by]))

    def c_stats(self, body, base):
        functions, by, _, scan = self.aggregates(body, base, ())
        if any(f.function in ("first", "last", "list") for f in functions):
            self.ordered_use()
        groups = {} if by else {(): []}
        for row in self.rows:
            for key in self.keys(row, by):
                groups.setdefault(key, []).append(row)
        made = []
        for key in sorted(groups, key=lambda key: [part.encode() for part in key]):
            members = groups[key]
            parts = {name: [number(part) if name == "_time" else part] for name, part in zip(by, key)}
            row = Row(parts, itertools.chain(*[m.source for m in members]))
            for function in functions:
                row.put(function.label, function.compute(members, self.notes, scan.fail))
            made.append(row)
        self.rows, self.transformed, self.timed = made, True, True

    def c_eventstats(self, body, base):
        functions, by, _, scan = self.aggregates(body, base, ())
        groups = {}
        for row in self.rows:
            for key in self.keys(row, by):
                groups.setdefault(key, []).append(row)
        results = {key: [f.compute(members, self.notes, scan.fail) for f in functions] for key, members in groups.items()}
        changed = [row.copy() for row in self.rows]
        for row in changed:
            keys = self.keys(row, by)
            if len(keys) > 1:
                scan.fail("several values in BY of eventstats")
            for key in keys:
                for function, result in zip(functions, results[key]):
                    row.put(function.label, result)
        self.rows = changed

    def c_streamstats(self, body, base):
        options = ("window", "time_window", "current", "global")
        functions, by, given, scan = self.aggregates(body, base, options)
        if len(self.rows) > 10_000:
            scan.fail("more than 10,000 events in streamstats", 0)
        window, current = int(given.get("window", "0")), truthy(given.get("current", "t"), scan)
        single = truthy(given.get("global", "t"), scan)
        reach = span_seconds(given["time_window"], scan.fail, WINDOW_SPANS) if "time_window" in given else None
        if reach is not None:
            self.check_times(scan)
        self.ordered_use()
        changed = []
        for index, row in enumerate(self.rows):
            keys, copy = self.keys(row, by), row.copy()
            if len(keys) > 1:
                scan.fail("several values in BY of streamstats")
            if keys:
                members = self.window(index, keys[0], by, window, single, current, reach)
                for function in functions:
                    result = function.compute(members, self.notes, scan.fail)
                    if not members and result == 0:
                        self.notes.add("window-empty")
                    copy.put(function.label, result)
            changed.append(copy)
        self.rows = changed

    def check_times(self, scan):
        times = [row.get("_time") for row in self.rows]
        if None in times:
            scan.fail("time_window needs _time", 0)
        if times != sorted(times) and times != sorted(times, reverse=True):
            scan.fail("time_window needs events in the order of time", 0)

    def window(self, index, key, by, window, single, current, reach):
        """The rows that count for the row at `index`."""
        rows = self.rows[: index + 1] if current else self.rows[:index]
        if reach is not None:
            now = self.rows[index].get("_time")
            rows = [row for row in rows if abs(row.get("_time") - now) <= reach]
            if any(abs(row.get("_time") - now) == reach and key in self.keys(row, by) for row in rows):
                self.notes.add("time-window-edge")
        if window and single:
            rows = rows[-window:]
        rows = [row for row in rows if key in self.keys(row, by)]
        return rows[-window:] if window and not single else rows


WINDOW_SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def truthy(word, scan):
    if word.lower() in ("t", "true", "1"):
        return True
    if word.lower() in ("f", "false", "0"):
        return False
    return scan.fail(f"{word} is neither true nor false")


class StatsScanner(Scanner):
    """The functions of stats."""

    def by_names(self, options):
        names = []
        ahead = "|".join(options)
        while not self.done():
            if self.take(r","):
                continue
            if ahead and re.compile(rf"(?:{ahead})\s*=").match(self.body, self.at):
                break
            names.append(self.name())
        return names or self.fail("fields were expected after BY")

    def function(self):
        begin = self.at
        name = self.need(r"[a-z_]+(?:\d+(?:\.\d+)?)?", "a function was expected").group(0)
        percent = re.fullmatch(r"(?:exactperc|perc|p)(\d+(?:\.\d+)?)", name)
        if name not in AGGREGATES and not percent:
            self.fail(f"function {name}() of stats is not understood", begin)
        take, label = None, name
        if self.take(r"\s*\("):
            take, inner = self.argument()
            label = f"{name}({inner})"
        elif name != "count":
            self.fail(f"{name} needs a field", begin)
        self.space()
        if self.take(r"(?i:as)(?=[\s\"'])"):
            label = self.name()
        return Aggregate(name, take, label)

    def argument(self):
        """What a function is applied to: how to read it, how it is written."""
        begin = self.at
        if self.take(r"\s*eval\s*\("):
            parser = EvalParser(self.body, self.base, self.notes)
            parser.at = self.at
            node = parser.exclusive()
            self.at = parser.at
            self.need(r"\)", "`)` was expected")
            written = self.body[begin : self.at].strip()
            self.need(r"\)", "`)` was expected")
            return (lambda row: counted(node.run(row))), written
        name = self.name()
        if "*" in name:
            self.fail("wildcards in a function of stats", begin)
        self.need(r"\)", "`)` was expected")
        return (lambda row: row.values(name)), name


def counted(value):
    """A value of eval() in stats: false and null do not count."""
    if value is None or value is False:
        return []
    return ["1"] if value is True else many(value)


# Jobs


def evaluate(job, strict=False):
    """The answer to one job."""
    notes, query = set(), ""
    try:
        query = job["query"]
        query = expand(query, job.get("macros") or {})
        rows, timed = first_rows(job["events"], notes)
        pipeline = Pipeline(rows, timed, notes)
        pipeline.run(query)
    except SplError as error:
        at = "" if error.at is None else f" at byte {len(query[: error.at].encode())}"
        return {"error": error.message + at}
    except (ValueError, IndexError, OverflowError, TypeError, RecursionError) as error:
        return {"error": f"the evaluation failed: {error!r} at byte 0"}
    if strict and notes:
        return {"error": "not documented: " + "; ".join(ASSUMPTIONS[note] for note in sorted(notes))}
    answer = result(pipeline)
    if "shown" in job:
        answer["shown"] = [{name: shrink(row.values(name)) for name in job["shown"]} for row in pipeline.rows]
    if notes:
        answer["assumed"] = sorted(notes)
    return answer


def result(pipeline):
    if not pipeline.transformed:
        return {"found": sorted(set(itertools.chain(*[row.source for row in pipeline.rows])))}
    rows = [{name: shrink(values) for name, values in row.fields.items()} for row in pipeline.rows]
    return {"rows": rows, "from": [sorted(row.source) for row in pipeline.rows]}


def read_jobs(lines):
    """Jobs of JSON lines; numbers stay as they are written."""
    for line in lines:
        if line.strip():
            yield json.loads(line, parse_float=str, parse_int=str)


def main():
    arguments = argparse.ArgumentParser(description="Evaluates SPL searches over events.")
    arguments.add_argument("jobs", nargs="?", help="JSON lines; standard input if absent")
    arguments.add_argument("--strict", action="store_true", help="refuse what is not documented")
    options = arguments.parse_args()
    lines = open(options.jobs, encoding="utf-8") if options.jobs else sys.stdin
    for job in read_jobs(lines):
        print(json.dumps(evaluate(job, options.strict), ensure_ascii=False))


if __name__ == "__main__":
    main()
