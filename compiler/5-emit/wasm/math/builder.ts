// What a routine of the vector mathematics is: an expression over four lanes, built from instructions by name.

/** An expression of type v128, as text. One that is not a `let` is computed wherever it is used. */
export type Value = string;

export type VectorOp = "exp" | "expm1" | "log" | "log1p" | "tanh" | "sigmoid" | "erf" | "sin" | "cos" | "pow";

export interface VectorBuilder {
  /** The first operand. */
  readonly x: Value;
  /** The second operand of a routine with two. */
  readonly y: Value;
  /** A number in all lanes, rounded to float32. */
  readonly f32: (value: number) => Value;
  /** A 32-bit pattern in all lanes. */
  readonly i32: (value: number) => Value;
  /** Any instruction over v128 without immediates: `f32x4.mul`, `v128.bitselect`, `i32x4.trunc_sat_f32x4_s`. */
  readonly op: (name: string, ...args: readonly Value[]) => Value;
  readonly shift: (name: "i32x4.shl" | "i32x4.shr_s" | "i32x4.shr_u", x: Value, by: number) => Value;
  /** Lanes of 32 bits: 0 to 3 of `a`, 4 to 7 of `b`. */
  readonly shuffle: (a: Value, b: Value, lanes: readonly [number, number, number, number]) => Value;
  /** `a * b + c`: rounded twice, but once where fused multiply-adds are used. */
  readonly madd: (a: Value, b: Value, c: Value) => Value;
  /** Computed here, once. */
  readonly let: (value: Value) => Value;
  /** Another routine's result. */
  readonly call: (op: VectorOp, ...args: readonly Value[]) => Value;
}

export interface Routine {
  readonly parameters: 1 | 2;
  /** The result. There is no control flow: lanes are chosen by `v128.bitselect`. */
  readonly build: (v: VectorBuilder) => Value;
}
