// The networks that are measured, as plain data from which every peer builds its own.

export type Activation = "relu" | "sigmoid";

/** What follows the last layer's sums: its activation and the loss, both means over the rows. */
export type Head = "softmax cross-entropy" | "sigmoid cross-entropy" | "sigmoid squared error" | "squared error";

export type Optimizer =
  | { readonly kind: "sgd"; readonly rate: number }
  | {
      readonly kind: "adam";
      readonly rate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    };

interface Common {
  /** Also the definition's file in networks/. */
  readonly name: string;
  readonly head: Head;
  readonly optimizer: Optimizer;
}

/** Dense layers: values of a row, the input's, then each layer's. */
export interface Dense extends Common {
  readonly kind: "dense";
  readonly sizes: readonly number[];
  readonly hidden: Activation;
}

/** 28 x 28 pixels; 6 and 16 filters of 5 x 5, each with ReLU and 2 x 2 max pools; 120, 84 and 10 units. */
export interface Lenet extends Common {
  readonly kind: "lenet";
}

/** One layer over the positions, classes from its last state. */
export interface Lstm extends Common {
  readonly kind: "lstm";
  readonly positions: number;
  readonly features: number;
  readonly units: number;
  readonly classes: number;
}

/** One encoder block with the norms after the sums (Vaswani et al. 2017), trained towards given sequences. */
export interface Transformer extends Common {
  readonly kind: "transformer";
  readonly positions: number;
  readonly features: number;
  readonly heads: number;
  readonly feedForward: number;
}

export type Network = Dense | Lenet | Lstm | Transformer;

export const digits: Dense = {
  kind: "dense",
  name: "digits",
  sizes: [784, 256, 128, 10],
  hidden: "relu",
  head: "softmax cross-entropy",
  optimizer: { kind: "sgd", rate: 0.1 },
};

export const digitsAdam: Dense = {
  kind: "dense",
  name: "digits-adam",
  sizes: [784, 128, 10],
  hidden: "relu",
  head: "softmax cross-entropy",
  optimizer: { kind: "adam", rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
};

export const fromScratch: Dense = {
  kind: "dense",
  name: "from-scratch",
  sizes: [784, 64, 10],
  hidden: "sigmoid",
  head: "sigmoid squared error",
  optimizer: { kind: "sgd", rate: 5 },
};

export const logistic: Dense = {
  kind: "dense",
  name: "logistic",
  sizes: [2, 1],
  hidden: "relu",
  head: "sigmoid cross-entropy",
  optimizer: { kind: "sgd", rate: 0.5 },
};

export const classifier: Dense = {
  kind: "dense",
  name: "classifier",
  sizes: [2, 4, 1],
  hidden: "relu",
  head: "sigmoid cross-entropy",
  optimizer: { kind: "sgd", rate: 0.5 },
};

export const lenet: Lenet = {
  kind: "lenet",
  name: "lenet",
  head: "softmax cross-entropy",
  optimizer: { kind: "sgd", rate: 0.05 },
};

export const lstm: Lstm = {
  kind: "lstm",
  name: "lstm",
  positions: 32,
  features: 64,
  units: 64,
  classes: 10,
  head: "softmax cross-entropy",
  optimizer: { kind: "sgd", rate: 0.1 },
};

export const transformer: Transformer = {
  kind: "transformer",
  name: "transformer",
  positions: 32,
  features: 64,
  heads: 4,
  feedForward: 256,
  head: "squared error",
  optimizer: { kind: "sgd", rate: 0.1 },
};

/** In a few words. */
export function describe(network: Network): string {
  const { head, optimizer } = network;
  const rest = `${head}, ${optimizer.kind}`;
  if (network.kind === "dense") return `${network.sizes.join("-")}, ${rest}`;
  if (network.kind === "lenet") return `LeNet-5, ${rest}`;
  const { positions, features } = network;
  if (network.kind === "lstm") return `LSTM of ${network.units} over ${positions} x ${features}, ${rest}`;
  return `encoder block on ${positions} x ${features}, ${network.heads} heads, ${network.feedForward} hidden, ${rest}`;
}

/** The shape of one row's input. */
export function inputShape(network: Network): readonly number[] {
  if (network.kind === "dense") return [network.sizes[0]!];
  return network.kind === "lenet" ? [28, 28, 1] : [network.positions, network.features];
}

/** The shape of one row's target. */
export function targetShape(network: Network): readonly number[] {
  if (network.kind === "dense") return [network.sizes.at(-1)!];
  if (network.kind === "transformer") return inputShape(network);
  return [network.kind === "lenet" ? 10 : network.classes];
}

export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
  /** What initial values are drawn for; 0 and 0: the value is `fill`. */
  readonly fanIn: number;
  readonly fanOut: number;
  readonly fill: number;
}

