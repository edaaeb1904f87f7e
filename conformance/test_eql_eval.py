"""Facts of Elastic's documentation, one test each, with the page that states it.

Pages: SYN is "EQL syntax reference", FUN "EQL function reference", both of the
Elasticsearch guide; RE is "Regular expression syntax", TYPE "Field data types"
with the pages of the types, SRC the source of Elasticsearch where no page says
it (`xpack/ql`, `xpack/eql`), LUC the documentation of Lucene's `RegExp`.
"""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from elastic import ElasticError  # noqa: E402
from eql_eval import evaluate  # noqa: E402
from lucene_regex import regex_test  # noqa: E402

TYPES = {"n": "long", "i": "ip", "b": "boolean", "t": "text"}


def answer(query, *events):
    return evaluate({"query": query, "types": TYPES, "events": list(events)})


class Case(unittest.TestCase):
    def holds(self, condition, **fields):
        found = answer(f"any where {condition}", fields)
        self.assertIn("found", found, found)
        return found["found"] == [0]

    def each(self, condition, field, *values):
        """Those of the values with which the condition holds."""
        return [value for value in values if self.holds(condition, **{field: value})]

    def error(self, query, *events):
        found = answer(query, *(events or [{}]))
        self.assertIn("error", found, found)
        return found["error"]


class Syntax(Case):
    def test_category(self):
        """SYN: a category is a value of event.category; `any` also takes documents without one."""
        events = [{"event.category": ["file", "process"]}, {"event": {"category": "Process"}}, {}]
        self.assertEqual(answer("process where true", *events)["found"], [0])
        self.assertEqual(answer('"process" where true', *events)["found"], [0])
        self.assertEqual(answer('"""process""" where true', *events)["found"], [0])
        self.assertEqual(answer("any where true", *events)["found"], [0, 1, 2])

    def test_strings(self):
        """SYN: the escapes of strings; raw strings have none."""
        self.assertTrue(self.holds(r'f == "a\\b\"c\n\u{0041}\u{1f600}"', f='a\\b"c\nA\U0001f600'))
        self.assertTrue(self.holds('f == """a\\b"c"""', f='a\\b"c'))
        self.assertIn("no escape", self.error(r'any where f == "\*"'))
        self.assertIn("no EQL", self.error("any where f == 'a'"))
        self.assertIn("no EQL", self.error('any where f == "a\nb"'))

    def test_names(self):
        """SYN: backticks around names with other characters; a backtick is written twice."""
        self.assertTrue(self.holds('a.`b-c` == "x"', a={"b-c": "x"}))
        self.assertTrue(self.holds('`a.b-c` == "x"', a={"b-c": "x"}))
        self.assertTrue(self.holds('`a``b` == "x"', **{"a`b": "x"}))
        self.assertTrue(self.holds('@f == "x"', **{"@f": "x"}))

    def test_precedence(self):
        """SYN: `not` before `and` before `or`; keywords are lower-case."""
        self.assertTrue(self.holds('f == "a" or f == "b" and f == "c"', f="a"))
        self.assertFalse(self.holds('not f == "a" and f == "b"', f="c"))
        self.assertIn("not understood", self.error('any where f == "a" OR f == "b"'))

    def test_no_comparison_with_fields(self):
        """SYN, Limitations: comparing fields is not supported."""
        self.assertIn("not supported", self.error("any where f == g"))

    def test_comments(self):
        """SYN: comments."""
        self.assertTrue(self.holds('f == "a" // or f == "b"\n/* and\nfalse */', f="a"))


