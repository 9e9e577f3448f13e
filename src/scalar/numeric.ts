// Float64 values of the instructions that JavaScript's Math does not have.

/** To the nearest integer, halves to the even one. */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest < 0.5) return below;
  if (rest > 0.5) return below + 1;
  return rest === 0.5 ? below + (below % 2 === 0 ? 0 : 1) : x;
}

/** 1 / (1 + exp(-x)); both tails keep their relative accuracy and neither overflows. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/**
 * The error function. Below 2 the series 2/sqrt(pi) exp(-x²) sum of 2^n x^(2n+1) / (2n+1)!!, whose terms all have one
 * sign; from 2 on 1 - erfc(x), where Lentz' evaluation of erfc's continued fraction needs few terms.
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (!(size < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  if (size < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let tail = size;
  for (let n = 120; n >= 1; n--) tail = size + n / 2 / tail;
  return Math.sign(x) * (1 - Math.exp(-size * size) / (Math.sqrt(Math.PI) * tail));
}

/**
 * Mixes two 32-bit words into one. The first word enters twice, so that two streams hash(a, i) and hash(b, i) are not
 * the same sequence shifted.
 */
export function hash(a: number, b: number): number {
  let h = a ^ Math.imul(b, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul((h ^ (h >>> 15)) + a, 0x735a2d97);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The upper 24 bits of a word, scaled into [0, 1): exact in float32. */
export const uniform = (word: number): number => (word >>> 8) * 2 ** -24;
