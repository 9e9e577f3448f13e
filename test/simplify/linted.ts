// A graph as the lints see it, with the loss or without.

import { lint } from "../../compiler/2-simplify/index.js";
import { labelOf } from "../../src/check-parts.js";
import type { Node } from "../../src/graph/node.js";
import type { Warning } from "../../src/warnings.js";

type Linted = Parameters<typeof lint>[0];

/** Warnings of values that nothing is trained for, unless `changes` says so. */
export const linted = (roots: readonly Node[], changes: Partial<Linted> = {}): readonly Warning[] =>
  lint({ roots, losses: [], own: [], measured: [], float: "float32", silence: [], nameOf: labelOf, ...changes });

/** Of a loss. */
export const lossCodes = (loss: Node, changes: Partial<Linted> = {}): string[] =>
  linted([loss], { losses: [loss], ...changes }).map(({ code }) => code);
