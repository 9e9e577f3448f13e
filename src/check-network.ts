// What is wrong with a network as a whole, as a list of errors. What single functions can see they have refused before.

import { entriesOf, inferred, stateUpdates } from "./entries.js";
import type { Network, Step } from "./graph/network.js";
import type { Node } from "./graph/node.js";
import { userFrames, type CallSite } from "./graph/origin.js";
import { evaluateDim, sizeOf } from "./graph/shape.js";
import type { Tensor } from "./graph/tensor.js";
import { everyNode, topological } from "./graph/walk.js";
import { initialValues } from "./initial-values.js";
import * as messages from "./messages.js";
import type { TapelessError } from "./messages.js";
import { isNode } from "./ops/define.js";
import { hyperDef, inputDef, type HyperAttrs, type InputAttrs } from "./ops/leaf-records.js";
import { updatingDef, type UpdatingAttrs } from "./ops/markers.js";
import { isTrainable, trainableUnder } from "./reach.js";

/** Rows beyond this are a mistake. */
const MOST_ROWS = 2 ** 24;

/** A tensor of more bytes than this cannot be indexed with 32-bit integers. */
const MOST_BYTES = 2 ** 31;

/** What every emitted model has, or what JavaScript expects of any object. */
const MEMBERS: readonly string[] = (
  "spec inputs targets outputs parameters states grads predict loss gradients initialize seed reset dispose " +
  "then constructor prototype toString valueOf __proto__"
).split(" ");

const NAMES = {
  network: { pattern: /^[A-Za-z][\w-]{0,63}$/, why: "letters, digits, _ and - only, starting with a letter" },
  step: { pattern: /^[A-Za-z_$][\w$]{0,63}$/, why: "letters, digits, _ and $ only, not starting with a digit" },
  output: { pattern: /^[A-Za-z_$][\w$-]{0,63}$/, why: "letters, digits, _, - and $ only, starting with a letter or _" },
} as const;

const RESERVED = ["__proto__", "constructor", "prototype"];

export function nameErrors(
  what: "network" | "step" | "output" | "input",
  name: unknown,
  site: CallSite,
): TapelessError[] {
  const { pattern, why } = NAMES[what === "input" ? "output" : what];
  if (typeof name !== "string" || !pattern.test(name)) {
    return [messages.badName({ what, name: String(name), why, site })];
  }
  if (RESERVED.includes(name)) {
    return [messages.badName({ what, name, why: "JavaScript gives that property a meaning of its own", site })];
  }
  return what === "step" && MEMBERS.includes(name)
    ? [messages.badName({ what, name, why: "every model has a member of that name", site })]
    : [];
}

export function batchErrors(batch: unknown, site: CallSite): TapelessError[] {
  if (typeof batch === "number" && Number.isInteger(batch) && batch >= 1 && batch <= MOST_ROWS) return [];
  const expected = `an integer from 1 to ${MOST_ROWS}`;
  return [messages.badArgument({ op: "network", argument: "batch", value: batch, expected, site })];
}

export function outputErrors(outputs: Readonly<Record<string, Tensor>>, site: CallSite): TapelessError[] {
  return Object.entries(outputs).flatMap(([name, node]) => {
    const errors = nameErrors("output", name, site);
    if (isNode(node)) return [...errors, ...targetErrors(name, node)];
    const argument = `output ${name}`;
    return [...errors, messages.badArgument({ op: "network", argument, value: node, expected: "a tensor", site })];
  });
}

function targetErrors(output: string, node: Node): TapelessError[] {
  const needed = everyNode(inferred([node])).find(
    (n) => n.def === inputDef && (n.attrs as InputAttrs).role === "target",
  );
  if (!needed) return [];
  return [messages.outputNeedsTarget({ output, target: (needed.attrs as InputAttrs).name, site: node.origin.site })];
}

