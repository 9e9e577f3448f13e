// What the writers of plain and of tiled loops share.

import type { Dim } from "../../../src/graph/shape.js";
import type { Reduction, Statement } from "../../ir/kernel.js";
import { printDim, type Scope } from "./expression.js";
import type { Lines } from "./lines.js";

/** What is kept while a kernel is written. */
export interface Writing extends Scope {
  readonly writer: Lines;
  readonly needScratch: (doubles: number) => void;
  /** What a loop's variable is called where nothing else has the name. */
  readonly variableHint: (variable: number) => string;
  /** Declares a loop's variable in the present block; the name that it has there. */
  readonly declareVariable: (variable: number) => string;
  /** Declares a local or an accumulator in the present block. */
  readonly declareLocal: (local: number) => string;
  readonly declareAccumulator: (accumulator: number) => string;
  /** Has the kernel indices that are looked at? */
  readonly hasComputed: boolean;
  readonly noteLookedAt: (local: number, below: Dim) => void;
  /** Writes statements inside the present loops. */
  readonly statements: (statements: readonly Statement[]) => void;
}

/** A block with names of its own, to which what `head` declares belongs. */
export function block(scope: Writing, head: () => string, body: () => void): void {
  scope.names.block(() => scope.writer.block(head(), body));
}

export function forLoop(scope: Writing, variable: number, limit: string, body: () => void): void {
  const head = (name: string): string => `for (let ${name} = 0; ${name} < ${limit}; ${name}++)`;
  block(scope, () => head(scope.declareVariable(variable)), body);
}

/** Loops within each other, the first outermost. */
export function nest(loops: Reduction["loops"], scope: Writing, innermost: () => void): void {
  const [first, ...rest] = loops;
  if (!first) return innermost();
  forLoop(scope, first.variable, printDim(first.size).text, () => nest(rest, scope, innermost));
}
