#!/usr/bin/env python3
"""Judges packages of Splunk apps with AppInspect: any error, failure or warning is a failure here.

usage: appinspect.py PACKAGE...

Each package is inspected in the mode `precert`, once with all checks and once with the tags that Splunk Cloud
asks for. `splunk-appinspect` is taken from the folder of the interpreter. Ends with code 1 if something was
found, 2 if AppInspect could not judge.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

# Splunk, "Validate an app or add-on with the AppInspect CLI": the tags of private apps on every kind of cloud.
CLOUD = ["cloud", "private_app", "private_victoria", "private_classic"]
# Results of a check that say nothing against the app.
GOOD = {"success", "not_applicable", "skipped", "manual_check"}


def inspect(package, tags):
    """All that AppInspect says against a package, and how many checks it made."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        command = [str(pathlib.Path(sys.executable).parent / "splunk-appinspect"), "inspect", str(package)]
        command += ["--mode", "precert", "--data-format", "json", "--output-file", str(report)]
        for tag in tags:
            command += ["--included-tags", tag]
        run = subprocess.run(command, capture_output=True, text=True)
        if not report.exists():
            print(run.stdout[-4000:], run.stderr[-4000:], file=sys.stderr)
            sys.exit(f"appinspect: {package} was not judged")
        reports = json.loads(report.read_text())["reports"]
    checks = [check for it in reports for group in it["groups"] for check in group["checks"]]
    made = [check for check in checks if check["result"] not in ("not_applicable", "skipped")]
    return [check for check in checks if check["result"] not in GOOD], len(made)


def show(check):
    """One line for each message of a check."""
    for message in check["messages"] or [{}]:
        place = ":".join(str(message[it]) for it in ("message_filename", "message_line") if message.get(it))
        text = " ".join((message.get("message") or "").split())
        print(f"  {check['result']} {check['name']} {place}: {text}")


def main():
    packages = sys.argv[1:]
    if not packages:
        sys.exit(__doc__)
    bad = 0
    for package in packages:
        for tags in ([], CLOUD):
            found, made = inspect(package, tags)
            if made == 0:
                sys.exit(f"appinspect: no check of {package} was made")
            print(f"appinspect: {package} ({', '.join(tags) or 'all checks'}): {made} checks, {len(found)} against it")
            for check in found:
                show(check)
            bad += len(found)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
