// Dividing kernels between threads: the blocks of a kernel's outermost parallel loop are shared out, whole blocks as one
// thread would run them, so that every element is computed by the same instructions whatever the number of threads.

import type { Dim } from "../../src/graph/shape.js";
import type { Kernel, Loop, Shared, Statement, Store } from "../ir/kernel.js";
import { printKernel } from "../ir/print.js";
import { strideOf } from "../ir/strides.js";
import { loopsOf, storesOf } from "../ir/walk.js";
import { costOf } from "./cost/statements.js";
import type { Threads } from "./machines/machine.js";
import { withBody, withRun } from "./marks.js";
import type { LoopContext, LoopPass } from "./pass.js";

export const divide: LoopPass = {
  name: "divide",
  run(kernel, context) {
    const { threads } = context.machine;
    const divided = threads && dividedLoop(kernel.body);
    if (!divided) return kernel;
    const shared = sharedOf(kernel, threads, context);
    return withBody(
      kernel,
      kernel.body.map((s) => (s === divided ? withRun(divided, { shared }) : s)),
    );
  },
  verify: sharingProblem,
  print: printKernel,
};

/** The loop that is divided; nothing where one thread must run the kernel as a whole. */
function dividedLoop(body: readonly Statement[]): Loop | undefined {
  const [loop, ...others] = body.filter((s) => s.kind === "loop");
  if (!loop || others.length > 0 || loop.run.order !== "parallel") return undefined;
  if (body.some((s) => s.kind === "store" || s.kind === "reduction")) return undefined;
  return isApart(storesOf(body), loop.variable, loopSizes(body)) ? loop : undefined;
}

/** Whether each value of the variable adds to elements of its own. */
function isApart(stores: readonly Store[], variable: number, sizes: ReadonlyMap<number, Dim>): boolean {
  const added = new Set(stores.filter(({ mode }) => mode !== "set").map(({ slot }) => slot));
  const strides = new Map<number, number>();
  return stores.every(({ slot, at }) => {
    if (!added.has(slot)) return true;
    const stride = strideOf(at, variable);
    if (at.loaded.length > 0 || !stride || (strides.get(slot) ?? stride) !== stride) return false;
    strides.set(slot, stride);
    let reach = 0;
    for (const { axis, times, power } of at.affine) {
      if (axis === variable) continue;
      const size = axis === undefined ? undefined : sizes.get(axis);
      if (power > 0 || times < 0 || (axis !== undefined && (!size || size.power > 0))) return false;
      reach += axis === undefined ? times : times * (size!.times - 1);
    }
    return reach < stride;
  });
}

/** The loops below statements, by variable; of two with the same one, the longer. */
function loopSizes(statements: readonly Statement[]): ReadonlyMap<number, Dim> {
  const sizes = new Map<number, Dim>();
  for (const { variable, size } of loopsOf(statements)) {
    const known = sizes.get(variable);
    if (!known || known.power < size.power || (known.power === size.power && known.times < size.times))
      sizes.set(variable, size);
  }
  return sizes;
}

/** In how many parts each thread takes its range of a kernel: by what the range of one of two threads costs. */
function sharedOf({ body }: Kernel, { parts, partCost }: Threads, { machine, capacity }: LoopContext): Shared {
  const isLarge = (rows: number): boolean =>
    costOf(body, undefined, { vectors: machine.vectors, rows }) / 2 >= parts * partCost;
  if (!isLarge(capacity)) return { parts: 1, fromRows: 1 };
  let [small, large] = [0, capacity];
  while (large - small > 1) {
    const middle = Math.floor((small + large) / 2);
    if (isLarge(middle)) large = middle;
    else small = middle;
  }
  return { parts, fromRows: large };
}

/** Threads share the one loop of a kernel whose iterations have elements of their own. */
function sharingProblem({ body }: Kernel): string | undefined {
  const shared = loopsOf(body).filter(({ run }) => run.shared !== undefined);
  if (shared.length === 0) return undefined;
  return shared.length === 1 && dividedLoop(body) === shared[0]
    ? undefined
    : `threads share a kernel's one outer loop, whose iterations store apart: i${shared[0]!.variable}`;
}
