// WebAssembly text as forms, `(head item item …)`. It knows parentheses, words, strings and comments `(; … ;)`.

import { invariant } from "../../../../src/messages.js";

/** `(head item item …)`. Words and strings stay as they are written, strings with their quotes. */
export interface Form {
  readonly head: string;
  readonly items: readonly Item[];
  /** The line that it begins in, from 1 on. */
  readonly line: number;
}

export type Item = string | Form;

/** A form of a module. It is read when it is needed: trees of all functions at once are much to collect. */
export interface Part {
  readonly head: string;
  /** `$name`, where it begins with one. */
  readonly name: string | undefined;
  readonly line: number;
  readonly read: () => Form;
}

/** The text is not what the encoder knows: a bug of ours. `line`: from 1 on. */
export function malformed(line: number, why: string): never {
  invariant(false, `the WebAssembly text is well formed: line ${line}: ${why}`);
}

/** The forms of the text `(module …)`. Throws where it is something else, or parentheses do not match. */
export function partsOf(text: string): readonly Part[] {
  const tokens = new Tokens(text);
  if (tokens.next() !== "(" || tokens.next() !== "module") malformed(tokens.line, "the text is a module");
  const parts: Part[] = [];
  for (let token = tokens.next(); token !== ")"; token = tokens.next()) {
    if (token !== "(") malformed(tokens.line, `${token} is no form of a module`);
    const begin = tokens.copy();
    const head = tokens.next();
    if (head === "(" || head === ")") malformed(begin.line, "a form begins with a word");
    const first = tokens.copy().next();
    for (let depth = 1; depth > 0;) {
      const inner = tokens.next();
      if (inner === "(") depth++;
      else if (inner === ")") depth--;
    }
    parts.push({
      head,
      name: first.startsWith("$") ? first : undefined,
      line: begin.line,
      read: () => formOf(begin.copy()),
    });
  }
  if (!tokens.ended()) malformed(tokens.line, `${tokens.next()} follows the module`);
  return parts;
}

interface Open {
  readonly items: Item[];
  readonly line: number;
}

/** The form that has just begun. */
function formOf(tokens: Tokens): Form {
  const around: Open[] = [];
  let open: Open = { items: [], line: tokens.line };
  for (;;) {
    const token = tokens.next();
    if (token === "(") {
      around.push(open);
      open = { items: [], line: tokens.line };
    } else if (token === ")") {
      const [head] = open.items;
      if (typeof head !== "string") malformed(open.line, "a form begins with a word");
      const form: Form = { head, items: open.items.slice(1), line: open.line };
      const outer = around.pop();
      if (!outer) return form;
      outer.items.push(form);
      open = outer;
    } else open.items.push(token);
  }
}

/** A line's end, a comment or a token; anything else that is not layout, by itself. */
const TOKEN = /\n|\(;.*?;\)|[()]|"[^"]*"|[^\s()";]+|\S/gs;

/** The tokens, one after the other. */
class Tokens {
  private readonly all: readonly string[];
  private at = 0;
  line = 1;

  constructor(text: string | readonly string[]) {
    // All at once: an iterator over matches takes several times as long.
    this.all = typeof text === "string" ? (text.match(TOKEN) ?? []) : text;
  }

  copy(): Tokens {
    const same = new Tokens(this.all);
    same.at = this.at;
    same.line = this.line;
    return same;
  }

  next(): string {
    this.skip();
    const token = this.all[this.at++];
    if (token === undefined) malformed(this.line, "what is open is closed");
    if (token === '"' || token === ";") malformed(this.line, `no token begins with ${token}`);
    return token;
  }

  ended(): boolean {
    this.skip();
    return this.at === this.all.length;
  }

  /** Over line ends and comments. */
  private skip(): void {
    for (; ; this.at++) {
      const token = this.all[this.at];
      if (token === "\n") this.line++;
      else if (token?.startsWith("(;")) this.line += token.split("\n").length - 1;
      else return;
    }
  }
}
