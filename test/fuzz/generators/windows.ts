// Convolutions, pools and their relatives.

import { batched, call, indices, leaf, step, take, writtenShape, type Canvas, type Value } from "../canvas.js";
import type { Arg, Ref } from "../sketch.js";
import { outerValue, type Table } from "./kinds.js";
import { activation, bias } from "./layers.js";

type Options = { readonly [key: string]: Arg };

/** [batch, spatial..., channels]; sometimes bent first, so that a load has a guard and something around it. */
function image(c: Canvas, spatial: 1 | 2 | 3): Value {
  const x = batched(c, spatial + 2, (sizes) => sizes.reduce((a, b) => a * b, 1) <= 200);
  if (!c.draw.chance(0.3)) return x;
  return c.draw.weighted<() => Value>([
    [2, () => call(c, "relu", x.ref)],
    [2, () => call(c, "clip", x.ref, 0, 1)],
    [1, () => call(c, "softmax", x.ref)],
  ])();
}

const sizesOf = (x: Value): number[] => x.node.shape.slice(1, -1).map((d) => d.times);

/** A window that fits, and options. */
function windowOf(c: Canvas, x: Value, isPool: boolean): { readonly window: Arg; readonly options: Options } {
  const { draw } = c;
  const sizes = sizesOf(x);
  const padded = !isPool && draw.chance(0.5);
  const window = sizes.map((n) => draw.between(1, Math.min(3, padded ? n + 1 : n)));
  const options: Record<string, Arg> = {};
  if (padded) options["padding"] = draw.pick(["same", "sameLower"]);
  if (draw.chance(0.35)) options["stride"] = draw.pick([1, 2]);
  if (!padded && sizes.every((n, i) => n >= 2 * (window[i]! - 1) + 1) && draw.chance(0.2)) options["dilation"] = 2;
  const square = window.every((n) => n === window[0]);
  return { window: square && draw.chance(0.6) ? window[0]! : window, options };
}

const filtersOf = (c: Canvas): number => (c.draw.chance(0.4) ? 1 : c.draw.between(1, 5));

function layer(name: "conv1d" | "conv2d" | "conv3d", spatial: 1 | 2 | 3, weight = 2) {
  return outerValue(weight, (c) => {
    const x = image(c, spatial);
    const { window, options } = windowOf(c, x, false);
    return call(c, name, x.ref, filtersOf(c), window, { ...options, ...activation(c), ...bias(c) });
  });
}

const pool = (name: string) =>
  outerValue(1, (c) => {
    const x = image(c, c.draw.pick([1, 2, 2, 3]));
    const { window, options } = windowOf(c, x, true);
    const include = name === "avgPool" && c.draw.chance(0.2) ? { countIncludePad: true } : {};
    return call(c, name, x.ref, window, { ...options, ...include, ...(c.draw.chance(0.2) && { padding: "same" }) });
  });

/** Without NaN and infinities every window has a largest element. */
function drawnPool(c: Canvas): Ref {
  const x = image(c, c.draw.pick([1, 2]));
  const { window, options } = windowOf(c, x, true);
  return step(c, "maxPoolWithIndices", x.ref, window, { ...options, ...(c.draw.chance(0.4) && { padding: "same" }) });
}

const whole = (name: string) => outerValue(0.7, (c) => call(c, name, image(c, c.draw.pick([1, 2])).ref));

const asList = (window: Arg, spatial: number): number[] =>
  Array.isArray(window) ? (window as number[]) : new Array<number>(spatial).fill(window as number);

export const windows: Table = {
  conv1d: layer("conv1d", 1),
  conv2d: layer("conv2d", 2),
  conv3d: layer("conv3d", 3, 0.8),
  convTranspose2d: outerValue(1, (c) =>
    call(
      c,
      "convTranspose2d",
      batched(c, 4, (s) => s.reduce((a, b) => a * b, 1) <= 60).ref,
      filtersOf(c),
      c.draw.between(1, 3),
      {
        ...(c.draw.chance(0.4) && { stride: 2 }),
        ...(c.draw.chance(0.3) && { padding: "same" }),
        ...activation(c),
        ...bias(c),
      },
    ),
  ),
  convolve: outerValue(1, (c) => {
    const spatial = c.draw.pick([1, 2] as const);
    const x = image(c, spatial);
    const { window, options } = windowOf(c, x, false);
    const channels = x.node.shape.at(-1)!.times;
    const weight = leaf(c, [...asList(window, spatial), channels, filtersOf(c)]);
    return call(c, "convolve", x.ref, weight.ref, options);
  }),
  convolveTranspose: outerValue(0.7, (c) => {
    const spatial = c.draw.pick([1, 2] as const);
    const x = batched(c, spatial + 2, (s) => s.reduce((a, b) => a * b, 1) <= 60);
    const window = Array.from({ length: spatial }, () => c.draw.between(1, 3));
    const weight = leaf(c, [...window, filtersOf(c), x.node.shape.at(-1)!.times]);
    return call(c, "convolveTranspose", x.ref, weight.ref, c.draw.chance(0.4) ? { stride: 2 } : {});
  }),
  avgPool: pool("avgPool"),
  maxPool: pool("maxPool"),
  maxPoolWithIndices: outerValue(0.7, (c) => {
    const found = drawnPool(c);
    take(c, found, "indices");
    return take(c, found, "values");
  }),
  maxUnpool: outerValue(0.7, (c) => {
    const x = batched(c, 3, (sizes) => sizes.reduce((a, b) => a * b, 1) <= 60);
    if (c.draw.chance(0.5)) {
      const size = c.draw.between(1, 9);
      const shape = writtenShape(x.node.shape)!;
      return call(c, "maxUnpool", x.ref, indices(c, shape, size).ref, size);
    }
    const window = Math.min(2, x.node.shape[1]!.times);
    const found = step(c, "maxPoolWithIndices", x.ref, window);
    const values = take(c, found, "values");
    return call(c, "maxUnpool", values.ref, take(c, found, "indices").ref, x.node.shape[1]!.times);
  }),
  globalAvgPool: whole("globalAvgPool"),
  globalMaxPool: whole("globalMaxPool"),
  upsample: outerValue(0.7, (c) => call(c, "upsample", image(c, c.draw.pick([1, 2])).ref, c.draw.between(1, 3))),
};
