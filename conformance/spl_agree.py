#!/usr/bin/env python3
"""Compares answers of another evaluator of SPL with those of spl_eval.py.

    spl_agree.py [--strict] [--exceptions] PATH...

A path is a file of JSON lines, or a folder of such files. Each job is one of
spl_eval.py, and holds the other's answer as "expected": the indexes of the
events found or, for a search that ends in rows of `stats`, those rows. For such
a search a list of indexes stands for the events that the rows come from. A job may also
name fields as "shown": "rows" then holds their values in all result rows.

Prints how many jobs and events agree and disagree, how many jobs are not
understood, and the first 20 of both. Ends with code 1 if there is one that
disagrees or is not understood. With --exceptions, those that exceptions.json
lists for the judge `spl` are counted and excused; then it also ends with code 1
if one of them is needed more often than it says, or no longer.
"""

import argparse
import collections
import json
import multiprocessing
import pathlib
import re
import sys

import spl_eval

SHOWN = 20
HERE = pathlib.Path(__file__).resolve().parent


class Job:
    """A job and what became of it."""

    def __init__(self, place, job, answer):
        self.place, self.name, self.query = place, job.get("name", ""), job["query"]
        self.count = len(job["events"])
        self.error, self.differing = answer.get("error"), []
        self.assumed = answer.get("assumed", [])
        self.rows = None
        if self.error is None and not agree(answer, job["expected"]):
            found = answer.get("found")
            if found is None:
                self.rows = (job["expected"], answer)
                return
            for index in sorted(set(found) ^ set(map(int, job["expected"]))):
                self.differing.append((index in found, job["events"][index]))
        elif self.error is None and "rows" in job:
            if sorted(map(plain, answer["shown"])) != sorted(map(plain, job["rows"])):
                self.rows = (job["rows"], answer["shown"])

    def agrees(self):
        return self.error is None and not self.differing and self.rows is None

    def show(self):
        print(f"{self.place}: {self.name}")
        print(f"  query     {shortened(self.query)}")
        if self.error is not None:
            print(f"  not understood: {self.error}")
        if self.rows is not None:
            print(f"  expected  {shortened(json.dumps(self.rows[0], ensure_ascii=False))}")
            print(f"  answer    {shortened(json.dumps(self.rows[1], ensure_ascii=False))}")
        for found, event in self.differing[:3]:
            print(f"  {'found here alone' if found else 'not found here'}: {shortened(json.dumps(event, ensure_ascii=False))}")


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
    with open(path, encoding="utf-8") as lines:
        jobs = enumerate(spl_eval.read_jobs(lines), 1)
        return [Job(f"{path}:{line}", job, spl_eval.evaluate(job, strict)) for line, job in jobs]


def files(paths):
    for path in map(pathlib.Path, paths):
        yield from sorted(path.glob("*.jsonl")) if path.is_dir() else [path]


def excuse(job, exceptions, used):
    """Whether a listed exception is about the job."""
    said = "disagrees" if job.error is None else job.error
    for number, exception in enumerate(exceptions):
        if re.search(exception["rule"], job.name) and re.search(exception["error"], said):
            used[number] += 1
            return True
    return False


def unfit(exceptions, used):
    """The reasons of exceptions that are needed more often than they say, or no longer."""
    return [one["reason"] for number, one in enumerate(exceptions) if not 0 < used[number] <= one["at_most"]]


def main():
    arguments = argparse.ArgumentParser(description="Compares answers of two evaluators of SPL.")
    arguments.add_argument("paths", nargs="+", help="files of JSON lines, or folders of them")
    arguments.add_argument("--strict", action="store_true", help="refuse what is not documented")
    arguments.add_argument("--exceptions", action="store_true", help="excuse what exceptions.json lists")
    options = arguments.parse_args()
    exceptions = []
    if options.exceptions:
        listed = json.loads((HERE / "exceptions.json").read_text())
        exceptions = [one for one in listed if one["judge"] == "spl"]
    counts, assumed, used = collections.Counter(), collections.Counter(), collections.Counter()
    events = shown = 0
    tasks = [(str(path), options.strict) for path in files(options.paths)]
    with multiprocessing.Pool() as pool:
        for jobs in pool.imap(judge, tasks, 8):
            for job in jobs:
                events += job.count
                if job.agrees():
                    counts["agree"] += 1
                    assumed.update(job.assumed)
                elif excuse(job, exceptions, used):
                    counts["excused"] += 1
                else:
                    counts["disagree" if job.error is None else "not understood"] += 1
                    shown += 1
                    if shown <= SHOWN:
                        job.show()
    kinds = ["agree", "disagree", "not understood"] + ["excused"] * options.exceptions
    print(f"spl: {len(tasks)} files, {events} events; searches: " + ", ".join(f"{counts[kind]} {kind}" for kind in kinds))
    for note, count in assumed.most_common():
        print(f"  agreement of {count} searches rests on what is not documented: {spl_eval.ASSUMPTIONS[note]}")
    wrong = counts["disagree"] + counts["not understood"]
    for number, exception in enumerate(exceptions):
        print(f"  excused {used[number]} of at most {exception['at_most']}: {exception['reason']}")
    for reason in unfit(exceptions, used):
        print(f"  this exception is needed more often than it says, or no longer: {reason}")
        wrong += 1
    if not tasks:
        print("no jobs were found")
    return 1 if wrong or not tasks else 0


if __name__ == "__main__":
    sys.exit(main())
