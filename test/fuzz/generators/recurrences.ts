// Loops over time, gradients as values, markers, randomness, state.

import { api } from "../build.js";
import {
  batched,
  call,
  combines,
  find,
  float,
  isFixed,
  isFloat,
  lambda,
  leaf,
  rankOf,
  Rejected,
  shaped,
  size,
  step,
  take,
  tamed,
  visible,
  writtenShape,
  type Canvas,
  type Value,
} from "../canvas.js";
import { BATCH, dim, sameShape, type Shape } from "../../../src/graph/shape.js";
import type { Node } from "../../../src/graph/node.js";
import { TapelessError } from "../../../src/messages.js";
import type { Arg, Ref } from "../sketch.js";
import { outerValue, value, type Table } from "./kinds.js";

/** How a loop's body and others that draw steps take a random generator: given by the whole table. */
export type Grow = (canvas: Canvas) => Value | undefined;

const smallUnits = (c: Canvas): number => (c.draw.chance(0.45) ? 1 : c.draw.between(2, 4));

function recurrentOptions(c: Canvas, x: Value): Record<string, Arg> {
  const { draw } = c;
  const options: Record<string, Arg> = {};
  if (draw.chance(0.5)) options["returnSequences"] = true;
  if (draw.chance(0.3)) options["reverse"] = true;
  if (draw.chance(0.15)) options["bias"] = false;
  if (draw.chance(0.15)) {
    options["mask"] = call(c, "greater", shaped(c, x.node.shape.slice(0, 2)).ref, -0.25).ref;
    if (draw.chance(0.4)) options["zeroOutputForMask"] = true;
  }
  return options;
}

const sequence = (c: Canvas): Value => batched(c, 3, ([time, features]) => time! <= 6 && features! <= 12);

const cell = (name: string, more: (c: Canvas) => Record<string, Arg>) =>
  outerValue(1.2, (c) => {
    const x = sequence(c);
    const units = smallUnits(c);
    const options = { ...recurrentOptions(c, x), ...more(c) };
    if (c.draw.chance(0.2)) {
      const ref = step(c, name, x.ref, units, { ...options, returnState: true });
      take(c, ref, 1);
      return take(c, ref, 0);
    }
    return call(c, name, x.ref, units, ...(Object.keys(options).length > 0 ? [options] : []));
  });

const stepOptions = (c: Canvas): Record<string, Arg> => (c.draw.chance(0.15) ? { bias: false } : {});

/** One step, in loops as well; `state` is what it gives: one tensor or a list of them. */
const oneStep = (name: string, states: 1 | 2, more: (c: Canvas) => Record<string, Arg>) =>
  value(0.6, (c) => {
    const x = shaped(c, [BATCH, dim(size(c))]);
    const units = dim(smallUnits(c));
    const before = Array.from({ length: states }, () => shaped(c, [BATCH, units]).ref);
    const options = { ...stepOptions(c), ...more(c) };
    const rest = Object.keys(options).length > 0 ? [options] : [];
    if (states === 1) return call(c, name, x.ref, before[0]!, ...rest);
    const ref = step(c, name, x.ref, before, ...rest);
    if (c.draw.chance(0.5)) take(c, ref, 1);
    return tamed(c, take(c, ref, 0));
  });

