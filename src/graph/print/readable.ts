// Formulas short enough to be shown in place of an op's name: `a + b`, `exp(x)`, and those of derived ops.

import { argument, applyScalar, isApply, type Scalar, type ScalarOp } from "../../scalar/expression.js";
import { instructionOf, instructions } from "../../scalar/instructions.js";
import type { Lowering } from "../lowering.js";
import { memo } from "../memo.js";
import type { Node } from "../node.js";
import type { OpDef } from "../op.js";
import { isAxis } from "../affine.js";
import { isOne, printDim, sameDim } from "../shape.js";

/** Longer formulas are better called by name. */
const LONGEST = 24;

/** What to show for a call of the op; undefined where its name says it better. */
export const readableScalar = memo(shortScalar);

function shortScalar({ family, formula, scalar, operands }: OpDef): Scalar | undefined {
  if (family !== "pointwise") return undefined;
  if (scalar !== undefined) return weightOf(scalar) <= LONGEST ? scalar : undefined;
  return formula === undefined ? undefined : singleInstruction(formula, operands);
}

function weightOf(expr: Scalar): number {
  return isApply(expr) ? expr.args.reduce((sum, arg) => sum + weightOf(arg), 1) : 0;
}

/** A formula that is one instruction in infix or prefix notation, such as `a + b`. */
function singleInstruction(formula: string, operands: readonly string[]): Scalar | undefined {
  const match = /^(?:(\w+) (\S+) (\w+)|(-)(\w+))$/.exec(formula);
  if (!match) return undefined;
  const symbol = match[2] ?? match[4]!;
  const args = [match[1], match[3] ?? match[5]].flatMap((name) => (name === undefined ? [] : [operands.indexOf(name)]));
  const op = (Object.keys(instructions) as ScalarOp[]).find((name) => {
    const { notation, arity } = instructionOf(name);
    return notation.kind !== "call" && notation.symbol === symbol && arity === args.length;
  });
  if (op === undefined || args.some((index) => index < 0)) return undefined;
  return applyScalar(op, ...args.map(argument));
}

/** A number or a size that needs no line of its own: its text, and the number when it is one. */
export interface Literal {
  readonly text: string;
  readonly value: number | undefined;
}

/** What a node without inputs is filled with. */
export function literalOf(node: Node): Literal | undefined {
  if (node.inputs.length > 0) return undefined;
  const lowering: Lowering | undefined = node.def.lower?.({ ...node, output: node });
  if (lowering?.kind !== "map") return undefined;
  const { body } = lowering;
  if (body.kind === "constant") return { text: String(body.value), value: body.value };
  if (body.kind !== "size") return undefined;
  const { dim } = body;
  if (dim.power === 0) return { text: String(dim.times), value: dim.times };
  return { text: dim.times === 1 ? printDim(dim) : `(${printDim(dim)})`, value: undefined };
}

/** The node whose elements are repeated: broadcasting goes without saying in a formula. */
export function unstretched(node: Node): Node {
  let at = node;
  while (isStretch(at)) at = at.inputs[0]!;
  return at;
}

/** Each element is one of the first operand, whose axes keep their order or have size 1. */
function isStretch(node: Node): boolean {
  if (node.def.family !== "view" || node.inputs.length !== 1) return false;
  const lowering = node.def.lower?.({ ...node, output: node });
  if (lowering?.kind !== "map" || lowering.body.kind !== "load" || lowering.body.guards.length > 0) return false;
  let last = -1;
  return lowering.body.at.every(({ affine, loaded }, i) => {
    if (loaded !== undefined) return false;
    if (affine.length === 0) return isOne(node.inputs[0]!.shape[i]!);
    const variable = affine[0]!.axis;
    if (!isAxis(affine) || variable === undefined || variable <= last) return false;
    last = variable;
    return sameDim(node.shape[variable]!, node.inputs[0]!.shape[i]!);
  });
}

/** What the node is everywhere, if that is a number or a size. */
export const everywhere = (node: Node): Literal | undefined => literalOf(unstretched(node));

export const isTuple = (node: Node): boolean => node.def.results !== undefined;
