// Phase 2: the same values from fewer, cheaper and more stable nodes.

export { expandComposites } from "./expand.js";

export { lightenLoops } from "./loops/index.js";
export { lint, type Warning } from "./lint.js";
export { simplify } from "./simplify.js";
export { stabilize } from "./stabilize.js";
