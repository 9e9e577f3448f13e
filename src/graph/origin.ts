// Where a node comes from: the public call that made it, the part it plays there, and for derived nodes the forward
// node and the rule. The call's stack is kept as the engine printed it; the compiler reads names out of it later.

import type { Reason } from "../scalar/reason.js";
import { applications, type Application } from "./application.js";
import type { Node } from "./node.js";

/** One call of a public function. All nodes that the call makes share the object. */
export interface CallSite {
  /** The public function, as the user wrote it: "dense". */
  readonly call: string;
  /** The engine's stack at the call, innermost frame first, this library's own frames included. */
  readonly stack?: string | undefined;
  /** Rises with every call, so that "the third visit of this line" can be told when the graph's order differs. */
  readonly order?: number | undefined;
  /** The innermost application of a shared layer that the call is a part of. */
  readonly application?: Application | undefined;
}

export interface Origin {
  readonly site: CallSite;
  /** The part a leaf plays in its call ("weight"; "query.bias" in a composed layer), or the name given explicitly. */
  readonly role?: string | undefined;
  readonly name?: string | undefined;
  /**
   * The part that a computed value plays in its call: "gates"; of a part of a part the way to it. Where a call makes several
   * nodes with one such origin, the part is the one that no other of them reads.
   */
  readonly part?: readonly PartName[] | undefined;
  readonly derived?: Derived | undefined;
}

/** A word; or the name that a function of the user's has for something that the call hands to it. */
export type PartName = string | CallbackArgument;

/** Element `element` of the list that is handed in as parameter `parameter` of the call's first argument, a function. */
export interface CallbackArgument {
  readonly parameter: number;
  readonly element: number;
  /** What it is called where no source is to be had. */
  readonly otherwise: string;
}

/** Where a derived node comes from. */
export interface Derived {
  /** The node that it belongs to: of an adjoint the forward node, of a law's result the node that it stands for. */
  readonly of: Node;
  /** By which rule of differentiation, or law. */
  readonly by: Reason;
  readonly kind: DerivedKind;
}

/**
 * What a derived node is to the node that it belongs to: its adjoint, or a summand of that; the derivative of its op; where
 * that is not zero; something that a rule or law computes on the way; the same value by a law; a parameter's or state's next
 * value; the value inside of a region that it is handed to.
 */
export type DerivedKind = "adjoint" | "slope" | "guard" | "part" | "law" | "update" | "capture";

/** How much of a stack is kept: what is longer is cut off at its outer end. */
export const FRAMES = 24;

let calls = 0;

/** Records the call of a public function. */
export function callSite(call: string): CallSite {
  const engine = Error as { stackTraceLimit?: number };
  const before = engine.stackTraceLimit;
  engine.stackTraceLimit = FRAMES;
  const here = new Error();
  if (before !== undefined) engine.stackTraceLimit = before;
  return Object.freeze({
    call,
    order: calls++,
    application: applications().at(-1),
    // Engines print a stack when it is first asked for, and most never are.
    get stack() {
      return here.stack;
    },
  });
}

export const originOf = (site: CallSite, role?: string, name?: string): Origin => Object.freeze({ site, role, name });

export const derivedOrigin = (of: Node, by: Reason, kind: DerivedKind): Origin =>
  Object.freeze({ site: of.origin.site, derived: Object.freeze({ of, by, kind }) });

/** The origin of a part of what `origin` stands for: `part(origin, "gates")`. Leaves have roles, computed values parts. */
export const part = (origin: Origin, ...names: readonly PartName[]): Origin =>
  Object.freeze({ ...origin, part: Object.freeze([...(origin.part ?? []), ...names]) });

/** The origin of a part beside the one that `origin` stands for: `norm1.mean` beside `norm1.normalized`. */
export const beside = (origin: Origin, name: PartName): Origin =>
  Object.freeze({ ...origin, part: Object.freeze([...(origin.part ?? []).slice(0, -1), name]) });

/**
 * This library's own folders, so that its frames can be told from the user's. A build puts every chunk directly into one
 * folder, whatever its name: that of the chunk that holds this module. Among the sources they are `src/` and `compiler/`
 * (`test/` and `examples/` beside them are users).
 */
const OWN: readonly string[] = ownFolders(import.meta.url);

/** The folders of the library whose copy of this module has the address `url`; each ends with a slash. */
export function ownFolders(url: string): readonly string[] {
  const folder = pathOf(url).replace(/[^/]*$/, "");
  const root = /^(.*\/)src\/graph\/$/.exec(folder)?.[1];
  return root === undefined ? [folder] : [`${root}src/`, `${root}compiler/`];
}

/** Engines print addresses of modules escaped, and paths as they are. */
function pathOf(place: string): string {
  return place.startsWith("file://") ? decodeURIComponent(place.slice("file://".length)) : place;
}

export interface Frame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The user's frames of a call, innermost first: the library's own, the runtime's and those without a place are left out. */
export function userFrames(site: CallSite): Frame[] {
  const frames: Frame[] = [];
  for (const line of (site.stack ?? "").split("\n")) {
    const match = /(?:\(|at |@)((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:[\\/])[^()]*?):(\d+):(\d+)\)?$/.exec(line);
    if (!match) continue;
    const file = pathOf(match[1]!);
    if (
      OWN.some((folder) => file.startsWith(folder)) ||
      file.startsWith("node:") ||
      /[\\/]node_modules[\\/](?!\.cache[\\/])/.test(file)
    )
      continue;
    frames.push({ file, line: Number(match[2]), column: Number(match[3]) });
  }
  return frames;
}
