// Runs in a page: does again what a script says, with a module of its own.

import type { Model, ModelOptions } from "../../compiler/instantiate.js";
import { expectCheck, type Values } from "../emitted/close.js";
import type { Act, Place, Script } from "./script.js";

export type Factory = (options: ModelOptions) => Model | Promise<Model>;

/** The module's factory; the asynchronous one where there are two. */
export async function factoryAt(url: string, asynchronous = true): Promise<Factory> {
  const module = (await import(url)) as Record<string, Factory>;
  const names = Object.keys(module).filter((name) => name.startsWith("create"));
  return module[names.find((name) => name.endsWith("Async") === asynchronous) ?? names[0]!]!;
}

/** Throws at the first number that is not as wanted. */
export async function replay(folder: string, module: string): Promise<void> {
  const [script, numbers] = await Promise.all([
    fetch(`${folder}/script.json`).then((response) => response.json() as Promise<Script>),
    fetch(`${folder}/numbers`).then(async (response) => new Float64Array(await response.arrayBuffer())),
  ]);
  const model = await (await factoryAt(`${folder}/${module}.js`))({ seed: script.seed });
  try {
    act(model, script.acts, numbers);
  } finally {
    model.dispose();
  }
}

function act(model: Model, acts: readonly Act[], numbers: Float64Array): void {
  const at = ([start, length]: Place): Float64Array => numbers.subarray(start, start + length);
  let returned: number | undefined;
  for (const each of acts) {
    if (each.kind === "write") model[each.group][each.name]!.set(at(each.values));
    else if (each.kind === "run") returned = model[each.entry](each.rows);
    else {
      const wanted: Values = Object.fromEntries(Object.entries(each.wanted).map(([name, place]) => [name, at(place)]));
      expectCheck(model, { ...each.check, wanted }, returned);
    }
  }
}
