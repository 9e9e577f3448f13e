// What a module declares: the numbers of its functions, globals and types, and the entries of the sections that say so
// (https://webassembly.github.io/spec/core/binary/modules.html).

import { Bytes } from "./bytes.js";
import { codeOf, type ModuleNames } from "./code.js";
import { stringOf, writeConstant } from "./literals.js";
import { malformed, type Form, type Item } from "./reader.js";
import { isForm, numberOf, signatureOf, typeCode, wholeNumber, wordAt, type Signature } from "./types.js";

/** Kinds of what is imported and exported. */
const KINDS: Readonly<Record<string, number>> = { func: 0, memory: 2, global: 3 };

/** The entries of a function in three sections. */
export interface FunctionEntries {
  readonly type: Bytes;
  readonly exports: readonly Bytes[];
  readonly code: Bytes;
}

/** What is imported is declared first: its numbers come first. */
export class Declarations implements ModuleNames {
  readonly functions = new Map<string, number>();
  readonly globals = new Map<string, number>();
  /** Types of functions by what they take and give. */
  private readonly signatures = new Map<string, { readonly number: number; readonly signature: Signature }>();

  /** Gives a function or a global the next number. */
  name(kind: "functions" | "globals", name: string | undefined, line: number): void {
    const names = this[kind];
    if (!name?.startsWith("$") || names.has(name)) malformed(line, `${name} is the name of one of the ${kind}`);
    names.set(name, names.size);
  }

  /** `(import "module" "name" (global $name type))`; so functions, and memories with a least and a most number of pages. */
  imported(form: Form): Bytes {
    const what = formAt(form, 2);
    const entry = new Bytes();
    for (const n of [0, 1]) entry.sized(stringOf(form, n));
    entry.byte(KINDS[what.head] ?? malformed(form.line, `${what.head} cannot be imported`));
    if (what.head === "memory") {
      entry.byte(1);
      for (const n of [0, 1]) entry.unsigned(wholeNumber(wordAt(what, n), what));
      return entry;
    }
    this.name(what.head === "func" ? "functions" : "globals", wordAt(what, 0), what.line);
    if (what.head === "func") entry.unsigned(this.typeOf(what));
    else {
      entry.byte(typeCode(what.items[1], what));
      entry.byte(0);
    }
    return entry;
  }

  /** `(global $name type constant)`, or `(mut type)`. */
  global(form: Form): Bytes {
    this.name("globals", wordAt(form, 0), form.line);
    const type = form.items[1];
    const entry = new Bytes();
    entry.byte(typeCode(isForm(type) ? type.items[0] : type, form));
    entry.byte(isForm(type) ? 1 : 0);
    writeInitial(formAt(form, 2), entry);
    return entry;
  }

  /** A function that has its number. `asWritten`: its instructions are those of the text, one for one. */
  function(form: Form, asWritten: boolean): FunctionEntries {
    const type = new Bytes();
    type.unsigned(this.typeOf(form));
    const exports = form.items.filter(isExport).map((exported) => {
      const entry = new Bytes();
      entry.sized(stringOf(exported, 0));
      entry.byte(KINDS["func"]!);
      entry.unsigned(numberOf("function", this.functions, form, wordAt(form, 0)));
      return entry;
    });
    const code = new Bytes();
    code.sized(codeOf(form, this, asWritten));
    return { type, exports, code };
  }

  /** The types of all functions that were declared. */
  types(): Bytes[] {
    return [...this.signatures.values()].map(({ signature: { parameters, results } }) => {
      const entry = new Bytes();
      entry.byte(0x60);
      entry.vector(parameters, (type) => entry.byte(type));
      entry.vector(results, (type) => entry.byte(type));
      return entry;
    });
  }

  private typeOf({ items }: Form): number {
    const signature = signatureOf(items);
    const key = `${signature.parameters.join()} > ${signature.results.join()}`;
    const known = this.signatures.get(key) ?? { number: this.signatures.size, signature };
    this.signatures.set(key, known);
    return known.number;
  }
}

/** `(data constant "bytes")`, the constant being where they lie. */
export function dataEntry(form: Form): Bytes {
  const entry = new Bytes();
  entry.byte(0);
  writeInitial(formAt(form, 0), entry);
  entry.sized(stringOf(form, 1));
  return entry;
}

function writeInitial(constant: Form, to: Bytes): void {
  writeConstant(constant, to);
  to.byte(0x0b);
}

const isExport = (item: Item): item is Form => isForm(item) && item.head === "export";

function formAt({ head, items, line }: Form, n: number): Form {
  const item = items[n];
  return isForm(item) ? item : malformed(line, `item ${n + 1} of ${head} is a form`);
}
