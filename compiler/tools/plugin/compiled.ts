// From a definition's file to the text of its module, by the command line's own way, and what of it is remembered: the module of
// texts and options that were compiled before is not compiled again.

import { readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { foreignFile, noDefinitionFor, type TapelessError } from "../../../src/messages.js";
import type { Message } from "../errors.js";
import { configFiles, configPaths, loadConfig, type LoadedConfig } from "../config-file.js";
import { format } from "../format.js";
import { buildSource, neededBy, pipelineCompile, readSource, type Source } from "../generate.js";
import { strippedOf } from "../javascript.js";
import { errorsIn, isTapelessError } from "../located.js";
import { dependsOnTextsAlone, madeFrom } from "../module-files.js";
import { packageRoot, shownPath, slashed } from "../paths.js";
import { stem as nameOf } from "../schedule-file.js";
import { version } from "../version.js";
import { contentHash, header, stateOf, writeGenerated } from "../write.js";
import { definitionAt, typesOf } from "./address.js";
import { chosenFor, type PluginOptions } from "./options.js";

/** The module of a definition. */
export interface CompiledModule {
  /** JavaScript without imports. */
  readonly code: string;
  readonly types: string;
  readonly warnings: readonly Message[];
}

/** What became of a definition, with the files that it depends on, absolute: a failure is mended in one of them. */
export type Outcome = { readonly needs: readonly string[] } & (
  | { readonly module: CompiledModule; readonly error?: undefined }
  | { readonly module?: undefined; readonly error: unknown }
);

/** One at a time: while a definition runs, the process belongs to it. */
let queue: Promise<unknown> = Promise.resolve();

export class Compiler {
  readonly #options: PluginOptions;
  readonly #configs = new Map<string, { readonly texts: string; readonly loaded: LoadedConfig }>();
  readonly #known = new Map<string, CompiledModule>();

  constructor(options: PluginOptions) {
    this.#options = options;
  }

  /** Compiles the definition whose path without ending is given. Never throws. */
  compile(stem: string): Promise<Outcome> {
    const result = queue.then(() => this.#outcome(stem));
    queue = result;
    return result;
  }

  async #outcome(stem: string): Promise<Outcome> {
    const definition = definitionAt(stem);
    if (definition === undefined) {
      const specifier = `${nameOf(`${stem}.ts`)}.net.compiled`;
      const error = noDefinitionFor({ specifier, path: shownPath(`${stem}.ts`), endings: ".ts, .mts, .js, .mjs" });
      return { needs: [`${stem}.ts`], error };
    }
    const needs = new Set([definition]);
    try {
      const root = packageRoot(dirname(definition));
      for (const path of configPaths(root)) needs.add(path);
      const { config, warnings } = await this.#config(root);
      const options = chosenFor(nameOf(definition), root, config, this.#options);
      const source = await readSource(definition, options);
      for (const path of neededBy(source)) needs.add(path);
      const made = `${definition}\n${madeFrom(source, options, root)}`;
      const module = this.#known.get(made) ?? (await compiled(source, options, warnings));
      this.#known.delete(made);
      if (dependsOnTextsAlone(source.bundle)) remember(this.#known, made, module);
      const unwritten = this.#options.types === false ? [] : writeTypes(stem, root, definition, module.types);
      return { needs: [...needs], module: { ...module, warnings: [...module.warnings, ...unwritten] } };
    } catch (error) {
      // An error may lie in a file that the definition imports, and that was not read for want of another.
      if (isTapelessError(error)) for (const { at } of errorsIn(error)) if (at) needs.add(at.file);
      return { needs: [...needs], error };
    }
  }

  async #config(root: string): Promise<LoadedConfig> {
    const texts = JSON.stringify(configFiles(root).map((path) => [path, readFileSync(path, "utf8")]));
    const known = this.#configs.get(root);
    if (known?.texts === texts) return known.loaded;
    const loaded = await loadConfig(root);
    this.#configs.set(root, { texts, loaded });
    return loaded;
  }
}

/** So many modules are remembered, the last ones. */
const REMEMBERED = 50;

function remember(known: Map<string, CompiledModule>, key: string, module: CompiledModule): void {
  known.set(key, module);
  if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
}

async function compiled(
  source: Source,
  options: Parameters<typeof buildSource>[1],
  configured: readonly TapelessError[],
): Promise<CompiledModule> {
  const { compiled, warnings } = await buildSource(source, options, await pipelineCompile());
  const { code, types } = await strippedOf(compiled.source);
  // A bundler has timers and servers of its own, which nobody can tell from those of a definition.
  const own = [...configured, ...warnings].filter((warning) => warning.code !== "DEFINITION_KEEPS_RUNNING");
  return { code, types: await format(types), warnings: own };
}

/**
 * Writes what editors read, where it is another text than before: it changes with the module's interface alone. A package that is
 * installed has brought its own. Returns a warning where the file cannot be written.
 */
function writeTypes(stem: string, root: string, definition: string, types: string): readonly Message[] {
  const path = typesOf(stem);
  if (/[\\/]node_modules[\\/]/.test(path)) return [];
  const source = slashed(relative(root, definition));
  const head = header({ version: version(), source, hash: contentHash("", [types]), command: "the bundler" });
  const file = { path, content: head + types };
  try {
    stateOf(file);
  } catch (error) {
    if (!isTapelessError(error) || error.code !== "FOREIGN_FILE") throw error;
    throw foreignFile({ path: shownPath(path), hint: "move it away, or say types: false in the plugin's options" });
  }
  try {
    writeGenerated([file]);
    return [];
  } catch (error) {
    if (isTapelessError(error) && error.code === "CANNOT_WRITE") return [error];
    throw error;
  }
}
