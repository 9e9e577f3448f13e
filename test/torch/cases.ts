// This project's side of the table of cases: builders by family and name.

import type { Builders } from "./builder.js";
import { attention } from "./builders/attention.js";
import { derivatives } from "./builders/derivatives.js";
import { losses } from "./builders/losses.js";
import { norms } from "./builders/norms.js";
import { order } from "./builders/order.js";
import { pointwise } from "./builders/pointwise.js";
import { products } from "./builders/products.js";
import { recurrences } from "./builders/recurrences.js";
import { reductions } from "./builders/reductions.js";
import { shapes } from "./builders/shapes.js";
import { windows } from "./builders/windows.js";

export const builders: Readonly<Record<string, Builders>> = {
  pointwise,
  reductions,
  products,
  windows,
  norms,
  recurrences,
  attention,
  losses,
  order,
  shapes,
  derivatives,
};
