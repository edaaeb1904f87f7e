"""What the evaluators of EQL and of query DSL have in common: how Elasticsearch
keeps the values of a document, and how it compares them.

It is written from Elastic's and Lucene's documentation alone and shares nothing
with the compiler. Pages are named in test_eql_eval.py and test_dsl_eval.py.

A document is a nested object, with names of fields that may hold dots. A list
holds several values of one field; null, `[]` and absence are the same. Types of
fields are those of a mapping; a field without a type is a keyword.
"""

import argparse
import decimal
import functools
import ipaddress
import json
import re
import sys
import unicodedata

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


def answer(ask, job):
    """What `ask` answers to a job, or why it does not."""
    try:
        return ask(job)
    except ElasticError as error:
        return {"error": str(error)}
    except RecursionError:
        return {"error": "the query is nested too deep"}


def main(description, evaluate):
    """Answers the jobs of a file or of standard input, one a line."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("jobs", nargs="?", help="JSON lines; standard input if absent")
    options = arguments.parse_args()
    lines = open(options.jobs, encoding="utf-8") if options.jobs else sys.stdin
    for job in read_jobs(lines):
        print(json.dumps(evaluate(job), ensure_ascii=False))


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


def standard_words(text):
    """The words of Unicode Standard Annex 29, without those of neither letters nor digits.

    A sign of an ideographic script or of Hiragana is a word by itself, and so is
    an emoji. Scripts that are cut by dictionary, and other pictures, are refused.
    """
    found, now, at = [], "", 0
    kinds = [word_kind(each) for each in text]
    for at, (each, kind) in enumerate(zip(text, kinds)):
        if kind == "mark":
            now += each if now else ""
            continue
        before = next((one for one in reversed(kinds[:at]) if one != "mark"), None)
        after = next((one for one in kinds[at + 1 :] if one != "mark"), None)
        if not (now and goes_on(before, kind, kinds[:at], after)):
            found.append(now)
            now = ""
        if kind is not None:
            now += each
        elif now:
            found.append(now)
            now = ""
    found.append(now)
    return [small(each) for each in found if any(word_kind(one) in MEANT for one in each)]


MEANT = ("letter", "digit", "katakana", "sign")


def word_kind(character):
    """The property that bounds of words go by."""
    category = unicodedata.category(character)
    if character in "'.\u2018\u2019\u2024\ufe52\uff07\uff0e":
        return "mid"
    if character in ":\u00b7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a":
        return "mid letter"
    if character in ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b":
        return "mid digit"
    if category in ("Mn", "Me", "Mc", "Cf"):
        return "mark"
    if category == "Pc":
        return "joiner"
    if category == "Nd":
        return "digit"
    if category == "So" and ord(character) >= 0x1F300:
        return "sign"
    if category == "So":
        raise ElasticError(f"how {character!r} is cut into words is not evaluated")
    if category[0] != "L" and category != "Nl":
        return None
    name = unicodedata.name(character, "")
    if name.startswith(("CJK", "HIRAGANA")):
        return "sign"
    if "KATAKANA" in name:
        return "katakana"
    if name.startswith(("THAI", "LAO", "KHMER", "MYANMAR")):
        raise ElasticError(f"how {character!r} is cut into words is not evaluated")
    return "letter"


def goes_on(before, kind, all_before, after):
    """Whether there is no bound between a character and what stands before it."""
    if before == "sign" or kind == "sign":
        return False
    if kind in ("letter", "digit") and before in ("letter", "digit", "joiner"):
        return True
    if kind == "katakana":
        return before in ("katakana", "joiner")
    if kind == "joiner":
        return before in ("letter", "digit", "katakana", "joiner")
    if kind in ("mid", "mid letter", "mid digit"):
        return between(before, kind, after)
    if before in ("mid", "mid letter", "mid digit"):
        others = [one for one in all_before if one != "mark"]
        return len(others) > 1 and between(others[-2], before, kind)
    return False


def between(before, middle, after):
    letters, digits = middle in ("mid", "mid letter"), middle in ("mid", "mid digit")
    return before == after and (letters and before == "letter" or digits and before == "digit")


def powershell_words(text):
    """The analyzer of Elastic's integration for PowerShell."""
    return [small(each) for each in re.split(r"[^0-9A-Za-z_-]+", text) if each]


def small(word):
    """In small letters, one for one."""
    return "".join(each.lower()[0] for each in word)


ANALYZERS = {"standard": standard_words, "powershell": powershell_words}


def holds_phrase(found, wanted):
    """Whether the words stand in a text one after the other."""
    many = len(wanted)
    return any(found[at : at + many] == wanted for at in range(len(found) - many + 1))
