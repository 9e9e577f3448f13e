/** Where a line goes through. */
export type Point = readonly [x: number, y: number];

/** Points of a line. More are not seen, and take time. */
export const MOST = 1000;

/** Every second point, and the last one. Pure. */
export const thinned = (points: readonly Point[]): Point[] =>
  points.filter((_, i) => i % 2 === 0 || i === points.length - 1);
