#!/usr/bin/env python3
"""Compares answers of another evaluator of SPL with those of spl_eval.py.

    spl_agree.py jobs.jsonl [--strict]

Each job is one of spl_eval.py, and holds the other's answer as "expected": the
indexes of the events found or, for a search that ends in rows of `stats`, those
rows. For such a search a list of indexes stands for the events that the rows
come from. Prints how many agree, disagree and are not understood, and the first
20 disagreements. Ends with code 1 if there is one.
"""

import argparse
import collections
import json
import sys

import spl_eval

SHOWN = 20


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


def show(line, job, answer):
    print(f"job {line}: {job.get('name', '')}")
    print(f"  query     {job['query']}")
    print(f"  expected  {json.dumps(job['expected'], ensure_ascii=False)}")
    print(f"  answer    {json.dumps(answer, ensure_ascii=False)}")


def main():
    arguments = argparse.ArgumentParser(description="Compares answers of two evaluators of SPL.")
    arguments.add_argument("jobs", help="JSON lines")
    arguments.add_argument("--strict", action="store_true", help="refuse what is not documented")
    options = arguments.parse_args()
    counts, reasons, assumed = collections.Counter(), collections.Counter(), collections.Counter()
    with open(options.jobs, encoding="utf-8") as lines:
        for line, job in enumerate(spl_eval.read_jobs(lines), 1):
            answer = spl_eval.evaluate(job, options.strict)
            if "error" in answer:
                counts["not understood"] += 1
                reasons[answer["error"].rsplit(" at byte ", 1)[0]] += 1
            elif agree(answer, job["expected"]):
                counts["agree"] += 1
                assumed.update(answer.get("assumed", []))
            else:
                counts["disagree"] += 1
                if counts["disagree"] <= SHOWN:
                    show(line, job, answer)
    print(", ".join(f"{counts[kind]} {kind}" for kind in ("agree", "disagree", "not understood")))
    for reason, count in reasons.most_common(SHOWN):
        print(f"  not understood {count} times: {reason}")
    for note, count in assumed.most_common():
        print(f"  agreement of {count} jobs rests on what is not documented: {spl_eval.ASSUMPTIONS[note]}")
    return 1 if counts["disagree"] else 0


if __name__ == "__main__":
    sys.exit(main())
