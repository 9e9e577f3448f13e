// The instructions without a form of their own: their bytes and what follows them. Those of which emitted modules have some
// stand in rows of neighbours (https://webassembly.github.io/spec/core/appendix/index-instructions.html).

export interface Instruction {
  readonly code: readonly number[];
  /** Of one that reads or writes memory: the power of two that its address is a multiple of. */
  readonly align: number | undefined;
  /** The number of lanes that it names. */
  readonly lanes: number;
}

const SIMD = 0xfd;
const ATOMIC = 0xfe;

const INTEGER_COMPARISONS = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
const COMPARISONS = "eq ne lt gt le ge";
const LANES_OF_FLOATS = "abs neg _ sqrt add sub mul div min max pmin pmax";
const FLOATS = "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign";
const INTEGERS = "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr";
const SATURATED = "trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u";

type Row = readonly (readonly [name: string, instruction: Instruction])[];

/** Neighbours by name, from a code on; `_` is one that is not used. */
function row(prefix: number | undefined, from: number, names: string, lanes = 0, type?: string): Row {
  return names.split(" ").flatMap((name, n) => {
    const bytes = from + n < 128 ? [from + n] : [((from + n) & 127) | 128, (from + n) >> 7];
    const code = prefix === undefined ? [from + n] : [prefix, ...bytes];
    return name === "_" ? [] : [[type ? `${type}.${name}` : name, { code, align: undefined, lanes }] as const];
  });
}

/** The same for instructions that touch so many bytes each. */
const memory = (prefix: number | undefined, from: number, names: string, bytes: readonly number[], lanes = 0): Row =>
  row(prefix, from, names, lanes).map(([name, made], n) => [name, { ...made, align: Math.log2(bytes[n]!) }] as const);

/** Instructions by name. */
export const instructions: ReadonlyMap<string, Instruction> = new Map([
  ...row(undefined, 0x1a, "drop select"),
  ...memory(
    undefined,
    0x28,
    "i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u",
    [4, 8, 4, 8, 1, 1, 2, 2],
  ),
  ...memory(undefined, 0x36, "i32.store i64.store f32.store f64.store i32.store8 i32.store16", [4, 8, 4, 8, 1, 2]),
  ...row(undefined, 0x45, `eqz ${INTEGER_COMPARISONS}`, 0, "i32"),
  ...row(undefined, 0x5b, COMPARISONS, 0, "f32"),
  ...row(undefined, 0x61, COMPARISONS, 0, "f64"),
  ...row(undefined, 0x67, INTEGERS, 0, "i32"),
  ...row(undefined, 0x8b, FLOATS, 0, "f32"),
  ...row(undefined, 0x99, FLOATS, 0, "f64"),
  ...row(undefined, 0xb2, "convert_i32_s convert_i32_u _ _ demote_f64", 0, "f32"),
  ...row(undefined, 0xb7, "convert_i32_s convert_i32_u _ _ promote_f32", 0, "f64"),
  ...row(undefined, 0xbc, "i32.reinterpret_f32 _ f32.reinterpret_i32"),
  ...row(0xfc, 0x00, SATURATED, 0, "i32"),
  ...memory(SIMD, 0x00, "v128.load", [16]),
  ...memory(SIMD, 0x07, "v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat", [1, 2, 4, 8]),
  ...memory(SIMD, 0x0b, "v128.store", [16]),
  ...row(SIMD, 0x0d, "i8x16.shuffle", 16),
  ...row(SIMD, 0x0f, "i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat"),
  ...row(SIMD, 0x1b, "i32x4.extract_lane i32x4.replace_lane", 1),
  ...row(SIMD, 0x1f, "f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane", 1),
  ...row(SIMD, 0x37, INTEGER_COMPARISONS, 0, "i32x4"),
  ...row(SIMD, 0x41, COMPARISONS, 0, "f32x4"),
  ...row(SIMD, 0x47, COMPARISONS, 0, "f64x2"),
  ...row(SIMD, 0x4d, "not and andnot or xor bitselect any_true", 0, "v128"),
  ...memory(SIMD, 0x54, "v128.load8_lane v128.load16_lane v128.load32_lane v128.load64_lane", [1, 2, 4, 8], 1),
  ...memory(SIMD, 0x58, "v128.store8_lane v128.store16_lane v128.store32_lane v128.store64_lane", [1, 2, 4, 8], 1),
  ...memory(SIMD, 0x5c, "v128.load32_zero v128.load64_zero", [4, 8]),
  ...row(SIMD, 0x5e, "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4"),
  ...row(SIMD, 0x65, "i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u"),
  ...row(SIMD, 0x67, "ceil floor trunc nearest", 0, "f32x4"),
  ...row(SIMD, 0x85, "narrow_i32x4_s narrow_i32x4_u", 0, "i16x8"),
  ...row(SIMD, 0x87, "extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u", 0, "i16x8"),
  ...row(SIMD, 0xa0, "abs neg", 0, "i32x4"),
  ...row(SIMD, 0xa7, "extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u", 0, "i32x4"),
  ...row(SIMD, 0xab, "shl shr_s shr_u add _ _ sub _ _ _ mul min_s min_u max_s max_u", 0, "i32x4"),
  ...row(SIMD, 0xe0, LANES_OF_FLOATS, 0, "f32x4"),
  ...row(SIMD, 0xec, LANES_OF_FLOATS, 0, "f64x2"),
  ...row(SIMD, 0xf8, "i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u"),
  ...row(SIMD, 0x105, "f32x4.relaxed_madd"),
  ...memory(ATOMIC, 0x00, "memory.atomic.notify memory.atomic.wait32", [4, 4]),
  ...memory(ATOMIC, 0x10, "i32.atomic.load", [4]),
  ...memory(ATOMIC, 0x17, "i32.atomic.store", [4]),
  ...memory(ATOMIC, 0x1e, "i32.atomic.rmw.add", [4]),
  ...memory(ATOMIC, 0x48, "i32.atomic.rmw.cmpxchg", [4]),
]);
