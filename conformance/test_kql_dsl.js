// What Kibana makes of KQL, as far as the evaluation hangs on it. "Query DSL" of the Elasticsearch guide
// has the queries, "Kibana Query Language" of the Kibana guide the language.
"use strict";

const assert = require("assert");
const { compile } = require("./kql_dsl.js");

const types = { w: "wildcard", t: "text", n: "long", i: "ip", b: "boolean" };
const compiled = (query) => {
  const { bool } = compile(query, types);
  assert.deepStrictEqual(Object.keys(bool).sort(), ["minimum_should_match", "should"]);
  return bool.should[0];
};

// A quoted value is a term on a keyword, and a phrase elsewhere.
assert.deepStrictEqual(compiled('k: "a b"'), { term: { k: { value: "a b" } } });
assert.deepStrictEqual(compiled('w: "a b"'), { match_phrase: { w: "a b" } });
assert.deepStrictEqual(compiled("n: 4"), { match: { n: "4" } });

// A wildcard on a keyword is escaped, as since Kibana 8.12.1; elsewhere it is a query_string.
assert.deepStrictEqual(compiled("k: *a\\\\b?c*"), { wildcard: { k: { value: "*a\\\\b\\?c*" } } });
assert.deepStrictEqual(compiled("w: *a\\\\b*"), { query_string: { fields: ["w"], query: "*a\\\\b*" } });

// Values of a group share the field.
const group = compile('k: (*a* or *b* or "c")', types).bool.should.map((one) => one.bool.should[0]);
assert.deepStrictEqual(group.map((one) => Object.keys(one)[0]), ["wildcard", "wildcard", "term"]);
assert(group.every((one) => Object.keys(Object.values(one)[0])[0] === "k"));

// A field that stands alone is asked for; it is not every field.
assert.deepStrictEqual(compiled("k: *"), { exists: { field: "k" } });

// A value without a field.
assert.strictEqual(compile('"a b"', types).multi_match.type, "phrase");

console.log("kql_dsl: ok");
