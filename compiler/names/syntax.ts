// A syntax tree as far as names need it. The reader knows these few kinds of nodes; each parser has one adapter that makes
// them, and says nothing about what a name is. Positions are offsets of UTF-16 units into the file's text.

import type { ParameterNames } from "./place.js";

interface Part {
  readonly start: number;
  readonly end: number;
  readonly parent: SyntaxNode | undefined;
}

/** `f(x)`, `new F(x)` and `` f`x` ``. */
export interface Call extends Part {
  readonly kind: "call";
  readonly form: "call" | "new" | "tag";
  readonly callee: SyntaxNode;
  /** The parameters of the function that is written as the first argument; none where it is no such function. */
  readonly parameters: readonly ParameterNames[];
}

/** An identifier or a private name, which has no `#` here. */
export interface Name extends Part {
  readonly kind: "name";
  readonly text: string;
}

/** `object.property`; `object[key]` is an `inner` node. */
export interface Member extends Part {
  readonly kind: "member";
  readonly object: SyntaxNode;
  readonly property: Name;
}

/** What an expression stands in without being another: parentheses, `as`, `satisfies`, `!`. */
export interface Group extends Part {
  readonly kind: "group";
  readonly expression: SyntaxNode;
}

/** `a ? b : c`. */
export interface Conditional extends Part {
  readonly kind: "conditional";
  readonly test: SyntaxNode;
}

/** What gives its value a name: a variable, a parameter with its default, or a field of a class. */
export interface Binding extends Part {
  readonly kind: "binding";
  /** The first name that a pattern binds; undefined where there is none, as of a computed key. */
  readonly name: string | undefined;
  /** The name takes the whole value, and not a part of it. */
  readonly whole: boolean;
  /** Of a class: its value is made when an object is. */
  readonly field: boolean;
}

/** `a = b` with any operator of assignment. */
export interface Assignment extends Part {
  readonly kind: "assignment";
  /** Of a plain variable, or the last name of a member. */
  readonly name: string | undefined;
  readonly value: SyntaxNode;
}

/** `key: value` in an object. */
export interface Property extends Part {
  readonly kind: "property";
  readonly key: string | undefined;
}

/** `[a, b]`; where there is nothing between commas, an element is undefined. */
export interface List extends Part {
  readonly kind: "list";
  readonly elements: readonly (SyntaxNode | undefined)[];
}

/** Kinds that say all by themselves. */
interface Plain extends Part {
  readonly kind:
    /** An expression that computes with the values of its parts. */
    | "inner"
    | "await"
    | "return"
    /** A function that is not an arrow, a method, an accessor, a static block. */
    | "function"
    | "arrow"
    | "loop"
    | "other";
}

export type SyntaxNode = Call | Name | Member | Group | Conditional | Binding | Assignment | Property | List | Plain;

/** A name that a file imports. */
export interface Import {
  readonly local: string;
  /** "*" for a namespace. */
  readonly imported: string;
  readonly from: string;
}

export interface SyntaxFile {
  /** Calls around others come first. */
  readonly calls: readonly Call[];
  /** Where nodes begin, types apart. */
  readonly starts: ReadonlySet<number>;
  readonly imports: readonly Import[];
}

/** Makes the file of a text. The path says which language it is. May throw where the text is of none. */
export type Parse = (path: string, text: string) => SyntaxFile;

export type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A node before its parts are known, whose parts need it as their parent. */
export type Open<K extends SyntaxNode["kind"]> = Writable<Extract<SyntaxNode, { readonly kind: K }>>;

/** Collects what a file's adapter finds on its way. */
export interface Collected {
  readonly calls: Call[];
  readonly starts: Set<number>;
  readonly imports: Import[];
}

export const collected = (): Collected => ({ calls: [], starts: new Set(), imports: [] });
