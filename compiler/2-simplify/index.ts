// Phase 2: the same values from fewer, cheaper and more stable nodes.

export { expandComposites } from "./expand.js";
export type { Firing, Law } from "./engine.js";
export { lint, type Warning } from "./lint.js";
export { simplify, type SimplifyOptions } from "./simplify.js";
export { stabilize } from "./stabilize.js";
