"""Facts of Splunk's documentation, one test each, with the page that states it.

Pages: SM is the Search Manual, SR the Search Reference, AM the Admin Manual, KM
the Knowledge Manager Manual, as on docs.splunk.com and help.splunk.com (9.0 to
10.0). Tests of class `Assumed` are readings of what no page states.
"""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import spl_eval  # noqa: E402
from spl_eval import evaluate, expand, pcre  # noqa: E402


class Case(unittest.TestCase):
    def answer(self, query, events, macros=None):
        return evaluate({"query": query, "macros": macros or {}, "events": events})

    def found(self, query, *events, macros=None):
        answer = self.answer(query, list(events), macros)
        self.assertIn("found", answer, answer)
        return answer["found"]

    def rows(self, query, *events):
        answer = self.answer(query, list(events))
        self.assertIn("rows", answer, answer)
        return answer["rows"]

    def error(self, query, *events, macros=None):
        answer = self.answer(query, list(events) or [{"a": "1", "_raw": "x"}], macros)
        self.assertIn("error", answer, answer)
        return answer["error"]

    def value(self, expression, **fields):
        """What eval makes of an expression, as `stats values` shows it."""
        answer = self.answer(f"* | eval result={expression} | stats list(result) as result", [fields])
        self.assertIn("rows", answer, answer)
        return answer["rows"][0].get("result")

    def holds(self, condition, **fields):
        return self.found(f"* | where {condition}", fields) == [0]

    def assumes(self, note, query, *events):
        answer = self.answer(query, list(events))
        self.assertIn(note, answer.get("assumed", []), answer)
        return answer


def raws(*texts):
    return [{"_raw": each} for each in texts]


class BooleanExpressions(Case):
    """SM, Boolean expressions with logical operators."""

    def test_search_evaluates_or_before_and(self):
        events = [{"A": "1", "C": "3"}, {"C": "3"}, {"A": "1", "B": "2"}, {"A": "1"}]
        self.assertEqual(self.found("A=1 B=2 OR C=3", *events), [0, 2])
        self.assertEqual(self.found("A=1 AND B=2 OR C=3", *events), [0, 2])

    def test_parentheses_come_first(self):
        self.assertEqual(self.found("(A=1 AND B=2) OR C=3", {"C": "3"}, {"A": "1"}), [0])

    def test_not_comes_before_or(self):
        events = raws("error 403", "error", "error 403 404", "404")
        self.assertEqual(self.found("error NOT 403 OR 404", *events), [1, 2])

    def test_not_applies_to_the_next_term_only(self):
        self.assertEqual(self.found("NOT A=1 B=2", {"A": "2", "B": "2"}, {"A": "2"}), [0])
        self.assertEqual(self.found("NOT (A=1 B=2)", {"A": "1", "B": "2"}, {"A": "2"}), [1])

    def test_and_is_implied(self):
        self.assertEqual(self.found("web error", *raws("web error", "web")), [0])

    def test_operators_are_capitals(self):
        self.assertEqual(self.found("one or two", *raws("one", "one or two")), [1])

    def test_search_has_no_xor(self):
        self.error("a XOR b", {"_raw": "a"})

    def test_where_evaluates_and_before_or(self):
        self.assertTrue(self.holds("a=1 OR b=1 AND c=1", a="1"))
        self.assertFalse(self.holds("(a=1 OR b=1) AND c=1", a="1", c="0"))

    def test_where_evaluates_xor_last(self):
        self.assertFalse(self.holds("a=1 XOR b=1 OR c=1", a="1", b="1", c="1"))
        self.assertTrue(self.holds("a=1 XOR b=1 OR c=1", a="1", b="0", c="0"))


