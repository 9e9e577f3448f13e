// This project's side of the table of cases: builders by family and name.

import type { Builders } from "./builder.js";
import { pointwise } from "./builders/pointwise.js";
import { products } from "./builders/products.js";
import { reductions } from "./builders/reductions.js";
import { windows } from "./builders/windows.js";

export const builders: Readonly<Record<string, Builders>> = { pointwise, reductions, products, windows };
