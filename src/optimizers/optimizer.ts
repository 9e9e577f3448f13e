// What every optimizer shares: checked settings, a rate with a schedule, clipping, a constraint, and parameter groups
// with settings of their own.

import * as is from "../ops/call/checks.js";
import type { Assignment, Optimizer, StepTools } from "../graph/network.js";
import type { Node } from "../graph/node.js";
import { callSite, derivedOrigin, type Origin } from "../graph/origin.js";
import { updateRule } from "../graph/rules.js";
import type { Tensor } from "../graph/tensor.js";
import { onlyKnown, type Known } from "../ops/call/options.js";
import { arithmetic, type Arithmetic } from "./arithmetic.js";
import type { Clipping } from "./clipping.js";
import type { Constraint } from "./constraints.js";
import type { Schedule } from "./schedules.js";
import { hyperValue, RANGES, refuse } from "./settings.js";

/** Settings of every optimizer. */
export interface Options {
  /** The learning rate; a run-time hyper-parameter: `model.rate = 0.01`. Each optimizer has a default of its own. */
  readonly rate?: number;
  /** Multiplies the rate by a factor that depends on the number of updates done. None unless stated. */
  readonly schedule?: Schedule;
  /** Changes the gradients before anything else sees them: `clipByGlobalNorm(1)`. None unless stated. */
  readonly clip?: Clipping;
  /** Holds of the new parameters: `maxNorm(3)`. None unless stated. */
  readonly constraint?: Constraint;
}

/** Settings for all parameters, and groups of parameters with settings of their own. */
export type Grouped<O extends Options> = O & {
  /**
   * Parameters with settings of their own. The first group that holds a parameter says how it is updated; what a
   * group leaves out is as for all. None unless stated.
   */
  readonly groups?: readonly (Partial<O> & { readonly parameters: readonly Tensor[] })[];
};

/** What the rule of one parameter works with. */
export interface UpdateTools {
  /** The learning rate, with its schedule. */
  readonly rate: (initial: number) => Node;
  /** A scalar that may be changed at run time. */
  readonly hyper: (name: keyof typeof RANGES, initial: number) => Node;
  /** A state of the parameter's shape. */
  readonly slot: (name: string, initial?: number) => Node;
  /** The number of this update, starting at 1, as a float. */
  readonly count: () => Node;
  readonly math: Arithmetic;
}

/** From a parameter and its gradient to the next values of its slots, and last of the parameter. */
export type Update = (parameter: Node, gradient: Node, tools: UpdateTools) => readonly Assignment[];

/** The settings of an optimizer beyond the common ones. */
type Own<O extends Options> = Known<Omit<O, keyof Options>>;

const COMMON = {
  rate: is.finite,
  schedule: is.madeBy("schedule", "a schedule, such as cosineDecay(1000)"),
  clip: is.madeBy("clipping", "a clipping, such as clipByGlobalNorm(1)"),
  constraint: is.madeBy("constraint", "a constraint, such as maxNorm(3)"),
} satisfies Known<Options>;

interface Rule<O> {
  readonly own: O;
  readonly update: Update;
  /** What hyper-parameters that it does not share are called: `group1.rate`. */
  readonly nameOf: (hyper: string) => string;
}

