// Seeded random numbers for checks that must meet the same points in every build.

/** Park & Miller's generator: numbers between 0 and 1. */
export function randomNumbers(seed: number): () => number {
  let state = (Math.abs(Math.trunc(seed)) % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
