// A rewrite, as data: one line that states it.

import type { Node } from "../../src/graph/node.js";
import type { OpDef } from "../../src/graph/op.js";
import type { Origin } from "../../src/graph/origin.js";
import type { Reason, ReasonClass } from "../../src/scalar/reason.js";
import { texOfStatement } from "../../src/scalar/statement.js";

/** Where a law is tried. */
export interface Place {
  /** For the nodes that the law makes. */
  readonly origin: Origin;
  /** Must the law not look through this node? */
  readonly isOpaque: (node: Node) => boolean;
  /** Has the node another use than the one at hand? Then what is made in its place is computed beside it. */
  readonly isShared: (node: Node) => boolean;
}

export interface Law extends Reason {
  /** What it says, as text: "x + 0 = x". Its LaTeX is made of it. */
  readonly statement: string;
  /** The ops at its root; absent: any. */
  readonly ops?: readonly OpDef[];
  /** It asks for uses, so equal nodes must have been merged before. */
  readonly asksForUses?: boolean;
  /** An equal node, or undefined where the law does not apply. Inputs are simplified already. */
  readonly rewrite: (node: Node, place: Place) => Node | undefined;
}

/** An id, and where readers know the law by a name of its own, that as its title. */
export type LawName = string | { readonly id: string; readonly title: string };

/** A law of that class: a rewrite of a node of one of these ops. Anything but a node means that it does not apply. */
const ofClass =
  (of: ReasonClass) =>
  (
    name: LawName,
    statement: string,
    ops: readonly OpDef[] | OpDef | "any",
    rewrite: (node: Node, place: Place) => Node | false | null | undefined,
  ): Law => {
    const { id, title } = typeof name === "string" ? { id: name, title: statement } : name;
    return Object.freeze({
      id,
      title,
      get tex() {
        return texOfStatement(statement);
      },
      class: of,
      statement,
      ...(ops === "any" ? {} : { ops: Array.isArray(ops) ? (ops as readonly OpDef[]) : [ops as OpDef] }),
      rewrite: (node: Node, place: Place) => rewrite(node, place) || undefined,
    });
  };

export const algebra = ofClass("algebra");
export const stability = ofClass("stability");
export const housekeeping = ofClass("housekeeping");
export const size = ofClass("size");
export const memory = ofClass("memory");

/** A law that makes work twice unless its operand has no other use. */
export const ofOnlyUse = (law: Law): Law => Object.freeze({ ...law, asksForUses: true });
