// What a node is called before it is told apart from others of that name.
//
// A derived node is called after the node that it belongs to, over as many steps as it takes: `δh1` the adjoint of h1, `h1`
// what a law made of it, `h1.slope` the derivative of its op, `w.next` the next value of w. Only adjoints are called δ.

import type { Node } from "../../src/graph/node.js";
import type { DerivedKind } from "../../src/graph/origin.js";

export interface Base {
  readonly text: string;
  /** The declared node whose value it is, where it is one's. */
  readonly source: Node | undefined;
}

/** What is known of declared nodes, and of nodes that were named before. */
export interface Known {
  /** The name of a declared node, whatever it was rebuilt to. */
  readonly declared: (node: Node) => string | undefined;
  /** The name that a node of the same graph was given. */
  readonly given?: (node: Node) => string | undefined;
  /** Of a node that is neither declared nor derived. */
  readonly otherwise: (node: Node) => string;
  /** The words of the node's part, if it plays one. */
  readonly words: (node: Node) => string | undefined;
  /** Is it a step on the way to another node of its origin? */
  readonly isInner: (node: Node) => boolean;
}

type Suffix = (node: Node) => string;

const SUFFIXES: Readonly<Record<DerivedKind, Suffix>> = {
  adjoint: () => "",
  law: () => "",
  capture: () => "",
  slope: () => ".slope",
  guard: () => ".guard",
  part: ({ def }) => `.${def.name}`,
  update: () => ".next",
};

/** Those are about the value itself. Of others, such as the slope at an adjoint, no adjoint is a part of the name. */
const IS_VALUE: ReadonlySet<DerivedKind> = new Set(["adjoint", "law", "capture"]);

export function baseOf(node: Node, { declared, given, otherwise, words, isInner }: Known): Base {
  let suffix = "";
  let marks = "";
  let counts = true;
  let isSame = true;
  let at = node;
  for (;;) {
    const own = declared(at) ?? (at === node ? undefined : given?.(at));
    if (own !== undefined) return { text: marks + own + suffix, source: isSame ? at : undefined };
    const { derived } = at.origin;
    if (!derived) return { text: marks + otherwise(at) + suffix, source: undefined };
    const { kind, of } = derived;
    const part = words(at);
    const step = kind === "update" && isInner(at) ? `.${at.def.name}` : "";
    suffix = (part === undefined ? SUFFIXES[kind](at) : `.${part}`) + step + suffix;
    if (kind === "adjoint" && counts) marks += "δ";
    counts &&= IS_VALUE.has(kind);
    isSame &&= (kind === "law" || kind === "capture") && part === undefined;
    at = of;
  }
}
