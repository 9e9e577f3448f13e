// Each instruction and each form of the text, byte for byte as WABT assembles it.

import { expect, test } from "vitest";
import { assemble } from "../../compiler/5-emit/wasm/encode/assemble.js";
import { instructions } from "../../compiler/5-emit/wasm/encode/instructions.js";
import { assembledByWabt } from "./wabt.js";

const lanes = (name: string, count: number): string =>
  name === "i8x16.shuffle"
    ? Array.from({ length: 16 }, (_, n) => (n * 7) % 32).join(" ")
    : Array.from({ length: count }, () => "0").join(" ");

const expectSame = (body: string): void => {
  const text = `(module (func $f (param $x i32) (local $y v128) ${body}))`;
  expect([...assemble(text, { asWritten: true })], body).toEqual([...assembledByWabt(text)]);
};

test("instructions with nothing behind them", () => {
  const plain = [...instructions].filter(([, { align, lanes }]) => align === undefined && lanes === 0);
  expect(plain.length).toBeGreaterThan(150);
  for (const [name] of plain) expectSame(`(${name})`);
});

test("instructions that touch memory: alignments, and offsets of one byte to five", () => {
  const touching = [...instructions].filter(([, { align }]) => align !== undefined);
  expect(touching.length).toBeGreaterThan(35);
  for (const [name, { lanes: count }] of touching) {
    expectSame(`(${name} ${lanes(name, count)})`);
    for (const offset of [1, 127, 128, 16384, 2 ** 31, 2 ** 32 - 1])
      expectSame(`(${name} offset=${offset} ${lanes(name, count)})`);
  }
});

test("instructions that name lanes", () => {
  const named = [...instructions].filter(([, one]) => one.lanes > 0);
  expect(named.length).toBeGreaterThan(14);
  for (const [name, { lanes: count }] of named) expectSame(`(${name} ${lanes(name, count)})`);
  expectSame("(v128.load8_lane offset=3 15 (local.get $x) (local.get $y))");
});

const INTEGERS = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8192, -8193, 2 ** 31 - 1, -(2 ** 31)];

test("integers", () => {
  for (const value of INTEGERS) {
    expectSame(`(i32.const ${value})`);
    expectSame(`(i64.const ${value})`);
    expectSame(`(v128.const i32x4 ${value} 0 ${value} -1)`);
  }
});

test("floats", () => {
  const values = ["0", "-0", "inf", "-inf", "nan", "0.5", "-1e-7", "1e+21", "1.401298464324817e-45", "0.1"];
  for (const value of [...values, "3.4028234663852886e+38", "5e-324", "1.7976931348623157e+308"]) {
    expectSame(`(f64.const ${value})`);
    expectSame(`(v128.const f64x2 ${value} 0)`);
    if (/e-324|e\+308/.test(value)) continue;
    expectSame(`(f32.const ${value})`);
    expectSame(`(v128.const f32x4 0 ${value} 1 ${value})`);
  }
});

test.each([
  `(if (local.get $x) (then (return)))`,
  `(drop (if (result i32) (local.get $x) (then (i32.const 1)) (else (i32.const 2))))`,
  `(loop $a (block $b (br_if $a (local.get $x)) (br $b)) (loop $a (br $a)))`,
  `(drop (block (result f64) (f64.const 1)))`,
  `(local.set $y (local.tee $y (local.get $y)))`,
  `(if (local.get $x) (then (block $a (if (local.get $x) (then (br $a))))) (else (call $f (local.get $x))))`,
  `(;a comment (on a line);)
(local.set $x (i32.const 3))`,
])("control: %s", expectSame);

test("what a module declares", () => {
  const text = `(module
    (import "env" "memory" (memory 1 65536))
    (import "env" "thread" (global $thread i32))
    (import "math" "pow" (func $pow (param f64 f64) (result f64)))
    (import "math" "now" (func $now (result f64)))
    (global $a (mut v128) (v128.const i32x4 1 2 3 4))
    (global $b f32 (f32.const -0))
    (func $one (export "one") (export "an \\22other\\e2\\82\\ac") (param $x f64) (result f64) (local $y f32)
      (global.set $a (global.get $a))
      (local.set $y (global.get $b))
      (call $pow (local.get $x) (call $two)))
    (func $two (result f64) (call $now))
    (func $three)
    (data (i32.const 65536) "ab\\00\\ff c"))`;
  expect([...assemble(text, { asWritten: true })]).toEqual([...assembledByWabt(text)]);
  expect(WebAssembly.validate(assemble(text))).toBe(true);
});

test("negative control: bytes that differ are seen", () => {
  const text = `(module (func $f (param $x i32) (drop (i32.load16_u (local.get $x)))))`;
  const other = text.replace("16_u", "16_s");
  expect([...assemble(text)]).not.toEqual([...assembledByWabt(other)]);
});
