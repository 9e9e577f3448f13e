// tapeless/rspack

import type { RspackPluginInstance } from "@rspack/core";
import type { PluginOptions } from "./options.js";
import { plugins } from "./plugin.js";

export type { PluginOptions } from "./options.js";

/**
 * The plugin for Rspack: `import { createXor } from "./xor.net.compiled"` is the module of `./xor.net.ts`.
 *
 * @example
 * export default { entry: "./src/main.js", plugins: [tapeless({ target: "wasm" })] };
 */
export const tapeless = (options?: PluginOptions): RspackPluginInstance => plugins.rspack(options);
