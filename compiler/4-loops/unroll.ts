// Unrolls loops over a few constant elements: in networks of a handful of units the loop costs more than its body.

import { addAffine, offset, type Affine } from "../../src/graph/affine.js";
import { combiningOf } from "../../src/graph/lowering.js";
import type { Dim } from "../../src/graph/shape.js";
import { applyScalar, constant, isApply, isConstant, type ScalarOp } from "../../src/scalar/expression.js";
import { instructions } from "../../src/scalar/instructions.js";
import type { KernelExpr, KernelLeaf, Loop, Position, Reduction, Statement } from "../ir/kernel.js";
import { printKernel } from "../ir/print.js";
import { forEachLeaf, forEachValue } from "../ir/walk.js";
import type { WrittenOut } from "./machines/machine.js";
import { withBody } from "./marks.js";
import type { LoopPass } from "./pass.js";

export const unroll: LoopPass = {
  name: "unroll",
  run(kernel, { machine: { writtenOut } }) {
    if (writtenOut === undefined) return kernel;
    const body = new Unroller(kernel.body, writtenOut).all(kernel.body);
    return withBody(kernel, body);
  },
  verify: () => undefined,
  print: printKernel,
};

/** What the variables, locals and accumulators of one copy stand for. */
interface Copy {
  readonly variable: number;
  readonly value: number;
  readonly locals: Map<number, number>;
  readonly accumulators: Map<number, number>;
}

class Unroller {
  private nextLocal = 0;
  private nextAccumulator = 0;

  constructor(
    statements: readonly Statement[],
    private readonly limits: WrittenOut,
  ) {
    const note = (inner: readonly Statement[]): void => {
      for (const s of inner) {
        if (s.kind === "loop") note(s.body);
        else if (s.kind === "let") this.nextLocal = Math.max(this.nextLocal, s.local + 1);
        else if (s.kind === "reduction") {
          note(s.lets);
          for (const a of s.accumulators) this.nextAccumulator = Math.max(this.nextAccumulator, a.accumulator + 1);
        }
      }
    };
    note(statements);
    forEachValue(statements, (value) =>
      forEachLeaf(value, (leaf) => {
        if (leaf.kind === "local") this.nextLocal = Math.max(this.nextLocal, leaf.local + 1);
      }),
    );
  }

  all(statements: readonly Statement[]): readonly Statement[] {
    const written = statements.flatMap((s) =>
      s.kind === "loop" ? this.loop(s) : s.kind === "reduction" ? [this.reduction(s)] : [s],
    );
    const same = written.length === statements.length && written.every((s, n) => s === statements[n]);
    return same ? statements : written;
  }

  private loop(loop: Loop): readonly Statement[] {
    const body = this.all(loop.body);
    const straight = body.every(
      (s) => s.kind === "let" || s.kind === "store" || (s.kind === "reduction" && s.loops.length === 0),
    );
    const count = constantSize(loop.size);
    const { iterations, statements } = this.limits;
    if (!straight || count > iterations || count * body.length > statements)
      return [body === loop.body ? loop : { ...loop, body }];
    return Array.from({ length: count }, (_, value) => this.copies(body, loop.variable, value)).flat();
  }

  private copies(body: readonly Statement[], variable: number, value: number): readonly Statement[] {
    const copy: Copy = { variable, value, locals: new Map(), accumulators: new Map() };
    return body.map((s): Statement => {
      if (s.kind === "let") {
        const bound = rewritten(s.value, copy);
        copy.locals.set(s.local, this.nextLocal);
        return { kind: "let", local: this.nextLocal++, value: bound };
      }
      if (s.kind === "store") return { ...s, at: moved(s.at, copy), value: rewritten(s.value, copy) };
      if (s.kind !== "reduction") return s;
      const accumulators = s.accumulators.map((a) => ({ ...a, value: rewritten(a.value, copy) }));
      return {
        ...s,
        accumulators: accumulators.map((a) => {
          copy.accumulators.set(a.accumulator, this.nextAccumulator);
          return { ...a, accumulator: this.nextAccumulator++ };
        }),
      };
    });
  }

  /** A short sum is one expression: a reduction without loops. */
  private reduction(reduction: Reduction): Reduction {
    const { loops, lets } = reduction;
    const count = loops.reduce((product, loop) => product * constantSize(loop.size), 1);
    if (loops.length === 0 || lets.length > 0 || count > this.limits.terms) return reduction;
    const accumulators = reduction.accumulators.map((a) => {
      // Of several loops the last one turns fastest.
      const terms = loops.reduceRight<readonly KernelExpr[]>(
        (inner, { variable, size }) =>
          Array.from({ length: constantSize(size) }, (_, value) =>
            inner.map((term) => rewritten(term, { variable, value, locals: new Map(), accumulators: new Map() })),
          ).flat(),
        [a.value],
      );
      return { ...a, value: terms.reduce((x, y) => applyScalar<KernelLeaf>(combiningOf[a.combiner], x, y)) };
    });
    return { ...reduction, loops: [], accumulators };
  }
}

/** Conditions on positions are known once these are: what was chosen between is chosen. */
function decided(op: ScalarOp, args: readonly KernelExpr[]): KernelExpr {
  const { result, value } = instructions[op];
  if (result === "bool" && args.every(isConstant)) return constant(Number(value(...args.map((arg) => arg.value))));
  if (op === "select" && isConstant(args[0]!)) return args[0].value === 0 ? args[2]! : args[1]!;
  return applyScalar<KernelLeaf>(op, ...args);
}

const constantSize = (size: Dim): number => (size.power === 0 ? size.times : Infinity);

const fixed = (affine: Affine, copy: Copy): Affine =>
  affine.some((t) => t.axis === copy.variable)
    ? addAffine(...affine.map((t) => (t.axis === copy.variable ? offset(t.times * copy.value, t.power) : [t])))
    : affine;

const moved = (at: Position, copy: Copy): Position => ({
  affine: fixed(at.affine, copy),
  loaded: at.loaded.map((part) => ({ ...part, value: rewritten(part.value, copy) })),
});

function rewritten(expr: KernelExpr, copy: Copy): KernelExpr {
  if (isConstant(expr)) return expr;
  if (isApply(expr))
    return decided(
      expr.op,
      expr.args.map((arg) => rewritten(arg as KernelExpr, copy)),
    );
  switch (expr.kind) {
    case "load":
      return { ...expr, at: moved(expr.at, copy) };
    case "index": {
      const affine = fixed(expr.affine, copy);
      const isNumber = affine.every((t) => t.axis === undefined && t.power === 0);
      return isNumber ? constant(affine[0]?.times ?? 0) : { kind: "index", affine };
    }
    case "local":
      return { kind: "local", local: copy.locals.get(expr.local) ?? expr.local };
    case "accumulator":
      return { kind: "accumulator", accumulator: copy.accumulators.get(expr.accumulator) ?? expr.accumulator };
    case "size":
      return expr;
  }
}
