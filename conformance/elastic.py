"""What the evaluators of EQL and of query DSL have in common: how Elasticsearch
keeps the values of a document, and how it compares them.

It is written from Elastic's and Lucene's documentation alone and shares nothing
with the compiler. Pages are named in test_eql_eval.py and test_dsl_eval.py.

A document is a nested object, with names of fields that may hold dots. A list
holds several values of one field; null, `[]` and absence are the same. Types of
fields are those of a mapping; a field without a type is a keyword.
"""

import decimal
import functools
import ipaddress
import json
import re

STRINGS = ("keyword", "wildcard")
TYPES = STRINGS + ("text", "long", "ip", "boolean", "date")

LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


class ElasticError(Exception):
    """What is not understood, or what Elasticsearch would refuse."""


class Number(str):
    """A number in its source text."""


def read_jobs(lines):
    """Jobs of JSON lines; numbers stay as they are written."""
    for line in lines:
        if line.strip():
            yield json.loads(line, parse_float=Number, parse_int=Number)


def fold(text):
    """Text without regard to case: letters of ASCII alone (before Lucene 10.5)."""
    return text.translate(LOWER)


# Documents


class Document:
    """The values of a document by field, as an index with these types keeps them."""

    def __init__(self, event, types):
        self.types = types
        self.scalars = {}
        for name, value in event.items():
            self.add(name, value)
        self.kept = {}

    def add(self, name, value):
        if value is None:
            return
        if isinstance(value, list):
            for each in value:
                self.add(name, each)
        elif isinstance(value, dict):
            for part, each in value.items():
                self.add(f"{name}.{part}", each)
        else:
            self.scalars.setdefault(name, []).append(value)

    def values(self, name):
        """All values of a field, in the form of its type."""
        if name not in self.kept:
            kind = type_of(self.types, name)
            self.kept[name] = [keep(kind, value, name) for value in self.scalars.get(name, ())]
        return self.kept[name]

    def has(self, name):
        return bool(self.scalars.get(name))

    def names(self):
        return self.scalars.keys()


def type_of(types, name):
    kind = types.get(name, "keyword")
    if kind not in TYPES:
        raise ElasticError(f"the type {kind} is not understood")
    return kind


def text_of(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def keep(kind, value, name):
    """A value as the index keeps it; an error where it refuses the document."""
    text = text_of(value)
    if kind in STRINGS or kind == "text" or kind == "date":
        return text
    if kind == "long":
        # `coerce` takes numbers in strings, and cuts off a fraction.
        return int(number(text, name))
    if kind == "ip":
        return address(text)
    if text in ("true", "false", ""):
        return text == "true"
    raise ElasticError(f"{name} is boolean and does not take {text!r}")


def number(text, name):
    try:
        found = decimal.Decimal(text)
    except decimal.InvalidOperation:
        found = None
    if found is None or not found.is_finite():
        raise ElasticError(f"{name} is a number, and {text!r} is none")
    return found


# Addresses


MAPPED = 0xFFFF << 32  # where addresses of version 4 are in version 6


def bits(parsed):
    return int(parsed) | (MAPPED if parsed.version == 4 else 0)


@functools.lru_cache(maxsize=None)
def address(text):
    """All addresses are kept in the form of version 6."""
    if "%" in text:
        raise ElasticError(f"whether {text!r} is an address depends on the version")
    try:
        return bits(ipaddress.ip_address(text))
    except ValueError:
        raise ElasticError(f"{text!r} is no address") from None


@functools.lru_cache(maxsize=None)
def network(text):
    """The addresses of `base/length`, from the first to the last."""
    base, slash, length = text.partition("/")
    if not slash or not length.isdigit():
        raise ElasticError(f"{text!r} is no network")
    try:
        parsed = ipaddress.ip_address(base)
    except ValueError:
        raise ElasticError(f"{text!r} is no network") from None
    free = parsed.max_prefixlen - int(length)
    if free < 0:
        raise ElasticError(f"{text!r} is no network")
    first = bits(parsed) >> free << free
    return first, first + (1 << free) - 1


def address_test(text):
    """Whether a kept address is this one, or lies in this network."""
    if "/" in text:
        first, last = network(text)
        return lambda value: first <= value <= last
    wanted = address(text)
    return lambda value: value == wanted


# Wildcards


ONE = object()  # any character
RUN = object()  # any number of characters


def wildcard_test(parts, folded):
    """A test of whole values. Parts are texts, ONE and RUN."""
    pieces, now = [], []
    for part in parts:
        if part is RUN:
            pieces.append(now)
            now = []
        elif part is ONE:
            now.append(None)
        else:
            now.extend(fold(part) if folded else part)
    pieces.append(now)
    if len(pieces) == 1:
        first, last, middle = now, None, []
    else:
        first, last, middle = pieces[0], pieces[-1], [piece for piece in pieces[1:-1] if piece]

    def holds(text):
        text = fold(text) if folded else text
        if last is None:
            return len(text) == len(first) and fits(first, text, 0)
        end = len(text) - len(last)
        if end < len(first) or not fits(first, text, 0) or not fits(last, text, end):
            return False
        at = len(first)
        for piece in middle:
            at = find(piece, text, at, end)
            if at is None:
                return False
        return True

    return holds


def fits(piece, text, at):
    return all(wanted is None or wanted == text[at + index] for index, wanted in enumerate(piece))


def find(piece, text, at, end):
    """Behind the first place of a piece, or None."""
    if None not in piece:
        literal = "".join(piece)
        found = text.find(literal, at, end)
        return None if found < 0 else found + len(literal)
    for start in range(at, end - len(piece) + 1):
        if fits(piece, text, start):
            return start + len(piece)
    return None


def lucene_parts(pattern):
    """The parts of a wildcard query of Lucene, where a backslash takes the next character as it is."""
    parts, at = [], 0
    while at < len(pattern):
        if pattern[at] == "\\" and at + 1 < len(pattern):
            parts.append(pattern[at + 1])
            at += 1
        elif pattern[at] in "*?":
            parts.append(RUN if pattern[at] == "*" else ONE)
        else:
            parts.append(pattern[at])
        at += 1
    return parts


# Analysed text


def words(text):
    """What the standard analyzer makes of a text, as far as letters, digits and underscores go."""
    return re.findall(r"\w+", text.lower())


def holds_phrase(found, wanted):
    """Whether the words stand in a text one after the other."""
    many = len(wanted)
    return any(found[at : at + many] == wanted for at in range(len(found) - many + 1))
