// `tapeless.config.ts`: found beside the package.json, run, and refused where it says what nothing reads.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { badConfig, printValue, type TapelessError } from "../../src/messages.js";
import { FLOAT_TYPES, TARGETS } from "../ir/choices.js";
import { loadModule } from "./bundle.js";
import type { BuildConfig, Config } from "./config.js";
import { LANGUAGES } from "./languages.js";
import { nearest } from "./options.js";
import { shownPath } from "./paths.js";

const NAMES = ["ts", "mts", "js", "mjs"].map((ending) => `tapeless.config.${ending}`);

export interface LoadedConfig {
  readonly config: Config;
  /** Absent: there is none. */
  readonly path: string | undefined;
  readonly warnings: readonly TapelessError[];
}

/** Where the folder's configuration may lie. */
export const configPaths = (root: string): readonly string[] => NAMES.map((name) => join(root, name));

/** Where it lies: in one file, or none, or more than may be. */
export const configFiles = (root: string): readonly string[] => configPaths(root).filter((path) => existsSync(path));

/** The configuration of the package in the folder; an empty one where there is none. Throws BAD_CONFIG. */
export async function loadConfig(root: string): Promise<LoadedConfig> {
  const paths = configFiles(root);
  const path = paths[0];
  if (path === undefined) return { config: {}, path, warnings: [] };
  if (paths.length > 1)
    throw badConfig({ path: shownPath(path), text: `there is ${shownPath(paths[1]!)} too`, hint: "keep one of them" });
  const { exports, warnings } = await loadModule(path, "configuration");
  return { config: checkConfig(exports.default, shownPath(path)), path, warnings };
}

interface Field {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

const oneOf = (words: readonly string[]): Field => ({
  expected: words.map((word) => JSON.stringify(word)).join(" or "),
  holds: (value) => words.includes(value as string),
});
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every(isText);
const folder: Field = { expected: "a folder's path", holds: isText };
const flag: Field = { expected: "true or false", holds: (value) => typeof value === "boolean" };

const BUILD = {
  output: folder,
  target: oneOf(TARGETS),
  dtype: oneOf(FLOAT_TYPES),
  language: oneOf(LANGUAGES),
  entries: { expected: 'a list of names, such as ["predict"]', holds: isTexts },
  wasmFile: flag,
  relaxed: flag,
  schedules: folder,
} satisfies Record<keyof BuildConfig, Field>;

const CONFIG = {
  ...BUILD,
  definitions: { expected: "a path or pattern, or a list of them", holds: (value) => isText(value) || isTexts(value) },
  networks: { expected: "an object, by the names of definitions", holds: isObject },
} satisfies Record<keyof Config, Field>;

const { output: _, language: __, ...NETWORK } = BUILD;

const PLUGIN = { ...NETWORK, networks: CONFIG.networks, types: flag, keepWeights: flag };

/** Throws BAD_CONFIG for what the plugin of bundlers cannot be given. */
export function checkPluginOptions(options: object): void {
  const path = "tapeless()";
  if (!isObject(options)) throw badConfig({ path, text: `its options are ${printValue(options)}, which is no object` });
  checkFields(options, PLUGIN, "", path);
  for (const [name, own] of Object.entries((options as { networks?: object }).networks ?? {})) {
    if (!isObject(own))
      throw badConfig({ path, text: `networks.${name} must be an object, but it is ${printValue(own)}` });
    checkFields(own, NETWORK, `networks.${name}.`, path);
  }
}

/** The value as a configuration. Throws BAD_CONFIG, naming the field. */
export function checkConfig(value: unknown, path: string): Config {
  const write = "write: export default defineConfig({ ... })";
  if (value === undefined) throw badConfig({ path, text: "it has no default export", hint: write });
  if (!isObject(value)) throw badConfig({ path, text: `it is ${printValue(value)}, which is no object`, hint: write });
  checkFields(value, CONFIG, "", path);
  for (const [name, own] of Object.entries((value as Config).networks ?? {})) {
    if (!isObject(own))
      throw badConfig({ path, text: `networks.${name} must be an object, but it is ${printValue(own)}` });
    checkFields(own, BUILD, `networks.${name}.`, path);
  }
  return value as Config;
}

function checkFields(value: object, fields: Readonly<Record<string, Field>>, prefix: string, path: string): void {
  for (const [name, given] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      const near = nearest(name, Object.keys(fields));
      const hint = near ? `did you mean ${near}?` : `there are: ${Object.keys(fields).join(", ")}`;
      throw badConfig({ path, text: `${prefix}${name} means nothing here`, hint });
    }
    if (given !== undefined && !field.holds(given))
      throw badConfig({ path, text: `${prefix}${name} must be ${field.expected}, but it is ${printValue(given)}` });
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
