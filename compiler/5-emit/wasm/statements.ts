// The statements of a kernel: loops one by one or four lanes at a time, sums, scalars and stores.

import { invariant } from "../../../src/messages.js";
import type { ScalarType } from "../../../src/scalar/expression.js";
import { identityOf, type Combiner } from "../../../src/graph/lowering.js";
import type { KernelExpr, Let, Loop, Reduction, Statement, Store, StoreMode } from "../../ir/kernel.js";
import { strideOf } from "../../ir/strides.js";
import { lookAt } from "./indices.js";
import { loadedParts, narrowed, valueOf, varies, wasmType } from "./expression.js";
import { addedProduct } from "./fused.js";
import { laneMemory, memory, type Address } from "./access.js";
import { addressOf, dimValue, floatType, storedType, type Scope } from "./scope.js";
import { f32x4, float, i32, i32x4, LANES, shuffle } from "./text.js";
import { countUp, eachLanes, eachOne, factors, inParts, nest, withLanes, withVariable } from "./loops.js";
import { writeTile } from "./tile.js";

export function writeStatements(statements: readonly Statement[], scope: Scope): void {
  for (const [at, s] of statements.entries()) {
    if (s.kind === "loop") writeLoop(s, scope);
    else if (s.kind === "reduction") writeReduction(s, scope);
    else if (s.kind === "let") {
      writeLet(s, scope);
      if (scope.computed) lookAt(s.local, statements.slice(at + 1), scope, localAsInteger);
    } else writeStore(s, scope);
  }
}

const localAsInteger = (local: number, scope: Scope): string =>
  valueOf({ kind: "local", local }, "int", { ...scope, vector: undefined });

// ---- loops

function writeLoop(loop: Loop, scope: Scope): void {
  const { tile, lanes } = loop.run;
  if (tile) return writeTile(loop, tile, scope);
  if (lanes !== undefined) return writeVectorLoop(loop, scope);
  eachOne(loop.variable, loop.size, scope, (inner) => writeStatements(loop.body, inner));
}

function writeVectorLoop(loop: Loop, scope: Scope): void {
  eachLanes(loop.variable, loop.size, scope, (inner) => writeStatements(loop.body, inner));
}

// ---- scalars

function writeLet({ local, value }: Let, scope: Scope): void {
  const { writer } = scope;
  const type = scope.typeOf(value);
  const vector = scope.vector !== undefined && varies(value, scope);
  const inner = vector ? scope : { ...scope, vector: undefined };
  const text = writer.let(`t${local}`, vector ? "v128" : wasmType(type, scope), valueOf(value, type, inner));
  scope.locals.set(local, { text, type, vector, level: writer.level });
}

// ---- stores

function writeStore(store: Store, scope: Scope): void {
  const slot = scope.slots[store.slot]!;
  const want: ScalarType = slot.dtype === "float32" ? "float" : slot.dtype === "int32" ? "int" : "bool";
  if (!scope.vector) return writeScalarStore(store, valueOf(store.value, want, scope), want, scope);
  const { writer } = scope;
  const value = writer.let("v", "v128", valueOf(store.value, want, scope));
  const { variable, lanes } = scope.vector;
  if (store.at.loaded.length > 0 || strideOf(store.at, variable) !== 1) {
    const shape = want === "float" ? "f32x4" : "i32x4";
    for (let lane = 0; lane < lanes; lane++) {
      writeScalarStore(store, `(${shape}.extract_lane ${lane} ${value})`, want, { ...scope, lane });
    }
    return;
  }
  const at = addressOf(store.slot, store.at, [], { ...scope, lane: 0 });
  if (want === "bool") return writeBools(value, store.slot, at, lanes, scope);
  const before = memory(scope.access.load(store.slot, at, 4 * lanes));
  const kind = want === "float" ? "f32x4" : "i32x4";
  const sum = store.mode === "set" ? value : `(${kind}.${combining(store.mode, want)} (v128.load ${before}) ${value})`;
  storeLanes(scope.access.stored(sum, "v128", writer), store.slot, at, lanes, scope);
}

/** Stores the first lanes of a vector. */
function storeLanes(value: string, slot: number, at: Address, lanes: number, scope: Scope): void {
  const { writer } = scope;
  const place = (lane: number, bytes: number): Address =>
    scope.access.store(slot, { ...at, offset: at.offset + 4 * lane }, bytes);
  if (lanes === LANES) return writer.line(`(v128.store ${memory(place(0, 16))} ${value})`);
  const once = lanes === 3 && !value.startsWith("(local.get") ? writer.let("v", "v128", value) : value;
  if (lanes >= 2) writer.line(`(v128.store64_lane ${laneMemory(place(0, 8), 0)} ${once})`);
  if (lanes !== 2) {
    const lane = lanes - 1;
    writer.line(`(v128.store32_lane ${laneMemory(place(lane, 4), lane)} ${once})`);
  }
}