class FieldComparisons(Case):
    """SR, search."""

    def test_equality_compares_texts(self):
        self.assertEqual(self.found("n=1", {"n": "1"}, {"n": "1.0"}, {"n": "01"}), [0])

    def test_order_of_two_numbers_is_numeric(self):
        self.assertEqual(self.found("n>9", {"n": "10"}, {"n": "9"}, {"n": "8"}), [0])
        self.assertEqual(self.found("n<=10.5", {"n": "10.5"}, {"n": "11"}), [0])

    def test_order_of_other_values_is_of_bytes(self):
        self.assertEqual(self.found('n>="b"', {"n": "c"}, {"n": "B"}, {"n": "10"}), [0])

    def test_in_is_a_list_of_equalities_with_wildcards(self):
        events = [{"e": "400"}, {"e": "500"}, {"e": "501"}, {}]
        self.assertEqual(self.found("e IN (40*, 500)", *events), [0, 1])
        self.assertEqual(self.found("NOT e IN (40*, 500)", *events), [2, 3])

    def test_a_subnet_is_matched(self):
        ips = [{"ip": "10.10.10.12"}, {"ip": "50.10.10.17"}, {"ip": "10.10.10.23"}]
        self.assertEqual(self.found('ip="10.10.10.0/24"', *ips), [0, 2])
        self.assertEqual(self.found('ip="2001:db8::/32"', {"ip": "2001:DB8::1"}, {"ip": "::1"}), [0])

    def test_the_list_of_in_takes_subnets(self):
        """SR, Comparison and Conditional functions, in: ranges need the IN operator."""
        self.assertEqual(self.found('ip IN ("10.0.0.0/8", "::1")', {"ip": "10.1.2.3"}, {"ip": "11.0.0.1"}), [0])

    def test_keywords_as_values_need_quotes(self):
        self.error("country=IN", {"country": "IN"})
        self.assertEqual(self.found('country="IN"', {"country": "IN"}), [0])

    def test_backslash_sequences(self):
        self.assertEqual(self.found(r'p="C:\\Temp\\"', {"p": "C:\\Temp\\"}), [0])
        self.assertEqual(self.found(r'p="a\"b"', {"p": 'a"b'}), [0])
        self.assertEqual(self.found(r'p="a\|b"', {"p": "a|b"}), [0])

    def test_unknown_backslash_sequences_stay(self):
        self.assertEqual(self.found(r'p="\s"', {"p": "\\s"}, {"p": "s"}), [0])
        self.assertEqual(self.found(r'p="\\s"', {"p": "\\s"}), [0])

    def test_a_search_compares_with_values_not_fields(self):
        self.assertEqual(self.found("a=b", {"a": "x", "b": "x"}, {"a": "b"}), [1])

    def test_after_stats_a_term_has_no_raw(self):
        self.error("* | stats count by a | search x", {"a": "1", "_raw": "x"})

    def test_pipe_inside_quotes_is_text(self):
        self.assertEqual(self.found('* | search "error | stats count"', *raws("error | stats count", "error")), [0])

    def test_time_modifiers_are_refused(self):
        self.assertIn("at byte 2", self.error("a earliest=-1h"))

    def test_subsearches_are_refused(self):
        self.error("a [search b]")


class CaseAndWildcards(Case):
    """SM, Use CASE() and TERM() to match phrases; SM, Wildcards; SM, Backslashes."""

    def test_values_and_terms_in_any_case(self):
        self.assertEqual(self.found("host=LocalHost", {"host": "LOCALHOST"}), [0])
        self.assertEqual(self.found("Error", *raws("ERROR", "an error.")), [0, 1])

    def test_field_names_in_their_case(self):
        """SM, Use fields to search: field names are case-sensitive."""
        self.assertEqual(self.found("Host=a", {"host": "a"}, {"Host": "A"}), [1])

    def test_case_of_a_value(self):
        self.assertEqual(self.found("host=CASE(LOCALHOST)", {"host": "LOCALHOST"}, {"host": "localhost"}), [0])

    def test_case_of_a_term(self):
        self.assertEqual(self.found("CASE(error)", *raws("error", "Error")), [0])

    def test_case_takes_wildcards(self):
        self.assertEqual(self.found("CASE(%ASA-1*)", *raws("x %ASA-1-134568", "%asa-1-1")), [0])

    def test_term_is_bounded_by_major_breakers(self):
        events = raws("127.0.0.1 - admin", "ip=127.0.0.1 - user=admin", "x,127.0.0.1,y")
        self.assertEqual(self.found("TERM(127.0.0.1)", *events), [0, 2])
        self.assertEqual(self.found("TERM(ip=127.0.0.1)", *events), [1])

    def test_term_takes_no_major_breaker(self):
        self.error("TERM(Maria Dubois)", {"_raw": "Maria Dubois"})

    def test_star_is_any_text(self):
        events = [{"f": "a1b"}, {"f": "ab"}, {"f": "ab\nc"}, {"f": "xab"}]
        self.assertEqual(self.found('f="a*b"', *events), [0, 1])
        self.assertEqual(self.found('f="ab*"', *events), [1, 2])

    def test_question_mark_is_plain(self):
        self.assertEqual(self.found('f="a?b"', {"f": "a?b"}, {"f": "axb"}), [0])

    def test_a_backslash_does_not_escape_a_star(self):
        self.assertEqual(self.found(r'f="a\*b"', {"f": "a*b"}, {"f": "a\\xb"}), [1])
        self.assertEqual(self.found(r'f="*\\Temp\\*"', {"f": "C:\\Temp\\x"}), [0])


class NotExpressions(Case):
    """SM, Difference between != and NOT."""

    EVENTS = [{"L": "Calaveras Farms"}, {"L": "Marin Meadows"}, {}]

    def test_unequal_needs_the_field(self):
        self.assertEqual(self.found('L!="Calaveras Farms"', *self.EVENTS), [1])

    def test_not_takes_events_without_the_field(self):
        self.assertEqual(self.found('NOT L="Calaveras Farms"', *self.EVENTS), [1, 2])

    def test_an_empty_value_is_a_value(self):
        self.assertEqual(self.found('L=""', {"L": ""}, {"L": "x"}, {}), [0])

    def test_unequal_to_a_star_finds_nothing(self):
        """SM, Use fields to retrieve events: field!=* never returns events."""
        self.assertEqual(self.found("L!=*", *self.EVENTS), [])

    def test_star_asks_for_the_field(self):
        self.assertEqual(self.found("L=*", *self.EVENTS), [0, 1])
        self.assertEqual(self.found("NOT L=*", *self.EVENTS), [2])


