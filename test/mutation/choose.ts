// Which mutants are tried: a seeded choice in which no operator and no file is forgotten.

import { drawOf, type Draw } from "../fuzz/draw.js";
import type { Mutant } from "./mutant.js";

/** All mutants in a random order: operators take turns, and within an operator files. */
export function shuffledByTurns(mutants: readonly Mutant[], seed: number): Mutant[] {
  const draw = drawOf(seed, mutants.length);
  const byOperator = grouped(draw.shuffled(mutants), ({ operator }) => operator).map((list) =>
    turns(
      draw,
      grouped(list, ({ file }) => file),
    ),
  );
  return turns(draw, byOperator);
}

function grouped(mutants: readonly Mutant[], key: (mutant: Mutant) => string): Mutant[][] {
  const groups = new Map<string, Mutant[]>();
  for (const mutant of mutants) {
    const group = groups.get(key(mutant));
    if (group) group.push(mutant);
    else groups.set(key(mutant), [mutant]);
  }
  return [...groups.values()];
}

/** One of each list in turn, until all are empty. */
function turns(draw: Draw, lists: readonly (readonly Mutant[])[]): Mutant[] {
  const result: Mutant[] = [];
  const most = Math.max(0, ...lists.map((list) => list.length));
  for (let i = 0; i < most; i++) result.push(...draw.shuffled(lists.flatMap((list) => list[i] ?? [])));
  return result;
}
