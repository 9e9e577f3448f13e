// A scalar function of some tensors, compiled and run: its value, and its gradients beside differences of its values.

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
  /** The value where one element of an input is another. */
  readonly at: (name: string, index: number, value: number) => number;
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
    at(name, index, changed) {
      const view = model.inputs[name]!;
      const before = view[index]!;
      view[index] = changed;
      model.predict(rows);
      view[index] = before;
      return model.outputs["value"]![0]!;
    },
  };
}

const copy = (model: Model, name: string, length: number): number[] =>
  Array.from(model.outputs[name]!).slice(0, length);

/** The largest distance of the gradients from five-point differences, as a share of the largest gradient. */
export function gradientError({ gradients, at }: Evaluated, given: Readonly<Record<string, Given>>): number {
  const h = 2e-4;
  let [worst, largest] = [0, 1e-3];
  for (const [name, list] of Object.entries(gradients)) {
    list.forEach((derived, i) => {
      const x = given[name]!.values[i]!;
      const near = at(name, i, x + h) - at(name, i, x - h);
      const far = at(name, i, x + 2 * h) - at(name, i, x - 2 * h);
      const difference = (8 * near - far) / (12 * h);
      worst = Math.max(worst, Math.abs(derived - difference));
      largest = Math.max(largest, Math.abs(difference));
    });
  }
  return worst / largest;
}
