// Do two lists of instructions compute the same, one with a local of its own for each value and the other with shared slots? Walks
// both at once, along all paths. What it knows is which locals' values each slot holds; a read of a local must be a read of a
// slot that holds it. It knows nothing of how slots were chosen.

import type { Block, FunctionListing, Instruction } from "./listing.js";

/** The locals whose values a slot holds, by slot. Undefined: no path leads here. */
type Holds = ReadonlyMap<number, ReadonlySet<number>> | undefined;

/** Throws where the second list is not what the first one means, with the place. */
export function expectSameValues(written: FunctionListing, own: FunctionListing): void {
  if (written.parameters !== own.parameters) throw new Error("the functions have other parameters");
  new Walk(written, own).function();
}

class Walk {
  private i = 0;
  private j = 0;
  private holds: Holds;
  /** What holds where branches to a block come from. */
  private readonly branches = new Map<Block, Holds>();
  private readonly a: readonly Instruction[];
  private readonly b: readonly Instruction[];

  constructor(written: FunctionListing, own: FunctionListing) {
    this.a = written.instructions;
    this.b = own.instructions;
    const numbers = (list: readonly Instruction[]): number[] => [
      ...new Set(list.flatMap(({ local }) => (local === undefined ? [] : [local]))),
    ];
    const isParameter = (n: number): boolean => n < written.parameters;
    // All but parameters are zero at first.
    const zeros = numbers(this.a).filter((n) => !isParameter(n));
    const parameters = Array.from({ length: written.parameters }, (_, n): [number, Set<number>] => [n, new Set([n])]);
    const slots = numbers(this.b).filter((n) => !isParameter(n));
    this.holds = new Map([...parameters, ...slots.map((n): [number, Set<number>] => [n, new Set(zeros)])]);
  }

  function(): void {
    this.until(undefined);
    if (this.i < this.a.length || this.j < this.b.length) this.fail("one of them ends");
  }

  /** To the `end` or `else` of the block, or the end of the function. */
  private until(block: Block | undefined): void {
    while (this.i < this.a.length) {
      const { text, block: closed } = this.a[this.i]!;
      if ((text === "end" || text === "else") && closed === block) return;
      this.step();
    }
  }

  private step(): void {
    const { text, local, block } = this.a[this.i]!;
    if (local !== undefined) return this.access(text, local);
    if (text === "br" || text === "br_if") {
      this.match();
      this.branches.set(block!, meet(this.branches.get(block!), this.holds));
      if (text === "br") this.holds = undefined;
    } else if (text === "return" || text === "unreachable") {
      this.match();
      this.holds = undefined;
    } else if (block?.isLoop) this.loop(block);
    else if (block) this.block(block);
    else this.match();
  }

  private loop(block: Block): void {
    const [i, j, entry] = [this.i, this.j, this.holds];
    // What was known at its beginning, until every turn agrees. It only becomes less.
    for (let begins = meet(entry, this.branches.get(block)); ; begins = meet(begins, this.branches.get(block))) {
      [this.i, this.j, this.holds] = [i, j, begins];
      this.match();
      this.until(block);
      this.match();
      if (same(begins, meet(begins, this.branches.get(block)))) return;
    }
  }

  private block(block: Block): void {
    this.branches.delete(block);
    const isIf = this.a[this.i]!.text.startsWith("if");
    this.match();
    const entry = this.holds;
    this.until(block);
    let ends = this.holds;
    if (isIf) {
      this.holds = entry;
      if (this.a[this.i]?.text === "else") {
        this.match();
        this.until(block);
      }
      ends = meet(ends, this.holds);
    }
    this.match();
    this.holds = meet(ends, this.branches.get(block));
  }

  /** Both have the same instruction here. */
  private match(): void {
    const [a, b] = [this.a[this.i], this.b[this.j]];
    if (a?.text !== b?.text || a?.block?.number !== b?.block?.number) this.fail("the instructions are the same");
    this.i++;
    this.j++;
  }

  private access(text: string, local: number): void {
    const next = this.a[this.i + 1];
    const [first, second] = [this.b[this.j], this.b[this.j + 1]];
    const holdsIt = first?.text === "local.get" && (!this.holds || this.holds.get(first.local!)!.has(local));
    if (text === "local.get" && next?.text === "local.set") {
      if (holdsIt && second?.text === "local.set") {
        this.copy(local, next.local!, first.local!, second.local!);
        this.j += 2;
      } else this.copy(local, next.local!, undefined, undefined);
      this.i += 2;
      return;
    }
    if (text === "local.get") {
      if (!holdsIt) this.fail(`a slot is read that holds local ${local}`);
    } else {
      if (first?.text !== text) this.fail(`local ${local} is written`);
      this.write(local, first!.local!);
    }
    this.i++;
    this.j++;
  }

  /** A local becomes what another one is, wherever that lies. Then a slot may become what another one holds. */
  private copy(from: number, to: number, source: number | undefined, target: number | undefined): void {
    if (!this.holds) return;
    const holds = without(this.holds, from === to ? undefined : to);
    for (const locals of holds.values()) if (locals.has(from)) locals.add(to);
    if (source !== undefined) holds.set(target!, new Set(holds.get(source)));
    this.holds = holds;
  }

  /** A slot holds a local's new value. */
  private write(local: number, slot: number): void {
    if (this.holds) this.holds = without(this.holds, local).set(slot, new Set([local]));
  }

  private fail(what: string): never {
    const near = (list: readonly Instruction[], at: number): string =>
      list
        .slice(Math.max(0, at - 3), at + 3)
        .map(({ text, local }) => [text, local].join(" "))
        .join("; ");
    throw new Error(`not so: ${what}, at ${this.i} [${near(this.a, this.i)}], ${this.j} [${near(this.b, this.j)}]`);
  }
}

/** What no longer holds the local. */
function without(holds: NonNullable<Holds>, local: number | undefined): Map<number, Set<number>> {
  return new Map([...holds].map(([slot, locals]) => [slot, new Set([...locals].filter((n) => n !== local))]));
}

/** What is known on both paths. */
function meet(a: Holds, b: Holds): Holds {
  if (!a || !b || a === b) return a ?? b;
  return new Map([...a].map(([slot, locals]) => [slot, new Set([...locals].filter((n) => b.get(slot)!.has(n)))]));
}

const same = (a: Holds, b: Holds): boolean =>
  a === b || (!!a && !!b && [...a].every(([slot, locals]) => locals.size === b.get(slot)!.size));
