// What every optimizer shares: checked settings, and parameter groups with settings of their own.

import type { Assignment, Optimizer, UpdateTools } from "../graph/network.js";
import type { Node } from "../graph/node.js";
import { callSite } from "../graph/origin.js";
import type { Tensor } from "../graph/tensor.js";
import { badArgument, nearestHint } from "../messages.js";

export type Options = object;

/** Settings for all parameters, and groups of parameters with settings of their own. */
export type Grouped<O extends Options> = O & {
  /** The first group that holds a parameter says how it is updated; what a group leaves out is as for all. */
  readonly groups?: readonly (Partial<O> & { readonly parameters: readonly Tensor[] })[];
};

/** From a parameter and its gradient to the next values of the parameter and of its slots. */
export type Update = (parameter: Node, gradient: Node, tools: UpdateTools) => readonly Assignment[];

/** The settings of an optimizer by name, as the message about an unknown one lists them. */
type Known<O> = Readonly<Record<keyof O, true>>;

/** Makes an optimizer. `rule` checks its settings and gives the update. */
export function optimizer<O extends Options>(
  name: string,
  known: Known<O>,
  options: Grouped<O>,
  rule: (own: O) => Update,
): Optimizer {
  const { groups = [], ...shared } = settings(name, "options", options);
  if (!Array.isArray(groups)) refuse(name, "groups", groups, "a list of { parameters, ... }");
  onlyKnown(name, "options", shared, known);
  const all = shared as unknown as O;
  return Object.freeze({
    kind: "optimizer",
    name,
    update: rule(all),
    groups: Object.freeze(
      groups.map((group, index) => {
        const { parameters, ...own } = settings(name, `group ${index + 1}`, group);
        if (!Array.isArray(parameters)) refuse(name, `the parameters of group ${index + 1}`, parameters, "a list");
        onlyKnown(name, `group ${index + 1}`, own, known);
        const update = inGroup(index, rule({ ...all, ...own } as O), own);
        const made: Optimizer = Object.freeze({ kind: "optimizer", name, update, groups: [] });
        return Object.freeze({ parameters: Object.freeze([...parameters]) as readonly Node[], optimizer: made });
      }),
    ),
  });
}

/** Hyper-parameters that a group sets itself are its own: `group1.rate`. */
function inGroup(index: number, update: Update, own: object): Update {
  return (parameter, gradient, tools) =>
    update(parameter, gradient, {
      ...tools,
      hyper: (name, initial) => tools.hyper(Object.hasOwn(own, name) ? `group${index + 1}.${name}` : name, initial),
    });
}

function settings<O extends object>(op: string, argument: string, value: O): O {
  if (typeof value !== "object" || value === null) refuse(op, argument, value, "an object of settings");
  return value;
}

function onlyKnown(op: string, where: string, given: object, known: object): void {
  const names = Object.keys(known);
  const stray = Object.keys(given).find((key) => !Object.hasOwn(known, key));
  if (stray === undefined) return;
  const hint = nearestHint(stray, names);
  const expected = `settings of ${op} only`;
  throw badArgument({ op, argument: where, value: stray, expected, hint, site: callSite(op) });
}

/** A finite number from `low` (included) to `below` (excluded). */
export function number(op: string, argument: string, value: unknown, low: number, below = Infinity): number {
  if (typeof value === "number" && value >= low && value < below) return value;
  const expected = below === Infinity ? `a finite number of at least ${low}` : `a number from ${low} to below ${below}`;
  return refuse(op, argument, value, expected);
}

export function refuse(op: string, argument: string, value: unknown, expected: string): never {
  throw badArgument({ op, argument, value, expected, site: callSite(op) });
}