/** Masks as bytes of 0 and 1. */
function writeBools(mask: string, slot: number, at: Address, lanes: number, scope: Scope): void {
  const { writer, access } = scope;
  const bits = `(v128.and ${mask} ${i32x4(1, 1, 1, 1)})`;
  const half = writer.let("v", "v128", `(i16x8.narrow_i32x4_u ${bits} ${bits})`);
  const bytes = writer.let("v", "v128", `(i8x16.narrow_i16x8_u ${half} ${half})`);
  if (lanes === LANES) return writer.line(`(v128.store32_lane ${laneMemory(access.store(slot, at, 4), 0)} ${bytes})`);
  for (let lane = 0; lane < lanes; lane++) {
    const place = access.store(slot, { ...at, offset: at.offset + lane }, 1);
    writer.line(`(v128.store8_lane ${laneMemory(place, lane)} ${bytes})`);
  }
}

function writeScalarStore(store: Store, value: string, want: ScalarType, scope: Scope): void {
  const { writer, access } = scope;
  const loaded = loadedParts(store, scope);
  const address = addressOf(store.slot, store.at, loaded, scope);
  const type = want === "float" ? storedType(scope) : "i32";
  const stored = want === "float" && scope.lane === undefined ? narrowed(value, scope) : value;
  if (want === "bool") {
    const bit = scope.lane === undefined ? value : `(i32.and ${value} ${i32(1)})`;
    const computed = access.stored(bit, "i32", writer);
    return writer.line(`(i32.store8 ${memory(access.store(store.slot, address, 1))} ${computed})`);
  }
  const bytes = type === "f64" ? 8 : 4;
  if (store.mode === "set") {
    const computed = access.stored(stored, type, writer);
    return writer.line(`(${type}.store ${memory(access.store(store.slot, address, bytes))} ${computed})`);
  }
  const at = { text: writer.let("at", "i32", address.text), offset: address.offset };
  const before = `(${type}.load ${memory(access.load(store.slot, at, bytes))})`;
  const sum = access.stored(`(${type}.${combining(store.mode, want)} ${before} ${stored})`, type, writer);
  writer.line(`(${type}.store ${memory(access.store(store.slot, at, bytes))} ${sum})`);
}

/** The instruction that combines what is there with what is stored: only floats are compared so. */
function combining(mode: Exclude<StoreMode, "set">, want: ScalarType): StoreMode {
  invariant(mode === "add" || want === "float", "integers are not compared where they are stored");
  return mode;
}

// ---- sums

type Accumulation = Reduction["accumulators"][number];

function writeReduction(reduction: Reduction, scope: Scope): void {
  if (reduction.loops.length === 0) {
    writeStatements(reduction.lets, scope);
    for (const { accumulator, value } of reduction.accumulators) {
      const { local: _, ...bound } = boundLet(value, scope);
      scope.accumulators.set(accumulator, bound);
    }
    return;
  }
  if (scope.vector) return writeLaneSums(reduction, scope);
  const lanes = reduction.run?.lanes;
  if (lanes === undefined) writeScalarSums(reduction, scope);
  else writeVectorSums(reduction, lanes.variable, scope);
}

function boundLet(value: KernelExpr, scope: Scope) {
  const vector = scope.vector !== undefined && varies(value, scope);
  const inner = vector ? scope : { ...scope, vector: undefined };
  const type = accumulatorType({ value }, scope);
  const text = scope.writer.let("a", vector ? "v128" : wasmType(type, scope), valueOf(value, type, inner));
  return { local: -1, text, type, vector, level: scope.writer.level };
}

const accumulatorType = ({ value }: Pick<Accumulation, "value">, scope: Scope): "float" | "int" =>
  scope.typeOf(value) === "int" ? "int" : "float";

const LEAST: Readonly<Record<Combiner, number>> = { sum: 0, prod: 1, max: -(2 ** 31), min: 2 ** 31 - 1 };

const INTEGER: Readonly<Record<Combiner, string>> = { sum: "add", prod: "mul", max: "max_s", min: "min_s" };

const FLOAT: Readonly<Record<Combiner, string>> = { sum: "add", prod: "mul", max: "max", min: "min" };

