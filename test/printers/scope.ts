// Lines of a function while they are written, and what nodes are called in it.

import type { Node } from "../../src/graph/node.js";

const WORDS =
  "break case catch class const continue debugger default delete do else enum export extends false finally for function if import in " +
  "instanceof new null return super switch this throw true try typeof var void while with yield let static await async arguments eval " +
  "undefined NaN Infinity Math Float64Array rows turn time constants runtime " +
  "hash erf roundHalfEven sigmoid uniform";

export class Scope {
  private readonly names = new Map<Node, string>();
  private readonly tuples = new Map<Node, readonly string[]>();
  private constructor(
    readonly nameOf: (node: Node) => string,
    private readonly lines: string[],
    private readonly taken: Set<string>,
    private indent: string,
    private readonly outer?: Scope,
  ) {}

  static of(nameOf: (node: Node) => string, reserved: Iterable<string> = []): Scope {
    return new Scope(nameOf, [], new Set([...WORDS.split(" "), ...reserved]), "  ");
  }

  /** A scope within this one, whose lines follow. */
  inner(): Scope {
    return new Scope(this.nameOf, this.lines, this.taken, this.indent, this);
  }

  get text(): string {
    return this.lines.join("\n");
  }

  put(line: string): void {
    this.lines.push(this.indent + line);
  }

  block(head: string, body: () => void): void {
    this.put(`${head} {`);
    this.indent += "  ";
    body();
    this.indent = this.indent.slice(2);
    this.put("}");
  }

  loops(extents: readonly string[], body: () => void, first = 0): void {
    const [extent, ...rest] = extents;
    if (extent === undefined) return body();
    const i = `i${first}`;
    this.block(`for (let ${i} = 0; ${i} < ${extent}; ${i}++)`, () => this.loops(rest, body, first + 1));
  }

  /** An identifier like the name. */
  unique(name: string): string {
    const plain = identifier(name);
    let text = plain;
    for (let i = 2; this.taken.has(text) || /^i\d+$/.test(text); i++) text = `${plain}_${i}`;
    this.taken.add(text);
    return text;
  }

  let(name: string, text: string): string {
    const made = this.unique(name);
    this.put(`const ${made} = ${text};`);
    return made;
  }

  declare(node: Node, text: string): string {
    const name = this.let(this.nameOf(node), text);
    this.names.set(node, name);
    return name;
  }

  set(node: Node, text: string): void {
    this.names.set(node, text);
  }

  has(node: Node): boolean {
    return this.names.has(node) || this.tuples.has(node) || (this.outer?.has(node) ?? false);
  }

  get(node: Node): string {
    const name = this.names.get(node) ?? this.outer?.get(node);
    if (name === undefined) throw new Error(`${this.nameOf(node)} is computed before it is read`);
    return name;
  }

  results(tuple: Node): readonly string[] {
    return this.tuples.get(tuple) ?? this.outer!.results(tuple);
  }

  setResults(tuple: Node, names: readonly string[]): void {
    this.tuples.set(tuple, names);
  }
}

export const identifier = (name: string): string => {
  const text = name.replace(/[^\p{L}\p{N}_$]+/gu, "_").replace(/^_+|_+$/g, "");
  return /^[\p{L}_$]/u.test(text) ? text : `_${text}`;
};
