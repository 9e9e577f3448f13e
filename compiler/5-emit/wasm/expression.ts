// Kernel expressions as WebAssembly text: for one value, or for the four lanes of a vector at once. What cannot be computed
// for all lanes together (scattered loads, loads under a condition) is computed for each lane and put together.

import { isApply, isConstant, type ScalarOp, type ScalarType } from "../../../src/scalar/expression.js";
import { instructionOf } from "../../../src/scalar/instructions.js";
import type { KernelExpr, Position, SlotLoad } from "../../ir/kernel.js";
import { bytesPerElement } from "../../ir/layout.js";
import { strideOf } from "../../ir/strides.js";
import { plainSum } from "./fused.js";
import { indexValue } from "./indices.js";
import { rows } from "./scalars.js";
import { addressOf, affineValue, dimValue, floatType, storedType, type Bound, type Scope } from "./scope.js";
import { laneMemory, memory, type Address } from "./access.js";
import { f32x4, float, i32, i32x4, type WasmType } from "./text.js";

type Arguments = readonly KernelExpr[];

/** The expression as a value of the wanted type: of four lanes where the scope says so. */
export const valueOf = (expr: KernelExpr, want: ScalarType, scope: Scope): string =>
  scope.vector && scope.lane === undefined ? vectorOf(expr, want, scope) : scalarOf(expr, want, scope);

export const wasmType = (type: ScalarType, scope: Pick<Scope, "compute">): WasmType =>
  type === "float" ? floatType(scope) : "i32";

// ---- one value

function scalarOf(expr: KernelExpr, want: ScalarType, scope: Scope): string {
  if (isConstant(expr)) {
    if (want === "float") return float(floatType(scope), expr.value);
    return i32(want === "bool" ? Number(expr.value !== 0) : Math.trunc(expr.value));
  }
  const type = naturalType(expr, want, scope);
  return convertScalar(scalarAs(expr, type, scope), type, want, expr, scope);
}

/** A product of integers may be too large for one: where a float is wanted it is a product of floats. */
function naturalType(expr: KernelExpr, want: ScalarType, scope: Scope): ScalarType {
  const type = scope.typeOf(expr);
  return want === "float" && type === "int" && isApply(expr) && expr.op === "mul" ? "float" : type;
}

const isHash = (expr: KernelExpr): boolean => !isConstant(expr) && isApply(expr) && expr.op === "hash";

function convertScalar(text: string, type: ScalarType, want: ScalarType, expr: KernelExpr, scope: Scope): string {
  if (type === want) return text;
  const t = floatType(scope);
  if (want === "float") return `(${t}.convert_i32_${type === "bool" || isHash(expr) ? "u" : "s"} ${text})`;
  if (want === "int") return type === "bool" ? text : `(i32.trunc_sat_${t}_s ${text})`;
  return type === "int" ? `(i32.ne ${text} ${i32(0)})` : `(${t}.ne ${text} ${float(t, 0)})`;
}

function scalarAs(expr: KernelExpr, type: ScalarType, scope: Scope): string {
  if (isConstant(expr)) return scalarOf(expr, type, scope);
  if (isApply(expr)) return scalarApply(expr.op, expr.args as Arguments, type, scope);
  switch (expr.kind) {
    case "load":
      return scalarLoad(expr, scope);
    case "index":
      return affineValue(expr.affine, scope);
    case "size":
      return dimValue(expr.dim, scope);
    case "accumulator":
      return laneOfBound(scope.accumulators.get(expr.accumulator)!, scope);
    case "local":
      return laneOfBound(scope.locals.get(expr.local)!, scope);
  }
}

function laneOfBound(bound: Bound, scope: Scope): string {
  if (!bound.vector) return bound.text;
  const lane = scope.lane!;
  if (bound.type === "float") return `(f32x4.extract_lane ${lane} ${bound.text})`;
  const word = `(i32x4.extract_lane ${lane} ${bound.text})`;
  return bound.type === "bool" ? `(i32.and ${word} ${i32(1)})` : word;
}

