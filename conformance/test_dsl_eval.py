"""Facts of Elastic's documentation, one test each, with the page that states it.

Pages of the Elasticsearch guide: QUERY is "Query DSL" with the pages of the
queries, TYPE "Field data types" with those of the types, MAP "Mapping",
ANALYSIS "Standard analyzer".
"""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from dsl_eval import evaluate  # noqa: E402
from elastic import standard_words  # noqa: E402

TYPES = {"k": "keyword", "n": "long", "i": "ip", "b": "boolean", "t": "text", "w": "wildcard"}


class Case(unittest.TestCase):
    def answer(self, dsl, *events):
        return evaluate({"dsl": dsl, "types": TYPES, "events": list(events)})

    def each(self, dsl, field, *values):
        """Those of the values that are found."""
        found = self.answer(dsl, *[{field: value} for value in values])
        self.assertIn("found", found, found)
        return [values[index] for index in found["found"]]

    def error(self, dsl, *events):
        found = self.answer(dsl, *(events or [{}]))
        self.assertIn("error", found, found)
        return found["error"]


class Bool(Case):
    A, B = {"term": {"f": {"value": "a"}}}, {"term": {"f": "b"}}

    def found(self, **clauses):
        return self.each({"bool": clauses}, "f", "a", "b", ["a", "b"], None)

    def test_clauses(self):
        """QUERY, bool: `must` and `filter` have to hold, `must_not` must not."""
        self.assertEqual(self.found(must=[self.A]), ["a", ["a", "b"]])
        self.assertEqual(self.found(filter=[self.A, self.B]), [["a", "b"]])
        self.assertEqual(self.found(must_not=self.A), ["b", None])

    def test_should(self):
        """QUERY, bool: one of `should` has to hold where there is no `must` and no `filter`."""
        self.assertEqual(self.found(should=[self.A, self.B]), ["a", "b", ["a", "b"]])
        self.assertEqual(self.found(should=[self.B], filter=[self.A]), ["a", ["a", "b"]])
        self.assertEqual(self.found(should=[self.B], filter=[self.A], minimum_should_match=1), [["a", "b"]])
        self.assertEqual(self.found(should=[self.A, self.B], minimum_should_match=2), [["a", "b"]])

    def test_unknown(self):
        self.assertIn("not understood", self.error({"bool": {"boost": 1}}))
        self.assertIn("not understood", self.error({"fuzzy": {"f": "a"}}))


class Exact(Case):
    def test_term(self):
        """QUERY, term: the exact value, with case; any value of a list."""
        self.assertEqual(self.each({"term": {"f": {"value": "A*"}}}, "f", "A*", "a*", "Ab", ["x", "A*"]), ["A*", ["x", "A*"]])

    def test_match(self):
        """QUERY, match: on a field that is not analysed it is a term, also as a phrase."""
        for name in ("match", "match_phrase"):
            self.assertEqual(self.each({name: {"w": "A b"}}, "w", "A b", "a b", "A"), ["A b"])
            self.assertEqual(self.each({name: {"n": "4"}}, "n", 4, "04", 5), [4, "04"])
            self.assertEqual(self.each({name: {"b": True}}, "b", True, "true", False), [True, "true"])
            self.assertEqual(self.each({name: {"i": "10.0.0.0/8"}}, "i", "10.1.1.1", "11.0.0.1"), ["10.1.1.1"])
            self.assertEqual(self.each({name: {"i": "::1"}}, "i", "0:0::1"), ["0:0::1"])

    def test_values_of_another_type(self):
        """QUERY, match: an error unless it is `lenient`."""
        for field in "nib":
            self.assertTrue(self.error({"match": {field: "x"}}))

    def test_exists(self):
        """QUERY, exists: null and an empty list are no values, an empty text is one."""
        self.assertEqual(self.each({"exists": {"field": "f"}}, "f", "", None, [], [None], [None, "a"]), ["", [None, "a"]])

    def test_range(self):
        """QUERY, range: of numbers, and of texts by their characters."""
        self.assertEqual(self.each({"range": {"n": {"gte": "10", "lt": 100}}}, "n", 9, 10, 99, 100), [10, 99])
        self.assertEqual(self.each({"range": {"f": {"lte": "10"}}}, "f", "1", "10", "9"), ["1", "10"])
        self.assertTrue(self.error({"range": {"b": {"lt": 1}}}))


