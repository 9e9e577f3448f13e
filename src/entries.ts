// From a network to entries: what each callable of the emitted module computes and changes. Gradients are still markers.

import type { Assignment, Entry, HyperRange, Metric, Network, Result, Step, StepTools } from "./graph/network.js";
import type { Node } from "./graph/node.js";
import { derivedOrigin, originOf } from "./graph/origin.js";
import { gradientRule, stateRule } from "./graph/rules.js";
import { everyNode, replaceNodes, rewrite } from "./graph/walk.js";
import { checkedReplacements, checkedUpdates } from "./check-updates.js";
import { initialValues } from "./initial-values.js";
import { isCarry, makeCarry, makeFilled, makeHyper, makeState } from "./ops/leaf/leaves.js";
import { gradientAt } from "./ops/marker/markers.js";
import { makeIncrement } from "./ops/pointwise/increment.js";
import { CLOCK } from "./ops/leaf/seed-and-clock.js";
import { trainableUnder } from "./reach.js";
import { stateUpdates } from "./state-updates.js";

/**
 * `predict`; those of the network's own; for each step its loss, its gradients and the step itself; `evaluate` for metrics; `initialize`, and
 * `resetCarries` where something is carried. A network of one step calls them `loss` and `gradients`; of several, `<step>Loss` and
 * `<step>Gradients`.
 */
export function entriesOf(network: Network): readonly Entry[] {
  const steps = Object.entries(network.steps);
  const several = steps.length > 1;
  const entries: Entry[] = [];
  const outputs = Object.entries(network.outputs).map(([name, value]): Result => ({ kind: "output", name, value }));
  const parts = steps.map(([name, step]) => partsOf(name, step, several));
  const read = replacements(parts);
  if (outputs.length > 0) {
    const results = inferredResults(outputs, read);
    entries.push({ name: "predict", kind: "predict", mode: "infer", results, updates: [] });
  }
  for (const [name, outputs] of Object.entries(network.entries)) entries.push(ownEntry(name, outputs, read));
  for (const part of parts) entries.push(...stepEntries(part, several));
  const measured = Object.entries(network.metrics).flatMap(statisticsOf);
  if (measured.length > 0) entries.push(evaluation(measured, network, read));
  const changed = entries.flatMap((entry) => entry.updates.flatMap(({ leaf, value }) => [leaf, value]));
  const updates = initialValues(everyNode([...declaredRoots(network), ...changed]));
  const first = (name: string, updates: readonly Assignment[]): Entry[] =>
    updates.length === 0 ? [] : [{ name, kind: "initialize", mode: "infer", results: [], updates }];
  return [
    ...entries,
    { name: "initialize", kind: "initialize", mode: "infer", results: [], updates },
    ...first(
      "resetCarries",
      updates.filter(({ leaf }) => isCarry(leaf)),
    ),
  ];
}

/** All that a network computes, as it was declared. */
export const declaredRoots = ({ outputs, steps, metrics, entries }: Network): Node[] => [
  ...Object.values(steps).map(({ loss }) => loss),
  ...Object.values(outputs),
  ...Object.values(metrics).flatMap(({ statistics }) => Object.values(statistics)),
  ...Object.values(entries).flatMap((own) => Object.values(own)),
];

/** What the module's views call an output of an entry of the network's own. */
const ownOutputName = (entry: string, output: string): string => `${entry}.${output}`;

/** In inference mode. What it carries changes. It has a clock of its own, so that calls of it change no number of training. */
function ownEntry(name: string, outputs: Readonly<Record<string, Node>>, read: ReadonlyMap<Node, Node>): Entry {
  const results = Object.entries(outputs).map(([output, value]): Result => ({
    kind: "output",
    name: ownOutputName(name, output),
    value,
    entry: name,
  }));
  const carried = stateUpdates(Object.values(outputs)).filter(({ leaf }) => isCarry(leaf));
  const { site } = results[0]!.value.origin;
  const origin = originOf(site, undefined, `${name}.clock`);
  const clock = makeCarry(origin, [], "int32", makeFilled(originOf(site), 0, [], "int32"));
  const declared = inferredValues(
    [...results, ...carried].map(({ value }) => value),
    read,
  );
  const values = replaceNodes(declared, new Map([[CLOCK, clock]]));
  const updates = carried.map(({ leaf }, i): Assignment => ({ leaf, value: values[results.length + i]! }));
  if (everyNode(values).includes(clock)) updates.push({ leaf: clock, value: makeIncrement(originOf(site), clock) });
  return {
    name,
    kind: "own",
    mode: "infer",
    results: results.map((result, i) => ({ ...result, value: values[i]! })),
    updates,
  };
}

/** What the module's views call a metric's statistic. */
export const statisticName = (metric: string, statistic: string): string => `${metric}.${statistic}`;

const statisticsOf = ([metric, { statistics }]: readonly [string, Metric]): Result[] =>
  Object.entries(statistics).map(([name, value]) => ({ kind: "statistic", name: statisticName(metric, name), value }));

