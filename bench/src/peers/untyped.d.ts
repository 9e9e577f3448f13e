// Types for what is used of packages that have none.

declare module "convnetjs" {
  namespace convnetjs {
    type Definition = Readonly<Record<string, string | number>>;
    class Vol {
      constructor(width: number, height: number, depth: number, fill: number);
      readonly w: Float64Array;
    }
    class Net {
      makeLayers(definitions: readonly Definition[]): void;
      forward(x: Vol): Vol;
      readonly layers: readonly {
        readonly layer_type: string;
        readonly filters?: readonly Vol[];
        readonly biases?: Vol;
      }[];
    }
    class SGDTrainer {
      constructor(net: Net, options: Definition);
      train(x: Vol, label: number): { readonly cost_loss: number };
    }
  }
  export default convnetjs;
}

declare module "synaptic" {
  namespace library {
    interface Unit {
      bias: number;
      readonly connections: { readonly inputs: Readonly<Record<string, { weight: number }>> };
    }
    class Neuron {
      static readonly squash: Readonly<Record<string, () => number>>;
    }
    class Layer {
      constructor(size: number);
      readonly list: readonly Unit[];
      project(layer: Layer): void;
      set(options: { readonly squash: () => number }): void;
    }
    class Network {
      constructor(layers: { readonly input: Layer; readonly hidden: readonly Layer[]; readonly output: Layer });
      activate(input: readonly number[]): number[];
      propagate(rate: number, target: readonly number[]): void;
    }
  }
  export default library;
}

declare module "brain.js" {
  namespace library {
    interface Example {
      readonly input: readonly number[];
      readonly output: readonly number[];
    }
    class NeuralNetwork {
      constructor(options: Readonly<Record<string, unknown>>);
      train(examples: readonly Example[], options: Readonly<Record<string, unknown>>): unknown;
      trainPattern(example: Example, logErrorRate: boolean): number | null;
      run(input: readonly number[]): ArrayLike<number>;
    }
  }
  export default library;
}
