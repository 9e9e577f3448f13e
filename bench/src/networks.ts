// The networks that are measured, as plain data from which every peer builds its own.

export type Activation = "relu" | "sigmoid";

/** What follows the last layer's sums: its activation and the loss, both means over the rows. */
export type Head = "softmax cross-entropy" | "sigmoid cross-entropy" | "sigmoid squared error";

export type Optimizer =
  | { readonly kind: "sgd"; readonly rate: number }
  | {
      readonly kind: "adam";
      readonly rate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    };

export interface Network {
  readonly name: string;
  /** Values of a row: the input's, then each layer's. */
  readonly sizes: readonly number[];
  readonly hidden: Activation;
  readonly head: Head;
  readonly optimizer: Optimizer;
}

export const digits: Network = {
  name: "digits",
  sizes: [784, 256, 128, 10],
  hidden: "relu",
  head: "softmax cross-entropy",
  optimizer: { kind: "sgd", rate: 0.1 },
};

export const digitsAdam: Network = {
  name: "digits-adam",
  sizes: [784, 128, 10],
  hidden: "relu",
  head: "softmax cross-entropy",
  optimizer: { kind: "adam", rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
};

export const fromScratch: Network = {
  name: "from-scratch",
  sizes: [784, 64, 10],
  hidden: "sigmoid",
  head: "sigmoid squared error",
  optimizer: { kind: "sgd", rate: 5 },
};

export const logistic: Network = {
  name: "logistic",
  sizes: [2, 1],
  hidden: "relu",
  head: "sigmoid cross-entropy",
  optimizer: { kind: "sgd", rate: 0.5 },
};

export const classifier: Network = {
  name: "classifier",
  sizes: [2, 4, 1],
  hidden: "relu",
  head: "sigmoid cross-entropy",
  optimizer: { kind: "sgd", rate: 0.5 },
};

/** Floating-point operations of one training step's matrix products: forward, weight gradients, input gradients. */
export function flops({ sizes }: Network, rows: number): number {
  let products = 0;
  for (let layer = 1; layer < sizes.length; layer++) {
    products += (layer === 1 ? 2 : 3) * sizes[layer - 1]! * sizes[layer]!;
  }
  return 2 * rows * products;
}
