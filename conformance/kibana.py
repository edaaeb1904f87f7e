#!/usr/bin/env python3
"""Judges rules of Kibana, line by line, with the JSON schema beside this file.

usage: kibana.py FILE.ndjson...

A file with the name `update.ndjson` holds bodies for changes: such a body has the id of a rule and nothing of what
operators own. Ends with code 1 if a line is not valid.
"""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator

SCHEMA = pathlib.Path(__file__).parent / "kibana_rule.schema.json"
# What operators set for a deployed rule, and what Kibana gives it.
OF_OPERATORS = {"enabled", "exceptions_list", "actions", "throttle", "id"}
# A file has many lines with the same mistake.
SHOWN = 20


def mistakes(line, is_update, whole):
    """What is wrong with a line; nothing if it is valid."""
    try:
        body = json.loads(line)
    except ValueError as error:
        return [f"no JSON: {error}"]
    if not is_update:
        return [f"{'/'.join(map(str, it.path))}: {it.message}" for it in whole.iter_errors(body)]
    owned = sorted(OF_OPERATORS & body.keys())
    found = [f"`{key}` is not ours to change" for key in owned]
    # What is empty takes a value away. With what an update leaves alone the rest has to be a rule again.
    kept = {key: value for key, value in body.items() if value not in ("", [], {}, None)}
    for it in whole.iter_errors({"enabled": False, **kept}):
        found.append(f"{'/'.join(map(str, it.path))}: {it.message}")
    return found


def main():
    files = [pathlib.Path(it) for it in sys.argv[1:]]
    if not files:
        sys.exit(__doc__)
    schema = json.loads(SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    whole = Draft202012Validator(schema)
    lines, bad = 0, []
    for file in files:
        for number, line in enumerate(file.read_text().splitlines(), 1):
            lines += 1
            for what in mistakes(line, file.name == "update.ndjson", whole):
                bad.append(f"  {file}:{number}: {what[:300]}")
    for what in bad[:SHOWN]:
        print(what)
    print(f"kibana: {lines} rules, {len(bad)} mistakes")
    if lines == 0:
        sys.exit("kibana: nothing was judged")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
