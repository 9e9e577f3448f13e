// Where vector routines are tried.

/** Zeros, units, the limits of float32, overflow and underflow of exp, integers where parity ends, infinities, NaN. */
export const special: readonly number[] = [
  [0, 2 ** -149, 2 ** -126, (1 - 2 ** -24) * 2 ** -126, 2 ** -25, 2 ** -12, 0.5, 1 - 2 ** -24, 1, 1 + 2 ** -23],
  [1.5, 2, 2.5, 3, 4, 17.3, 87.4, 88.72283, 88.72284, 103.97, 104, 151, 2 ** 20, 2 ** 24 - 1, 2 ** 24, 2 ** 25 + 4],
  [2 ** 31, 2 ** 64, 2 ** 127, (2 - 2 ** -23) * 2 ** 127, Infinity],
].flatMap((numbers) => [...numbers, ...numbers.map((x) => -x), NaN]);

/** Every `stride`-th bit pattern. */
export function patterns(stride: number): Float32Array {
  const words = Uint32Array.from({ length: Math.ceil(2 ** 32 / stride) }, (_, i) => i * stride);
  return new Float32Array(words.buffer);
}

export const evenly = (from: number, to: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

export const joined = (...parts: readonly ArrayLike<number>[]): Float32Array =>
  Float32Array.from(parts.flatMap((part) => Array.from(part)));

/** Bases at several scales, with exponents that keep the power within float32. */
export function powers(count: number): readonly [Float32Array, Float32Array] {
  let state = 1;
  const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const base = [
    () => 2 ** (250 * random() - 125),
    () => 0.5 + random(),
    () => 1 + (random() - 0.5) / 1000,
    () => 10 * random(),
  ];
  const x = Float32Array.from({ length: count }, (_, i) => base[i % base.length]!());
  const y = x.map((x) => (2 * random() - 1) * Math.min(150 / Math.abs(Math.log2(x)), 2 ** 100));
  return [x, y];
}