export function stepErrors(name: string, step: Partial<Step> | undefined, site: CallSite): TapelessError[] {
  const errors = nameErrors("step", name, site);
  const refuse = (argument: string, value: unknown, expected: string): void =>
    void errors.push(messages.badArgument({ op: "network", argument, value, expected, site }));
  const { loss, optimizer, parameters = [] } = step ?? {};
  if (typeof optimizer !== "object" || optimizer?.kind !== "optimizer") {
    refuse(`the optimizer of ${name}`, optimizer, "an optimizer, such as sgd({ rate: 0.1 })");
  }
  const listed: readonly Node[] = Array.isArray(parameters) ? parameters : [];
  if (!Array.isArray(parameters)) refuse(`the parameters of ${name}`, parameters, "a list of parameters");
  for (const parameter of [...listed, ...grouped(optimizer)]) {
    const value = isNode(parameter) ? parameter.def.name : parameter;
    if (!isNode(parameter) || !isTrainable(parameter)) refuse(`a parameter of ${name}`, value, "a trainable parameter");
  }
  if (!isNode(loss)) {
    refuse(`the loss of ${name}`, loss, "a tensor");
    return errors;
  }
  const lossSite = loss.origin.site;
  if (loss.shape.length > 0 || loss.dtype !== "float32") {
    errors.push(messages.nonScalarLoss({ step: name, shape: loss.shape, dtype: loss.dtype, site: lossSite }));
  }
  if (loss.dtype !== "float32") return errors;
  const reached = new Set(trainableUnder(loss));
  if (reached.size === 0) errors.push(messages.nothingToTrain({ step: name, site: lossSite }));
  else errors.push(...unreachedErrors(name, new Set(listed), reached));
  return errors;
}

/** A group's parameter may belong to another step that shares the optimizer: some step must reach it. */
export function groupErrors(steps: Readonly<Record<string, Step>>): TapelessError[] {
  const all = Object.entries(steps);
  const reached = new Set(all.flatMap(([, { loss }]) => (isNode(loss) ? trainableUnder(loss) : [])));
  if (reached.size === 0) return [];
  const owners = new Map(all.flatMap(([name, { optimizer }]) => grouped(optimizer).map((p) => [p, name] as const)));
  return [...owners].flatMap(([parameter, name]) => unreachedErrors(name, new Set([parameter]), reached));
}

const grouped = (optimizer: Step["optimizer"] | undefined): readonly Node[] =>
  (optimizer?.groups ?? []).flatMap((group) => group.parameters);

const unreachedErrors = (step: string, listed: ReadonlySet<Node>, reached: ReadonlySet<Node>): TapelessError[] =>
  [...listed]
    .filter((parameter) => isNode(parameter) && isTrainable(parameter) && !reached.has(parameter))
    .map((parameter) =>
      messages.unreachedParameter({ parameter: labelOf(parameter), step, site: parameter.origin.site }),
    );

/** What can be said of a leaf before the compiler has named it. */
const labelOf = ({ origin: { name, site, role } }: Node): string => name ?? [site.call, role].filter(Boolean).join(".");

/** What only the graph as a whole shows. Its outputs and steps are sound by themselves. */
export function graphErrors(network: Network): TapelessError[] {
  const losses = Object.entries(network.steps).map(([name, step]) => [name, step.loss] as const);
  const nodes = everyNode([...Object.values(network.outputs), ...losses.map(([, loss]) => loss)]);
  const early = [
    ...nodes.flatMap(inputErrors),
    ...duplicates(
      "inputs or targets",
      nodes.filter((n) => n.def === inputDef),
      undefined,
    ),
    ...sizeErrors(nodes, network.capacity),
    ...losses.flatMap(([name, loss]) => updateErrors(name, loss)),
    ...initialErrors(nodes),
  ];
  return early.length > 0 ? early : memberErrors(network);
}

const inputErrors = (node: Node): TapelessError[] =>
  node.def === inputDef ? nameErrors("input", (node.attrs as InputAttrs).name, node.origin.site) : [];

