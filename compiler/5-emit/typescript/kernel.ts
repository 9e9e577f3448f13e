// One kernel as one TypeScript function: loops over the arena's views, offsets as arguments.

import CodeBlockWriter from "code-block-writer";
import type { Combiner } from "../../../src/graph/lowering.js";
import { identityOf } from "../../../src/graph/lowering.js";
import type { Dim } from "../../../src/graph/shape.js";
import { isApply, isConstant } from "../../../src/scalar/expression.js";
import { computedIn, hasComputed } from "../../ir/computed.js";
import type { Kernel, Loop, Reduction, Statement, Store } from "../../ir/kernel.js";
import type { FloatType } from "../../ir/choices.js";
import { typesOf } from "../../ir/types.js";
import { dependsOnRows } from "../../ir/walk.js";
import { literal, numeral } from "../identifier.js";
import type { Access } from "./access.js";
import { printDim, printPosition, printValue, viewOf } from "./expression.js";
import { Lines } from "./lines.js";
import { forLoop, nest, type Writing } from "./loops.js";
import { LocalNames } from "./names.js";
import { rendersFor, type Helper } from "./scalars.js";
import { writeTile } from "./tile.js";

export interface KernelText {
  /** The parameters before the offsets: the views and `rows`, as far as they are used. */
  readonly arguments: readonly string[];
  readonly body: string;
  readonly helpers: ReadonlySet<Helper>;
  /** Doubles of scratch that a tiled loop needs. */
  readonly scratch: number;
}

const VARIABLES = ["i", "j", "k", "l", "m", "n", "p", "q"];

const variableName = (depth: number): string => VARIABLES[depth] ?? `v${depth}`;

export const newWriter = (): CodeBlockWriter => new CodeBlockWriter({ newLine: "\n", indentNumberOfSpaces: 2 });

export interface KernelOptions {
  readonly float: FloatType;
  /** How elements are read and written. */
  readonly access: Access;
  /** Where its slots begin, as names of the function. */
  readonly slotNames: readonly string[];
  /** Other names of the function. */
  readonly taken: readonly string[];
  /** The text of a random stream. */
  readonly stream: (value: number) => string;
}

export function printKernel(kernel: Kernel, options: KernelOptions): KernelText {
  const { float, access, slotNames, stream } = options;
  const writer = new Lines();
  const helpers = new Set<Helper>();
  let scratch = 0;
  let numbers = 0;
  const names = new LocalNames([...slotNames, ...options.taken]);
  const variables: string[] = [];
  const bounds = new Set<string>();
  const locals = new Map<number, string>();
  const accumulators = new Map<number, string>();
  const declared = (into: Map<number, string>, hint: string, number: number): string => {
    const name = names.declare(`${hint}${number}`);
    into.set(number, name);
    return name;
  };
  const scope: Writing = {
    writer,
    slots: kernel.slots,
    slotNames,
    names,
    variables,
    local: (local) => locals.get(local)!,
    accumulator: (accumulator) => accumulators.get(accumulator)!,
    variableHint: variableName,
    declareVariable: (variable) => (variables[variable] = names.declare(variableName(variable))),
    declareLocal: (local) => declared(locals, "t", local),
    declareAccumulator: (accumulator) => declared(accumulators, "s", accumulator),
    typeOf: typesOf(kernel),
    float,
    renders: rendersFor(float),
    use: (helper) => void helpers.add(helper),
    before: (line) => writer.writeLine(line),
    fresh: () => numbers++,
    stream,
    hasComputed: hasComputed(kernel),
    isLookedAt: (index, below) =>
      !isConstant(index) && !isApply(index) && index.kind === "local" && bounds.has(boundKey(index.local, below)),
    noteLookedAt: (local, below) => void bounds.add(boundKey(local, below)),
    access,
    needScratch: (doubles) => (scratch = Math.max(scratch, doubles)),
    statements: (inner) => writeStatements(inner, scope),
  };
  writeStatements(kernel.body, scope);
  const views = new Set(kernel.slots.map(viewOf));
  const used = ["f", "i32", "u8"].filter((view) => views.has(view));
  if (dependsOnRows(kernel.body)) used.push("rows");
  return { arguments: used, body: writer.toString(), helpers, scratch };
}

