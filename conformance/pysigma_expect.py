"""Writes what pySigma makes of each case below tests/cases/pysigma.

Usage: python conformance/pysigma_expect.py [NAME...]      (a Python that has pySigma 2.0.1 and jq)

A case is a folder with a processing pipeline (`pipeline.yml`) and a rule (`rule.yml`). Its
`options.json`, if there is one, may say `{"external_sources": true}`: then the pipeline is loaded with
a policy that lets it read files, relative to the folder of the case. The result is `expected.json`:

    {"pysigma": "2.0.1",
     "rule": RULE or null,          null if loading or the transformations failed
     "error": text or null,         class and message of pySigma's error; "stage" says where it happened:
     "stage": ...,                  pipeline, rule, transformations, condition, postprocessing, finalizers
     "output": text or null}        null if the pipeline has neither postprocessing nor finalizers

The output is what postprocessing and finalizers make of one query for each condition of the rule. The
text of every query is `QUERY`, a space and the title of the rule. Without finalizers, the queries are
joined with line breaks.

RULE is the rule after the transformations:

    {"logsource": {"category", "product", "service": those that are set},
     "fields": [field...],
     "detections": {name: TREE},
     "conditions": [CONDITION...],  one for each condition of the rule
     "state": {...},                the state of the pipeline, if any
     "custom": {...}}               the custom attributes of the rule, if any

TREE is one of
    {"all": [TREE...]}  {"any": [TREE...]}
    {"item": {"field": text or null for keywords, "link": "any" or "all", "values": [VALUE...]}}
An item with the modifier `neq` has `"negated": true`. A list of one tree is written as that tree, a tree
inside one of the same kind as its parts. A link of fewer than two values is "any". A detection that lost
all its items is {"all": []}. An item without values is what pySigma converts as a comparison with null.

CONDITION is one of
    {"all": [CONDITION...]}  {"any": [CONDITION...]}  {"not": CONDITION}  {"detection": name}
Selectors are resolved against the detections after the transformations. pySigma leaves detections that
lost all items out of a condition; so does this form. A condition of which nothing is left is null: pySigma
makes no query of it. A name that add_condition invented is written `_cond_1`, `_cond_2` and so on.

VALUE is one of
    {"text": [PART...]}            a PART is a text, {"wildcard": "*"}, {"wildcard": "?"} or
                                   {"placeholder": name}; with "cased": true if case matters
    {"number": "1"}  {"bool": true}  {"null": true}  {"exists": true}
    {"regex": text, "flags": "i"}  flags of i, m, s in this order; open placeholders stand as %name% in the
                                   text and are listed in "placeholders"
    {"cidr": text}
    {"compare": "gte", "number": "5"}           lt, lte, gt, gte, neq
    {"fieldref": field}            with "startswith": true, "endswith": true where set (both: contains)
    {"timestamp_part": "hour", "number": "5"}
    {"query": text, "expression": text, "id": text}
                                   a query expression: with {field} and {id} put in, as written, the id
    {"expansion": [VALUE...]}      alternatives that a modifier such as windash made of one value; one of
                                   them matches, whatever the link of the item; a single one is written
                                   as that value
"""

import copy
import json
import os
import re
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

from sigma import conditions, types
from sigma.policy import SigmaPolicy
from sigma.processing.pipeline import ProcessingPipeline
from sigma.rule import SigmaDetection, SigmaRule

VERSION = "2.0.1"
CASES = Path(__file__).resolve().parent.parent / "tests" / "cases" / "pysigma"
FLAGS = types.SigmaRegularExpression.sigma_to_re_flag


def main(names):
    if version("pysigma") != VERSION:
        sys.exit(f"pySigma {VERSION} is needed, not {version('pysigma')}")
    warnings.simplefilter("ignore")
    for name in [it for it in os.environ if it.startswith("PYSIGMA_")]:
        del os.environ[name]  # they could allow what a case refuses
    folders = [CASES / name for name in names] or sorted(it for it in CASES.iterdir() if it.is_dir())
    for folder in folders:
        text = json.dumps(expect(folder), indent=2, ensure_ascii=False, default=str)
        (folder / "expected.json").write_text(renamed(text, folder) + "\n")


def expect(folder):
    """Runs one case in its folder, so that its files can be named by relative paths."""
    os.chdir(folder)
    result = {"pysigma": VERSION, "rule": None, "error": None, "output": None}
    stage = ["pipeline"]
    try:
        run(result, stage)
    except Exception as error:  # pySigma lets errors of other libraries through
        result["error"] = short(f"{type(error).__name__}: {error}")
        result["stage"] = stage[0]
    return result


def run(result, stage):
    pipeline = ProcessingPipeline.from_yaml(
        Path("pipeline.yml").read_text(), source_path="pipeline.yml", policy=policy()
    )
    stage[0] = "rule"
    rule = SigmaRule.from_yaml(Path("rule.yml").read_text())
    stage[0] = "transformations"
    pipeline.apply(rule)
    stage[0] = "condition"
    result["rule"] = neutral(rule, pipeline)
    stage[0] = "postprocessing"
    queries = [f"QUERY {rule.title}" for _ in rule.detection.parsed_condition]
    queries = [pipeline.postprocess_query(rule, query) for query in queries]
    stage[0] = "finalizers"
    if pipeline.finalizers:
        result["output"] = pipeline.finalize(queries)
    elif pipeline.postprocessing_items:
        result["output"] = "\n".join(queries)


