// Programs, evaluated as they are written: the meaning of kernels, for checks that compare one form of a program with another.
// Loops run in order, each statement once for each point around it. Nothing is emitted, planned or vectorised.

import type { Affine } from "../../src/graph/affine.js";
import { identityOf } from "../../src/graph/lowering.js";
import { evaluateDim } from "../../src/graph/shape.js";
import { compileExpression } from "../../src/scalar/evaluate.js";
import { instructions } from "../../src/scalar/instructions.js";
import type { Kernel, KernelExpr, KernelLeaf, Position, Reduction, Statement } from "./kernel.js";
import type { Buffer, Call, LoopIdentity, ProgramItem } from "./program.js";

export type Elements = Float64Array | Int32Array | Uint8Array;

/**
 * An access that a kernel should not make: outside of a buffer, where a load gives NaN and a store does nothing; or a load of what
 * the kernel has stored over already, though it is not said to see that.
 */
export interface WrongAccess {
  readonly kind: "outside" | "overwritten";
  readonly kernel: string;
  readonly buffer: string;
  readonly element: number;
}

export interface ProgramRun {
  readonly rows: number;
  /** The memory of a buffer: row-major, as many elements as it has for these rows. */
  readonly memory: (buffer: Buffer) => Elements;
  readonly wrong: (access: WrongAccess) => void;
}

/** Runs calls and loops in order; what they store is in the memory afterwards. */
export function runProgram(items: readonly ProgramItem[], run: ProgramRun): void {
  const kernels = new Map<Kernel, CompiledKernel>();
  const turns = new Map<LoopIdentity, number>();
  const runAll = (list: readonly ProgramItem[]): void => {
    for (const item of list) {
      if (item.kind === "call") {
        runCall(item);
        continue;
      }
      const count = evaluateDim(item.count, run.rows);
      for (let n = 0; n < count; n++) {
        turns.set(item.loop, item.reverse ? count - 1 - n : n);
        runAll(item.body);
      }
    }
  };
  const runCall = ({ kernel, uses }: Call): void => {
    let compiled = kernels.get(kernel);
    if (!compiled) kernels.set(kernel, (compiled = compileKernel(kernel, run)));
    compiled(
      uses.map(({ buffer, advance }) => ({
        name: buffer.name,
        elements: run.memory(buffer),
        base: advance.reduce((sum, { loop, stride }) => sum + turns.get(loop)! * evaluateDim(stride, run.rows), 0),
      })),
    );
  };
  runAll(items);
}

interface SlotMemory {
  readonly name: string;
  readonly elements: Elements;
  /** Where the slot begins in it. */
  readonly base: number;
}

type CompiledKernel = (slots: readonly SlotMemory[]) => void;

type Read = () => number;
type Act = () => void;

/** Which elements the kernel that runs has stored. */
class Stored {
  #marks = new Map<Elements, Uint8Array>();

  clear(): void {
    this.#marks.clear();
  }

  add(elements: Elements, at: number): void {
    let marks = this.#marks.get(elements);
    if (!marks) this.#marks.set(elements, (marks = new Uint8Array(elements.length)));
    marks[at] = 1;
  }

  has(elements: Elements, at: number): boolean {
    return this.#marks.get(elements)?.[at] === 1;
  }
}

function compileKernel(kernel: Kernel, { rows, wrong }: Pick<ProgramRun, "rows" | "wrong">): CompiledKernel {
  const stored = new Stored();
  const variables: number[] = [];
  const locals: number[] = [];
  const accumulators: number[] = [];
  let slots: readonly SlotMemory[] = [];

  const affineOf = (affine: Affine): Read => {
    const terms = affine.map(({ axis, ...size }) => ({ axis, factor: evaluateDim(size, rows) }));
    return () => {
      let sum = 0;
      for (const { axis, factor } of terms) sum += axis === undefined ? factor : factor * variables[axis]!;
      return sum;
    };
  };
  const positionOf = ({ affine, loaded }: Position): Read => {
    const fixed = affineOf(affine);
    const parts = loaded.map(({ stride, value }) => ({ stride: evaluateDim(stride, rows), value: valueOf(value) }));
    return () => parts.reduce((sum, { stride, value }) => sum + stride * value(), fixed());
  };
  /** The element's place in its buffer; -1 where it has none. */
  const placeOf = (slot: number, at: Position): Read => {
    const position = positionOf(at);
    return () => {
      const { elements, base, name } = slots[slot]!;
      const element = base + position();
      if (Number.isInteger(element) && element >= 0 && element < elements.length) return element;
      wrong({ kind: "outside", kernel: kernel.name, buffer: name, element });
      return -1;
    };
  };
  const leafOf = (leaf: KernelLeaf): Read => {
    switch (leaf.kind) {
      case "load": {
        const place = placeOf(leaf.slot, leaf.at);
        return () => {
          const element = place();
          if (element < 0) return NaN;
          const { elements, name } = slots[leaf.slot]!;
          if (!leaf.fresh && stored.has(elements, element))
            wrong({ kind: "overwritten", kernel: kernel.name, buffer: name, element });
          return elements[element]!;
        };
      }
      case "index":
        return affineOf(leaf.affine);
      case "size": {
        const size = evaluateDim(leaf.dim, rows);
        return () => size;
      }
      case "accumulator":
        return () => accumulators[leaf.accumulator]!;
      case "local":
        return () => locals[leaf.local]!;
    }
  };
  const valueOf = (expr: KernelExpr): Read => compileExpression<KernelLeaf>(expr, leafOf);

  const all = (statements: readonly Statement[]): Act => {
    const acts = statements.map(one);
    return () => {
      for (const act of acts) act();
    };
  };
  const loop = (variable: number, size: number, body: Act): Act => {
    return () => {
      for (let n = 0; n < size; n++) {
        variables[variable] = n;
        body();
      }
    };
  };
  const one = (statement: Statement): Act => {
    switch (statement.kind) {
      case "loop":
        return loop(statement.variable, evaluateDim(statement.size, rows), all(statement.body));
      case "reduction":
        return reduction(statement);
      case "let": {
        const value = valueOf(statement.value);
        return () => void (locals[statement.local] = value());
      }
      case "store": {
        const { slot, mode } = statement;
        const place = placeOf(slot, statement.at);
        const value = valueOf(statement.value);
        const combine = mode === "set" ? undefined : (instructions[mode].value as (a: number, b: number) => number);
        return () => {
          const result = value();
          const element = place();
          if (element < 0) return;
          const { elements } = slots[slot]!;
          elements[element] = combine ? combine(elements[element]!, result) : result;
          stored.add(elements, element);
        };
      }
    }
  };
  const reduction = ({ loops, lets, accumulators: sums }: Reduction): Act => {
    const bind = all(lets);
    const terms = sums.map(({ accumulator, combiner, value }) => ({
      accumulator,
      start: identityOf[combiner],
      combine: instructions[COMBINE[combiner]].value as (a: number, b: number) => number,
      value: valueOf(value),
    }));
    const step = (): void => {
      bind();
      for (const { accumulator, combine, value } of terms)
        accumulators[accumulator] = combine(accumulators[accumulator]!, value());
    };
    const run = loops.reduceRight<Act>(
      (body, { variable, size }) => loop(variable, evaluateDim(size, rows), body),
      step,
    );
    return () => {
      for (const { accumulator, start } of terms) accumulators[accumulator] = start;
      run();
    };
  };

  const body = all(kernel.body);
  return (given) => {
    slots = given;
    stored.clear();
    body();
  };
}

const COMBINE = { sum: "add", prod: "mul", max: "max", min: "min" } as const;
