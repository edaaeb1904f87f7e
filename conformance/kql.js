// Judges emitted KQL with Kibana's own parser and compiler (npm package kbn-es-query).
//
// Usage: node conformance/kql.js REPORT.json...    (reports of `isogloss convert -f json`)
"use strict";

const fs = require("fs");
const path = require("path");

const kibana = require(path.resolve(__dirname, "../.conformance/npm/node_modules/kbn-es-query")).kbnEsQuery;
const read = (file) => JSON.parse(fs.readFileSync(file, "utf8"));
const fields = read(path.join(__dirname, "fields.json"));

const WILDCARD = "@kuery-wildcard@"; // how the parser marks an unescaped `*`

// The comparisons of a syntax tree, from left to right.
function comparisons(node) {
  if (node.type !== "function") return [];
  if (node.function === "is" || node.function === "range") return [node];
  return node.arguments.flatMap(comparisons);
}

const fieldOf = (node) => node.arguments[0].value;

// [field, value], where the value is cut at its wildcards: a*b is "a", "*", "b".
function valueOf(node) {
  const value = node.arguments[node.arguments.length - 1].value;
  const parts = String(value).split(WILDCARD);
  const cut = parts.flatMap((part, i) => (i === 0 ? [part] : ["*", part]));
  return [fieldOf(node), ...(cut.length === 1 ? cut : cut.filter((part) => part !== ""))];
}

// A data view that gives each field the type it has in ECS. Fields of Windows events that ECS does
// not know are keywords.
function typeOf(name) {
  if (fields.wildcard.includes(name)) return ["string", "wildcard"];
  if (fields.number.includes(name)) return ["number", "long"];
  if (fields.boolean.includes(name)) return ["boolean", "boolean"];
  if (fields.ip.includes(name)) return ["ip", "ip"];
  return ["string", "keyword"];
}

function dataView(names) {
  const view = names.map((name) => {
    const [type, esType] = typeOf(name);
    return { name, type, esTypes: [esType], searchable: true, aggregatable: true, scripted: false };
  });
  return { id: "conformance", title: "conformance", fields: view };
}

// The texts of all query_string clauses of an Elasticsearch query.
function queryStrings(node) {
  if (node === null || typeof node !== "object") return [];
  const own = node.query_string ? [node.query_string.query] : [];
  return own.concat(Object.values(node).flatMap(queryStrings));
}

// Throws if Kibana rejects the query, or reads a value in pieces.
function judge(query) {
  const tree = kibana.fromKueryExpression(query, { allowLeadingWildcards: true });
  const found = comparisons(tree);
  // What is left of a value after an unescaped `or`, `and` or `not` becomes a search in all fields. Keywords
  // are such searches too, but always in quotes.
  const loose = (node) => fieldOf(node) === null && !node.arguments[1].isQuoted;
  if (found.some(loose)) throw new Error("a value without a field");
  const names = found.map(fieldOf).filter((name) => name !== null);
  const compiled = kibana.toElasticsearchQuery(tree, dataView(names));
  kibana.toElasticsearchQuery(tree); // and without knowing the fields
  // Where a field is no keyword, Kibana compiles wildcards to query_string, and there Lucene's white
  // space ends the value.
  const split = queryStrings(compiled).find((text) => /[ \t\r\n\u3000]/.test(text));
  if (split !== undefined) throw new Error(`Elasticsearch splits this value at its spaces: ${split}`);
  return found;
}

let queries = 0;
let rejected = 0;
let values; // of values.yml
for (const report of process.argv.slice(2)) {
  const target = read(report).targets.find((one) => one.target === "kql");
  for (const rule of target.rules) {
    for (const { text } of rule.queries) {
      queries += 1;
      try {
        // A threshold rule is an object of JSON with a query in it.
        const found = judge(text.startsWith("{") ? JSON.parse(text).query : text);
        if (rule.path === "conformance/values.yml") values = found.map(valueOf);
      } catch (error) {
        rejected += 1;
        console.log(`kql: REJECTED ${rule.path}\n${text}\n${error.name}: ${error.message}\n`);
      }
    }
  }
}

// Each value of values.yml has to come out whole.
const expected = read(path.join(__dirname, "values.json")).kql;
const lines = (list) => list.map((one) => JSON.stringify(one)).sort();
const [found, wanted] = [lines(values || []), lines(expected)];
const missing = wanted.filter((one) => !found.includes(one));
const extra = found.filter((one) => !wanted.includes(one));
if (!values) console.log("kql: UNEXPECTED no accepted query for conformance/values.yml");
for (const one of values ? missing : []) console.log(`kql: UNEXPECTED no value ${one} in conformance/values.yml`);
for (const one of extra) console.log(`kql: UNEXPECTED value ${one} in conformance/values.yml`);

console.log(`kql: ${queries} queries, ${rejected} rejected`);
console.log(`kql: ${expected.length} values compared, ${missing.length + extra.length} unexpected`);
process.exit(rejected + missing.length + extra.length > 0 ? 1 : 0);
