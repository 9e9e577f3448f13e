// Fusion says why: each reason is met by a graph that is made for it, and not by the one beside it.

import { describe, expect, test } from "vitest";
import type { FuseDecision } from "../../compiler/3-fuse/decisions.js";
import { fuse } from "../../compiler/3-fuse/fuse.js";
import { newFuseCache, wholeBuffer } from "../../compiler/3-fuse/input.js";
import type { Buffer } from "../../compiler/ir/program.js";
import type { Assignment } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import * as tapeless from "../../src/index.js";

// Nodes are nodes: the types of their axes are of no interest here.
type Anything = (...given: unknown[]) => Node;
const t = tapeless as unknown as Readonly<Record<string, Anything>>;

const bufferOf = (node: Node, segment: Buffer["segment"]): Buffer => ({
  name: node.def.name,
  segment,
  dtype: node.dtype,
  shape: node.shape,
  ...(segment === "parameter" && { leaf: node }),
});

function decisionsOf(results: readonly Node[], updates: readonly Assignment[] = []): readonly FuseDecision[] {
  const leaves = new Map<Node, Buffer>();
  const leaf = (node: Node) => {
    const buffer = leaves.get(node) ?? bufferOf(node, "parameter");
    leaves.set(node, buffer);
    return wholeBuffer(buffer);
  };
  const fused = fuse({
    cache: newFuseCache(),
    results: results.map((value) => ({ value, use: wholeBuffer(bufferOf(value, "output")) })),
    updates,
    leaf,
    nameOf: (node) => node.def.name,
    updateName: () => "next",
  });
  return fused.decisions;
}

const reasons = (decisions: readonly FuseDecision[], kind: FuseDecision["kind"]): readonly string[] =>
  decisions.filter((one) => one.kind === kind).map(({ because }) => because);

/** Why a node is stored; nothing where it is not. */
const stored = (decisions: readonly FuseDecision[], node: Node): string | undefined =>
  decisions.find((one) => one.kind === "store" && one.node === node)?.because;

const input = (...shape: readonly (number | string)[]): Node => t["input"]!("x", ["batch", ...shape]);
const weight = (...shape: readonly number[]): Node => t["parameter"]!([...shape], 0.1, { name: "w" });

/** `length` ops in a row. */
const chain = (length: number): Node => {
  let y = input(4);
  for (let i = 0; i < length; i++) y = i % 2 === 0 ? t["sin"]!(y) : t["mul"]!(y, 1.01);
  return y;
};

test("a value is stored for a reason: in a loop that reads it again it is too dear, unless it is cheap", () => {
  const x = input(40);
  const dear = t["exp"]!(x);
  const y = t["matmul"]!(dear, weight(40, 30));
  const decisions = decisionsOf([y]);
  expect(stored(decisions, dear)).toBe("too dear in a loop");
  expect(stored(decisions, y)).toBe("result");
  const view = t["transpose"]!(x);
  expect(stored(decisionsOf([t["matmul"]!(view, x)]), view)).toBeUndefined();
});

test("what is too large is cut, what is not is not; the parts share a kernel and take no memory", () => {
  const kept = (length: number) =>
    decisionsOf([chain(length)]).flatMap((one) => (one.kind === "keep" ? one.otherwise : []));
  expect(new Set(kept(400))).toEqual(new Set(["body limit"]));
  expect(kept(100)).toEqual([]);
  // Read by a loop that goes through it otherwise, the first part is stored.
  const cut = decisionsOf([t["sum"]!(chain(400), { axis: 0 })]);
  expect(new Set(reasons(cut, "store"))).toEqual(new Set(["result", "body limit"]));
});

test("sums over columns are no part of a loop over rows", () => {
  const x = input(8);
  const half = t["mul"]!(t["sum"]!(x, { axis: 0 }), 0.5);
  const decisions = decisionsOf([t["sub"]!(x, half)]);
  expect(stored(decisions, half)).toBe("reduction inside a loop");
  const ofRows = t["sum"]!(x, { axis: 1, keepAxes: true });
  expect(reasons(decisionsOf([t["sub"]!(x, ofRows)]), "store")).toEqual(["result"]);
});

