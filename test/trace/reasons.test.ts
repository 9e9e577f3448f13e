// Rules and laws as data: each has an id of its own, a title, LaTeX that KaTeX reads strictly, and a class.

import katex from "katex";
import { describe, expect, test } from "vitest";
import type { Law } from "../../compiler/2-simplify/law.js";
import { laws } from "../../compiler/2-simplify/laws.js";
import { poolLaws } from "../../compiler/2-simplify/laws/pools.js";
import { stableForms } from "../../compiler/2-simplify/laws/stable.js";
import { LOOP_LAWS } from "../../compiler/2-simplify/loops/laws.js";
import { SHARED_RULES } from "../../src/graph/rules.js";
import { registry } from "../../src/ops/registry.js";
import { scalarLaws } from "../../src/scalar/laws.js";
import { REASON_CLASSES, type Reason } from "../../src/scalar/reason.js";
import { texOfStatement } from "../../src/scalar/statement.js";

const ofOps = registry.flatMap(({ rule }) =>
  rule === undefined ? [] : Array.isArray(rule) ? (rule as Reason[]) : [rule as Reason],
);
const rules = [...new Set([...SHARED_RULES, ...ofOps])];
const graphLaws: readonly Law[] = [...laws, ...stableForms, ...poolLaws];
const all: readonly Reason[] = [...rules, ...graphLaws, ...LOOP_LAWS, ...scalarLaws];

function faults({ id, title, tex, class: of }: Reason): string[] {
  const found: string[] = [];
  if (!/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(id)) found.push(`the id ${id}`);
  if (title.trim() === "") found.push("no title");
  if (!REASON_CLASSES.includes(of)) found.push(`the class ${of}`);
  if (tex.trim() === "") found.push("no LaTeX");
  try {
    katex.renderToString(tex, { strict: "error", throwOnError: true, displayMode: true });
  } catch (error) {
    found.push(String(error));
  }
  return found;
}

const shared = (reasons: readonly Reason[]): string[] => {
  const ids = reasons.map(({ id }) => id);
  return ids.filter((id, i) => ids.indexOf(id) !== i);
};

test.each(all.map((one) => [one.id, one] as const))("%s has an id, a title, LaTeX and a class", (_, one) => {
  expect(faults(one)).toEqual([]);
});

test("no two share an id", () => {
  expect(shared(all)).toEqual([]);
  expect(shared([...all, { ...all[3]! }])).toEqual([all[3]!.id]);
});

test("an op that states its derivative says by which rule", () => {
  const states = registry.filter(({ vjp, vjpMany }) => vjp !== undefined || vjpMany !== undefined);
  expect(states.filter(({ rule }) => rule === undefined).map(({ name }) => name)).toEqual([]);
  expect(states.length).toBeGreaterThan(30);
  for (const { rule, operands, name } of states) {
    if (Array.isArray(rule)) expect(rule.length, name).toBeLessThanOrEqual(operands.length);
  }
});

describe("negative controls", () => {
  const good = all[0]!;
  test.each([
    ["an id in capitals", { ...good, id: "Seed" }],
    ["no title", { ...good, title: " " }],
    ["a class that there is not", { ...good, class: "physics" as "algebra" }],
    ["a brace that is not closed", { ...good, tex: "\\frac{a}{b" }],
    ["a parenthesis that is not closed", { ...good, tex: "\\left(a" }],
    ["a command that there is not", { ...good, tex: "\\derivative x" }],
    ["a letter that LaTeX has not", { ...good, tex: "ж" }],
  ])("%s is found", (_, bad) => {
    expect(faults(bad)).toHaveLength(1);
  });

  test("a law without a class does not compile", () => {
    // @ts-expect-error -- it has no class
    const law: Law = { id: "x", title: "x", tex: "x", statement: "x", rewrite: () => undefined };
    expect(faults(law)).toEqual(["the class undefined"]);
  });
});

test("what a law says becomes LaTeX", () => {
  const text = [...graphLaws, ...scalarLaws]
    .map(({ statement }) => `${statement}   ${texOfStatement(statement)}`)
    .join("\n");
  expect(text).toMatchSnapshot();
});