/** A scan whose body is drawn; `grow` adds a value to an inner canvas. */
function scanned(c: Canvas, grow: Grow): Value {
  const { draw } = c;
  const x = sequenceOf(c);
  const axis = draw.pick(x.node.shape.flatMap((d, i) => (isFixed(d) && d.times <= 6 ? [i] : [])));
  const others = draw.chance(0.25) ? [mate(c, x)] : [];
  const element = x.node.shape.toSpliced(axis, 1);
  const carryShape = draw.chance(0.7) ? element : element.slice(0, draw.below(element.length + 1));
  if (!writtenShape(carryShape)) throw new Rejected("scan", "a computed size");
  const initial = [startOf(c, carryShape), ...(draw.chance(0.2) ? [startOf(c, carryShape)] : [])];
  const sequences = [x, ...others];
  // What a body reads from outside, beside everything that is there.
  if (draw.chance(0.7)) shaped(c, draw.chance(0.7) ? [] : carryShape);
  const carried = initial.map(({ ref }) => ref);
  const walked = sequences.map(({ ref }) => ref);
  const reverse = draw.chance(0.35);
  // Options that say what is so without them are left out now and then.
  const options: Arg[] = axis > 0 || reverse || draw.chance(0.5) ? [{ axis, ...(reverse && { reverse: true }) }] : [];
  const body = lambda(
    c,
    () => [initial.map(() => c.fresh()), sequences.map(() => c.fresh())],
    (inner, given) => bodyOf(inner, given as readonly (readonly Node[])[], grow, axis),
  );
  drawOnce(c, "scan", body.run, [carried, walked], options);
  const result = step(c, "scan", body.arg(), carried, walked, ...options);
  const made = c.scope.get(result.$ref) as { readonly carries: readonly Node[]; readonly outputs: readonly Node[] };
  const values = [
    ...made.carries.map((_, i) => take(c, result, "carries", i)),
    ...made.outputs.map((_, i) => take(c, result, "outputs", i)),
  ];
  return draw.pick(values);
}

/** What a carry starts from: something that is there, or the same number everywhere. */
function startOf(c: Canvas, shape: Shape): Value {
  if (!c.draw.chance(0.4)) return shaped(c, shape);
  const number = c.draw.chance(0.6) ? take(c, step(c, "constant", c.draw.pick([0, 0, 0.5]))) : leaf(c, []);
  return rankOf(number) === shape.length ? number : call(c, "broadcast", number.ref, writtenShape(shape)! as Arg);
}

/** Runs a call whose function draws its body; what it gives is made again from the sketch. */
function drawOnce(
  c: Canvas,
  name: string,
  run: (...given: readonly unknown[]) => unknown,
  lists: readonly (readonly Ref[])[],
  options: readonly Arg[],
): void {
  const of = (list: readonly Ref[]): unknown[] =>
    list.map(({ $ref, path }) => (path ?? []).reduce((v, k) => (v as Record<string, unknown>)[k], c.scope.get($ref)));
  try {
    api[name]!(run, ...lists.map(of), ...options);
  } catch (error) {
    if (error instanceof TapelessError) throw new Rejected(name, error.message.split("\n")[0]!);
    throw error;
  }
}

const sequenceOf = (c: Canvas): Value =>
  float(
    c,
    (v) =>
      rankOf(v) >= 1 &&
      rankOf(v) <= 3 &&
      v.node.shape.some((d) => isFixed(d) && d.times <= 6) &&
      writtenShape(v.node.shape) !== undefined,
    () => ["batch", c.draw.between(1, 5), size(c)].slice(0, c.draw.between(2, 3)) as ("batch" | number)[],
  );

const mate = (c: Canvas, x: Value): Value => {
  const found = find(c, (v) => isFloat(v) && sameShape(v.node.shape, x.node.shape));
  return found ?? x;
};

