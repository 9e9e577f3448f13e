// What a program costs, counted on its kernels: floating-point operations and bytes moved.

import { evaluateDim } from "../../src/graph/shape.js";
import { isApply, isConstant } from "../../src/scalar/expression.js";
import type { Kernel, KernelExpr, Statement } from "../ir/kernel.js";
import type { Program, ProgramItem } from "../ir/program.js";
import { bytesPerElement, type FloatType } from "../ir/layout.js";
import { elementsOf } from "./liveness.js";

export interface Cost {
  /** Scalar operations, a multiply-add counting as two, a transcendental as one. */
  readonly flops: number;
  /** Bytes of distinct buffers read or written by each call: what must move if nothing stays in a cache. */
  readonly bytes: number;
}

/** The cost of a program for a number of rows. */
export function costOf(program: Program, rows: number, float: FloatType): Cost {
  let flops = 0;
  let bytes = 0;
  const visit = (items: readonly ProgramItem[], times: number): void => {
    for (const item of items) {
      if (item.kind === "repeat") visit(item.body, times * evaluateDim(item.count, rows));
      else {
        flops += times * kernelFlops(item.kernel, rows);
        for (const use of item.uses) {
          const share = use.advance.length > 0 ? 1 / times : 1;
          bytes += times * share * elementsOf(use.buffer, rows) * bytesPerElement(use.buffer.dtype, float);
        }
      }
    }
  };
  visit(program.items, 1);
  return { flops, bytes };
}

const kernelFlops = (kernel: Kernel, rows: number): number => statementFlops(kernel.body, rows);

function statementFlops(statements: readonly Statement[], rows: number): number {
  let flops = 0;
  for (const statement of statements) {
    if (statement.kind === "loop") flops += evaluateDim(statement.size, rows) * statementFlops(statement.body, rows);
    else if (statement.kind === "reduction") {
      const times = statement.loops.reduce((product, loop) => product * evaluateDim(loop.size, rows), 1);
      const values = [...statement.lets, ...statement.accumulators].map((part) => part.value);
      flops += times * (values.reduce((sum, value) => sum + operations(value), 0) + statement.accumulators.length);
    } else flops += operations(statement.value);
  }
  return flops;
}

const FREE = new Set(["select", "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge"]);

function operations(value: KernelExpr): number {
  if (isConstant(value) || !isApply(value)) return 0;
  return (FREE.has(value.op) ? 0 : 1) + value.args.reduce((sum, arg) => sum + operations(arg as KernelExpr), 0);
}
