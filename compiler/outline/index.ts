// Equal parts of graphs become functions (the field says: they are outlined), so that a network of many equal blocks is one function
// and its calls.
//
// Nodes are put into one sequence in which equal blocks are equal stretches (order.ts), stretches are compared (repeats.ts), and those
// that repeat become functions of what differs between them (block.ts). A stretch of an order of evaluation is always a function:
// nothing between its nodes is computed outside of it.

import type { Entry } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import { topological } from "../../src/graph/walk.js";
import type { BlockCall, GraphBlock, GraphStatement } from "../ir/primitive.js";
import { uniquely } from "../names/unique.js";
import { callsOf } from "./block.js";
import { piecesOf } from "./order.js";
import { repeatsOf } from "./repeats.js";
import { sequenceOf, type Unit } from "./sequence.js";
import { standingsOf, type Standing } from "./standing.js";

export interface Outlined {
  readonly blocks: readonly GraphBlock[];
  /** For each entry what computes its roots, in order. */
  readonly statements: readonly (readonly GraphStatement[])[];
}

/**
 * The statements of entries, equal parts as calls of blocks. Blocks are the same for all entries.
 * @param entries their graphs, primitive
 * @param names for each entry the names of its nodes, after which blocks and their nodes are called
 */
export function outline(
  entries: readonly Pick<Entry, "results" | "updates">[],
  names: readonly ((node: Node) => string)[],
): Outlined {
  const roots = entries.map(({ results, updates }) => [...results, ...updates].map(({ value }) => value));
  const standings = standingsOf(topological(roots.flat()));
  const ordered = roots.map((own) => {
    const nodes = topological(own);
    return { roots: own, nodes, pieces: piecesOf(own, nodes, standings) };
  });
  const units = sequenceOf(ordered, standings);
  const entryAt = ordered.flatMap(({ pieces }, entry) => pieces.map(() => entry));
  const unique = uniquely(new Set());
  const nameAt = (position: number, node: Node): string => names[entryAt[position]!]!(node);
  const calls = new Map<number, Outlining>();
  for (const repeat of repeatsOf(units)) {
    for (const [at, call] of callsOf(repeat, units, nameAt, unique)) calls.set(at, { call, length: repeat.length });
  }
  let first = 0;
  const statements = ordered.map(({ roots: own, nodes, pieces }) => {
    const end = first + pieces.length;
    const made = statementsOf({ roots: own, nodes, units, first, end, calls }, standings);
    first = end;
    return made;
  });
  return { blocks: [...new Set([...calls.values()].map(({ call }) => call.block))], statements };
}

/** The call that stands for so many units. */
interface Outlining {
  readonly call: BlockCall;
  readonly length: number;
}

interface Sequenced {
  readonly roots: readonly Node[];
  readonly nodes: readonly Node[];
  readonly units: readonly Unit[];
  readonly first: number;
  readonly end: number;
  readonly calls: ReadonlyMap<number, Outlining>;
}

/** Common nodes first, then the units of the entry in order, each after the free nodes that it reads. */
function statementsOf(
  { roots, nodes, units, first, end, calls }: Sequenced,
  standings: ReadonlyMap<Node, Standing>,
): GraphStatement[] {
  const statements: GraphStatement[] = [];
  const done = new Set<Node>();
  const add = (node: Node): void => {
    if (done.has(node)) return;
    done.add(node);
    statements.push({ kind: "node", node });
  };
  const addFree = (read: readonly Node[]): void => {
    const free = read.filter((node) => standings.get(node) === "free");
    topological(free, (node) => done.has(node)).forEach(add);
  };
  for (const node of nodes) {
    if (standings.get(node) !== "common") continue;
    addFree(node.inputs);
    add(node);
  }
  for (let at = first; at < end;) {
    const outlined = calls.get(at);
    if (outlined) {
      statements.push(outlined.call);
      at += outlined.length;
    } else {
      const { node, outputs } = units[at]!;
      addFree(node.inputs);
      add(node);
      outputs.forEach(add);
      at++;
    }
  }
  addFree(roots);
  return statements;
}
