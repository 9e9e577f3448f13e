// The targets that print the primitive graph, in the order in which they are listed to users.

import type { GraphPrinter } from "./printer.js";

export type { GraphPrinter, GraphPrinterOptions } from "./printer.js";

export const GRAPH_PRINTERS: readonly GraphPrinter[] = [];
