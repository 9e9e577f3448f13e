// A compilation tells of every phase what was before and after it and what happened in between, and emits the same.

import { describe, expect, test } from "vitest";
import { rootsOf } from "../../compiler/0-declare/entry-names.js";
import { compile } from "../../compiler/compile.js";
import { resolveScalar } from "../../compiler/formula/resolve.js";
import { PHASES } from "../../compiler/pipeline.js";
import type { Trace } from "../../compiler/trace.js";
import { interpreterOf } from "../../src/graph/interpret.js";
import type { Network } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import { topological } from "../../src/graph/walk.js";
import * as t from "../../src/index.js";
import { printScalar } from "../../src/scalar/print.js";
import { eventsOf, graphPhase, toldBy } from "./told.js";
import { EXAMPLES } from "./examples.js";

/** The 2-4-1 classifier of the course. */
function classifier(): Network {
  const x = t.input("x", ["batch", 2]);
  const y = t.target("y", ["batch", 1]);
  const hidden = t.relu(t.dense(x, 4, { name: "hidden" }));
  const probability = t.sigmoid(t.dense(hidden, 1, { name: "output" }));
  const loss = t.binaryCrossEntropy(probability, y);
  return t.network("classifier", { batch: 8, outputs: { probability }, loss, optimizer: t.sgd({ rate: 0.1 }) });
}

function recurrent(): Network {
  const x = t.input("x", ["batch", 5, 3]);
  const y = t.target("y", ["batch", 2]);
  const output = t.dense(t.lstm(x, 4), 2);
  const loss = t.meanSquaredError(output, y);
  return t.network("recurrent", { batch: 6, outputs: { output }, loss, optimizer: t.sgd({ rate: 0.1 }) });
}

describe.each([
  ["a classifier", classifier],
  ["a recurrence", recurrent],
] as const)("%s", (_, make) => {
  const { events, source } = toldBy(make());

  test("tells of every phase, in order", () => {
    expect(events.map(({ phase }) => phase)).toEqual(PHASES);
    expect(new Set(PHASES).size).toBe(PHASES.length);
    expect(events.every(({ ms }) => ms >= 0 && ms < 60_000)).toBe(true);
  });

  test("each phase begins with what the last has made", () => {
    const graphs = events.filter((event) => event.kind === "graph");
    graphs.slice(1).forEach((event, i) => expect(event.before, event.phase).toBe(graphs[i]!.after));
    const kernels = events.filter((event) => event.kind === "kernels");
    expect(kernels[0]!.before).toBe(events.find(({ kind }) => kind === "fuse")!.after);
    kernels.slice(1).forEach((event, i) => expect(event.before, event.phase).toBe(kernels[i]!.after));
    const [plan, emission] = [events.at(-2)!, events.at(-1)!];
    expect(emission.before).toBe(plan.after);
    expect(emission.after).toMatchObject({ target: "typescript", text: source, spans: [] });
  });

  test("changes nothing by it, names that are asked for included", () => {
    const plain = compile(make(), { constNames: "ordinals" }).source;
    const trace: Trace = (event) => {
      if (event.kind !== "graph") return;
      const nameOf = event.names.among(event.after.map(rootsOf));
      topological(event.after.flatMap(rootsOf)).forEach((node) => [nameOf(node), event.names.frame(node)]);
    };
    expect(compile(make(), { constNames: "ordinals", trace }).source).toBe(plain);
    expect(source).toBe(plain);
  });
});

/** The adjoint where the guard holds, as numbers. */
type Flow = { readonly value: Node; readonly guard: Node | null };

/** Values of leaves that do not change, so that two evaluations agree. */
function evaluated(roots: readonly Node[], rows: number): ReadonlyMap<Node, Float64Array> {
  const values = new Map<Node, Float64Array>();
  let state = 11;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return interpreterOf(roots, { rows, scalarOf: resolveScalar })((leaf) => {
    const known =
      values.get(leaf) ?? new Float64Array(evaluateDim(sizeOf(leaf.shape), rows)).map(() => 2 * random() - 1);
    values.set(leaf, known);
    return known;
  });
}

