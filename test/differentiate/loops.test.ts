// Gradients inside loops, and through them: programs against an evaluation that differentiates no graph, and differences.

import { describe, expect, test } from "vitest";
import { differentiate } from "../../compiler/1-differentiate/index.js";
import { handIn } from "../../compiler/1-differentiate/hand-in.js";
import { expandComposites, lightenLoops, simplify } from "../../compiler/2-simplify/index.js";
import { verifyGraph } from "../../compiler/verify.js";
import { createNode, type Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { everyNode } from "../../src/graph/walk.js";
import { makeRegionParameter } from "../../src/ops/leaf/leaves.js";
import { gradientAt, gradientDef } from "../../src/ops/marker/markers.js";
import { pruneScans } from "../../src/ops/scan/scan-prune.js";
import { scanDef } from "../../src/ops/scan/scan-record.js";
import * as t from "../ops/api.js";
import { derivativeAt0 } from "../../compiler/differences.js";
import { count } from "../extent.js";
import { FINE } from "../oracle/gradcheck.js";
import { evaluator, floatLeaf, valuesFor } from "../oracle/leaves.js";
import { randomNumbers } from "../oracle/random.js";
import * as f from "./functional.js";
import { randomProgram, type Program } from "./programs.js";

const SEED = 1000;
const PROGRAMS = count(40, 200);
/** Programs that take more to evaluate are left out. */
const WORK = 50_000;

interface Errors {
  /** Of all of them, after the phases that follow. */
  readonly simplified: number;
  readonly value: number;
  readonly gradient: number;
  readonly second: number;
  /** Of the evaluation itself, along a random direction. */
  readonly differences: number;
  readonly largest: number;
}

/** How far the library's graphs are from the plain evaluation, relative to the largest number. */
function errorsOf({ leaves, inputs, loss }: Program, random: () => number, order: 1 | 2): Errors {
  const given = inputs.map((type) => valuesFor(type, 1, random));
  const numbers = leaves.map((leaf, i) => [leaf, given[i]!] as const);
  const values = new Map<Node, ArrayLike<number>>(leaves.map(({ node }, i) => [node, given[i]!]));
  const wanted = leaves.slice(0, 3);
  const first = leaves.map((leaf) => f.gradient(loss, leaf));
  const slope = first.slice(0, 3).map(f.sum).reduce(f.rules.add);
  const second = order === 1 ? [] : wanted.map((leaf) => f.gradient(slope, leaf));
  const all = [loss, ...first, ...second];
  const derived = differentiate(all.map(({ node }) => node));
  const actual = evaluator(derived, 1)(values);
  const expanded = expandComposites(lightenLoops(simplify(pruneScans(derived))));
  const simple = evaluator(simplify(expanded), 1)(values);
  const expected = f.evaluated(all, numbers, WORK);
  const far = (from: number, to: number): number => relative(actual.slice(from, to), expected.slice(from, to));

  const direction = given.map((array) => array.map(() => 2 * random() - 1));
  const along = derivativeAt0((offset) => {
    const moved = leaves.map((leaf, i) => [leaf, given[i]!.map((x, k) => x + offset * direction[i]![k]!)] as const);
    return f.evaluated([loss], moved)[0]![0]!;
  }, FINE);
  const dot = first.reduce(
    (total, _, i) => total + expected[i + 1]!.reduce((s, g, k) => s + g * direction[i]![k]!, 0),
    0,
  );
  return {
    simplified: relative(simple, expected),
    value: far(0, 1),
    gradient: far(1, 1 + first.length),
    second: far(1 + first.length, all.length),
    differences: Math.abs(along - dot) / (1 + Math.abs(dot)),
    largest: Math.max(...expected.slice(1).flat().map(Math.abs)),
  };
}

function relative(actual: readonly Float64Array[], expected: readonly (readonly number[])[]): number {
  const flat = expected.flat();
  const size = Math.max(1, ...flat.map(Math.abs));
  const numbers = actual.flatMap((array) => [...array]);
  expect(numbers).toHaveLength(flat.length);
  return Math.max(0, ...numbers.map((value, i) => Math.abs(value - flat[i]!))) / size;
}

describe("random programs of loops and gradients", () => {
  test(`${PROGRAMS} programs from seed ${SEED}`, () => {
    let moving = 0;
    let judged = 0;
    for (let seed = SEED; judged < PROGRAMS; seed++) {
      const random = randomNumbers(seed);
      const program = randomProgram(random);
      const errors = unlessTooLong(() => errorsOf(program, random, seed % 4 === 0 ? 2 : 1));
      if (errors === undefined) continue;
      const where = `seed ${seed}: ${program.loss.says}`;
      expect(errors.value, where).toBeLessThan(1e-11);
      expect(errors.gradient, where).toBeLessThan(1e-9);
      expect(errors.second, where).toBeLessThan(1e-8);
      expect(errors.simplified, where).toBeLessThan(1e-8);
      expect(errors.differences, where).toBeLessThan(1e-4);
      judged += 1;
      if (errors.largest > 1e-3) moving += 1;
    }
    expect(moving).toBeGreaterThan(PROGRAMS / 2);
  });
});

function unlessTooLong<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof f.TooLong) return undefined;
    throw error;
  }
}

