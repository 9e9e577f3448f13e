// A place: one call expression in the user's files, and what its surroundings say about names and visits.

import type { CallSite, Frame } from "../../src/graph/origin.js";

/**
 * What stands at a frame's position: the very name of a call's callee, another part of a callee, the first letter of another
 * node (as for a class, whose fields an engine makes there), or nothing that a frame can mean.
 */
export type Match = "call" | "callee" | "node" | "none";

export interface Place {
  /** Equal for equal call expressions. */
  readonly key: string;
  /** The call in the user's own file. */
  readonly frame: Frame;
  readonly match: Match;
  /** The `const` path that the call's value goes into: "h1", "heads.query", "layers[0]". */
  readonly name: string | undefined;
  /** The call is the whole value of that const, not a part of it. */
  readonly direct: boolean;
  /** The call is the whole value that the enclosing function returns. */
  readonly returned: boolean;
  /** The declaration that the name comes from, or the statement of a call without one. */
  readonly owner: string;
  /** What is called, by its last name: "dense" of `layers.dense(x, 4)`. */
  readonly callee: string | undefined;
  /** The name that the callee was imported by, where it is an import or a member of an imported namespace. */
  readonly imported: { readonly imported: string; readonly from: string } | undefined;
  readonly start: number;
  /** Orders calls of one function body by execution: arguments end before the call that takes them. */
  readonly end: number;
  /** The function (or module) whose body holds the call. */
  readonly body: string;
  /** No function holds the call. */
  readonly topLevel: boolean;
  /** That function is written in place as another call's argument: it may run many times within one visit of it. */
  readonly callback: boolean;
  /** The loops of the body around the call. */
  readonly loops: readonly number[];
  /** The parameters of the function that is written as the call's first argument; none where it is no such function. */
  readonly parameters: readonly ParameterNames[];
}

/** The name of a parameter, or of a list that is taken apart the names of its elements; undefined for what has none. */
export type ParameterNames = string | readonly (string | undefined)[] | undefined;

/** What is known of a definition's files. */
export interface ConstNames {
  /** The place of a stack frame as the engine printed it; undefined for frames outside the definition. */
  readonly place: (frame: Frame) => Place | undefined;
  /** Stacks that the definition runs in: their frames are no part of names, whoever calls it. */
  readonly outside?: readonly Stack[];
  /** Whether the files are those that made the calls. Absent: they are. */
  readonly covers?: (sites: readonly CallSite[]) => boolean;
}

/** Lines of an engine's stack, innermost first. */
export interface Stack {
  readonly lines: readonly string[];
  /** The engine has left out what is further out. */
  readonly cut: boolean;
}
