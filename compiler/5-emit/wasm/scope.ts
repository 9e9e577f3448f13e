// What the writers of a kernel's parts share: where slots lie, what loop variables, locals and accumulators are called.

import type { Affine } from "../../../src/graph/affine.js";
import type { Dim } from "../../../src/graph/shape.js";
import type { ScalarType } from "../../../src/scalar/expression.js";
import type { KernelExpr, Position, Slot, SlotLoad, Statement } from "../../ir/kernel.js";
import type { FloatType } from "../../ir/choices.js";
import { bytesPerElement } from "../../ir/layout.js";
import type { Types } from "../../ir/types.js";
import { sizeText } from "./sizes.js";
import type { Access, Address } from "./access.js";
import type { LookedAt } from "./indices.js";
import type { VectorOp } from "./math/builder.js";
import { add, constantOf, i32, multiply, type FunctionText } from "./text.js";

/** A loop variable: a local, plus a constant where a body is written for several of its values. */
export interface Variable {
  readonly text: string;
  readonly plus: number;
  /** The level of the loop that counts it. */
  readonly level: number;
}

/** A value that has been computed: a scalar, or one for each lane. */
export interface Bound {
  readonly text: string;
  readonly type: ScalarType;
  readonly vector: boolean;
  /** The level in which it was computed. */
  readonly level: number;
}

/** Four values of a loop variable at once, of which the first `lanes` count. */
export interface Lanes {
  readonly variable: number;
  readonly lanes: number;
  /** Which expressions differ between lanes, as far as it is known. */
  readonly varying: Map<KernelExpr, boolean>;
}

export interface Scope {
  readonly writer: FunctionText;
  readonly slots: readonly Slot[];
  /** The byte at which each slot begins. */
  readonly bases: readonly string[];
  /** What buffers hold. */
  readonly float: FloatType;
  /** What scalars are computed in; vectors are always of float32. */
  readonly compute: FloatType;
  /** The most rows of a call. */
  readonly capacity: number;
  readonly variables: ReadonlyMap<number, Variable>;
  readonly locals: Map<number, Bound>;
  readonly accumulators: Map<number, Bound>;
  /** What expressions evaluate to. */
  readonly typeOf: Types;
  /** Writes statements: a tile's epilogue. */
  readonly statements: (statements: readonly Statement[], scope: Scope) => void;
  /** The variable whose values the threads share out. */
  readonly divided?: number | undefined;
  /** Present where expressions are computed for several lanes. */
  readonly vector?: Lanes | undefined;
  /** The lane of `vector` that scalar expressions are computed for. */
  readonly lane?: number | undefined;
  /** Loads that are already in a local. */
  readonly held?: ((load: SlotLoad) => string | undefined) | undefined;
  /** The number of a random stream, which other kernels of the same body may have otherwise. */
  readonly stream: (value: number) => string;
  /** Memory of the thread's own for this kernel: where so many bytes begin. */
  readonly takeScratch: (bytes: number) => string;
  /** The number of one more thing that the kernel prepares for all of its blocks. */
  readonly takePreparation: () => number;
  /** Present where the kernel has indices that are looked at. */
  readonly computed: LookedAt | undefined;
  /** What addresses become on their way into a load or a store. */
  readonly access: Access;
  /** Notes that the module needs a routine, an imported function or a helper. */
  readonly use: (what: VectorOp | "hash") => void;
}

/** The type that floats are computed in. */
export const floatType = (scope: Pick<Scope, "compute">): "f32" | "f64" =>
  scope.compute === "float32" ? "f32" : "f64";

/** The type that floats are stored in. */
export const storedType = (scope: Pick<Scope, "float">): "f32" | "f64" => (scope.float === "float32" ? "f32" : "f64");

/** A size as an integer. */
export function dimValue(dim: Dim, scope: Scope): string {
  const text = sizeText(dim);
  const isShort = dim.power === 0 || (dim.times === 1 && dim.power === 1);
  return isShort ? text : scope.writer.hoist(0, "size", "i32", text);
}

/** The terms of one variable, or those without any, as a factor. */
function factorOf(terms: Affine, scale: number, scope: Scope): string {
  return terms.map((t) => dimValue({ times: t.times * scale, power: t.power }, scope)).reduce(add, i32(0));
}

/** An affine sum as a value: every part of it where the loop that it depends on begins. */
function affineParts(affine: Affine, scale: number, base: string, scope: Scope): { text: string; constant: number } {
  let constant = 0;
  let text = base;
  const axes = [...new Set(affine.flatMap((t) => (t.axis === undefined ? [] : [t.axis])))];
  const variables = axes
    .map((axis) => ({ axis, variable: scope.variables.get(axis)! }))
    .toSorted((a, b) => a.variable.level - b.variable.level || a.axis - b.axis);
  const still = (times: number, power: number): void => {
    if (power === 0) constant += times * scale;
    else text = add(text, dimValue({ times: times * scale, power }, scope));
  };
  for (const term of affine) {
    const plus = term.axis === undefined ? 1 : scope.variables.get(term.axis)!.plus;
    if (plus !== 0) still(term.times * plus, term.power);
  }
  if (text !== base) text = scope.writer.hoist(0, "at", "i32", text);
  for (const { axis, variable } of variables) {
    const factor = factorOf(
      affine.filter((t) => t.axis === axis),
      scale,
      scope,
    );
    const sum = add(text, multiply(variable.text, factor));
    text = scope.writer.hoist(variable.level, "at", "i32", sum);
  }
  return { text, constant };
}

/** An affine sum as an integer. */
export function affineValue(affine: Affine, scope: Scope): string {
  const { text, constant } = affineParts(affine, 1, i32(0), scope);
  const lane = laneOf(affine, scope);
  return add(add(text, i32(constant)), lane);
}

/** What the lane adds to an affine sum. */
function laneOf(affine: Affine, scope: Scope): string {
  if (scope.lane === undefined || scope.lane === 0) return i32(0);
  return factorOf(
    affine.filter((t) => t.axis === scope.vector!.variable),
    scope.lane,
    scope,
  );
}

const bytesOf = (slot: Slot, scope: Pick<Scope, "float">): number => bytesPerElement(slot.dtype, scope.float);

/** Where an element lies. `loaded`: the values of its loaded parts, as integers. */
export function addressOf(slot: number, at: Position, loaded: readonly string[], scope: Scope): Address {
  const bytes = bytesOf(scope.slots[slot]!, scope);
  const base = scope.bases[slot]!;
  const fixed = constantOf(base);
  const parts = affineParts(at.affine, bytes, fixed === undefined ? base : i32(0), scope);
  const { text } = parts;
  const constant = parts.constant + (fixed ?? 0);
  const lane = multiply(laneOf(at.affine, scope), i32(bytes));
  let address = add(text, lane);
  at.loaded.forEach(({ stride }, n) => {
    address = add(address, multiply(loaded[n]!, dimValue({ ...stride, times: stride.times * bytes }, scope)));
  });
  // What the instruction adds must not make up for a sum below zero: the sum would have wrapped around.
  const positive = at.affine.every((t) => t.times >= 0) && at.loaded.length === 0 && constant >= 0;
  return positive ? { text: address, offset: constant } : { text: add(address, i32(constant)), offset: 0 };
}
