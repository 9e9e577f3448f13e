// Chains of calls that are drawn, made and written down: what each gives as the run knows it, for the type checker to compare.

import * as api from "tapeless";
import type { Tensor } from "tapeless";
import type { Dim } from "../../src/graph/shape.js";
import { TapelessError } from "../../src/messages.js";
import { randomNumbers } from "../oracle/random.js";

type Axis = number | "batch";

/** One call: as it is written, and the axes of its result. */
export interface Step {
  readonly text: string;
  readonly name: string;
  readonly shape: readonly Dim[];
}

type Draw = ReturnType<typeof drawing>;

/** A value as it is computed, and how it is written: a literal, or one whose type says `number` alone. */
interface Written {
  readonly value: unknown;
  readonly text: string;
}

interface Call {
  readonly fn: string;
  readonly args: readonly (readonly Tensor[] | Tensor | Written)[];
}

function drawing(seed: number) {
  const random = randomNumbers(seed);
  const from = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const one = <T>(list: readonly T[]): T => list[from(0, list.length - 1)]!;
  const often = (share: number): boolean => random() < share;
  return { from, one, often };
}

const literal = (value: unknown): Written => ({ value, text: JSON.stringify(value) });

/** A literal, or now and then the same under a type that hides it. */
const hidden = (draw: Draw, value: unknown, type: string): Written =>
  draw.often(0.08) ? { value, text: `(${JSON.stringify(value)} as ${type})` } : literal(value);

const perAxis = (draw: Draw, rank: number, low: number, high: number): Written =>
  draw.often(0.5)
    ? hidden(draw, draw.from(low, high), "number")
    : hidden(
        draw,
        Array.from({ length: rank }, () => draw.from(low, high)),
        "number[]",
      );

const padding = (draw: Draw, rank: number): Written => {
  const width = (): unknown => (draw.often(0.5) ? draw.from(0, 2) : [draw.from(0, 2), draw.from(0, 2)]);
  return draw.often(0.6)
    ? hidden(draw, draw.one(["valid", "same", "sameLower"]), '"valid" | "same"')
    : literal(draw.often(0.5) ? draw.from(0, 3) : Array.from({ length: rank }, width));
};

/** Options of which each is written or not; now and then spread from what may be absent. */
function options(draw: Draw, given: Readonly<Record<string, Written>>): Written {
  const kept = Object.entries(given).filter(() => draw.often(0.5));
  const value = Object.fromEntries(kept.map(([key, written]) => [key, written.value]));
  const text = kept.map(([key, { text }]) =>
    draw.often(0.05) ? `...(sometimes && { ${key}: ${text} })` : `${key}: ${text}`,
  );
  return { value, text: `{ ${text.join(", ")} }` };
}

const windowOptions = (draw: Draw, rank: number): Readonly<Record<string, Written>> => ({
  stride: perAxis(draw, rank, 1, 3),
  dilation: perAxis(draw, rank, 1, 2),
  padding: padding(draw, rank),
  layout: literal(draw.one(["channelsLast", "channelsFirst"])),
});

const axis = (draw: Draw, x: Tensor): Written => hidden(draw, draw.from(-x.shape.length, x.shape.length - 1), "number");

const spatialRank = (x: Tensor): number => x.shape.length - 2;

const range = (draw: Draw, size: Dim): unknown => {
  if (draw.often(0.3)) return null;
  if (size.power > 0) return draw.one([null, [null, null], [0, 1], [-1, null], [null, null, -1]]);
  const end = (): number | null => (draw.often(0.3) ? null : draw.from(-size.times - 1, size.times + 1));
  return draw.often(0.3) ? [end(), end(), draw.one([1, 2, 3, -1, -2, null])] : [end(), end()];
};

