// `network(...)`: checks a definition as a whole and returns it as data. Everything wrong with it is listed at once.

import type { Network, Optimizer, Step } from "./graph/network.js";
import type { Node } from "./graph/node.js";
import { callSite, type CallSite } from "./graph/origin.js";
import { evaluateDim, sizeOf } from "./graph/shape.js";
import type { Tensor } from "./graph/tensor.js";
import { everyNode } from "./graph/walk.js";
import * as messages from "./messages.js";
import { throwAll, type TapelessError } from "./messages.js";
import { isNode } from "./ops/define.js";
import { inputDef, parameterDef, type InputAttrs, type ParameterAttrs } from "./ops/leaf-records.js";

export interface StepOptions {
  /** A float scalar. */
  readonly loss: Tensor;
  readonly optimizer: Optimizer;
  /** The parameters it updates. Absent: all trainable ones that the loss reaches. */
  readonly parameters?: readonly Tensor[];
}

export interface NetworkOptions {
  /** The largest number of rows; any smaller number needs no other build. */
  readonly batch: number;
  /** What `predict` computes, by name. */
  readonly outputs?: Readonly<Record<string, Tensor>>;
  /** With `optimizer`: short for `steps: { step: { loss, optimizer } }`. */
  readonly loss?: Tensor;
  readonly optimizer?: Optimizer;
  /** Named steps over shared parameters: `{ critic: { loss, optimizer, parameters }, actor: { … } }`. */
  readonly steps?: Readonly<Record<string, StepOptions>>;
}

/** Rows beyond this are a mistake. */
const MOST_ROWS = 2 ** 24;

/** A tensor of more bytes than this cannot be indexed with 32-bit integers. */
const MOST_BYTES = 2 ** 31;

const MEMBERS = [
  "spec", "inputs", "targets", "outputs", "parameters", "states", "grads", "predict", "loss", "gradients", "initialize",
  "seed", "reset", "dispose", "then",
];

/**
 * Declares a network.
 * @param name letters, digits, `_` and `-`, starting with a letter: it names the emitted module's functions
 * @throws TapelessError, listing everything that is wrong
 */
export function network(name: string, options: NetworkOptions): Network {
  const site = callSite("network");
  const errors: TapelessError[] = [];
  const { batch, outputs = {} } = options;
  checkName("network", name, /^[A-Za-z][\w-]{0,63}$/, site, errors);
  if (!Number.isInteger(batch) || batch < 1 || batch > MOST_ROWS) {
    const expected = `an integer from 1 to ${MOST_ROWS}`;
    errors.push(messages.badArgument({ op: "network", argument: "batch", value: batch, expected, site }));
  }
  const steps = stepsOf(options, site, errors);
  checkOutputs(outputs, site, errors);
  for (const [stepName, step] of Object.entries(steps)) checkStep(stepName, step, site, errors);
  if (Object.keys(outputs).length + Object.keys(steps).length === 0) errors.push(messages.emptyNetwork({ name, site }));
  throwAll(errors);
  checkGraph(outputs, steps, batch, errors);
  throwAll(errors);
  return Object.freeze({
    kind: "network",
    name,
    capacity: batch,
    outputs: Object.freeze({ ...outputs }),
    steps: Object.freeze(steps),
    site,
  });
}

function stepsOf(options: NetworkOptions, site: CallSite, errors: TapelessError[]): Record<string, Step> {
  const { loss, optimizer, steps } = options;
  if (loss === undefined && optimizer === undefined) return { ...steps };
  if (steps !== undefined || loss === undefined || optimizer === undefined) {
    errors.push(messages.halfStep({ loss: loss !== undefined, optimizer: optimizer !== undefined, steps: steps !== undefined, site }));
    return { ...steps };
  }
  return { step: { loss, optimizer } };
}

function checkName(what: string, name: unknown, pattern: RegExp, site: CallSite, errors: TapelessError[]): void {
  if (typeof name === "string" && pattern.test(name)) return;
  const why = "letters, digits, _ and - only, starting with a letter";
  errors.push(messages.badName({ what, name: String(name), why, site }));
}

