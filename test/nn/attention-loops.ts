// Attention and the blocks around it, in loops from the formulas of Vaswani et al. (2017) and PyTorch's documentation.
// Matrices are lists of rows.

export type Matrix = readonly (readonly number[])[];

export type Parameters = Readonly<Record<string, ArrayLike<number>>>;

export const rowsOf = (flat: ArrayLike<number>, columns: number): Matrix =>
  Array.from({ length: flat.length / columns }, (_, i) =>
    Array.from({ length: columns }, (_, j) => flat[i * columns + j]!),
  );

/** For each query the weights of the keys; `allowed` and `added` tell what a mask does to a score, `cap` comes before. */
export function weightsOf(
  q: Matrix,
  k: Matrix,
  scale: number,
  allowed: (i: number, j: number) => boolean = () => true,
  added: (i: number, j: number) => number = () => 0,
  cap: (score: number) => number = (score) => score,
): Matrix {
  return q.map((query, i) => {
    const powers = k.map((key, j) => {
      if (!allowed(i, j)) return 0;
      const score = query.reduce((sum, value, e) => sum + value * key[e]!, 0) * scale;
      return Math.exp(cap(score) + added(i, j));
    });
    const total = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => (total === 0 ? 0 : power / total));
  });
}

export const times = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));

const plus = (a: Matrix, b: Matrix): number[][] => a.map((row, i) => row.map((value, j) => value + b[i]![j]!));

function linear(x: Matrix, parameters: Parameters, part: string): number[][] {
  const weight = parameters[`${part}.weight`]!;
  const bias = parameters[`${part}.bias`];
  const product = times(x, rowsOf(weight, weight.length / x[0]!.length));
  return product.map((row) => row.map((value, j) => value + (bias?.[j] ?? 0)));
}

export interface Heads {
  readonly heads: number;
  readonly allowed?: (i: number, j: number, head: number) => boolean;
  readonly added?: (i: number, j: number, head: number) => number;
}

/** One row's multi-head attention: PyTorch's MultiheadAttention. */
export function multiHead(
  [q, k, v]: readonly [Matrix, Matrix, Matrix],
  parameters: Parameters,
  prefix: string,
  { heads, allowed = () => true, added = () => 0 }: Heads,
): number[][] {
  const [queries, keys, values] = [
    linear(q, parameters, `${prefix}query`),
    linear(k, parameters, `${prefix}key`),
    linear(v, parameters, `${prefix}value`),
  ];
  const part = (x: Matrix, head: number): Matrix => {
    const size = x[0]!.length / heads;
    return x.map((row) => row.slice(head * size, (head + 1) * size));
  };
  const scale = 1 / Math.sqrt(queries[0]!.length / heads);
  const results = Array.from({ length: heads }, (_, h) => {
    const see = (i: number, j: number): boolean => allowed(i, j, h);
    const more = (i: number, j: number): number => added(i, j, h);
    return times(weightsOf(part(queries, h), part(keys, h), scale, see, more), part(values, h));
  });
  const joined = results[0]!.map((_, i) => results.flatMap((result) => result[i]!));
  return linear(joined, parameters, `${prefix}output`);
}

function norm(x: Matrix, parameters: Parameters, part: string): number[][] {
  return x.map((row) => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map(
      (value, j) =>
        ((value - mean) / Math.sqrt(variance + 1e-5)) * parameters[`${part}.weight`]![j]! +
        parameters[`${part}.bias`]![j]!,
    );
  });
}

export interface BlockShape {
  readonly heads: number;
  readonly first: boolean;
  readonly activation: (x: number) => number;
  readonly allowed: (i: number, j: number) => boolean;
  readonly memory?: Matrix;
  readonly sees?: (i: number, j: number) => boolean;
}

/** One row's encoder block, or with a memory the decoder block: PyTorch's TransformerEncoderLayer and …DecoderLayer. */
export function block(x: Matrix, parameters: Parameters, shape: BlockShape): number[][] {
  let count = 0;
  const residual = (from: Matrix, part: (y: Matrix) => Matrix): number[][] => {
    const name = `block.norm${++count}`;
    return shape.first
      ? plus(from, part(norm(from, parameters, name)))
      : norm(plus(from, part(from)), parameters, name);
  };
  const { heads, allowed, memory, sees } = shape;
  let y = residual(x, (z) => multiHead([z, z, z], parameters, "block.attention.", { heads, allowed }));
  if (memory !== undefined) {
    const across = { heads, ...(sees === undefined ? {} : { allowed: sees }) };
    y = residual(y, (z) => multiHead([z, memory, memory], parameters, "block.crossAttention.", across));
  }
  return residual(y, (z) => {
    const hidden = linear(z, parameters, "block.linear1").map((row) => row.map(shape.activation));
    return linear(hidden, parameters, "block.linear2");
  });
}