function shuffled(draw: Draw, count: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = draw.from(0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order.map((a) => (draw.often(0.3) ? a - count : a));
}

/** Sizes whose product is n. */
function factors(draw: Draw, n: number): number[] {
  const divisors = Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
  const first = draw.one(divisors);
  return draw.often(0.5) ? [first, n / first] : [n];
}

const KINDS: Readonly<Record<string, (draw: Draw, x: Tensor) => Call>> = {
  conv: (draw, x) => ({
    fn: `conv${spatialRank(x)}d`,
    args: [
      x,
      hidden(draw, draw.from(1, 12), "number"),
      perAxis(draw, spatialRank(x), 1, 4),
      options(draw, windowOptions(draw, spatialRank(x))),
    ],
  }),
  convTranspose: (draw, x) => ({
    fn: "convTranspose2d",
    args: [
      x,
      literal(draw.from(1, 12)),
      perAxis(draw, 2, 1, 4),
      options(draw, { ...windowOptions(draw, 2), outputPadding: perAxis(draw, 2, 0, 1) }),
    ],
  }),
  pool: (draw, x) => ({
    fn: draw.one(["maxPool", "avgPool"]),
    args: [
      x,
      perAxis(draw, spatialRank(x), 1, 3),
      options(draw, { ...windowOptions(draw, spatialRank(x)), ceilMode: hidden(draw, draw.often(0.3), "boolean") }),
    ],
  }),
  globalPool: (draw, x) => ({
    fn: draw.one(["globalMaxPool", "globalAvgPool"]),
    args: [x, options(draw, { layout: literal(draw.one(["channelsLast", "channelsFirst"])) })],
  }),
  upsample: (draw, x) => ({
    fn: "upsample",
    args: [x, perAxis(draw, spatialRank(x), 1, 3), options(draw, { layout: literal("channelsFirst") })],
  }),
  concat: (draw, x) => ({
    fn: "concat",
    args: [draw.often(0.5) ? [x, x] : [x, x, x], options(draw, { axis: axis(draw, x) })],
  }),
  stack: (draw, x) => ({
    fn: "stack",
    args: [[x, x], options(draw, { axis: hidden(draw, draw.from(-x.shape.length - 1, x.shape.length), "number") })],
  }),
  tile: (draw, x) => ({ fn: "tile", args: [x, literal(x.shape.map(() => draw.from(1, 3)))] }),
  slice: (draw, x) => ({
    fn: "slice",
    args: [x, literal(x.shape.slice(draw.from(0, 1)).map((size) => range(draw, size)))],
  }),
  pad: (draw, x) => ({
    fn: "pad",
    args: [
      x,
      literal(x.shape.map(({ power }) => (power > 0 ? [0, 0] : [draw.from(0, 3), draw.from(0, 3)]))),
      options(draw, { mode: literal(draw.one(["edge", "constant"])) }),
    ],
  }),
  flatten: (draw, x) => ({ fn: "flatten", args: draw.often(0.5) ? [x] : [x, axis(draw, x)] }),
  reshape: (draw, x) => {
    const rest = x.shape.slice(1).reduce((product, { times }) => product * times, 1);
    const known = ["batch", ...factors(draw, rest)];
    const at = draw.from(0, known.length - 1);
    return { fn: "reshape", args: [x, literal(draw.often(0.5) ? known.with(at, -1) : known)] };
  },
  transpose: (draw, x) => ({
    fn: "transpose",
    args: draw.often(0.2) ? [x] : [x, hidden(draw, shuffled(draw, x.shape.length), "number[]")],
  }),
  expandDims: (draw, x) => ({
    fn: "expandDims",
    args: [x, hidden(draw, draw.from(-x.shape.length - 1, x.shape.length), "number")],
  }),
  squeeze: (draw, x) => ({ fn: "squeeze", args: draw.often(0.5) ? [x] : [x, axis(draw, x)] }),
  reduce: (draw, x) => ({
    fn: draw.one(["sum", "mean", "max", "norm", "logSumExp"]),
    args: [
      x,
      options(draw, {
        axis: draw.often(0.5) ? axis(draw, x) : literal(shuffled(draw, x.shape.length).slice(0, 2)),
        keepAxes: hidden(draw, draw.often(0.5), "boolean"),
      }),
    ],
  }),
  argMax: (draw, x) => ({ fn: "argMax", args: [x, options(draw, { axis: axis(draw, x), keepAxes: literal(true) })] }),
  oneHot: (draw, x) => ({ fn: "oneHot", args: [x, hidden(draw, draw.from(1, 5), "number")] }),
  same: (draw, x) => ({ fn: draw.one(["relu", "softmax", "flip", "layerNorm"]), args: [x] }),
  attention: (draw, x) => ({
    fn: draw.one(["scaledDotProductAttention", "multiHeadAttention"]),
    args: [x, ...(draw.often(0.5) ? [x, x] : [literal(1)])],
  }),
  unpool: (draw, x) => ({
    fn: "maxUnpool",
    args: [
      x,
      api.input(
        "places",
        x.shape.map(({ times, power }) => (power > 0 ? "batch" : times)),
        { dtype: "int32", below: 1 },
      ),
      perAxis(draw, spatialRank(x), 1, 9),
      options(draw, { layout: literal("channelsFirst") }),
    ],
  }),
  dense: (draw, x) => ({ fn: "dense", args: [x, hidden(draw, draw.from(1, 12), "number")] }),
  recurrent: (draw, x) => ({
    fn: draw.one(["lstm", "gru", "rnn"]),
    args: [x, literal(draw.from(1, 6)), options(draw, { returnSequences: hidden(draw, draw.often(0.5), "boolean") })],
  }),
};

const isTensor = (x: unknown): x is Tensor => typeof x === "object" && x !== null && "def" in x;

/** Draws chains until there are so many; each begins with an input. */
export function drawChains(seed: number, count: number, length: number): Step[][] {
  const draw = drawing(seed);
  return Array.from({ length: count }, (_, n) => drawChain(draw, n, length));
}

function drawChain(draw: Draw, n: number, length: number): Step[] {
  const shape: Axis[] = ["batch", ...Array.from({ length: draw.from(1, 4) }, () => draw.from(1, 14))];
  let x: Tensor = api.input("x", shape);
  const steps: Step[] = [{ name: `x${n}_0`, text: `input("x", ${JSON.stringify(shape)})`, shape: x.shape }];
  for (let attempts = 0; steps.length <= length && attempts < 60; attempts++) {
    const kind = KINDS[draw.one(Object.keys(KINDS))]!;
    const { fn, args } = kind(draw, x);
    const call = (api as unknown as Readonly<Record<string, ((...args: unknown[]) => Tensor) | undefined>>)[fn];
    const result =
      call &&
      attempt(() => call(...args.map((arg) => (isTensor(arg) || Array.isArray(arg) ? arg : (arg as Written).value))));
    if (result === undefined || result.shape.length > 5 || result.shape.some(({ times }) => times > 400)) continue;
    const before = steps.at(-1)!.name;
    const written = args.map((arg) => {
      if (isTensor(arg)) return before;
      return Array.isArray(arg) ? `[${arg.map(() => before).join(", ")}]` : (arg as Written).text;
    });
    steps.push({ name: `x${n}_${steps.length}`, text: `${fn}(${written.join(", ")})`, shape: result.shape });
    x = result;
  }
  return steps;
}

function attempt(make: () => Tensor): Tensor | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof TapelessError) return undefined;
    throw error;
  }
}

/** What the run knows of an axis, as a type: a multiple of the batch is either. */
export const axisType = ({ times, power }: Dim): string =>
  power === 0 ? String(times) : power === 1 && times === 1 ? '"batch"' : 'number | "batch"';