const boundKey = (local: number, { times, power }: Dim): string => `${local} ${times}^${power}`;

function writeStatements(statements: readonly Statement[], scope: Writing): void {
  for (const [at, statement] of statements.entries()) {
    if (statement.kind === "loop") writeLoop(statement, scope);
    else if (statement.kind === "reduction") writeReduction(statement, scope);
    else if (statement.kind === "let") {
      const bool = scope.typeOf(statement.value) === "bool";
      const text = printValue(statement.value, scope, bool ? "bool" : "number");
      const type = isConstant(statement.value) ? ": number" : "";
      const name = scope.declareLocal(statement.local);
      scope.writer.writeLine(`const ${name}${type} = ${text};`);
      if (scope.hasComputed) lookAt(statement.local, name, statements.slice(at + 1), scope);
    } else writeStore(statement, scope);
  }
}

/** Looks at a local once where it is bound, in place of each time that it is used as an index. */
function lookAt(local: number, name: string, statements: readonly Statement[], scope: Writing): void {
  for (const { below, computed } of computedIn(local, statements)) {
    scope.use("entryIndex");
    scope.writer.writeLine(`entryIndex(${name}, ${printDim(below).text}, ${literal(computed!)});`);
    scope.noteLookedAt(local, below);
  }
}

function writeLoop(loop: Loop, scope: Writing): void {
  const { tile } = loop.run;
  if (tile) return writeTile(loop, tile.tile, scope);
  forLoop(scope, loop.variable, printDim(loop.size).text, () => writeStatements(loop.body, scope));
}

function writeStore(store: Store, scope: Writing): void {
  const slot = scope.slots[store.slot]!;
  const index = printPosition(store.slot, store.at, scope);
  if (store.mode === "add") {
    const term = printValue(store.value, scope, "number");
    scope.writer.writeLine(scope.access.add(viewOf(slot), store.slot, index, term));
    return;
  }
  if (store.mode !== "set") {
    const at = scope.names.declare("at");
    scope.writer.writeLine(`const ${at} = ${index};`);
    const before = scope.access.load(viewOf(slot), store.slot, at);
    const better = `Math.${store.mode}(${before}, ${printValue(store.value, scope, "number")})`;
    scope.writer.writeLine(scope.access.store(viewOf(slot), store.slot, at, better));
    return;
  }
  const text = printValue(store.value, scope, slot.dtype === "bool" ? "bool" : "number");
  const value = slot.dtype === "bool" ? conditionAsBit(text) : text;
  scope.writer.writeLine(scope.access.store(viewOf(slot), store.slot, index, value));
}

const conditionAsBit = (text: string): string => (text === "true" ? "1" : text === "false" ? "0" : `(${text}) ? 1 : 0`);

const COMBINE: Readonly<Record<Combiner, (into: string, value: string) => string>> = {
  sum: (into, value) => `${into} += ${value};`,
  prod: (into, value) => `${into} *= ${value};`,
  max: (into, value) => `${into} = Math.max(${into}, ${value});`,
  min: (into, value) => `${into} = Math.min(${into}, ${value});`,
};

function writeReduction(reduction: Reduction, scope: Writing): void {
  if (reduction.loops.length === 0 && reduction.lets.length === 0) {
    for (const { accumulator, value } of reduction.accumulators) {
      const text = printValue(value, scope, "number");
      scope.writer.writeLine(`const ${scope.declareAccumulator(accumulator)} = ${text};`);
    }
    return;
  }
  for (const { accumulator, combiner } of reduction.accumulators) {
    scope.writer.writeLine(`let ${scope.declareAccumulator(accumulator)} = ${numeral(identityOf[combiner])};`);
  }
  const innermost = (): void => {
    writeStatements(reduction.lets, scope);
    for (const { accumulator, combiner, value } of reduction.accumulators) {
      scope.writer.writeLine(COMBINE[combiner](scope.accumulator(accumulator), printValue(value, scope, "number")));
    }
  };
  nest(reduction.loops, scope, innermost);
}
