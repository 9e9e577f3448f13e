// Phase 2: the same values from fewer, cheaper and more stable nodes.

export { expandComposites } from "./expand.js";
export type { Firing, RewriteEvent } from "./events.js";
export { lightenLoops } from "./loops/index.js";
export { lint } from "./lint/index.js";
export { simplify } from "./simplify.js";
export { stabilize } from "./stabilize.js";