class Segmentation(Case):
    """AM, segmenters.conf; Getting Data In, About event segmentation."""

    def test_a_term_is_a_token(self):
        self.assertEqual(self.found("foo", *raws("foo", "a foo b", "foobar", "xfoo")), [0, 1])

    def test_minor_breakers_end_a_token(self):
        events = raws("/foo/", "a.foo:b", "x=foo", "-foo_", "c:\\foo\\d", "#foo@", "$foo%")
        self.assertEqual(self.found("foo", *events), list(range(7)))

    def test_major_breakers_end_a_token(self):
        events = raws("[foo]", "<foo>", "(foo)", "{foo}", "|foo!", ";foo,", "'foo\"", "*foo&", "?foo+", "\tfoo\n")
        self.assertEqual(self.found("foo", *events), list(range(10)))

    def test_encoded_breakers_end_a_token(self):
        self.assertEqual(self.found("foo", *raws("%20foo%20", "%2Ffoo")), [0])

    def test_a_term_with_minor_breakers_is_a_phrase(self):
        """SM, Use CASE() and TERM(): the subterms, then a filter of the results."""
        self.assertEqual(self.found("127.0.0.1", *raws("ip=127.0.0.1", "127 0 0 1", "127.0.0.12")), [0])

    def test_a_phrase_in_quotes(self):
        self.assertEqual(self.found('"database error"', *raws("a database error.", "error database", "database errors")), [0])

    def test_a_wildcard_at_the_end(self):
        self.assertEqual(self.found("fail*", *raws("failed", "a fail", "xfail")), [0, 1])

    def test_a_phrase_that_begins_with_a_breaker(self):
        self.assertEqual(self.found(r'"\\foo"', *raws("c:\\foo", "c:/foo")), [0])


class MacrosAndComments(Case):
    """KM, Use search macros in searches; SM, Add comments to searches."""

    def test_a_macro_is_text(self):
        events = [{"s": "a"}, {"s": "b", "c": "1"}, {"c": "1"}]
        self.assertEqual(self.found("`m` c=1", *events, macros={"m": "s=a OR s=b"}), [1])

    def test_arguments(self):
        macros = {"f(1)": "x=$v$", "g": {"args": ["k", "v"], "definition": "$k$=$v$"}}
        self.assertEqual(self.found("`f(2)` `g(y, 3)`", {"x": "2", "y": "3"}, {"x": "2"}, macros=macros), [0])

    def test_macros_in_macros(self):
        self.assertEqual(self.found("`a`", {"x": "1"}, macros={"a": "`b`", "b": "x=1"}), [0])

    def test_no_macro_inside_quotes(self):
        self.assertEqual(self.found('x="`m`"', {"x": "`m`"}, macros={"m": "y"}), [0])

    def test_an_unknown_macro_is_an_error(self):
        self.assertIn("not defined", self.error("a=1 `nothing`"))

    def test_a_comment_is_left_out(self):
        self.assertEqual(self.found("a=1 ```OR b=1 | stats``` c=1", {"a": "1", "c": "1"}, {"a": "1"}), [0])

    def test_a_comment_inside_quotes_is_text(self):
        self.assertEqual(expand('x="```a```"', {}), 'x="```a```"')


class Where(Case):
    """SR, where."""

    def test_texts_are_case_sensitive(self):
        self.assertFalse(self.holds('a="X"', a="x"))

    def test_an_unquoted_text_is_a_field(self):
        self.assertTrue(self.holds("a=b", a="x", b="x"))

    def test_other_field_names_need_single_quotes(self):
        self.assertTrue(self.holds("'server-1'=\"x\"", **{"server-1": "x"}))
        self.assertTrue(self.holds("'5minutes'=\"late\"", **{"5minutes": "late"}))
        self.error('* | where 5minutes="late"')

    def test_only_true_is_kept(self):
        self.assertFalse(self.holds('a!="x"'))
        self.assertFalse(self.holds('a="x"'))

    def test_the_expression_has_to_be_boolean(self):
        self.error('* | where "text"', {"a": "1"})

    def test_only_like_has_wildcards(self):
        self.assertFalse(self.holds('a="x*"', a="xy"))
        self.assertTrue(self.holds('like(a, "x%")', a="xy"))

    def test_arithmetic_of_fields(self):
        self.assertTrue(self.holds("distance/time > 100", distance="1000", time="9"))


class Eval(Case):
    """SR, eval."""

    def test_eval_takes_no_boolean(self):
        self.error('* | eval x=like(a,"1")', {"a": "1"})

    def test_several_expressions_in_turn(self):
        self.assertEqual(self.found("* | eval b=a+1, c=b*2 | search c=4", {"a": "1"}), [0])

    def test_a_period_joins_texts(self):
        self.assertEqual(self.value('a . "-" . b', a="x", b="1"), "x-1")

    def test_plus_joins_texts_and_adds_numbers(self):
        self.assertEqual(self.value('a+"y"', a="x"), "xy")
        self.assertEqual(self.value("a+2", a="3"), 5)

    def test_division_by_zero_is_null(self):
        self.assertIsNone(self.value("a/0", a="3"))

    def test_null_clears_a_field(self):
        """SR, Comparison and Conditional functions, null."""
        self.assertEqual(self.found("* | eval a=null() | search NOT a=*", {"a": "1"}), [0])

    def test_a_dotted_name_without_quotes_is_a_concatenation(self):
        self.assertFalse(self.holds('a.b="x"', **{"a.b": "x"}))
        self.assertTrue(self.holds("'a.b'=\"x\"", **{"a.b": "x"}))


