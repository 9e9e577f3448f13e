// tapeless/esbuild

import type { Plugin } from "esbuild";
import type { PluginOptions } from "./options.js";
import { plugins } from "./plugin.js";

export type { PluginOptions } from "./options.js";

/**
 * The plugin for esbuild: `import { createXor } from "./xor.net.compiled"` is the module of `./xor.net.ts`.
 *
 * @example
 * await build({ entryPoints: ["src/main.ts"], bundle: true, plugins: [tapeless({ target: "wasm" })] });
 */
export const tapeless = (options?: PluginOptions): Plugin => plugins.esbuild(options);
