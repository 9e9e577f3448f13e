// Random chains of views, reductions and contractions, over axes of different sizes and of size 1: what laws make of them has
// the same value. A chain prints with its seed and number.

import { expect, test } from "vitest";
import { simplify } from "../../compiler/2-simplify/index.js";
import { algebra, type Law } from "../../compiler/2-simplify/law.js";
import { laws } from "../../compiler/2-simplify/laws.js";
import { offset } from "../../src/graph/affine.js";
import type { Node } from "../../src/graph/node.js";
import { printGraph } from "../../src/graph/print.js";
import { dim, isOne, sizeOf, type Shape } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { add, mul, neg, sub } from "../../src/ops/pointwise/arithmetic.js";
import { makeBroadcast } from "../../src/ops/adjoint-pairs.js";
import { makeConcat } from "../../src/ops/view/concat.js";
import { makeContract } from "../../src/ops/contract/contract.js";
import { max, min, sum } from "../../src/ops/reduce/reduce.js";
import { makePad, makeSlice } from "../../src/ops/view/slicing.js";
import { makeReshape, makeTranspose, transposeDef } from "../../src/ops/view/views.js";
import { leaf, ORIGIN, run } from "../differentiate/check.js";
import { drawOf, type Draw } from "../fuzz/draw.js";
import { ROWS, valuesOf } from "./law-cases.js";
import { onFiring } from "./firings.js";

const SEED = 20250301;
const CHAINS = 900;

const sizeAt = (x: Node, i: number): number => x.shape[i]!.times;

const axesOf = (x: Node): number[] => x.shape.map((_, i) => i);

/** A new leaf. */
type Fresh = (shape: Shape) => Tensor;

type Step = (x: Tensor, draw: Draw, fresh: Fresh) => Node;

function windowed(
  x: Node,
  { between, chance }: Draw,
): { starts: ReturnType<typeof offset>[]; steps: number[]; shape: Shape } {
  const taken = x.shape.map(({ times: size }) => {
    if (chance(0.4)) return { start: 0, step: 1, count: size };
    const step = chance(0.3) ? -between(1, 2) : between(1, 2);
    const start = between(0, size - 1);
    const most = step > 0 ? Math.ceil((size - start) / step) : Math.floor(start / -step) + 1;
    return { start, step, count: between(1, most) };
  });
  return {
    starts: taken.map(({ start }) => offset(start)),
    steps: taken.map(({ step }) => step),
    shape: taken.map(({ count }) => dim(count)),
  };
}

/** A pad, with gaps where its step is 2. */
function padded(x: Node, { between, chance }: Draw): Node {
  const made = x.shape.map(({ times: size }) => {
    const step = chance(0.3) ? between(1, 2) : 1;
    const before = chance(0.5) ? between(0, 2) : 0;
    return { step, before, whole: before + (size - 1) * step + 1 + (chance(0.5) ? between(0, 2) : 0) };
  });
  return makePad(ORIGIN, x, {
    starts: made.map(({ before }) => offset(before)),
    steps: made.map(({ step }) => step),
    shape: made.map(({ whole }) => dim(whole)),
    value: 0,
  });
}

/** A contraction with a new operand: which labels both have, which are summed and in which order they come is random. */
function contracted(x: Tensor, { chance, shuffled, pick }: Draw, fresh: Fresh): Node {
  const own = axesOf(x);
  const shared = own.filter(() => chance(0.6));
  const extra = chance(0.6) ? [own.length] : [];
  const size = (label: number): number => (label < own.length ? sizeAt(x, label) : 2);
  const labels = shuffled([...shared, ...extra]);
  const other = fresh(labels.map((label) => dim(size(label))));
  const kept = own.filter((label) => !shared.includes(label) || chance(0.5));
  const output = shuffled([...kept, ...extra]);
  return pick([true, false])
    ? makeContract(ORIGIN, x, other, { left: own, right: labels, output })
    : makeContract(ORIGIN, other, x, { left: labels, right: own, output });
}

