// Numbers that become others: constants that float32 rounds, indices that are taken for amounts.

import { isA, type Node } from "../../../src/graph/node.js";
import { contractDef } from "../../../src/ops/contract/contract.js";
import { constantDef } from "../../../src/ops/leaf/leaves.js";
import { intToFloat } from "../../../src/ops/pointwise/pointwise.js";
import { constantRounded, integersIntoDense, type Suspicion } from "../../../src/warnings.js";

/** In a module of float32. */
export function roundedConstant(node: Node): Suspicion | undefined {
  if (!isA(node, constantDef) || node.dtype !== "float32" || node.origin.derived) return undefined;
  const { values } = node.attrs;
  // Beside larger numbers of a table what vanishes is nothing.
  const allVanish = values.every((value) => value === 0 || vanishes(value));
  const value = values.find((one) => losesDigits(one) || (allVanish && vanishes(one)));
  return value === undefined ? undefined : constantRounded({ value, site: node.origin.site });
}

const vanishes = (value: number): boolean => value !== 0 && Math.fround(value) === 0;

/** As many digits as any float32 gives back. */
const DIGITS = 7;

/** An integer that is written to its last digit; 1e30 stands for "large", and any neighbour does. */
function losesDigits(value: number): boolean {
  if (!Number.isSafeInteger(value) || Math.fround(value) === value) return false;
  return String(Math.abs(value)).replace(/0+$/, "").length > DIGITS;
}

/** A dense layer that has converted its input itself; a cast is the user's word that amounts are meant. */
export function integersAsAmounts(node: Node): Suspicion | undefined {
  const { site } = node.origin;
  if (node.def !== contractDef || site.call !== "dense") return undefined;
  const converted = node.inputs.some((input) => input.def === intToFloat && input.origin.site === site);
  return converted ? integersIntoDense({ site }) : undefined;
}