function scalarLoad(load: SlotLoad, scope: Scope): string {
  const held = scope.held?.(load);
  if (held !== undefined) {
    const [bound] = [{ text: held, type: "float", vector: true, level: 0 } as const];
    return laneOfBound(bound, scope);
  }
  const { dtype } = scope.slots[load.slot]!;
  const bytes = bytesPerElement(dtype, scope.float);
  const at = memory(addressOfLoad(load, loadedParts(load, scope), bytes, scope));
  switch (dtype) {
    case "float32":
      return widened(`(${storedType(scope)}.load ${at})`, scope);
    case "int32":
      return `(i32.load ${at})`;
    case "bool":
      return `(i32.load8_u ${at})`;
  }
}

/** Where so many bytes of a load begin. */
const addressOfLoad = (load: SlotLoad, loaded: readonly string[], bytes: number, scope: Scope): Address =>
  scope.access.load(load.slot, addressOf(load.slot, load.at, loaded, scope), bytes);

/** A float of memory as one to compute with, and back. */
const widened = (text: string, scope: Scope): string =>
  floatType(scope) === storedType(scope) ? text : `(f64.promote_f32 ${text})`;

export const narrowed = (text: string, scope: Scope): string =>
  floatType(scope) === storedType(scope) ? text : `(f32.demote_f64 ${text})`;

/** The gathered parts of a position as integers. */
export const loadedParts = ({ at }: { readonly at: Position }, scope: Scope): string[] =>
  at.loaded.map((part) => indexValue(part, scalarOf(part.value, "int", scope), scope));

function scalarApply(op: ScalarOp, args: Arguments, type: ScalarType, scope: Scope): string {
  const row = rows[op];
  const t = floatType(scope);
  const value = (n: number, want: ScalarType): string => scalarOf(args[n]!, want, scope);
  switch (row.kind) {
    case "plain":
      if (type === "int") return integerApply(op, args, scope);
      return `(${t}.${row.name} ${args.map((_, n) => value(n, "float")).join(" ")})`;
    case "compare": {
      const integers = comparesIntegers(args, scope);
      if (integers) return `(i32.${row.integer} ${value(0, "int")} ${value(1, "int")})`;
      const [left, right] = [value(0, "float"), value(1, "float")];
      // Equal is what memory would hold as equal: one of the two may have been there.
      return op === "eq" || op === "ne"
        ? `(${storedType(scope)}.${row.name} ${narrowed(left, scope)} ${narrowed(right, scope)})`
        : `(${t}.${row.name} ${left} ${right})`;
    }
    case "routine": {
      scope.use(row.routine);
      const operands = args.map((_, n) => value(n, "float"));
      if (scope.float === "float64") return `(call $math.${row.routine} ${operands.join(" ")})`;
      const lanes = operands.map((x) => `(f32x4.splat ${narrowed(x, scope)})`).join(" ");
      return widened(`(f32x4.extract_lane 0 (call $${row.routine} ${lanes}))`, scope);
    }
    case "logic":
      if (row.name === "not") return `(i32.eqz ${value(0, "bool")})`;
      return `(i32.${row.name} ${value(0, "bool")} ${value(1, "bool")})`;
    case "special":
      switch (row.name) {
        case "sign": {
          const x = scope.writer.local("x", t);
          const size = `(${t}.copysign ${float(t, 1)} (local.tee ${x} ${value(0, "float")}))`;
          return `(select ${size} (local.get ${x}) (${t}.gt (${t}.abs (local.get ${x})) ${float(t, 0)}))`;
        }
        case "select": {
          const [yes, no] = [value(1, type), value(2, type)];
          const condition = value(0, "bool");
          if (args.slice(1).every(isCheap)) return `(select ${yes} ${no} ${condition})`;
          return `(if (result ${wasmType(type, scope)}) ${condition} (then ${yes}) (else ${no}))`;
        }
        case "hash":
          scope.use("hash");
          return `(call $hash ${args.map((arg, n) => (isConstant(arg) ? scope.stream(arg.value) : value(n, "int"))).join(" ")})`;
        case "uniform":
          return `(${t}.mul (${t}.convert_i32_s (i32.shr_u ${value(0, "int")} ${i32(8)})) ${float(t, 2 ** -24)})`;
      }
  }
}

