// Which locals share a slot: those of one type whose lives are apart. A local lives from the place where it is first written to
// the place where it is last read or written, in the order of the text; where that is in a loop which began after the first
// write, to the end of the loop, since the next turn may read what this one has left.
//
// That holds for a local whose first write comes before all that reads it, however the function runs: the innermost region
// around the write has all other uses within it. Any other local may be read before it is written, or in a turn that has not
// written it: it has a slot of its own, which is zero at first as the local is.

/** A use of a local, in the order of the text. */
export interface Access {
  readonly kind: "get" | "set" | "tee";
  /** Its number; parameters come first. */
  readonly local: number;
  /** How many bytes of other instructions come before it. */
  readonly at: number;
  readonly region: Region;
}

/** A stretch of instructions that is entered at its beginning alone: the function, a block, a loop, a branch of an `if`. */
export interface Region {
  readonly outer: Region | undefined;
  readonly isLoop: boolean;
  /** The number of accesses before it. */
  readonly from: number;
  /** The number of accesses before what follows it. */
  to: number;
}

interface Life {
  readonly local: number;
  readonly home: Region;
  readonly first: number;
  last: number;
  uses: number;
  /** Is it written before it is read? */
  isWritten: boolean;
}

export interface Slots {
  /** The slot of each local; parameters keep theirs. A local without a use has none. */
  readonly of: readonly number[];
  /** The types of the slots behind the parameters. */
  readonly types: readonly string[];
}

interface Slot {
  readonly type: string;
  readonly locals: number[];
  last: number;
  uses: number;
}

/** `types`: those of the locals behind the parameters. */
export function slotsOf(accesses: readonly Access[], parameters: number, types: readonly string[]): Slots {
  const slots = new Map(types.map((type): [string, Slot[]] => [type, []]));
  const taken = new Map<number, Slot>();
  for (const life of livesOf(accesses, parameters)) {
    const type = types[life.local - parameters]!;
    const alike = slots.get(type)!;
    const source = taken.get(copiedTo(life, accesses) ?? -1);
    let slot = source?.type === type && source.last < life.first ? source : firstFree(alike, life.first);
    if (!slot) alike.push((slot = { type, locals: [], last: -1, uses: 0 }));
    slot.locals.push(life.local);
    slot.last = life.last;
    slot.uses += life.uses;
    taken.set(life.local, slot);
  }
  const usesOf = (all: readonly Slot[]): number => all.reduce((sum, { uses }) => sum + uses, 0);
  // Those that are used most first: low numbers are a byte.
  const ordered = [...slots.values()].sort((a, b) => usesOf(b) - usesOf(a)).flat();
  const of = Array.from({ length: parameters }, (_, n) => n);
  for (const [n, { locals }] of ordered.entries()) for (const local of locals) of[local] = parameters + n;
  return { of, types: ordered.map(({ type }) => type) };
}

/** The local that the life begins with a copy of. Where that is its last use, one slot for both makes the copy vanish. */
function copiedTo({ first }: Life, accesses: readonly Access[]): number | undefined {
  const [before, write] = [accesses[first - 1], accesses[first]];
  return write?.kind === "set" && before?.kind === "get" && before.at === write.at ? before.local : undefined;
}

function firstFree(slots: readonly Slot[], from: number): Slot | undefined {
  for (const slot of slots) if (slot.last < from) return slot;
  return undefined;
}

/** The lives of the locals behind the parameters, in the order in which they begin. */
function livesOf(accesses: readonly Access[], parameters: number): Life[] {
  const lives = new Map<number, Life>();
  for (let at = 0; at < accesses.length; at++) {
    const { kind, local, region } = accesses[at]!;
    if (local < parameters) continue;
    let life = lives.get(local);
    if (!life)
      lives.set(local, (life = { local, home: region, first: at, last: at, uses: 0, isWritten: kind !== "get" }));
    life.uses++;
    life.last = Math.max(life.last, at);
    let inner: Region | undefined = region;
    for (; inner && inner !== life.home; inner = inner.outer)
      if (inner.isLoop) life.last = Math.max(life.last, inner.to - 1);
    life.isWritten &&= inner !== undefined;
  }
  const all = [...lives.values()].map((life) => (life.isWritten ? life : { ...life, first: -1, last: Infinity }));
  return all.sort((a, b) => a.first - b.first);
}
