// The members that an emitted model has, whatever its network declares, with what they are for. One list for all targets: a
// definition does not depend on the target that it is compiled for. Reserved names, the emitted interface and the emitted
// object follow from it.

/** Groups of views by name. */
const VIEWS = {
  inputs: "Fill the first `rows` rows before a call; row-major views of capacity length.",
  targets: "The right answers, row by row.",
  outputs: "What the last call of each function wrote; rows at and above its `rows` are stale.",
  parameters: "The parameters themselves: to read, to save, to set.",
  states: "What is kept from call to call beside the parameters.",
  statistics: "What `evaluate` wrote; `spec.metrics` says what follows from their sums over batches.",
  grads: "What the last call of a gradients function wrote.",
} as const;

export const MEMBERS = {
  spec: "The model's interface as data.",
  ...VIEWS,
  threads: "The threads that share a call's work: 1 until all have begun.",
  seed: "The seed of the parameters and of all randomness.",
  resetCarries: "What entries take from call to call, back to its first values; all else stays.",
  reset: "Back to the initial parameters and state, with this seed or the same one.",
  dispose: "Lets go of the memory; every later call throws.",
} as const;

export type MemberName = keyof typeof MEMBERS;

export type ViewGroup = keyof typeof VIEWS;

export const VIEW_GROUPS = Object.freeze(Object.keys(VIEWS)) as readonly ViewGroup[];

/** What entries that no step of the network names are called; a network has some of them. */
export const ENTRY_NAMES = ["predict", "evaluate", "loss", "gradients", "initialize"] as const;

/** What JavaScript looks for in any object. */
const OF_OBJECTS = ["then", "constructor", "prototype", "toString", "valueOf", "__proto__"] as const;

/** What neither a step nor a hyper-parameter may be called. */
export const RESERVED_MEMBERS: readonly string[] = [...Object.keys(MEMBERS), ...ENTRY_NAMES, ...OF_OBJECTS];
