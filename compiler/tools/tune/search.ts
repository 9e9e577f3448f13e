// The search for tiles: from the cost model's choice, round by round, the candidates of all nests at once. Pure but for what
// `measure` does.

import type { Asked, TileModel } from "../../4-loops/index.js";
import type { Tile } from "../../ir/tile.js";
import { isFaster, type Ratio } from "./measure.js";
import { sameTile } from "./nests.js";

/** A tile for each nest, in their order. */
export type Choices = readonly Tile[];

/**
 * Compares, for each of the nests named by their numbers, the choices with those of the cost model. All choices are emitted
 * together, so that a program is assembled for each candidate of the nest that has most, and not for each candidate.
 */
export type Measure = (choices: Choices, nests: readonly number[], share: number) => ReadonlyMap<number, Ratio>;

export interface Found {
  readonly tile: Tile;
  /** Beside the model's choice; nothing where that is kept. */
  readonly ratio: Ratio | undefined;
  /** Candidates that were measured. */
  readonly tried: number;
}

export const ROUNDS = 3;
/** The winners are measured once more and longer: the best of many is partly luck. */
const CONFIRMED = 2;

/** `known`: a tile from an earlier schedule, which is measured first. */
export function search(
  nests: readonly Asked[],
  model: TileModel,
  known: readonly (Tile | undefined)[],
  measure: Measure,
): readonly Found[] {
  const found = nests.map(({ model: tile }): Found => ({ tile, ratio: undefined, tried: 0 }));
  const trial = (lists: readonly (readonly Tile[])[]): void => {
    const starts = startsOf(nests, lists);
    const programs = Math.max(0, ...lists.map((list, n) => (list.length > 0 ? starts[n]! + list.length : 0)));
    const before = found.map(({ tile }) => tile);
    for (let program = 0; program < programs; program++) {
      const candidate = (n: number): Tile | undefined => lists[n]![program - starts[n]!];
      const tried = nests.map((_, n) => n).filter((n) => candidate(n) !== undefined);
      const ratios = measure(
        nests.map((_, n) => candidate(n) ?? before[n]!),
        tried,
        1,
      );
      for (const n of tried) {
        const ratio = ratios.get(n)!;
        const best = found[n]!.ratio;
        const better = isFaster(ratio) && (best === undefined || ratio.median < best.median);
        found[n] = { ...(better ? { tile: candidate(n)!, ratio } : found[n]!), tried: found[n]!.tried + 1 };
      }
    }
  };
  trial(nests.map(({ model: own }, n) => (known[n] && !sameTile(known[n], own) ? [known[n]] : [])));
  for (let round = 0; round < ROUNDS; round++) {
    trial(nests.map(({ nest }, n) => model.candidates(nest, found[n]!.tile, round)));
  }
  const winners = nests.map((_, n) => n).filter((n) => found[n]!.ratio !== undefined);
  if (winners.length === 0) return found;
  const again = measure(
    found.map(({ tile }) => tile),
    winners,
    CONFIRMED,
  );
  return found.map((one, n) => {
    const ratio = again.get(n);
    if (ratio === undefined) return one;
    return isFaster(ratio) ? { ...one, ratio } : { ...one, tile: nests[n]!.model, ratio: undefined };
  });
}

/** The program in which each nest's candidates begin: nests of one kernel are tried one after the other. */
function startsOf(nests: readonly Asked[], lists: readonly (readonly Tile[])[]): number[] {
  const next = new Map<object, number>();
  return nests.map(({ kernels }, n) => {
    const start = next.get(kernels[0]!) ?? 0;
    next.set(kernels[0]!, start + lists[n]!.length);
    return start;
  });
}