class ConditionalFunctions(Case):
    """SR, Comparison and Conditional functions."""

    def test_case_returns_the_first_true(self):
        expression = 'case(s==200,"OK", s==404,"Not found")'
        self.assertEqual(self.value(expression, s="404"), "Not found")
        self.assertIsNone(self.value(expression, s="408"))
        self.assertEqual(self.value('case(s==200,"OK", true(),"Other")', s="408"), "Other")

    def test_cidrmatch(self):
        self.assertTrue(self.holds('cidrmatch("192.0.2.0/24", ip)', ip="192.0.2.56"))
        self.assertFalse(self.holds('cidrmatch("192.0.2.0/24", ip)', ip="192.0.3.0"))
        self.assertTrue(self.holds('cidrmatch("2001:0db8:ffff:ffff:ffff:ffff:ffff:ff00/120", ip)', ip="2001:0db8:ffff:ffff:ffff:ffff:ffff:ff99"))

    def test_coalesce(self):
        self.assertEqual(self.value("coalesce(a, b)", b="2"), "2")
        self.assertEqual(self.value("coalesce(a, b)", a="1", b="2"), "1")

    def test_if_is_else_unless_true(self):
        self.assertEqual(self.value('if(error == 200, "OK", "Error")', error="200"), "OK")
        self.assertEqual(self.value('if(error == 200, "OK", "Error")', x="1"), "Error")
        self.assertEqual(self.value('if(match(error,"2"), 1, 0)', x="1"), 0)

    def test_in(self):
        self.assertTrue(self.holds('status in("400", "401")', status="401"))
        self.assertTrue(self.holds('in(status, "400", "401")', status="401"))
        self.assertTrue(self.holds('"203.0.113.255" in(ipaddress, clientip)', ipaddress="1", clientip="203.0.113.255"))

    def test_in_has_no_wildcards(self):
        self.assertFalse(self.holds('status in("40*")', status="401"))

    def test_like(self):
        self.assertTrue(self.holds('like(a, "f_o%")', a="fooz"))
        self.assertTrue(self.holds('a LIKE "foo%"', a="foo"))
        self.assertFalse(self.holds('like(a, "foo")', a="foox"))

    def test_match_is_of_any_part(self):
        self.assertTrue(self.holds(r'match(a, "^\d{1,3}\.\d{1,3}$")', a="10.20"))
        self.assertTrue(self.holds('match(a, "yes")', a="oh yes!"))
        self.assertTrue(self.holds(r'match(a, "\"yes\"")', a='"yes"'))

    def test_nullif(self):
        self.assertIsNone(self.value("nullif(a, b)", a="1", b="1"))
        self.assertEqual(self.value("nullif(a, b)", a="1", b="2"), "1")

    def test_searchmatch(self):
        self.assertEqual(self.value('if(searchmatch("x=HI y=*"), "yes", "no")', x="hi", y="bye"), "yes")

    def test_isnull(self):
        """SR, Informational functions."""
        self.assertTrue(self.holds("isnull(a) AND isnotnull(b)", b="1"))


class TextFunctions(Case):
    """SR, Text functions."""

    def test_len_counts_code_points(self):
        self.assertEqual(self.value("len(a)", a="größe"), 5)

    def test_len_does_not_support_several_values(self):
        self.error("* | eval n=len(a)", {"a": {"$mv": ["x", "y"]}})

    def test_lower_supports_several_values(self):
        self.assertEqual(self.value("lower(a)", a={"$mv": ["X", "Y"]}), ["x", "y"])
        self.assertEqual(self.value("upper(a)", a="x"), "X")

    def test_substr_counts_from_one_and_from_the_end(self):
        self.assertEqual(self.value('substr("string", 1, 3) + substr("string", -3)', a="1"), "string")
        self.assertEqual(self.value('substr("abc", 2)', a="1"), "bc")

    def test_replace_takes_groups(self):
        self.assertEqual(self.value(r'replace(date, "^(\d{1,2})/(\d{1,2})/", "\2/\1/")', date="1/14/2023"), "14/1/2023")

    def test_replace_of_every_match(self):
        self.assertEqual(self.value('replace(a,"o","0")', a="foo"), "f00")

    def test_a_backslash_is_escaped_twice(self):
        self.assertEqual(self.value(r'replace(a,"\\\\","/")', a="x\\y"), "x/y")

    def test_trim(self):
        self.assertEqual(self.value('trim("   ZZZZabcZZ ", " Z")', a="1"), "abc")
        self.assertEqual(self.value('ltrim("   ZZZZabcZZ ", " Z")', a="1"), "abcZZ ")
        self.assertEqual(self.value('rtrim("   ZZZZabcZZ ", " Z")', a="1"), "   ZZZZabc")


