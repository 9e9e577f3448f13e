// What expressions of a kernel evaluate to: floats, 32-bit integers or conditions. Every target asks here.

import type { DType } from "../../src/graph/dtype.js";
import { isApply, isConstant, type ScalarOp, type ScalarType } from "../../src/scalar/expression.js";
import { instructionOf } from "../../src/scalar/instructions.js";
import type { Kernel, KernelExpr, Statement } from "./kernel.js";

/** Instructions that give an integer for integers. */
const INTEGRAL: ReadonlySet<ScalarOp> = new Set(["add", "sub", "mul", "neg", "abs", "min", "max", "select"]);

const fitsInteger = (value: number): boolean =>
  Number.isInteger(value) && !Object.is(value, -0) && Math.abs(value) < 2 ** 31;

const LOADED = { float32: "float", int32: "int", bool: "bool" } as const satisfies Record<DType, ScalarType>;

/** The type of an expression of a kernel. */
export type Types = (expr: KernelExpr) => ScalarType;

/** The types of a kernel's expressions. A sum of conditions is a float: it counts them. */
export function typesOf({ slots, body }: Pick<Kernel, "slots" | "body">): Types {
  const known = new Map<KernelExpr, ScalarType>();
  const locals = new Map<number, ScalarType>();
  const accumulators = new Map<number, ScalarType>();
  const typeOf = (expr: KernelExpr): ScalarType => {
    let type = known.get(expr);
    if (type === undefined) known.set(expr, (type = computed(expr)));
    return type;
  };
  const computed = (expr: KernelExpr): ScalarType => {
    if (isConstant(expr)) return fitsInteger(expr.value) ? "int" : "float";
    if (isApply(expr)) {
      const { result } = instructionOf(expr.op);
      if (expr.op === "hash") return "int";
      if (result === "bool" || !INTEGRAL.has(expr.op)) return result;
      const operands = (expr.op === "select" ? expr.args.slice(1) : expr.args) as readonly KernelExpr[];
      const types = operands.map(typeOf);
      if (expr.op === "select") return joined(types, operands);
      return types.every((type) => type === "int") && !operands.every(isConstant) ? "int" : "float";
    }
    switch (expr.kind) {
      case "load":
        return LOADED[slots[expr.slot]!.dtype];
      case "index":
      case "size":
        return "int";
      case "accumulator":
        return accumulators.get(expr.accumulator)!;
      case "local":
        return locals.get(expr.local)!;
    }
  };
  const visit = (statements: readonly Statement[]): void => {
    for (const s of statements) {
      if (s.kind === "loop") visit(s.body);
      else if (s.kind === "let") locals.set(s.local, typeOf(s.value));
      else if (s.kind === "reduction") {
        visit(s.lets);
        for (const { accumulator, value } of s.accumulators)
          accumulators.set(accumulator, typeOf(value) === "int" ? "int" : "float");
      }
    }
  };
  visit(body);
  return typeOf;
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
