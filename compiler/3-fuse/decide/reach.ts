// How far groups that are united reach, by rank.

export interface Reach {
  readonly add: (first: number, last: number) => void;
  /** The rank beyond which nothing leads back: no group lies on both sides of it. */
  readonly from: (rank: number) => number;
}

export function reachOver(ranks: number): Reach {
  // For each node of a Fenwick tree over first ranks: the highest last rank below it.
  const highest = new Int32Array(ranks + 1);
  const below = (first: number): number => {
    let most = first;
    for (let at = first + 1; at > 0; at -= at & -at) most = Math.max(most, highest[at]!);
    return most;
  };
  return {
    add: (first, last) => {
      for (let at = first + 1; at < highest.length; at += at & -at) highest[at] = Math.max(highest[at]!, last);
    },
    from: (rank) => {
      let limit = rank;
      for (let next = below(limit); next !== limit; next = below(limit)) limit = next;
      return limit;
    },
  };
}