class Operators(Case):
    def test_equal(self):
        """SYN: `==` minds case and has no wildcards."""
        self.assertEqual(self.each('f == "A*"', "f", "A*", "a*", "Ab"), ["A*"])
        self.assertEqual(self.each('f != "A"', "f", "A", "a", None), ["a", None])

    def test_match(self):
        """SYN: `:` is for strings, ignores case, and supports wildcards, with lists too."""
        self.assertEqual(self.each('f : "A*b?"', "f", "axxBc", "ab", "abc", "A\nbé"), ["axxBc", "abc", "A\nbé"])
        self.assertEqual(self.each('f : ("x", "y*")', "f", "X", "Yes", "xy"), ["X", "Yes"])

    def test_like(self):
        """SYN: `like` minds case, `like~` does not."""
        self.assertEqual(self.each('f like "A*"', "f", "Ab", "ab"), ["Ab"])
        self.assertEqual(self.each('f like~ ("A*", "B")', "f", "Ab", "ab", "b"), ["Ab", "ab", "b"])

    def test_wildcards_have_no_escape(self):
        """SYN: there is none; SRC StringUtils.toLikePattern: a backslash is itself."""
        self.assertEqual(self.each(r'f : "\\*"', "f", "\\", "\\x", "*"), ["\\", "\\x"])

    def test_in(self):
        """SYN: `in` minds case, `in~` does not; SRC (elasticsearch#68172): without wildcards."""
        self.assertEqual(self.each('f in ("A", "b*")', "f", "A", "a", "bc", "b*"), ["A", "b*"])
        self.assertEqual(self.each('f in~ ("A", "b*")', "f", "A", "a", "bc", "B*"), ["A", "a", "B*"])
        self.assertEqual(self.each('f not in ("A")', "f", "A", "a", None), ["a", None])

    def test_only_letters_of_ascii_are_folded(self):
        """SRC: Lucene's case-insensitive queries fold ASCII (before Lucene 10.5)."""
        self.assertEqual(self.each('f : "ÄK"', "f", "Äk", "äk", "Ä\u212a"), ["Äk"])

    def test_order(self):
        """SYN: order of numbers, and of strings by their characters."""
        self.assertEqual(self.each("n >= 10", "n", "9", "10", "100"), ["10", "100"])
        self.assertEqual(self.each('f < "10"', "f", "9", "1", "100"), ["1"])

    def test_null(self):
        """SYN: `== null` and `!= null` ask whether a field has a value."""
        self.assertEqual(self.each("f == null", "f", "", None, []), [None, []])
        self.assertTrue(self.holds("f == null", g="x"))
        self.assertFalse(self.holds("f != null", f=[None]))

    def test_any_value(self):
        """SYN, Limitations: a field with several values matches if any does; `not` is none."""
        self.assertTrue(self.holds('f : "a" and f : "b"', f=["a", "b"]))
        self.assertFalse(self.holds('f != "a"', f=["a", "b"]))

    def test_absent_under_not(self):
        """SRC: `not` is `must_not`, so what lacks the field is found."""
        self.assertTrue(self.holds('not f : "a"'))
        self.assertTrue(self.holds('not (f : "a" and g : "b")', f="a"))


class OptionalFields(Case):
    def test_missing_in_every_index(self):
        """SYN, Optional fields: a missing optional field is null; SRC: null stays null under `not`."""
        found = answer('any where not ?f : "a"', {"g": "x"}, {"f": "b"})
        self.assertEqual(found, {"found": [1], "mapped": [0, 1]})
        found = answer('any where ?f == null or not ?f : "a"', {"g": "x"}, {"f": "b"}, {"f": "a"})
        self.assertEqual(found, {"found": [0, 1], "mapped": [0, 1]})

    def test_null_in_chains(self):
        """SYN: null and false is false, null or true is true."""
        self.assertTrue(self.holds('not (?f : "a" and g : "b")', g="c"))
        self.assertFalse(self.holds('not (?f : "a" and g : "b")', g="b"))
        self.assertTrue(self.holds('?f : "a" or g : "b"', g="b"))


class Types(Case):
    def test_strings_only(self):
        """SYN: `:`, `like`, `regex` and `in~` take strings alone."""
        for test in ('n : "1"', 'i : "10.*"', 'n in~ ("1")', 'b like "t*"', 'i regex "1.*"', "f : 1"):
            self.assertIn("strings", self.error(f"any where {test}"))

    def test_values_of_another_type(self):
        for test in ('n == "1"', "f == 1", 'b == "true"', "i == 1", "f == true", 't == "a"', 't : "a"'):
            self.assertTrue(self.error(f"any where {test}"))

    def test_numbers(self):
        """TYPE, numeric: `coerce` takes numbers in strings and cuts off fractions."""
        self.assertEqual(self.each("n == 4", "n", "4", 4, "04", 4.7, 5), ["4", 4, "04", 4.7])
        self.assertTrue(self.holds("n in (1, -2)", n=["0", "-2"]))
        self.assertIn("number", self.error("any where n == 4", {"n": "x"}))

    def test_booleans(self):
        """TYPE, boolean: `"true"` and `"false"` are taken, and `""` is false."""
        self.assertEqual(self.each("b == true", "b", True, "true", False, ""), [True, "true"])
        self.assertTrue(self.holds("b == false", b=""))
        self.assertTrue(self.holds("b", b="true"))
        self.assertIn("boolean", self.error("any where b == true", {"b": "True"}))

    def test_addresses(self):
        """TYPE, ip: one address has many spellings; a term may be a network."""
        self.assertEqual(self.each('i == "::1"', "i", "0:0::1", "::2"), ["0:0::1"])
        self.assertEqual(self.each('i == "10.0.0.0/8"', "i", "10.9.8.7", "11.0.0.0"), ["10.9.8.7"])
        self.assertTrue(self.holds('i == "10.0.0.1"', i="::ffff:10.0.0.1"))

    def test_documents(self):
        """TYPE, object: names with dots and objects are the same; lists of objects are flat."""
        for event in ({"a.b": "x"}, {"a": {"b": "x"}}, {"a": [{"b": "y"}, {"b": ["x"]}]}):
            self.assertEqual(answer('any where a.b == "x"', event)["found"], [0])
        self.assertEqual(answer('any where a == "x"', {"a": {"b": "x"}})["found"], [])


