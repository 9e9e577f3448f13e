// A program's text on its target, made when it is first asked for.

import { emitTypescript, type EmittedTypescript } from "./5-emit/typescript/module.js";
import { checkedCalls } from "./5-emit/checked/calls.js";
import type { Asked, Scheduler } from "./5-emit/schedule.js";
import { laidOut } from "./5-emit/wasm/encode/layout.js";
import { emitWasm, writeWasm, type EmittedWasm, type WrittenWasm } from "./5-emit/wasm/target.js";
import type { Plan } from "./ir/layout.js";
import type { ModuleSpec } from "./ir/module.js";
import type { TargetName } from "./ir/choices.js";
import type { Schedule, ScheduledNest } from "./ir/schedule.js";

export interface Emission {
  readonly source: () => string;
  /** The bytes that belong into a file of their own. */
  readonly wasm: () => Uint8Array | undefined;
  /** As WebAssembly text, whatever the target. */
  readonly wat: () => string;
  /** The nests of the kernels; without a schedule none is known. */
  readonly asked: () => readonly Asked[];
  /** Entries of the schedule that no kernel has. */
  readonly stale: () => readonly ScheduledNest[];
}

export interface EmissionOptions {
  readonly target: TargetName;
  readonly schedule: Schedule | undefined;
  /** The name of the file for the bytes of WebAssembly; absent: they are in the module's text. */
  readonly wasmFile?: string | undefined;
  /** False: no multiply-adds that an engine may round once. */
  readonly relaxed?: boolean | undefined;
  /** For tests: every load and store is checked. */
  readonly checked?: boolean | undefined;
}

export function emission(spec: ModuleSpec, layout: Plan, options: EmissionOptions): Emission {
  const { target, schedule, wasmFile, relaxed = true } = options;
  const calls = options.checked === true ? checkedCalls(spec, layout) : undefined;
  let typescript: EmittedTypescript | undefined;
  let written: WrittenWasm | undefined;
  let wasm: EmittedWasm | undefined;
  const inTypescript = (): EmittedTypescript => (typescript ??= emitTypescript(spec, layout, schedule, calls));
  const inText = (): WrittenWasm => (written ??= writeWasm(spec, layout, schedule, calls));
  const inWasm = (): EmittedWasm => (wasm ??= emitWasm(spec, layout, inText(), wasmFile, relaxed));
  const scheduler = (): Scheduler => (target === "wasm" ? inText() : inTypescript()).scheduler;
  return {
    source: () => (target === "wasm" ? inWasm() : inTypescript()).source,
    wasm: () => (target === "wasm" && wasmFile !== undefined ? inWasm().bytes : undefined),
    wat: () => laidOut(inText().code.text),
    asked: () => scheduler().asked,
    stale: () => (schedule ? scheduler().stale(spec.entries.map(({ name }) => name)) : []),
  };
}