/** In the order of use: a layer's weight, then its bias. The names are those of the definitions in networks/. */
export function parameterShapes(network: Network): readonly ParameterShape[] {
  switch (network.kind) {
    case "dense":
      return network.sizes.slice(1).flatMap((size, i) => layer(`layer${i + 1}`, [network.sizes[i]!, size]));
    case "lenet":
      return [
        ...layer("conv1", [5, 5, 1, 6]),
        ...layer("conv2", [5, 5, 6, 16]),
        ...layer("hidden1", [400, 120]),
        ...layer("hidden2", [120, 84]),
        ...layer("logits", [84, 10]),
      ];
    case "lstm": {
      const { features, units, classes } = network;
      const [weight, bias] = layer("memory", [features, 4 * units]);
      return [
        weight!,
        { ...layer("memory", [units, 4 * units])[0]!, name: "memory.recurrent" },
        bias!,
        ...layer("logits", [units, classes]),
      ];
    }
    case "transformer": {
      const { features: d, feedForward } = network;
      const norm = (name: string): readonly ParameterShape[] => [
        { name: `block.${name}.weight`, shape: [d], fanIn: 0, fanOut: 0, fill: 1 },
        { name: `block.${name}.bias`, shape: [d], fanIn: 0, fanOut: 0, fill: 0 },
      ];
      return [
        ...["query", "key", "value", "output"].flatMap((part) => layer(`block.attention.${part}`, [d, d])),
        ...norm("norm1"),
        ...layer("block.linear1", [d, feedForward]),
        ...layer("block.linear2", [feedForward, d]),
        ...norm("norm2"),
      ];
    }
  }
}

function layer(name: string, shape: readonly number[]): readonly ParameterShape[] {
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  const window = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return [
    { name: `${name}.weight`, shape, fanIn: window * inputs, fanOut: window * outputs, fill: 0 },
    { name: `${name}.bias`, shape: [outputs], fanIn: 0, fanOut: 0, fill: 0 },
  ];
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Floating-point operations of the matrix products of a step or of a prediction. */
export function flops(network: Network, rows: number, training: boolean): number {
  const products = productsOf(network);
  const sum = products.reduce((total, { size, first }) => total + size * (training ? (first ? 2 : 3) : 1), 0);
  return 2 * rows * sum;
}

interface Products {
  /** Multiplications of one row, forward. */
  readonly size: number;
  /** It reads the network's input, which needs no gradient. */
  readonly first: boolean;
}

function productsOf(network: Network): readonly Products[] {
  switch (network.kind) {
    case "dense":
      return network.sizes.slice(1).map((size, i) => ({ size: size * network.sizes[i]!, first: i === 0 }));
    case "lenet":
      return [28 * 28 * 6 * 25, 10 * 10 * 16 * 25 * 6, 400 * 120, 120 * 84, 84 * 10].map((size, i) => ({
        size,
        first: i === 0,
      }));
    case "lstm": {
      const { positions, features, units, classes } = network;
      return [
        { size: positions * features * 4 * units, first: true },
        { size: positions * units * 4 * units, first: false },
        { size: units * classes, first: false },
      ];
    }
    case "transformer": {
      const { positions: p, features: d, feedForward } = network;
      return [
        { size: 3 * p * d * d, first: true },
        { size: 2 * p * p * d + p * d * d + 2 * p * d * feedForward, first: false },
      ];
    }
  }
}

/**
 * Bytes that must pass between memory and the processor whatever the cache, in float32: parameters are read forward and
 * backward and written once, or read once to predict; inputs and targets are read once.
 */
export function compulsoryBytes(network: Network, rows: number, training: boolean): number {
  const parameters = parameterShapes(network).reduce((total, { shape }) => total + sizeOf(shape), 0);
  const moments = training && network.optimizer.kind === "adam" ? 4 * parameters : 0;
  const data = rows * (sizeOf(inputShape(network)) + sizeOf(targetShape(network)));
  return 4 * ((training ? 3 : 1) * parameters + moments + data);
}
