// What the encoder refuses: text that is not what the target prints is a bug of ours, and says where it is. And how text is laid out.

import { describe, expect, test } from "vitest";
import { assemble } from "../../compiler/5-emit/wasm/encode/assemble.js";
import { laidOut } from "../../compiler/5-emit/wasm/encode/layout.js";

const inFunction = (body: string): string => `(module\n(func $f (param $x i32)\n${body}))`;

describe("refused, with the line", () => {
  test.each([
    ["", /line 1: what is open is closed/],
    ["(func $f)", /line 1: the text is one module/],
    ["(module\n(func $f)", /line 2: what is open is closed/],
    ["(module)\n)", /line 2: nothing is open here/],
    ["(module)\n(module)", /line 2: the text is one module/],
    ["(module ())", /line 1: a module has no \)/],
    ["(module ()", /line 1: what is open is closed/],
    ["(module (func $f (())))", /line 1: a form begins with a word/],
    ["(module\n(table $t))", /line 2: a module has no table/],
    ["(module\nx)", /line 2: x is no form of a module/],
    [`(module "a)`, /" is no form of a module/],
    [`(module (data (i32.const 0) "a))`, /no token begins with "/],
    ["(module (func $f) (func $f))", /\$f is the name of one of the functions/],
    ["(module (func))", /undefined is the name of one of the functions/],
    ["(module (global $g x (i32.const 1)))", /there is a type here/],
    ["(module (global $g i32 (i32.add)))", /i32\.add is a constant/],
    [`(module (import "a" "b" (table $t)))`, /table cannot be imported/],
    [`(module (import "a" b (global $t i32)))`, /item 2 of import is a string/],
    [`(module (data (i32.const 0) "\\0g"))`, /item 2 of data is a string/],
    ["(module (func $f (param i32)))", /i32 is the name of one local/],
    ["(module (func $f (local $x i32) (local $x i32)))", /\$x is the name of one local/],
    [inFunction("(i32.ad (local.get $x))"), /line 3: there is an instruction i32\.ad/],
    [inFunction("\n(local.get $y)"), /line 4: there is a local \$y/],
    [inFunction("(local.get 0)"), /there is a local 0/],
    [inFunction("(local.get)"), /item 1 of local\.get is a word/],
    [inFunction("(call $g)"), /there is a function \$g/],
    [inFunction("(global.get $g)"), /there is a global \$g/],
    [inFunction("(br $l)"), /there is a block \$l around/],
    [inFunction("(loop $l (br $m))"), /there is a block \$m around/],
    [inFunction("(if (local.get $x))"), /an if has a condition/],
    [inFunction("(if (local.get $x) (else))"), /an if has a condition/],
    [inFunction("(i32.const)"), /i32\.const has 1 items/],
    [inFunction("(i32.const 2147483648)"), /2147483648 is an integer of 32 bits/],
    [inFunction("(i32.const 1.5)"), /1\.5 is an integer of 32 bits/],
    [inFunction("(f32.const 0x1)"), /0x1 is a number/],
    [inFunction("(v128.const f32x4 1 2 3)"), /v128\.const has 5 items/],
    [inFunction("(v128.const i8x16 1 2 3 4)"), /i8x16 is a shape of lanes/],
    [inFunction("(i32.load offset=-1 (local.get $x))"), /-1 is a whole number/],
    [inFunction("(i32.add offset=1 (local.get $x))"), /i32\.add has no offset/],
    [inFunction("(i8x16.shuffle 1 2 (local.get $x))"), /item 3 of i8x16\.shuffle is a word/],
    [inFunction("(drop 1)"), /line 3: there is an instruction in place of 1/],
  ])("%s", (text, message) => {
    expect(() => assemble(text)).toThrow(message);
    expect(() => assemble(text)).toThrow(/tapeless invariant broken: the WebAssembly text is well formed/);
  });

  test("control: the same around it is taken", () => {
    expect(WebAssembly.validate(assemble(inFunction("(drop (i32.add (local.get $x) (i32.const 1)))")))).toBe(true);
  });
});

test("integers are folded, but for a division by zero", () => {
  const bytes = (value: string) => assemble(`(module (func $f (result i32) ${value}))`);
  const folded = (value: string, result: number): void => expect(bytes(value)).toEqual(bytes(`(i32.const ${result})`));
  const two = (name: string, a: number, b: number): string => `(i32.${name} (i32.const ${a}) (i32.const ${b}))`;
  folded(two("add", 2 ** 31 - 1, 1), -(2 ** 31));
  folded(two("sub", 3, 5), -2);
  folded(two("mul", 65537, 65537), 131073);
  folded(two("and", -1, 12), 12);
  folded(two("shl", 1, 33), 2);
  folded(two("div_u", -1, 2), 2 ** 31 - 1);
  folded(`(i32.add ${two("mul", 3, 4)} ${two("sub", 0, 1)})`, 11);
  expect(bytes(two("div_u", 1, 0))).not.toEqual(bytes("(i32.const 0)"));
  expect(WebAssembly.validate(bytes(two("div_u", 1, 0)))).toBe(true);
});

test("text is laid out", () => {
  const text = `(module (import "env" "memory" (memory 1 1)) (func $sum (export "sum") (param $x i32) (result i32) (local $turn i32)
(local.set $turn (;what;) (i32.const 0)) (loop $loop (local.set $x (i32.add (local.get $x) (i32.const 1))) (if (i32.lt_s (local.get $turn)
(i32.const 7)) (then (local.set $x (i32.mul (local.get $x) (i32.load offset=16 (i32.add (local.get $turn) (local.get $x)))))))
(br_if $loop (i32.lt_s (local.tee $turn (i32.add (local.get $turn) (i32.const 1))) (i32.const 9)))) (local.get $x)))`;
  expect(laidOut(text)).toMatchInlineSnapshot(`
    "(module
      (import "env" "memory" (memory 1 1))
      (func $sum (export "sum") (param $x i32) (result i32) (local $turn i32)
        (local.set $turn (i32.const 0))
        (loop $loop
          (local.set $x (i32.add (local.get $x) (i32.const 1)))
          (if
            (i32.lt_s (local.get $turn) (i32.const 7))
            (then
              (local.set $x
                (i32.mul
                  (local.get $x)
                  (i32.load offset=16 (i32.add (local.get $turn) (local.get $x)))))))
          (br_if $loop
            (i32.lt_s
              (local.tee $turn (i32.add (local.get $turn) (i32.const 1)))
              (i32.const 9))))
        (local.get $x))
    )
    "
  `);
  expect(assemble(laidOut(text))).toEqual(assemble(text));
});
