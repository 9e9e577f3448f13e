// From a network to entries: what each callable of the emitted module computes and changes. Gradients are still markers.

import type { Assignment, Entry, Network, Optimizer, Result, Step, UpdateTools } from "./graph/network.js";
import type { Node } from "./graph/node.js";
import { derivedOrigin, originOf } from "./graph/origin.js";
import { everyNode, rewrite, topological } from "./graph/walk.js";
import { initialValues } from "./initial-values.js";
import { makeFilled, makeHyper, makeState } from "./ops/leaves.js";
import { gradientAt, updatingDef, type UpdatingAttrs } from "./ops/markers.js";
import { CLOCK, makeIncrement } from "./ops/random.js";
import { trainableUnder } from "./reach.js";

/**
 * `predict`; for each step its loss, its gradients and the step itself; `initialize`. A network of one step calls them
 * `loss` and `gradients`; of several, `<step>Loss` and `<step>Gradients`.
 */
export function entriesOf(network: Network): readonly Entry[] {
  const steps = Object.entries(network.steps);
  const several = steps.length > 1;
  const entries: Entry[] = [];
  const outputs = Object.entries(network.outputs).map(([name, value]): Result => ({ kind: "output", name, value }));
  if (outputs.length > 0)
    entries.push({ name: "predict", kind: "predict", mode: "infer", results: inferredResults(outputs), updates: [] });
  for (const [name, step] of steps) entries.push(...stepEntries(name, step, several));
  const changed = entries.flatMap((entry) => entry.updates.flatMap(({ leaf, value }) => [leaf, value]));
  const read = [...steps.map(([, step]) => step.loss), ...Object.values(network.outputs)];
  const updates = initialValues(everyNode([...read, ...changed]));
  return [...entries, { name: "initialize", kind: "initialize", mode: "infer", results: [], updates }];
}

function stepEntries(name: string, step: Step, several: boolean): Entry[] {
  const loss: Result = { kind: "loss", name: several ? `${name}Loss` : "loss", value: step.loss };
  const parameters = trained(step);
  const gradients = new Map(parameters.map((p) => [p, gradientAt(derivedOrigin(p, "gradient"), step.loss, p)]));
  const results = [...gradients].map(([parameter, value]): Result => ({
    kind: "gradient",
    name: "gradient",
    value,
    of: parameter,
  }));
  const entryName = (part: "loss" | "gradients"): string =>
    several ? name + part[0]!.toUpperCase() + part.slice(1) : part;
  return [
    { name: entryName("loss"), kind: "loss", mode: "infer", step: name, results: inferredResults([loss]), updates: [] },
    {
      name: entryName("gradients"),
      kind: "gradients",
      mode: "train",
      step: name,
      results: [loss, ...results],
      updates: [],
    },
    {
      name,
      kind: "step",
      mode: "train",
      step: name,
      results: [loss],
      updates: stepUpdates(name, step, gradients, several),
    },
  ];
}

const trained = (step: Step): readonly Node[] =>
  step.parameters ? [...new Set(step.parameters)] : trainableUnder(step.loss);

function stepUpdates(name: string, step: Step, gradients: ReadonlyMap<Node, Node>, several: boolean): Assignment[] {
  const site = step.loss.origin.site;
  const prefix = several ? `${name}.` : "";
  const counter = makeState(
    originOf(site, undefined, `${prefix}count`),
    [],
    "int32",
    makeFilled(originOf(site), 0, [], "int32"),
  );
  const count = makeIncrement(originOf(site), counter);
  const hypers = new Map<string, Node>();
  const hyper = (key: string, initial: number): Node => {
    const known = hypers.get(key) ?? makeHyper(originOf(site, undefined, prefix + key), prefix + key, initial);
    hypers.set(key, known);
    return known;
  };
  const updates: Assignment[] = [];
  for (const [parameter, gradient] of gradients) {
    const slots = new Map<string, Node>();
    const slot = (key: string): Node => {
      const origin = { ...derivedOrigin(parameter, "state of the optimizer"), name: prefix + key };
      const known =
        slots.get(key) ??
        makeState(origin, parameter.shape, "float32", makeFilled(origin, 0, parameter.shape, "float32"));
      slots.set(key, known);
      return known;
    };
    const tools: UpdateTools = { hyper, slot, count };
    updates.push(...ruleFor(step.optimizer, parameter).update(parameter, gradient, tools));
  }
  const reached = everyNode([step.loss, ...updates.map((update) => update.value)]);
  if (reached.includes(counter)) updates.push({ leaf: counter, value: count });
  if (reached.includes(CLOCK)) updates.push({ leaf: CLOCK, value: makeIncrement(originOf(site), CLOCK) });
  return [...updates, ...stateUpdates(step.loss)];
}

/** What `updating` nodes under a loss say of states. */
export function stateUpdates(loss: Node): Assignment[] {
  return topological([loss]).flatMap((node): Assignment[] => {
    if (node.def !== updatingDef) return [];
    const { states } = node.attrs as UpdatingAttrs;
    return states.map((leaf, i) => ({ leaf, value: node.inputs[i + 1]! }));
  });
}

const ruleFor = (optimizer: Optimizer, parameter: Node): Optimizer =>
  optimizer.groups.find((group) => group.parameters.includes(parameter))?.optimizer ?? optimizer;

/** Values as inference has them: dropout is its input, running statistics are read. */
export const inferred = (values: readonly Node[]): readonly Node[] =>
  rewrite(values, (node) => node.def.inference?.(node) ?? node);

function inferredResults(results: readonly Result[]): Result[] {
  const values = inferred(results.map((result) => result.value));
  return results.map((result, i) => ({ ...result, value: values[i]! }));
}