describe("where values lie", () => {
  test("compared ones, as they were stored", () => {
    const z = t["tanh"]!(input(3));
    const most = t["max"]!(z, { axis: 0 });
    const decisions = decisionsOf([t["equal"]!(z, most)]);
    expect(stored(decisions, z)).toBe("compared");
    expect(stored(decisionsOf([t["add"]!(z, 1)]), z)).toBeUndefined();
  });

  test("shown in a shape that would need a division", () => {
    const z = t["tanh"]!(t["constant"]!([1, 2, 3, 4, 5, 6]));
    const rows = t["reshape"]!(z, [2, 3]);
    const squared = t["mul"]!(rows, 2);
    const flat = t["reshape"]!(squared, [6]);
    const decisions = decisionsOf([t["add"]!(flat, 1)]);
    expect(stored(decisions, squared)).toBe("read through a shape that divides");
    expect(stored(decisions, z)).toBeUndefined();
  });
});

describe("what shares a kernel", () => {
  test("what is read element for element, and what needs the same reduction", () => {
    const y = t["tanh"]!(input(4));
    expect(reasons(decisionsOf([y, t["mul"]!(y, 2)]), "merge")).toContain("read element for element");
    const x = input(4);
    const most = t["max"]!(x, { axis: 1, keepAxes: true });
    const below = t["sub"]!(x, t["broadcast"]!(most, ["batch", 4]));
    const decisions = decisionsOf([below, t["exp"]!(t["neg"]!(t["broadcast"]!(most, ["batch", 4])))]);
    expect(reasons(decisions, "merge")).toEqual(["same reduction"]);
  });

  test("numbers of the same data; not of other data", () => {
    const x = input(4);
    const total = t["sum"]!(x);
    expect(reasons(decisionsOf([total, t["max"]!(x)]), "merge")).toEqual(["numbers of the same data"]);
    expect(reasons(decisionsOf([total, t["max"]!(t["input"]!("z", ["batch", 4]))]), "merge")).toEqual([]);
  });

  test("two contractions stay apart", () => {
    const x = input(20);
    const h = t["matmul"]!(x, weight(20, 30));
    const y = t["add"]!(h, t["matmul"]!(x, t["parameter"]!([20, 30], 0.2, { name: "v" })));
    expect(reasons(decisionsOf([h, y]), "apart")).toEqual(["two contractions"]);
  });
});

describe("an update waits", () => {
  const [a, b] = [weight(3, 3), t["parameter"]!([3, 3], 0.2, { name: "b" })] as const;

  test("where it reads the old value elsewhere", () => {
    const decisions = decisionsOf([], [{ leaf: a, value: t["add"]!(t["transpose"]!(a), 1) }]);
    expect(decisions.filter(({ kind }) => kind === "divert")).toEqual([
      { kind: "divert", leaf: a, because: "its own update reads the old value elsewhere" },
    ]);
    expect(reasons(decisionsOf([], [{ leaf: a, value: t["add"]!(a, 1) }]), "divert")).toEqual([]);
  });

  test("where one who reads the old value waits for the new one: two that change places", () => {
    const changed: readonly Assignment[] = [
      { leaf: a, value: t["add"]!(t["transpose"]!(b), 1) },
      { leaf: b, value: t["add"]!(t["transpose"]!(a), 1) },
    ];
    expect(reasons(decisionsOf([], changed), "divert")).toEqual(["a reader of the old value waits for the new one"]);
  });

  test("two leaves that are given each other's value as it is", () => {
    const changed: readonly Assignment[] = [
      { leaf: a, value: b },
      { leaf: b, value: a },
    ];
    expect(reasons(decisionsOf([], changed), "divert")).toEqual(["a reader of the old value waits for the new one"]);
  });
});

test("a loop of the program reads and writes memory", () => {
  const x = t["mul"]!(t["input"]!("x", [5, 3]), 2);
  const scan = tapeless.scan as unknown as (...given: unknown[]) => { readonly carries: readonly Node[] };
  const step = ([h]: readonly Node[], [e]: readonly Node[]) => ({
    carries: [t["tanh"]!(t["add"]!(h, e))],
    outputs: [],
  });
  const { carries } = scan(step, [t["constant"]!([0, 0, 0])], [x], { axis: 0 });
  const decisions = decisionsOf([carries[0]!]);
  expect(stored(decisions, x)).toBe("operand of a loop");
  expect(reasons(decisions, "store")).toContain("made by a loop");
});
