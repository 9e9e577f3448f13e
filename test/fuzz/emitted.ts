// A network as a model of an emitted module. Before each call everything that the call must write itself is spoiled, and after
// it everything that it must leave alone is looked at.

import type { Compilation, Model } from "../../compiler/compile.js";
import { factoryOf, type AnyArray } from "../../compiler/instantiate.js";
import type { ModelOptions } from "../../compiler/compile.js";
import type { Node } from "../../src/graph/node.js";
import { evaluateDim, sizeOf } from "../../src/graph/shape.js";
import type { Facts } from "./facts.js";
import { RESET, type Machine } from "./play.js";

export interface Variant {
  readonly name: string;
  readonly target: "typescript" | "wasm";
  readonly dtype: "float32" | "float64";
  readonly relaxed: boolean;
  readonly threads: number;
}

/** A call changed what it must not change. */
export class Touched extends Error {
  override readonly name = "Touched";
}

export interface Emitted extends Machine {
  readonly dispose: () => void;
}

const RELAXED = "WebAssembly.validate(RELAXED) ? fuse(code) : code";

/** Whether the module's sums are rounded otherwise where the engine has relaxed SIMD. */
export const hasRelaxed = ({ source }: Compilation): boolean => source.includes(RELAXED);

/** Bytes behind a model's memory that no call may touch. */
const GUARD = 256;
const MARK = 0xa5;

export function emitted(
  compiled: Compilation,
  facts: Facts,
  variant: Variant,
  seed: number,
  change: (source: string) => string = (text) => text,
): Emitted {
  const { target, threads, relaxed } = variant;
  const source = target === "wasm" && !relaxed ? compiled.source.replace(RELAXED, "code") : compiled.source;
  const create = factoryOf(change(source), compiled.name);
  const end = compiled.memory.arenaBytes;
  const buffer = target === "typescript" ? new ArrayBuffer(end + GUARD) : undefined;
  const guard = buffer && new Uint8Array(buffer, end).fill(MARK);
  const options: ModelOptions = { seed, ...(buffer && { buffer }), ...(target === "wasm" && { threads }) };
  const model = quietly(() => create(options));
  const changed = new Map(
    facts.entries.map(({ name, updates }) => [name, new Set(updates.map(({ leaf }) => leaf))] as const),
  );
  const memory = memoryOf(model) ?? buffer;
  const given = [...facts.views.inputs, ...facts.views.targets];

  const first = namedStates(changed.get(RESET) ?? new Set());

  /** Copies of the states of these leaves. */
  function namedStates(leaves: ReadonlySet<Node>): [name: string, values: AnyArray][] {
    const own = facts.views.states.filter(({ name, buffer }) => leaves.has(buffer.leaf!) && name in model.states);
    return own.map(({ name }) => [name, model.states[name]!.slice()]);
  }

  function spoil(rows: number): void {
    const { offset, bytes } = model.spec.workspace;
    if (memory && bytes > 0) new Uint8Array(memory, offset, bytes).fill(0xff);
    for (const group of ["outputs", "grads", "statistics"] as const) {
      for (const view of Object.values((model[group] ?? {}) as Record<string, AnyArray>)) view.fill(NaN);
    }
    for (const {
      name,
      buffer: { shape, dtype },
    } of given) {
      const view = viewOf(model, name);
      if (dtype === "float32") view?.fill(NaN, evaluateDim(sizeOf(shape), rows));
    }
  }

  /** What an entry has no updates for. */
  function leftAlone(entry: string): { readonly name: string; readonly view: AnyArray; readonly before: AnyArray }[] {
    const groups = ["inputs", "targets", "parameters", "states"] as const;
    return groups.flatMap((group) => {
      const next = new Set(
        facts.views[group].flatMap(({ name, buffer }) => (changed.get(entry)!.has(buffer.leaf!) ? name : [])),
      );
      // What the simplified network does not read the model has not.
      const own = Object.entries(model[group]).filter(([name]) => !next.has(name));
      return own.map(([name, view]) => ({ name: `${group}.${name}`, view, before: view.slice() }));
    });
  }

  return {
    give(data, rows) {
      for (const { name } of given) viewOf(model, name)?.set(Array.from(data[name]!));
      spoil(rows);
    },
    setParameters(values) {
      for (const [name, view] of Object.entries(model.parameters)) view.set(Array.from(values[name]!));
    },
    run(entry, rows) {
      const kept = leftAlone(entry);
      const loss = (model[entry] as (rows: number) => number | undefined)(rows);
      for (const { name, view, before } of kept) {
        const at = before.findIndex((value, i) => !Object.is(value, view[i]));
        if (at >= 0) throw new Touched(`${entry} changes ${name}[${at}] from ${before[at]} to ${view[at]}`);
      }
      for (const [name, values] of entry === RESET ? first : []) {
        const at = values.findIndex((value, i) => !Object.is(value, model.states[name]![i]));
        if (at >= 0) throw new Touched(`after ${RESET} states.${name}[${at}] is not ${values[at]}, as it was at first`);
      }
      const behind = guard?.findIndex((byte) => byte !== MARK) ?? -1;
      if (behind >= 0) throw new Touched(`${entry} writes ${behind} bytes behind the memory of the model`);
      return loss;
    },
    read: (group) => (model[group] ?? {}) as Record<string, AnyArray>,
    dispose: () => model.dispose(),
  };
}

/** Modules warn where they cannot have the threads that they are asked for. */
function quietly<T>(make: () => T): T {
  const { warn } = console;
  console.warn = () => {};
  try {
    return make();
  } finally {
    console.warn = warn;
  }
}

const viewOf = ({ inputs, targets }: Model, name: string): AnyArray | undefined => inputs[name] ?? targets[name];

function memoryOf(model: Model): ArrayBufferLike | undefined {
  for (const group of ["inputs", "targets", "outputs", "parameters", "states", "grads"] as const) {
    for (const view of Object.values(model[group] ?? {})) return view.buffer;
  }
  return undefined;
}
