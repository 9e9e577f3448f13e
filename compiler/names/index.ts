// Names for nodes, taken from the definition's own `const`s.

export { nameProblem } from "./allowed.js";
export { readConstNames } from "./const-names.js";
export { around, aroundCaller } from "./call-path.js";
export { namesInProcess } from "./in-process.js";
export { nameGraph, type Names, type Naming } from "./name-graph.js";
export type { ConstNames } from "./place.js";
