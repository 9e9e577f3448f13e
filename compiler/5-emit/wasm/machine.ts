// The machine that WebAssembly code is chosen for.

export interface Machine {
  /** Floats in a vector. */
  readonly lanes: number;
  /** Vector registers that sums may fill, when operands need the others. */
  readonly sums: number;
  /** All vector registers. */
  readonly registers: number;
  /** Bytes of the first cache level. */
  readonly cache: number;
}

/** 128-bit vectors in 16 registers, of which engines keep one or two to themselves. */
export const WASM: Machine = { lanes: 4, sums: 8, registers: 16, cache: 32 * 1024 };
