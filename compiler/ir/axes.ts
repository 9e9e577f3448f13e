// How loops may be run: read off what their iterations touch, so that no pass can say more than is true.

import { accessesOf } from "./accesses.js";
import type { Statement } from "./kernel.js";
import { isParallel } from "./order.js";

const marked = new WeakSet<readonly Statement[]>();

/** Was it this file that said how the loops may be run? */
export const isMarked = (statements: readonly Statement[]): boolean => marked.has(statements);

/** The same statements with each loop "parallel" where its iterations touch elements of their own, else "serial". */
export function withAxes(statements: readonly Statement[]): readonly Statement[] {
  const all = accessesOf(statements);
  const withAxis = (inner: readonly Statement[]): readonly Statement[] =>
    inner.map((s) =>
      s.kind === "loop" ? { ...s, axis: isParallel(s, all) ? "parallel" : "serial", body: withAxis(s.body) } : s,
    );
  const result = withAxis(statements);
  marked.add(result);
  return result;
}
