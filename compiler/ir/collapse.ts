// Two loops of which every access moves on as if they were one become one: the window's width and the channels of a
// convolution, the rows and columns of what is computed element by element. The order of all additions stays.

import { addAffine, scaleAffine, type Affine } from "../../src/graph/affine.js";
import { timesDim, type Dim } from "../../src/graph/shape.js";
import { applyScalar, isApply, isConstant } from "../../src/scalar/expression.js";
import type { KernelExpr, KernelLeaf, Loop, Position, Reduction, Statement } from "./kernel.js";

export const collapse = (statements: readonly Statement[]): readonly Statement[] =>
  statements.map((s) => (s.kind === "loop" ? collapsedLoop(s) : s.kind === "reduction" ? collapsedSums(s) : s));

function collapsedLoop(outer: Loop): Loop {
  const body = collapse(outer.body);
  const inner = body[0];
  const whole = { ...outer, body };
  if (body.length !== 1 || inner?.kind !== "loop" || inner.axis !== outer.axis) return whole;
  const pair: Pair = { outer: outer.variable, inner: inner.variable, size: inner.size };
  if (!isOne(inner.body, pair)) return whole;
  const joined = inner.body.map((s) => renamed(s, pair));
  return { ...outer, size: timesDim(outer.size, inner.size), body: joined };
}

function collapsedSums(reduction: Reduction): Reduction {
  let sums = reduction;
  for (let i = sums.loops.length - 2; i >= 0; i--) {
    const [outer, inner] = [sums.loops[i]!, sums.loops[i + 1]!];
    const pair: Pair = { outer: outer.variable, inner: inner.variable, size: inner.size };
    if (!isOne([sums], pair)) continue;
    const loop = { variable: outer.variable, size: timesDim(outer.size, inner.size) };
    sums = { ...(renamed(sums, pair) as Reduction), loops: sums.loops.toSpliced(i, 2, loop) };
  }
  return sums;
}

interface Pair {
  readonly outer: number;
  readonly inner: number;
  /** Of the inner loop. */
  readonly size: Dim;
}

/** Does a step of the outer loop move every position as far as all steps of the inner one? */
function isOne(statements: readonly Statement[], { outer, inner, size }: Pair): boolean {
  const along = (affine: Affine, variable: number): Affine =>
    affine.filter((t) => t.axis === variable).map(({ times, power }) => ({ times, power }));
  const fits = (affine: Affine): boolean =>
    addAffine(along(affine, outer), scaleAffine(along(affine, inner), { ...size, times: -size.times })).length === 0;
  let all = true;
  mapPositions(statements, (affine) => {
    all &&= fits(affine);
    return affine;
  });
  return all;
}

const renamed = (statement: Statement, { outer, inner }: Pair): Statement =>
  mapPositions([statement], (affine) =>
    affine.some((t) => t.axis === outer || t.axis === inner)
      ? affine.filter((t) => t.axis !== outer).map((t) => (t.axis === inner ? { ...t, axis: outer } : t))
      : affine,
  )[0]!;

/** The statements with every affine expression replaced. */
function mapPositions(statements: readonly Statement[], map: (affine: Affine) => Affine): Statement[] {
  const known = new Map<KernelExpr, KernelExpr>();
  const position = (at: Position): Position => ({
    affine: map(at.affine),
    loaded: at.loaded.map((part) => ({ ...part, value: value(part.value) })),
  });
  const value = (expr: KernelExpr): KernelExpr => {
    const before = known.get(expr);
    if (before) return before;
    const after = mapped(expr);
    known.set(expr, after);
    return after;
  };
  const mapped = (expr: KernelExpr): KernelExpr => {
    if (isConstant(expr)) return expr;
    if (isApply(expr)) return applyScalar<KernelLeaf>(expr.op, ...expr.args.map((arg) => value(arg as KernelExpr)));
    if (expr.kind === "load") return { ...expr, at: position(expr.at) };
    return expr.kind === "index" ? { kind: "index", affine: map(expr.affine) } : expr;
  };
  const statement = (s: Statement): Statement => {
    if (s.kind === "loop") return { ...s, body: s.body.map(statement) };
    if (s.kind === "let") return { ...s, value: value(s.value) };
    if (s.kind === "store") return { ...s, at: position(s.at), value: value(s.value) };
    const lets = s.lets.map((one) => ({ ...one, value: value(one.value) }));
    return { ...s, lets, accumulators: s.accumulators.map((a) => ({ ...a, value: value(a.value) })) };
  };
  return statements.map(statement);
}
