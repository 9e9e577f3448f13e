// One network, looked at where nobody looked: every entry, several numbers of rows, a second call with other data, memory full of
// NaN before each call, three steps of the optimizer; on targets and number types, beside the interpreter and differences.

import type { Network } from "../../src/graph/network.js";
import { checkBuilt } from "../fuzz/check.js";
import { VARIANTS } from "../fuzz/variants.js";
import { count } from "../extent.js";
import { randomNumbers } from "../oracle/leaves.js";

/** Throws at the first number that differs, and says where. */
export function expectEverywhere(network: Network, seed = 1, variants = VARIANTS): void {
  const { failure } = checkBuilt(() => network, { seed, slopes: true, variants });
  if (failure) throw new Error(`seed ${seed}, ${failure.where}, ${failure.kind}: ${failure.sentence}`);
}

/** How many neighbours of each known fault are drawn. */
const NEIGHBOURS = count(6, 200);

/** Of so many neighbours one runs on WebAssembly: assembling takes longer than all the rest. */
const ASSEMBLED = 10;

export type Choose = (below: number) => number;

/** Draws networks that are like a known fault, and looks at each everywhere. The seed of the first that differs is printed. */
export function expectNeighbours(
  seed: number,
  build: (choose: Choose, pick: <T>(list: readonly T[]) => T) => Network,
): void {
  for (let n = 0; n < NEIGHBOURS; n++) {
    const random = randomNumbers(seed + n);
    const choose: Choose = (below) => Math.floor(random() * below);
    const network = build(choose, (list) => list[choose(list.length)]!);
    const variants = VARIANTS.filter(({ target }) => target === "typescript" || n % ASSEMBLED === 0);
    expectEverywhere(network, seed + n, variants);
  }
}
