// `network(...)`: checks a definition as a whole and returns it as data. Everything wrong with it is listed at once.

import { isA } from "./graph/node.js";
import * as is from "./ops/call/checks.js";
import { graphErrors } from "./check-graph.js";
import {
  batchErrors,
  entryErrors,
  groupErrors,
  isMetric,
  metricErrors,
  nameErrors,
  outputErrors,
  silenceErrors,
  stepErrors,
} from "./check-parts.js";
import { declaredRoots } from "./entries.js";
import type { LintCode } from "./graph/lint-codes.js";
import type { Metric, Network, Optimizer, Step } from "./graph/network.js";
import { callSite, originOf, type CallSite } from "./graph/origin.js";
import { BATCH } from "./graph/shape.js";
import type { DimsOf, DTypeOf, Show, Tensor } from "./graph/tensor.js";
import { everyNode } from "./graph/walk.js";
import { badArgument, emptyNetwork, halfStep, notMadeHere, throwAll, type TapelessError } from "./messages.js";
import { inputDef, makeSize } from "./ops/leaf/leaves.js";
import { optionErrors, type Known } from "./ops/call/options.js";

/** A step of training, where a network has several. */
export interface StepOptions {
  /** A float scalar. */
  readonly loss: Tensor;
  /** How the step changes the parameters, such as `adam()`. */
  readonly optimizer: Optimizer;
  /** The parameters it updates. Absent: all trainable ones that a gradient of the loss reaches. */
  readonly parameters?: readonly Tensor[];
}

// What these must be, check-parts.ts says.
const STEP_OPTIONS = {
  loss: is.anything,
  optimizer: is.anything,
  parameters: is.anything,
} satisfies Known<StepOptions>;

/** An entry of a network's own, beside `predict` and the steps. */
export interface EntryOptions {
  /** What it computes, by name: the view `outputs["<entry>.<name>"]` of the model. At least one. */
  readonly outputs: Readonly<Record<string, Tensor>>;
}

const ENTRY_OPTIONS = { outputs: is.anything } satisfies Known<EntryOptions>;

/** What a network consists of. It has outputs, a loss with an optimizer, steps, metrics or entries. */
export interface NetworkOptions {
  /** The largest number of rows; any smaller number needs no other build. */
  readonly batch: number;
  /** What `predict` computes, by name. Nothing unless stated. */
  readonly outputs?: Readonly<Record<string, Tensor>>;
  /** A float scalar. With `optimizer`: short for `steps: { step: { loss, optimizer } }`. None unless stated. */
  readonly loss?: Tensor;
  /** With `loss`: how the step changes the parameters, such as `adam()`. None unless stated. */
  readonly optimizer?: Optimizer;
  /**
   * What `evaluate` of `tapeless/train` computes over any number of rows, by name: `{ accuracy: accuracy(logits,
   * digit) }`. A float scalar is averaged over the batches, each weighing its rows: right for what is itself a mean
   * over rows, as the losses are. None unless stated.
   */
  readonly metrics?: Readonly<Record<string, Metric | Tensor>>;
  /**
   * Named steps over shared parameters: `{ critic: { loss, optimizer, parameters }, actor: { … } }`. None unless
   * stated.
   */
  readonly steps?: Readonly<Record<string, StepOptions>>;
  /**
   * Further entries, in inference mode: `{ next: { outputs: { letter: logits } } }` gives the model a function
   * `next(rows)`. What is made by `carry` and given a next value by `updating` in what an entry computes takes it at
   * the end of each call, so that it generates a sequence step by step, over the parameters that the steps train.
   * None unless stated.
   */
  readonly entries?: Readonly<Record<string, EntryOptions>>;
  /** Codes of warnings about what is meant as it is: `["SOFTMAX_TWICE"]`. None unless stated. */
  readonly silence?: readonly LintCode[];
}

const NETWORK_OPTIONS = {
  batch: is.anything,
  outputs: is.anything,
  loss: is.anything,
  optimizer: is.anything,
  metrics: is.anything,
  steps: is.anything,
  entries: is.anything,
  silence: is.names,
} satisfies Known<NetworkOptions>;

/** `unknown` for a scalar, and for a tensor whose axes are not known; otherwise the sentence that the editor shows. */
type LossCompatible<X> = X extends Tensor
  ? number extends DimsOf<X>["length"]
    ? unknown
    : DimsOf<X> extends readonly []
      ? [DTypeOf<X>] extends ["int32" | "bool"]
        ? `network: a loss is a float scalar, not of ${DTypeOf<X>}`
        : unknown
      : `network: a loss is a float scalar, not a tensor ${Show<DimsOf<X>>}; take its mean`
  : unknown;

/** Losses that are scalars. */
interface Scalars<L extends Tensor, S> {
  readonly loss?: LossCompatible<L> & L;
  readonly steps?: { readonly [K in keyof S]: LossesOf<S[K]> & S[K] };
}

type LossesOf<S> = S extends { readonly loss: infer X } ? { readonly loss: LossCompatible<X> } : unknown;

