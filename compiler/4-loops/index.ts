// Phase 4: how loops are run on a machine. Passes from kernel to kernel, each of them with what must hold of its result.

export type { LoopContext, LoopPass } from "./pass.js";
export { machineOf } from "./machines/index.js";
export { nestsIn, staleIn, type Asked } from "./schedule.js";
export { tileModel, type TileModel } from "./cost/model.js";
export { mergeRows } from "./one-row-loop/merge.js";
export { mergeBands } from "./sliding-window.js";
export { LOOP_PASSES, runPass } from "./passes.js";
export { printPasses } from "./print.js";
