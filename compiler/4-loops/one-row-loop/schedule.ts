// The statements of a merged kernel: what is needed by several or at a later level is a local, computed as early as its
// level allows.

import type { Node } from "../../../src/graph/node.js";
import type { Dim } from "../../../src/graph/shape.js";
import { applyScalar, isApply, isConstant } from "../../../src/scalar/expression.js";
import {
  SERIAL,
  type KernelExpr,
  type KernelLeaf,
  type Let,
  type Position,
  type Statement,
  type Store,
} from "../../ir/kernel.js";
import { AFTER, BEFORE, ROW, WITHIN, type Level, type Levels } from "./level.js";
import type { Accumulator } from "./run.js";

export interface Work {
  readonly accumulators: readonly Accumulator[];
  /** Stores within the loop, if there are any, leave no place for accumulators: a reduction stores nothing. */
  readonly within: readonly Store[];
  readonly after: readonly Store[];
}

const ROWS: Dim = { times: 1, power: 1 };

/** `nodeOf`: the node that an expression is a value of. */
export const schedule = (work: Work, levels: Levels, nodeOf: ReadonlyMap<KernelExpr, Node>): readonly Statement[] =>
  new Scheduler(levels, nodeOf).statements(work);

class Scheduler {
  private readonly lets: Record<Level, Let[]> = { [BEFORE]: [], [WITHIN]: [], [AFTER]: [] };
  private readonly uses = new Map<KernelExpr, { count: number; latest: Level }>();
  private readonly bound = new Map<KernelExpr, KernelExpr>();
  private locals = 0;

  constructor(
    private readonly levels: Levels,
    private readonly nodeOf: ReadonlyMap<KernelExpr, Node>,
  ) {}

  statements({ accumulators, within, after }: Work): readonly Statement[] {
    accumulators.forEach(({ value }) => this.count(value, WITHIN));
    for (const [stores, level] of [
      [within, WITHIN],
      [after, AFTER],
    ] as const) {
      for (const { value, at } of stores) {
        this.count(value, level);
        at.loaded.forEach((part) => this.count(part.value, level));
      }
    }
    const sums = accumulators.map((a) => ({ ...a, value: this.bind(a.value) }));
    const stored = (store: Store): Store => ({ ...store, value: this.bind(store.value) });
    const [inner, last] = [within.map(stored), after.map(stored)];
    const rows = { variable: ROW, size: ROWS };
    const loop: Statement[] =
      inner.length > 0
        ? [{ kind: "loop", ...rows, run: SERIAL, body: [...this.lets[WITHIN], ...inner] }]
        : sums.length > 0
          ? [{ kind: "reduction", loops: [rows], lets: this.lets[WITHIN], accumulators: sums }]
          : [];
    return [...this.lets[BEFORE], ...loop, ...this.lets[AFTER], ...last];
  }

  private count(expr: KernelExpr, user: Level): void {
    const known = this.uses.get(expr);
    if (known) {
      known.count++;
      known.latest = Math.max(known.latest, user) as Level;
      return;
    }
    this.uses.set(expr, { count: 1, latest: user });
    if (isConstant(expr)) return;
    const level = this.levels.of(expr);
    if (isApply(expr)) expr.args.forEach((arg) => this.count(arg as KernelExpr, level));
    else if (expr.kind === "load") expr.at.loaded.forEach((part) => this.count(part.value, level));
  }

  private bind(expr: KernelExpr): KernelExpr {
    if (isConstant(expr)) return expr;
    const known = this.bound.get(expr);
    if (known) return known;
    const level = this.levels.of(expr);
    const { count, latest } = this.uses.get(expr)!;
    let value: KernelExpr = expr;
    if (isApply(expr))
      value = applyScalar<KernelLeaf>(expr.op, ...expr.args.map((arg) => this.bind(arg as KernelExpr)));
    else if (expr.kind === "load") value = { ...expr, at: this.bindPosition(expr.at) };
    if ((isApply(expr) || expr.kind === "load") && (count > 1 || latest > level)) {
      const of = this.nodeOf.get(expr);
      this.lets[level].push({ kind: "let", local: this.locals, value, ...(of && { of }) });
      value = { kind: "local", local: this.locals++ };
    }
    this.bound.set(expr, value);
    return value;
  }

  private bindPosition(at: Position): Position {
    return { ...at, loaded: at.loaded.map((part) => ({ ...part, value: this.bind(part.value) })) };
  }
}
