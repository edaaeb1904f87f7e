"""Regular expressions of Lucene, on whole values.

Written from the documentation of Lucene's `RegExp` and of Elasticsearch's
"Regular expression syntax", with all operators: `.` any character, `? * + {n}
{n,} {n,m}`, `|`, `( )`, `[ ]`, `"text"`, `~` complement, `&` intersection,
`<1-9>` interval, `#` nothing, `@` anything. What differs between versions of
Lucene is refused: an escaped letter, an escape of a class in brackets, and an
unescaped hyphen at the end of a class. Without regard to case, letters of ASCII
outside of classes are folded; a class whose letters do not stand for both cases
is refused then, since versions differ.
"""

from elastic import ElasticError, fold

LAST = 0x10FFFF
REPEATED = 2000  # more repetitions than this are not tried


class Parser:
    def __init__(self, pattern, folded):
        self.pattern, self.folded, self.at = pattern, folded, 0

    def fail(self, why):
        raise ElasticError(f"{why}, in the regular expression {self.pattern!r} at {self.at}")

    def peek(self, characters):
        return self.at < len(self.pattern) and self.pattern[self.at] in characters

    def take(self, character):
        if self.peek(character):
            self.at += 1
            return True
        return False

    def next(self):
        if self.at >= len(self.pattern):
            self.fail("the end comes too early")
        self.at += 1
        return self.pattern[self.at - 1]

    def whole(self):
        if not self.pattern:
            return empty
        tree = self.union()
        if self.at < len(self.pattern):
            self.fail("the rest is not understood")
        return tree

    def union(self):
        operands = [self.intersection()]
        while self.take("|"):
            operands.append(self.intersection())
        return operands[0] if len(operands) == 1 else union(operands)

    def intersection(self):
        operands = [self.concatenation()]
        while self.take("&"):
            operands.append(self.concatenation())
        return operands[0] if len(operands) == 1 else intersection(operands)

    def concatenation(self):
        operands = [self.repetition()]
        while self.at < len(self.pattern) and not self.peek(")|&"):
            operands.append(self.repetition())
        return operands[0] if len(operands) == 1 else concatenation(operands)

    def repetition(self):
        operand = self.complement()
        while self.peek("?*+{"):
            mark = self.next()
            operand = repeat(operand, *self.count(mark))
        return operand

    def count(self, mark):
        if mark != "{":
            return {"?": (0, 1), "*": (0, None), "+": (1, None)}[mark]
        least = most = self.integer()
        if self.take(","):
            most = self.integer() if self.peek("0123456789") else None
        if not self.take("}"):
            self.fail("a `}` is missing")
        if max(least, most or 0) > REPEATED or (most is not None and most < least):
            self.fail("these repetitions are not tried")
        return least, most

    def integer(self):
        start = self.at
        while self.peek("0123456789"):
            self.at += 1
        if start == self.at:
            self.fail("a number is missing")
        return int(self.pattern[start : self.at])

    def complement(self):
        if self.take("~"):
            return complement(self.complement())
        return self.simple()

    def simple(self):
        if self.take("["):
            return self.klass()
        if self.take("."):
            return character(lambda found: True)
        if self.take("#"):
            return lambda text, starts: set()
        if self.take("@"):
            return repeat(character(lambda found: True), 0, None)
        if self.take('"'):
            end = self.pattern.find('"', self.at)
            if end < 0:
                self.fail('a `"` is missing')
            literal, self.at = self.pattern[self.at : end], end + 1
            return concatenation([self.one(each) for each in literal]) if literal else empty
        if self.take("("):
            if self.take(")"):
                return empty
            inner = self.union()
            if not self.take(")"):
                self.fail("a `)` is missing")
            return inner
        if self.take("<"):
            return self.interval()
        if self.peek("?*+{}])>"):
            self.fail("a reserved character stands alone")
        return self.one(self.literal())

    def literal(self):
        """A character, perhaps escaped."""
        found = self.next()
        if found != "\\":
            return found
        found = self.next()
        if found.isalnum() and found.isascii():
            self.fail(f"what `\\{found}` means depends on the version")
        return found

    def one(self, wanted):
        if self.folded:
            wanted = fold(wanted)
            return character(lambda found: fold(found) == wanted)
        return character(lambda found: found == wanted)

    def klass(self):
        negated = self.take("^")
        ranges = [self.range()]
        while self.at < len(self.pattern) and not self.peek("]"):
            ranges.append(self.range())
        if not self.take("]"):
            self.fail("a `]` is missing")
        holds = lambda found: any(first <= found <= last for first, last in ranges)  # noqa: E731
        letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
        if self.folded and any(holds(each) != holds(each.upper()) for each in letters):
            self.fail("what case means in this class depends on the version")
        return character(lambda found: holds(found) != negated)

    def range(self):
        first = self.literal()
        if not self.take("-"):
            return first, first
        if self.peek("]"):
            self.fail("what a hyphen at the end of a class means depends on the version")
        last = self.literal()
        if last < first:
            self.fail("a range has no characters")
        return first, last

    def interval(self):
        end = self.pattern.find(">", self.at)
        first, hyphen, last = self.pattern[self.at : end].partition("-") if end > 0 else ("", "", "")
        if not (hyphen and first.isdigit() and last.isdigit()):
            self.fail("this interval is not understood")
        self.at = end + 1
        low, high = sorted((int(first), int(last)))
        digits = len(first) if len(first) == len(last) else None

        def ends(text, starts):
            found = set()
            for start in starts:
                at = start
                while at < len(text) and text[at] in "0123456789":
                    at += 1
                    fits = low <= int(text[start:at]) <= high
                    if fits and (digits is None or at - start == digits):
                        found.add(at)
            return found

        return ends


# A tree is a function of a text and the places where it may start; it gives those where it may end.


def empty(text, starts):
    return starts


def character(holds):
    def ends(text, starts):
        size = len(text)
        return {at + 1 for at in starts if at < size and holds(text[at])}

    return ends


def concatenation(operands):
    def ends(text, starts):
        for operand in operands:
            if not starts:
                return starts
            starts = operand(text, starts)
        return starts

    return ends


def union(operands):
    return lambda text, starts: set().union(*[operand(text, starts) for operand in operands])


def each_start(join):
    """For operands that have to end at one place after one start."""

    def ends(text, starts):
        found = set()
        for start in starts:
            found |= join(text, start)
        return found

    return ends


def intersection(operands):
    return each_start(lambda text, start: set.intersection(*[set(one(text, {start})) for one in operands]))


def complement(operand):
    return each_start(lambda text, start: set(range(start, len(text) + 1)) - operand(text, {start}))


def repeat(operand, least, most):
    def ends(text, starts):
        for _ in range(least):
            starts = operand(text, starts)
            if not starts:
                return starts
        found, now, count = set(starts), set(starts), least
        while now and (most is None or count < most):
            now = operand(text, now) - found
            found |= now
            count += 1
        return found

    return ends


def regex_test(pattern, folded):
    """A test of whole values."""
    tree = Parser(pattern, folded).whole()
    return lambda text: len(text) in tree(text, {0})
