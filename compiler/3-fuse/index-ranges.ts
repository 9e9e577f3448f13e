// Which integers a node may hold, as far as that is known before anything runs: what names the entries of an axis either lies
// within it for certain, or is looked at where it is used.

import type { Affine } from "../../src/graph/affine.js";
import type { Body, Index } from "../../src/graph/lowering.js";
import type { Node } from "../../src/graph/node.js";
import type { Dim, Shape } from "../../src/graph/shape.js";
import { constantDef, inputDef, type ConstantAttrs, type InputAttrs } from "../../src/ops/leaf/leaves.js";
import { isApply, isConstant } from "../../src/scalar/expression.js";
import { instructions } from "../../src/scalar/instructions.js";
import { forEachLoad, lowered } from "../ir/lowered.js";

type Range = readonly [low: number, high: number];

/** Longer chains of computations are not followed. */
const DEEPEST = 40;

/** Is the index of `node`, given by one of its operands, an entry of an axis of this size for every number of rows? */
export function isEntry({ affine, loaded }: Index, node: Node, size: Dim): boolean {
  if (!loaded || affine.length > 0) return false;
  const range = rangeOfBody(loaded, node, DEEPEST);
  // The smallest run has one row.
  return range !== undefined && range[0] >= 0 && range[1] < size.times;
}

/**
 * The operands that a node reads at entries which must be looked at first. They are read from memory: of a value that is computed
 * in place nobody would ask for the entry where all entries are alike, along an axis of one or of copies.
 */
export function readAtComputed(node: Node): readonly Node[] {
  if (node.def.family === "pointwise") return [];
  const lowering = lowered(node);
  if (lowering.kind !== "map" && lowering.kind !== "reduce" && lowering.kind !== "scatter") return [];
  const found = new Set<Node>();
  forEachLoad(lowering.body, ({ operand, at }) => {
    const read = node.inputs[operand]!;
    if (at.some((index, k) => index.loaded && !isEntry(index, node, read.shape[k]!))) found.add(read);
  });
  return [...found];
}

const known = new WeakMap<Node, { readonly range: Range | undefined }>();

function rangeOf(node: Node, depth: number): Range | undefined {
  if (depth === 0) return undefined;
  let found = known.get(node);
  if (found === undefined) known.set(node, (found = { range: exact(computed(node, depth)) }));
  return found.range;
}

/** Floats hold integers as they are up to a size. */
const exact = (range: Range | undefined): Range | undefined =>
  range && range[0] >= -(2 ** 24) && range[1] <= 2 ** 24 ? range : undefined;

function computed(node: Node, depth: number): Range | undefined {
  if (node.dtype === "bool") return [0, 1];
  if (node.def === inputDef) {
    const { below, ignoreIndex } = node.attrs as InputAttrs;
    return below === undefined ? undefined : union([0, below - 1], ignoreIndex ?? 0);
  }
  if (node.def === constantDef) return (node.attrs as ConstantAttrs).values.reduce<Range>(union, [Infinity, -Infinity]);
  if (node.def.family === "composite") return undefined;
  const lowering = lowered(node);
  if (lowering.kind === "alias") return rangeOf(node.inputs[0]!, depth - 1);
  if (lowering.kind === "map") return rangeOfBody(lowering.body, node, depth);
  const chosen = lowering.kind === "reduce" && (lowering.combiner === "max" || lowering.combiner === "min");
  return chosen ? rangeOfBody(lowering.body, node, depth, lowering.axes) : undefined;
}

/** What conditions say of operands, which a pointwise op reads at one place. */
type Narrowed = ReadonlyMap<number, Range>;

const NOTHING: Narrowed = new Map();

/** `axes`: of a reduction, whose variables follow those of the node. */
function rangeOfBody(
  body: Body,
  node: Node,
  depth: number,
  axes: Shape = [],
  narrowed: Narrowed = NOTHING,
): Range | undefined {
  if (isConstant(body)) return [body.value, body.value];
  if (isApply(body)) {
    const { op } = body;
    if (instructions[op].result === "bool") return [0, 1];
    const of = (arg: Body, known: Narrowed): Range | undefined => rangeOfBody(arg, node, depth, axes, known);
    const all = body.args as readonly Body[];
    const args =
      op === "select"
        ? [of(all[1]!, narrowed), of(all[2]!, unless(all[0]!, node, narrowed))]
        : all.map((arg) => of(arg, narrowed));
    const [a, b] = args;
    if (!a || args.includes(undefined)) return undefined;
    switch (op) {
      case "neg":
        return [-a[1], -a[0]];
      case "add":
        return [a[0] + b![0], a[1] + b![1]];
      case "sub":
        return [a[0] - b![1], a[1] - b![0]];
      case "min":
        return [Math.min(a[0], b![0]), Math.min(a[1], b![1])];
      case "max":
        return [Math.max(a[0], b![0]), Math.max(a[1], b![1])];
      case "mul": {
        const corners = a.flatMap((x) => b!.map((y) => x * y));
        return [Math.min(...corners), Math.max(...corners)];
      }
      case "abs":
        return [Math.max(0, a[0], -a[1]), Math.max(-a[0], a[1])];
      case "sign":
        return [Math.sign(a[0]), Math.sign(a[1])];
      case "floor":
      case "ceil":
      case "round":
        return [Math.floor(a[0]), Math.ceil(a[1])];
      case "select":
        return union(union(a, b![0]), b![1]);
      default:
        return undefined;
    }
  }
  if (body.kind === "size") return body.dim.power === 0 ? [body.dim.times, body.dim.times] : undefined;
  if (body.kind === "index") return rangeOfIndex(body.affine, [...node.shape, ...axes]);
  const range = within(rangeOf(node.inputs[body.operand]!, depth - 1), narrowed.get(body.operand));
  return range && body.guards.length > 0 ? union(range, body.otherwise) : range;
}

/** What is known of operands where a comparison with a number does not hold. A number that is none compares with nothing. */
function unless(condition: Body, node: Node, narrowed: Narrowed): Narrowed {
  if (node.def.family !== "pointwise" || isConstant(condition) || !isApply(condition)) return narrowed;
  const [x, limit] = condition.args as readonly Body[];
  if (!x || !limit || isConstant(x) || isApply(x) || x.kind !== "load" || !isConstant(limit)) return narrowed;
  const range: Range | undefined =
    condition.op === "lt" ? [limit.value, Infinity] : condition.op === "gt" ? [-Infinity, limit.value] : undefined;
  return range ? new Map(narrowed).set(x.operand, within(range, narrowed.get(x.operand))!) : narrowed;
}

/** Both hold. Of what nothing is known it may not even be a number. */
const within = (range: Range | undefined, other: Range | undefined): Range | undefined =>
  range && other ? [Math.max(range[0], other[0]), Math.min(range[1], other[1])] : range;

function rangeOfIndex(affine: Affine, shape: Shape): Range | undefined {
  let [low, high] = [0, 0];
  for (const { times, power, axis } of affine) {
    const size = axis === undefined ? undefined : shape[axis]!;
    if (power > 0 || (size && size.power > 0)) return undefined;
    const last = times * (size ? size.times - 1 : 1);
    low += size ? Math.min(0, last) : last;
    high += size ? Math.max(0, last) : last;
  }
  return [low, high];
}

const union = ([low, high]: Range, value: number): Range => [Math.min(low, value), Math.max(high, value)];
