#!/usr/bin/env python3
"""Compares the answers of our evaluators with those of others.

    agree.py [--strict] [--exceptions] PATH...

A path is a file of JSON lines, or a folder of such files. Each line is a job.
Its "target" says who is asked: `spl` (also without a target) spl_eval.py, `eql`
eql_eval.py, `kql` dsl_eval.py, for which kql_dsl.js has compiled the query. It
holds the other's answer as "expected": the indexes of the events found.

A search of SPL may end in rows of `stats`; those are then expected, or a list of
the events that the rows come from. A job may also name fields as "shown":
"rows" then holds their values in all result rows. An EQL query that is "exact"
must not find other events where an index has its optional fields.

Prints for each target how many jobs and events agree and disagree, how many jobs
are not understood, and the first 20 of both. Ends with code 1 if there is one
that disagrees or is not understood. With --exceptions, those that
exceptions.json lists for the target are counted and excused; then it also ends
with code 1 if one of them is needed more often than it says, or no longer.
"""

import argparse
import collections
import json
import multiprocessing
import pathlib
import re
import sys

import dsl_eval
import elastic
import eql_eval
import spl_eval

SHOWN = 20
HERE = pathlib.Path(__file__).resolve().parent
JUDGES = {"spl": spl_eval, "eql": eql_eval, "kql": dsl_eval}
INDEXED = "found where an index has the optional fields"


class Job:
    """A job and what became of it."""

    def __init__(self, place, job, answer):
        self.place, self.name, self.query = place, job.get("name", ""), job["query"]
        self.target = job.get("target", "spl")
        self.dsl = job.get("dsl")
        self.count = len(job["events"])
        self.error, self.differing = answer.get("error"), []
        self.assumed = answer.get("assumed", [])
        self.rows = None
        if self.error is not None:
            return
        if not agree(answer, job["expected"]):
            if "found" not in answer:
                self.rows = (job["expected"], answer)
                return
            self.differ(job, answer["found"], "")
        elif job.get("exact") and answer.get("mapped", answer.get("found")) != answer.get("found"):
            self.differ(job, answer["mapped"], f", {INDEXED}")
        elif "rows" in job:
            if sorted(map(plain, answer["shown"])) != sorted(map(plain, job["rows"])):
                self.rows = (job["rows"], answer["shown"])

    def differ(self, job, found, where):
        for index in sorted(set(found) ^ set(map(int, job["expected"]))):
            told = ("found here alone" if index in found else "not found here") + where
            self.differing.append((told, job["events"][index]))

    def agrees(self):
        return self.error is None and not self.differing and self.rows is None

    def show(self):
        print(f"{self.place}: {self.name}")
        print(f"  query     {shortened(self.query)}")
        if self.dsl is not None:
            print(f"  compiled  {shortened(json.dumps(self.dsl, ensure_ascii=False))}")
        if self.error is not None:
            print(f"  not understood: {self.error}")
        if self.rows is not None:
            print(f"  expected  {shortened(json.dumps(self.rows[0], ensure_ascii=False))}")
            print(f"  answer    {shortened(json.dumps(self.rows[1], ensure_ascii=False))}")
        if self.differing:
            print(f"  {len(self.differing)} of {self.count} events")
        for told, event in self.differing[:3]:
            print(f"  {told}: {shortened(json.dumps(event, ensure_ascii=False))}")


def shortened(line):
    return line if len(line) <= 2000 else line[:2000] + "..."


def plain(row):
    """A row in a form that does not tell 1 from "1", nor one value from a list of it."""
    fields = {}
    for name, value in row.items():
        values = [spl_eval.text(one) for one in spl_eval.many(value)]
        if values:
            fields[name] = values
    return json.dumps(fields, sort_keys=True)


def agree(answer, expected):
    """Whether an answer is the expected one. The order of rows does not count."""
    if "found" in answer:
        return answer["found"] == sorted({int(index) for index in expected})
    if expected and all(isinstance(one, dict) for one in expected):
        return sorted(map(plain, answer["rows"])) == sorted(map(plain, expected))
    found = {index for source in answer["from"] for index in source}
    return found == {int(index) for index in expected}


def judge(task):
    """All jobs of a file."""
    path, strict = task
    jobs = []
    with open(path, encoding="utf-8") as lines:
        for line, text in enumerate(lines, 1):
            for job in elastic.read_jobs([text]):
                evaluator = JUDGES[job.get("target", "spl")]
                jobs.append(Job(f"{path}:{line}", job, evaluator.evaluate(job, strict)))
    return jobs


def files(paths):
    for path in map(pathlib.Path, paths):
        yield from sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]


class Tally:
    """What became of the jobs of a target."""

    def __init__(self, target, exceptions):
        self.target, self.exceptions = target, exceptions
        self.counts, self.assumed, self.used = collections.Counter(), collections.Counter(), collections.Counter()
        self.files, self.events, self.shown = set(), 0, 0

    def add(self, path, job):
        self.files.add(path)
        self.events += job.count
        if job.agrees():
            self.counts["agree"] += 1
            self.assumed.update(job.assumed)
        elif self.excuse(job):
            self.counts["excused"] += 1
        else:
            self.counts["disagree" if job.error is None else "not understood"] += 1
            self.shown += 1
            if self.shown <= SHOWN:
                job.show()

    def excuse(self, job):
        """Whether a listed exception is about the job."""
        said = "disagrees" if job.error is None else job.error
        for number, exception in enumerate(self.exceptions):
            if re.search(exception["rule"], job.name) and re.search(exception["error"], said):
                self.used[number] += 1
                return True
        return False

    def show(self):
        """Prints the counts, and returns how many jobs and exceptions are wrong."""
        kinds = ["agree", "disagree", "not understood"] + ["excused"] * bool(self.exceptions)
        counts = ", ".join(f"{self.counts[kind]} {kind}" for kind in kinds)
        print(f"{self.target}: {len(self.files)} files, {self.events} events; queries: {counts}")
        for note, count in self.assumed.most_common():
            meaning = JUDGES[self.target].ASSUMPTIONS[note]
            print(f"  agreement of {count} queries rests on what is not documented: {meaning}")
        wrong = self.counts["disagree"] + self.counts["not understood"]
        for number, exception in enumerate(self.exceptions):
            print(f"  excused {self.used[number]} of at most {exception['at_most']}: {exception['reason']}")
            if not 0 < self.used[number] <= exception["at_most"]:
                print("  this exception is needed more often than it says, or no longer")
                wrong += 1
        return wrong


def main():
    arguments = argparse.ArgumentParser(description="Compares answers of two evaluators.")
    arguments.add_argument("paths", nargs="+", help="files of JSON lines, or folders of them")
    arguments.add_argument("--strict", action="store_true", help="refuse what is not documented")
    arguments.add_argument("--exceptions", action="store_true", help="excuse what exceptions.json lists")
    options = arguments.parse_args()
    listed = json.loads((HERE / "exceptions.json").read_text()) if options.exceptions else []
    listed = [one for one in listed if "rule" in one]
    tallies = {}
    tasks = [(str(path), options.strict) for path in files(options.paths)]
    with multiprocessing.Pool() as pool:
        for (path, _), jobs in zip(tasks, pool.imap(judge, tasks, 4)):
            for job in jobs:
                exceptions = [one for one in listed if one["judge"] == job.target]
                tallies.setdefault(job.target, Tally(job.target, exceptions)).add(path, job)
    wrong = sum(tally.show() for tally in tallies.values())
    if not tallies:
        print("no jobs were found")
    return 1 if wrong or not tallies else 0


if __name__ == "__main__":
    sys.exit(main())