/** Makes an optimizer. `rule` checks its settings and gives the update. */
export function optimizer<O extends Options>(
  name: string,
  known: Own<O>,
  options: Grouped<O>,
  rule: (own: O) => Update,
): Optimizer {
  const site = callSite(name);
  const checks: Readonly<Record<string, is.Check>> = { ...COMMON, ...known };
  onlyKnown(site, "options", options, { ...checks, groups: is.list });
  const { groups = [], ...shared } = options;
  if (!Array.isArray(groups)) refuse(name, "groups", groups, "a list of { parameters, ... }");
  const all = shared as unknown as O;
  requireParts(name, all);
  const whole: Rule<O> = { own: all, update: rule(all), nameOf: (hyper) => hyper };
  const grouped = groups.map((group, index) => {
    onlyKnown(site, `group ${index + 1}`, group, { ...checks, parameters: is.list });
    const { parameters, ...own } = group;
    if (!Array.isArray(parameters)) refuse(name, `the parameters of group ${index + 1}`, parameters, "a list");
    const settings = { ...all, ...own } as O;
    requireParts(name, settings);
    const nameOf = (hyper: string): string => (Object.hasOwn(own, hyper) ? `group${index + 1}.${hyper}` : hyper);
    return {
      parameters: Object.freeze([...parameters]) as readonly Node[],
      own: settings,
      update: rule(settings),
      nameOf,
    };
  });
  const ruleOf = (parameter: Node): Rule<O> => grouped.find((group) => group.parameters.includes(parameter)) ?? whole;
  return Object.freeze<Optimizer>({
    kind: "optimizer",
    name,
    groups: Object.freeze(grouped.map(({ parameters }) => ({ parameters }))),
    notes: Object.freeze([...new Set([whole, ...grouped].flatMap(({ own }) => own.clip?.note ?? []))]),
    updates: (gradients, tools) => {
      const clipped = clip(gradients, (parameter) => ruleOf(parameter).own.clip);
      return [...clipped].flatMap(([parameter, gradient]) => updatesOf(ruleOf(parameter), parameter, gradient, tools));
    },
  });
}

function requireParts(op: string, own: Options): void {
  for (const [argument, kind, expected] of [
    ["schedule", "schedule", "a schedule, such as cosineDecay(1000)"],
    ["clip", "clipping", "a clipping, such as clipByGlobalNorm(1)"],
    ["constraint", "constraint", "a constraint, such as maxNorm(3)"],
  ] as const) {
    const part: { readonly kind?: unknown } | undefined = own[argument];
    if (part !== undefined && part?.kind !== kind) refuse(op, argument, part, expected);
  }
}

/** Parameters with the same clipping are clipped together. */
function clip(
  gradients: ReadonlyMap<Node, Node>,
  clippingOf: (parameter: Node) => Clipping | undefined,
): ReadonlyMap<Node, Node> {
  const clipped = new Map(gradients);
  const parts = new Map<Clipping, Node[]>();
  for (const parameter of gradients.keys()) {
    const clipping = clippingOf(parameter);
    if (clipping) parts.set(clipping, [...(parts.get(clipping) ?? []), parameter]);
  }
  for (const [clipping, parameters] of parts) {
    const pairs = parameters.map((parameter) => ({ parameter, gradient: gradients.get(parameter)! }));
    clipping.apply(pairs).forEach((gradient, i) => clipped.set(parameters[i]!, gradient));
  }
  return clipped;
}

function updatesOf<O extends Options>(
  { own, update, nameOf }: Rule<O>,
  parameter: Node,
  gradient: Node,
  tools: StepTools,
): readonly Assignment[] {
  const origin = derivedOrigin(parameter, updateRule, "update");
  const math = arithmetic(origin);
  const hyper: UpdateTools["hyper"] = (name, initial) => tools.hyper(nameOf(name), initial, RANGES[name]);
  const count = (): Node => math.node(tools.count);
  const updates = update(parameter, gradient, {
    hyper,
    math,
    count,
    slot: (name, initial) => tools.slot(parameter, name, initial),
    rate: (initial) => scheduled(origin, own.schedule, hyper("rate", initial), count),
  });
  const { constraint } = own;
  if (constraint === undefined) return updates;
  return updates.map(({ leaf, value }) => ({
    leaf,
    value: leaf === parameter ? constraint.apply(origin, value) : value,
  }));
}

/** Counted from the next value of the counter, which others read too: the old one need not be kept. */
function scheduled(origin: Origin, schedule: Schedule | undefined, rate: Node, count: () => Node): Node {
  if (schedule === undefined) return rate;
  const math = arithmetic(origin);
  return math.mul(rate, schedule.factor(math, math.sub(count(), 1)));
}

/** A checked rate: at least 0. */
export const rateOf = (op: string, own: Options, otherwise: number): number =>
  hyperValue(op, "rate", own.rate ?? otherwise);

/** The gradient with a decay of the parameter added to it, where there is one: an L2 penalty of half the factor. */
export function withDecay(decay: number, parameter: Node, gradient: Node, { hyper, math }: UpdateTools): Node {
  return decay === 0 ? gradient : math.add(gradient, math.mul(hyper("weightDecay", decay), parameter));
}
