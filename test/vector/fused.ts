// Whether this engine has relaxed SIMD: multiply-adds that round once.

import { assemble } from "../../compiler/5-emit/wasm/encode/assemble.js";

export const fused = WebAssembly.validate(
  assemble(`(module (func $f (export "f") (param $x v128) (result v128)
    (f32x4.relaxed_madd (local.get $x) (local.get $x) (local.get $x))))`),
);
