// The compiler looked over, pass by pass: after each rewrite, each phase and each pass over kernels the values are what they
// were before it. What differs is found where it began, by the name of the law or pass.

import type { Entry, Network } from "../../src/graph/network.js";
import { planned } from "../pipeline.js";
import { randomNumbers } from "../random-numbers.js";
import { checkGraphs, type Finding, type GraphOptions, type Phases } from "./graphs.js";
import { KINDS, type Kind } from "./values.js";
import { checkPrograms, type Form, type Lowered, type ProgramOptions } from "./programs.js";

export { ACCEPTED } from "./accepted.js";
export { KINDS };

export interface VerifyOptions
  extends Pick<GraphOptions, "simplify" | "accepted" | "onLaw">, Pick<ProgramOptions, "bodyPasses"> {
  readonly rows: number;
  readonly seed: number;
  /** What values are tried: ordinary ones alone where a network is large. */
  readonly kinds: readonly Kind[];
  /** Uses of each law that are looked at. */
  readonly uses: number;
}

/** A network as each pass has left it. */
export interface Passed extends Lowered {
  readonly phases: Phases;
}

/** Compiles a network and keeps what each pass makes. */
export function lowered(network: Network): Passed {
  const phases: (readonly [string, readonly Entry[]])[] = [];
  const forms = new Map<string, Form[]>();
  const { spec, layout } = planned(network, {
    dtype: "float64",
    trace: ({ kind, phase, after }) => {
      if (kind === "graph") phases.push([phase, after]);
      if (kind === "fuse" || kind === "kernels")
        for (const { entry, items } of after) forms.set(entry, [...(forms.get(entry) ?? []), [phase, items]]);
    },
  });
  return { phases, spec, layout, forms, entries: phases.at(-1)![1] };
}

export function verifyLowered(passed: Passed, options: VerifyOptions): Finding[] {
  const random = randomNumbers(options.seed);
  return [...checkGraphs(passed.phases, { ...options, random }), ...checkPrograms(passed, { ...options, random })];
}

/** What the passes of the compiler change in the values of a network: nothing, where they are right. */
export const verifyPasses = (network: Network, options: VerifyOptions): Finding[] =>
  verifyLowered(lowered(network), options);

/** A finding as a line. */
export const printFinding = ({ kind, name, where, values, before, after }: Finding): string =>
  `${kind} "${name}" at ${where}: ${before} before, ${after} after (${values} values)`;
