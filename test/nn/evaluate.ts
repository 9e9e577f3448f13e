// A scalar function of some tensors, compiled and run: its value and its gradients.

import { compile, type Model } from "tapeless/compiler";
import { gradient, input, network, type Tensor } from "tapeless";

export type Shape = readonly (number | "batch")[];

export interface Given {
  readonly shape: Shape;
  readonly values: readonly number[];
  /** For int32: values are class indices below this. */
  readonly below?: number;
}

export type Float = "float32" | "float64";

export interface Evaluated {
  readonly value: number;
  /** By input, of those that are floats. */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

/** Compiles `of`, with the given tensors as inputs, and runs it on `rows` rows. */
export function evaluate(
  of: (inputs: Readonly<Record<string, Tensor>>) => Tensor,
  given: Readonly<Record<string, Given>>,
  rows: number,
  dtype: Float,
): Evaluated {
  const inputs = Object.fromEntries(
    Object.entries(given).map(([name, { shape, below }]) => {
      const options = below === undefined ? {} : ({ dtype: "int32", below } as const);
      return [name, input(name, shape, options) as Tensor];
    }),
  );
  const value = of(inputs);
  const floats = Object.keys(given).filter((name) => given[name]!.below === undefined);
  const gradients = Object.fromEntries(floats.map((name) => [`d_${name}`, gradient(value, inputs[name]!)]));
  const net = network("evaluated", { batch: rows + 3, outputs: { value, ...gradients } });
  const model = compile(net, { dtype }).create();
  for (const [name, { values }] of Object.entries(given)) model.inputs[name]?.set(values);
  model.predict(rows);
  const lengths = Object.fromEntries(floats.map((name) => [name, given[name]!.values.length]));
  return {
    value: model.outputs["value"]![0]!,
    gradients: Object.fromEntries(floats.map((name) => [name, copy(model, `d_${name}`, lengths[name]!)])),
  };
}

const copy = (model: Model, name: string, length: number): number[] =>
  Array.from(model.outputs[name]!).slice(0, length);
