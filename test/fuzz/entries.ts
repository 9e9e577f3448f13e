// Entries of a drawn network's own: what each computes, and what it carries from call to call.

import { everyNode } from "../../src/graph/walk.js";
import { isCarry } from "../../src/ops/leaf/leaf-records.js";
import type { UpdatingAttrs } from "../../src/ops/marker/markers.js";
import { call, Rejected, type Canvas, type Value } from "./canvas.js";
import { nextOf } from "./generators/carried.js";
import type { Arg } from "./sketch.js";

type Entries = Record<string, Record<string, Arg>>;

const NAMES = ["next", "peek"];

/** One or two, of values that need no target: those that carry something sooner than others. */
export function ownEntries(canvas: Canvas, values: readonly Value[]): Entries {
  const { draw } = canvas;
  const carries = values.filter((value) => statesOf(value).some(isCarry));
  const names = NAMES.slice(0, carries.length > 0 && draw.chance(0.6) ? 2 : 1);
  return Object.fromEntries(names.map((name) => [name, entryOf(canvas, values, carries)]));
}

function entryOf(canvas: Canvas, values: readonly Value[], carries: readonly Value[]): Record<string, Arg> {
  const { draw } = canvas;
  const shown = [
    ...(carries.length > 0 && draw.chance(0.9) ? [draw.chance(0.5) ? mostOf(carries) : draw.pick(carries)] : []),
    ...draw.shuffled(values).slice(0, draw.between(1, 2)),
  ];
  const last = draw.chance(0.4) ? otherwise(canvas, values, shown) : undefined;
  const noise = draw.chance(0.15) ? call(canvas, "randomUniform", ["batch", draw.between(1, 3)]) : undefined;
  const all = [...shown, ...(last ? [last] : []), ...(noise ? [noise] : [])];
  return Object.fromEntries(all.map(({ ref }, i) => [`z${i}`, ref]));
}

/** The value that changes the most. */
const mostOf = (carries: readonly Value[]): Value =>
  carries.toSorted((a, b) => statesOf(b).length - statesOf(a).length)[0]!;

/** A carry that nothing here changes gets a next value that it has in this entry alone. */
function otherwise(canvas: Canvas, values: readonly Value[], shown: readonly Value[]): Value | undefined {
  const { draw } = canvas;
  const changed = new Set(shown.flatMap(statesOf));
  const free = values.filter(({ node }) => isCarry(node) && !changed.has(node));
  if (free.length === 0) return undefined;
  const before = draw.pick(free);
  try {
    const after = nextOf(canvas, before);
    // What it is made of may change the carry itself.
    if ([before, after].some((value) => statesOf(value).includes(before.node))) return undefined;
    return call(canvas, "updating", (draw.chance(0.5) ? before : after).ref, [[before.ref, after.ref]]);
  } catch (error) {
    if (error instanceof Rejected) return undefined;
    throw error;
  }
}

/** The states that get a next value where this is computed. */
const statesOf = ({ node }: Value): readonly Value["node"][] =>
  everyNode([node]).flatMap(({ def, attrs }) => (def.name === "updating" ? (attrs as UpdatingAttrs).states : []));