function checkOutputs(outputs: Readonly<Record<string, Tensor>>, site: CallSite, errors: TapelessError[]): void {
  for (const [name, node] of Object.entries(outputs)) {
    checkName("output", name, /^(?!__proto__$)[A-Za-z_$][\w$-]{0,63}$/, site, errors);
    if (!isNode(node)) {
      errors.push(messages.badArgument({ op: "network", argument: `output ${name}`, value: node, expected: "a tensor", site }));
      continue;
    }
    const needed = everyNode([node]).find((n) => n.def === inputDef && (n.attrs as InputAttrs).role === "target");
    if (needed) errors.push(messages.outputNeedsTarget({ output: name, target: (needed.attrs as InputAttrs).name, site: node.origin.site }));
  }
}

function checkStep(name: string, step: Step, site: CallSite, errors: TapelessError[]): void {
  checkName("step", name, /^[A-Za-z_$][\w$]{0,63}$/, site, errors);
  const taken = (other: string): boolean => MEMBERS.includes(other);
  if (taken(name)) errors.push(messages.badName({ what: "step", name, why: "every model has a member of that name", site }));
  if (!isNode(step.loss)) {
    errors.push(messages.badArgument({ op: "network", argument: `the loss of ${name}`, value: step.loss, expected: "a tensor", site }));
    return;
  }
  const { loss } = step;
  if (loss.shape.length > 0 || loss.dtype !== "float32") {
    errors.push(messages.nonScalarLoss({ step: name, shape: loss.shape, dtype: loss.dtype, site: loss.origin.site }));
  }
  if (typeof step.optimizer !== "object" || step.optimizer?.kind !== "optimizer") {
    const expected = "an optimizer, such as sgd({ rate: 0.1 })";
    errors.push(messages.badArgument({ op: "network", argument: `the optimizer of ${name}`, value: step.optimizer, expected, site }));
  }
  const reached = new Set(everyNode([loss]));
  const listed = [...(step.parameters ?? []), ...(step.optimizer?.groups ?? []).flatMap((group) => group.parameters)];
  for (const parameter of new Set(listed)) {
    if (!isNode(parameter) || parameter.def !== parameterDef || !(parameter.attrs as ParameterAttrs).trainable) {
      const value = isNode(parameter) ? parameter.def.name : parameter;
      errors.push(messages.badArgument({ op: "network", argument: `a parameter of ${name}`, value, expected: "a trainable parameter", site }));
    } else if (!reached.has(parameter)) {
      errors.push(messages.unreachedParameter({ parameter: labelOf(parameter), step: name, site: parameter.origin.site }));
    }
  }
  const trainable = [...reached].some((node) => node.def === parameterDef && (node.attrs as ParameterAttrs).trainable);
  if (!trainable) errors.push(messages.nothingToTrain({ step: name, site: loss.origin.site }));
}

const labelOf = (node: Node): string => node.origin.name ?? [node.origin.site.call, node.origin.role].filter(Boolean).join(".");

function checkGraph(
  outputs: Readonly<Record<string, Tensor>>,
  steps: Readonly<Record<string, Step>>,
  batch: number,
  errors: TapelessError[],
): void {
  const named = new Map<string, Node>();
  for (const node of everyNode([...Object.values(outputs), ...Object.values(steps).map((step) => step.loss)])) {
    if (node.def === inputDef) {
      const { name } = node.attrs as InputAttrs;
      checkName("input", name, /^(?!__proto__$)[A-Za-z_$][\w$-]{0,63}$/, node.origin.site, errors);
      const other = named.get(name);
      if (other) {
        errors.push(messages.duplicateName({ what: "inputs or targets", name, other: undefined, otherCall: other.origin.site.call, site: node.origin.site }));
      }
      named.set(name, node);
    }
    const bytes = 4 * evaluateDim(sizeOf(node.shape), batch);
    if (!(bytes <= MOST_BYTES)) errors.push(messages.tooLargeTensor({ shape: node.shape, bytes, budget: MOST_BYTES, site: node.origin.site }));
  }
}
