// The instructions of a module as WABT says them, without what an encoder may leave out: blocks that nothing branches to, and
// how known integers are computed.

import { disassembled } from "./wabt.js";

export interface Instruction {
  /** Its name and immediates, but for locals and labels. */
  readonly text: string;
  /** The number that a `local` instruction names. */
  readonly local?: number;
  /** What a branch goes to; of an `end` or `else`, what it belongs to; of what opens a block, itself. */
  readonly block?: Block;
}

export interface Block {
  readonly isLoop: boolean;
  /** Numbers tell two functions' blocks apart that are the same: the order in which they begin. */
  number: number;
  isTarget: boolean;
}

export interface FunctionListing {
  readonly parameters: number;
  readonly instructions: readonly Instruction[];
}

/** The functions that the module defines. */
export const listingOf = (bytes: Uint8Array): FunctionListing[] => listingOfText(disassembled(bytes));

function listingOfText(text: string): FunctionListing[] {
  const functions: { parameters: number; lines: string[] }[] = [];
  let open = false;
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("  (")) open = line.startsWith("  (func");
    if (!open) continue;
    if (line.startsWith("  (")) {
      const parameters = /\(param ([^)]*)\)/.exec(line)?.[1]?.split(" ").length ?? 0;
      functions.push({ parameters, lines: [] });
    } else if (!line.startsWith("    (local")) functions.at(-1)!.lines.push(line.replace(/\(;.*?;\)|;;.*/g, "").trim());
  }
  return functions.map(({ parameters, lines }) => {
    const last = lines.pop();
    // It closes the function, and at the module's end the module.
    if (last !== undefined) lines.push(last.replace(/\)+$/, (all) => (last.startsWith("(") ? all : "")));
    return { parameters, instructions: withoutBlocks(folded(structured(lines))) };
  });
}

/** Branches lead to blocks. */
function structured(lines: readonly string[]): Instruction[] {
  const around: Block[] = [{ isLoop: false, number: 0, isTarget: false }];
  return lines.map((line): Instruction => {
    const [name, ...rest] = line.split(/\s+/) as [string, ...string[]];
    if (name === "block" || name === "loop" || name === "if") {
      const block = { isLoop: name === "loop", number: 0, isTarget: false };
      around.push(block);
      return { text: line, block };
    }
    if (name === "end" || name === "else")
      return { text: name, block: name === "end" ? around.pop()! : around.at(-1)! };
    if (name === "br" || name === "br_if") {
      const block = around.at(-1 - Number(rest[0]))!;
      block.isTarget = true;
      return { text: name, block };
    }
    if (name.startsWith("local.")) {
      const local = Number(rest[0]);
      if (!Number.isInteger(local)) throw new Error(`the line names a local: ${line}`);
      return { text: name, local };
    }
    return { text: line };
  });
}

const KNOWN: Readonly<Record<string, (a: number, b: number) => number | undefined>> = {
  "i32.add": (a, b) => (a + b) | 0,
  "i32.sub": (a, b) => (a - b) | 0,
  "i32.mul": (a, b) => Math.imul(a, b),
  "i32.and": (a, b) => a & b,
  "i32.shl": (a, b) => a << b,
  "i32.div_u": (a, b) => (b === 0 ? undefined : ((a >>> 0) / (b >>> 0)) | 0),
};

function folded(instructions: readonly Instruction[]): Instruction[] {
  const list: Instruction[] = [];
  for (const one of instructions) {
    const [a, b] = [list.at(-2), list.at(-1)].map((before) => /^i32\.const (-?\d+)$/.exec(before?.text ?? "")?.[1]);
    const value = a === undefined || b === undefined ? undefined : KNOWN[one.text]?.(Number(a), Number(b));
    if (value === undefined) list.push(one);
    else list.splice(-2, 2, { text: `i32.const ${value}` });
  }
  return list;
}

function withoutBlocks(instructions: readonly Instruction[]): Instruction[] {
  const dropped = new Set(
    instructions.flatMap(({ text, block }) => (text.startsWith("block") && !block!.isTarget ? [block!] : [])),
  );
  const kept = instructions.filter(({ text, block }) => !dropped.has(block!) || text.startsWith("br"));
  let number = 0;
  for (const { text, block } of kept) if (/^(?:block|loop|if)\b/.test(text)) block!.number = ++number;
  return kept;
}
