// What a bundler's configuration says to the plugin, over what `tapeless.config.ts` says.

import type { BuildConfig, Config } from "../config.js";
import { checkPluginOptions } from "../config-file.js";
import { choose, type BuildOptions } from "../build-options.js";
import { noWasmFile } from "../../../src/messages.js";

/** How networks are built; what is absent is as `tapeless.config.ts` says. */
export type NetworkOptions = Omit<BuildConfig, "output" | "language">;

/**
 * What {@link tapeless} of a bundler is told: `target`, `dtype`, `entries`, `relaxed` and `schedules` as in `tapeless.config.ts`, and what
 * stands below.
 */
export interface PluginOptions extends NetworkOptions {
  /** What one network has in place of the above, by the name of its definition: `digits` for `digits.net.ts`. */
  readonly networks?: Readonly<Record<string, NetworkOptions>>;
  /** Is `digits.net.compiled.d.ts` written beside the definition? Default: true. */
  readonly types?: boolean;
  /** In Vite's development server: do models keep their weights when their definition changes? Default: true. */
  readonly keepWeights?: boolean;
}

/** The options as they are, or BAD_CONFIG for what they cannot be. */
export function checkedOptions(options: PluginOptions = {}): PluginOptions {
  checkPluginOptions(options);
  return options;
}

/**
 * How the network of that name is built: what the plugin says of it, what the plugin says of all, then the same of the
 * configuration. `root` is the folder of the definition's package. Throws BAD_CONFIG where the bytes of WebAssembly would be a file.
 */
export function chosenFor(name: string, root: string, config: Config, options: PluginOptions): BuildOptions {
  const { types: _, keepWeights: __, networks, ...all } = options;
  const ownOf = (table: Config["networks"] | PluginOptions["networks"]): BuildConfig =>
    table && Object.hasOwn(table, name) ? table[name]! : {};
  const layers = [config, ownOf(config.networks), all, ownOf(networks)];
  const merged: Config = Object.assign(
    {},
    ...layers.map((layer) => Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== undefined))),
    { networks: undefined, language: "javascript" },
  );
  const chosen = choose(merged, name, root, {}).options;
  if (chosen.wasmFile) throw noWasmFile({ network: name });
  return chosen;
}
