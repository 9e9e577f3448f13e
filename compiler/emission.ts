// A program's text on its target, made when it is first asked for.

import { emitTypescript, type EmittedTypescript } from "./5-emit/typescript/module.js";
import { checkedCalls } from "./5-emit/checked/calls.js";
import { laidOut } from "./5-emit/wasm/encode/layout.js";
import { emitWasm, writeWasm, type EmittedWasm, type WrittenWasm } from "./5-emit/wasm/target.js";
import type { Plan } from "./ir/layout.js";
import type { ModuleSpec } from "./ir/module.js";
import { run } from "./phases.js";
import type { EmissionTrace, EmittedText, Tell, Trace } from "./trace.js";

/** The last phase's name in a trace. */
export const EMISSION = "emission";

export interface Emission {
  readonly source: () => string;
  /** The bytes that belong into a file of their own. */
  readonly wasm: () => Uint8Array | undefined;
  /** As WebAssembly text: of programs whose loops were prepared for it. */
  readonly wat: () => string;
}

export interface EmissionOptions {
  /** The name of the file for the bytes of WebAssembly; absent: they are in the module's text. */
  readonly wasmFile?: string | undefined;
  /** False: no multiply-adds that an engine may round once. */
  readonly relaxed?: boolean | undefined;
  /** For tests: every load and store is checked. */
  readonly checked?: boolean | undefined;
  /** Told when the module's text is made. */
  readonly trace?: Trace | undefined;
}

export function emission(spec: ModuleSpec, layout: Plan, options: EmissionOptions = {}): Emission {
  const { target } = spec;
  const { wasmFile, relaxed = true, trace } = options;
  const calls = options.checked === true ? checkedCalls(spec, layout) : undefined;
  let typescript: EmittedTypescript | undefined;
  let written: WrittenWasm | undefined;
  let wasm: EmittedWasm | undefined;
  const inTypescript = (): EmittedTypescript => (typescript ??= emitTypescript(spec, layout, calls));
  const inText = (): WrittenWasm => (written ??= writeWasm(spec, layout, calls));
  const inWasm = (): EmittedWasm => (wasm ??= emitWasm(spec, layout, inText(), wasmFile, relaxed));
  const emit = (): EmittedText => {
    const { source: text, spans = [] } = target === "wasm" ? inWasm() : inTypescript();
    return { target, text, spans };
  };
  const tell: Tell<EmissionTrace> = trace && ((told) => trace({ kind: "emission", ...told }));
  let emitted: EmittedText | undefined;
  return {
    // Engines check what is emitted.
    source: () => (emitted ??= run({ name: EMISSION, run: emit, verify: () => {} }, layout, undefined, tell)).text,
    wasm: () => (target === "wasm" && wasmFile !== undefined ? inWasm().bytes : undefined),
    wat: () => laidOut(inText().code.text),
  };
}
