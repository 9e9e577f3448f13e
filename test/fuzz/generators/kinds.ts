// What a generator of an export may be.

import type { Canvas, Value } from "../canvas.js";
import type { Arg } from "../sketch.js";

export type Generator =
  /** Draws a tensor. `weight`: how often it is taken beside others. `inner`: may stand in the step of a loop. */
  | {
      readonly kind: "value";
      readonly weight: number;
      readonly inner: boolean;
      readonly make: (canvas: Canvas) => Value;
    }
  /** Draws a float scalar that training makes smaller; it may read targets. */
  | { readonly kind: "loss"; readonly make: (canvas: Canvas) => Value }
  /** Draws an argument: an optimizer, a part of one, an initialiser of a shape. */
  | {
      readonly kind: "optimizer" | "schedule" | "clipping" | "constraint" | "metric";
      readonly make: (canvas: Canvas) => Arg;
    }
  | { readonly kind: "initializer"; readonly make: (canvas: Canvas) => Arg; readonly leastRank: number };

export type Table = Readonly<Record<string, Generator>>;

export const value = (weight: number, make: (canvas: Canvas) => Value): Generator => ({
  kind: "value",
  weight,
  inner: true,
  make,
});

/** Not in the step of a loop. */
export const outerValue = (weight: number, make: (canvas: Canvas) => Value): Generator => ({
  kind: "value",
  weight,
  inner: false,
  make,
});

export const loss = (make: (canvas: Canvas) => Value): Generator => ({ kind: "loss", make });
