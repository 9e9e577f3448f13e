// A function's code: its locals, and its instructions with those of locals among them.

import { Bytes } from "./bytes.js";
import { folded } from "./constants.js";
import { bodyOf, type Body } from "./function.js";
import { malformed, type Form, type Item } from "./reader.js";
import { slotsOf, type Access, type Slots } from "./slots.js";
import { isForm, isName, typeCode, wordAt } from "./types.js";

/** What the names around functions stand for. */
export interface ModuleNames {
  readonly functions: ReadonlyMap<string, number>;
  readonly globals: ReadonlyMap<string, number>;
}

/** `(func $name (export "name") (param $x i32) (result i32) (local $y i32) instruction …)`. `asWritten`: one for one. */
export function codeOf(form: Form, names: ModuleNames, asWritten: boolean): Bytes {
  const { locals, types, instructions } = declaredIn(form);
  const items = asWritten ? instructions : instructions.map((item) => (isForm(item) ? folded(item) : item));
  const body = bodyOf({ items, line: form.line }, { ...names, locals }, asWritten);
  const slots = asWritten
    ? { of: [...locals.values()], types }
    : slotsOf(body.accesses, locals.size - types.length, types);
  const bytes = new Bytes();
  bytes.vector(runsOf(slots.types), ({ type, count }) => {
    bytes.unsigned(count);
    bytes.byte(typeCode(type, form));
  });
  writeBody(body, slots, asWritten, bytes);
  return bytes;
}

interface Declared {
  /** The numbers of locals by name; parameters come first. */
  readonly locals: ReadonlyMap<string, number>;
  /** The types of those that are no parameters. */
  readonly types: readonly string[];
  readonly instructions: readonly Item[];
}

const HEADS: ReadonlySet<string> = new Set(["export", "param", "result", "local"]);

function declaredIn({ items, line }: Form): Declared {
  const locals = new Map<string, number>();
  const types: string[] = [];
  const first = items.findIndex((item, n) => n > 0 && !(isForm(item) && HEADS.has(item.head)));
  const head = first < 0 ? items : items.slice(0, first);
  for (const item of head) {
    if (!isForm(item) || (item.head !== "param" && item.head !== "local")) continue;
    const name = wordAt(item, 0);
    if (!isName(name) || item.items.length !== 2 || locals.has(name))
      malformed(line, `${name} is the name of one local`);
    locals.set(name, locals.size);
    if (item.head === "local") types.push(wordAt(item, 1));
  }
  return { locals, types, instructions: items.slice(head.length) };
}

/** How many of the same type stand next to one another. */
function runsOf(types: readonly string[]): { readonly type: string; count: number }[] {
  const runs: { readonly type: string; count: number }[] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  return runs;
}

const CODES = { get: 0x20, set: 0x21, tee: 0x22 } as const;

/** The instructions. A slot that is set to what it holds is left out, unless all are as they were written. */
function writeBody({ bytes, accesses }: Body, slots: Slots, asWritten: boolean, to: Bytes): void {
  const slotOf = ({ local }: Access): number => slots.of[local]!;
  let from = 0;
  for (let n = 0; n < accesses.length; n++) {
    const access = accesses[n]!;
    to.append(bytes, from, access.at);
    from = access.at;
    if (!asWritten && isCopied(access, accesses[n + 1]) && slotOf(access) === slotOf(accesses[n + 1]!)) n++;
    else {
      to.byte(CODES[access.kind]);
      to.unsigned(slotOf(access));
    }
  }
  to.append(bytes, from);
}

/** Is the value that is got here what is set next? */
const isCopied = (access: Access, next: Access | undefined): boolean =>
  access.kind === "get" && next?.kind === "set" && next.at === access.at;
