// Records of the ops that derivatives are made of: `tanh'`, the condition under which `relu'` is not zero, and the
// selection by such a condition. Equal ones share one record.

import type { DType } from "../../src/graph/dtype.js";
import type { Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import { pointwiseRecord } from "../../src/ops/pointwise/pointwise.js";
import { applyScalar, argument, constant, type Scalar } from "../../src/scalar/expression.js";
import { printScalar } from "../../src/scalar/print.js";
import { compact, whereElseZero } from "./partial.js";

/** A derived op and which of the forward node's operands (and its output, after them) it takes. */
export interface Derived {
  readonly def: OpDef;
  readonly used: readonly number[];
}

const slopes = new WeakMap<OpDef, WeakMap<Scalar, Derived>>();
const conditions = new WeakMap<OpDef, WeakMap<Scalar, Derived>>();

function once(table: WeakMap<OpDef, WeakMap<Scalar, Derived>>, def: OpDef, key: Scalar, make: () => Derived): Derived {
  let bySlope = table.get(def);
  if (bySlope === undefined) table.set(def, (bySlope = new WeakMap()));
  let derived = bySlope.get(key);
  if (derived === undefined) bySlope.set(key, (derived = make()));
  return derived;
}

/** `tanh'`; with several operands `pow'b`. */
function primed(def: OpDef, operand: number): string {
  return def.operands.length === 1 ? `${def.name}'` : `${def.name}'${def.operands[operand]}`;
}

interface Wanted {
  readonly forward: Node;
  readonly operand: number;
  /** Identifies the partial; `scalar` is a part of it. */
  readonly key: Scalar;
  readonly scalar: Scalar;
}

/** The slope of a forward op as an op. */
export const slopeRecord = (wanted: Wanted): Derived =>
  once(slopes, wanted.forward.def, wanted.key, () => derive(wanted, "float32", ""));

/** The condition under which a forward op's slope is not structurally zero. */
export const conditionRecord = (wanted: Wanted): Derived =>
  once(conditions, wanted.forward.def, wanted.key, () => {
    const derived = derive(wanted, "bool", " is not 0");
    const kinds = kindsOf(wanted.forward, derived.used);
    const def = selection(derived.def, primed(wanted.forward.def, wanted.operand), kinds);
    selections.set(derived.def, { def, takesCondition: false });
    return derived;
  });

const kindsOf = (forward: Node, used: readonly number[]): DType[] =>
  used.map((i) => (forward.inputs[i] ?? forward).dtype);

function derive({ forward, operand, scalar: whole }: Wanted, result: DType, suffix: string): Derived {
  const { scalar, used } = compact(whole);
  const all = [...forward.def.operands, "output"];
  const operands = used.map((i) => all[i]!);
  const text = printScalar(scalar, (leaf) => operands[leaf.index]!);
  const def = pointwiseRecord(primed(forward.def, operand) + suffix, {
    doc: `From the derivative of ${forward.def.name} with respect to ${all[operand]}: ${text}.`,
    scalar,
    operands,
    kinds: kindsOf(forward, used),
    result,
    differentiable: result === "float32",
  });
  return { def, used };
}

/** `where(condition, value, 0)`. */
export interface Selection {
  readonly def: OpDef;
  /** It takes the condition as a node, before the value; else the value and the operands of the condition's own formula. */
  readonly takesCondition: boolean;
}

const selections = new WeakMap<OpDef, Selection>();

const byCondition: Selection = {
  def: pointwiseRecord("where'", {
    doc: "The value where the condition holds, exactly 0 elsewhere.",
    scalar: applyScalar("select", argument(0), argument(1), constant(0)),
    operands: ["condition", "value"],
    kinds: ["bool", "float32"],
  }),
  takesCondition: true,
};

/** How a value is selected by a condition of this record: in one op where the condition is derived. */
export const selectedRecord = (condition: OpDef): Selection => selections.get(condition) ?? byCondition;

function selection(condition: OpDef, name: string, kinds: readonly DType[]): OpDef {
  const scalar = whereElseZero(condition.scalar!);
  const operands = ["gradient", ...condition.operands];
  return pointwiseRecord(name, {
    doc: `A gradient times the derivative: ${printScalar(scalar, (leaf) => operands[leaf.index]!)}.`,
    scalar,
    operands,
    kinds: ["float32", ...kinds],
  });
}
