// Writes down what a test does with a pair of models: what is written into the model, which entries run, and what the
// interpreter says of the results.

import type { Model } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import { BOUND, pairOf, type Float, type Pair } from "../emitted/harness.js";
import { scaleOf, type Check } from "../emitted/close.js";
import { compiledOf } from "../emitted/once.js";
import type { Act, Group, Place, Script } from "./script.js";

export interface Recorded {
  readonly script: Script;
  readonly numbers: Float64Array;
}

const GROUPS: readonly Group[] = ["inputs", "targets", "parameters", "states"];

/** Runs `test` on the TypeScript module in this process; `seed` is the network's. */
export function record(network: Network, dtype: Float, seed: number, test: (pair: Pair) => void): Recorded {
  const recorder = new Recorder();
  const pair = pairOf(network, { dtype, seed, compiled: compiledOf(network, dtype) });
  recorder.begin(pair);
  test({ ...pair, model: recorder.wrap(pair.model), watch: (check) => recorder.check(check) });
  return { script: { seed, acts: recorder.acts }, numbers: recorder.numbers() };
}

class Recorder {
  readonly acts: Act[] = [];
  private readonly kept: ArrayLike<number>[] = [];
  private length = 0;
  /** What the views held when they were last looked at. */
  private readonly known = new Map<string, Float64Array>();

  /** The first values are compared, and then replaced by those that the interpreter begins with. */
  begin({ model, dtype }: Pair): void {
    for (const group of ["parameters", "states"] as const) {
      const wanted = model[group];
      this.check({ group, wanted, partial: false, bound: BOUND[dtype] * scaleOf(wanted) });
    }
  }

  check({ wanted, ...check }: Check): void {
    const places = Object.entries(wanted).map(([name, values]) => [name, this.keep(values)] as const);
    this.acts.push({ kind: "check", check, wanted: Object.fromEntries(places) });
  }

  /** The same model; its entries are written down, and before them what was written into its views. */
  wrap(model: Model): Model {
    const entry = (name: string, run: (rows: number) => unknown) => (rows: number) => {
      this.look(model, true);
      this.acts.push({ kind: "run", entry: name, rows });
      const returned = run(rows);
      this.look(model, false);
      return returned;
    };
    // A model is frozen: no proxy of it may give other functions than it has.
    const wrapped = {} as Record<string, unknown>;
    for (const key of Object.keys(model)) {
      const get = (): unknown => {
        const member = model[key] as unknown;
        const runs = typeof member === "function" && key !== "reset" && key !== "dispose";
        return runs ? entry(key, member as (rows: number) => unknown) : member;
      };
      const set = (value: unknown): void => void ((model as Record<string, unknown>)[key] = value);
      Object.defineProperty(wrapped, key, { enumerable: true, get, set });
    }
    return wrapped as unknown as Model;
  }

  numbers(): Float64Array {
    const all = new Float64Array(this.length);
    let at = 0;
    for (const values of this.kept) {
      all.set(values, at);
      at += values.length;
    }
    return all;
  }

  private look(model: Model, writes: boolean): void {
    for (const group of GROUPS) {
      for (const [name, view] of Object.entries(model[group])) {
        const key = `${group}.${name}`;
        const known = this.known.get(key);
        if (known !== undefined && view.every((value, i) => Object.is(value, known[i]))) continue;
        this.known.set(key, Float64Array.from(view));
        if (writes) this.acts.push({ kind: "write", group, name, values: this.keep(view) });
      }
    }
  }

  private keep(values: ArrayLike<number>): Place {
    const place: Place = [this.length, values.length];
    this.kept.push(Float64Array.from(values));
    this.length += values.length;
    return place;
  }
}
