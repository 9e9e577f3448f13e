// Running networks in the checked build, in which every load and store looks first.

import { compile, type Compilation, type Model, type TargetName } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import { randomNumbers } from "../oracle/random.js";
import type { Float, Range } from "./harness.js";

export interface Build {
  readonly target: TargetName;
  readonly dtype: Float;
  readonly threads?: number;
}

export const BUILDS: readonly Build[] = [
  { target: "typescript", dtype: "float32" },
  { target: "wasm", dtype: "float32" },
];

/** Throws for a fault that is found in a network of this name. */
export function expectNone(name: string, fault: string | undefined): void {
  if (fault !== undefined) throw new Error(`${name}: ${fault}`);
}

const checkedOf = (network: Network, { target, dtype }: Build): Compilation =>
  compile(network, { target, dtype, checked: true });

/** Draws what the caller gives: inputs and targets. */
function draw(model: Model, seed: number, ranges: Readonly<Record<string, Range>> = {}): void {
  const random = randomNumbers(seed);
  for (const group of ["inputs", "targets"] as const) {
    for (const [name, view] of Object.entries(model[group])) {
      const { dtype, below } = model.spec[group][name]!;
      const [low, high] = ranges[name] ?? [0, 1];
      for (let i = 0; i < view.length; i++) {
        const drawn = random();
        view[i] =
          dtype === "int32"
            ? Math.floor(drawn * (below ?? 2))
            : dtype === "bool"
              ? Math.round(drawn)
              : low + (high - low) * drawn;
      }
    }
  }
}

const OTHER = new Set(["reset", "resetCarries", "dispose"]);

/** Every entry, for each number of rows. Throws for the first access that is at fault. */
export function runAll(model: Model, rows: Iterable<number>, ranges?: Readonly<Record<string, Range>>): void {
  const entries = Object.entries(Object.getOwnPropertyDescriptors(model)).flatMap(([name, { value }]) =>
    typeof value === "function" && !OTHER.has(name) ? [name] : [],
  );
  for (const count of rows) {
    draw(model, count, ranges);
    for (const entry of entries) (model[entry] as (rows: number) => unknown)(count);
  }
}

/** Some, one and all. */
const rowsOf = (capacity: number): Set<number> => new Set([Math.ceil(capacity / 2), 1, capacity]);

/** What the checked build says of a network; nothing where it finds no fault. */
export function faultOf(
  network: Network,
  build: Build,
  ranges?: Readonly<Record<string, Range>>,
  rows: Iterable<number> = rowsOf(network.capacity),
): string | undefined {
  const model = checkedOf(network, build).create({ seed: 3, ...(build.threads && { threads: build.threads }) });
  try {
    runAll(model, rows, ranges);
  } catch (error) {
    return (error as Error).message;
  } finally {
    model.dispose();
  }
  return undefined;
}
