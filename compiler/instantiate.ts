// Runs an emitted module in this process: types are stripped and the text is evaluated. Only tools and tests do this; a
// module that was written to a file is imported like any other.

import { createRequire } from "node:module";
import { runInThisContext } from "node:vm";
import type { MemberName, ViewGroup } from "../src/graph/members.js";

/**
 * Where a model's values start, and where its memory is. `create` of a compilation takes them. {@link compile} gives
 * it.
 */
export interface ModelOptions {
  /** Of the initial values and of all randomness, a 32-bit integer. 0 unless stated. */
  readonly seed?: number;
  /** Values for parameters, by name, in place of the seeded initial ones: what `save` gave. */
  readonly parameters?: Readonly<Record<string, ArrayLike<number>>>;
  /** The memory to live in, in place of its own. */
  readonly buffer?: ArrayBuffer;
  /** WebAssembly only: the memory to live in. */
  readonly memory?: { readonly buffer: ArrayBuffer | SharedArrayBuffer };
  /** WebAssembly only: how many threads share a call's work. */
  readonly threads?: number;
  /** WebAssembly in float32 only: false for the same bits on every engine. */
  readonly relaxed?: boolean;
  /** The bytes of the file that a module with `wasmFile` asks for. */
  readonly wasm?: Uint8Array;
}

export type FloatArray = Float32Array | Float64Array;

export type AnyArray = FloatArray | Int32Array | Uint8Array;

type Views<Group extends ViewGroup, View> = Readonly<Record<Group, Readonly<Record<string, View>>>>;

/** What every emitted model has, as the list of members says. */
interface Members
  extends Views<Exclude<ViewGroup, "parameters" | "grads">, AnyArray>, Views<"parameters" | "grads", FloatArray> {
  /** What is known of the model: the names, shapes and types of its views, its steps. */
  readonly spec: {
    readonly name: string;
    readonly naming: "source" | "ordinal";
    readonly capacity: number;
    readonly dtype: string;
    readonly steps: readonly string[];
    readonly arenaBytes: number;
    readonly workspace: { readonly offset: number; readonly bytes: number };
    readonly inputs: Readonly<Record<string, ViewSpec>>;
    readonly targets: Readonly<Record<string, ViewSpec>>;
    readonly outputs: Readonly<Record<string, ViewSpec>>;
    readonly parameters: Readonly<Record<string, ViewSpec>>;
    readonly states: Readonly<Record<string, ViewSpec>>;
  };
  /** Of models on WebAssembly. */
  readonly threads: number;
  /** The seed of all randomness. */
  readonly seed: number;
  /** Of models that carry something from call to call. */
  readonly resetCarries: () => void;
  /** Sets parameters and states back to their initial values, with another seed where one is given. */
  readonly reset: (seed?: number) => void;
  /** Of models on WebAssembly: ends its threads. */
  readonly dispose: () => void;
}

/** What every emitted model has; entries and hyper-parameters are further members, by name. {@link compile} makes one. */
export interface Model extends Complete<Members> {
  /** Computes the outputs of so many rows, in inference mode. */
  readonly predict: (rows: number) => void;
  /** The loss of so many rows, in inference mode. */
  readonly loss: (rows: number) => number;
  /** The loss of so many rows, and the gradient of each parameter in `grads`, in training mode. */
  readonly gradients: (rows: number) => number;
  /** The loss of so many rows before the step, which changes the parameters. */
  readonly step: (rows: number) => number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- entries and hyper-parameters are named by the network
  [member: string]: any;
}

/** The same type; one that leaves out a member, or has another, is a type error. */
type Complete<
  M extends { readonly [Name in MemberName]: unknown } & { readonly [Name in Exclude<keyof M, MemberName>]: never },
> = M;

export interface ViewSpec {
  readonly shape: readonly (number | string)[];
  readonly dtype: string;
  readonly below?: number;
  readonly ignoreIndex?: number;
}

/** What makes models of a module's text. */
export function factoryOf(source: string, name: string): (options: ModelOptions) => Model {
  const esbuild = createRequire(import.meta.url)("esbuild") as typeof import("esbuild");
  const { code } = esbuild.transformSync(source, { loader: "ts", format: "cjs", target: "es2022" });
  const module = { exports: {} as Record<string, unknown> };
  const run = runInThisContext(`(function (module, exports) {${code}\n})`, { filename: `${name}.generated.js` }) as (
    module: object,
    exports: object,
  ) => void;
  run(module, module.exports);
  return Object.entries(module.exports).find(([key]) => key.startsWith("create"))![1] as (
    options: ModelOptions,
  ) => Model;
}
