// The scalar expression of a pointwise op: its own, or its formula with the numeric attributes as constants.

import { memo } from "../../src/graph/memo.js";
import type { OpDef } from "../../src/graph/op.js";
import type { CallSite } from "../../src/graph/origin.js";
import { invariant } from "../../src/messages.js";
import type { Scalar } from "../../src/scalar/expression.js";
import { parseFormula } from "./parse.js";

/** Of a record, by the values of its attributes. */
const resolvedOf = memo<OpDef, Map<string, Scalar>>(() => new Map());

/** The same object for the same record and numeric attributes, so that what is derived from it can be kept as well. */
export function resolveScalar(def: OpDef, attrs: object, site?: CallSite): Scalar {
  if (def.scalar !== undefined) return def.scalar;
  invariant(def.formula !== undefined, `pointwise op ${def.name} has a formula or a scalar expression`);
  const values = numericAttributes(attrs);
  const key = [...values].map(([name, value]) => `${name}=${Object.is(value, -0) ? "-0" : value}`).join(" ");
  const byValues = resolvedOf(def);
  let scalar = byValues.get(key);
  if (scalar === undefined) {
    scalar = parseFormula(def.formula, { operands: def.operands, values, site });
    byValues.set(key, scalar);
  }
  return scalar;
}

function numericAttributes(attrs: object): ReadonlyMap<string, number> {
  const numeric = Object.entries(attrs).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return new Map(numeric.sort(([a], [b]) => (a < b ? -1 : 1)));
}