class ConversionFunctions(Case):
    """SR, Conversion functions."""

    def test_tonumber(self):
        self.assertEqual(self.value("tonumber(a)+1", a="41"), 42)
        self.assertEqual(self.value("tonumber(a, 16)", a="0A4"), 164)

    def test_tonumber_of_another_text_is_null(self):
        self.assertIsNone(self.value("tonumber(a)", a=" 1"))
        self.error('* | eval n=tonumber("x")', {"a": "1"})

    def test_tostring(self):
        self.assertEqual(self.value("tostring(1==1)", a="1"), "True")


class MultivalueFunctions(Case):
    """SR, Multivalue eval functions."""

    NAMES = {"$mv": ["alex", "celestino", "claudia", "david"]}

    def test_mvappend(self):
        self.assertEqual(self.value('mvappend(mvappend("localhost", a), b, "x")', a="1", b="2"), ["localhost", "1", "2", "x"])

    def test_mvcount(self):
        self.assertEqual(self.value("mvcount(n)", n=self.NAMES), 4)
        self.assertEqual(self.value("mvcount(n)", n="x"), 1)
        self.assertIsNone(self.value("mvcount(n)", x="1"))

    def test_mvcount_of_split(self):
        self.assertEqual(self.value('mvcount(split(To,"@"))-1', To="a@b, c@d"), 2)

    def test_mvdedup(self):
        self.assertEqual(self.value("mvdedup(n)", n={"$mv": ["a", "b", "a"]}), ["a", "b"])

    def test_mvfilter(self):
        emails = {"$mv": ["a@b.net", "a@b.com", "a@b.org"]}
        self.assertEqual(self.value(r'mvfilter(match(email, "\.net$") OR match(email, "\.org$"))', email=emails), ["a@b.net", "a@b.org"])

    def test_mvfilter_is_over_one_field(self):
        self.error("* | eval n=mvfilter(a=b)", {"a": "1", "b": "1"})

    def test_mvfind(self):
        self.assertEqual(self.value(r'mvfind(n, "err\d+")', n={"$mv": ["x", "err1", "err2"]}), 1)
        self.assertIsNone(self.value('mvfind(n, "z")', n={"$mv": ["x", "y"]}))

    def test_mvindex(self):
        self.assertEqual(self.value("mvindex(n,2)", n=self.NAMES), "claudia")
        self.assertEqual(self.value("mvindex(n,0,1)", n=self.NAMES), ["alex", "celestino"])
        self.assertEqual(self.value("mvindex(n,-1)", n=self.NAMES), "david")
        self.assertEqual(self.value("mvindex(n,-3,-1)", n=self.NAMES), ["celestino", "claudia", "david"])
        self.assertIsNone(self.value("mvindex(n,9)", n=self.NAMES))

    def test_mvjoin(self):
        self.assertEqual(self.value('mvjoin(n, ";")', n={"$mv": ["a", "b"]}), "a;b")

    def test_mvmap(self):
        self.assertEqual(self.value("mvmap(r, r*10)", r={"$mv": ["1", "2"]}), [10, 20])
        self.assertEqual(self.value("mvmap(r, r*t)", r={"$mv": ["1", "2"]}, t="3"), [3, 6])
        self.assertEqual(self.value("mvmap(mvindex(r,1,2), r*t)", r={"$mv": ["1", "2", "3"]}, t="2"), [4, 6])

    def test_mvsort_is_lexicographic(self):
        self.assertEqual(self.value("mvsort(n)", n={"$mv": ["10", "9", "70", "100"]}), ["10", "100", "70", "9"])


class TimeFunctions(Case):
    """SR, Date and Time functions; SR, Date and time format variables."""

    def test_strftime(self):
        self.assertEqual(self.value('strftime(_time,"%Y-%m-%dT%H:%M:%S")', _time=1514834731), "2018-01-01T19:25:31")
        self.assertEqual(self.value('strftime(_time,"%V %w %u %j %3N")', _time=1514834731.25), "01 1 1 001 250")

    def test_strptime(self):
        self.assertEqual(self.value('strptime(a,"%Y-%m-%d %H:%M:%S")', a="2018-01-01 19:25:31"), 1514834731)
        self.assertEqual(self.value('strptime(a,"%Y-%m-%dT%H:%M:%S%z")', a="2018-01-01T20:25:31+01:00"), 1514834731)
        self.assertIsNone(self.value('strptime(a,"%Y-%m-%d")', a="yesterday"))


class RegularExpressions(Case):
    """SM, SPL and regular expressions (PCRE)."""

    def finds(self, pattern, value):
        return pcre(pattern).search(value) is not None

    def test_double_backslash_of_a_string_is_one_of_the_pattern(self):
        self.assertTrue(self.holds(r'match(a, "c:\\\\temp")', a="c:\\temp"))
        self.assertFalse(self.holds(r'match(a, "c:\\temp")', a="c:\\temp"))

    def test_ends_of_the_text(self):
        self.assertFalse(self.finds(r"a\z", "a\n"))
        self.assertTrue(self.finds(r"a\Z", "a\n"))
        self.assertTrue(self.finds("a$", "a\n"))

    def test_flags_in_front(self):
        self.assertTrue(self.finds(r"(?is)^A.b\z", "a\nB"))
        self.assertTrue(self.finds(r"(?i)(?s)A.b", "a\nb"))

    def test_classes_are_of_ascii(self):
        self.assertFalse(self.finds(r"^\w$", "é"))
        self.assertFalse(self.finds(r"^\d$", "٣"))
        self.assertTrue(self.finds("^[[:alpha:]_]+$", "a_b"))

    def test_codes_and_quotations(self):
        self.assertTrue(self.finds(r"^\x5c\x{41}\Qa.b\E$", "\\Aa.b"))

    def test_a_brace_that_is_no_quantifier(self):
        self.assertTrue(self.finds(r"^{a}{,3}$", "{a}{,3}"))

    def test_references(self):
        self.assertTrue(self.finds(r"(?<n>a|b)-\k<n>", "b-b"))
        self.assertTrue(self.finds(r"(a|b)\1", "bb"))

    def test_refused(self):
        for pattern in ["a++", "(?>a)", "a(?i)b", r"a\Kb", "(?R)", "(*FAIL)", r"\p{L}", "(?|a|b)", "a{2}+", "("]:
            with self.assertRaises(spl_eval.SplError, msg=pattern):
                pcre(pattern)