def short(message):
    """Without the printed form of whole objects, which differs from run to run."""
    return re.sub(r"\b(\w+(?:Condition|Transformation|Rule))\(.*\)", r"\1", message, flags=re.DOTALL)


def policy():
    options = Path("options.json")
    allowed = options.exists() and json.loads(options.read_text())["external_sources"]
    return SigmaPolicy(allow_external_sources=True) if allowed else None


def neutral(rule, pipeline):
    source = rule.logsource
    parts = {"category": source.category, "product": source.product, "service": source.service}
    detections = rule.detection.detections
    form = {
        "logsource": {name: value for name, value in parts.items() if value is not None},
        "fields": list(rule.fields),
        "detections": {name: tree(detection) for name, detection in detections.items()},
        "conditions": [condition(it, rule.detection) for it in rule.detection.parsed_condition],
    }
    if pipeline.state:
        form["state"] = dict(pipeline.state)
    if rule.custom_attributes:
        form["custom"] = dict(rule.custom_attributes)
    return form


def tree(detection):
    if not isinstance(detection, SigmaDetection):
        return {"item": item(detection)}
    kind = "all" if detection.item_linking is conditions.ConditionAND else "any"
    if not detection.detection_items:
        return {"all": []}
    return flat(kind, [tree(part) for part in detection.detection_items])


def flat(kind, parts):
    if len(parts) == 1:
        return parts[0]
    merged = []
    for part in parts:
        merged.extend(part[kind] if part.get(kind) else [part])
    return {kind: merged}


def item(detection_item):
    values = [value(it, detection_item.field) for it in detection_item.value]
    every = detection_item.value_linking is conditions.ConditionAND and len(values) > 1
    form = {"field": detection_item.field, "link": "all" if every else "any", "values": values}
    if detection_item.negated:
        form["negated"] = True
    return form


def value(it, field):
    if isinstance(it, types.SigmaString):
        form = {"text": [part(piece) for piece in it.s]}
        if isinstance(it, types.SigmaCasedString):
            form["cased"] = True
        return form
    if isinstance(it, types.SigmaTimestampPart):
        return {"timestamp_part": it.timestamp_part.name.lower(), "number": str(it.number)}
    if isinstance(it, types.SigmaNumber):
        return {"number": str(it.number)}
    if isinstance(it, types.SigmaBool):
        return {"bool": it.boolean}
    if isinstance(it, types.SigmaNull):
        return {"null": True}
    if isinstance(it, types.SigmaExists):
        return {"exists": it.exists}
    if isinstance(it, types.SigmaRegularExpression):
        return regex(it)
    if isinstance(it, types.SigmaCIDRExpression):
        return {"cidr": it.cidr}
    if isinstance(it, types.SigmaCompareExpression):
        return {"compare": it.op.name.lower(), "number": str(it.number)}
    if isinstance(it, types.SigmaFieldReference):
        ends = {"startswith": it.starts_with, "endswith": it.ends_with}
        return {"fieldref": it.field} | {name: True for name, there in ends.items() if there}
    if isinstance(it, types.SigmaQueryExpression):
        return {"query": it.finalize(field), "expression": it.expr, "id": it.id}
    if isinstance(it, types.SigmaExpansion):
        values = [value(each, field) for each in it.values]
        return values[0] if len(values) == 1 else {"expansion": values}
    raise TypeError(f"no form for {it!r}")


def part(piece):
    if isinstance(piece, types.Placeholder):
        return {"placeholder": piece.name}
    if isinstance(piece, types.SpecialChars):
        return {"wildcard": types.special_char_mapping[piece]}
    return piece


def regex(it):
    form = {"regex": str(it.regexp), "flags": "".join(sorted(FLAGS[flag] for flag in it.flags))}
    names = [piece.name for piece in it.regexp.s if isinstance(piece, types.Placeholder)]
    return form | ({"placeholders": names} if names else {})


def condition(it, detections):
    it.parse()  # pySigma's own checks: unknown names, empty selectors
    return branch(it.parse(postprocess=False), detections)


def branch(node, detections):
    """A condition as a tree of names. None stands for what pySigma leaves out."""
    if isinstance(node, conditions.ConditionIdentifier):
        detection = copy.deepcopy(detections[node.identifier])
        left = detection.postprocess(detections)
        return None if empty(left) else {"detection": node.identifier}
    if isinstance(node, conditions.ConditionSelector):
        kind = "all" if node.cond_class is conditions.ConditionAND else "any"
        return joined(kind, node.resolve_referenced_detections(detections), detections)
    if isinstance(node, conditions.ConditionNOT):
        inner = branch(node.args[0], detections)
        return None if inner is None else {"not": inner}
    kind = "all" if isinstance(node, conditions.ConditionAND) else "any"
    return joined(kind, node.args, detections)


def empty(node):
    links = (conditions.ConditionAND, conditions.ConditionOR)
    return node is None or isinstance(node, links) and all(map(empty, node.args))


def joined(kind, nodes, detections):
    parts = [branch(node, detections) for node in nodes]
    parts = [each for each in parts if each is not None]
    return flat(kind, parts) if parts else None


def renamed(text, folder):
    """Without what differs from run to run: invented names and the place of the checkout."""
    for number, name in enumerate(dict.fromkeys(re.findall(r"_cond_[a-z]{10}", text)), 1):
        text = text.replace(name, f"_cond_{number}")
    return text.replace(str(folder), ".").replace(str(folder.parent), "..")


main(sys.argv[1:])