class Functions(Case):
    def test_networks(self):
        """FUN, cidrMatch: any of several networks, of version 4 and 6; a missing field is null."""
        test = 'cidrMatch(i, "10.0.0.0/8", "fe80::/10")'
        self.assertEqual(self.each(test, "i", "10.1.2.3", "11.0.0.1", "febf::1", None), ["10.1.2.3", "febf::1"])
        self.assertTrue(self.holds(f"not {test}"))
        self.assertIn("addresses", self.error('any where cidrMatch(f, "10.0.0.0/8")'))

    def test_prefix(self):
        """FUN, startsWith: minds case unless `~` follows."""
        self.assertEqual(self.each('startsWith(f, "A*")', "f", "A*b", "a*b", "Ab"), ["A*b"])
        self.assertEqual(self.each('startsWith~(f, "A")', "f", "Ab", "ab", "ba"), ["Ab", "ab"])

    def test_unescaped_wildcards(self):
        """SRC QueryTranslator: a constant of endsWith and stringContains becomes an unescaped wildcard."""
        self.assertEqual(self.each('endsWith(f, "a?c")', "f", "xa?c", "xabc", "xac"), ["xa?c", "xabc"])
        self.assertEqual(self.each(r'stringContains~(f, "a\\b")', "f", "a\\b", "xABx"), ["xABx"])

    def test_another_field(self):
        """FUN: another field as the second argument; SRC: in a script, where null finds nothing."""
        self.assertEqual(answer("any where startsWith~(f, g)", {"f": "AB", "g": "a"}, {"f": "a"})["found"], [0])
        self.assertEqual(answer("any where not startsWith(f, g)", {"f": "AB", "g": "a"}, {"f": "a"})["found"], [0])
        # Inside of a chain it is a query of its own.
        chain = 'any where not (startsWith(f, g) and h : "x")'
        self.assertEqual(answer(chain, {"h": "x"}, {"f": "a", "g": "a", "h": "x"})["found"], [0])

    def test_scripts_see_the_first_value(self):
        """SRC: the first value of the index, which keeps them in order."""
        self.assertTrue(self.holds("startsWith(f, g)", f=["b", "a"], g="a"))
        self.assertFalse(self.holds("startsWith(f, g)", f=["a", "b"], g="b"))

    def test_an_empty_text_is_in_none(self):
        """SRC StringUtils.stringContains."""
        self.assertFalse(self.holds("stringContains(f, g)", f="a", g=""))

    def test_unknown(self):
        self.assertIn("not evaluated", self.error("any where length(f) == 1", {"f": "a"}))


class Regex(Case):
    def each_of(self, pattern, *texts, folded=False):
        test = regex_test(pattern, folded)
        return [text for text in texts if test(text)]

    def test_whole_values(self):
        """SYN: `regex` minds case, `regex~` does not; RE: the whole value; lists are any of them."""
        self.assertEqual(self.each('f regex "ab+"', "f", "abb", "xabb", "ABB"), ["abb"])
        self.assertEqual(self.each('f regex~ ("ab+", "c")', "f", "aBB", "C", "d"), ["aBB", "C"])

    def test_operators(self):
        """RE and LUC: what each of them means."""
        self.assertEqual(self.each_of("a.c", "abc", "a\nc", "ac"), ["abc", "a\nc"])
        self.assertEqual(self.each_of("ab?c*", "a", "abccc", "abb"), ["a", "abccc"])
        self.assertEqual(self.each_of("a{2}|b{1,2}|c{2,}", "aa", "a", "bb", "bbb", "cccc"), ["aa", "bb", "cccc"])
        self.assertEqual(self.each_of("(ab)+()", "abab", "aba", ""), ["abab"])
        self.assertEqual(self.each_of("[a-c\\-x][^0-9]", "a-", "-z", "x1", "d "), ["a-", "-z"])
        self.assertEqual(self.each_of(r"\.\*\\", ".*\\", "a"), [".*\\"])
        self.assertEqual(self.each_of('a"b*"c', "ab*c", "abbc"), ["ab*c"])
        self.assertEqual(self.each_of("a~bc", "axxc", "abc", "ac"), ["axxc", "ac"])
        self.assertEqual(self.each_of("a.+&.+e", "axe", "ax", "xe"), ["axe"])
        self.assertEqual(self.each_of("f<1-100>|g<01-10>", "f7", "f101", "g7", "g07"), ["f7", "g07"])
        self.assertEqual(self.each_of("a@b", "aXXb", "ab"), ["aXXb", "ab"])
        self.assertEqual(self.each_of("a#|b", "a", "a#", "b"), ["b"])
        self.assertEqual(self.each_of("", "", "a"), [""])

    def test_no_anchors(self):
        """RE: there are none; they are characters."""
        self.assertEqual(self.each_of("^a$", "a", "^a$"), ["^a$"])

    def test_case(self):
        """RE, LUC: letters are folded, classes are not."""
        self.assertEqual(self.each_of("kü[0-9_]", "KÜ1", "Kü1", "\u212aü1", folded=True), ["Kü1"])
        self.assertEqual(self.each_of("[a-cA-C]", "B", folded=True), ["B"])
        with self.assertRaisesRegex(ElasticError, "depends on the version"):
            regex_test("[a-c]", True)

    def test_what_differs_between_versions_is_refused(self):
        for pattern in (r"\d", r"a\b", "[a-]", r"[\w]", "*a", "a{,2}", "(a", "[a", "a)", "<a>", "a{2000000}"):
            with self.assertRaises(ElasticError, msg=pattern):
                regex_test(pattern, False)

    def test_long_runs(self):
        """No match is tried twice."""
        self.assertEqual(self.each_of("(a*)*b(.*x.*)+", "a" * 200), [])


