// tapeless/compiler: compiling in process, without files, and how an example says what it is trained on.

export { compile } from "./pipeline.js";
export type { Compilation, CompileOptions } from "./pipeline.js";
export { example, type Example, type ExampleData, type Loaded } from "./tools/example.js";
