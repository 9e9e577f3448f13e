// Recurrences against plain loops: values, gradients (through nested loops too), and what pruning leaves.

import { describe, expect, it } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import type { Node } from "../../src/graph/node.js";
import { everyNode } from "../../src/graph/walk.js";
import { pruneScans } from "../../src/ops/scan/scan-prune.js";
import * as t from "./api.js";
import { valueOf } from "./evaluate.js";

const m = t.input("m", [3, 4]);
const w = t.input("w", []);
const data = { m: [0.1, -0.2, 0.3, 0.5, 0.7, -0.4, 0.2, 0.9, -0.3, 0.4, 0.6, 0.1], w: [0.8] };

/** A loop over the rows from the last to the first, with a loop over each row inside. */
function nested(): { carry: Node; outputs: Node } {
  const { carries, outputs } = t.scan(
    ([sum], [row]) => {
      const inner = t.scan(
        ([h], [x]) => {
          const next = t.tanh(t.add(t.mul(h!, w), t.mul(x!, sum!)));
          return { carries: [next], outputs: [next] };
        },
        [t.constant(0.1)],
        [row!],
      );
      return { carries: [t.add(sum!, inner.carries[0]!)], outputs: [t.sum(inner.outputs[0]!)] };
    },
    [w],
    [m],
    { reverse: true },
  );
  return { carry: carries[0]!, outputs: outputs[0]! };
}

function plain(given: typeof data): { carry: number; outputs: number[] } {
  let carry = given.w[0]!;
  const outputs: number[] = [];
  for (let i = 2; i >= 0; i--) {
    let h = 0.1;
    outputs[i] = 0;
    for (let j = 0; j < 4; j++) {
      h = Math.tanh(h * given.w[0]! + given.m[i * 4 + j]! * carry);
      outputs[i]! += h;
    }
    carry += h;
  }
  return { carry, outputs };
}

const lossOf = ({ carry, outputs }: ReturnType<typeof plain>): number => carry + outputs.reduce((s, o) => s + o * o, 0);

/** Five-point central difference of the plain loop. */
function slope(name: "m" | "w", i: number): number {
  const at = (step: number): number => {
    const moved = structuredClone(data);
    moved[name][i]! += step;
    return lossOf(plain(moved));
  };
  const h = 1e-3;
  return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}

const scansOf = (roots: readonly Node[]): Node[] => everyNode(roots).filter((node) => node.regions.length > 0);

describe("scan", () => {
  it("is the loop that it describes", () => {
    const { carry, outputs } = nested();
    expect(valueOf(carry, data)[0]).toBeCloseTo(plain(data).carry, 12);
    valueOf(outputs, data).forEach((o, i) => expect(o).toBeCloseTo(plain(data).outputs[i]!, 12));
  });

  it("has the gradients of the loop, before and after pruning", () => {
    const { carry, outputs } = nested();
    const loss = t.add(carry, t.sum(t.square(outputs)));
    const gradients = differentiate([t.gradient(loss, w), t.gradient(loss, m)]);
    for (const [byW, byM] of [gradients, pruneScans(gradients)] as [Node, Node][]) {
      expect(valueOf(byW, data)[0]).toBeCloseTo(slope("w", 0), 8);
      valueOf(byM, data).forEach((g, i) => expect(g).toBeCloseTo(slope("m", i), 8));
      expect(valueOf(byW, data)[0]).not.toBeCloseTo(slope("w", 0) * 1.01, 8);
    }
  });

  it("keeps any time axis and computes what does not change outside", () => {
    const x = t.input("x", ["batch", 5, 2]);
    const { outputs, carries } = t.scan(
      ([h], [e]) => ({ carries: [t.add(h!, t.mul(e!, t.exp(w)))], outputs: [h!] }),
      [t.constant(0, { shape: ["batch", 2] })],
      [x],
      { axis: 1 },
    );
    const values = Array.from({ length: 20 }, (_, i) => i);
    const before = [0, 1, 2, 3, 4].map((time) => values.filter((v) => v < 10 && v % 2 === 0 && v < 2 * time));
    const firstOfRow = valueOf(outputs[0]!, { x: values, w: [0] }, 2).filter((_, i) => i < 10 && i % 2 === 0);
    expect(firstOfRow).toEqual(before.map((list) => list.reduce((a, b) => a + b, 0)));
    expect(scansOf(carries)[0]!.regions[0]!.results.some((r) => everyNode([r]).some((n) => n.def.name === "exp"))).toBe(
      false,
    );
  });

  it("pruning leaves what is read", () => {
    const { carry } = nested();
    const results = (roots: readonly Node[]): number[] => scansOf(roots).map((scan) => scan.regions[0]!.results.length);
    expect(results([carry])).toEqual([3, 3]);
    expect(results(pruneScans([carry]))).toEqual([1, 1]);
    expect(valueOf(pruneScans([carry])[0]!, data)).toEqual(valueOf(carry, data));
    const once = pruneScans([carry]);
    expect(pruneScans(once)[0]).toBe(once[0]);
  });
});