/** Reads no memory, which may be out of range where the condition fails, and calls nothing. */
function isCheap(expr: KernelExpr): boolean {
  if (isConstant(expr)) return true;
  if (!isApply(expr)) return expr.kind !== "load";
  return instructionOf(expr.op).cost < 5 && expr.args.every((arg) => isCheap(arg as KernelExpr));
}

const comparesIntegers = (args: Arguments, scope: Scope): boolean =>
  args.every((arg) => scope.typeOf(arg) === "int" && !isHash(arg)) && !args.every(isConstant);

function integerApply(op: ScalarOp, args: Arguments, scope: Scope): string {
  const value = (n: number): string => scalarOf(args[n]!, "int", scope);
  if (op === "neg") return `(i32.sub ${i32(0)} ${value(0)})`;
  if (op === "add" || op === "sub" || op === "mul") return `(i32.${op} ${value(0)} ${value(1)})`;
  const x = scope.writer.local("x", "i32");
  const [setX, getX] = [`(local.tee ${x} ${value(0)})`, `(local.get ${x})`];
  if (op === "abs") return `(select ${setX} (i32.sub ${i32(0)} ${getX}) (i32.ge_s ${getX} ${i32(0)}))`;
  const y = scope.writer.local("y", "i32");
  const compare = `(i32.${op === "min" ? "lt" : "gt"}_s ${getX} (local.get ${y}))`;
  return `(select ${setX} (local.tee ${y} ${value(1)}) ${compare})`;
}

// ---- four lanes

/** Whether the lanes may have different values. */
export function varies(expr: KernelExpr, scope: Scope): boolean {
  if (isConstant(expr)) return false;
  const { varying, variable } = scope.vector!;
  const known = varying.get(expr);
  if (known !== undefined) return known;
  let result: boolean;
  if (isApply(expr)) result = expr.args.some((arg) => varies(arg as KernelExpr, scope));
  else if (expr.kind === "load") {
    const along = expr.at.affine.some((t) => t.axis === variable);
    result = along || scope.held?.(expr) !== undefined || expr.at.loaded.some(({ value }) => varies(value, scope));
  } else if (expr.kind === "index") result = expr.affine.some((t) => t.axis === variable);
  else if (expr.kind === "size") result = false;
  else
    result = (expr.kind === "local" ? scope.locals.get(expr.local) : scope.accumulators.get(expr.accumulator))!.vector;
  varying.set(expr, result);
  return result;
}

function vectorOf(expr: KernelExpr, want: ScalarType, scope: Scope): string {
  if (isConstant(expr)) {
    if (want === "float") return f32x4(expr.value);
    const word = want === "bool" ? (expr.value !== 0 ? -1 : 0) : Math.trunc(expr.value);
    return i32x4(word, word, word, word);
  }
  if (!varies(expr, scope)) return splat(expr, want, scope);
  const type = naturalType(expr, want, scope);
  return convertVector(vectorAs(expr, type, scope), type, want, expr);
}

