// The standalone module that every target prints: interface, kernels, and factories of models whose entries check their
// arguments before they run. It imports nothing and allocates nothing once a model is made.

import type CodeBlockWriter from "code-block-writer";
import type { Plan } from "../../ir/layout.js";
import type { ModuleSpec } from "../../ir/module.js";
import { typeNameOf, Identifiers } from "../identifier.js";
import { CHECKS, runtimeChecks } from "./checks.js";
import { optionsOf, writeInterface, writeSpec } from "./interface.js";
import { writeModel } from "./model.js";
import { BLOCKS, equalParts, hasBlocks } from "./parts.js";
import type { ModuleContext, Target } from "./target.js";

export function contextOf(spec: ModuleSpec, plan: Plan): ModuleContext {
  const floats = plan.float === "float64" ? "Float64Array" : "Float32Array";
  return { spec, plan, type: typeNameOf(spec.name), floats };
}

/** Names for functions of the module, apart from those that it has anyway and from variables that would hide them. */
export function functionNames({ type }: ModuleContext, taken: readonly string[]): Identifiers {
  const names = new Identifiers();
  const own = [type, `create${type}`, `${type}Options`, "spec", BLOCKS, ...CHECKS, "CAPACITY", "ARENA_BYTES"];
  for (const name of [...own, ...VARIABLES, ...taken]) names.unique(name);
  return names;
}

/** Variables of the factory. */
const VARIABLES = ["arena", "disposed", "initialize", "model", "options", "parameters", "seed"];

export function writeModule(writer: CodeBlockWriter, context: ModuleContext, target: Target): void {
  writeSpec(writer, context);
  writeInterface(writer, context, target);
  target.writeCode(writer);
  const options = optionsOf(target).map(({ name }) => name);
  runtimeChecks(writer, context.spec, context.plan.float, options);
  if (hasBlocks(context.spec)) writer.writeLine(equalParts).blankLine();
  target.writeFactories(writer, () => writeModel(writer, context, target));
}
