// The order of rows in an epoch: a permutation that depends on the seed and the epoch only, the same on every engine
// (integer arithmetic), so that training resumed at epoch e sees what an uninterrupted run would have seen.

/** Writes the permutation of 0 .. order.length - 1 that belongs to (seed, epoch): Fisher and Yates' shuffle. */
export function shuffle(order: Int32Array, seed: number, epoch: number): void {
  const below = randomIntegers(seed, epoch);
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = order.length - 1; i > 0; i--) {
    const j = below(i + 1);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
}

/** Integers below a limit, from Chris Doty-Humphrey's sfc32 started with the 53 bits of the seed and the epoch. */
function randomIntegers(seed: number, epoch: number): (limit: number) => number {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = epoch | 0;
  let counter = 1;
  const below = (limit: number): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    // An index is returned and not the 32 bits, which V8 would put on the heap.
    return (((result >>> 0) / 2 ** 32) * limit) | 0;
  };
  // Nearby seeds need some rounds to part.
  for (let i = 0; i < 15; i++) below(1);
  return below;
}
