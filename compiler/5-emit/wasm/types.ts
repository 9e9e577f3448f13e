// What expressions evaluate to on this target: floats, 32-bit integers or conditions.

import { isApply, isConstant, type ScalarOp, type ScalarType } from "../../../src/scalar/expression.js";
import { instructionOf } from "../../../src/scalar/instructions.js";
import type { KernelExpr } from "../../ir/kernel.js";
import type { Scope } from "./scope.js";

/** Instructions that give an integer for integers. */
const INTEGRAL: ReadonlySet<ScalarOp> = new Set(["add", "sub", "mul", "neg", "abs", "min", "max", "select"]);

const fitsInteger = (value: number): boolean =>
  Number.isInteger(value) && !Object.is(value, -0) && Math.abs(value) < 2 ** 31;

type Typed = Pick<Scope, "slots" | "locals" | "accumulators" | "types">;

export function typeOf(expr: KernelExpr, scope: Typed): ScalarType {
  let type = scope.types.get(expr);
  if (type === undefined) scope.types.set(expr, (type = computed(expr, scope)));
  return type;
}

function computed(expr: KernelExpr, scope: Typed): ScalarType {
  if (isConstant(expr)) return fitsInteger(expr.value) ? "int" : "float";
  if (isApply(expr)) {
    const { result } = instructionOf(expr.op);
    if (expr.op === "hash") return "int";
    if (result === "bool" || !INTEGRAL.has(expr.op)) return result;
    const operands = (expr.op === "select" ? expr.args.slice(1) : expr.args) as readonly KernelExpr[];
    const types = operands.map((arg) => typeOf(arg, scope));
    if (expr.op === "select") return joined(types, operands);
    return types.every((type) => type === "int") && !operands.every(isConstant) ? "int" : "float";
  }
  switch (expr.kind) {
    case "load":
      return LOADED[scope.slots[expr.slot]!.dtype];
    case "index":
    case "size":
      return "int";
    case "accumulator":
      return scope.accumulators.get(expr.accumulator)!.type;
    case "local":
      return scope.locals.get(expr.local)!.type;
  }
}

/** What both branches of a selection can be. Two constants are floats. */
function joined(types: readonly ScalarType[], branches: readonly KernelExpr[]): ScalarType {
  const [a, b] = types as [ScalarType, ScalarType];
  const [constantA, constantB] = branches.map((branch) => isConstant(branch)) as [boolean, boolean];
  if (constantA && constantB) return "float";
  if (a === b) return a;
  if (constantA && b === "bool") return "bool";
  if (constantB && a === "bool") return "bool";
  return "float";
}

const LOADED = { float32: "float", int32: "int", bool: "bool" } as const;
