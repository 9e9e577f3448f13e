// The instructions of a function. An operand comes before the instruction that takes it, so that a form is what its operands
// are, then itself. Accesses of locals are written last, when their slots are known.

import { Bytes } from "./bytes.js";
import { writeConstant } from "./literals.js";
import { instructions } from "./instructions.js";
import { malformed, type Form, type Item } from "./reader.js";
import type { Access, Region } from "./slots.js";
import { isForm, isName, NO_RESULT, numberOf, typeCode, wholeNumber, wordAt } from "./types.js";

/** What the names in a function stand for. */
export interface Names {
  readonly functions: ReadonlyMap<string, number>;
  readonly globals: ReadonlyMap<string, number>;
  readonly locals: ReadonlyMap<string, number>;
}

/** The instructions of a function, but for those that name locals. */
export interface Body {
  readonly bytes: Bytes;
  readonly accesses: readonly Access[];
}

type List = Pick<Form, "items" | "line">;

const END = 0x0b;
const ELSE = 0x05;

/** `keepsBlocks`: a block that no branch names is a block in the code as well. */
export function bodyOf(instructions: List, names: Names, keepsBlocks: boolean): Body {
  const writer = new BodyWriter(names, keepsBlocks);
  writer.function(instructions);
  return writer;
}

class BodyWriter implements Body {
  readonly bytes = new Bytes();
  readonly accesses: Access[] = [];
  private region: Region = { outer: undefined, isLoop: false, from: 0, to: 0 };
  /** Of the blocks around, the outermost first; empty where one has no name. */
  private readonly labels: string[] = [];

  constructor(
    private readonly names: Names,
    private readonly keepsBlocks: boolean,
  ) {}

  function(list: List): void {
    this.forms(list, 0);
    this.region.to = this.accesses.length;
    this.bytes.byte(END);
  }

  /** The items from one on, which are instructions. */
  private forms({ items, line }: List, from: number): void {
    for (let n = from; n < items.length; n++) {
      const item = items[n]!;
      if (typeof item === "string") malformed(line, `there is an instruction in place of ${item}`);
      this.form(item);
    }
  }

  private form(form: Form): void {
    const { items } = form;
    switch (form.head) {
      case "local.get":
      case "local.set":
      case "local.tee":
        return this.access(form, form.head.slice("local.".length) as Access["kind"]);
      case "global.get":
        return this.indexed(form, 0x23, numberOf("global", this.names.globals, form, wordAt(form, 0)));
      case "global.set":
        return this.indexed(form, 0x24, numberOf("global", this.names.globals, form, wordAt(form, 0)));
      case "call":
        return this.indexed(form, 0x10, numberOf("function", this.names.functions, form, wordAt(form, 0)));
      case "br":
        return this.indexed(form, 0x0c, this.depthOf(form));
      case "br_if":
        return this.indexed(form, 0x0d, this.depthOf(form));
      case "return":
        this.forms(form, 0);
        return this.bytes.byte(0x0f);
      case "block":
        return isName(items[0]) || this.keepsBlocks
          ? this.block(form, 0x02)
          : this.forms(form, typed(items[0]) ? 1 : 0);
      case "loop":
        return this.block(form, 0x03);
      case "if":
        return this.branches(form);
      case "i32.const":
      case "i64.const":
      case "f32.const":
      case "f64.const":
      case "v128.const":
        return writeConstant(form, this.bytes);
      default:
        return this.instruction(form);
    }
  }

  private access(form: Form, kind: Access["kind"]): void {
    const local = numberOf("local", this.names.locals, form, wordAt(form, 0));
    this.forms(form, 1);
    this.accesses.push({ kind, local, at: this.bytes.length, region: this.region });
  }

  /** An instruction that names something by its number, behind its operands. */
  private indexed(form: Form, code: number, index: number): void {
    this.forms(form, 1);
    this.bytes.byte(code);
    this.bytes.unsigned(index);
  }

  /** How many blocks out the label is. */
  private depthOf(form: Form): number {
    const label = wordAt(form, 0);
    const at = this.labels.lastIndexOf(label);
    return at < 0 ? malformed(form.line, `there is a block ${label} around`) : this.labels.length - 1 - at;
  }

  private block(form: Form, code: number): void {
    const { items, head } = form;
    const named = isName(items[0]) ? 1 : 0;
    this.bytes.byte(code);
    const first = named + this.blockType(items[named]);
    this.labels.push(named ? wordAt(form, 0) : "");
    this.inside(head === "loop", form, first);
    this.labels.pop();
    this.bytes.byte(END);
  }

  /** `(if (result t) condition (then …) (else …))`. */
  private branches({ items, line }: Form): void {
    const [condition, yes, no, more] = typed(items[0]) ? items.slice(1) : items;
    if (!isForm(condition) || !isOne(yes, "then") || !(no === undefined || isOne(no, "else")) || more)
      malformed(line, "an if has a condition, what is done then, and perhaps what else");
    this.form(condition);
    this.bytes.byte(0x04);
    this.blockType(items[0]);
    this.labels.push("");
    this.inside(false, yes, 0);
    if (no) {
      this.bytes.byte(ELSE);
      this.inside(false, no, 0);
    }
    this.labels.pop();
    this.bytes.byte(END);
  }

  private inside(isLoop: boolean, form: Form, from: number): void {
    const outer = this.region;
    const count = this.accesses.length;
    this.region = { outer, isLoop, from: count, to: count };
    this.forms(form, from);
    this.region.to = this.accesses.length;
    this.region = outer;
  }

  /** The number of items that say so. */
  private blockType(item: Item | undefined): number {
    const result = typed(item);
    this.bytes.byte(result ? typeCode(result.items[0], result) : NO_RESULT);
    return result ? 1 : 0;
  }

  /** `(name offset=n lane … operand …)`. */
  private instruction(form: Form): void {
    const { head, items, line } = form;
    const { code, align, lanes } = instructions.get(head) ?? malformed(line, `there is an instruction ${head}`);
    const at = items[0];
    const offset = typeof at === "string" && at.startsWith("offset=") ? wholeNumber(at.slice(7), form) : undefined;
    if (offset !== undefined && align === undefined) malformed(line, `${head} has no offset`);
    const first = offset === undefined ? 0 : 1;
    this.forms(form, first + lanes);
    for (let n = 0; n < code.length; n++) this.bytes.byte(code[n]!);
    if (align !== undefined) {
      this.bytes.unsigned(align);
      this.bytes.unsigned(offset ?? 0);
    }
    for (let n = 0; n < lanes; n++) this.bytes.byte(wholeNumber(wordAt(form, first + n), form));
  }
}

const isOne = (item: Item | undefined, head: string): item is Form => isForm(item) && item.head === head;

const typed = (item: Item | undefined): Form | undefined => (isOne(item, "result") ? item : undefined);
