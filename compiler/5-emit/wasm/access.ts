// The addresses of what is read and written: the one place that every load and store of an element of a buffer, or of the scratch
// memory, passes on its way into the text.

import type { FunctionText, WasmType } from "./text.js";

export interface Address {
  readonly text: string;
  /** A constant that the instruction adds. */
  readonly offset: number;
}

/** `bytes`: how many of them count. A vector of fewer lanes than four is read whole, and what is too much is not used. */
export interface Access {
  readonly load: (slot: number, at: Address, bytes: number) => Address;
  readonly store: (slot: number, at: Address, bytes: number) => Address;
  readonly loadScratch: (at: Address, bytes: number) => Address;
  readonly storeScratch: (at: Address, bytes: number) => Address;
  /** A value that is about to be stored. An instruction evaluates its address first. */
  readonly stored: (value: string, type: WasmType, writer: FunctionText) => string;
}

const same = (_: number, at: Address): Address => at;

export const plainAccess: Access = {
  load: same,
  store: same,
  loadScratch: (at) => at,
  storeScratch: (at) => at,
  stored: (value) => value,
};

/** The operands of a memory instruction. */
export const memory = ({ text, offset }: Address): string => (offset === 0 ? text : `offset=${offset} ${text}`);

/** The same for an instruction that names a lane. */
export const laneMemory = ({ text, offset }: Address, lane: number): string =>
  `${offset === 0 ? "" : `offset=${offset} `}${lane} ${text}`;
