// What a program costs, counted on its kernels: floating-point operations and bytes moved.

import { evaluateDim } from "../../src/graph/shape.js";
import { isApply, isConstant } from "../../src/scalar/expression.js";
import type { Kernel, KernelExpr, Position, Statement } from "../ir/kernel.js";
import type { Program, ProgramItem } from "../ir/program.js";
import { forEachLeaf } from "../ir/walk.js";
import type { FloatType } from "../ir/choices.js";
import { bytesPerElement } from "../ir/layout.js";
import { elementsOf } from "./liveness.js";

export interface Cost {
  /** Scalar operations, a multiply-add counting as two, a transcendental as one. */
  readonly flops: number;
  /**
   * Bytes of distinct buffers read or written by each call, of those that are only read and written where indices say as many
   * elements as there are indices: what must move if nothing stays in a cache.
   */
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
        const named = namedElements(item.kernel, rows);
        for (const [slot, use] of item.uses.entries()) {
          const share = use.advance.length > 0 ? 1 / times : 1;
          const elements = Math.min(share * elementsOf(use.buffer, rows), named.get(slot) ?? Infinity);
          bytes += times * elements * bytesPerElement(use.buffer.dtype, float);
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

/** Of the slots that a kernel reads and writes only where an index of another slot says: how many elements those name. */
function namedElements(kernel: Kernel, rows: number): ReadonlyMap<number, number> {
  const named = new Map<number, number>();
  const count = (slot: number, at: Position, times: number): void => {
    named.set(slot, (named.get(slot) ?? 0) + (at.loaded.length > 0 ? times : Infinity));
  };
  const read = (value: KernelExpr, times: number): void =>
    forEachLeaf(value, (leaf) => leaf.kind === "load" && count(leaf.slot, leaf.at, times));
  const visit = (statements: readonly Statement[], times: number): void => {
    for (const statement of statements) {
      if (statement.kind === "loop") visit(statement.body, times * evaluateDim(statement.size, rows));
      else if (statement.kind === "reduction") {
        const all = statement.loops.reduce((product, loop) => product * evaluateDim(loop.size, rows), times);
        for (const part of [...statement.lets, ...statement.accumulators]) read(part.value, all);
      } else {
        read(statement.value, times);
        if (statement.kind === "let") continue;
        for (const part of statement.at.loaded) read(part.value, times);
        count(statement.slot, statement.at, times);
      }
    }
  };
  visit(kernel.body, 1);
  return named;
}

const FREE = new Set(["select", "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge"]);

function operations(value: KernelExpr): number {
  if (isConstant(value) || !isApply(value)) return 0;
  return (FREE.has(value.op) ? 0 : 1) + value.args.reduce((sum, arg) => sum + operations(arg as KernelExpr), 0);
}
