// Constants of vector routines are globals, each once.

import { expect, test } from "vitest";
import { withGlobals } from "../../compiler/5-emit/wasm/math/constants.js";
import { f32x4, i32x4 } from "../../compiler/5-emit/wasm/text.js";

test("equal constants are one global; what one instruction makes stays", () => {
  const [two, zero, ones] = [f32x4(2), f32x4(0), i32x4(-1, -1, -1, -1)];
  const found = withGlobals([`(f32x4.mul ${two} ${zero})`, `(v128.and ${ones} (f32x4.sub ${two} ${f32x4(-0.5)}))`]);
  expect(found).toEqual({
    functions: [
      `(f32x4.mul (global.get $constant.0) ${zero})`,
      `(v128.and ${ones} (f32x4.sub (global.get $constant.0) (global.get $constant.1)))`,
    ],
    globals: [`(global $constant.0 (mut v128) ${two})`, `(global $constant.1 (mut v128) ${f32x4(-0.5)})`],
  });
});
