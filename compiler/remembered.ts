// A network is often compiled for several targets and types in a row: what was lowered last is lowered once.

import type { Network } from "../src/graph/network.js";
import type { CompileOptions } from "./options.js";

/** The function, with its last result for each network kept. Someone who listens hears the phases again. */
export function remembered<T>(
  lower: (network: Network, options: CompileOptions) => T,
): (network: Network, options: CompileOptions) => T {
  const kept = new WeakMap<Network, { readonly options: CompileOptions; readonly result: T }>();
  return (network, options) => {
    if (options.trace) return lower(network, options);
    const last = kept.get(network);
    const same = last?.options.constNames === options.constNames && sameNames(last?.options.entries, options.entries);
    if (last && same) return last.result;
    const result = lower(network, options);
    kept.set(network, { options, result });
    return result;
  };
}

const sameNames = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.length === b.length && a.every((name, i) => name === b[i]));
