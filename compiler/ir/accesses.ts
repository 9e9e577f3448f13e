// Where a kernel touches memory: each load and store with the loops and guards around it, in the order in which they run.

import { sameAffine } from "../../src/graph/affine.js";
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

/** What holds in a place, and what expressions are there. */
interface Around {
  readonly guards: readonly Guard[];
  /** The conditions that hold, none of them a conjunction. */
  readonly conditions: readonly KernelExpr[];
  readonly resolve: Resolve;
}

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
    private readonly around: Around,
  ) {}

  private get position(): ReturnType<typeof positionOf> {
    return (this.found ??= positionOf(this.at, this.around.resolve));
  }

  get form(): Linear {
    return this.position.form;
  }

  get guards(): readonly Guard[] {
    const { claims } = this.position;
    const { guards } = this.around;
    return claims.length > 0 ? [...claims, ...guards] : guards;
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

/** What locals were bound to, and of a choice what it is where its condition holds. */
const resolveIn =
  (locals: ReadonlyMap<number, KernelExpr>, conditions: readonly KernelExpr[]): Resolve =>
  (expr) => {
    for (let value = expr; ;) {
      const next = resolvedOnce(value, locals, conditions);
      if (!next) return value;
      value = next;
    }
  };

function resolvedOnce(
  expr: KernelExpr,
  locals: ReadonlyMap<number, KernelExpr>,
  conditions: readonly KernelExpr[],
): KernelExpr | undefined {
  if (isConstant(expr)) return undefined;
  if (!isApply(expr)) return expr.kind === "local" ? locals.get(expr.local) : undefined;
  const [condition, chosen] = expr.args as readonly KernelExpr[];
  return expr.op === "select" && holds(condition!, conditions) ? chosen : undefined;
}

const holds = (condition: KernelExpr, conditions: readonly KernelExpr[]): boolean =>
  conditions.length > 0 && conjuncts(condition).every((part) => conditions.some((known) => isEqual(known, part)));

const conjuncts = (condition: KernelExpr): readonly KernelExpr[] =>
  isApply(condition) && condition.op === "and"
    ? condition.args.flatMap((part) => conjuncts(part as KernelExpr))
    : [condition];

/** Are they the same expression? One that is more than comparisons of indices and of locals is the same as itself alone. */
function isEqual(a: KernelExpr, b: KernelExpr): boolean {
  if (a === b) return true;
  if (isConstant(a) || isConstant(b)) return isConstant(a) && isConstant(b) && a.value === b.value;
  if (isApply(a) || isApply(b)) {
    return (
      isApply(a) &&
      isApply(b) &&
      a.op === b.op &&
      a.args.every((arg, i) => isEqual(arg as KernelExpr, b.args[i] as KernelExpr))
    );
  }
  if (a.kind === "local") return b.kind === "local" && a.local === b.local;
  return a.kind === "index" && b.kind === "index" && sameAffine(a.affine, b.affine);
}

function collected(statements: readonly Statement[]): readonly Access[] {
  const all: Access[] = [];
  let locals = new Map<number, KernelExpr>();
  const anywhere = (): Around => ({ guards: [], conditions: [], resolve: resolveIn(locals, []) });
  let everywhere = anywhere();
  const bind = (local: number, value: KernelExpr): void => {
    if (locals.has(local)) {
      // Written out anew: what was met before is read as it was bound then.
      locals = new Map(locals);
      everywhere = anywhere();
    }
    locals.set(local, value);
  };
  let step = 0;

  const loadsIn = (root: KernelExpr, loops: readonly LoopAround[]): void => {
    const seen = new Map<Around, Set<KernelExpr>>();
    const visit = (expr: KernelExpr, around: Around): void => {
      if (isConstant(expr)) return;
      // What was met without guards is met again under some: they make nothing worse.
      if (seen.get(everywhere)?.has(expr) || seen.get(around)?.has(expr)) return;
      const here = seen.get(around) ?? new Set<KernelExpr>();
      seen.set(around, here.add(expr));
      if (isApply(expr)) {
        const args = expr.args as readonly KernelExpr[];
        if (expr.op !== "select") return args.forEach((arg) => visit(arg, around));
        visit(args[0]!, around);
        visit(args[1]!, within(args[0]!, around));
        visit(args[2]!, around);
      } else if (expr.kind === "load") {
        for (const { value } of expr.at.loaded) visit(value, around);
        all.push(new Touched("load", expr.slot, expr.at, expr.fresh === true, false, loops, step, around));
      }
    };
    visit(root, everywhere);
  };
  const inForce = new WeakMap<Around, Map<KernelExpr, Around>>();
  /** One place for equal ones, so that what was met there is known. */
  const within = (condition: KernelExpr, around: Around): Around => {
    if (around.conditions.includes(condition)) return around;
    const below = inForce.get(around) ?? new Map<KernelExpr, Around>();
    inForce.set(around, below);
    const known = below.get(condition);
    if (known) return known;
    const own = guardsOf(condition, around.resolve);
    const conditions = [...around.conditions, ...conjuncts(condition)];
    const inside = { guards: [...around.guards, ...own], conditions, resolve: resolveIn(locals, conditions) };
    const made = own.length === 0 ? around : inside;
    below.set(condition, made);
    return made;
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
          all.push(new Touched("store", s.slot, s.at, false, s.mode !== "set", loops, step, everywhere));
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
