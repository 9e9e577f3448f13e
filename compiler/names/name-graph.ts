// Names every node of a network. Parameters and states, whose names the user stores and reads, are called after the
// `const`s on the way to them and never change when something else does; other nodes get a readable, unique label.
//
// Names belong to a node's origin, which passes keep when they rebuild a node.

import type { Node } from "../../src/graph/node.js";
import { userFrames, type CallSite, type Frame, type Origin } from "../../src/graph/origin.js";
import { everyNode } from "../../src/graph/walk.js";
import { badName, duplicateName, throwAll, type TapelessError } from "../../src/messages.js";
import { nameProblem } from "./allowed.js";
import { namesAmong } from "./among.js";
import { baseOf } from "./base.js";
import { callPaths } from "./call-path.js";
import { callLabels, type Label, type Labels } from "./labels.js";
import type { ConstNames } from "./place.js";
import { uniquely } from "./unique.js";
import { valuesOf, type Values } from "./values.js";
import { wordsOf } from "./words.js";

/**
 * Whether names are those of the consts in the definition's own text, or, where there is no such text, calls with their numbers:
 * `h1.weight` or `dense1.weight`. Weights that are saved by name fit a build of the same naming.
 */
export type Naming = "source" | "ordinal";

export interface Names {
  readonly naming: Naming;
  /**
   * The node's name: unique among the nodes of the graph that was named, and kept by rebuilt nodes. What is stored, addressed
   * or hashed goes by it.
   */
  readonly of: (node: Node) => string;
  /** Names to read, for the nodes under the roots of entries that are looked at together. Leaves have the same. */
  readonly among: (entries: readonly (readonly Node[])[]) => (node: Node) => string;
  /** The place of the node's call in the user's own file. */
  readonly frame: (node: Node) => Frame | undefined;
}

/**
 * Names the graph under `roots`, which should be all roots of the network: a build with fewer entries has the same
 * names. Throws DUPLICATE_NAME when two parameters, or two states, would be called the same, and BAD_NAME for names
 * that cannot be property keys.
 */
export function nameGraph(roots: readonly Node[], given?: ConstNames): Names {
  const nodes = allNodes(roots);
  const sites = sitesOf(nodes);
  // All of a network's names are of one kind: weights that are saved by name are found again, or refused as a whole.
  const constNames = given?.covers?.(sites) === false ? undefined : given;
  const labels = callLabels(sites, rolesOf(nodes), constNames && callPaths(constNames));
  const frame = (node: Node): Frame | undefined => frameOf(node.origin.site, constNames);
  const taken = new Set<string>();
  const byNode = new Map<Node, string>();

  nameLeaves(nodes, labels, frame, byNode);
  for (const name of byNode.values()) taken.add(name);
  const unique = uniquely(taken);

  const values = valuesOf(roots, labels);
  for (const node of nodes) {
    if (byNode.has(node) || node.origin.derived) continue;
    const label = labels.of(node.origin.site)!;
    byNode.set(node, unique(ownName(node) ?? innerName(node, label, values.results.has(node) && label.direct)));
  }

  const byOrigin = originIndex(nodes, byNode);
  const declared = (node: Node): string | undefined =>
    byNode.get(node) ?? byOrigin.get(node.origin)?.get(node.def.name);
  const words = (node: Node): string | undefined => wordsOf(node.origin, constNames);
  const otherwise = (node: Node): string => laterName(node, labels, words(node));
  const later = new WeakMap<Node, string>();
  const madeLater = (node: Node): string | undefined => later.get(node);
  const isInner = values.isInner;
  return {
    naming: constNames ? "source" : "ordinal",
    frame,
    among: (entries) => {
      const read = (node: Node): string => ownName(node) ?? readName(node, labels, values, words(node));
      const declared = declaredTexts(nodes, byNode, read);
      return namesAmong(entries, { declared, otherwise, words, isInner });
    },
    of(node) {
      const known = declared(node) ?? madeLater(node);
      if (known !== undefined) return known;
      const name = unique(baseOf(node, { declared, given: madeLater, otherwise, words, isInner }).text);
      later.set(node, name);
      return name;
    },
  };
}

