// What the writers of plain and of tiled loops share.

import type CodeBlockWriter from "code-block-writer";
import type { Reduction, Statement } from "../../ir/kernel.js";
import type { ChooseTile } from "../schedule.js";
import { printDim, type Scope } from "./expression.js";

/** What is kept while a kernel is written. */
export interface Writing extends Scope {
  readonly writer: CodeBlockWriter;
  readonly needScratch: (doubles: number) => void;
  /** The rows of a full batch. */
  readonly capacity: number;
  /** How a nest is cut into tiles. */
  readonly tile: ChooseTile;
  /** Writes statements inside the present loops. */
  readonly statements: (statements: readonly Statement[]) => void;
}

export function forLoop(scope: Writing, variable: string, limit: string, body: () => void): void {
  scope.writer.write(`for (let ${variable} = 0; ${variable} < ${limit}; ${variable}++)`).block(body);
}

/** Loops within each other, the first outermost. */
export function nest(loops: Reduction["loops"], scope: Writing, innermost: () => void): void {
  const [first, ...rest] = loops;
  if (!first) return innermost();
  forLoop(scope, scope.variables[first.variable]!, printDim(first.size).text, () => nest(rest, scope, innermost));
}
