// tapeless/rolldown

import type { Plugin } from "rolldown";
import type { PluginOptions } from "./options.js";
import { plugins } from "./plugin.js";

export type { PluginOptions } from "./options.js";

/**
 * The plugin for Rolldown: `import { createXor } from "./xor.net.compiled"` is the module of `./xor.net.ts`.
 *
 * @example
 * export default { input: "src/main.ts", plugins: [tapeless({ target: "wasm" })] };
 */
export const tapeless = (options?: PluginOptions): Plugin => plugins.rolldown(options);