class Wildcards(Case):
    def test_wildcard(self):
        """QUERY, wildcard: `*`, `?` and a backslash before a character that is meant as it is; with case."""
        test = {"wildcard": {"f": {"value": r"a\*b?\\*"}}}
        self.assertEqual(self.each(test, "f", "a*bc\\", "a*bc\\x", "axbc\\", "A*bc\\"), ["a*bc\\", "a*bc\\x"])

    def test_whole_values(self):
        test = {"wildcard": {"f": {"value": "a*b*c"}}}
        self.assertEqual(self.each(test, "f", "abc", "a\nbbcc", "abcd", "ac"), ["abc", "a\nbbcc"])
        self.assertEqual(self.each({"wildcard": {"f": "a*a"}}, "f", "a", "aa"), ["aa"])

    def test_query_string(self):
        """QUERY, query_string: with escapes on one field; white space separates terms, any of which is enough."""
        test = {"query_string": {"fields": ["w"], "query": r"*a\\b\:* c*"}}
        self.assertEqual(self.each(test, "w", "xa\\b:x", "cd", "xc", "a\\b"), ["xa\\b:x", "cd"])

    def test_query_string_operators(self):
        for text in ("a OR b", "+a", "a:b", '"a b"', "/a/", "a~", "(a)"):
            self.assertIn("not evaluated", self.error({"query_string": {"fields": ["w"], "query": text}}), text)


class Text(Case):
    def test_match(self):
        """QUERY, match: any of the words; ANALYSIS: small letters, without punctuation."""
        test = {"match": {"t": "Foo-BAR"}}
        self.assertEqual(self.each(test, "t", "a foo", "Bar.", "foobar"), ["a foo", "Bar."])

    def test_phrase(self):
        """QUERY, match_phrase: the words in this order, one after the other."""
        test = {"match_phrase": {"t": "Foo bar"}}
        self.assertEqual(self.each(test, "t", "a foo, BAR", "bar foo", "foo x bar"), ["a foo, BAR"])
        self.assertEqual(self.each({"match_phrase": {"t": "..."}}, "t", "..."), [])

    def test_wildcards(self):
        """QUERY, query_string: a pattern is compared with single words, in small letters."""
        test = {"query_string": {"fields": ["t"], "query": "*Oo*"}}
        self.assertEqual(self.each(test, "t", "x FOOD", "o o"), ["x FOOD"])

    def test_any_field(self):
        """QUERY, multi_match: all fields; `lenient` lets values of other types pass."""
        test = {"multi_match": {"type": "phrase", "query": "foo bar", "lenient": True}}
        found = self.answer(test, {"t": "a Foo bar"}, {"k": "foo bar"}, {"k": "a foo bar"}, {"n": 4, "b": True})
        self.assertEqual(found, {"found": [0, 1]})
        found = self.answer({"query_string": {"query": "*oo*"}}, {"n": 4, "k": "foo"}, {"k": "FOO"}, {"t": "FOO"})
        self.assertEqual(found, {"found": [0, 2]})

    def test_strings_that_nobody_has_described(self):
        """MAP, Dynamic field mapping: a text, and a keyword beside it."""
        test = {"multi_match": {"type": "phrase", "query": "Foo", "lenient": True}}
        self.assertEqual(self.each(test, "x.y", "a foo", "Foo", "foobar"), ["a foo", "Foo"])
        self.assertEqual(self.each({"query_string": {"query": r"Foo\ b*"}}, "x.y", "Foo bar", "foo bar"), ["Foo bar"])

    def test_standard_analyzer(self):
        """ANALYSIS: words end as Unicode Standard Annex 29 says."""
        for text, words in (
            ("The 2 QUICK Brown-Foxes's bone.", ["the", "2", "quick", "brown", "foxes's", "bone"]),
            ("C:\\Windows\\cmd.exe /c", ["c", "windows", "cmd.exe", "c"]),
            ("x😀y \u212a", ["x", "😀", "y", "k"]),
            ("a.b:c 1,5 1.5 a,b 1:2 .a a. a..b", ["a.b:c", "1,5", "1.5", "a", "b", "1", "2", "a", "a", "a", "b"]),
            ("foo_bar _ __x1 a1.2b", ["foo_bar", "__x1", "a1.2b"]),
            ("東京foo カタカナ e\u0301a", ["東", "京", "foo", "カタカナ", "e\u0301a"]),
            ("a'b' 'c a.1", ["a'b", "c", "a", "1"]),
        ):
            self.assertEqual(standard_words(text), words)

    def test_analyzer_of_powershell(self):
        """Elastic's integration `windows`, powershell_operational/manifest.yml."""
        job = {"dsl": {"match_phrase": {"t": "Net WebClient"}}, "types": TYPES, "analyzers": {"t": "powershell"}}
        found = evaluate({**job, "events": [{"t": "(System.net.webclient)"}, {"t": "net-webclient"}]})
        self.assertEqual(found, {"found": [0]})


class Jobs(Case):
    def test_refused(self):
        self.assertIn("Kibana refuses", evaluate({"refused": "no", "events": []})["error"])

    def test_documents_that_the_index_refuses(self):
        self.assertIn("is none", self.error({"match": {"n": "4"}}, {"n": "x"}))


if __name__ == "__main__":
    unittest.main()