function duplicates(what: string, leaves: readonly Node[], hint: string | undefined): TapelessError[] {
  const first = new Map<string, Node>();
  return leaves.flatMap((leaf) => {
    const { name } = leaf.attrs as { readonly name: string };
    const other = first.get(name)?.origin.site;
    if (!other) first.set(name, leaf);
    if (!other) return [];
    const { site } = leaf.origin;
    return [messages.duplicateName({ what, name, other: userFrames(other)[0], otherCall: other.call, site, hint })];
  });
}

/** The calls at which the graph grows too large, not all that follow. */
function sizeErrors(nodes: readonly Node[], rows: number): TapelessError[] {
  const bytesOf = (node: Node): number => 4 * evaluateDim(sizeOf(node.shape), rows);
  const tooLarge = (node: Node): boolean => bytesOf(node) > MOST_BYTES;
  const first = nodes.filter((node) => tooLarge(node) && !node.inputs.some(tooLarge));
  // A number stretched to a large tensor's shape is not the cause.
  const causes = first.filter((node) => node.def.family !== "view");
  const reported = causes.length > 0 ? causes : first;
  return [...new Map(reported.map((node) => [node.origin.site, node])).values()].map((node) => {
    const { shape, origin } = node;
    return messages.tooLargeTensor({ shape, bytes: bytesOf(node), budget: MOST_BYTES, site: origin.site });
  });
}

function updateErrors(step: string, loss: Node): TapelessError[] {
  const outer = new Set(topological([loss]));
  const inLoops = everyNode([loss]).filter((node) => node.def === updatingDef && !outer.has(node));
  const seen = new Set<Node>();
  const twice = stateUpdates(loss).filter(({ leaf }) => seen.size === seen.add(leaf).size);
  return [
    ...twice.map(({ leaf, value }) => messages.updatedTwice({ step, state: labelOf(leaf), site: value.origin.site })),
    ...inLoops.map((node) => {
      const state = (node.attrs as UpdatingAttrs).states.map(labelOf).join(", ");
      return messages.updateInLoop({ state, site: node.origin.site });
    }),
  ];
}

/** A first value is computed before any input is there. */
function initialErrors(nodes: readonly Node[]): TapelessError[] {
  return initialValues(nodes).flatMap(({ leaf, value }) => {
    const why = everyNode([value]).map(unknownAtFirst).find(Boolean);
    return why === undefined ? [] : [messages.badInitial({ what: labelOf(leaf), why, site: leaf.origin.site })];
  });
}

function unknownAtFirst(node: Node): string | undefined {
  if (node.def === inputDef) return `the ${(node.attrs as InputAttrs).role} ${(node.attrs as InputAttrs).name}`;
  if (node.def === hyperDef) return `the hyper-parameter ${(node.attrs as HyperAttrs).name}`;
  return node.shape.some((d) => d.power > 0) ? "the batch" : undefined;
}

/** Entries and hyper-parameters are members of one object. */
function memberErrors(network: Network): TapelessError[] {
  const entries = entriesOf(network);
  const roots = entries.flatMap(({ results, updates }) => [...results, ...updates].map((one) => one.value));
  const hypers = everyNode(roots).filter((node) => node.def === hyperDef);
  const own = entries.map((entry) => entry.name);
  const taken = own.filter((name, i) => own.indexOf(name) !== i);
  return [
    ...taken.map((name) =>
      messages.badName({ what: "step", name, why: "another step has a function of that name", site: network.site }),
    ),
    ...duplicates("hyper-parameters", hypers, "an optimizer has its own, such as rate and momentum"),
    ...hypers.flatMap((node) => {
      const { name } = node.attrs as HyperAttrs;
      const { site } = node.origin;
      const why = "the model has a member of that name";
      const clash = MEMBERS.includes(name) || own.includes(name);
      return clash ? [messages.badName({ what: "hyper-parameter", name, why, site })] : [];
    }),
  ];
}