class Commands(Case):
    def test_fields_keeps_raw(self):
        """SR, fields: _raw and _time stay unless they are taken out."""
        self.assertEqual(self.found("* | fields a | search x", {"a": "1", "_raw": "x"}), [0])
        self.assertEqual(self.found("* | fields a | search b=*", {"a": "1", "b": "1"}), [])
        self.assertEqual(self.found("* | fields - a* | search NOT ab=* c=1", {"ab": "1", "c": "1"}), [0])

    def test_table_drops_the_rest(self):
        """SR, table."""
        self.error("* | table a | search x", {"a": "1", "_raw": "x"})

    def test_rename(self):
        """SR, rename."""
        self.assertEqual(self.found('* | rename a AS "b c", x* AS y* | search "b c"=1 y1=2', {"a": "1", "x1": "2"}), [0])

    def test_fillnull(self):
        """SR, fillnull: 0 unless said otherwise, all fields unless named."""
        self.assertEqual(self.found("* | fillnull | search b=0", {"a": "1"}, {"b": "2"}), [0])
        self.assertEqual(self.found('* | fillnull value="none" c | search c=none', {"a": "1"}), [0])

    def test_mvexpand(self):
        """SR, mvexpand: a row for each value."""
        rows = self.rows("* | mvexpand a | stats count by a", {"a": {"$mv": ["x", "y"]}})
        self.assertEqual(rows, [{"a": "x", "count": 1}, {"a": "y", "count": 1}])

    def test_convert_ctime(self):
        """SR, convert."""
        event = {"_time": "2018-01-01T19:25:31Z", "k": "1"}
        self.assertEqual(self.found('* | convert timeformat="%H:%M" ctime(_time) AS t | search t="19:25"', event), [0])
        self.assertEqual(self.found('* | convert ctime(_time) AS t | search t="01/01/2018 19:25:31"', event), [0])

    def test_bin_of_time(self):
        """SR, bin: from the epoch on; the end of a bin is not in it."""
        rows = self.rows("* | bin _time span=5m | stats count by _time", {"_time": 0}, {"_time": 299}, {"_time": 300})
        self.assertEqual(rows, [{"_time": 0, "count": 2}, {"_time": 300, "count": 1}])

    def test_bin_of_a_number(self):
        self.assertEqual(self.found('* | bucket n span=10 | search n="10-20"', {"n": "10"}, {"n": "20"}), [0])

    def test_sort_by_numbers_or_texts(self):
        """SR, sort: auto tells numbers from texts; - is descending."""
        events = [{"n": "10"}, {"n": "9"}, {"n": "100"}]
        self.assertEqual(self.found("* | sort 0 n | head 1", *events), [1])
        self.assertEqual(self.found("* | sort 0 -n | head 1", *events), [2])
        self.assertEqual(self.found("* | sort 1 str(n)", *events), [0])

    def test_sort_by_several_fields(self):
        events = [{"a": "1", "b": "1"}, {"a": "1", "b": "2"}, {"a": "0", "b": "0"}]
        self.assertEqual(self.found("* | sort 0 -a, -b | head 1", *events), [1])

    def test_results_come_latest_first(self):
        """SR, head; SR, dedup: the most recent events are searched first."""
        events = [{"_time": 1, "u": "a"}, {"_time": 3, "u": "a"}, {"_time": 2, "u": "b"}]
        self.assertEqual(self.found("* | head 1", *events), [1])
        self.assertEqual(self.found("* | tail 1", *events), [0])
        self.assertEqual(self.found("* | dedup u", *events), [1, 2])

    def test_absent_fields_are_sorted_last(self):
        """SR (SPL2), sort: the smallest if descending, the largest if ascending."""
        events = [{"n": "1"}, {"m": "1"}]
        self.assertEqual(self.found("* | sort 1 n", *events), [0])
        self.assertEqual(self.found("* | sort 1 -n", *events), [0])

    def test_dedup(self):
        """SR, dedup: combinations; rows without a field go unless keepempty."""
        events = [{"_time": 4, "u": "a"}, {"_time": 3}, {"_time": 2, "u": "a"}, {"_time": 1, "u": "a"}]
        self.assertEqual(self.found("* | dedup 2 u", *events), [0, 2])
        self.assertEqual(self.found("* | dedup u keepempty=true", *events), [0, 1])

    def test_dedup_needs_all_values_equal(self):
        events = [{"_time": 2, "u": {"$mv": ["a", "b"]}}, {"_time": 1, "u": {"$mv": ["a", "c"]}}]
        self.assertEqual(self.found("* | dedup u", *events), [0, 1])

    def test_refused_commands(self):
        self.assertIn("rex", self.error('* | rex field=a "(?<b>.)"'))
        self.assertIn("tstats", self.error("| tstats count where index=x by host"))
        self.assertIn("not understood at byte 4", self.error("* | transaction a"))


