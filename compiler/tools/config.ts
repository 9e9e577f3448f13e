// tapeless/config: what a project says to the command line, in `tapeless.config.ts` and in its training files. Imports nothing
// that runs.

import type { FloatType, TargetName } from "../ir/choices.js";

export { training, type Training, type TrainingData, type Loaded } from "./training.js";

/** What modules are written in: JavaScript has its types in a .d.ts file beside it. {@link defineConfig} takes it. */
export type Language = "typescript" | "javascript";

/**
 * How modules are built, and where they go. What is absent is the command line's default. {@link defineConfig} takes
 * it.
 */
export interface BuildConfig {
  /** The folder of the modules, from the configuration's own folder. Default: "generated". */
  readonly output?: string;
  /** What runs the network. Default: "typescript". */
  readonly target?: TargetName;
  /** The number type of the generated code. Default: "float32". */
  readonly dtype?: FloatType;
  /** What the modules are written in: JavaScript has its types in a .d.ts file beside it. Default: "typescript". */
  readonly language?: Language;
  /** The functions of the modules, such as ["predict"]. Default: all. */
  readonly entries?: readonly string[];
  /** For WebAssembly: are its bytes a .wasm file beside the module? Default: false. */
  readonly wasmFile?: boolean;
  /** For WebAssembly in float32; false: the same bits on every engine. Default: true. */
  readonly relaxed?: boolean;
  /** The folder of the schedules of `tapeless tune`. Default: beside the definitions. */
  readonly schedules?: string;
}

/** What `tapeless.config.ts` says. {@link defineConfig} takes it. */
export interface Config extends BuildConfig {
  /** Files, folders or patterns, from the configuration's own folder. Default: every definition of the package. */
  readonly definitions?: string | readonly string[];
  /**
   * What one network has in place of the above, by the name of its definition: `digits` for `digits.net.ts`. Default:
   * nothing.
   */
  readonly networks?: Readonly<Record<string, BuildConfig>>;
}

/**
 * The configuration of a package, in `tapeless.config.ts` (or .mts, .js, .mjs) beside its package.json. Options of the
 * command line come before it.
 * @param config what differs from the defaults
 * @returns the same
 * @example
 * ```ts
 * export default defineConfig({ output: "src/generated", target: "wasm", networks: { small: { target: "typescript" } } });
 * ```
 */
export const defineConfig = (config: Config): Config => config;