/** Next carries and outputs, of values that are drawn from those of the step and of outside. */
function bodyOf(inner: Canvas, [carries, elements]: readonly (readonly Node[])[], grow: Grow, axis: number): Arg {
  const { draw } = inner;
  const names = [...inner.scope].filter(
    ([, node]) => carries!.includes(node as Node) || elements!.includes(node as Node),
  );
  const own = names.map(([id]) => take(inner, { $ref: id }));
  const wanted = draw.between(1, 4);
  const isNested = draw.chance(0.3);
  let nested: Value | undefined;
  if (isNested) {
    try {
      nested = scanned(inner, grow);
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
    }
  }
  for (let attempt = 0; attempt < 12 && inner.steps.length < wanted; attempt++) grow(inner);
  const carried: Arg[] = carries!.map((carry) => {
    const fits = (v: Value): boolean => isFloat(v) && sameShape(v.node.shape, carry.shape);
    const fresh = inner.values.filter((v) => fits(v) && v.node !== carry);
    const x = fresh.length > 0 && draw.chance(0.7) ? draw.pick(fresh) : undefined;
    const old = own.find(({ node }) => node === carry)!;
    if (draw.chance(0.25)) return descended(inner, old).ref;
    if (x) return draw.chance(0.6) ? mixed(inner, old, x).ref : bent(inner, x).ref;
    return mixed(inner, old, own.find(({ node }) => node !== carry) ?? old).ref;
  });
  const outputs = inner.values.filter((v) => isFloat(v) && rankOf(v) >= axis).slice(-draw.between(1, 3));
  if (nested && isFloat(nested) && rankOf(nested) >= axis && !outputs.includes(nested)) outputs.push(nested);
  return { carries: carried, outputs: draw.chance(0.85) ? outputs.map(({ ref }) => ref) : [] };
}

/** A step of descent inside of the loop: h - 0.25 * the gradient of something of h and of what is outside, by either. */
function descended(inner: Canvas, h: Value): Value {
  const w = float(
    inner,
    (v) => combines(v.node.shape, h.node.shape) && rankOf(v) <= rankOf(h) && v.size > 0,
    () => [],
  );
  // What lies between is computed outside of the loop, and handed in.
  const between = inner.draw.chance(0.4) ? call(inner, inner.draw.pick(["square", "sin", "tanh"]), w.ref) : w;
  const product = call(inner, "mul", h.ref, between.ref);
  const energy = inner.draw.chance(0.5)
    ? product
    : call(inner, inner.draw.pick(["square", "sin", "tanh"]), product.ref);
  const by = inner.draw.chance(0.4) ? w : h;
  const gradient = call(inner, "gradient", call(inner, "sum", energy.ref).ref, by.ref);
  return call(inner, "sub", h.ref, call(inner, "mul", gradient.ref, 0.25).ref);
}

const bent = (inner: Canvas, x: Value): Value => (x.size <= 1 ? x : call(inner, "tanh", x.ref));

/** h * (1 - s) + x * s, and simpler ones; always of the carry's shape. */
function mixed(inner: Canvas, h: Value, x: Value): Value {
  const same = sameShape(h.node.shape, x.node.shape);
  const other = same ? x : call(inner, "mean", x.ref);
  if (inner.draw.chance(0.4)) return call(inner, "tanh", call(inner, "add", h.ref, other.ref).ref);
  const s = find(inner, (v) => isFloat(v) && rankOf(v) === 0 && v.size <= 1);
  if (s && inner.draw.chance(0.7)) {
    const left = call(inner, "mul", h.ref, call(inner, "sub", 1, s.ref).ref);
    return bent(inner, call(inner, "add", left.ref, call(inner, "mul", other.ref, s.ref).ref));
  }
  const half = call(inner, "mul", h.ref, 0.5);
  return bent(inner, call(inner, "add", half.ref, other.ref));
}

/** The gradient of a scalar that is there, or that is made, by a value under it. */
function slope(c: Canvas): Value {
  const { draw } = c;
  const y = float(c, (v) => v.size > 0);
  const below = (node: Node, seen: Set<Node>): void => {
    if (seen.has(node)) return;
    seen.add(node);
    node.inputs.forEach((input) => below(input, seen));
  };
  const under = new Set<Node>();
  below(y.node, under);
  const known = visible(c).filter((v) => isFloat(v) && under.has(v.node) && v !== y && v.node.def.family !== "scan");
  if (known.length === 0) throw new Rejected("gradient", "nothing under the value");
  const x = draw.pick(known);
  x.uses++;
  const scalar =
    rankOf(y) === 0
      ? y
      : call(c, "sum", (draw.chance(0.5) ? call(c, draw.pick(["square", "sin", "tanh"]), y.ref) : y).ref);
  const first = call(c, "gradient", scalar.ref, x.ref);
  if (!draw.chance(0.35)) return first;
  const energy = call(c, "sum", call(c, draw.pick(["square", "sin", "tanh"]), first.ref).ref);
  return call(c, "gradient", energy.ref, draw.pick(known).ref);
}

