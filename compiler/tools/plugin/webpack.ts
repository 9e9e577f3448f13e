// tapeless/webpack

import type { WebpackPluginInstance } from "webpack";
import type { PluginOptions } from "./options.js";
import { plugins } from "./plugin.js";

export type { PluginOptions } from "./options.js";

/**
 * The plugin for webpack: `import { createXor } from "./xor.net.compiled"` is the module of `./xor.net.ts`.
 *
 * @example
 * export default { entry: "./src/main.js", plugins: [tapeless({ target: "wasm" })] };
 */
export const tapeless = (options?: PluginOptions): WebpackPluginInstance => plugins.webpack(options);
