// tapeless/webpack

import type { WebpackPluginInstance } from "webpack";
import type { PluginOptions } from "./options.js";
import { plugins } from "./plugin.js";

export type { PluginOptions } from "./options.js";

/**
 * The plugin for webpack: `import { createXor } from "./xor.net.compiled"` is the module of `./xor.net.ts`.
 *
 * @param options how networks are built, before what `tapeless.config.ts` says
 * @returns the plugin, for `plugins` of the bundler's configuration
 * @throws BAD_CONFIG for an option that there is not, or a value that one cannot have
 * @example
 * ```ts
 * // What webpack's configuration is given.
 * const config = { plugins: [tapeless({ target: "wasm" })] };
 * config.plugins.length; // 1
 * ```
 */
export const tapeless = (options?: PluginOptions): WebpackPluginInstance => plugins.webpack(options);
