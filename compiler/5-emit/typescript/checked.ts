// Loads and stores of a checked build: calls of functions that look first.

import { checkedPrelude, CHECKED_NAMES } from "../checked/prelude.js";
import type { CheckedCalls } from "../checked/calls.js";
import type { Access } from "./access.js";

const OWN = [
  "checkedLoad",
  "checkedStore",
  "checkedAdd",
  "checkedTile",
  "checkedTileStore",
  "checkedTileStart",
] as const;
const [LOAD, STORE, ADD, TILE, TILE_STORE, TILE_START] = OWN;

export const checkedAccess: Access = {
  load: (view, slot, index) => `${LOAD}(${view}, ${slot}, ${index})`,
  store: (view, slot, index, value) => `${STORE}(${view}, ${slot}, ${index}, ${value});`,
  add: (view, slot, index, value) => `${ADD}(${view}, ${slot}, ${index}, ${value});`,
  loadScratch: (index) => `${TILE}(${index})`,
  storeScratch: (index, value) => `${TILE_STORE}(${index}, ${value});`,
  startScratch: `${TILE_START}();`,
  names: OWN,
};

/** Every name that a checked module has beside those of others. */
export const CHECKED_MODULE_NAMES = [
  ...CHECKED_NAMES,
  ...OWN,
  "OWNERS",
  "MOST_SLOTS",
  "checked",
  "checkedCall",
  "checkedIndex",
  "tileWritten",
  "slotOwners",
  "slotFirsts",
  "slotCounts",
  "slotElements",
];

/** Before an entry's calls, and before each call, whose slots begin at the given place. */
export const entryText = (entry: string): string => `checkedEntry(OWNERS, ${entry});`;
export const callText = (place: string, slots: number, rows: string): string =>
  `checkedCall(${place}, ${slots}, ${rows});`;

/** `scratch`: the numbers that tiles hold. */
export const checkedText = (calls: CheckedCalls, scratch: number): string => `${checkedPrelude(calls)}

const MOST_SLOTS = ${calls.mostSlots};

/** Who wrote each byte of the arena in this call. */
const OWNERS = new Uint16Array(ARENA_BYTES);

/** The present call: where its slots begin, its rows, and of each slot what is asked for each element. */
const checked = { place: 0, rows: 0 };
const slotOwners = new Uint16Array(MOST_SLOTS);
const slotFirsts = new Float64Array(MOST_SLOTS);
const slotCounts = new Float64Array(MOST_SLOTS);
const slotElements = new Uint8Array(MOST_SLOTS);

function checkedCall(place: number, slots: number, rows: number): void {
  checked.place = place;
  checked.rows = rows;
  for (let slot = 0; slot < slots; slot++) {
    const [, , owner, first, element, times, power] = CHECKED[place + slot]!;
    slotOwners[slot] = owner;
    slotFirsts[slot] = first / element;
    slotCounts[slot] = times * rows ** power;
    slotElements[slot] = element;
  }
}

type View = Float32Array | Float64Array | Int32Array | Uint8Array;

/** The first byte of an element that lies within its buffer. */
function checkedIndex(slot: number, index: number, stores: boolean): number {
  const position = index - slotFirsts[slot]!;
  if (Number.isInteger(position) && position >= 0 && position < slotCounts[slot]!) return index * slotElements[slot]!;
  return checkedFault(checked.place + slot, checked.rows, stores, position, -1);
}

function checkedLoad(view: View, slot: number, index: number): number {
  const at = checkedIndex(slot, index, false);
  const owner = slotOwners[slot]!;
  for (let byte = at + slotElements[slot]! - 1; byte >= at; byte--) {
    const other = OWNERS[byte]!;
    if (other !== owner) checkedFault(checked.place + slot, checked.rows, false, index - slotFirsts[slot]!, other);
  }
  return view[index]!;
}

function checkedStore(view: View, slot: number, index: number, value: number): void {
  const at = checkedIndex(slot, index, true);
  OWNERS.fill(slotOwners[slot]!, at, at + slotElements[slot]!);
  view[index] = value;
}

function checkedAdd(view: View, slot: number, index: number, value: number): void {
  checkedStore(view, slot, index, checkedLoad(view, slot, index) + value);
}${scratch > 0 ? scratchText(scratch) : ""}`;

const scratchText = (scratch: number): string => `

const tileWritten = new Uint8Array(${scratch});

function ${TILE_START}(): void {
  tileWritten.fill(0);
}

function ${TILE}(index: number): number {
  if (tileWritten[index] === 1) return tile[index]!;
  throw new Error(\`checked build: kernel \${CHECKED[checked.place]![0]} reads the sum \${index} of its tile, which is not there\`);
}

function ${TILE_STORE}(index: number, value: number): void {
  if (!(index in tile)) throw new Error(\`checked build: kernel \${CHECKED[checked.place]![0]} writes the sum \${index} of \${tile.length} in a tile\`);
  tileWritten[index] = 1;
  tile[index] = value;
}`;
