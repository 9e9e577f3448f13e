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

/** A line's end, a comment on one line, or a token; anything else that is not layout, by itself. */
const TOKEN = /\n|\(;.*?;\)|[()]|"[^"\n]*"|[^\s()";]+|\S/g;

/** The forms of the text `(module …)`. Throws where it is something else, or parentheses do not match. */
export function partsOf(text: string): readonly Part[] {
  // All at once: an iterator over matches takes several times as long.
  const tokens: readonly string[] = text.match(TOKEN) ?? [];
  const parts: Part[] = [];
  let line = 1;
  let depth = 0;
  let began = false;
  let [first, from] = [0, 0];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (token === "(") {
      if (depth === 0 && (began || tokens[++at] !== "module")) malformed(line, "the text is one module");
      began = true;
      if (depth++ === 1) [first, from] = [at + 1, line];
    } else if (token === ")") {
      if (--depth === 1) parts.push(partOf(tokens, first, from));
      else if (depth < 0) malformed(line, "nothing is open here");
    } else if (token === "\n") line++;
    else if (depth < 2 && !token.startsWith("(;")) malformed(line, `${token} is no form of a module`);
  }
  if (depth > 0 || !began) malformed(line, "what is open is closed");
  return parts;
}

function partOf(tokens: readonly string[], first: number, line: number): Part {
  const name = tokens[first + 1] ?? "";
  return {
    head: tokens[first]!,
    name: name.startsWith("$") ? name : undefined,
    line,
    read: () => formOf(tokens, first, line),
  };
}

interface Open {
  readonly head: string;
  readonly items: Item[];
  readonly line: number;
}

/** The form whose first word is at a place. A word follows its parenthesis at once. */
function formOf(tokens: readonly string[], first: number, from: number): Form {
  const around: Open[] = [];
  let line = from;
  let form = opened(tokens[first]!, line);
  for (let at = first + 1; ; at++) {
    const token = tokens[at]!;
    if (token === "(") {
      around.push(form);
      form = opened(tokens[++at]!, line);
    } else if (token === ")") {
      const outer = around.pop();
      if (!outer) return form;
      outer.items.push(form);
      form = outer;
    } else if (token === "\n") line++;
    else if (token === '"' || token === ";") malformed(line, `no token begins with ${token}`);
    else if (!token.startsWith("(;")) form.items.push(token);
  }
}

function opened(head: string, line: number): Open {
  if (!/^[a-z]/.test(head)) malformed(line, "a form begins with a word");
  return { head, items: [], line };
}