describe("the ledger of the sweep", () => {
  const { events } = toldBy(classifier());
  const phase = graphPhase(events, "differentiate");
  const nameOf = phase.names.among(phase.after.map(rootsOf));

  test("says which use sent which adjoint by which rule under which guard", () => {
    const lines = eventsOf(phase, "edge").map(
      ({ from, to, operand, rule, value, guard }) =>
        `${nameOf(to)} from ${nameOf(from)}[${operand}] by ${rule.id}: ${nameOf(value)}${guard ? ` where ${nameOf(guard)}` : ""}`,
    );
    expect(lines).toMatchInlineSnapshot(`
      [
        "binaryCrossEntropy1.sum from binaryCrossEntropy1[0] by scale: δbinaryCrossEntropy1.sum",
        "binaryCrossEntropy1.losses from binaryCrossEntropy1.sum[0] by reduce.sum: δbinaryCrossEntropy1.losses",
        "dense2 from binaryCrossEntropy1.losses[0] by cross-entropy: δdense2",
        "dense2.contract from dense2[0] by sum: δdense2",
        "dense2.broadcast from dense2[1] by sum: δdense2",
        "output.bias from dense2.broadcast[0] by broadcast: δoutput.bias",
        "relu1 from dense2.contract[0] by product.left: δrelu1",
        "output.weight from dense2.contract[1] by product.right: δoutput.weight",
        "dense1 from relu1[0] by elementwise: δrelu1 where relu1.guard",
        "dense1.contract from dense1[0] by sum: δrelu1 where relu1.guard",
        "dense1.broadcast from dense1[1] by sum: δrelu1 where relu1.guard",
        "hidden.bias from dense1.broadcast[0] by broadcast: δhidden.bias",
        "hidden.weight from dense1.contract[1] by product.right: δhidden.weight",
      ]
    `);
  });

  test("the sum of what was sent is the adjoint", () => {
    const { events: told } = graphPhase(toldBy(twice()).events, "differentiate");
    const sums = eventsOf({ events: told }, "sum");
    expect(sums.length).toBeGreaterThan(0);
    const flows: readonly Flow[] = sums.flatMap(({ parts, ...whole }) => [whole, ...parts]);
    const values = evaluated(
      flows.flatMap(({ value, guard }) => (guard ? [value, guard] : [value])),
      2,
    );
    const at = ({ value, guard }: Flow, i: number): number =>
      guard && values.get(guard)![i] === 0 ? 0 : values.get(value)![i]!;
    for (const { parts, ...whole } of sums) {
      for (let i = 0; i < values.get(whole.value)!.length; i++) {
        const sum = parts.reduce((total, part) => total + at(part, i), 0);
        expect(Math.abs(at(whole, i) - sum)).toBeLessThan(1e-12);
      }
      // The control: one part is not the sum.
      expect(parts.length).toBeGreaterThan(1);
    }
  });

  test("each slope is formed once, with the laws that were used", () => {
    const slopes = eventsOf(phase, "slope").map(
      ({ def, operand, slope }) => `${def.name}[${operand}]: ${printScalar(slope, ({ index }) => `x${index}`)}`,
    );
    expect(slopes).toMatchInlineSnapshot(`
      [
        "div[0]: 1 / x1",
        "add[0]: 1",
        "add[1]: 1",
        "relu[0]: where(x1 > 0, 1, 0)",
      ]
    `);
    expect(new Set(slopes).size).toBe(slopes.length);
    for (const { law, before, after } of eventsOf(phase, "scalar")) expect(before, law.id).not.toBe(after);
    expect(eventsOf(phase, "scalar").length).toBeGreaterThan(0);
  });

  test("sweeps in loops are told too, each whole, beginning with its seed", () => {
    const { events: told } = graphPhase(toldBy(recurrent()).events, "differentiate");
    expect(told.find(({ kind }) => kind !== "scalar" && kind !== "slope")!.kind).toBe("seed");
    expect(eventsOf({ events: told }, "seed")).toHaveLength(2);
    const rules = new Set(eventsOf({ events: told }, "edge").map(({ rule }) => rule.id));
    expect([...rules].sort()).toMatchInlineSnapshot(`
      [
        "broadcast",
        "elementwise",
        "product.left",
        "product.right",
        "reduce.sum",
        "result",
        "scale",
        "scan",
        "sum",
        "view",
      ]
    `);
  });
});

/** Values with several uses, one of them behind a branch. */
function twice(): Network {
  const x = t.input("x", ["batch", 3]);
  const h = t.tanh(t.dense(x, 4));
  const loss = t.mean(t.square(t.add(t.relu(h), t.mul(h, t.sigmoid(h)))));
  return t.network("twice", { batch: 2, outputs: { h }, loss, optimizer: t.sgd({ rate: 0.1 }) });
}

test("simplification tells laws, merges, expansions, loops and what was left out", async () => {
  const told = toldBy(recurrent()).events;
  const simplify = graphPhase(told, "simplify");
  expect(eventsOf(simplify, "law").length).toBeGreaterThan(10);
  for (const { kept, dropped } of eventsOf(simplify, "merge")) {
    expect(kept).not.toBe(dropped);
    expect([kept.def, kept.dtype]).toEqual([dropped.def, dropped.dtype]);
  }
  expect(eventsOf(simplify, "merge").length).toBeGreaterThan(0);
  expect(new Set(eventsOf(graphPhase(told, "loops"), "loop").map(({ law }) => law.id))).toEqual(
    new Set(["kept-for-the-way-back", "sum-over-time"]),
  );
  const pruned = eventsOf(graphPhase(told, "prune"), "prune");
  for (const { kept, result } of pruned) expect(result.regions[0]!.results).toHaveLength(kept.length);
  expect(pruned.some(({ scan, kept }) => kept.length < scan.regions[0]!.results.length)).toBe(true);
  const softmaxed = toldBy(await EXAMPLES.find(([name]) => name.startsWith("digits/"))![1]()).events;
  expect(eventsOf(graphPhase(softmaxed, "expand"), "expand").map(({ node }) => node.def.name)).toContain("softmax");
  expect(eventsOf(graphPhase(softmaxed, "stabilize"), "law").length).toBe(0);
  expect(eventsOf(graphPhase(toldBy(classifier()).events, "stabilize"), "law").map(({ law }) => law.title)).toContain(
    "cross-entropy of a sigmoid",
  );
});
