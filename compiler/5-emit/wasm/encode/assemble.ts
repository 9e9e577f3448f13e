// WebAssembly text to bytes: the part of the text format that this target prints, with operands inside their instructions.
// What it makes better on the way is what makes modules small: integers that are known, blocks that nothing branches to, locals
// that can share a slot.

import { Bytes } from "./bytes.js";
import { dataEntry, Declarations } from "./module.js";
import { malformed, partsOf, type Part } from "./reader.js";

export interface AssembleOptions {
  /** Does the module say what its functions are called? Profilers read it. Default false. */
  readonly names?: boolean;
  /** The instructions and locals of the text, one for one. Default false. */
  readonly asWritten?: boolean;
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

const HEADS: ReadonlySet<string> = new Set(["import", "global", "func", "data"]);

/**
 * The bytes of a module, the same for the same text.
 * @throws Where the text is not what this target prints: that is a bug of ours. Whether types fit is not looked at.
 * @example assemble(`(module (func $one (export "one") (result i32) (i32.const 1)))`)
 */
export function assemble(
  text: string,
  { names = false, asWritten = false }: AssembleOptions = {},
): Uint8Array<ArrayBuffer> {
  const parts = partsOf(text);
  for (const { head, line } of parts) if (!HEADS.has(head)) malformed(line, `a module has no ${head}`);
  const all = (head: string): readonly Part[] => parts.filter((part) => part.head === head);
  const declared = new Declarations();
  const imports = all("import").map(({ read }) => declared.imported(read()));
  const globals = all("global").map(({ read }) => declared.global(read()));
  // A function may call one that comes later.
  for (const { name, line } of all("func")) declared.name("functions", name, line);
  const functions = all("func").map(({ read }) => declared.function(read(), asWritten));

  /** By their numbers, those with no entry left out. */
  const sections: readonly (readonly [number: number, entries: readonly Bytes[]])[] = [
    [1, declared.types()],
    [2, imports],
    [3, functions.map(({ type }) => type)],
    [6, globals],
    [7, functions.flatMap(({ exports }) => exports)],
    [10, functions.map(({ code }) => code)],
    [11, all("data").map(({ read }) => dataEntry(read()))],
  ];
  const bytes = new Bytes();
  for (const byte of MAGIC) bytes.byte(byte);
  for (const [number, entries] of sections) {
    if (entries.length === 0) continue;
    const content = new Bytes();
    content.vector(entries, (entry) => content.append(entry));
    bytes.byte(number);
    bytes.sized(content);
  }
  if (names) writeNames(declared.functions, bytes);
  return bytes.toArray();
}

/** A custom section (https://webassembly.github.io/spec/core/appendix/custom.html#name-section), with functions alone. */
function writeNames(functions: ReadonlyMap<string, number>, to: Bytes): void {
  const list = new Bytes();
  list.vector([...functions], ([name, number]) => {
    list.unsigned(number);
    list.sized(textBytes(name.slice(1)));
  });
  const content = new Bytes();
  content.sized(textBytes("name"));
  content.byte(1);
  content.sized(list);
  to.byte(0);
  to.sized(content);
}

function textBytes(text: string): Bytes {
  const bytes = new Bytes();
  for (const byte of new TextEncoder().encode(text)) bytes.byte(byte);
  return bytes;
}
