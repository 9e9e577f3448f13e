// Kernels say what they compute: no pass loses a node, and locals and sums know whose value they are.

import { describe, expect, test } from "vitest";
import type { Kernel } from "../../compiler/ir/kernel.js";
import type { ProgramItem } from "../../compiler/ir/program.js";
import { verifyComputes } from "../../compiler/ir/verify/index.js";
import { callsOf } from "../../compiler/ir/walk.js";
import { computedNodes } from "../../compiler/3-fuse/computed-nodes.js";
import { compile } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import * as t from "../../src/index.js";

/** The kernels of an entry after each pass, by its name. */
function kernelsAfter(network: Network, of: string): ReadonlyMap<string, readonly Kernel[]> {
  const found = new Map<string, readonly Kernel[]>();
  compile(network, {
    constNames: "ordinals",
    trace: ({ kind, phase, after }) => {
      if (kind !== "fuse" && kind !== "kernels") return;
      const { items } = after.find(({ entry }) => entry === of)!;
      found.set(
        phase,
        callsOf(items).map(({ kernel }) => kernel),
      );
    },
  });
  return found;
}

const computed = (kernels: readonly Kernel[]): ReadonlySet<Node> =>
  new Set(kernels.flatMap(({ computes }) => computes));

const call = (kernel: Kernel): ProgramItem => ({ kind: "call", kernel, uses: [] });

/** The nodes that the locals, sums and stores of a kernel are values of. */
const values = ({ body }: Kernel): readonly Node[] => {
  const found: Node[] = [];
  const visit = (statements: Kernel["body"]): void => {
    for (const s of statements) {
      if (s.kind === "loop") visit(s.body);
      else if (s.kind === "reduction") found.push(...[...s.lets, ...s.accumulators].flatMap(({ of }) => of ?? []));
      else if (s.of) found.push(s.of);
    }
  };
  visit(body);
  return found;
};

const logistic = (): Network => {
  const x = t.input("x", ["batch", 2]);
  const label = t.target("label", ["batch", 1]);
  const logit = t.dense(x, 1, { name: "layer" });
  const loss = t.binaryCrossEntropy(logit, label, { from: "logits" });
  return t.network("logistic", { batch: 4, loss, optimizer: t.sgd({ rate: 0.1 }) });
};

describe("the row loop of a small network", () => {
  const after = kernelsAfter(logistic(), "step");

  test("computes what the kernels computed that it is made of", () => {
    expect(after.get("one-row-loop")!.length).toBeLessThan(after.get("fuse")!.length);
    expect(computed(after.get("one-row-loop")!)).toEqual(computed(after.get("fuse")!));
  });

  test("its locals and sums are values of the nodes that it computes, or of what it reads", () => {
    const [rows] = after.get("one-row-loop")!;
    const ops = values(rows!).map(({ def }) => def.name);
    // The logit with its bias, the loss' sum, the gradients' sums.
    for (const op of ["add", "contract", "sum"]) expect(ops).toContain(op);
    for (const node of values(rows!)) if (node.def.family !== "leaf") expect(rows!.computes).toContain(node);
  });
});

test("a convolution and the pool in its bands compute what both did", () => {
  const image = t.input("image", ["batch", 9, 8, 2]);
  const c = t.conv2d(image, 6, 3, { padding: "same", activation: t.tanh });
  const y = t.maxPool(c, 2);
  const after = kernelsAfter(t.network("pooled", { batch: 3, outputs: { y } }), "predict");
  expect(after.get("sliding-window")!.length).toBe(after.get("one-row-loop")!.length - 1);
  expect(computed(after.get("sliding-window")!)).toEqual(computed(after.get("one-row-loop")!));
});

test("the nodes to look for are those that something is read of", () => {
  const x = t.input("x", ["batch", 4]);
  const y = t.tanh(t.sin(x)) as Node;
  const flat = t.reshape(y as t.Tensor, ["batch", 2, 2]) as Node;
  const names = (root: Node) => [...computedNodes([root])].map(({ def }) => def.name);
  expect(names(y)).toEqual(["tanh", "sin"]);
  expect(names(flat)).toEqual(["tanh", "sin"]);
});

describe("controls", () => {
  const after = kernelsAfter(logistic(), "step").get("fuse")!;
  const nodes = computed(after);

  test("all is there", () => {
    expect(() => verifyComputes(after.map(call), nodes, "a pass")).not.toThrow();
  });

  test("a kernel that computes nothing is refused", () => {
    const [first, ...others] = after;
    const items = [{ ...first!, computes: [] }, ...others].map(call);
    expect(() => verifyComputes(items, new Set(), "a pass")).toThrow(`after a pass, ${first!.name} computes a node`);
  });

  test("a node that no kernel computes is refused", () => {
    const items = after.map((kernel) => call({ ...kernel, computes: kernel.computes.slice(0, 1) }));
    expect(() => verifyComputes(items, nodes, "a pass")).toThrow("after a pass, a kernel computes the node");
  });
});
