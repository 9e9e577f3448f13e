// WebAssembly with SIMD: 128-bit vectors in 16 registers, of which engines keep one or two to themselves; threads over shared memory.

import type { FloatType } from "../../ir/choices.js";
import { ARRAY_BUFFER } from "../../ir/layout.js";
import type { Machine } from "./machine.js";

/** Doubles are computed one by one: a vector holds two of them, which gains too little for its loads. */
const DOUBLES: Machine = {
  name: "wasm",
  memory: ARRAY_BUFFER,
  threads: { parts: 16, partCost: 40_000 },
  rowLoops: { calls: 64, operations: 300, accumulators: 48, units: 16 },
  slidingWindows: true,
};

const FLOATS: Machine = {
  ...DOUBLES,
  tiles: {
    leastTerms: 3,
    rowsAreLong: false,
    locals: false,
    costs: {
      kind: "vectors",
      lanes: 4,
      sums: 8,
      registers: 16,
      cache: 32 * 1024,
      blocks: { columns: 3, terms: 5 },
      packedTerms: 8,
      kept: 512 * 1024,
      blocksToShare: 8,
    },
  },
  vectors: { lanes: 4, scattered: 8, horizontal: 8, part: 512, delicate: 12 },
};

export const wasmOf = (float: FloatType): Machine => (float === "float32" ? FLOATS : DOUBLES);