/**
 * Declares a network: what it computes, what training makes small and how. The whole definition is checked, and
 * everything that is wrong with it is listed at once.
 * @param name letters, digits, `_` and `-`, starting with a letter: it names the emitted module's functions
 * @returns the network as data: what {@link compile}, {@link interpret} and a definition's default export take
 * @throws BAD_NAME, DUPLICATE_NAME, EMPTY_NETWORK, BAD_STEPS, NON_SCALAR_LOSS, UNREACHED_PARAMETER, NOTHING_TO_TRAIN,
 *   OUTPUT_NEEDS_TARGET, UPDATED_TWICE, UPDATE_IN_LOOP, BAD_INITIAL, TOO_LARGE, BAD_ARGUMENT; several of them as {@link TapelessErrors}
 * @example
 * ```ts
 * const x = input("x", ["batch", 2]);
 * const y = dense(relu(dense(x, 8)), 1);
 * const price = target("price", ["batch", 1]);
 * export default network("prices", {
 *   batch: 32,
 *   outputs: { y },
 *   loss: meanSquaredError(y, price),
 *   optimizer: adam(),
 * });
 * ```
 */
export function network<L extends Tensor, S extends Readonly<Record<string, StepOptions>>>(
  name: string,
  options: Scalars<L, S> & NetworkOptions,
): Network {
  const site = callSite("network");
  if (typeof options !== "object" || options === null) {
    throw badArgument({ op: "network", argument: "options", value: options, expected: "an object with a batch", site });
  }
  const { batch } = options;
  const errors: TapelessError[] = [
    ...optionErrors(site, "options", options, NETWORK_OPTIONS),
    ...nameErrors("network", name, site),
    ...batchErrors(batch, site),
    ...silenceErrors(options.silence, site),
  ];
  const outputs = recordOf("outputs", options.outputs, site, errors);
  const steps = stepsOf(options, site, errors);
  const given = recordOf("metrics", options.metrics, site, errors);
  const entries = entriesIn(options, site, errors);
  errors.push(...outputErrors(outputs, site), ...metricErrors(given, site));
  for (const [entry, own] of Object.entries(entries)) errors.push(...entryErrors(entry, own, site));
  for (const [step, declared] of Object.entries(steps)) {
    errors.push(...optionErrors(site, `the step ${step}`, declared, STEP_OPTIONS));
    errors.push(...stepErrors(step, declared, site));
  }
  if (errors.length === 0) errors.push(...groupErrors(steps));
  if (errors.length === 0 && [outputs, steps, given, entries].every((part) => Object.keys(part).length === 0)) {
    errors.push(emptyNetwork({ name, site }));
  }
  throwAll(errors);
  const metrics = Object.freeze(
    Object.fromEntries(Object.entries(given).map(([key, value]) => [key, isMetric(value) ? value : meanOf(value)])),
  );
  const silence = Object.freeze([...(options.silence ?? [])]);
  const parts = { outputs, steps, metrics, entries, silence };
  const declared: Network = Object.freeze({ kind: "network", name, capacity: batch, ...parts, site });
  throwAll(graphErrors(declared));
  return declared;
}

/** Throws NO_NETWORK for what is no network, or was made by another copy of the library: passes know ops by their records. */
export function requireNetwork(call: string, value: Network): void {
  const isNetwork = (value as unknown) instanceof Object && (value.kind as unknown) === "network";
  if (isNetwork) {
    const inputs = everyNode(declaredRoots(value)).filter(({ def }) => def.name === inputDef.name);
    if (inputs.every((node) => isA(node, inputDef))) return;
  }
  throw notMadeHere({ call, value, isNetwork });
}

/** A scalar that is a mean over rows, as a metric: batches weigh their rows. */
const meanOf = (mean: Tensor): Metric => ({
  kind: "metric",
  statistics: { mean, rows: makeSize(originOf(mean.origin.site), BATCH) },
  totals: { sum: ["multiply", "mean", "rows"], rows: "rows" },
  result: ["divide", "sum", "rows"],
  shape: [],
});

function stepsOf(options: NetworkOptions, site: CallSite, errors: TapelessError[]): Readonly<Record<string, Step>> {
  const { loss, optimizer } = options;
  const steps = recordOf("steps", options.steps, site, errors);
  if (loss === undefined && optimizer === undefined) return steps;
  if (loss !== undefined && optimizer !== undefined && options.steps === undefined) {
    return Object.freeze({ step: Object.freeze({ loss, optimizer }) });
  }
  const given = { loss: loss !== undefined, optimizer: optimizer !== undefined, steps: options.steps !== undefined };
  errors.push(halfStep({ ...given, site }));
  return steps;
}

/** What each entry of the network's own computes. */
function entriesIn(
  options: NetworkOptions,
  site: CallSite,
  errors: TapelessError[],
): Readonly<Record<string, Readonly<Record<string, Tensor>>>> {
  const given = Object.entries(recordOf("entries", options.entries, site, errors));
  const all = given.map(([name, entry]) => {
    errors.push(...optionErrors(site, `the entry ${name}`, entry, ENTRY_OPTIONS));
    return [
      name,
      recordOf(`the outputs of the entry ${name}`, (entry as Partial<EntryOptions> | null)?.outputs, site, errors),
    ];
  });
  return Object.freeze(Object.fromEntries(all) as Record<string, Readonly<Record<string, Tensor>>>);
}

/** A frozen copy. */
function recordOf<T>(
  argument: string,
  value: Readonly<Record<string, T>> | undefined,
  site: CallSite,
  errors: TapelessError[],
): Readonly<Record<string, T>> {
  if (value === undefined) return Object.freeze({});
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.freeze({ ...value });
  errors.push(badArgument({ op: "network", argument, value, expected: "an object with names as keys", site }));
  return Object.freeze({});
}
