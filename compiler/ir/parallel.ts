// How loops may be run: read off what their iterations touch, so that no pass can say more than is true.

import { accessesOf } from "./accesses.js";
import { PARALLEL, SERIAL, type Statement } from "./kernel.js";
import { isParallel } from "./order.js";

const marked = new WeakSet<readonly Statement[]>();

/** Was it this file that said how the loops may be run? */
export const isMarked = (statements: readonly Statement[]): boolean => marked.has(statements);

/** The same statements with each loop "parallel" where its iterations touch elements of their own, else "serial". */
export function withOrder(statements: readonly Statement[]): readonly Statement[] {
  const all = accessesOf(statements);
  const ordered = (inner: readonly Statement[]): readonly Statement[] =>
    inner.map((s) =>
      s.kind === "loop" ? { ...s, run: isParallel(s, all) ? PARALLEL : SERIAL, body: ordered(s.body) } : s,
    );
  const result = ordered(statements);
  marked.add(result);
  return result;
}
