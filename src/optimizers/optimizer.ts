// What every optimizer shares: checked numbers, and parameter groups with settings of their own.

import type { Assignment, Optimizer, UpdateTools } from "../graph/network.js";
import type { Node } from "../graph/node.js";
import { callSite } from "../graph/origin.js";
import type { Tensor } from "../graph/tensor.js";
import { badArgument } from "../messages.js";

export type Options = object;

/** Settings for all parameters, and groups of parameters with settings of their own. */
export type Grouped<O extends Options> = O & {
  /** The first group that holds a parameter says how it is updated; what a group leaves out is as for all. */
  readonly groups?: readonly (Partial<O> & { readonly parameters: readonly Tensor[] })[];
};

type Update = (parameter: Node, gradient: Node, tools: UpdateTools) => readonly Assignment[];

/** Makes an optimizer. `rule` checks its settings and gives the update. */
export function optimizer<O extends Options>(name: string, options: Grouped<O>, rule: (own: O) => Update): Optimizer {
  const { groups = [], ...shared } = options;
  const own = shared as unknown as O;
  const update = rule(own);
  return Object.freeze({
    kind: "optimizer",
    name,
    update,
    groups: groups.map(({ parameters, ...settings }, index) => ({
      parameters: parameters as readonly Node[],
      optimizer: Object.freeze({
        kind: "optimizer" as const,
        name,
        update: inGroup(index, rule({ ...own, ...settings } as O), settings),
        groups: [],
      }),
    })),
  });
}

/** Hyper-parameters that a group sets itself are its own: `group1.rate`. */
function inGroup(index: number, update: Update, settings: object): Update {
  return (parameter, gradient, tools) =>
    update(parameter, gradient, {
      ...tools,
      hyper: (name, initial) =>
        tools.hyper(Object.hasOwn(settings, name) ? `group${index + 1}.${name}` : name, initial),
    });
}

/** A finite number from `low` (included) to `below` (excluded). */
export function number(op: string, argument: string, value: unknown, low: number, below = Infinity): number {
  if (typeof value === "number" && value >= low && value < below) return value;
  const expected = below === Infinity ? `a finite number of at least ${low}` : `a number from ${low} to below ${below}`;
  throw badArgument({ op, argument, value, expected, site: callSite(op) });
}
