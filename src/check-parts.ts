// What is wrong with the parts that a network is declared of: names, sizes, outputs and steps, each by itself.

import { inferred } from "./entries.js";
import { LINT_CODES } from "./graph/lint-codes.js";
import { RESERVED_MEMBERS } from "./graph/members.js";
import type { Metric, Step } from "./graph/network.js";
import { isA, type Node } from "./graph/node.js";
import type { CallSite } from "./graph/origin.js";
import { printShape } from "./graph/shape.js";
import type { Tensor } from "./graph/tensor.js";
import { everyNode } from "./graph/walk.js";
import * as messages from "./messages.js";
import type { TapelessError } from "./messages.js";
import { isNode } from "./ops/define.js";
import { inputDef } from "./ops/leaf/leaf-records.js";
import { isTrainable, trainableUnder } from "./reach.js";

/** Rows beyond this are a mistake. */
const MOST_ROWS = 2 ** 24;

const VIEW = {
  pattern: /^[A-Za-z_$][\w$-]{0,63}$/,
  why: "letters, digits, _, - and $ only, starting with a letter or _",
};

const FUNCTION = {
  pattern: /^[A-Za-z_$][\w$]{0,63}$/,
  why: "letters, digits, _ and $ only, not starting with a digit",
};

const NAMES = {
  network: { pattern: /^[A-Za-z][\w-]{0,63}$/, why: "letters, digits, _ and - only, starting with a letter" },
  step: FUNCTION,
  entry: FUNCTION,
  "hyper-parameter": {
    pattern: /^[A-Za-z_$][\w$.-]{0,127}$/,
    why: "letters, digits, _, -, . and $ only, starting with a letter or _",
  },
  output: VIEW,
  metric: VIEW,
  input: VIEW,
} as const;

const RESERVED = ["__proto__", "constructor", "prototype"];

export function nameErrors(what: keyof typeof NAMES, name: unknown, site: CallSite): TapelessError[] {
  const { pattern, why } = NAMES[what];
  if (typeof name !== "string" || !pattern.test(name)) {
    return [messages.badName({ what, name: String(name), why, site })];
  }
  if (RESERVED.includes(name)) {
    return [messages.badName({ what, name, why: "JavaScript gives that property a meaning of its own", site })];
  }
  return (what === "step" || what === "entry") && RESERVED_MEMBERS.includes(name)
    ? [messages.badName({ what, name, why: "every model has a member of that name", site })]
    : [];
}

export function batchErrors(batch: unknown, site: CallSite): TapelessError[] {
  if (typeof batch === "number" && Number.isInteger(batch) && batch >= 1 && batch <= MOST_ROWS) return [];
  const expected = `an integer from 1 to ${MOST_ROWS}`;
  return [messages.badArgument({ op: "network", argument: "batch", value: batch, expected, site })];
}

/** That it is a list of texts, the check of the option says. */
export function silenceErrors(silence: unknown, site: CallSite): TapelessError[] {
  if (!Array.isArray(silence)) return [];
  return silence
    .filter((code): code is string => typeof code === "string" && !LINT_CODES.some((known) => known === code))
    .map((code) => messages.unknownWarning({ code, known: LINT_CODES, site }));
}

/** `of`: the entry whose outputs they are. */
export function outputErrors(
  outputs: Readonly<Record<string, Tensor>>,
  site: CallSite,
  of = "predict",
): TapelessError[] {
  const prefix = of === "predict" ? "" : `${of}.`;
  return Object.entries(outputs).flatMap(([name, node]) => {
    const errors = nameErrors("output", name, site);
    if (isNode(node)) return [...errors, ...targetErrors(prefix + name, node, of)];
    const argument = `output ${prefix}${name}`;
    return [...errors, messages.badArgument({ op: "network", argument, value: node, expected: "a tensor", site })];
  });
}

/** What `evaluate` of tapeless/train and its histories have beside metrics. */
const RESULTS: readonly string[] = ["loss", "epoch"];

export function metricErrors(metrics: Readonly<Record<string, unknown>>, site: CallSite): TapelessError[] {
  return Object.entries(metrics).flatMap(([name, value]) => {
    const errors = nameErrors("metric", name, site);
    if (RESULTS.includes(name)) errors.push(messages.badName({ what: "metric", name, why: "a result has it", site }));
    if (isMetric(value)) return errors;
    if (isNode(value) && value.shape.length === 0 && value.dtype === "float32") return errors;
    const expected = "a metric, such as accuracy(logits, digit), or a float scalar";
    const shown = isNode(value) ? `${value.dtype} ${printShape(value.shape)}` : value;
    const at = isNode(value) ? value.origin.site : site;
    return [
      ...errors,
      messages.badArgument({ op: "network", argument: `metric ${name}`, value: shown, expected, site: at }),
    ];
  });
}

export const isMetric = (value: unknown): value is Metric =>
  typeof value === "object" && value !== null && (value as Partial<Metric>).kind === "metric";

/** An entry of the network's own: a name, and at least one output. */
export function entryErrors(name: string, outputs: Readonly<Record<string, Tensor>>, site: CallSite): TapelessError[] {
  const errors = [...nameErrors("entry", name, site), ...outputErrors(outputs, site, name)];
  if (Object.keys(outputs).length > 0) return errors;
  const argument = `the outputs of the entry ${name}`;
  const expected = "at least one output: { letter: logits }";
  return [...errors, messages.badArgument({ op: "network", argument, value: outputs, expected, site })];
}

function targetErrors(output: string, node: Node, entry: string): TapelessError[] {
  const needed = everyNode(inferred([node]))
    .filter((leaf) => isA(leaf, inputDef))
    .find(({ attrs }) => attrs.role === "target");
  if (!needed) return [];
  const target = needed.attrs.name;
  return [messages.outputNeedsTarget({ output, target, entry, site: node.origin.site })];
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
export const labelOf = ({ origin: { name, site, role } }: Node): string =>
  name ?? [site.call, role].filter(Boolean).join(".");
