// Names of kernels: in one entry a name is one kernel's. Equal names come from values that are computed more than once, such as
// the first carries of two loops, and from runs of rows.

import type { Kernel } from "./kernel.js";
import type { ProgramItem } from "./program.js";
import { callsOf } from "./walk.js";

/** The same calls, where kernels that have the name of an earlier one are numbered. The same list where none has. */
export function distinctNames(items: readonly ProgramItem[]): readonly ProgramItem[] {
  const kernels = [...new Set(callsOf(items).map(({ kernel }) => kernel))];
  const taken = new Set(kernels.map(({ name }) => name));
  const seen = new Set<string>();
  const renamed = new Map<Kernel, Kernel>();
  for (const kernel of kernels) {
    if (!seen.has(kernel.name)) {
      seen.add(kernel.name);
      continue;
    }
    const name = numbered(kernel.name, taken);
    taken.add(name);
    renamed.set(kernel, Object.freeze({ ...kernel, name }));
  }
  return renamed.size === 0 ? items : withKernels(items, renamed);
}

/** The name with the lowest number that is free. */
function numbered(name: string, taken: ReadonlySet<string>): string {
  const stem = /\d$/.test(name) ? `${name}_` : name;
  let number = 2;
  while (taken.has(`${stem}${number}`)) number++;
  return `${stem}${number}`;
}

function withKernels(items: readonly ProgramItem[], renamed: ReadonlyMap<Kernel, Kernel>): readonly ProgramItem[] {
  return items.map((item) => {
    if (item.kind === "repeat") return { ...item, body: withKernels(item.body, renamed) };
    const kernel = renamed.get(item.kernel);
    return kernel ? { ...item, kernel } : item;
  });
}
