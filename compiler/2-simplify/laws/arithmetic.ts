// Laws of arithmetic on whole tensors.
//
// None makes a NaN or an infinity that was not there: x * 0, x - x, x / x, x ^ 0, exp(log x) and sqrt(x^2) stay.

import { isA, type Node } from "../../../src/graph/node.js";
import type { Origin } from "../../../src/graph/origin.js";
import { dim, timesDim, type Dim } from "../../../src/graph/shape.js";
import { add, div, mul, neg, powerDef, square, sub } from "../../../src/ops/pointwise/arithmetic.js";
import { broadcastLast } from "../../../src/ops/view/broadcast.js";
import { makeBroadcast } from "../../../src/ops/adjoint-pairs.js";
import { makeFilled, makeScalar, makeSize, sizeDef } from "../../../src/ops/leaf/leaves.js";
import { logicalNot, where } from "../../../src/ops/pointwise/logic.js";
import { compileScalar } from "../../../src/scalar/evaluate.js";
import { resolveScalar } from "../../formula/resolve.js";
import { algebra, size, type Law } from "../law.js";
import { filledLike, filledWith, isFilledWith, isModerate, repeated, repeatedScalar, under } from "../match.js";

/** A product with a factor that is the same everywhere: a number or a repeated scalar, as [rest, factor as a scalar]. */
function scaled(node: Node, origin: Origin): readonly [rest: Node, factor: Node] | undefined {
  const product = under(node, mul.def);
  if (!product) return undefined;
  for (const [i, rest] of [
    [1, 0],
    [0, 1],
  ] as const) {
    const factor = scalarOf(product[i]!, origin);
    if (factor) return [product[rest]!, factor];
  }
  return undefined;
}

function scalarOf(node: Node, origin: Origin): Node | undefined {
  const value = filledWith(node);
  return value === undefined ? repeatedScalar(node) : makeFilled(origin, value, [], node.dtype);
}

const both = (a: Node, b: Node): readonly (readonly [Node, Node])[] => [
  [a, b],
  [b, a],
];

interface NumberFactor {
  readonly rest: Node;
  readonly c: number;
}

/** A product with a number. */
function numberFactor(node: Node): NumberFactor | undefined {
  const product = under(node, mul.def);
  if (!product) return undefined;
  for (const [rest, factor] of both(product[0]!, product[1]!)) {
    const c = filledWith(factor);
    if (c !== undefined) return { rest, c };
  }
  return undefined;
}

const positiveProduct = (origin: Origin, { rest, c }: NumberFactor): Node =>
  mul.at(origin, rest, filledLike(origin, rest, -c));

/** The `x` of -x, under a view too. */
function negated(node: Node, origin: Origin): Node | undefined {
  const whole = repeated(node);
  const x = under(whole ? whole.of : node, neg.def)?.[0];
  return x && whole ? makeBroadcast(origin, x, node.shape, whole.axes) : x;
}

interface SizeAttrs {
  readonly dim: Dim;
}