const STEPS: readonly Step[] = [
  (x, { shuffled }) => makeTranspose(ORIGIN, x, shuffled(axesOf(x))),
  (x, { between }) => makeReshape(ORIGIN, x, x.shape.toSpliced(between(0, x.shape.length), 0, dim(1))),
  (x) =>
    makeReshape(
      ORIGIN,
      x,
      x.shape.filter((d) => !isOne(d)),
    ),
  (x) => makeReshape(ORIGIN, x, [sizeOf(x.shape)]),
  (x, { between }) => {
    const at = between(0, x.shape.length);
    const axes = axesOf(x).map((i) => (i < at ? i : i + 1));
    return makeBroadcast(ORIGIN, x, x.shape.toSpliced(at, 0, dim(2)), axes);
  },
  (x, { between }) =>
    makeBroadcast(
      ORIGIN,
      x,
      x.shape.map((d) => (isOne(d) ? dim(between(1, 3)) : d)),
      axesOf(x),
    ),
  (x, draw) => makeSlice(ORIGIN, x, windowed(x, draw)),
  (x, draw) => padded(x, draw),
  (x, draw) => add(padded(x, draw) as Tensor, 0),
  (x, { below, chance }, fresh) => {
    if (x.shape.length === 0) return neg(x);
    const axis = below(x.shape.length);
    const other = fresh(x.shape.with(axis, dim(2)));
    return makeConcat(ORIGIN, chance(0.5) ? [x, other] : [other, x, neg(x)], axis);
  },
  (x, { below, between }, fresh) => {
    // A part of what was joined.
    if (x.shape.length === 0) return neg(x);
    const axis = below(x.shape.length);
    const joined = makeConcat(ORIGIN, [fresh(x.shape.with(axis, dim(2))), x], axis);
    const start = between(0, 2);
    return makeSlice(ORIGIN, joined, {
      starts: axesOf(x).map((i) => offset(i === axis ? start : 0)),
      steps: axesOf(x).map(() => 1),
      shape: x.shape,
    });
  },
  (x, { below }, fresh) => {
    // Neighbours amid zeros.
    if (x.shape.length === 0) return neg(x);
    const axis = below(x.shape.length);
    const size = sizeAt(x, axis);
    const shape = x.shape.with(axis, dim(size + 2));
    const other = fresh(x.shape.with(axis, dim(2)));
    const amid = (part: Node, start: number): Tensor =>
      makePad(ORIGIN, part, {
        starts: axesOf(x).map((i) => offset(i === axis ? start : 0)),
        steps: axesOf(x).map(() => 1),
        shape,
        value: 0,
      }) as Tensor;
    return below(2) === 0 ? add(amid(x, 0), amid(other, size)) : add(amid(x, 2), amid(other, 0));
  },
  (x, { chance, pick }) => pick([sum, sum, max, min])(x, { axis: axesOf(x).filter(() => chance(0.4)) }),
  (x, { chance, pick }) => pick([sum, max])(x, { axis: axesOf(x).filter(() => chance(0.4)), keepAxes: true }),
  (x, { pick }) => pick([neg(x), mul(x, -2), add(x, 1.5), sub(0.5, x)]),
  (x, { pick }, fresh) => pick([add, mul, sub])(x, fresh(x.shape)),
  contracted,
  contracted,
];

interface Chain {
  readonly root: Node;
  readonly name: string;
}

function chain(index: number): Chain {
  const draw = drawOf(SEED, index);
  let leaves = 0;
  const fresh: Fresh = (shape) => leaf(`x${leaves++}`, shape) as Tensor;
  let x = fresh(
    draw
      .shuffled([2, 3, 4, 1])
      .slice(0, draw.between(1, 3))
      .map((size) => dim(size)),
  );
  const length = draw.between(2, 5);
  let step = draw.pick(STEPS);
  for (let made = 0, tries = 0; made < length && tries < 30; tries++) {
    // Many laws are of two steps of one kind.
    if (!draw.chance(0.3)) step = draw.pick(STEPS);
    const next = step(x, draw, fresh) as Tensor;
    if (next.shape.length > 4 || sizeOf(next.shape).times > 400) continue;
    x = next;
    made++;
  }
  return { root: x, name: `seed ${SEED}, chain ${index}` };
}

/** The first element that another set of laws changes. */
function differs({ root, name }: Chain, rules: readonly Law[], fired: Set<string>): string | undefined {
  const [simple] = simplify([root], {
    laws: rules,
    record: onFiring((firing) => void fired.add(firing.law.statement)),
  });
  const [before, after] = run([root, simple!], valuesOf(root), ROWS);
  const scale = before!.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const at = before!.findIndex((value, i) => !(Math.abs(after![i]! - value) <= 1e-11 * scale));
  if (at < 0 && before!.length === after!.length) return undefined;
  return `${name}, element ${at}: ${after![at]} for ${before![at]}\n${printGraph([root])}\n${printGraph([simple!])}`;
}

/** Laws that chains are made for. */
const MEANT = /transpose|reshape|broadcast|slice\(|pad\(|concat\(|sum\(|contraction|neighbours/;
/** Those for which a chain has no ops, or seldom. */
const SELDOM =
  /its shape|in order|-x|convolve|scatter|softmax|batch|\* c|sum\(c\)|\(broadcast\(a\) \* x\)|their size|log|where both/;

test("chains have the same value", () => {
  const fired = new Set<string>();
  for (let index = 0; index < CHAINS; index++) expect(differs(chain(index), laws, fired)).toBeUndefined();
  const silent = laws
    .map(({ statement }) => statement)
    .filter((name) => MEANT.test(name) && !SELDOM.test(name) && !fired.has(name));
  expect(silent).toEqual([]);
});

test("negative control: a transpose that forgets its order is found", () => {
  const planted = algebra(
    "planted",
    "transpose(x) = reshape(x), wrongly",
    transposeDef,
    ({ inputs: [x], shape }, { origin }) => makeReshape(origin, x!, shape),
  );
  const found = Array.from({ length: 100 }, (_, i) => differs(chain(i), [planted, ...laws], new Set()));
  expect(found.some((one) => one?.startsWith(`seed ${SEED}, chain `))).toBe(true);
});
