// Names for nodes, taken from the definition's own `const`s.

export { nameProblem } from "./allowed.js";
export { readConstNames } from "./const-names.js";
export { nameGraph, type Names } from "./name-graph.js";
export type { ConstNames } from "./place.js";
