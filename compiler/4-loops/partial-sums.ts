// Long sums in lanes are taken in parts, so that their rounding errors stay small.

import { evaluateDim, type Dim } from "../../src/graph/shape.js";
import type { Kernel, Loop, Reduction, Statement } from "../ir/kernel.js";
import { printKernel } from "../ir/print.js";
import type { TiledNest } from "../ir/tile.js";
import type { Vectors } from "./machines/machine.js";
import { marked, withBody, withSumRun } from "./marks.js";
import type { LoopContext, LoopPass } from "./pass.js";

export const partialSums: LoopPass = {
  name: "partial-sums",
  run(kernel, { machine: { vectors }, capacity }) {
    if (vectors === undefined || kernel.precision !== undefined) return kernel;
    const inLanes = (parts: number | undefined, sum: Reduction): Reduction =>
      parts === undefined ? sum : withSumRun(sum, { parts });
    const body = marked(kernel.body, (s) => {
      if (s.kind === "loop") {
        const { tile, lanes } = s.run;
        if (tile) return changed(s, (sum) => inLanes(inTile(sum, tile, vectors, capacity), sum));
        return lanes === undefined ? undefined : changed(s, (sum) => inLanes(inLane(sum, vectors), sum));
      }
      return s.kind === "reduction" ? inLanes(alongLanes(s, vectors), s) : undefined;
    });
    return withBody(kernel, body);
  },
  verify: partsProblem,
  print: printKernel,
};

const changed = (loop: Loop, change: (sum: Reduction) => Reduction): Loop => ({
  ...loop,
  body: marked(loop.body, (s) => (s.kind === "reduction" ? change(s) : undefined)),
});

const addsUp = ({ accumulators }: Reduction): boolean => accumulators.every(({ combiner }) => combiner === "sum");

/** A loop over rows may be of any length; over the steps of a sequence the code does not depend on how many there are. */
const mayBeLong = ({ times, power }: Dim, most: number): boolean => power > 0 || times > most;

/** In a loop that runs in lanes each lane has a sum. */
function inLane(sum: Reduction, { part }: Vectors): number | undefined {
  const last = sum.loops.at(-1);
  return last && mayBeLong(last.size, part) && addsUp(sum) ? part : undefined;
}

/** Each lane has a share of the terms, and the lanes are put together in doubles after each part. */
function alongLanes(sum: Reduction, { part }: Vectors): number | undefined {
  const { lanes } = sum.run ?? {};
  const loop = lanes && sum.loops.find(({ variable }) => variable === lanes.variable);
  if (!lanes || !loop || loop.size.power > 0) return undefined;
  const whole = loop.size.times - (loop.size.times % lanes.count);
  return whole > 2 * part * lanes.count ? part * lanes.count : undefined;
}

function inTile(
  sum: Reduction,
  { byTerms }: TiledNest,
  { part, lanes }: Vectors,
  capacity: number,
): number | undefined {
  const { size } = sum.loops.at(-1)!;
  const turns = byTerms ? part * lanes : part;
  return evaluateDim(size, capacity) > turns || (size.power > 0 && size.times > 1) ? turns : undefined;
}

/** Only what is added up has parts, of one turn at least. */
function partsProblem({ body }: Kernel, { machine }: LoopContext): string | undefined {
  let problem: string | undefined;
  const look = (statements: readonly Statement[]): void => {
    for (const s of statements) {
      if (s.kind === "loop") look(s.body);
      else if (s.kind === "reduction" && s.run?.parts !== undefined) {
        const { parts, lanes } = s.run;
        if (parts < (machine.vectors?.part ?? Infinity)) problem = "a part of a sum is as long as the machine says";
        // What lanes are put together by is any combiner.
        else if (lanes === undefined && !addsUp(s)) problem = "what is taken in parts is added up";
      }
    }
  };
  look(body);
  return problem;
}
