// The derivative of a pointwise op, from its formula: as plain graph ops where the slope is simple (1, a constant, an
// operand), otherwise as a derived op such as `tanh'` that is multiplied by the adjoint.

import { memo } from "../../src/graph/memo.js";
import { createNode, type Node } from "../../src/graph/node.js";
import { derivedOrigin, type Origin } from "../../src/graph/origin.js";
import { elementwiseRule, scaleRule, sumRule } from "../../src/graph/rules.js";
import { leavesOf } from "../../src/scalar/algebra.js";
import type { Reason } from "../../src/scalar/reason.js";
import { div, mul, neg } from "../../src/ops/pointwise/arithmetic.js";
import { makeScalar } from "../../src/ops/leaf/leaves.js";
import { broadcastLast } from "../../src/ops/view/broadcast.js";
import { logicalNot } from "../../src/ops/pointwise/logic.js";
import { isApply, isConstant, type Scalar } from "../../src/scalar/expression.js";
import { resolveScalar } from "../formula/resolve.js";
import { derivativeThroughOutput, stepsThroughOutput } from "../formula/through-output.js";
import type { Listener } from "./events.js";
import { both, type Flow } from "./flow.js";
import { takeApart, type Partial } from "./partial.js";
import { conditionRecord, slopeRecord } from "./records.js";

/** What an input gets of the flow into its reader. */
export interface Contribution {
  readonly to: Node;
  readonly operand: number;
  readonly rule: Reason;
  readonly contribution: Flow;
}

/** What reaches the inputs of `node` from the flow into it, for the inputs that are asked for. */
export function pointwiseFlows(
  node: Node,
  flow: Flow,
  isAsked: (input: number) => boolean,
  listener?: Listener,
): Contribution[] {
  const scalar = resolveScalar(node.def, node.attrs, node.origin.site);
  const result: Contribution[] = [];
  node.inputs.forEach((to, operand) => {
    if (to.dtype !== "float32" || !isAsked(operand)) return;
    const partial = derivativeThroughOutput(scalar, operand, node.inputs.length);
    if (partial === null) return;
    if (listener) tellSlope(node, operand, scalar, partial.scalar, listener);
    const pieces = apart(partial.scalar);
    const rule = ruleOfSlope(node, operand, pieces);
    const part: Part = { node, operand, rule, key: partial.scalar, ...pieces };
    const value = times(flow.value, part.slope, part, derivedOrigin(to, part.rule, "adjoint"));
    const guard = both(to, flow.guard, guardOf(part));
    const unchanged = value === flow.value && guard === flow.guard;
    result.push({ to, operand, rule, contribution: unchanged ? flow : { of: to, value, by: rule, guard } });
  });
  return result;
}

/** The partial of `node` with respect to one operand. Argument i of its formulas is input i; the one after is the output. */
interface Part extends Partial {
  readonly node: Node;
  readonly operand: number;
  readonly rule: Reason;
  readonly key: Scalar;
}

const apart = memo((partial: Scalar): Partial => takeApart(partial));

/** Each slope is told once, with how it was formed. */
function tellSlope({ def, inputs }: Node, operand: number, formula: Scalar, slope: Scalar, listener: Listener): void {
  const { record, slopes } = listener;
  const known = slopes.get(formula) ?? new Set();
  slopes.set(formula, known);
  if (known.has(operand)) return;
  known.add(operand);
  for (const step of stepsThroughOutput(formula, operand, inputs.length)) record({ kind: "scalar", ...step });
  record({ kind: "slope", def, operand, formula, slope });
}

/** A sum passes the adjoint on, a number or a number's repetition scales it; any other formula multiplies by its slope. */
function ruleOfSlope(node: Node, operand: number, { slope, support }: Partial): Reason {
  if (support !== null) return elementwiseRule;
  if (isConstant(slope)) return node.inputs.length > 1 && Math.abs(slope.value) === 1 ? sumRule : scaleRule;
  const factors = leavesOf([slope]);
  const isScaled = factors.every(({ index }) => index !== operand && isFixed(node.inputs[index] ?? node));
  return isScaled && isSimple(slope) ? scaleRule : elementwiseRule;
}

/** Is it one number, or one repeated? */
function isFixed(node: Node): boolean {
  if (node.inputs.length > 0) return node.def.family === "view" && node.inputs.every(isFixed);
  const lowering = node.def.lower?.({ ...node, output: node });
  return lowering?.kind === "map" && (node.shape.length === 0 || isConstant(lowering.body));
}

const operandOf = ({ node }: Part, index: number): Node => node.inputs[index] ?? node;

const slopeOrigin = ({ node, rule }: Part): Origin => derivedOrigin(node, rule, "slope");

/** The adjoint times a slope. `origin`: of the product; what is multiplied on the way to it is a part. */
function times(g: Node, slope: Scalar, part: Part, origin: Origin): Node {
  if (isConstant(slope)) {
    if (slope.value === 1) return g;
    return slope.value === -1
      ? neg.at(origin, g)
      : mul.at(origin, g, broadcastLast(slopeOrigin(part), makeScalar(slopeOrigin(part), slope.value), g.shape));
  }
  if (!isApply(slope)) return mul.at(origin, g, operandOf(part, slope.index));
  const [a, b] = slope.args;
  const inner = derivedOrigin(part.node, part.rule, "part");
  if (slope.op === "neg") return neg.at(origin, times(g, a!, part, inner));
  if (slope.op === "mul" && isSimple(slope)) {
    const [first, last] = isConstant(a!) ? [b!, a] : [a!, b!];
    return times(times(g, first, part, inner), last, part, origin);
  }
  if (slope.op === "div" && isSimple(slope))
    return div.at(origin, times(g, a!, part, inner), simple(b!, part, slopeOrigin(part)));
  const { def, used } = slopeRecord({ forward: part.node, operand: part.operand, key: slope, scalar: slope });
  const inputs = used.map((i) => operandOf(part, i));
  return mul.at(origin, g, createNode(def, inputs, {}, slopeOrigin(part)));
}

/** Products and quotients of operands, few enough to be read as graph ops. */
function isSimple(expr: Scalar, depth = 0): boolean {
  if (!isApply(expr)) return true;
  return depth < 3 && FACTORS.has(expr.op) && expr.args.every((arg) => isSimple(arg, depth + 1));
}

const FACTORS: ReadonlySet<string> = new Set(["mul", "div", "neg"]);

/** Such an expression as a graph. */
function simple(expr: Scalar, part: Part, origin: Origin): Node {
  if (isConstant(expr)) return makeScalar(origin, expr.value);
  if (!isApply(expr)) return operandOf(part, expr.index);
  const [a, b] = expr.args.map((arg) => simple(arg, part, origin));
  if (expr.op === "neg") return neg.at(origin, a!);
  return (expr.op === "mul" ? mul : div).at(origin, a!, b!);
}

/** Where the slope is not structurally zero, as a node. */
function guardOf(part: Part): Node | null {
  const { support } = part;
  if (support === null) return null;
  if (support.kind === "argument") return operandOf(part, support.index);
  const origin = derivedOrigin(part.node, part.rule, "guard");
  const inner = isApply(support) && support.op === "not" ? support.args[0]! : undefined;
  if (inner?.kind === "argument") return createNode(logicalNot.def, [operandOf(part, inner.index)], {}, origin);
  const { def, used } = conditionRecord({
    forward: part.node,
    operand: part.operand,
    key: part.key,
    scalar: support,
  });
  const inputs = used.map((i) => operandOf(part, i));
  return createNode(def, inputs, {}, origin);
}
