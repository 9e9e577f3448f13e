// One network, looked at where nobody looked: every entry, several numbers of rows, a second call with other data, a workspace
// full of NaN before each call, three steps of the optimizer; on each target and number type beside the interpreter.

import { compile, type TargetName } from "../../compiler/pipeline.js";
import type { Network } from "../../src/graph/network.js";
import { expectEntry, expectState, fill, pairOf, type Float, type Pair, type PairOptions } from "../emitted/harness.js";
import { entriesOf } from "../emitted/rounds.js";
import { randomNumbers } from "../oracle/leaves.js";

export interface Everywhere {
  readonly targets?: readonly TargetName[];
  readonly dtypes?: readonly Float[];
  readonly seed?: number;
  readonly ranges?: PairOptions["ranges"];
}

/** Throws at the first number that differs, and says where. */
export function expectEverywhere(network: Network, options: Everywhere = {}): void {
  const { targets = ["typescript"], dtypes = ["float64", "float32"], seed = 1, ranges = {} } = options;
  for (const target of targets) {
    for (const dtype of dtypes) {
      const compiled = compile(network, { dtype, target });
      const buffers: ArrayBuffer[] = [];
      const pair = pairOf(network, {
        dtype,
        compiled,
        seed,
        ...(target === "typescript" && { buffer: (bytes) => (buffers[0] = new ArrayBuffer(bytes)) }),
      });
      const spoil = (): void => spoilWorkspace(buffers[0], pair, dtype);
      try {
        expectRounds(pair, network.capacity, seed, ranges, spoil);
      } catch (problem) {
        throw new Error(`${target} ${dtype} (seed ${seed}): ${(problem as Error).message}`, { cause: problem });
      }
    }
  }
}

function expectRounds(
  pair: Pair,
  capacity: number,
  seed: number,
  ranges: NonNullable<PairOptions["ranges"]>,
  spoil: () => void,
): void {
  for (const [round, rows] of [capacity, 1, Math.max(1, capacity - 1)].entries()) {
    fill(pair, seed + round, { parameters: round === 0, ranges });
    for (const entry of entriesOf(pair)) {
      spoil();
      expectEntry(pair, entry, rows);
    }
    for (const step of pair.model.spec.steps) {
      spoil();
      expectEntry(pair, step, rows);
      expectState(pair);
    }
  }
}

function spoilWorkspace(buffer: ArrayBuffer | undefined, { model }: Pair, dtype: Float): void {
  if (!buffer) return;
  const { offset, bytes } = model.spec.workspace;
  const size = dtype === "float64" ? 8 : 4;
  const view = dtype === "float64" ? Float64Array : Float32Array;
  new view(buffer, offset, bytes / size).fill(NaN);
}

/** How many neighbours of each known fault are drawn; more where there is time. */
export const NEIGHBOURS = Number(process.env["NEIGHBOURS"] ?? 12);

export type Choose = (below: number) => number;

/** Draws networks that are like a known fault, and looks at each everywhere. The seed of the first that differs is printed. */
export function expectNeighbours(
  seed: number,
  build: (choose: Choose, pick: <T>(list: readonly T[]) => T) => Network,
  options: Everywhere = {},
): void {
  for (let n = 0; n < NEIGHBOURS; n++) {
    const random = randomNumbers(seed + n);
    const choose: Choose = (below) => Math.floor(random() * below);
    const network = build(choose, (list) => list[choose(list.length)]!);
    // Assembling takes longer than all the rest.
    const targets = n % 12 === 0 ? (["typescript", "wasm"] as const) : (["typescript"] as const);
    expectEverywhere(network, { targets, ...options, seed: seed + n });
  }
}
