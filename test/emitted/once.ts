// Networks and what is compiled of them, made once for all tests of a process: compiling is what takes the tests' time, and
// what is compiled is never changed.

import { compile, type Compilation, type TargetName } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import type { Float } from "./harness.js";

/** The same builders, each of which gives the same network for the same capacity. */
export function once<Build extends (capacity: number) => Network>(
  builders: Readonly<Record<string, Build>>,
): Readonly<Record<string, Build>> {
  return Object.fromEntries(
    Object.entries(builders).map(([name, build]) => {
      const made = new Map<number | undefined, Network>();
      const remembered = (capacity: number): Network => {
        const known = made.get(capacity) ?? build(capacity);
        made.set(capacity, known);
        return known;
      };
      return [name, remembered as Build];
    }),
  );
}

const compilations = new WeakMap<Network, Map<string, Compilation>>();

/** All entries of the network. */
export function compiledOf(network: Network, dtype: Float, target: TargetName = "typescript"): Compilation {
  const known = compilations.get(network) ?? new Map<string, Compilation>();
  compilations.set(network, known);
  const key = `${dtype} ${target}`;
  const compiled = known.get(key) ?? compile(network, { dtype, target });
  known.set(key, compiled);
  return compiled;
}
