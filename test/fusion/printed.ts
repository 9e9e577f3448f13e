// Reads printed programs back: what the fusion tests ask of them, asked of the text that `tapeless print kernels` shows.

import { compile } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";

export interface PrintedKernel {
  readonly name: string;
  readonly slots: readonly { readonly access: string; readonly name: string }[];
  /** Its lines, without the header's indentation. */
  readonly body: readonly string[];
}

export interface PrintedEntry {
  readonly notes: readonly string[];
  readonly kernels: readonly PrintedKernel[];
}

/** One entry of a printed compilation. */
export function entryOf(text: string, entry: string): PrintedEntry {
  const section = text.split("\n\n").find((part) => part.split("\n")[0] === `entry ${entry}`);
  if (section === undefined) throw new Error(`there is no entry ${entry} in:\n${text}`);
  const notes: string[] = [];
  const kernels: { name: string; slots: { access: string; name: string }[]; body: string[] }[] = [];
  for (const line of section.split("\n").slice(1)) {
    const head = /^\s*kernel (\S+) \((.*)\)$/.exec(line);
    const note = /^ {2}note: (.*)$/.exec(line);
    if (note) notes.push(note[1]!);
    else if (head) {
      const slots = head[2]!.split(", ").map((slot) => {
        const [access, ...name] = slot.split(" ");
        return { access: access!, name: name.join(" ") };
      });
      kernels.push({ name: head[1]!, slots, body: [] });
    } else kernels.at(-1)?.body.push(line.slice(4));
  }
  return { notes, kernels };
}

const WRITES = ["write", "update", "accumulate"];

export const writes = (kernel: PrintedKernel): string[] =>
  kernel.slots.filter(({ access }) => WRITES.includes(access)).map(({ name }) => name);

export const reads = (kernel: PrintedKernel): string[] =>
  kernel.slots.filter(({ access }) => access === "read" || access === "update").map(({ name }) => name);

/** Sums of products: the reductions of matrix products. */
export const contracts = (kernel: PrintedKernel): boolean =>
  kernel.body.some((line) => /= sum over [^:]* of \S+\[[^\]]*\] \* \S+\[/.test(line));

/** The lines that store into memory. */
export const stores = (kernel: PrintedKernel): string[] =>
  kernel.body.map((line) => line.trim()).filter((line) => /^\S+\[.*?\] \+?= /.test(line) && !/^[at]\d+ /.test(line));

/** The bytes of each workspace buffer of an entry, from `tapeless print plan`. */
export function workspaceOf(plan: string, entry: string): Map<string, number> {
  const section = plan.split("\n\n").find((part) => part.startsWith(`workspace of ${entry}:`)) ?? "";
  const lines = section.split("\n").slice(1);
  return new Map(lines.map((line) => /^\s*\d+\s+(\d+) {2}(.*)$/.exec(line)!).map((m) => [m[2]!, Number(m[1])]));
}

/** An entry's printed kernels. */
export const kernelText = (network: Network, entry: string): string =>
  compile(network, { constNames: "ordinals" })
    .print("kernels")
    .split("\n\n")
    .find((part) => part.split("\n")[0] === `entry ${entry}`)!;
