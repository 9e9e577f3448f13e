// The members of an emitted model as one list: what the interface says of each, and how the object has it.

import type CodeBlockWriter from "code-block-writer";
import { MEMBERS, VIEW_GROUPS, type MemberName, type ViewGroup } from "../../../src/graph/members.js";
import { sizeOf, type Dim } from "../../../src/graph/shape.js";
import { bytesPerElement } from "../../ir/layout.js";
import type { EntrySpec, HyperView } from "../../ir/module.js";
import { rowsOfStates } from "../../ir/module.js";
import type { Program } from "../../ir/program.js";
import { literal, numeral, property } from "../identifier.js";
import { callable, offsetIn, type ModuleContext, type Target } from "./target.js";
import { partsIn, viewsIn, writeGroupType, writeGroupValue } from "./views.js";

type Write = (writer: CodeBlockWriter) => void;

export interface Member {
  readonly name: string;
  readonly doc: string;
  /** As the interface declares it, without its end: `readonly seed: number`. */
  readonly type: Write;
  /** As the object has it, without the comma. */
  readonly value: Write;
}

/** Every member, in the order of the interface. */
export function membersOf(context: ModuleContext, target: Target): readonly Member[] {
  const groups = VIEW_GROUPS.flatMap((group) => viewGroup(group, context));
  const { spec, seed, reset, dispose } = fixed(target);
  const again = context.spec.entries.find(({ name }) => name === "resetCarries");
  const own = Object.entries(target.members ?? {}).map(([name, member]) => documented(name as MemberName, member));
  return [
    spec,
    ...groups,
    ...context.spec.hypers.map((hyper) => hyperMember(hyper, context)),
    ...callable(context.spec).map((entry) => entryMember(entry, context, target)),
    ...own,
    seed,
    ...(again ? [resetCarries(again.program, context, target)] : []),
    reset,
    dispose,
  ];
}

const resetCarries = (program: Program, { spec }: ModuleContext, target: Target): Member =>
  documented("resetCarries", {
    type: (writer) => void writer.write("resetCarries(): void"),
    value: (writer) =>
      block(writer, "resetCarries()", () => {
        writer.writeLine(ALIVE);
        target.writeRun(writer, program, rowsOfStates(spec));
      }),
  });

const documented = (name: MemberName, member: Pick<Member, "type" | "value">): Member => ({
  name,
  doc: MEMBERS[name],
  ...member,
});

/** What neither the network's declaration nor the target decides. */
function fixed(target: Target) {
  const line =
    (text: string): Write =>
    (writer) =>
      void writer.write(text);
  return {
    spec: documented("spec", { type: line("readonly spec: typeof spec"), value: line("spec") }),
    seed: documented("seed", {
      type: line("readonly seed: number"),
      value: (writer) => block(writer, "get seed()", () => writer.writeLine("return seed;")),
    }),
    reset: documented("reset", {
      type: line("reset(seed?: number): void"),
      value: (writer) =>
        block(writer, "reset(next = seed)", () => {
          writer.writeLine(ALIVE);
          writer.writeLine(`seed = seedOf(next);`);
          writer.writeLine(`initialize();`);
        }),
    }),
    dispose: documented("dispose", {
      type: line("dispose(): void"),
      value: (writer) =>
        block(writer, "dispose()", () => {
          if (target.writeDispose) {
            writer.write(`if (!disposed)`).block(() => target.writeDispose!(writer));
          }
          writer.writeLine(`disposed = true;`);
        }),
    }),
  } satisfies Record<Exclude<MemberName, ViewGroup | TargetMember | CarryMember>, Member>;
}

/** Members that some targets have: their names are taken on all. */
export type TargetMember = "threads";

/** Members of models that carry something from call to call. */
export type CarryMember = "resetCarries";

function viewGroup(group: ViewGroup, context: ModuleContext): Member[] {
  const views = viewsIn(context.spec)[group];
  if (views === undefined) return [];
  const parts = partsIn(group, views);
  const member = documented(group, {
    type: (writer) => writeGroupType(writer.write(`readonly ${group}: `), parts, context.floats),
    value: (writer) => writeGroupValue(writer.write(`${group}: `), parts, context),
  });
  return [member];
}

/** The model has its memory still, and was not disposed of. */
const ALIVE = "alive(disposed, f.length);";

function hyperMember({ name, initial, buffer, range }: HyperView, { plan }: ModuleContext): Member {
  const place = plan.persistent.find((each) => each.buffer === buffer)!;
  const element = `f[${place.offset / bytesPerElement("float32", plan.float)}]`;
  const bounds = [range.least, range.below].map((bound) => (bound === undefined ? "" : `, ${numeral(bound)}`));
  const [least, below] = range.below === undefined ? [bounds[0]!, ""] : [bounds[0] || ", -Infinity", bounds[1]!];
  return {
    name,
    doc: `${numeral(initial)} at first; may be changed between steps, to ${rangeText(range)}.`,
    type: (writer) => void writer.write(`${property(name)}: number`),
    value: (writer) => {
      block(writer, `get ${property(name)}()`, () => writer.writeLine(`return ${element}!;`));
      writer.write(",").newLine();
      block(writer, `set ${property(name)}(value)`, () => {
        writer.writeLine(ALIVE);
        writer.writeLine(`${element} = finite(${literal(name)}, value${least}${below});`);
      });
    },
  };
}

/** `a finite number of at least 0`. */
function rangeText({ least, below }: HyperView["range"]): string {
  const parts = [
    ...(least === undefined ? [] : [`of at least ${numeral(least)}`]),
    ...(below === undefined ? [] : [`below ${numeral(below)}`]),
  ];
  return ["a finite number", parts.join(" and ")].filter((part) => part !== "").join(" ");
}

function entryMember(entry: EntrySpec, { plan }: ModuleContext, target: Target): Member {
  return {
    name: entry.name,
    doc: entry.doc,
    type: (writer) => void writer.write(`${property(entry.name)}(rows: number): ${entry.returns ? "number" : "void"}`),
    value: (writer) =>
      block(writer, `${property(entry.name)}(rows)`, () => {
        writer.writeLine(ALIVE);
        writer.writeLine(`checkRows(rows);`);
        for (const view of entry.checks) {
          const at = offsetIn(plan, view.buffer, entry.program);
          const count = countText(sizeOf(view.buffer.shape));
          const bounds = [view.below, view.ignoreIndex].filter((bound) => bound !== undefined).join(", ");
          writer.writeLine(`checkBelow(${literal(view.name)}, i32, ${at}, ${count}, ${bounds});`);
        }
        target.writeRun(writer, entry.program, "rows");
        if (entry.returns) writer.writeLine(`return f[${offsetIn(plan, entry.returns, entry.program)}]!;`);
      }),
  };
}

function block(writer: CodeBlockWriter, head: string, body: () => void): void {
  writer.write(head).write(" ").inlineBlock(body);
}

/** A size as TypeScript text: `784 * rows`. */
export function countText({ times, power }: Dim, rows = "rows"): string {
  const factors = Array.from({ length: power }, () => rows);
  if (times !== 1 || power === 0) factors.unshift(String(times));
  return factors.join(" * ");
}
