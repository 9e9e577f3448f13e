// Whether this engine has relaxed SIMD: multiply-adds that round once.

import { assemble } from "../../compiler/assemble.js";

export const fused = WebAssembly.validate(
  assemble(`(module (func (export "f") (param v128) (result v128)
    (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))))`).bytes as BufferSource,
);