export const arithmeticLaws: readonly Law[] = [
  algebra("fold-constants", "constants fold", "any", (node, { origin }) => {
    if (node.def.family !== "pointwise" || node.inputs.length === 0) return undefined;
    const values = node.inputs.map(filledWith);
    if (!values.every((v) => v !== undefined)) return undefined;
    const value = compileScalar(resolveScalar(node.def, node.attrs, node.origin.site))(values);
    return Number.isNaN(value) ? undefined : filledLike(origin, node, value);
  }),

  algebra("add-zero", "x + 0 = x", add.def, ({ inputs: [a, b] }) =>
    isFilledWith(b!, 0) ? a : isFilledWith(a!, 0) && b,
  ),
  algebra("subtract-zero", "x - 0 = x", sub.def, ({ inputs: [a, b] }) => isFilledWith(b!, 0) && a),
  algebra(
    "zero-minus",
    "0 - x = -x",
    sub.def,
    ({ inputs: [a, b] }, { origin }) => isFilledWith(a!, 0) && neg.at(origin, b!),
  ),
  algebra("add-to-itself", "x + x = x * 2", add.def, (node, { origin }) => {
    const [a, b] = node.inputs;
    return a === b && mul.at(origin, a!, filledLike(origin, node, 2));
  }),
  algebra("multiply-by-one", "x * 1 = x", mul.def, ({ inputs: [a, b] }) =>
    isFilledWith(b!, 1) ? a : isFilledWith(a!, 1) && b,
  ),
  algebra("divide-by-one", "x / 1 = x", div.def, ({ inputs: [a, b] }) => isFilledWith(b!, 1) && a),
  algebra("multiply-by-minus-one", "x * -1 = -x", mul.def, ({ inputs: [a, b] }, { origin }) => {
    const other = isFilledWith(b!, -1) ? a : isFilledWith(a!, -1) ? b : undefined;
    return other && neg.at(origin, other);
  }),
  algebra(
    "divide-by-minus-one",
    "x / -1 = -x",
    div.def,
    ({ inputs: [a, b] }, { origin }) => isFilledWith(b!, -1) && neg.at(origin, a!),
  ),
  algebra(
    "power-one",
    "x ^ 1 = x",
    powerDef,
    ({ inputs: [x], attrs }) => (attrs as { exponent: number }).exponent === 1 && x,
  ),
  algebra(
    "power-two",
    "x ^ 2 = square(x)",
    powerDef,
    ({ inputs: [x], attrs }, { origin }) => (attrs as { exponent: number }).exponent === 2 && square.at(origin, x!),
  ),

  algebra("minus-minus", "-(-x) = x", neg.def, ({ inputs: [x] }) => under(x, neg.def)?.[0]),
  algebra("add-minus", "a + (-b) = a - b", add.def, ({ inputs }, { origin }) => {
    const [a, b] = inputs as [Node, Node];
    for (const [x, y] of both(a, b)) {
      const positive = negated(y, origin);
      if (positive) return sub.at(origin, x, positive);
    }
    return undefined;
  }),
  algebra("subtract-minus", "a - (-b) = a + b", sub.def, ({ inputs: [a, b] }, { origin }) => {
    const positive = negated(b!, origin);
    return positive && add.at(origin, a!, positive);
  }),
  algebra("minus-difference", "-(a - b) = b - a", neg.def, ({ inputs: [x] }, { origin }) => {
    const difference = under(x, sub.def);
    return difference && sub.at(origin, difference[1]!, difference[0]!);
  }),
  algebra("minus-out-of-product", "(-a) * b = -(a * b)", mul.def, ({ inputs: [a, b] }, { origin }) => {
    const [left, right] = [under(a, neg.def)?.[0], under(b, neg.def)?.[0]];
    if (left) return neg.at(origin, mul.at(origin, left, b!));
    return right && neg.at(origin, mul.at(origin, a!, right));
  }),
  algebra("minus-out-of-quotient", "(-a) / b = -(a / b)", div.def, ({ inputs: [a, b] }, { origin }) => {
    const [above, below] = [under(a, neg.def)?.[0], under(b, neg.def)?.[0]];
    if (above) return neg.at(origin, div.at(origin, above, b!));
    return below && neg.at(origin, div.at(origin, a!, below));
  }),
  algebra("minus-into-factor", "-(x * c) = x * -c", neg.def, ({ inputs: [x] }, { origin }) => {
    const product = numberFactor(x!);
    return product && mul.at(origin, product.rest, filledLike(origin, x!, -product.c));
  }),
  algebra("minus-into-numerator", "-(c / x) = -c / x", neg.def, ({ inputs: [x] }, { origin }) => {
    const quotient = under(x, div.def);
    const c = quotient && filledWith(quotient[0]!);
    return c !== undefined && div.at(origin, filledLike(origin, x!, -c), quotient![1]!);
  }),
  algebra("add-negative-multiple", "a + x * -c = a - x * c", add.def, ({ inputs }, { origin }) => {
    const [a, b] = inputs as [Node, Node];
    for (const [other, term] of both(a, b)) {
      const product = numberFactor(term);
      if (product && product.c < 0) return sub.at(origin, other, positiveProduct(origin, product));
    }
    return undefined;
  }),
  algebra("subtract-negative-multiple", "a - x * -c = a + x * c", sub.def, ({ inputs: [a, b] }, { origin }) => {
    const product = numberFactor(b!);
    return product && product.c < 0 && add.at(origin, a!, positiveProduct(origin, product));
  }),

  algebra(
    { id: "gather-constants", title: "gather constants" },
    "(x * c1) * c2 = x * (c1 * c2)",
    mul.def,
    (node, { origin }) => {
      const [a, b] = node.inputs as [Node, Node];
      for (const [product, outer] of both(a, b)) {
        const second = scalarOf(outer, origin);
        const inner = second && scaled(product, origin);
        if (!inner) continue;
        const [c1, c2] = [filledWith(inner[1]), filledWith(second)];
        if ([c1, c2].some((c) => c !== undefined && !isModerate(c))) continue;
        const factor = mul.at(origin, inner[1], second);
        return mul.at(origin, inner[0], broadcastLast(origin, factor, node.shape));
      }
      return undefined;
    },
  ),
  algebra(
    { id: "factor-out-a-number", title: "factor out a number" },
    "(a * c) * b = (a * b) * c",
    mul.def,
    (node, { origin }) => {
      const [a, b] = node.inputs as [Node, Node];
      for (const [product, other] of both(a, b)) {
        const inner = scaled(product, origin);
        const c = inner && filledWith(inner[1]);
        if (!inner || c === undefined || !isModerate(c) || scalarOf(other, origin)) continue;
        return mul.at(origin, mul.at(origin, inner[0], other), filledLike(origin, node, c));
      }
      return undefined;
    },
  ),
  algebra("gather-divisors", "(x / c1) / c2 = x / (c1 * c2)", div.def, ({ inputs: [a, b] }, { origin }) => {
    const quotient = under(a, div.def);
    const [c1, c2] = [quotient && filledWith(quotient[1]!), filledWith(b!)];
    if (c1 === undefined || c2 === undefined || !isModerate(c1) || !isModerate(c2)) return undefined;
    return div.at(origin, quotient![0]!, filledLike(origin, b!, c1 * c2));
  }),
  algebra("scale-before-broadcast", "(broadcast(a) * x) * c = broadcast(a * c) * x", mul.def, (node, { origin }) => {
    const [a, b] = node.inputs as [Node, Node];
    for (const [product, factor] of both(a, b)) {
      const c = filledWith(factor);
      const inner = under(product, mul.def);
      if (c === undefined || !isModerate(c) || !inner) continue;
      for (const [wide, x] of both(inner[0]!, inner[1]!)) {
        const whole = repeated(wide);
        if (!whole) continue;
        const scaledUp = mul.at(origin, whole.of, filledLike(origin, whole.of, c));
        return mul.at(origin, makeBroadcast(origin, scaledUp, node.shape, whole.axes), x);
      }
    }
    return undefined;
  }),
  algebra("divide-a-multiple", "(x * c1) / c2 = x * (c1 / c2)", div.def, ({ inputs: [a, b] }, { origin }) => {
    const product = under(a, mul.def);
    const c2 = filledWith(b!);
    if (!product || c2 === undefined || !isModerate(c2)) return undefined;
    for (const [x, factor] of both(product[0]!, product[1]!)) {
      const c1 = filledWith(factor);
      if (c1 !== undefined && isModerate(c1)) return mul.at(origin, x, filledLike(origin, b!, c1 / c2));
    }
    return undefined;
  }),
  algebra("multiply-a-fraction", "(x / c1) * c2 = x * (c2 / c1)", mul.def, ({ inputs }, { origin }) => {
    const [a, b] = inputs as [Node, Node];
    for (const [quotient, factor] of both(a, b)) {
      const parts = under(quotient, div.def);
      const [c1, c2] = [parts && filledWith(parts[1]!), filledWith(factor)];
      if (c1 === undefined || c2 === undefined || !isModerate(c1) || !isModerate(c2)) continue;
      return mul.at(origin, parts![0]!, filledLike(origin, factor, c2 / c1));
    }
    return undefined;
  }),
  algebra("multiply-a-numerator", "(c1 / x) * c2 = (c1 * c2) / x", mul.def, ({ inputs }, { origin }) => {
    const [a, b] = inputs as [Node, Node];
    for (const [quotient, factor] of both(a, b)) {
      const parts = under(quotient, div.def);
      const [c1, c2] = [parts && filledWith(parts[0]!), filledWith(factor)];
      if (c1 === undefined || c2 === undefined || !isModerate(c1) || !isModerate(c2)) continue;
      return div.at(origin, filledLike(origin, factor, c1 * c2), parts![1]!);
    }
    return undefined;
  }),
  algebra("multiply-by-reciprocal", "x * (1 / y) = x / y", mul.def, ({ inputs }, { origin }) => {
    const [a, b] = inputs as [Node, Node];
    for (const [x, y] of both(a, b)) {
      const quotient = under(y, div.def);
      if (quotient && isFilledWith(quotient[0]!, 1)) return div.at(origin, x, quotient[1]!);
    }
    return undefined;
  }),

  size("fixed-size", "a size without the batch is a number", sizeDef, ({ attrs }, { origin }) => {
    const { times, power } = (attrs as SizeAttrs).dim;
    return power === 0 && makeFilled(origin, times, [], "float32");
  }),
  size("multiply-sizes", "size * size = size", mul.def, ({ inputs: [a, b] }, { origin }) => {
    if (!isA(a!, sizeDef) || !isA(b!, sizeDef)) return undefined;
    return makeSize(origin, timesDim(a.attrs.dim, b.attrs.dim));
  }),
  size(
    { id: "mean-divides-once", title: "a mean divides once" },
    "c / (n * rows) = (c / n) / rows",
    div.def,
    ({ inputs: [a, size] }, { origin }) => {
      const c = filledWith(a!);
      if (c === undefined || !isA(size!, sizeDef)) return undefined;
      const { times, power } = size.attrs.dim;
      return times !== 1 && power > 0 && div.at(origin, makeScalar(origin, c / times), makeSize(origin, dim(1, power)));
    },
  ),
  size("divide-and-multiply-by-size", "x / size * size = x", mul.def, ({ inputs }) => {
    const [a, b] = inputs as [Node, Node];
    for (const [x, size] of both(a, b)) {
      const quotient = under(x, div.def);
      if (size.def === sizeDef && quotient?.[1] === size) return quotient[0];
    }
    return undefined;
  }),
  size("multiply-and-divide-by-size", "x * size / size = x", div.def, ({ inputs: [a, size] }) => {
    const product = size!.def === sizeDef ? under(a, mul.def) : undefined;
    if (!product?.includes(size!)) return undefined;
    return product[0] === size ? product[1] : product[0];
  }),

  algebra("where-same", "where(c, a, a) = a", where.def, ({ inputs: [, a, b] }) => a === b && a),
  algebra("where-known", "where(true, a, b) = a", where.def, ({ inputs: [c, a, b] }) => {
    const known = filledWith(c!);
    return known !== undefined && (known === 0 ? b : a);
  }),
  algebra("where-not", "where(not c, a, b) = where(c, b, a)", where.def, ({ inputs: [c, a, b] }, { origin }) => {
    const inner = under(c, logicalNot.def);
    return inner && where.at(origin, inner[0]!, b!, a!);
  }),
  algebra("not-not", "not not c = c", logicalNot.def, ({ inputs: [c] }) => under(c, logicalNot.def)?.[0]),
];