class Sequences(Case):
    def found(self, query, *events):
        made = [{"@timestamp": time * 1000, "event.category": "process", "k": key, "f": f} for time, key, f in events]
        found = answer(query, *made)
        self.assertIn("found", found, found)
        return found["found"]

    A_B = 'sequence by k with maxspan=5s [process where f == "a"] [process where f == "b"]'

    def test_order_and_keys(self):
        """SYN, Sequences: in order of time, with the same key, within the span."""
        self.assertEqual(self.found(self.A_B, (0, "x", "a"), (5, "x", "b")), [1])
        self.assertEqual(self.found(self.A_B, (0, "x", "a"), (6, "x", "b")), [])
        self.assertEqual(self.found(self.A_B, (0, "x", "a"), (1, "y", "b")), [])
        self.assertEqual(self.found(self.A_B, (1, "x", "b"), (0, "x", "a")), [0])
        longer = self.A_B.replace("5s", "12s")
        self.assertEqual(self.found(longer, (0, "x", "a"), (12, "x", "b")), [1])

    def test_one_pending_sequence(self):
        """SYN, How sequence queries handle matches: one sequence waits in a state, and a later one takes its
        place. What is complete does not wait any longer."""
        self.assertEqual(self.found(self.A_B, (0, "x", "a"), (4, "x", "a"), (7, "x", "b"), (8, "x", "b")), [2])

    def test_keys_of_terms(self):
        """SYN, `by` of each event."""
        query = 'sequence [any where f == "a"] by k [any where g == "b"] by h'
        events = [{"@timestamp": "1", "f": "a", "k": "x"}, {"@timestamp": "2", "g": "b", "h": "x"}]
        self.assertEqual(answer(query, *events)["found"], [1])
        self.assertIn("as many keys", self.error('sequence [any where true] by k [any where true]'))

    def test_missing_keys(self):
        """SYN: an event without a key is in no sequence, unless the key is optional."""
        self.assertEqual(self.found(self.A_B, (0, None, "a"), (1, None, "b")), [])
        self.assertEqual(self.found(self.A_B.replace("by k", "by ?k"), (0, None, "a"), (1, None, "b")), [1])

    def test_runs(self):
        """SYN, `with runs`: the same event several times."""
        query = 'sequence by k [process where f == "a"] with runs=3 [process where f == "b"]'
        self.assertEqual(self.found(query, *[(n, "x", "a") for n in range(3)], (9, "x", "b")), [3])
        self.assertEqual(self.found(query, *[(n, "x", "a") for n in range(2)], (9, "x", "b")), [])

    def test_until(self):
        """SYN, `until`: an event that ends what waits."""
        query = self.A_B + ' until [process where f == "c"]'
        self.assertEqual(self.found(query, (0, "x", "a"), (1, "x", "c"), (2, "x", "b")), [])
        self.assertEqual(self.found(query, (0, "x", "a"), (1, "y", "c"), (2, "x", "b")), [2])

    def test_times(self):
        query = 'sequence with maxspan=1ms [any where f == "a"] [any where f == "b"]'
        for second, found in (("2026-01-01T00:00:00.0015Z", [1]), ("2026-01-01T00:00:00.002Z", [])):
            events = [{"@timestamp": "2026-01-01T00:00:00.0009Z", "f": "a"}, {"@timestamp": second, "f": "b"}]
            self.assertEqual(answer(query, *events)["found"], found)

    def test_missing_events_are_refused(self):
        self.assertIn("missing events", self.error("sequence with maxspan=1s [any where true] ![any where true]"))


if __name__ == "__main__":
    unittest.main()
