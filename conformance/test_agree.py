"""agree.py: what it counts, and when it fails."""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import agree  # noqa: E402


class Agreement(unittest.TestCase):

    def run_on(self, *jobs):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False) as file:
            file.write("\n".join(map(json.dumps, jobs)))
        try:
            script = os.path.join(HERE, "agree.py")
            return subprocess.run([sys.executable, script, file.name], capture_output=True, text=True)
        finally:
            os.unlink(file.name)

    def test_counts(self):
        events = [{"a": 1}, {"a": 2}]
        good = {"query": "a=1", "events": events, "expected": [0]}
        rows = {"query": "* | stats count by a", "events": events, "expected": [{"a": "2", "count": 1}, {"a": "1", "count": 1}]}
        unknown = {"query": "* | rex a", "events": events, "expected": []}
        done = self.run_on(good, rows)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("2 agree, 0 disagree, 0 not understood", done.stdout)
        done = self.run_on(good, rows, unknown)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertIn("2 agree, 0 disagree, 1 not understood", done.stdout)
        done = self.run_on(good, {**good, "expected": [1]})
        self.assertEqual(done.returncode, 1)
        self.assertIn("1 agree, 1 disagree, 0 not understood", done.stdout)

    def test_targets(self):
        events = [{"f": "a"}, {"f": "b"}]
        eql = {"target": "eql", "query": 'any where f : "A"', "events": events, "expected": [0]}
        kql = {"target": "kql", "query": "f: a", "dsl": {"term": {"f": "a"}}, "events": events, "expected": [0]}
        done = self.run_on(eql, kql, {**kql, "expected": [1]})
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertIn("eql: 1 files, 2 events; queries: 1 agree, 0 disagree", done.stdout)
        self.assertIn("kql: 1 files, 4 events; queries: 1 agree, 1 disagree", done.stdout)

    def test_exact_queries_do_not_hang_on_a_mapping(self):
        job = {"target": "eql", "query": 'any where not ?f : "a"', "events": [{"g": "x"}], "expected": []}
        self.assertEqual(self.run_on(job).returncode, 0)
        done = self.run_on({**job, "exact": True})
        self.assertEqual(done.returncode, 1)
        self.assertIn("where an index has the optional fields", done.stdout)

    def test_no_jobs(self):
        self.assertEqual(self.run_on().returncode, 1)

    def test_exceptions_are_bounded_and_needed(self):
        job = {"name": "rule", "query": "f=1", "events": [{}], "expected": []}
        job = agree.Job("a.jsonl:1", job, {"found": [0]})
        listed = [{"rule": "^rule$", "error": "^disagrees$", "at_most": 1, "reason": "a reason"}]
        for needed, wrong in ((0, 1), (1, 0), (2, 1)):
            tally = agree.Tally("spl", listed)
            for _ in range(needed):
                tally.add("a.jsonl", job)
            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(tally.show(), wrong)


if __name__ == "__main__":
    unittest.main()
