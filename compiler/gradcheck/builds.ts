// What is emitted, beside the interpreter: every output, loss, statistic and gradient at the point, on each target.

import type { Network } from "../../src/graph/network.js";
import type { FloatType, TargetName } from "../ir/choices.js";
import type { OpenInterpreter, Through, Values } from "../interpret.js";
import type { ConstNames } from "../names/index.js";
import { compile } from "../compile.js";

export interface Build {
  readonly target: TargetName;
  readonly dtype: FloatType;
}

export const BUILDS: readonly Build[] = [
  { target: "typescript", dtype: "float64" },
  { target: "typescript", dtype: "float32" },
  { target: "wasm", dtype: "float64" },
  { target: "wasm", dtype: "float32" },
];

/** One number that a build gives, and what the interpreter does. */
export interface Deviation {
  readonly entry: string;
  readonly name: string;
  readonly element: number;
  readonly emitted: number;
  readonly interpreted: number;
  /** How far apart they are, as a share of what is allowed. */
  readonly off: number;
}

export interface BuildReport extends Build {
  /** How many numbers were compared. */
  readonly numbers: number;
  readonly worst: Deviation | undefined;
  readonly passes: boolean;
}

/** What an entry gives, and how far each group may be off in either type. */
const GROUPS = ["outputs", "statistics", "grads", "states", "loss"] as const;

interface Reference {
  readonly entry: string;
  readonly groups: readonly {
    readonly group: (typeof GROUPS)[number];
    readonly values: Values;
    readonly bound: Readonly<Record<FloatType, number>>;
  }[];
}

/** The largest deviation, as a share of the group's largest number. */
const SHARE: Readonly<Record<FloatType, number>> = { float64: 1e-11, float32: 2e-6 };

/** Where the network itself makes more of rounding, so may a build: so many times what rounding every op to float32 does. */
const ROUNDING: Readonly<Record<FloatType, number>> = { float64: 16 * 2 ** -29, float32: 4 };

const asIs: Through = (_, value) => value;
const rounded: Through = (node, value) => (node.dtype === "float32" ? value.map(Math.fround) : value);

/** What the interpreter gives for everything but steps, which would change parameters. */
export const referencesOf = (open: OpenInterpreter, rows: number): readonly Reference[] =>
  open.derived
    .filter(({ kind }) => kind !== "initialize" && kind !== "step")
    .map(({ name }) => {
      const groupsOf = (through: Through) => {
        const { named, next, loss } = open.runThrough(name, rows, through);
        const { output, statistic, gradient } = named;
        const stateName = new Map(open.bindings.states.map((view) => [view.buffer.leaf, view.name]));
        return {
          outputs: output,
          statistics: statistic,
          grads: gradient,
          states: Object.fromEntries(next.map(([leaf, value]) => [stateName.get(leaf)!, value])),
          loss: loss === undefined ? {} : { loss: [loss] },
        };
      };
      const [exact, coarse] = [groupsOf(asIs), groupsOf(rounded)];
      const groups = GROUPS.map((group) => {
        const values: Values = exact[group];
        const scale = largest(values, (x) => Math.abs(x)) || 1;
        const spread = largest(values, (x, key, i) => Math.abs(x - (coarse[group] as Values)[key]![i]!));
        const bound = (type: FloatType): number => Math.max(SHARE[type] * scale, ROUNDING[type] * spread);
        return { group, values, bound: { float64: bound("float64"), float32: bound("float32") } };
      });
      return { entry: name, groups: groups.filter(({ values }) => Object.keys(values).length > 0) };
    });

function largest(values: Values, size: (x: number, name: string, i: number) => number): number {
  let most = 0;
  for (const [name, list] of Object.entries(values)) {
    for (let i = 0; i < list.length; i++) {
      const now = size(list[i]!, name, i);
      if (now > most && now < Infinity) most = now;
    }
  }
  return most;
}

export interface BuildOptions extends Build {
  readonly rows: number;
  readonly seed: number;
  readonly constNames: ConstNames | "ordinals" | undefined;
}

export function checkBuild(
  network: Network,
  { interpreter }: OpenInterpreter,
  references: readonly Reference[],
  { target, dtype, rows, seed, constNames }: BuildOptions,
): BuildReport {
  const model = compile(network, { target, dtype, constNames }).create({ seed });
  const fill = (group: "inputs" | "targets" | "parameters" | "states"): void => {
    for (const [name, list] of Object.entries(model[group]))
      list.set(interpreter[group][name]!.subarray(0, list.length));
  };
  for (const group of ["inputs", "targets", "parameters"] as const) fill(group);
  let numbers = 0;
  let worst: Deviation | undefined;
  for (const { entry, groups } of references) {
    // Of those before it, one may have changed what is carried.
    fill("states");
    const returned = (model[entry] as (rows: number) => number | undefined)(rows);
    for (const { group, values, bound } of groups) {
      const emitted: Values = group === "loss" ? { loss: [returned!] } : (model[group] as Values);
      for (const [name, list] of Object.entries(values)) {
        for (let i = 0; i < list.length; i++) {
          numbers++;
          const [is, wanted] = [emitted[name]![i]!, list[i]!];
          const apart = Object.is(is, wanted) ? 0 : Math.abs(is - wanted) / bound[dtype];
          const off = Number.isNaN(apart) ? Infinity : apart;
          if (!worst || off > worst.off) worst = { entry, name, element: i, emitted: is, interpreted: wanted, off };
        }
      }
    }
  }
  model.dispose();
  return { target, dtype, numbers, worst, passes: !worst || worst.off <= 1 };
}