/** All nodes, those of initialisers and other graphs held as attributes included. */
function allNodes(roots: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  let wave = [...roots];
  while (wave.length > 0) {
    const next: Node[] = [];
    for (const node of everyNode(wave)) {
      if (seen.has(node)) continue;
      seen.add(node);
      for (const value of Object.values(node.attrs) as unknown[]) {
        for (const held of Array.isArray(value) ? value : [value]) if (isNode(held) && !seen.has(held)) next.push(held);
      }
    }
    wave = next;
  }
  return [...seen];
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "def" in value && "inputs" in value && "origin" in value;

/** The calls that made the nodes, in the order in which the definition made them. */
function sitesOf(nodes: readonly Node[]): CallSite[] {
  const sites = new Set(nodes.map((node) => node.origin.site));
  return [...sites].sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
}

/** What stored leaves each call made that are named after it. */
function rolesOf(nodes: readonly Node[]): ReadonlyMap<CallSite, readonly string[]> {
  const roles = new Map<CallSite, string[]>();
  for (const node of nodes) {
    const { site, role, name, derived } = node.origin;
    if (storedKind(node) === undefined || name !== undefined || derived) continue;
    const known = roles.get(site) ?? [];
    roles.set(site, known);
    known.push(role ?? node.def.name);
  }
  return roles;
}

function frameOf(site: CallSite, constNames: ConstNames | undefined): Frame | undefined {
  for (const frame of userFrames(site)) {
    const mapped = constNames ? constNames.place(frame)?.frame : frame;
    if (mapped) return mapped;
  }
  return undefined;
}

// Leaves that the user addresses by name

type Stored = "parameter" | "state";

const storedKind = (node: Node): Stored | undefined =>
  node.def.name === "parameter" || node.def.name === "state" ? node.def.name : undefined;

function nameLeaves(
  nodes: readonly Node[],
  labels: Labels,
  frame: (node: Node) => Frame | undefined,
  names: Map<Node, string>,
): void {
  const errors: TapelessError[] = [];
  const owners = new Map<string, Node>();
  const refused = new Set<CallSite>();
  const check = (node: Node, what: string, name: string, hint: string): void => {
    const why = nameProblem(name);
    if (why) errors.push(badName({ what, name, why, at: frame(node), hint: "choose another name" }));
    const other = owners.get(`${what} ${name}`);
    if (other) {
      // A layer is refused once, whatever it and its optimizer store.
      if (refused.has(node.origin.site)) return;
      refused.add(node.origin.site);
      const otherCall = other.origin.site.call;
      errors.push(duplicateName({ what: `${what}s`, name, other: frame(other), otherCall, at: frame(node), hint }));
    } else owners.set(`${what} ${name}`, node);
  };
  for (const node of inCallOrder(nodes)) {
    const kind = storedKind(node);
    const own = ownName(node);
    if (kind) {
      const name = storedName(node, labels, names);
      names.set(node, name);
      check(node, kind, name, `give one of them another const or a name: { name: "…" }`);
    } else if (own !== undefined && "role" in node.attrs) {
      check(node, String(node.attrs.role), own, "give one of them another name");
    }
  }
  throwAll(errors);
}

/** A slot comes after the parameter that it is named after. */
const inCallOrder = (nodes: readonly Node[]): Node[] => {
  const order = ({ origin }: Node): number => origin.site.order ?? 0;
  const isSlot = ({ origin }: Node): number => (origin.derived ? 1 : 0);
  return nodes
    .filter((node) => node.def.family === "leaf")
    .map((node, i) => ({ node, i }))
    .sort((a, b) => order(a.node) - order(b.node) || isSlot(a.node) - isSlot(b.node) || a.i - b.i)
    .map(({ node }) => node);
};

function storedName(node: Node, labels: Labels, names: ReadonlyMap<Node, string>): string {
  const { site, role, name, derived } = node.origin;
  // A slot that an optimizer keeps for a parameter is called after it.
  const owner = derived && names.get(derived.of);
  if (owner !== undefined) return [owner, name ?? role ?? node.def.name].join(".");
  if (name !== undefined) return role === undefined || name.endsWith(role) ? name : `${name}.${role}`;
  const label = labels.ofStored(site)!;
  const own = role ?? (site.call === node.def.name ? undefined : node.def.name);
  if (own === undefined) return label.direct || !label.named ? label.text : `${label.text}.${node.def.name}`;
  return `${label.text}.${own}`;
}

/** The name that a leaf such as an input carries itself. */
function ownName(node: Node): string | undefined {
  const name = node.def.family === "leaf" && "name" in node.attrs ? node.attrs.name : undefined;
  return typeof name === "string" ? name : undefined;
}

// Everything else

function innerName(node: Node, label: Label, isResult: boolean): string {
  if (!("stack" in node.origin.site)) return node.def.name;
  if (isResult) return label.text;
  if (!label.named && label.text.startsWith(node.def.name)) return label.text;
  return `${label.text}.${node.def.name}`;
}

/** A node's name to read; several may have it. */
function readName(node: Node, labels: Labels, { isResult, isInner }: Values, words: string | undefined): string {
  const label = labels.of(node.origin.site)!;
  const { role } = node.origin;
  if (role !== undefined) return [label.text, role, "initial", words, node.def.name].filter(isText).join(".");
  const isValue = isResult(node) && label.direct;
  if (words === undefined) return innerName(node, label, isValue);
  if (isInner(node)) return `${label.text}.${words}.${node.def.name}`;
  return isValue ? label.text : `${label.text}.${words}`;
}

/** A node that is not declared. A leaf is handed to a region that does not read it. */
const laterName = ({ origin, def }: Node, labels: Labels, words: string | undefined): string =>
  [labels.of(origin.site)?.text, words, words !== undefined && def.family === "leaf" ? undefined : def.name]
    .filter(isText)
    .join(".");

const isText = (word: string | undefined): word is string => word !== undefined;

/** The names to read of all declared nodes, and of what they are rebuilt to. */
function declaredTexts(
  nodes: readonly Node[],
  leaves: ReadonlyMap<Node, string>,
  read: (node: Node) => string,
): (node: Node) => string | undefined {
  const texts = new Map<Node, string>();
  const byOrigin = new Map<Origin, Map<string, string | undefined>>();
  for (const node of nodes) {
    const { origin, def } = node;
    if (origin.derived && !leaves.has(node)) continue;
    const text = storedKind(node) ? leaves.get(node)! : read(node);
    texts.set(node, text);
    const ops = byOrigin.get(origin) ?? new Map<string, string | undefined>();
    byOrigin.set(origin, ops.set(def.name, ops.has(def.name) && ops.get(def.name) !== text ? undefined : text));
  }
  return (node) => texts.get(node) ?? byOrigin.get(node.origin)?.get(node.def.name);
}

/** Origin and op to name, where they tell a node without doubt. */
function originIndex(
  nodes: readonly Node[],
  byNode: ReadonlyMap<Node, string>,
): ReadonlyMap<Origin, Map<string, string>> {
  const index = new Map<Origin, Map<string, string>>();
  const doubtful: [Origin, string][] = [];
  for (const node of nodes) {
    const ops = index.get(node.origin) ?? new Map<string, string>();
    if (ops.has(node.def.name)) doubtful.push([node.origin, node.def.name]);
    ops.set(node.def.name, byNode.get(node)!);
    index.set(node.origin, ops);
  }
  for (const [origin, op] of doubtful) index.get(origin)!.delete(op);
  return index;
}
