// Leaves, by their own names.

import {
  call,
  float,
  initial,
  leaf,
  rankOf,
  randomShape,
  size,
  step,
  take,
  type Canvas,
  type Value,
} from "../canvas.js";
import { outerValue, value, type Table } from "./kinds.js";

const numbers = (c: Canvas): number[] => Array.from({ length: c.draw.between(0, 3) }, () => size(c));

export const leaves: Table = {
  constant: outerValue(0.3, (c) => {
    if (c.draw.chance(0.3)) return take(c, step(c, "constant", c.draw.between(-8, 8) / 8));
    const shape = [size(c), c.draw.between(1, 3)];
    return take(c, step(c, "constant", 0.375, { shape }));
  }),
  hyper: outerValue(0.4, (c) => {
    const factor = take(c, step(c, "hyper", `h${c.fresh()}`, 0.5));
    return call(c, "mul", float(c).ref, factor.ref);
  }),
  input: outerValue(0.5, (c) => leaf(c, randomShape(c))),
  parameter: outerValue(0.8, (c) => {
    const shape = numbers(c);
    return take(
      c,
      step(c, "parameter", shape, initial(c, shape), ...(c.draw.chance(0.15) ? [{ trainable: false }] : [])),
    );
  }),
  size: value(0.5, (c): Value => {
    const x = float(c);
    const count = call(c, "size", x.ref, ...(rankOf(x) > 0 && c.draw.chance(0.5) ? [c.draw.below(rankOf(x))] : []));
    return call(c, "div", x.ref, count.ref);
  }),
  state: outerValue(0.4, (c) => {
    const kept = take(c, step(c, "state", `s${c.fresh()}`, numbers(c), 0.5));
    return call(c, "mul", kept.ref, 0.5);
  }),
};