/** With the loss of a network's only step, which costs little beside the metrics. */
function evaluation(statistics: readonly Result[], { steps }: Network, read: ReadonlyMap<Node, Node>): Entry {
  const [step, ...others] = Object.values(steps);
  const losses: Result[] = step && others.length === 0 ? [{ kind: "loss", name: "loss", value: step.loss }] : [];
  const results = inferredResults([...losses, ...statistics], read);
  return { name: "evaluate", kind: "evaluate", mode: "infer", results, updates: [] };
}

/** A step with what its entries share. */
interface StepParts {
  readonly name: string;
  readonly step: Step;
  readonly parameters: readonly Node[];
  readonly tools: StepTools;
}

function partsOf(name: string, step: Step, several: boolean): StepParts {
  const parameters = step.parameters ? [...new Set(step.parameters)] : trainableUnder(step.loss);
  return { name, step, parameters, tools: toolsOf(name, step, several) };
}

/** What inference reads in place of parameters: of a parameter that several steps replace, the first step's. */
function replacements(parts: readonly StepParts[]): ReadonlyMap<Node, Node> {
  const all = new Map<Node, Node>();
  for (const { step, parameters, tools } of parts) {
    const { optimizer } = step;
    const values = optimizer.inference?.(parameters, tools) ?? new Map<Node, Node>();
    for (const [parameter, value] of checkedReplacements(optimizer.name, values)) {
      if (!all.has(parameter)) all.set(parameter, value);
    }
  }
  return all;
}

function stepEntries(part: StepParts, several: boolean): Entry[] {
  const { name, step, parameters, tools } = part;
  const loss: Result = { kind: "loss", name: several ? `${name}Loss` : "loss", value: step.loss };
  const gradients = new Map(
    parameters.map((p) => [p, gradientAt(derivedOrigin(p, gradientRule, "adjoint"), step.loss, p)]),
  );
  const results = [...gradients].map(([parameter, value]): Result => ({
    kind: "gradient",
    name: "gradient",
    value,
    of: parameter,
  }));
  const entryName = (which: "loss" | "gradients"): string =>
    several ? name + which[0]!.toUpperCase() + which.slice(1) : which;
  const evaluated = inferredResults([loss], replacements([part]));
  return [
    { name: entryName("loss"), kind: "loss", mode: "infer", step: name, results: evaluated, updates: [] },
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
      updates: stepUpdates(step, gradients, tools),
      notes: step.optimizer.notes,
    },
  ];
}

/** The leaves that a step's optimizer may ask for: equal names give one leaf. */
function toolsOf(name: string, step: Step, several: boolean): StepTools {
  const site = step.loss.origin.site;
  const prefix = several ? `${name}.` : "";
  const made = new Map<string, Node>();
  const once = (key: string, make: () => Node): Node => {
    const known = made.get(key) ?? make();
    made.set(key, known);
    return known;
  };
  const scalar = (key: string, dtype: "float32" | "int32"): Node =>
    once(`state ${key}`, () =>
      makeState(originOf(site, undefined, prefix + key), [], dtype, makeFilled(originOf(site), 0, [], dtype)),
    );
  const slots = new Map<Node, Map<string, Node>>();
  const slot = (parameter: Node, key: string, initial: number | Node = 0): Node => {
    const own = slots.get(parameter) ?? new Map<string, Node>();
    slots.set(parameter, own);
    const origin = { ...derivedOrigin(parameter, stateRule, "part"), name: prefix + key };
    const { shape } = parameter;
    const first = typeof initial === "number" ? makeFilled(origin, initial, shape, "float32") : initial;
    const known = own.get(key) ?? makeState(origin, shape, "float32", first);
    own.set(key, known);
    return known;
  };
  const hyper = (key: string, initial: number, range: HyperRange = {}): Node =>
    once(`hyper ${key}`, () => makeHyper(originOf(site, undefined, prefix + key), prefix + key, initial, range));
  const counter = scalar("count", "int32");
  return { hyper, slot, state: scalar, counter, count: makeIncrement(originOf(site), counter) };
}

function stepUpdates(step: Step, gradients: ReadonlyMap<Node, Node>, tools: StepTools): Assignment[] {
  const site = step.loss.origin.site;
  const { counter, count } = tools;
  const { optimizer } = step;
  const updates = [...checkedUpdates(optimizer.name, optimizer.updates(gradients, tools))];
  const reached = everyNode([step.loss, ...updates.map((update) => update.value)]);
  const counted = updates.some((update) => update.leaf === counter);
  if (reached.includes(counter) && !counted) updates.push({ leaf: counter, value: count });
  if (reached.includes(CLOCK)) updates.push({ leaf: CLOCK, value: makeIncrement(originOf(site), CLOCK) });
  return [...updates, ...stateUpdates([step.loss])];
}

/** Values as inference has them: dropout is its input, running statistics are read. */
export const inferred = (values: readonly Node[]): readonly Node[] =>
  rewrite(values, (node) => node.def.inference?.(node) ?? node);

/** The same where inference reads other leaves in place of some. */
const inferredValues = (declared: readonly Node[], read: ReadonlyMap<Node, Node>): readonly Node[] =>
  inferred(read.size > 0 ? replaceNodes(declared, read) : declared);

function inferredResults(results: readonly Result[], read: ReadonlyMap<Node, Node>): Result[] {
  const values = inferredValues(
    results.map((result) => result.value),
    read,
  );
  return results.map((result, i) => ({ ...result, value: values[i]! }));
}