/** The same value in all lanes. */
function splat(expr: KernelExpr, want: ScalarType, scope: Scope): string {
  const scalars = { ...scope, vector: undefined };
  if (want === "float" && !isApply(expr) && expr.kind === "load" && scope.typeOf(expr) === "float") {
    return `(v128.load32_splat ${memory(addressOfLoad(expr, loadedParts(expr, scalars), 4, scalars))})`;
  }
  const value = scalarOf(expr, want, scalars);
  const text =
    want === "float"
      ? `(f32x4.splat ${value})`
      : `(i32x4.splat ${want === "bool" ? `(i32.sub ${i32(0)} ${value})` : value})`;
  const bound = isApply(expr)
    ? undefined
    : expr.kind === "local"
      ? scope.locals.get(expr.local)
      : expr.kind === "accumulator"
        ? scope.accumulators.get(expr.accumulator)
        : undefined;
  return bound && bound.level < scope.writer.level
    ? scope.writer.hoistBefore(bound.level + 1, "splat", "v128", text)
    : text;
}

function convertVector(text: string, type: ScalarType, want: ScalarType, expr: KernelExpr): string {
  if (type === want) return text;
  if (want === "float") {
    return type === "bool"
      ? `(v128.and ${text} ${f32x4(1)})`
      : `(f32x4.convert_i32x4_${isHash(expr) ? "u" : "s"} ${text})`;
  }
  if (want === "int")
    return type === "bool" ? `(v128.and ${text} ${i32x4(1, 1, 1, 1)})` : `(i32x4.trunc_sat_f32x4_s ${text})`;
  return type === "int" ? `(i32x4.ne ${text} ${i32x4(0, 0, 0, 0)})` : `(f32x4.ne ${text} ${f32x4(0)})`;
}

function vectorAs(expr: KernelExpr, type: ScalarType, scope: Scope): string {
  if (isConstant(expr)) return vectorOf(expr, type, scope);
  if (isApply(expr)) return vectorApply(expr, expr.op, expr.args as Arguments, type, scope);
  switch (expr.kind) {
    case "load":
      return vectorLoad(expr, scope);
    case "index": {
      const first = `(i32x4.splat ${affineValue(expr.affine, { ...scope, lane: 0 })})`;
      const step = strideOf(expr, scope.vector!.variable);
      if (step === undefined) return laneByLane(expr, type, scope);
      return `(i32x4.add ${first} ${i32x4(0, step, 2 * step, 3 * step)})`;
    }
    case "size":
      return vectorOf(expr, type, scope);
    case "accumulator":
      return scope.accumulators.get(expr.accumulator)!.text;
    case "local":
      return scope.locals.get(expr.local)!.text;
  }
}

/** Each lane by itself. */
function laneByLane(expr: KernelExpr, type: ScalarType, scope: Scope): string {
  const shape = type === "float" ? "f32x4" : "i32x4";
  let vector = "";
  for (let lane = 0; lane < scope.vector!.lanes; lane++) {
    const value = scalarOf(expr, type, { ...scope, lane });
    vector = lane === 0 ? `(${shape}.splat ${value})` : `(${shape}.replace_lane ${lane} ${vector} ${value})`;
  }
  return type === "bool" ? `(i32x4.ne ${vector} ${i32x4(0, 0, 0, 0)})` : vector;
}

function vectorLoad(load: SlotLoad, scope: Scope): string {
  const held = scope.held?.(load);
  if (held !== undefined) return held;
  const { dtype } = scope.slots[load.slot]!;
  const { variable, lanes } = scope.vector!;
  if (load.at.loaded.length === 0 && strideOf(load.at, variable) === 1) {
    const bytes = lanes * bytesPerElement(dtype, scope.float);
    const at = memory(addressOfLoad(load, [], bytes, { ...scope, lane: 0 }));
    if (dtype !== "bool") return `(v128.load ${at})`;
    const wide = `(i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero ${at})))`;
    return `(i32x4.ne ${wide} ${i32x4(0, 0, 0, 0)})`;
  }
  if (dtype === "bool") return laneByLane(load, "bool", scope);
  let vector = "";
  for (let lane = 0; lane < lanes; lane++) {
    const one = { ...scope, lane };
    const at = addressOfLoad(load, loadedParts(load, one), 4, one);
    vector = lane === 0 ? `(v128.load32_zero ${memory(at)})` : `(v128.load32_lane ${laneMemory(at, lane)} ${vector})`;
  }
  return vector;
}

