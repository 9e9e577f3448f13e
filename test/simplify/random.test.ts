// Simplification on = off: values and gradients of random graphs, before and after.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { expandComposites, simplify, stabilize } from "../../compiler/2-simplify/index.js";
import { algebra, type Law } from "../../compiler/2-simplify/law.js";
import { laws } from "../../compiler/2-simplify/laws.js";
import type { Node } from "../../src/graph/node.js";
import { gradientAt } from "../../src/ops/marker/markers.js";
import { sub, tanh } from "../../src/ops/pointwise/arithmetic.js";
import { verifyGraph } from "../../compiler/verify.js";
import { ORIGIN, run } from "../differentiate/check.js";
import { randomGraph, ROWS, type RandomGraph } from "./random-graph.js";

const SEED = 20240607;
const choices = fc.array(fc.nat(5039), { minLength: 8, maxLength: 90 });

type Phase = (roots: readonly Node[]) => readonly Node[];

/** The largest deviation of what a phase makes of a graph, relative to the largest value. */
function deviation({ leaves, values, made, loss }: RandomGraph, prepare: Phase, phase: Phase): number {
  const wanted = leaves.map((x) => gradientAt(ORIGIN, loss, x));
  const roots = differentiate(prepare([loss, ...made, ...wanted]));
  const before = run(roots, values, ROWS);
  const after = run(phase(roots), values, ROWS);
  let worst = 0;
  before.forEach((list, k) => {
    const scale = Math.max(1, ...list.map((v) => (Number.isFinite(v) ? Math.abs(v) : 0)));
    list.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      const off = Math.abs(value - after[k]![i]!) / scale;
      worst = Number.isNaN(off) ? Infinity : Math.max(worst, off);
    });
  });
  return worst;
}

const same: Phase = (roots) => roots;

function checkPhase(phase: Phase, prepare: Phase, runs: number): fc.RunDetails<[number[]]> {
  const property = fc.property(choices, (list) => deviation(randomGraph(list), prepare, phase) < 1e-9);
  return fc.check(property, { seed: SEED, numRuns: runs });
}

const report = (details: fc.RunDetails<[number[]]>): string =>
  `seed ${SEED}, path ${details.counterexamplePath}: [${details.counterexample?.[0].join(", ")}] ` +
  String(details.errorInstance ?? "");

describe("random graphs", () => {
  test("simplify changes no value and no gradient", () => {
    const details = checkPhase((roots) => simplify(roots), same, 400);
    expect(details.failed, report(details)).toBe(false);
  });

  test("nor does simplifying, expanding and simplifying again", () => {
    const phase: Phase = (roots) => {
      const result = simplify(expandComposites(simplify(roots)));
      verifyGraph(result, "expand", "primitive");
      return result;
    };
    const details = checkPhase(phase, same, 400);
    expect(details.failed, report(details)).toBe(false);
  });

  test("stabilize changes no value and no gradient", () => {
    const property = fc.property(choices, (list) => {
      const { leaves, values, made, loss } = randomGraph(list);
      const roots = [loss, ...made, ...leaves.map((x) => gradientAt(ORIGIN, loss, x))];
      const [plain, stable] = [differentiate(roots), differentiate(stabilize(roots))].map((r) => run(r, values, ROWS));
      return plain!.every((l, k) =>
        l.every((v, i) => !Number.isFinite(v) || Math.abs(v - stable![k]![i]!) <= 1e-9 * Math.max(1, Math.abs(v))),
      );
    });
    const details = fc.check(property, { seed: SEED, numRuns: 200 });
    expect(details.failed, report(details)).toBe(false);
  });

  const wrong: readonly Law[] = [
    algebra("planted-difference", "x - y = y - x, wrongly", sub.def, ({ inputs: [a, b] }, { origin }) =>
      a!.def === sub.def ? undefined : sub.at(origin, sub.at(origin, b!, a!), a!),
    ),
    algebra("planted", "tanh(x) = x, wrongly", tanh.def, ({ inputs: [x] }) => x),
  ];
  test.each(wrong.map((each) => [each.statement, each] as const))("negative control: %s is found", (_, each) => {
    const details = checkPhase((roots) => simplify(roots, { laws: [each, ...laws] }), same, 400);
    expect(details.failed).toBe(true);
  });
});
