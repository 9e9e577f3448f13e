// The check as a whole, at one point.

import type { Network, Result } from "../../src/graph/network.js";
import { callSite } from "../../src/graph/origin.js";
import { badArgument, pointNotFinite } from "../../src/messages.js";
import { requireNetwork } from "../../src/network.js";
import * as is from "../../src/ops/call/checks.js";
import { requireOptions, type Known } from "../../src/ops/call/options.js";
import { openInterpreter, type OpenInterpreter, type Values } from "../interpret.js";
import type { ConstNames } from "../names/index.js";
import { CONST_NAMES } from "../options.js";
import { BUILDS, checkBuild, referencesOf, type Build, type BuildReport } from "./builds.js";
import { leavesIn, lossAt } from "./losses.js";
import { place, RANGES } from "./point.js";
import { checkStep, type StepReport } from "./step.js";

/** At which point gradients are checked, and against which builds. {@link gradcheck} takes them. */
export interface GradcheckOptions {
  /** Rows of the point, 1 to the network's batch. Default 3, or the batch if it is smaller. */
  readonly rows?: number;
  /** Of the network's own random numbers, of the drawn values, and of the choice of entries. An integer. Default 1. */
  readonly seed?: number;
  /** Row-major values of inputs by name. Default: drawn ones. */
  readonly inputs?: Values;
  /** Row-major values of targets by name. Default: drawn ones. */
  readonly targets?: Values;
  /** Values of parameters, in place of their initial values moved by about a tenth. */
  readonly parameters?: Values;
  /** About how long comparing with differences may take. Default 60. */
  readonly seconds?: number;
  /** What is emitted and compared with the interpreter. Default: both targets, in float64 and in float32. */
  readonly builds?: readonly Build[];
  /** Where names come from when the network was declared in a file. Default: as for {@link compile}. */
  readonly constNames?: ConstNames | "ordinals" | undefined;
}

const OPTIONS = {
  rows: is.positiveInteger,
  seed: is.int32,
  inputs: is.record,
  targets: is.record,
  parameters: is.record,
  seconds: is.finite,
  builds: is.list,
  constNames: CONST_NAMES,
} satisfies Known<GradcheckOptions>;

/** What {@link gradcheck} found. */
export interface GradcheckReport {
  /** Whether every step and every build passes. */
  readonly passes: boolean;
  /** The network's name. */
  readonly network: string;
  /** Rows of the point. */
  readonly rows: number;
  /** The seed that the point was drawn with. */
  readonly seed: number;
  /** Derived gradients against differences, for each step. */
  readonly steps: readonly StepReport[];
  /** What is emitted against the interpreter. Empty where a step did not pass: both would be wrong alike. */
  readonly builds: readonly BuildReport[];
}

const ROWS = 3;
const SECONDS = 60;

/**
 * Checks a network's gradients at one point. Every entry of a network with fewer than 2,000 parameters is compared
 * with central differences of the loss on the float64 interpreter; of a larger one 20 random directions, 50 random
 * entries and the 10 largest of each tensor. Then what is emitted, as TypeScript and as WebAssembly in float64 and
 * float32, is compared with the interpreter: outputs, losses, statistics and all gradients.
 *
 * What `stopGradient` holds is held while values are varied. Entries at kinks, such as relu at 0, are counted, not
 * compared.
 * @param network what {@link network} declared
 * @returns whether it passes, and for each step and build what was compared
 * @throws NO_NETWORK, BAD_ARGUMENT; POINT_NOT_FINITE when a loss is NaN or infinite at all the points that were tried
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * const { passes, rows } = gradcheck(net, { rows: 4 }); // { passes: true, rows: 4 }
 * ```
 */
export function gradcheck(network: Network, options: GradcheckOptions = {}): GradcheckReport {
  requireNetwork("gradcheck", network);
  const { rows, seed, seconds } = checked(network, options);
  const { constNames, builds = BUILDS } = options;
  const start = performance.now();
  const open = openAt(network, { ...options, rows, seed });
  const entries = open.derived.filter(({ kind }) => kind === "gradients");
  const steps: StepReport[] = [];
  for (const [i, entry] of entries.entries()) {
    const until = start + (1000 * seconds * (i + 1)) / entries.length;
    steps.push(checkStep(open, entry, { rows, seed, until }));
  }
  const agree = steps.every((step) => step.passes);
  const references = agree ? referencesOf(open, rows) : [];
  const reports = agree
    ? builds.map((build) => checkBuild(network, open, references, { ...build, rows, seed, constNames }))
    : [];
  const passes = agree && reports.every((build) => build.passes);
  return { passes, network: network.name, rows, seed, steps, builds: reports };
}

function checked({ capacity }: Network, options: GradcheckOptions) {
  const site = callSite("gradcheck");
  requireOptions(site, options, OPTIONS);
  const { rows = Math.min(ROWS, capacity), seed = 1, seconds = SECONDS } = options;
  const refuse = (argument: string, value: unknown, expected: string) =>
    badArgument({ op: "gradcheck", argument, value, expected, site });
  if (!(Number.isInteger(rows) && rows >= 1 && rows <= capacity))
    throw refuse("rows", rows, `an integer from 1 to ${capacity}, the network's batch`);
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31))
    throw refuse("seed", seed, "an integer from 0 to 2147483647");
  if (!(seconds > 0 && seconds < Infinity)) throw refuse("seconds", seconds, "a positive number");
  return { rows, seed, seconds };
}

/** At the first of the points that are tried where every loss is finite. */
function openAt(
  network: Network,
  options: GradcheckOptions & { readonly rows: number; readonly seed: number },
): OpenInterpreter {
  const { rows, seed, parameters, constNames } = options;
  let losses: readonly (readonly [step: string, loss: number])[] = [];
  for (const range of RANGES) {
    const open = openInterpreter(network, { seed, ...(parameters && { parameters }), constNames });
    place(open, network, range, options);
    losses = open.derived
      .filter(({ kind }) => kind === "gradients")
      .map(({ step, results }) => [step!, lossOf(results, rows, open)]);
    if (losses.every(([, loss]) => Number.isFinite(loss))) return open;
  }
  const [step, loss] = losses.find(([, value]) => !Number.isFinite(value))!;
  throw pointNotFinite({ step, loss, site: network.site });
}

function lossOf(results: readonly Result[], rows: number, { memory }: OpenInterpreter): number {
  const { value } = results.find(({ kind }) => kind === "loss")!;
  return lossAt(value, rows, leavesIn(memory)).value;
}
