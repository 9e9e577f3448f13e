// tapeless/vite

import type { Plugin } from "vite";
import type { PluginOptions } from "./options.js";
import { plugins } from "./plugin.js";

export type { PluginOptions } from "./options.js";

/**
 * The plugin for Vite: `import { createXor } from "./xor.net.compiled"` is the module of `./xor.net.ts`. In the development server a
 * change of the definition is in the page at once, and weights whose shapes have not changed are kept.
 *
 * @example
 * // vite.config.ts
 * export default defineConfig({ plugins: [tapeless({ target: "wasm" })] });
 */
export const tapeless = (options?: PluginOptions): Plugin => plugins.vite(options);