function vectorApply(expr: KernelExpr, op: ScalarOp, args: Arguments, type: ScalarType, scope: Scope): string {
  const row = rows[op];
  const value = (n: number, want: ScalarType): string => vectorOf(args[n]!, want, scope);
  switch (row.kind) {
    case "plain": {
      if (type !== "int") {
        const operands = args.map((_, n) => value(n, "float"));
        return op === "add" ? plainSum(operands[0]!, operands[1]!) : `(f32x4.${row.name} ${operands.join(" ")})`;
      }
      const name = op === "min" || op === "max" ? `${op}_s` : row.name;
      return `(i32x4.${name} ${args.map((_, n) => value(n, "int")).join(" ")})`;
    }
    case "compare": {
      const integers = comparesIntegers(args, scope);
      const want = integers ? "int" : "float";
      return `(${integers ? `i32x4.${row.integer}` : `f32x4.${row.name}`} ${value(0, want)} ${value(1, want)})`;
    }
    case "routine": {
      scope.use(row.routine);
      const operands = args.map((_, n) => value(n, "float"));
      return `(call $${row.routine} ${operands.join(" ")})`;
    }
    case "logic":
      if (row.name === "not") return `(v128.not ${value(0, "bool")})`;
      return `(v128.${row.name} ${value(0, "bool")} ${value(1, "bool")})`;
    case "special":
      switch (row.name) {
        case "sign": {
          const x = scope.writer.local("x", "v128");
          const get = `(local.get ${x})`;
          const one = `(v128.or (v128.and ${get} ${f32x4(-0)}) ${f32x4(1)})`;
          const chosen = `(v128.bitselect ${one} ${get} (f32x4.gt (f32x4.abs ${get}) ${f32x4(0)}))`;
          return `(block (result v128) (local.set ${x} ${value(0, "float")}) ${chosen})`;
        }
        case "select":
          return vectorSelect(expr, args, type, scope);
        case "hash":
          scope.use("hash");
          return `(call $hash4 ${args
            .map((arg, n) => (isConstant(arg) ? `(i32x4.splat ${scope.stream(arg.value)})` : value(n, "int")))
            .join(" ")})`;
        case "uniform":
          return `(f32x4.mul (f32x4.convert_i32x4_s (i32x4.shr_u ${value(0, "int")} ${i32(8)})) ${f32x4(2 ** -24)})`;
      }
  }
}

function vectorSelect(expr: KernelExpr, args: Arguments, type: ScalarType, scope: Scope): string {
  const [condition, yes, no] = args as [KernelExpr, KernelExpr, KernelExpr];
  const guards = readsMemory(yes, scope) || readsMemory(no, scope);
  if (!varies(condition, scope)) {
    const test = scalarOf(condition, "bool", { ...scope, vector: undefined });
    return `(if (result v128) ${test} (then ${vectorOf(yes, type, scope)}) (else ${vectorOf(no, type, scope)}))`;
  }
  // A load under a condition may be out of range in the lanes where it fails.
  if (guards) return laneByLane(expr, type, scope);
  const mask = vectorOf(condition, "bool", scope);
  const isZero = (branch: KernelExpr): boolean => isConstant(branch) && Object.is(branch.value, 0);
  if (isZero(no)) return `(v128.and ${vectorOf(yes, type, scope)} ${mask})`;
  if (isZero(yes)) return `(v128.andnot ${vectorOf(no, type, scope)} ${mask})`;
  return `(v128.bitselect ${vectorOf(yes, type, scope)} ${vectorOf(no, type, scope)} ${mask})`;
}

/** Reads memory that is not in a local yet. */
function readsMemory(root: KernelExpr, scope: Scope): boolean {
  if (isConstant(root)) return false;
  if (isApply(root)) return root.args.some((arg) => readsMemory(arg as KernelExpr, scope));
  return root.kind === "load" && scope.held?.(root) === undefined;
}
