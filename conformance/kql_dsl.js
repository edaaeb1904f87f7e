// Compiles the KQL of jobs with Kibana's own parser and compiler (npm package kbn-es-query), and writes
// each job with the query DSL, for dsl_eval.py.
//
// Usage: node conformance/kql_dsl.js JOBS OUT    (folders of JSON lines)
//
// A job names the types of its fields as `types`; other fields are keywords. The events are copied as they
// are written, since JavaScript would round their numbers.
"use strict";

const fs = require("fs");
const path = require("path");

const kibana = require(path.resolve(__dirname, "../.conformance/npm/node_modules/kbn-es-query")).kbnEsQuery;

const KIBANA = { keyword: "string", wildcard: "string", text: "string", long: "number" };
const ESCAPED = "\u0001"; // marks a field whose wildcards are to be escaped

// The fields of all comparisons.
function fieldsOf(node) {
  if (node.type !== "function") return [];
  const [first] = node.arguments;
  if (["is", "range"].includes(node.function)) return [first.value];
  return node.arguments.flatMap(fieldsOf);
}

function dataView(names, types) {
  const fields = names.filter((name) => typeof name === "string").map((name) => {
    const marked = name.startsWith(ESCAPED);
    const esType = marked ? "wildcard" : types[name] || "keyword";
    const type = KIBANA[esType] || esType;
    return { name, type, esTypes: [esType], searchable: true, aggregatable: true, scripted: false };
  });
  // Kibana takes a test for all fields of a data view for a test for everything, so there is one more.
  fields.push({ name: "conformance.other", type: "string", esTypes: ["keyword"] });
  return { id: "conformance", title: "conformance", fields };
}

// Kibana 8.9, whose code this package is, writes the text of a wildcard on a `keyword` field as it is,
// so a backslash or `?` in it gets a meaning of its own. Since 8.12.1 it escapes that text as it always
// did for fields of other types (elastic/kibana#174464). The next two functions make 8.12.1 of 8.9: such
// a field is compiled as one of another type, and the text that comes out is put in a `wildcard` query.
function markWildcards(node, types) {
  if (node.type !== "function") return;
  const [field, value] = node.arguments;
  if (node.function !== "is") {
    node.arguments.forEach((one) => markWildcards(one, types));
    return;
  }
  const isKeyword = typeof field.value === "string" && (types[field.value] || "keyword") === "keyword";
  const isAny = value.value === "@kuery-wildcard@"; // it asks whether there is a value
  if (isKeyword && value.type === "wildcard" && !isAny) {
    node.arguments[0] = { ...field, value: ESCAPED + field.value }; // values of a group share the field
  }
}

function unmarkWildcards(dsl) {
  if (dsl === null || typeof dsl !== "object") return dsl;
  if (Array.isArray(dsl)) return dsl.map(unmarkWildcards);
  const { query_string: text } = dsl;
  if (text && text.fields && text.fields[0].startsWith(ESCAPED)) {
    return { wildcard: { [text.fields[0].slice(ESCAPED.length)]: { value: text.query } } };
  }
  return Object.fromEntries(Object.entries(dsl).map(([key, value]) => [key, unmarkWildcards(value)]));
}

function compile(query, types) {
  const tree = kibana.fromKueryExpression(query, { allowLeadingWildcards: true });
  markWildcards(tree, types);
  return unmarkWildcards(kibana.toElasticsearchQuery(tree, dataView(fieldsOf(tree), types)));
}

// The line with one more entry.
function extended(line) {
  const { query, types } = JSON.parse(line);
  let entry;
  try {
    entry = { dsl: compile(query, types || {}) };
  } catch (error) {
    entry = { refused: `${error.name}: ${error.message}` };
  }
  return line.replace(/\}\s*$/, `,${JSON.stringify(entry).slice(1)}\n`);
}

if (require.main === module) {
  const [jobs, out] = process.argv.slice(2);
  fs.mkdirSync(out, { recursive: true });
  for (const name of fs.readdirSync(jobs).filter((one) => one.endsWith(".jsonl"))) {
    const lines = fs.readFileSync(path.join(jobs, name), "utf8").split("\n").filter((line) => line !== "");
    fs.writeFileSync(path.join(out, name), lines.map(extended).join(""));
  }
}

module.exports = { compile };
