// The graph verifier: silent on what each phase leaves behind, loud on graphs broken on purpose.

import { describe, expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { expandComposites, simplify, stabilize } from "../../compiler/2-simplify/index.js";
import { verifyGraph } from "../../compiler/verify.js";
import type { Node } from "../../src/graph/node.js";
import { dim } from "../../src/graph/shape.js";
import { everyNode } from "../../src/graph/walk.js";
import { add, log, tanh } from "../../src/ops/pointwise/arithmetic.js";
import { matmul } from "../../src/ops/contract/contract.js";
import { softmaxCrossEntropy } from "../../src/ops/composite/entropy.js";
import { input, labels, makeRegionParameter, parameter } from "../../src/ops/leaf/leaves.js";
import { gradient, stopGradient } from "../../src/ops/marker/markers.js";
import { mean, sum } from "../../src/ops/reduce/reduce.js";
import { scan } from "../../src/ops/scan/scan.js";
import { softmax } from "../../src/ops/composite/softmax.js";
import { ORIGIN } from "../differentiate/check.js";

const x = input("x", ["batch", 3]);
const w = parameter([3, 4], 0, { name: "w" });
const t = labels("t", ["batch"], 4);
const loss = mean(softmaxCrossEntropy(matmul(x, w), t));
const { carries } = scan(
  ([h], [e]) => ({ carries: [tanh(add(h!, e!))], outputs: [] }),
  [x],
  [input("xs", [5, "batch", 3])],
  { axis: 0 },
);

/** A node changed as no constructor would. */
const forged = (node: Node, changes: Partial<Node>): Node => ({ ...node, ...changes });

describe("verifyGraph", () => {
  test("accepts what each phase leaves behind", () => {
    const roots = [loss, gradient(loss, w), gradient(sum(log(softmax(carries[0]!))), x)];
    verifyGraph(roots, "declare", "declared");
    const stable = stabilize(roots);
    verifyGraph(stable, "stabilize", "declared");
    const derived = differentiate(stable);
    verifyGraph(derived, "differentiate", "derived");
    const simple = simplify(derived);
    verifyGraph(simple, "simplify", "simple");
    const primitive = simplify(expandComposites(simple));
    verifyGraph(primitive, "expand", "primitive");
    expect(everyNode(primitive).filter((node) => node.def.family === "composite")).toEqual([]);
  });

  const tuple = everyNode([carries[0]!]).find((node) => node.def.results)!;
  const foreign = makeRegionParameter(ORIGIN, 0, x);
  const [region] = tuple.regions;
  test.each([
    ["a gradient marker after differentiation", gradient(loss, w), "derived", "no gradient marker is left"],
    ["a marker after simplification", stopGradient(x), "simple", "no marker is left, but there is stopGradient"],
    ["a composite after expansion", softmax(x), "primitive", "no composite is left, but there is softmax"],
    [
      "a shape that is not the rule's",
      forged(tanh(x), { shape: [dim(7)] }),
      "declared",
      "the type of tanh is what its rule says",
    ],
    [
      "a dtype that is not the rule's",
      forged(tanh(x), { dtype: "int32" }),
      "declared",
      "the type of tanh is what its rule says",
    ],
    [
      "a tuple that is read as a tensor",
      forged(tanh(sum(x)), { inputs: [tuple] }),
      "declared",
      "only a projection reads the tuple of scan",
    ],
    ["a foreign region parameter", tanh(foreign as never), "declared", "the network reads only its own parameters"],
    [
      "a region that is not closed",
      forged(tuple, { regions: [{ ...region!, results: [tanh(foreign as never), ...region!.results.slice(1)] }] }),
      "declared",
      "the region of scan reads only its own parameters",
    ],
    ["operands of different shapes", forged(add(x, x), { inputs: [x, w] }), "declared", "cannot combine"],
  ] as const)("refuses %s", (_, root, level, sentence) => {
    expect(() => verifyGraph([root as Node], "the test", level)).toThrow(sentence);
  });
});
