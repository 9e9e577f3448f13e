// What a comparison of a model with the interpreter does, written down so that a page can do it again.

import type { Check } from "../emitted/close.js";

/** Numbers, by where they begin among the script's and how many there are. */
export type Place = readonly [at: number, length: number];

export type Group = "inputs" | "targets" | "parameters" | "states";

export type Act =
  | { readonly kind: "write"; readonly group: Group; readonly name: string; readonly values: Place }
  | { readonly kind: "run"; readonly entry: string; readonly rows: number }
  | { readonly kind: "check"; readonly check: Omit<Check, "wanted">; readonly wanted: Readonly<Record<string, Place>> };

export interface Script {
  readonly seed: number;
  readonly acts: readonly Act[];
}
