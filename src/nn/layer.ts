// A layer that is declared once and applied many times: a function whose parameters and states are made by its first
// application.

import { isA } from "../graph/node.js";
import { applications, applying, type Application, type SharedLayer } from "../graph/application.js";
import { callSite } from "../graph/origin.js";
import type { Tensor } from "../graph/tensor.js";
import { badArgument, layerInItself, layerNotApplied } from "../messages.js";
import * as is from "../ops/call/checks.js";
import { parameterDef } from "../ops/leaf/leaf-records.js";
import { requireOptions, type Known } from "../ops/call/options.js";
import { requireComplete } from "../ops/leaf/stored.js";

/** The options of {@link layer}. */
export interface LayerOptions {
  /** Names the parameters `<name>.…`, in place of the `const` that holds the layer. */
  readonly name?: string;
}

const LAYER_OPTIONS = { name: is.text } satisfies Known<LayerOptions>;

/** What a layer has beside being called. */
export interface LayerParts {
  /** The trainable parameters that it uses, such as for `parameters` of a step. Known when it has been applied. */
  readonly parameters: readonly Tensor[];
}

/** A function that can be applied many times and has one set of parameters. */
export type Layer<F> = F & LayerParts;

/**
 * A function whose applications share their parameters and states: the first application makes them, further ones are
 * given them again.
 *
 * It may be applied to different tensors, in the step of a {@link scan}, and to what a {@link gradient} is taken of.
 * Parameters are named after the layer's const: `tower.dense1.weight`, `tower.weight`. What the function does with
 * tensors is done for each application: dropout draws other numbers, batch norm uses the batch's own statistics, and
 * the running statistics take the values of the applications one after the other, as in PyTorch.
 * @param f what one application computes: any arguments, any result but a promise. Each run asks for the same
 *   parameters, in the same order, with the same initial values
 * @returns the function, with `parameters`: the trainable ones that it uses
 * @throws LAYER_MISMATCH where an application asks for other parameters than the first, LAYER_IN_ITSELF for one within
 *   its own, LAYER_NOT_APPLIED for its parameters before the first
 * @example
 * ```ts
 * const tower = layer((x: Tensor) => dense(relu(dense(x, 32)), 16));
 * const left = tower(input("left", ["batch", 8]));
 * const right = tower(input("right", ["batch", 8]));
 * const net = network("example", { batch: 1, outputs: { distance: norm(sub(left, right), { axis: 1 }) } });
 * tower.parameters.length; // 4
 * ```
 */
export function layer<F extends (...args: Tensor[]) => unknown>(f: F, options?: LayerOptions): Layer<F>;
export function layer<F extends (...args: never[]) => unknown>(f: F, options?: LayerOptions): Layer<F>;
export function layer(f: (...args: unknown[]) => unknown, options: LayerOptions = {}): Layer<typeof f> {
  const site = callSite("layer");
  requireOptions(site, options, LAYER_OPTIONS);
  if (typeof f !== "function") {
    const expected = "a function from tensors to what the layer computes";
    throw badArgument({ op: "layer", argument: "f", value: f, expected, site });
  }
  const shared: SharedLayer = { site, name: options.name, within: applications().at(-1), first: undefined };
  const apply = (...args: unknown[]): unknown => applied(shared, f, args);
  return Object.freeze(
    Object.defineProperty(apply, "parameters", { get: () => parametersOf(shared) }) as Layer<typeof f>,
  );
}

function applied(shared: SharedLayer, f: (...args: unknown[]) => unknown, args: readonly unknown[]): unknown {
  const site = callSite("layer");
  if (applications().some((one) => one.layer === shared)) throw layerInItself({ site });
  const application: Application = { layer: shared, site, leaves: [], uses: new Set() };
  const result = applying(application, () => f(...args));
  if (result instanceof Promise) {
    const expected = "a function that returns its result, not a promise";
    throw badArgument({ op: "layer", argument: "f", value: "an async function", expected, site: shared.site });
  }
  requireComplete(application);
  shared.first ??= application;
  return result;
}

function parametersOf(shared: SharedLayer): readonly Tensor[] {
  const { first, site } = shared;
  if (first === undefined) throw layerNotApplied({ site });
  const trainable = [...first.uses].filter((leaf) => isA(leaf, parameterDef) && leaf.attrs.trainable);
  return Object.freeze(trainable as Tensor[]);
}