const noise = (name: string, more: (c: Canvas) => readonly Arg[]) =>
  outerValue(0.7, (c) => {
    const x = float(c, (v) => writtenShape(v.node.shape) !== undefined);
    const made = call(c, name, writtenShape(x.node.shape) as Arg, ...more(c));
    if (made.node.dtype === "bool") return call(c, "where", made.ref, x.ref, 0);
    return call(c, c.draw.pick(["add", "mul"]), x.ref, made.ref);
  });

export const recurrences = (grow: Grow): Table => ({
  rnn: cell("rnn", (c) =>
    c.draw.chance(0.3) ? { activation: c.draw.pick<Arg>(["relu", "tanh", { $fn: "softsign" }]) } : {},
  ),
  gru: cell("gru", (c) => (c.draw.chance(0.3) ? { resetAfter: false } : {})),
  lstm: cell("lstm", (c) => (c.draw.chance(0.3) ? { peepholes: true } : {})),
  rnnCell: oneStep("rnnCell", 1, (c) => (c.draw.chance(0.3) ? { activation: "relu" } : {})),
  gruCell: oneStep("gruCell", 1, (c) => (c.draw.chance(0.3) ? { resetAfter: false } : {})),
  lstmCell: oneStep("lstmCell", 2, (c) => (c.draw.chance(0.3) ? { peepholes: true } : {})),
  bidirectional: outerValue(1, (c) => {
    const x = sequence(c);
    return call(c, "bidirectional", { $fn: c.draw.pick(["lstm", "gru", "rnn"]) }, x.ref, smallUnits(c), {
      ...(c.draw.chance(0.5) && { returnSequences: true }),
      ...(c.draw.chance(0.4) && { merge: c.draw.pick(["sum", "mul", "average"]) }),
    });
  }),
  scan: value(9, (c) => scanned(c, grow)),
  gradient: value(5, slope),
  stopGradient: value(0.5, (c) => call(c, "stopGradient", float(c).ref)),
  straightThrough: value(0.5, (c) => {
    const x = float(c);
    return call(c, "straightThrough", call(c, "round", x.ref).ref, x.ref);
  }),
  bernoulli: noise("bernoulli", () => [0.5]),
  randomNormal: noise("randomNormal", (c) => (c.draw.chance(0.5) ? [{ deviation: 0.5 }] : [])),
  randomUniform: noise("randomUniform", (c) => (c.draw.chance(0.5) ? [{ low: -0.5, high: 0.5 }] : [])),
  dropout: outerValue(1, (c) => call(c, "dropout", float(c).ref, c.draw.pick([0.25, 0.5]))),
  gaussianNoise: outerValue(0.7, (c) => call(c, "gaussianNoise", float(c).ref, 0.25)),
  updating: outerValue(1, (c) => {
    const value = float(c, (v) => v.node.shape.length <= 3);
    const average = call(
      c,
      "mean",
      value.ref,
      ...(rankOf(value) > 0 ? [{ axis: value.node.shape.flatMap((d, i) => (isFixed(d) ? [] : [i])) }] : []),
    );
    const shape = average.node.shape.map((d) => d.times);
    const kept = take(c, step(c, "state", `s${c.fresh()}`, shape, c.draw.pick([0, 1, 0.5])));
    const next = call(c, "add", call(c, "mul", kept.ref, 0.75).ref, call(c, "mul", average.ref, 0.25).ref);
    const read = call(c, "sub", value.ref, kept.ref);
    return call(c, "updating", read.ref, [[kept.ref, next.ref]]);
  }),
});
