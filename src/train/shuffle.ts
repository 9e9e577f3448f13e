// The order of rows in an epoch: a permutation that depends on the seed and the epoch only, the same on every engine
// (integer arithmetic), so that training resumed at epoch e sees what an uninterrupted run would have seen.

/** Writes the permutation of 0 .. order.length - 1 that belongs to (seed, epoch): Fisher and Yates' shuffle. */
export function shuffle(order: Int32Array, seed: number, epoch: number): void {
  const next = randomIntegers(seed, epoch);
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor((next() / 2 ** 32) * (i + 1));
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
}

/** Chris Doty-Humphrey's sfc32, started from the 53 bits of the seed and the epoch: integers in 0 .. 2^32 - 1. */
function randomIntegers(seed: number, epoch: number): () => number {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = epoch | 0;
  let counter = 1;
  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  // Nearby seeds need some rounds to part.
  for (let i = 0; i < 15; i++) next();
  return next;
}
