// What a target must be that prints the primitive graph and brings kernels of its own. CONTRIBUTING.md says how one is added.

import type { FloatType } from "../ir/choices.js";
import type { Primitive } from "../ir/primitive.js";

/** What a graph is printed for. */
export interface GraphPrinterOptions {
  /** The type of floats in what is printed. */
  readonly float: FloatType;
}

/** A printer of primitive graphs: a pure function of the graph and its options. It asks lowerings and names no op. */
export interface GraphPrinter {
  /** The target's name, as the command line is given it. */
  readonly name: string;
  /** Of the file that is written, with its dot: ".py". */
  readonly extension: string;
  /** The file's text, or its bytes. The same graph gives the same file. */
  readonly print: (primitive: Primitive, options: GraphPrinterOptions) => string | Uint8Array;
}
