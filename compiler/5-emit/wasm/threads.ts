// Loops that threads share: each takes whole blocks, as one thread would run them, so that every element is computed by the
// same instructions whatever the number of threads.

import type { Kernel, Loop, Run, Shared, Statement } from "../../ir/kernel.js";
import { PREPARED } from "./crew.js";
import type { Scope } from "./scope.js";
import { i32, type FunctionText } from "./text.js";

/** The loop that threads share; nothing where one thread must run the kernel as a whole. */
export function sharedLoop({ body }: Kernel): SharedLoop | undefined {
  const isShared = (s: Statement): s is SharedLoop => s.kind === "loop" && s.run.shared !== undefined;
  return body.find(isShared);
}

export type SharedLoop = Loop & { readonly run: Run & { readonly shared: Shared } };

/**
 * In how many parts each thread takes its range of a kernel, as a value in terms of the rows; nothing where one thread must run
 * the kernel as a whole.
 */
export function partsOf(kernel: Kernel): string | undefined {
  const shared = sharedLoop(kernel)?.run.shared;
  if (!shared) return undefined;
  const { parts, fromRows } = shared;
  return parts === 1 || fromRows === 1
    ? i32(parts)
    : `(select ${i32(parts)} ${i32(1)} (i32.ge_u (local.get $rows) ${i32(fromRows)}))`;
}

/** What a divided kernel is told: the number of the part that it is to run, and how many there are. */
export const PART_PARAMETERS = ["$part", "$parts"] as const;
const [PART, PARTS] = PART_PARAMETERS.map((name) => `(local.get ${name})`) as [string, string];

/** What a thread does once for all parts that it runs of a kernel, in the first of them that comes to it: some are empty. */
export function oncePerKernel({ writer, divided, takePreparation }: Scope, body: () => void): void {
  const number = takePreparation();
  if (divided === undefined || number >= 32) return body();
  const bit = i32(1 << number);
  writer.guard(`(i32.eqz (i32.and ${PREPARED} ${bit}))`, () => {
    body();
    writer.line(`(global.set $prepared (i32.or ${PREPARED} ${bit}))`);
  });
}

/** The part of the blocks of `step` values from `first` to below `limit` that is to be run. */
export function ownPart(
  first: string,
  limit: string,
  step: number,
  { writer }: Scope,
): { readonly first: string; readonly limit: string } {
  const blocks = `(i32.div_u (i32.sub (i32.add ${limit} ${i32(step - 1)}) ${first}) ${i32(step)})`;
  const count = writer.hoist(0, "blocks", "i32", blocks);
  const border = (part: string): string =>
    writer.hoist(
      0,
      "border",
      "i32",
      `(i32.add ${first} (i32.mul (i32.div_u (i32.mul ${count} ${part}) ${PARTS}) ${i32(step)}))`,
    );
  return { first: border(PART), limit: border(`(i32.add ${PART} (i32.const 1))`) };
}

/** What is left over when a loop is cut into blocks is of the last part. */
export function inLastPart(writer: FunctionText, body: () => void): void {
  writer.line(`(if (i32.eq (i32.add ${PART} (i32.const 1)) ${PARTS}) (then`);
  body();
  writer.line("))");
}
