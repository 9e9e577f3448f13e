// How loads and stores print: the one place where an element of the arena, or of the scratch that tiles use, is read or written.

/** `slot` is the number of a kernel's slot; `view` and `index` say where its element lies; `value` is text too. */
export interface Access {
  readonly load: (view: string, slot: number, index: string) => string;
  readonly store: (view: string, slot: number, index: string, value: string) => string;
  readonly add: (view: string, slot: number, index: string, value: string) => string;
  readonly loadScratch: (index: string) => string;
  readonly storeScratch: (index: string, value: string) => string;
  /** Before the sums of a tile: what scratch held is no longer needed. */
  readonly startScratch: string | undefined;
  /** What the functions that it calls are named. */
  readonly names: readonly string[];
}

export const plainAccess: Access = {
  load: (view, _, index) => `${view}[${index}]!`,
  store: (view, _, index, value) => `${view}[${index}] = ${value};`,
  add: (view, _, index, value) => `${view}[${index}]! += ${value};`,
  loadScratch: (index) => `tile[${index}]!`,
  storeScratch: (index, value) => `tile[${index}] = ${value};`,
  startScratch: undefined,
  names: [],
};
