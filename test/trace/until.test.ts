// Simplification stopped after k uses of laws: for every k the graph is well formed and has the same values.

import { describe, expect, test } from "vitest";
import { rootsOf } from "../../compiler/0-declare/entry-names.js";
import { simplify, stabilize } from "../../compiler/2-simplify/index.js";
import { resolveScalar } from "../../compiler/formula/resolve.js";
import { draw, scaleOf } from "../../compiler/passes/values.js";
import { derive } from "../../compiler/pipeline.js";
import { verifyGraph } from "../../compiler/verify.js";
import { interpreterOf } from "../../src/graph/interpret.js";
import type { Node } from "../../src/graph/node.js";
import { printGraph } from "../../src/graph/print.js";
import { networks } from "../emitted/networks.js";
import { layers } from "../emitted/layers.js";
import { EXAMPLES } from "./examples.js";
import { onFiring } from "../simplify/firings.js";

const ROWS = 2;
const SEED = 3;

function randomNumbers(): () => number {
  let state = SEED;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** The largest share of its size by which a result differs. */
function difference(before: readonly Node[], after: readonly Node[]): number {
  const random = randomNumbers();
  const leaves = new Map<Node, Float64Array>();
  const leaf = (node: Node): Float64Array => {
    const known = leaves.get(node) ?? draw(node, ROWS, random, "finite");
    leaves.set(node, known);
    return known;
  };
  const values = interpreterOf([...before, ...after], { rows: ROWS, scalarOf: resolveScalar })(leaf);
  let most = 0;
  before.forEach((root, i) => {
    const [a, b] = [values.get(root)!, values.get(after[i]!)!];
    const scale = Math.max(scaleOf(a), 1e-6);
    for (let k = 0; k < a.length; k++)
      if (Math.abs(a[k]! - b[k]!) > 0) most = Math.max(most, Math.abs(a[k]! - b[k]!) / scale);
  });
  return most;
}

const firings = (run: (record: ReturnType<typeof onFiring>) => unknown): string[] => {
  const fired: string[] = [];
  run(onFiring(({ law }) => void fired.push(law.id)));
  return fired;
};

const subjects = [
  ["logistic", EXAMPLES.find(([name]) => name.startsWith("logistic/"))![1]],
  ["classifier", EXAMPLES.find(([name]) => name.startsWith("classifier/"))![1]],
  ["iris", EXAMPLES.find(([name]) => name.startsWith("iris/"))![1]],
  ["a gradient penalty", () => networks["a gradient penalty"]!()],
  ["running statistics", () => networks["running statistics"]!()],
  ["loops", () => layers["cells in loops, a layer applied twice"]!()],
] as const;

describe.each(subjects)("%s", (_, load) => {
  test("every prefix has the same values and verifies", async () => {
    const { named, derived } = derive(await load(), { constNames: "ordinals" });
    const roots = derived.flatMap(rootsOf);
    const all = firings((record) => simplify(roots, { record }));
    expect(all.length).toBeGreaterThan(2);
    for (let k = 0; k <= all.length; k++) {
      const fired = firings((record) => simplify(roots, { until: k, record }));
      expect(fired).toEqual(all.slice(0, k));
      const some = simplify(roots, { until: k });
      verifyGraph(some, `${k} laws`, k === all.length ? "simple" : "derived");
      expect(difference(roots, some), `${k} laws, the last ${all[k - 1]}, seed ${SEED}`).toBeLessThan(1e-9);
    }
    expect(printGraph(simplify(roots, { until: all.length }))).toBe(printGraph(simplify(roots)));
    const declared = named.flatMap(rootsOf);
    const stable = firings((record) => stabilize(declared, { record }));
    for (let k = 0; k <= stable.length; k++) {
      expect(firings((record) => stabilize(declared, { until: k, record }))).toEqual(stable.slice(0, k));
      verifyGraph(stabilize(declared, { until: k }), `${k} laws`, "declared");
    }
  }, 120_000);
});

test("negative control: another value is seen", async () => {
  const { derived } = derive(await subjects[1][1](), { constNames: "ordinals" });
  const roots = derived.flatMap(rootsOf);
  const wrong = simplify(roots).map((root) => (root.shape.length === 2 ? (root.inputs[0] ?? root) : root));
  const fitting = wrong.map((root, i) => (root.shape.length === roots[i]!.shape.length ? root : roots[i]!));
  expect(fitting.some((root, i) => root !== roots[i])).toBe(true);
  expect(difference(roots, fitting)).toBeGreaterThan(1e-3);
});
