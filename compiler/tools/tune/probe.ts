// Kernels on their own: a module of the real emitter with one entry for each nest, which runs the kernel that has it and
// nothing else, in the loops over time that are around it. What kernels leave to one another lies apart, so that whatever is
// run finds sensible numbers.

import type { Asked } from "../../4-loops/index.js";
import { emission } from "../../emission.js";
import { factoryOf, type AnyArray, type Model } from "../../instantiate.js";
import type { Kernel } from "../../ir/kernel.js";
import type { EntrySpec, ModuleSpec, View } from "../../ir/module.js";
import type { Buffer, Program, ProgramItem } from "../../ir/program.js";
import type { Schedule } from "../../ir/schedule.js";
import { invariant } from "../../../src/messages.js";
import { scheduledModule, type Subject } from "./nests.js";

/** The probe's entry for the nest of this number. */
export const probeName = (nest: number): string => `nest ${nest}`;

/** The subject with an entry for each nest in place of its own. */
export function probeOf({ spec, persistent: lasting, float, target }: Subject, nests: readonly Asked[]): Subject {
  const kept = new Map<Buffer, Buffer>();
  const keep = (buffer: Buffer): Buffer => {
    if (buffer.segment !== "workspace") return buffer;
    const known = kept.get(buffer) ?? { ...buffer, segment: "output" };
    kept.set(buffer, known);
    return known;
  };
  const programs = nests.map(({ kernels }, n): Program => {
    const items = spec.entries.map(({ program }) => only(kernels[0]!, program.items, keep));
    const found = items.find((list) => list.length > 0);
    invariant(found, "a nest's kernel is called");
    return { entry: probeName(n), items: found, notes: [] };
  });
  const initialize = spec.entries.filter(({ kind }) => kind === "initialize");
  const entries = [...programs.map(entryOf), ...initialize];
  const views = [...kept.values()].map((buffer, n): View => ({ name: `workspace ${n}`, buffer }));
  const persistent = [...lasting, ...kept.values()];
  return {
    spec: { ...spec, outputs: [...spec.outputs, ...views], entries, steps: [], metrics: [] } satisfies ModuleSpec,
    persistent,
    float,
    target,
  };
}

/** The first call of a kernel, in its loops. */
function only(kernel: Kernel, items: readonly ProgramItem[], keep: (buffer: Buffer) => Buffer): ProgramItem[] {
  for (const item of items) {
    if (item.kind === "call") {
      if (item.kernel !== kernel) continue;
      return [{ ...item, uses: item.uses.map((use) => ({ ...use, buffer: keep(use.buffer) })) }];
    }
    const body = only(kernel, item.body, keep);
    if (body.length > 0) return [{ ...item, body }];
  }
  return [];
}

const entryOf = (program: Program): EntrySpec => ({
  name: program.entry,
  kind: "predict",
  program,
  returns: undefined,
  unread: [],
  checks: [],
  doc: "",
});

/** A running model of the subject, filled with numbers that every kernel can take. */
export function runningModel(subject: Subject, schedule: Schedule): Model {
  const { spec, layout } = scheduledModule(subject, schedule);
  const model = factoryOf(emission(spec, layout).source(), spec.name)({ seed: 1 });
  let word = 1;
  const random = (): number => (word = (Math.imul(word, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const fill = (views: readonly View[], arrays: Readonly<Record<string, AnyArray>>): void => {
    for (const { name, buffer, below } of views) {
      const array = arrays[name]!;
      for (let i = 0; i < array.length; i++) {
        if (buffer.dtype === "float32") array[i] = 2 * random() - 1;
        else array[i] = Math.floor(random() * (buffer.dtype === "bool" ? 2 : (below ?? 1)));
      }
    }
  };
  fill(spec.inputs, model.inputs);
  fill(spec.targets, model.targets);
  fill(spec.outputs, model.outputs);
  fill(spec.gradients, model.grads);
  return model;
}
