// One graph, from its number to what is wrong with it, as small as it gets.

import { check, signatureOf, type Failure } from "./check.js";
import { drawOf, seedOf } from "./draw.js";
import { Broken, generate } from "./generate.js";
import { printSketch } from "./print.js";
import { shrink } from "./shrink.js";
import { exportsOf, withoutDead, type Sketch } from "./sketch.js";
import { isLeafCall } from "./generate.js";
import { traitsOf, type Trait } from "./traits.js";
import { VARIANTS, variantsFor } from "./variants.js";

export interface Found extends Failure {
  readonly index: number;
  readonly signature: string;
  /** The definition, made smaller where there was time for it. */
  readonly definition: string;
  /** Equal for definitions that call the same exports and fail in the same way. */
  readonly key: string;
}

export interface Outcome {
  readonly index: number;
  /** Ops, leaves not counted. */
  readonly ops: number;
  readonly exports: ReadonlyMap<string, number>;
  readonly traits: ReadonlySet<Trait>;
  readonly refusals: readonly string[];
  readonly compared: number;
  readonly unsteady: number;
  readonly found: Found | undefined;
}

export interface OneOptions {
  readonly seed: number;
  /** Every variant for this graph, not those that are its turn. */
  readonly isAll: boolean;
  /** Milliseconds that making a failure smaller may take; 0 leaves it as it is. */
  readonly shrinkTime: (signature: string) => number;
  readonly now: () => number;
  /** The graph is drawn, and nothing is run. */
  readonly isDrawnOnly?: boolean;
}

export function runOne(index: number, { seed, isAll, shrinkTime, now, isDrawnOnly }: OneOptions): Outcome {
  const nothing = {
    index,
    ops: 0,
    exports: new Map<string, number>(),
    traits: new Set<Trait>(),
    refusals: [],
    compared: 0,
    unsteady: 0,
  };
  let sketch: Sketch;
  let refusals: readonly string[];
  try {
    const drawn = generate(seed, index);
    sketch = drawn.sketch;
    refusals = drawn.rejected.map(({ call, why }) => `${call}: ${why.slice(0, 110)}`);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const [sentence = ""] = String((error.cause as Error).message).split("\n");
    const failure: Failure = { where: "language", kind: "broken", what: sentence.slice(0, 80), sentence };
    return { ...nothing, found: foundOf(index, failure, error.sketch) };
  }
  const shown = { ops: countOps(sketch), exports: exportsOf(sketch), traits: traitsOf(sketch), refusals };
  if (isDrawnOnly) return { ...nothing, ...shown, found: undefined };
  const data = seedOf(seed, index, 1);
  const { failure, compared, unsteady } = check(sketch, {
    seed: data,
    slopes: true,
    variants: variantsFor(drawOf(seed, index, 2), isAll),
  });
  const outcome = { index, ...shown, compared, unsteady };
  if (!failure) return { ...outcome, found: undefined };
  const signature = signatureOf(failure);
  const time = shrinkTime(signature);
  if (time === 0) return { ...outcome, found: foundOf(index, failure, withoutDead(sketch)) };
  let last = failure;
  const variants = VARIANTS.filter(({ name }) => name === failure.where);
  const fails = (candidate: Sketch): boolean => {
    const again = check(candidate, { seed: data, slopes: failure.kind === "slope", variants }).failure;
    if (!again || signatureOf(again) !== signature) return false;
    last = again;
    return true;
  };
  const small = shrink(sketch, { fails, now, until: now() + time });
  return { ...outcome, found: foundOf(index, last, small) };
}

function countOps(sketch: Sketch): number {
  return sketch.steps.filter(({ call }) => !isLeafCall(call)).length;
}

function foundOf(index: number, failure: Failure, sketch: Sketch): Found {
  const signature = signatureOf(failure);
  const called = [...exportsOf(sketch)].map(([name, count]) => `${name}*${count}`).sort();
  return { ...failure, index, signature, definition: printSketch(sketch), key: `${signature} ${called.join(" ")}` };
}