const w = floatLeaf("w", 2);
const xs = floatLeaf("xs", 3, 2);
const h0 = floatLeaf("h0", 2);
const numbers: ReadonlyMap<Node, readonly number[]> = new Map([
  [w, [0.5, 0.25]],
  [xs, [1, 2, 3, 4, 5, 6]],
  [h0, [0.1, 0.2]],
]);
const valueOf = (node: Node): number[] => [...evaluator(differentiate([node]), 1)(numbers)[0]!];

type Step = (h: Tensor, x: Tensor) => Tensor;
const last = (step: Step, reverse = false): Tensor =>
  t.scan(([h], [x]) => ({ carries: [step(h!, x!)], outputs: [] }), [h0], [xs], { reverse }).carries[0]! as Tensor;
const total = (a: Tensor): Tensor => t.sum(a) as Tensor;
const product = (a: Tensor, b: Tensor | number): Tensor => t.mul(a, b as never) as Tensor;
const plus = (a: Tensor, b: Tensor): Tensor => t.add(a, b as never) as Tensor;
const closeTo = (node: Node, expected: readonly number[]): void =>
  valueOf(node).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));

const stopped = t.stopGradient(w);
const quarter = (x: Tensor): Tensor => t.div(0.25, t.stopGradient(x) as never) as Tensor;

describe("by hand", () => {
  test("a step of descent inside, and the gradient of its end by what it descends along", () => {
    const moved = last((v) => t.sub(v, product(t.gradient(total(product(v, w)), v), 0.3)) as Tensor);
    closeTo(t.gradient(total(moved), w), [-0.9, -0.9]);
  });

  test("by a node outside, of what an expression of it is in", () => {
    const twice = product(w, 2);
    const moved = last((v, x) => plus(v, t.gradient(total(product(x, twice)), w)));
    closeTo(moved, [0.1 + 2 * 9, 0.2 + 2 * 12]);
    closeTo(t.gradient(total(moved), w), [0, 0]);
  });

  test("what stands outside by name has its gradient too, although the step looks through it", () => {
    const square = product(w, w);
    const moved = last((v, x) => plus(v, plus(square, t.gradient(total(product(x, square)), w))));
    // 3 w^2 + 2 w sum(x): by the square itself 3, and by w 6 w + 2 sum(x).
    closeTo(t.gradient(total(moved), square), [3, 3]);
    closeTo(t.gradient(total(moved), w), [3 + 2 * 9, 1.5 + 2 * 12]);
  });

  test("by fixed numbers, which loops do not hand in", () => {
    const rate = t.constant(0.5) as Tensor;
    const moved = last((v, x) => plus(v, product(x, rate)));
    closeTo(t.gradient(total(moved), rate), [21]);
    const inner = last((v, x) => plus(v, product(x, t.gradient(total(product(v, product(rate, 2))), rate))), true);
    // g = 2 sum(v): each step adds 2 x sum(v).
    let v = [0.1, 0.2];
    for (const x of [
      [5, 6],
      [3, 4],
      [1, 2],
    ]) {
      const g = 2 * (v[0]! + v[1]!);
      v = v.map((value, i) => value + x[i]! * g);
    }
    closeTo(inner, v);
  });

  test("by fixed numbers: each is a parameter of the region, after its own and in order", () => {
    const [rate, shift] = [t.constant(0.5) as Tensor, t.constant(0.25) as Tensor];
    const moved = last((v, x) => plus(plus(v, product(x, rate)), product(x, shift)));
    const [tuple] = handIn([moved], [rate, shift]).flatMap((root) =>
      everyNode([root]).filter((node) => node.def === (scanDef as OpDef)),
    );
    const { parameters } = tuple!.regions[0]!;
    expect(parameters.map((node) => (node.attrs as { index: number }).index)).toEqual(parameters.map((_, i) => i));
    expect(tuple!.inputs.slice(-2)).toEqual([rate, shift]);
  });

  test("in a gradient that is stated, by a node outside of it", () => {
    const twice = product(w, 2);
    // The derivative by x of x w, stated as half the gradient of sum(x w 2) by w, once for each x: that is w.
    const made = t.customGradient(
      (x) => product(x!, stopped),
      (g, _, [x]) => [
        product(g, product(t.gradient(total(product(t.stopGradient(x!), product(twice, w))), w), quarter(x!))),
      ],
      { check: false },
    );
    const moved = last((v, x) => plus(v, made(x)));
    // d sum(2 x w^2) / dw = 4 x w, and a quarter of it over x is w.
    closeTo(t.gradient(total(moved), xs), [0.5, 0.25, 0.5, 0.25, 0.5, 0.25]);
    // Again: by w it is 1 for each x.
    closeTo(t.gradient(total(t.gradient(total(moved), xs)), w), [3, 3]);
  });

  test("by a gradient that is the same node as another", () => {
    const [a, b] = [product(w, 1), product(w, 3)];
    const [ga, gb] = [a, b].map((x) => t.gradient(total(plus(a, b)), x)) as [Tensor, Tensor];
    const mixed = total(plus(product(ga, 2), product(gb, 5)));
    closeTo(t.gradient(mixed, ga), [2, 2]);
    closeTo(t.gradient(mixed, gb), [5, 5]);
  });

  test("what is computed outside is not computed again by the step", () => {
    const dear = t.exp(w) as Tensor;
    const moved = last((v, x) => plus(v, t.gradient(total(product(x, product(dear, dear))), w)));
    const [root] = differentiate([moved]);
    const loop = everyNode([root!]).find((node) => node.def === (scanDef as OpDef))!;
    expect(everyNode(loop.regions[0]!.results).map((node) => node.def.name)).not.toContain("exp");
    expect(loop.inputs).toHaveLength(loop.regions[0]!.parameters.length);
  });
});

