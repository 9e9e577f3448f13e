// What entries carry from call to call: running values of each dtype, tables that are written at indices, caches of attention.

import type { DType } from "../../../src/graph/dtype.js";
import { dim, type PublicDim } from "../../../src/graph/shape.js";
import { CALLS } from "../play.js";
import type { Arg } from "../sketch.js";
import {
  batched,
  call,
  float,
  indices,
  leaf,
  isFixed,
  rankOf,
  shaped,
  size,
  step,
  take,
  toShape,
  writtenShape,
  type Canvas,
  type Value,
} from "../canvas.js";
import { outerValue, type Table } from "./kinds.js";

/** What integers that are carried stay below. */
const BELOW = 3;

function kept(c: Canvas, shape: readonly PublicDim[], dtype: DType, initial: number): Value {
  const options = { ...(dtype !== "float32" && { dtype }), ...(initial !== 0 && { initial }) };
  const more = Object.keys(options).length > 0 ? [options] : [];
  return take(c, step(c, "carry", `c${c.fresh()}`, shape, ...more));
}

/** A value of a shape that a carry may have: the batch first, or nowhere. */
const carriable = (c: Canvas): Value =>
  float(
    c,
    (v) => rankOf(v) <= 3 && writtenShape(v.node.shape) !== undefined && v.node.shape.slice(1).every(isFixed),
    () => (c.draw.chance(0.6) ? ["batch", size(c)] : [size(c)]),
  );

/** The carry with other entries where indices name places of an axis; what it was where no axis has a fixed size. */
function written(c: Canvas, before: Value): Value | undefined {
  const { shape, dtype } = before.node;
  const axes = shape.flatMap((d, i) => (isFixed(d) && d.times <= 32 ? [i] : []));
  if (axes.length === 0) return undefined;
  const axis = c.draw.pick(axes);
  const list: readonly PublicDim[] = c.draw.weighted<readonly PublicDim[]>([
    [3, []],
    [2, [c.draw.between(1, 3)]],
    [axis === 0 ? 2 : 0, ["batch"]],
  ]);
  const places = indices(c, list, shape[axis]!.times);
  const parts = shape.toSpliced(axis, 1, ...toShape(list));
  const dims = writtenShape(parts);
  if (!dims) return undefined;
  const updates = {
    float32: () => shaped(c, parts),
    int32: () => indices(c, dims, BELOW),
    bool: () => call(c, "greater", shaped(c, parts).ref, 0),
  }[dtype]();
  return call(c, "setAt", before.ref, places.ref, updates.ref, ...(axis === 0 ? [] : [{ axis }]));
}

/** A next value that stays as small as what it is made of. */
export function nextOf(c: Canvas, before: Value): Value {
  const { draw } = c;
  const { shape, dtype } = before.node;
  const changed = draw.chance(0.4) ? written(c, before) : undefined;
  if (changed) return changed;
  if (dtype === "bool") {
    if (draw.chance(0.5)) return call(c, "logicalNot", before.ref);
    return call(c, "greater", shaped(c, shape).ref, 0);
  }
  if (dtype === "int32") {
    const more = call(c, "where", call(c, "less", before.ref, BELOW - 1).ref, call(c, "add", before.ref, 1).ref, 0);
    return call(c, "cast", more.ref, "int32");
  }
  const half = call(c, "mul", before.ref, 0.5);
  const added = call(c, "add", half.ref, shaped(c, shape).ref);
  return draw.chance(0.5) ? call(c, "tanh", added.ref) : added;
}

/** A value that changes the carry where an entry, or a training step, computes it. */
function running(c: Canvas): Value {
  const { draw } = c;
  const value = carriable(c);
  const dims = writtenShape(value.node.shape)!;
  const dtype = draw.weighted<DType>([
    [5, "float32"],
    [2, "int32"],
    [1, "bool"],
  ]);
  const shape = dtype === "float32" || draw.chance(0.5) ? dims : draw.chance(0.5) ? [] : ["batch" as const];
  const first = dtype === "bool" ? draw.below(2) : dtype === "int32" ? draw.below(BELOW) : draw.pick([0, 0.5, -0.25]);
  const before = kept(c, shape, dtype, first);
  const after = nextOf(c, before);
  const seen = draw.chance(0.6) ? after : before;
  const read = dtype === "float32" ? seen : call(c, "cast", seen.ref, "float32");
  const fits = shape.length === 0 || shape === dims;
  const mixed = fits ? call(c, draw.pick(["add", "sub", "mul"]), value.ref, read.ref) : read;
  return call(c, "updating", draw.chance(0.8) ? mixed.ref : seen.ref, [[before.ref, after.ref]]);
}

/** Self-attention over what all calls have seen, with room for those that a script makes. */
function attending(c: Canvas): Value {
  const { draw } = c;
  const fits = ([count, features]: readonly number[]): boolean => count! <= 2 && features! <= 8;
  const x = draw.chance(0.5) ? leaf(c, ["batch", draw.between(1, 2), draw.between(1, 4)]) : batched(c, 3, fits);
  const [count, features] = x.node.shape.slice(1).map((d) => d.times) as [number, number];
  const heads = draw.chance(0.5) && features % 2 === 0 ? 2 : 1;
  const isLayer = draw.chance(0.6);
  const values = isLayer && draw.chance(0.3) ? { valueSize: draw.between(1, 3) } : {};
  const length = (CALLS + 1) * count + draw.below(2);
  const more = values.valueSize ? [{ valueSize: values.valueSize * heads }] : [];
  const cache = step(c, "attentionCache", `k${c.fresh()}`, length, features, ...more);
  const masks = draw.chance(0.2)
    ? { paddingMask: call(c, "greater", shaped(c, [x.node.shape[0]!, dim(length)]).ref, -0.5).ref }
    : {};
  const options: Record<string, Arg> = { causal: true, cache, ...masks };
  if (isLayer) return call(c, "multiHeadAttention", x.ref, heads, { ...options, ...values });
  const name = draw.pick(["transformerEncoder", "transformerDecoder"]);
  const memory = name === "transformerDecoder" ? [batched(c, 3, ([a, b]) => a! * b! <= 40).ref] : [];
  return call(c, name, x.ref, ...memory, heads, { norm: "post", epsilon: 0.25, feedForward: 2, ...options });
}

export const carried: Table = {
  carry: outerValue(7, running),
  attentionCache: outerValue(3, attending),
};
