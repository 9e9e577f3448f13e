// Seeded sets of points in the plane, each of class 0 or 1, for the small course networks. Only exact arithmetic and
// square roots, so that every engine draws the same points from the same seed.

export interface Points {
  /** [rows, 2], row-major: x and y of each point. */
  readonly points: Float32Array;
  /** [rows]: 0 or 1, in turn, so that any run of rows is balanced. */
  readonly classes: Float32Array;
}

export interface PointOptions {
  readonly rows: number;
  /** An integer. */
  readonly seed: number;
}

/** Two round clouds of standard deviation 1 whose centres are `distance` apart, on the diagonal: 2 overlap, 6 do not. */
export function blobs(options: PointOptions & { readonly distance: number }): Points {
  const offset = options.distance / Math.sqrt(8);
  return draw(options, (random, label) => {
    const centre = label === 1 ? offset : -offset;
    return [centre + normal(random), centre + normal(random)];
  });
}

/** Class 1 where x and y have different signs; points are at least `gap` away from both axes and at most 1. */
export function xor(options: PointOptions & { readonly gap: number }): Points {
  return draw(options, (random, label) => {
    const x = away(random, options.gap);
    const y = Math.abs(away(random, options.gap));
    return [x, (label === 1) === x < 0 ? y : -y];
  });
}

/** Class 0 inside a disc of radius 0.5, class 1 in a ring around it: radius 0.5 + `gap` to 1 + `gap`. */
export function rings(options: PointOptions & { readonly gap: number }): Points {
  const outer = 1 + options.gap;
  return draw(options, (random, label) => {
    const [inside, outside] = label === 0 ? [0, 0.5] : [0.5 + options.gap, outer];
    return annulus(random, inside, outside);
  });
}

/** Two interlocking half rings of radius 1 and the given width: scikit-learn's two moons, with uniform noise. */
export function moons(options: PointOptions & { readonly width: number }): Points {
  const half = options.width / 2;
  return draw(options, (random, label) => {
    const [x, y] = annulus(random, 1 - half, 1 + half);
    return label === 0 ? [x, Math.abs(y)] : [1 - x, 0.5 - Math.abs(y)];
  });
}

type Random = () => number;

function draw(
  { rows, seed }: PointOptions,
  point: (random: Random, label: number) => readonly [number, number],
): Points {
  const random = uniform(seed);
  const points = new Float32Array(rows * 2);
  const classes = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    classes[row] = row % 2;
    points.set(point(random, row % 2), row * 2);
  }
  return { points, classes };
}

/** Tommy Ettinger's mulberry32: numbers in [0, 1). */
export function uniform(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Twelve uniform numbers have variance 1 and nearly a normal distribution. */
export function normal(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return sum;
}

/** Uniform in gap .. 1, with a random sign. */
function away(random: Random, gap: number): number {
  const sign = random() < 0.5 ? -1 : 1;
  return sign * (gap + (1 - gap) * random());
}

/** Uniform over the area between two radii: draws from the square until a point falls in. */
function annulus(random: Random, inner: number, outer: number): readonly [number, number] {
  for (;;) {
    const x = outer * (2 * random() - 1);
    const y = outer * (2 * random() - 1);
    const square = x * x + y * y;
    if (square >= inner * inner && square <= outer * outer) return [x, y];
  }
}
