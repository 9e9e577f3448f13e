// tapeless/vite

import type { Plugin } from "vite";
import type { PluginOptions } from "./options.js";
import { plugins } from "./plugin.js";

export type { PluginOptions } from "./options.js";

/**
 * The plugin for Vite: `import { createXor } from "./xor.net.compiled"` is the module of `./xor.net.ts`. In the development server a
 * change of the definition is in the page at once, and weights whose shapes have not changed are kept.
 *
 * @param options how networks are built, before what `tapeless.config.ts` says
 * @returns the plugin, for `plugins` of the bundler's configuration
 * @throws BAD_CONFIG for an option that there is not, or a value that one cannot have
 * @example
 * ```ts
 * // What Vite's configuration is given.
 * const config = { plugins: [tapeless({ target: "wasm" })] };
 * config.plugins.length; // 1
 * ```
 */
export const tapeless = (options?: PluginOptions): Plugin => plugins.vite(options);
