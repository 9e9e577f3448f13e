// tapeless/rollup

import type { Plugin } from "rollup";
import type { PluginOptions } from "./options.js";
import { plugins } from "./plugin.js";

export type { PluginOptions } from "./options.js";

/**
 * The plugin for Rollup: `import { createXor } from "./xor.net.compiled"` is the module of `./xor.net.ts`.
 *
 * @example
 * export default { input: "src/main.js", plugins: [tapeless({ target: "wasm" })] };
 */
export const tapeless = (options?: PluginOptions): Plugin => plugins.rollup(options);