/** One value after the other; sums and products in doubles. */
function writeScalarSums(reduction: Reduction, scope: Scope): void {
  const { writer } = scope;
  const t = floatType(scope);
  const sums = reduction.accumulators.map((a) => {
    const type = accumulatorType(a, scope);
    const wide = type === "float" && (a.combiner === "sum" || a.combiner === "prod");
    const kind = type === "int" ? "i32" : wide ? "f64" : t;
    const name = writer.local(`a${a.accumulator}`, kind);
    const first = kind === "i32" ? i32(LEAST[a.combiner]) : float(kind, identityOf[a.combiner]);
    writer.line(`(local.set ${name} ${first})`);
    return { ...a, type, kind, name } as const;
  });
  nest(reduction.loops, scope, (inner) => {
    writeStatements(reduction.lets, inner);
    for (const { name, type, kind, combiner, value } of sums) {
      const narrow = valueOf(value, type, inner);
      const term = kind === "f64" && t === "f32" ? `(f64.promote_f32 ${narrow})` : narrow;
      const before = `(local.get ${name})`;
      if (kind === "i32" && (combiner === "max" || combiner === "min")) {
        const x = writer.let("x", "i32", term);
        const better = `(i32.${combiner === "max" ? "gt" : "lt"}_s ${x} ${before})`;
        writer.line(`(local.set ${name} (select ${x} ${before} ${better}))`);
      } else {
        const op = kind === "i32" ? INTEGER[combiner] : FLOAT[combiner];
        writer.line(`(local.set ${name} (${kind}.${op} ${before} ${term}))`);
      }
    }
  });
  for (const { accumulator, name, type, kind } of sums) {
    const text =
      kind === "f64" && t === "f32"
        ? writer.let(`a${accumulator}`, "f32", `(f32.demote_f64 (local.get ${name}))`)
        : `(local.get ${name})`;
    scope.accumulators.set(accumulator, { text, type, vector: false, level: writer.level });
  }
}

interface VectorSum extends Accumulation {
  readonly type: "float" | "int";
  readonly name: string;
}

function vectorSums(reduction: Reduction, scope: Scope): VectorSum[] {
  return reduction.accumulators.map((a) => {
    const type = accumulatorType(a, scope);
    return { ...a, type, name: scope.writer.local(`a${a.accumulator}`, "v128") };
  });
}

const identityLanes = ({ type, combiner }: VectorSum): string => {
  const least = LEAST[combiner];
  return type === "int" ? i32x4(least, least, least, least) : f32x4(identityOf[combiner]);
};

const startSums = (sums: readonly VectorSum[], scope: Scope): void => {
  for (const sum of sums) scope.writer.line(`(local.set ${sum.name} ${identityLanes(sum)})`);
};

/** Adds the values at the present place. `mask`: the lanes that count, where not all do. */
function addTerms(reduction: Reduction, sums: readonly VectorSum[], scope: Scope, mask?: string): void {
  const { writer } = scope;
  writeStatements(reduction.lets, scope);
  for (const sum of sums) {
    const before = `(local.get ${sum.name})`;
    const product = sum.type === "float" && sum.combiner === "sum" && !mask ? factors(sum.value, scope) : undefined;
    if (product) {
      writer.line(`(local.set ${sum.name} ${addedProduct(product[0], product[1], before)})`);
      continue;
    }
    const term = valueOf(sum.value, sum.type, scope);
    const masked = mask ? `(v128.bitselect ${term} ${identityLanes(sum)} ${mask})` : term;
    const op = sum.type === "int" ? `i32x4.${INTEGER[sum.combiner]}` : `f32x4.${FLOAT[sum.combiner]}`;
    writer.line(`(local.set ${sum.name} (${op} ${before} ${masked}))`);
  }
}

/** Inside a loop that runs four lanes at a time: a sum for each lane. */
function writeLaneSums(reduction: Reduction, scope: Scope): void {
  const { writer } = scope;
  const sums = vectorSums(reduction, scope);
  startSums(sums, scope);
  const body = (inner: Scope): void => addTerms(reduction, sums, inner);
  const outer = reduction.loops.slice(0, -1);
  const last = reduction.loops.at(-1)!;
  const parts = reduction.run?.parts;
  if (parts !== undefined) {
    const totals = sums.map((s) => ({ ...s, name: writer.local(`s${s.accumulator}`, "v128") }));
    startSums(totals, scope);
    nest(outer, scope, (inner) =>
      inParts(last.variable, last.size, inner, parts, 1, body, () => {
        for (const [n, total] of totals.entries()) {
          const op = total.type === "int" ? "i32x4.add" : "f32x4.add";
          writer.line(`(local.set ${total.name} (${op} (local.get ${total.name}) (local.get ${sums[n]!.name})))`);
        }
        startSums(sums, scope);
      }),
    );
    return bindSums(totals, scope);
  }
  nest(reduction.loops, scope, body);
  bindSums(sums, scope);
}

function bindSums(sums: readonly VectorSum[], scope: Scope): void {
  for (const { accumulator, name, type } of sums) {
    scope.accumulators.set(accumulator, { text: `(local.get ${name})`, type, vector: true, level: scope.writer.level });
  }
}

