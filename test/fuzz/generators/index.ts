// One generator for each export of the language.

import type { Generator, Table } from "./kinds.js";
import { carried } from "./carried.js";
import { gathers } from "./gathers.js";
import { initializers } from "./initializers.js";
import { layers } from "./layers.js";
import { leaves } from "./leaves.js";
import { losses, similarity } from "./losses.js";
import { pointwise } from "./pointwise.js";
import { recurrences, type Grow } from "./recurrences.js";
import { reductions } from "./reductions.js";
import { shapes } from "./shapes.js";
import { training } from "./training.js";
import { windows } from "./windows.js";

/** `grow` draws one more value for the step of a loop. */
export const generatorsWith = (grow: Grow): Table => ({
  ...leaves,
  ...pointwise,
  ...shapes,
  ...reductions,
  ...gathers,
  ...windows,
  ...layers,
  ...carried,
  ...recurrences(grow),
  ...similarity,
  ...losses,
  ...training,
  ...initializers,
});

/** Exports that no graph calls by itself: errors, and what every graph is. */
export const NOT_DRAWN: readonly string[] = ["TapelessError", "TapelessErrors", "network"];

export type { Generator, Table };