describe("a gradient that does not see every way is refused", () => {
  const element = makeRegionParameter(w.origin, 0, { shape: w.shape, dtype: "float32" });
  const [own, doubled] = [1, 2].map((i) => makeRegionParameter(w.origin, i, w)) as [Tensor, Tensor];
  const loop = (y: Tensor, x: Node, captures: readonly Node[]): Node => {
    const parameters = [element, own, doubled];
    const attrs = { carries: 0, sequences: 1, reverse: false, length: xs.shape[0]! };
    const result = gradientAt(w.origin, y, x);
    return createNode(scanDef, [xs, ...captures], attrs, w.origin, [{ parameters, results: [result] }]);
  };
  const y = total(product(element as Tensor, doubled));
  const sentence = /gradients in scan see every way/;

  test("what is handed in is computed from what another parameter has", () => {
    expect(() => verifyGraph([loop(y, own, [w, product(w, 2)])], "declare", "declared")).toThrow(sentence);
    expect(() => verifyGraph([loop(y, own, [w, w])], "declare", "declared")).toThrow(sentence);
  });

  test("or from fixed numbers that the region has", () => {
    const fixed = t.constant([1, 2]) as Tensor;
    const inside = total(product(product(element as Tensor, doubled), fixed));
    expect(() => verifyGraph([loop(inside, fixed, [w, product(w, fixed)])], "declare", "declared")).toThrow(sentence);
    expect(() => verifyGraph([loop(inside, fixed, [w, product(w, 2)])], "declare", "declared")).not.toThrow();
  });

  test("what has nothing to do with one another is not", () => {
    expect(() => verifyGraph([loop(y, own, [w, product(h0, 2)])], "declare", "declared")).not.toThrow();
    expect(() => verifyGraph([loop(y, doubled, [w, product(w, 2)])], "declare", "declared")).not.toThrow();
    expect(() => verifyGraph([loop(y, element, [w, product(w, 2)])], "declare", "declared")).not.toThrow();
  });

  test("a marker that is told is whole", () => {
    const made = last((v, x) => plus(v, t.gradient(total(product(x, product(w, 2))), w)));
    expect(() => verifyGraph([made], "declare", "declared")).not.toThrow();
    const tuple = everyNode([made]).find((node) => node.def === (scanDef as OpDef))!;
    const marker = everyNode(tuple.regions[0]!.results).find((node) => node.def === gradientDef)!;
    expect(marker.inputs).toHaveLength(4);
  });
});
