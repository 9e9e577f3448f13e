// What kernels mean, for people who read the module: equations of what a kernel stores, and the line that declared it.

import type { Entry } from "../src/graph/network.js";
import { memo } from "../src/graph/memo.js";
import type { Node } from "../src/graph/node.js";
import { printEquations } from "../src/graph/print.js";
import type { Kernel } from "./ir/kernel.js";
import { lowered } from "./ir/lowered.js";
import type { KernelMeaning } from "./ir/module.js";
import type { ProgramItem } from "./ir/program.js";
import { callsOf } from "./ir/walk.js";
import type { Names } from "./names/index.js";

interface Items {
  readonly items: readonly ProgramItem[];
}

/** The meaning of a kernel of the programs, which are those of the entries in their order. It is found when it is asked for. */
export function meaningsOf(
  entries: readonly Entry[],
  programs: readonly Items[],
  namesOf: (entry: Entry) => (node: Node) => string,
  names: Names,
): (kernel: Kernel) => KernelMeaning | undefined {
  let owners: Map<Kernel["computes"], Entry> | undefined;
  const calledIn = memo((entry: Entry) => resultNames(entry, namesOf(entry)));
  return ({ computes }) => {
    if (owners === undefined) {
      owners = new Map();
      for (const [n, { items }] of programs.entries())
        for (const { kernel } of callsOf(items))
          if (!owners.has(kernel.computes)) owners.set(kernel.computes, entries[n]!);
    }
    const entry = owners.get(computes);
    return entry && meaningOf(computes, calledIn(entry), namesOf(entry), names);
  };
}

/** Kernels of more nodes are not explained. */
const MOST = 120;

function meaningOf(
  computes: Kernel["computes"],
  called: ReadonlyMap<Node, string>,
  nameOf: (node: Node) => string,
  names: Names,
): KernelMeaning | undefined {
  const own = new Set(computes);
  const used = new Set(computes.flatMap(({ inputs }) => inputs));
  const results = computes.filter((node) => !used.has(node));
  const last = results.at(-1);
  if (last === undefined) return undefined;
  const frame = names.frame(last);
  const at = frame && `${frame.file.replace(/^.*[\\/]/, "")}:${frame.line}`;
  // As equations it would be longer than a comment may be.
  if (computes.length > MOST) return { equations: [], at };
  const text = printEquations(Object.fromEntries(results.map((node) => [called.get(node) ?? nameOf(node), node])), {
    name: nameOf,
    isGiven: (node) => !own.has(node) && node.def.family !== "leaf" && !isAlias(node),
  });
  return { equations: text.split("\n"), at };
}

/** Another shape of what has been stored, which equations look through. */
const isAlias = (node: Node): boolean => lowered(node).kind === "alias";

/** What results and next values are called, as `tapeless print gradient` calls them. */
function resultNames(entry: Entry, nameOf: (node: Node) => string): ReadonlyMap<Node, string> {
  const called = new Map<Node, string>();
  for (const { kind, name, value } of entry.results) called.set(value, kind === "gradient" ? `∂loss/∂${name}` : name);
  for (const { leaf, value } of entry.updates) called.set(value, `next ${nameOf(leaf)}`);
  return called;
}