class Statistics(Case):
    """SR, stats; SR, Aggregate functions; SR, Multivalue stats functions."""

    EVENTS = [{"_time": 3, "u": "b", "n": "1"}, {"_time": 2, "u": "a", "n": "10"}, {"_time": 1, "u": "a", "n": "x"}, {"_time": 0, "n": "9"}]

    def stat(self, function):
        return self.rows(f"* | stats {function} as r", *self.EVENTS)[0].get("r")

    def test_count(self):
        self.assertEqual(self.stat("count"), 4)
        self.assertEqual(self.stat("count(u)"), 3)
        self.assertEqual(self.stat("count(eval(n>5))"), 3)

    def test_rows_without_a_by_field_are_left_out(self):
        self.assertEqual(self.rows("* | stats count by u", *self.EVENTS), [{"u": "a", "count": 2}, {"u": "b", "count": 1}])

    def test_several_values_in_by(self):
        """A row for each value."""
        rows = self.rows("* | stats count by g", {"g": {"$mv": ["x", "y", "x"]}})
        self.assertEqual(rows, [{"g": "x", "count": 1}, {"g": "y", "count": 1}])

    def test_dc_and_values(self):
        self.assertEqual(self.stat("dc(u)"), 2)
        self.assertEqual(self.stat("values(u)"), ["a", "b"])
        self.assertEqual(self.stat("values(n)"), ["1", "10", "9", "x"])

    def test_list_first_last(self):
        self.assertEqual(self.stat("list(u)"), ["b", "a", "a"])
        self.assertEqual(self.stat("first(n)"), "1")
        self.assertEqual(self.stat("last(n)"), "9")
        self.assertEqual(self.stat("earliest(u)"), "a")

    def test_numbers_come_before_texts(self):
        self.assertEqual(self.stat("min(n)"), 1)
        self.assertEqual(self.stat("max(n)"), "x")

    def test_texts_do_not_count_in_sums(self):
        self.assertEqual(self.stat("sum(n)"), 20)
        self.assertAlmostEqual(self.stat("avg(n)"), 20 / 3)

    def test_median(self):
        """The middle; of an even number the higher of the two."""
        seven = [{"n": n} for n in "37 58 8 34 13 74 38".split()]
        self.assertEqual(self.rows("* | stats median(n) as r", *seven), [{"r": 37}])
        self.assertEqual(self.rows("* | stats median(n) as r", *seven[:2]), [{"r": 58}])

    def test_the_name_of_a_result(self):
        self.assertEqual(self.rows("* | stats count, dc(u)", *self.EVENTS), [{"count": 4, "dc(u)": 2}])

    def test_without_by_there_is_always_a_row(self):
        self.assertEqual(self.rows("a=1 | stats count", {"a": "2"}), [{"count": 0}])

    def test_where_after_stats(self):
        answer = self.answer("* | stats count by u | where count>=2", self.EVENTS)
        self.assertEqual((answer["rows"], answer["from"]), ([{"u": "a", "count": 2}], [[1, 2]]))

    def test_eventstats_adds_to_every_event(self):
        """SR, eventstats."""
        self.assertEqual(self.found("* | eventstats avg(n) as m by u | where m=10", *self.EVENTS), [1, 2])
        self.assertEqual(self.found("* | eventstats count as c | where c=4", *self.EVENTS), [0, 1, 2, 3])


class Streamstats(Case):
    """SR, streamstats."""

    def test_it_counts_up_to_the_event(self):
        self.assertEqual(self.found("* | sort 0 _time | streamstats count as c | where c=2", {"_time": 1}, {"_time": 2}), [1])

    def test_current(self):
        events = [{"_time": 1, "v": "x"}, {"_time": 2, "v": "y"}]
        self.assertEqual(self.found("* | sort 0 _time | streamstats current=f last(v) as p | search p=x", *events), [1])

    def test_window(self):
        events = [{"_time": t, "n": str(t)} for t in range(4)]
        self.assertEqual(self.found("* | sort 0 _time | streamstats sum(n) as s window=2 | where s=5", *events), [3])

    def test_windows_of_groups(self):
        """One window for all groups, unless global=f."""
        events = [{"_time": 0, "g": "a"}, {"_time": 1, "g": "b"}, {"_time": 2, "g": "a"}]
        self.assertEqual(self.found("* | sort 0 _time | streamstats count as c by g window=2 | where c=2", *events), [])
        self.assertEqual(self.found("* | sort 0 _time | streamstats count as c by g window=2 global=f | where c=2", *events), [2])

    def test_time_window_looks_back_in_ascending_order(self):
        events = [{"_time": 0}, {"_time": 100}, {"_time": 350}]
        self.assertEqual(self.found("* | sort 0 _time | streamstats time_window=5m count as c | where c=2", *events), [1, 2])

    def test_time_window_looks_ahead_in_descending_order(self):
        events = [{"_time": 0}, {"_time": 100}, {"_time": 350}]
        self.assertEqual(self.found("* | streamstats time_window=5m count as c | where c=2", *events), [0, 1])

    def test_time_window_needs_an_order(self):
        self.error("* | sort 0 x | streamstats time_window=5m count", {"_time": 2, "x": "2"}, {"_time": 1, "x": "1"}, {"_time": 0, "x": "3"})

    def test_rows_without_a_by_field_get_nothing(self):
        self.assertEqual(self.found("* | streamstats count as c by g | search NOT c=*", {"_time": 1, "g": "a"}, {"_time": 0}), [1])

    def test_resets_are_refused(self):
        self.error("* | streamstats reset_on_change=true count by a")


