// Two loops of which every access moves on as if they were one become one: the window's width and the channels of a
// convolution, the rows and columns of what is computed element by element. The order of all additions stays.

import type { Affine } from "../../src/graph/affine.js";
import { timesDim, type Dim } from "../../src/graph/shape.js";
import type { Loop, Reduction, Statement } from "../ir/kernel.js";
import { printKernel } from "../ir/print.js";
import { renamed } from "../ir/rename.js";
import { everyPosition } from "../ir/walk.js";
import { withBody } from "./marks.js";
import type { LoopPass } from "./pass.js";

export const collapse: LoopPass = {
  name: "collapse",
  run: (kernel) => withBody(kernel, collapsed(kernel.body)),
  verify: () => undefined,
  print: printKernel,
};

const collapsed = (statements: readonly Statement[]): readonly Statement[] => {
  const all = statements.map((s) =>
    s.kind === "loop" ? collapsedLoop(s) : s.kind === "reduction" ? collapsedSums(s) : s,
  );
  return all.every((s, n) => s === statements[n]) ? statements : all;
};

function collapsedLoop(outer: Loop): Loop {
  const body = collapsed(outer.body);
  const inner = body[0];
  const whole = body === outer.body ? outer : { ...outer, body };
  if (body.length !== 1 || inner?.kind !== "loop" || inner.run.order !== outer.run.order) return whole;
  const pair: Pair = { outer: outer.variable, inner: inner.variable, size: inner.size };
  if (!isOne(inner.body, pair)) return whole;
  return { ...outer, size: timesDim(outer.size, inner.size), body: inner.body.map((s) => joined(s, pair)) };
}

function collapsedSums(reduction: Reduction): Reduction {
  let sums = reduction;
  for (let i = sums.loops.length - 2; i >= 0; i--) {
    const [outer, inner] = [sums.loops[i]!, sums.loops[i + 1]!];
    const pair: Pair = { outer: outer.variable, inner: inner.variable, size: inner.size };
    if (!isOne([sums], pair)) continue;
    const loop = { variable: outer.variable, size: timesDim(outer.size, inner.size) };
    sums = { ...(joined(sums, pair) as Reduction), loops: sums.loops.toSpliced(i, 2, loop) };
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
const isOne = (statements: readonly Statement[], pair: Pair): boolean =>
  everyPosition(statements, (affine) => movesAsOne(affine, pair));

function movesAsOne(affine: Affine, { outer, inner, size }: Pair): boolean {
  const [of, per] = [outer, inner].map((variable) => affine.filter(({ axis }) => axis === variable));
  return (
    of!.length === per!.length &&
    of!.every(({ times, power }) =>
      per!.some((term) => times === term.times * size.times && power === term.power + size.power),
    )
  );
}

const joined = (statement: Statement, { outer, inner }: Pair): Statement =>
  renamed([statement], {
    affine: (affine) =>
      affine.some((t) => t.axis === outer || t.axis === inner)
        ? affine.filter((t) => t.axis !== outer).map((t) => (t.axis === inner ? { ...t, axis: outer } : t))
        : affine,
  })[0]!;
