// Phase 1: gradient markers become graphs.

export { differentiate } from "./differentiate.js";
export type { SweepEvent } from "./events.js";
