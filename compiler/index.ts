// tapeless/compiler: compiling in process, without files, and checking gradients.

export {
  gradcheck,
  printReport as printGradcheck,
  type GradcheckOptions,
  type GradcheckReport,
} from "./gradcheck/index.js";
export { createInterpreter, interpret } from "./interpret.js";
export type { InterpretOptions, InterpretValues, Interpretation, Interpreter } from "./interpret.js";
export { compile } from "./compile.js";
export type {
  EmissionTrace,
  EmittedText,
  EntryItems,
  FuseTrace,
  GraphEvent,
  GraphTrace,
  KernelTrace,
  PlanTrace,
  TraceEvent,
} from "./trace.js";
export type { Compilation, CompileOptions, Model, ModelOptions, Schedule, Warning } from "./compile.js";
