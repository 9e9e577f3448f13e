// Where a kernel touches memory: each load and store with the loops and guards around it, in the order in which they run.

import type { Dim } from "../../src/graph/shape.js";
import { isApply, isConstant } from "../../src/scalar/expression.js";
import type { KernelExpr, Position, Statement } from "./kernel.js";
import { guardsOf, positionOf, type Guard, type Linear, type Resolve } from "./ranges.js";

export interface LoopAround {
  readonly variable: number;
  readonly size: Dim;
}

export interface Access {
  readonly kind: "load" | "store";
  readonly slot: number;
  readonly at: Position;
  /** The position as a sum, locals read as what they were bound to. */
  readonly form: Linear;
  /** Of a load: it sees what the kernel has stored. */
  readonly fresh: boolean;
  /** Of a store: it adds to what is there. */
  readonly adds: boolean;
  /** From the outermost inwards. The same loop is the same object. */
  readonly loops: readonly LoopAround[];
  /** In one iteration of the loops that two accesses have in common, the one with the lower number comes first. */
  readonly step: number;
  /** What holds where it is run: the guards around it, and that what is looked up is an entry of its axis. */
  readonly guards: readonly Guard[];
}

const NONE: readonly Guard[] = [];

/** What most accesses are never asked for, since they are of the common case, is found when it is asked for. */
class Touched implements Access {
  private found: ReturnType<typeof positionOf> | undefined;

  constructor(
    readonly kind: Access["kind"],
    readonly slot: number,
    readonly at: Position,
    readonly fresh: boolean,
    readonly adds: boolean,
    readonly loops: readonly LoopAround[],
    readonly step: number,
    private readonly around: readonly Guard[],
    private readonly resolve: Resolve,
  ) {}

  private get position(): ReturnType<typeof positionOf> {
    return (this.found ??= positionOf(this.at, this.resolve));
  }

  get form(): Linear {
    return this.position.form;
  }

  get guards(): readonly Guard[] {
    const { claims } = this.position;
    return claims.length > 0 ? [...claims, ...this.around] : this.around;
  }
}

const known = new WeakMap<readonly Statement[], readonly Access[]>();

/** All accesses of the statements. Locals in positions and guards are read as the expressions that they were bound to. */
export function accessesOf(statements: readonly Statement[]): readonly Access[] {
  const before = known.get(statements);
  if (before) return before;
  const all = collected(statements);
  known.set(statements, all);
  return all;
}

const resolveIn =
  (locals: ReadonlyMap<number, KernelExpr>): Resolve =>
  (expr) =>
    expr.kind === "local" ? (locals.get(expr.local) ?? expr) : expr;

function collected(statements: readonly Statement[]): readonly Access[] {
  const all: Access[] = [];
  let locals = new Map<number, KernelExpr>();
  let resolve = resolveIn(locals);
  const conditions = new Map<KernelExpr, readonly Guard[]>();
  const bind = (local: number, value: KernelExpr): void => {
    if (locals.has(local)) {
      // Written out anew: what was met before is read as it was bound then.
      locals = new Map(locals);
      resolve = resolveIn(locals);
      conditions.clear();
    }
    locals.set(local, value);
  };
  let step = 0;

  const loadsIn = (root: KernelExpr, loops: readonly LoopAround[]): void => {
    const seen = new Map<readonly Guard[], Set<KernelExpr>>();
    const visit = (expr: KernelExpr, guards: readonly Guard[]): void => {
      if (isConstant(expr)) return;
      // What was met without guards is met again under some: they make nothing worse.
      if (seen.get(NONE)?.has(expr) || seen.get(guards)?.has(expr)) return;
      const here = seen.get(guards) ?? new Set<KernelExpr>();
      seen.set(guards, here.add(expr));
      if (isApply(expr)) {
        const args = expr.args as readonly KernelExpr[];
        if (expr.op !== "select") return args.forEach((arg) => visit(arg, guards));
        visit(args[0]!, guards);
        visit(args[1]!, within(args[0]!, guards));
        visit(args[2]!, guards);
      } else if (expr.kind === "load") {
        for (const { value } of expr.at.loaded) visit(value, guards);
        all.push(new Touched("load", expr.slot, expr.at, expr.fresh === true, false, loops, step, guards, resolve));
      }
    };
    visit(root, NONE);
  };
  const inForce = new Map<string, readonly Guard[]>();
  const numbers = new Map<object, number>();
  const numberOf = (object: object): number => {
    const known = numbers.get(object) ?? numbers.size;
    numbers.set(object, known);
    return known;
  };
  /** One list for equal ones, so that what was met under them is known. */
  const within = (condition: KernelExpr, guards: readonly Guard[]): readonly Guard[] => {
    const own = conditions.get(condition) ?? guardsOf(condition, resolve);
    conditions.set(condition, own);
    if (own.length === 0) return guards;
    const key = `${numberOf(guards)}:${numberOf(own)}`;
    const known = inForce.get(key) ?? [...guards, ...own];
    inForce.set(key, known);
    return known;
  };
  const visitAll = (inner: readonly Statement[], loops: readonly LoopAround[]): void => {
    for (const s of inner) {
      step++;
      if (s.kind === "loop") visitAll(s.body, [...loops, s]);
      else if (s.kind === "reduction") {
        const deeper = [...loops, ...s.loops];
        visitAll(s.lets, deeper);
        for (const { value } of s.accumulators) loadsIn(value, deeper);
      } else {
        loadsIn(s.value, loops);
        if (s.kind === "let") bind(s.local, s.value);
        else {
          for (const { value } of s.at.loaded) loadsIn(value, loops);
          step++;
          all.push(new Touched("store", s.slot, s.at, false, s.mode === "add", loops, step, NONE, resolve));
        }
      }
    }
  };
  visitAll(statements, []);
  return all;
}

/** The loops that both are in. */
export function loopsInCommon(a: readonly LoopAround[], b: readonly LoopAround[]): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count++;
  return count;
}
