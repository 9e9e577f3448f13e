// What is true of every record.

import { expect, it, describe } from "vitest";
import { createNode, type Node, type TensorType } from "../../src/graph/node.js";
import type { Call, OpDef } from "../../src/graph/op.js";
import { callSite, originOf } from "../../src/graph/origin.js";
import { printShape, sameShape } from "../../src/graph/shape.js";
import { topological } from "../../src/graph/walk.js";
import { inputDef } from "../../src/ops/leaf/leaves.js";
import { registry } from "../../src/ops/registry.js";

const seed = 20_240_501;

function drawFrom(state: number): (below: number) => number {
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const leaf = (name: string, { shape, dtype }: TensorType): Node =>
  createNode(inputDef, [], { name, role: "input", shape, dtype }, originOf(callSite("input")));

const typeOf = ({ shape, dtype }: TensorType): string => `${printShape(shape)} ${dtype}`;

/** The samples of a record: the leaves and the node made of them. */
function built(def: OpDef): { leaves: Node[]; node: Node }[] {
  return def.samples(drawFrom(seed)).map((sample) => {
    const leaves = sample.inputs.map((type, i) => leaf(`x${i}`, type));
    return { leaves, node: sample.build(leaves) };
  });
}

const adjoints = (node: Node): readonly (Node | null)[] => {
  const call: Call<object> = node;
  return node.def.vjp!({ ...call, output: node, gradient: leaf("g", node) });
};

/** Float operands that no gradient reaches: a value with another's slope, statistics that only inference reads. */
const NO_GRADIENT = new Map([
  ["straightThrough", [0]],
  ["batchNormalize", [3, 4]],
]);

describe("registry", () => {
  it("holds each name once", () => {
    const names = registry.map((def) => def.name);
    expect(names.length).toBeGreaterThan(80);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it.each(registry.map((def) => [def.name, def] as const))("%s says what it means", (_, def) => {
    const meanings = [def.lower, def.formula ?? def.scalar, def.expand].filter((meaning) => meaning !== undefined);
    // A gradient means nothing by itself: the first phase replaces it.
    expect(meanings.length).toBe(def.name === "gradient" ? 0 : 1);
    expect(def.doc).toMatch(/\.$/);
  });

  const sampled = registry.filter((def) => def.samples(drawFrom(seed)).length > 0);

  it.each(sampled.map((def) => [def.name, def] as const))("%s: samples are calls of it", (_, def) => {
    for (const { node } of built(def)) expect(topological([node]).some((n) => n.def === def)).toBe(true);
    const shapes = new Set(built(def).flatMap(({ leaves }) => leaves.map(typeOf)));
    expect(shapes.size).toBeGreaterThan(2);
  });

  it.each(sampled.map((def) => [def.name, def] as const))(
    "%s: adjoints and expansion have the right types",
    (_, def) => {
      for (const { leaves, node } of built(def)) {
        if (def.expand) expect(typeOf(def.expand(node))).toBe(typeOf(node));
        if (!def.vjp) continue;
        adjoints(node).forEach((adjoint, i) => {
          if (adjoint === null)
            expect(leaves[i]!.dtype === "int32" || NO_GRADIENT.get(def.name)?.includes(i)).toBe(true);
          else expect(typeOf(adjoint)).toBe(typeOf(leaves[i]!));
        });
      }
    },
  );

  it("would notice an adjoint of another shape", () => {
    const sum = registry.find((def) => def.name === "sum")!;
    const { leaves, node } = built(sum)[3]!;
    expect(sameShape(node.shape, leaves[0]!.shape)).toBe(false);
  });

  it("every float result is reachable by a gradient or says that none passes", () => {
    const silent = registry.filter(
      (def) => def.differentiable && !def.vjp && !def.vjpMany && !def.expand && !def.formula && !def.scalar,
    );
    expect(silent.map((def) => def.name).sort()).toEqual(["gradient", "result"]);
  });
});
