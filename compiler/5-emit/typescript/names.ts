// The names of an emitted function: whoever declares something asks here, so that nothing is declared twice and nothing hides
// what is still read. Blocks within one another share what they know; blocks side by side may use the same names.

import { invariant } from "../../../src/messages.js";

/** What a kernel's function is given, and what it reads of its module and of the language. */
export const RESERVED: readonly string[] = "f i32 u8 rows tile numbers erf POWERS entryIndex Math Infinity NaN".split(
  " ",
);

export class LocalNames {
  private readonly blocks: Set<string>[];

  /** `taken`: further names that the function is given. */
  constructor(taken: readonly string[]) {
    this.blocks = [new Set([...RESERVED, ...taken])];
  }

  /** A name like the given one, for what is declared in the present block. */
  declare(hint: string): string {
    let name = hint;
    for (let n = 2; this.isTaken(name); n++) name = `${hint}_${n}`;
    this.take(name);
    return name;
  }

  /** Notes a name that must be as it is. */
  reserve(name: string): void {
    invariant(!this.isTaken(name), `the name ${name} is declared once`);
    this.take(name);
  }

  /** What is declared in `body` is known to it alone. */
  block(body: () => void): void {
    this.blocks.push(new Set());
    body();
    this.blocks.pop();
  }

  private isTaken(name: string): boolean {
    return this.blocks.some((names) => names.has(name));
  }

  private take(name: string): void {
    this.blocks.at(-1)!.add(name);
  }
}