class Json(Case):
    """SR, spath: location paths."""

    def test_nested(self):
        event = {"a": {"b": {"c": "1"}}, "l": ["x", "y"], "o": [{"n": "1"}, {"n": "2", "m": ["3"]}], "t": True}
        self.assertEqual(self.found('a.b.c=1 l{}=y "o{}.n"=2 o{}.m{}=3 t=true', event), [0])
        self.assertEqual(self.found("* | where mvcount('o{}.n')=2", event), [0])
        self.assertEqual(self.found("l=x", event), [])

    def test_numbers_stay_as_written(self):
        job = json.dumps({"query": "n=1.50", "events": [{"n": 1.50}]}).replace("1.5}", "1.50}")
        self.assertEqual(evaluate(next(spl_eval.read_jobs([job]))), {"found": [0]})


class Assumed(Case):
    """What no page states: one reading is taken, and named in the answer."""

    def test_any_of_several_values(self):
        self.assertEqual(self.found("f=b", {"f": {"$mv": ["a", "b"]}}), [0])
        self.assertEqual(self.found("NOT f=b", {"f": {"$mv": ["a", "b"]}}, {"f": "a"}), [1])

    def test_several_values_unequal(self):
        self.assertEqual(self.assumes("mv-not-equal", "f!=b", {"f": {"$mv": ["a", "b"]}})["found"], [0])

    def test_several_values_in_eval(self):
        self.assertEqual(self.assumes("mv-eval", '* | where f="b"', {"f": {"$mv": ["a", "b"]}})["found"], [0])

    def test_mvexpand_of_an_absent_field(self):
        """Splunk Answers 330237: mvexpand removes events without the field."""
        self.assertEqual(self.assumes("mvexpand-absent", "* | mvexpand f", {"f": "a"}, {"g": "1"})["found"], [0])

    def test_not_of_a_null(self):
        self.assertEqual(self.assumes("null-not", '* | where NOT f="b"', {"g": "1"})["found"], [])
        self.assertEqual(self.assumes("null-not", '* | where NOT match(f,"b")', {"g": "1"})["found"], [])

    def test_texts_that_are_one_number(self):
        self.assertEqual(self.assumes("number-text", '* | where a="5"', {"a": "05"})["found"], [])

    def test_percentiles(self):
        ten = [{"n": str(n)} for n in range(1, 11)]
        answer = self.assumes("percentile", "* | stats exactperc95(n) as r", *ten)
        self.assertEqual(answer["rows"], [{"r": 10}])

    def test_edge_of_a_time_window(self):
        self.assumes("time-window-edge", "* | streamstats time_window=5m count as c", {"_time": 0}, {"_time": 300})

    def test_term_of_a_part(self):
        self.assertEqual(self.assumes("term-prefix", "TERM(192.168)", *raws("192.168.1.254"))["found"], [0])

    def test_wildcards_across_breakers(self):
        self.assertEqual(self.assumes("wildcard-breaker", "a*b", *raws("ax yb"))["found"], [])

    def test_strict_refuses(self):
        job = {"query": '* | where NOT f="b"', "events": [{"g": "1"}]}
        self.assertIn("not documented", evaluate(job, strict=True)["error"])

    def test_every_note_is_explained(self):
        with open(spl_eval.__file__, encoding="utf-8") as source:
            used = set(spl_eval.re.findall(r'notes\.add\("([a-z-]+)"\)', source.read()))
        self.assertEqual(used, set(spl_eval.ASSUMPTIONS))


class Others(Case):
    """What no page bounds."""

    def test_letters_that_cross_into_ascii(self):
        """Not documented: named as an assumption."""
        answer = spl_eval.evaluate({"query": "f=k g=s", "events": [{"f": "\u212a", "g": "s"}, {"f": "K", "g": "S"}]}, False)
        self.assertEqual((answer["found"], "case-crossing" in answer["assumed"]), ([1], True))

    def test_many_operands(self):
        """No page bounds them; a chain of thousands is answered."""
        tests = " OR ".join(f'f="{number}"' for number in range(5000))
        self.assertEqual(spl_eval.evaluate({"query": f"* | where {tests}", "events": [{"f": "4999"}]}, False)["found"], [0])


if __name__ == "__main__":
    unittest.main()
