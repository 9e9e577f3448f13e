// How one module is built: what the command line says, then the configuration, then the defaults.

import { resolve } from "node:path";
import { badUsage } from "../../src/messages.js";
import type { FloatType, TargetName } from "../ir/choices.js";
import type { BuildConfig, Config, Language } from "./config.js";

/** What decides the bytes of a module, besides the definition. */
export interface BuildOptions {
  /** Absent: TypeScript. */
  readonly target?: TargetName | undefined;
  readonly dtype: FloatType;
  /** Absent: TypeScript. */
  readonly language?: Language | undefined;
  /** Are the bytes of WebAssembly a file of their own, beside the module? */
  readonly wasmFile?: boolean | undefined;
  /** False: the same bits on every engine. */
  readonly relaxed?: boolean | undefined;
  /** Absent: all. */
  readonly entries?: readonly string[] | undefined;
  /** The folder of the schedules, absolute. Absent: beside the definitions. */
  readonly schedules?: string | undefined;
}

/** What the command line gives; undefined is not given. Folders are absolute. */
export type BuildFlags = { readonly [K in keyof BuildOptions]?: BuildOptions[K] | undefined } & {
  readonly out?: string | undefined;
};

export interface Chosen {
  readonly options: BuildOptions;
  /** The folder of the module, absolute. */
  readonly out: string;
}

const DEFAULT_OUT = "generated";

/** How a network of that name is built. Throws BAD_USAGE for flags that do not fit what they meet. */
export function choose(config: Config, name: string, root: string, flags: BuildFlags): Chosen {
  const { definitions: _, networks, ...shared } = config;
  const own: BuildConfig = networks && Object.hasOwn(networks, name) ? networks[name]! : {};
  const { output = DEFAULT_OUT, schedules, ...configured } = { ...defined(shared), ...defined(own) };
  const { out, ...given } = defined(flags);
  const wanted: BuildOptions = {
    dtype: "float32",
    target: "typescript",
    language: "typescript",
    ...configured,
    ...(schedules !== undefined && { schedules: resolve(root, schedules) }),
    ...given,
  };
  requireFitting(flags, wanted);
  const isWasm = wanted.target === "wasm";
  // What a configuration says of WebAssembly is for the networks that are built so.
  const wasmFile = isWasm && wanted.wasmFile === true;
  const relaxed = isWasm && wanted.dtype === "float32" && wanted.relaxed === false ? false : undefined;
  return { options: { ...wanted, wasmFile, relaxed }, out: out ?? resolve(root, output) };
}

/** Without what is there but undefined, which would hide what it is laid over. */
const defined = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;

function requireFitting({ wasmFile, relaxed }: BuildFlags, { target, dtype }: BuildOptions): void {
  if (relaxed === false && (target !== "wasm" || dtype !== "float32"))
    throw badUsage({ text: "--no-relaxed is for WebAssembly in float32", hint: "add --target wasm" });
  if (wasmFile && target !== "wasm")
    throw badUsage({ text: "--wasm-file is for WebAssembly", hint: "add --target wasm" });
}

/** The flags of a command line that asks for the one where the other is configured; folders as they are shown. */
export function flagsBetween(chosen: Chosen, configured: Chosen, shown: (folder: string) => string): readonly string[] {
  const [now, before] = [chosen.options, configured.options];
  const words: string[] = [];
  if (chosen.out !== configured.out) words.push("--out", shown(chosen.out));
  if (now.target !== before.target) words.push("--target", now.target!);
  if (now.language !== before.language) words.push("--language", now.language!);
  if (now.wasmFile && !before.wasmFile) words.push("--wasm-file");
  if (now.relaxed === false && before.relaxed !== false) words.push("--no-relaxed");
  if (now.dtype !== before.dtype) words.push("--dtype", now.dtype);
  const listed = now.entries?.join(",");
  if (listed !== undefined && listed !== before.entries?.join(",")) words.push("--entries", listed);
  if (now.schedules !== undefined && now.schedules !== before.schedules)
    words.push("--schedules", shown(now.schedules));
  return words;
}