/** Four terms at once along one of the sum's variables; the lanes are added up in the end. */
function writeVectorSums(reduction: Reduction, along: number, scope: Scope): void {
  const { writer } = scope;
  const sums = vectorSums(reduction, scope);
  const last = reduction.loops.find((loop) => loop.variable === along)!;
  const outer = reduction.loops.filter((loop) => loop !== last);
  const totals = sums.map((sum) => {
    const { type, combiner, accumulator } = sum;
    const kind = type === "int" ? "i32" : "f64";
    const name = writer.local(`s${accumulator}`, kind);
    writer.line(`(local.set ${name} ${type === "int" ? i32(LEAST[combiner]) : float("f64", identityOf[combiner])})`);
    return { ...sum, total: name, kind } as const;
  });
  const flush = (inner: Scope): void => {
    for (const sum of totals) {
      const all = horizontal(sum, inner);
      const before = `(local.get ${sum.total})`;
      writer.line(`(local.set ${sum.total} ${combined(sum, before, all)})`);
    }
  };
  const whole = last.size.power > 0 ? undefined : last.size.times - (last.size.times % LANES);
  nest(outer, scope, (inner) => {
    startSums(sums, inner);
    const body = (deep: Scope): void => addTerms(reduction, sums, withLanes(deep, along, LANES));
    const parts = reduction.run?.parts;
    if (whole !== undefined && parts !== undefined) {
      inParts(along, { times: whole, power: 0 }, inner, parts, LANES, body, (deep) => {
        flush(deep);
        startSums(sums, deep);
      });
    } else {
      const limit = whole === undefined ? `(i32.and ${dimValue(last.size, inner)} ${i32(-LANES)})` : i32(whole);
      if (whole !== 0) countUp(along, i32(0), limit, LANES, whole !== undefined, inner, body);
    }
    writeTail(reduction, sums, last, whole, inner);
    flush(inner);
  });
  for (const { accumulator, total, type, kind } of totals) {
    const text =
      kind === "f64"
        ? writer.let(`a${accumulator}`, "f32", `(f32.demote_f64 (local.get ${total}))`)
        : `(local.get ${total})`;
    scope.accumulators.set(accumulator, { text, type, vector: false, level: writer.level });
  }
}

/** The terms that do not fill a vector. */
function writeTail(
  reduction: Reduction,
  sums: readonly VectorSum[],
  { variable, size }: Reduction["loops"][number],
  whole: number | undefined,
  scope: Scope,
): void {
  const { writer } = scope;
  const mask = (lanes: number): string => i32x4(-1, lanes > 1 ? -1 : 0, lanes > 2 ? -1 : 0, 0);
  if (whole === undefined) {
    const count = dimValue(size, scope);
    const from = `(i32.and ${count} ${i32(-LANES)})`;
    countUp(variable, from, count, 1, false, scope, (inner) =>
      addTerms(reduction, sums, withLanes(inner, variable, 1), mask(1)),
    );
  } else if (size.times > whole) {
    const at = withVariable(scope, variable, { text: i32(0), plus: whole, level: writer.level });
    const lanes = size.times - whole;
    addTerms(reduction, sums, withLanes(at, variable, lanes), mask(lanes));
  }
}

/** The lanes of a sum, put together. */
function horizontal(sum: VectorSum, scope: Scope): string {
  const { writer } = scope;
  const get = `(local.get ${sum.name})`;
  if (sum.type === "int") {
    return [1, 2, 3].reduce(
      (all, lane) => combined({ ...sum, kind: "i32" }, all, `(i32x4.extract_lane ${lane} ${get})`),
      `(i32x4.extract_lane 0 ${get})`,
    );
  }
  const op = `f64x2.${FLOAT[sum.combiner]}`;
  const high = `(f64x2.promote_low_f32x4 ${shuffle(get, get, [2, 3, 0, 1])})`;
  const pair = writer.let("h", "v128", `(${op} (f64x2.promote_low_f32x4 ${get}) ${high})`);
  return `(f64.${FLOAT[sum.combiner]} (f64x2.extract_lane 0 ${pair}) (f64x2.extract_lane 1 ${pair}))`;
}

function combined(sum: Pick<Accumulation, "combiner"> & { kind: "i32" | "f64" }, a: string, b: string): string {
  if (sum.kind === "f64") return `(f64.${FLOAT[sum.combiner]} ${a} ${b})`;
  if (sum.combiner === "sum" || sum.combiner === "prod") return `(i32.${INTEGER[sum.combiner]} ${a} ${b})`;
  return `(select ${a} ${b} (i32.${sum.combiner === "max" ? "gt" : "lt"}_s ${a} ${b}))`;
}
