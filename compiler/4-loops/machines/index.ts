// The machines that kernels are prepared for.

import type { FloatType, TargetName } from "../../ir/choices.js";
import type { Machine } from "./machine.js";
import { SCALAR } from "./scalar.js";
import { wasmOf } from "./wasm.js";

const MACHINES = {
  typescript: () => SCALAR,
  wasm: wasmOf,
} satisfies Record<TargetName, (float: FloatType) => Machine>;

/** The machine that a target's code runs on, with floats of the type. */
export const machineOf = (target: TargetName, float: FloatType): Machine => MACHINES[target](float);
