// Weights that PyTorch or Keras has trained, under the names and in the layouts of ours.

import * as say from "./messages.js";
import { recurrentWeights, type RecurrentKind, type RecurrentWeights } from "./recurrent-weights.js";
import { STATES, type StoredTensor, type Tensors, type TensorValues } from "./tensor.js";

/**
 * What needs more than its name: which layer it is, and in PyTorch which of its layers or directions.
 * {@link fromPyTorch} takes it.
 */
export interface ForeignLayer {
  /** Which layer it is. "unchanged" takes a weight as it is; "gruResetBefore" is `gru` with `resetAfter: false`. */
  readonly layer: "embedding" | "norm" | "unchanged" | "attention" | RecurrentKind;
  /** As the framework names it: `encoder.rnn` in PyTorch, `model/lstm/lstm_cell` in Keras; "" where the layer was saved by itself. */
  readonly name: string;
  /** Of PyTorch's recurrent layers: `_l0` unless stated, `_l0_reverse` for the way back, nothing for a cell. */
  readonly suffix?: string | undefined;
}

/**
 * Our layers and parameters, and what the framework calls each: `{ h1: "fc1", cell: { layer: "lstm", name: "rnn" } }`.
 * {@link fromPyTorch} takes it.
 */
export type LayerNames = Readonly<Record<string, string | ForeignLayer>>;

const isAsItIs = (layer: ForeignLayer["layer"]): layer is "embedding" | "norm" | "unchanged" =>
  layer === "embedding" || layer === "norm" || layer === "unchanged";

const LAYERS = ["embedding", "norm", "unchanged", "attention", "rnn", "lstm", "gru", "gruResetBefore"] as const;

/**
 * Tensors for {@link load} from those of a PyTorch `state_dict`. A layer by its name alone is a Linear, a convolution,
 * a transposed convolution or a batch norm: `weight` is brought to [in, out] or [window, in, out], running statistics
 * become states. `layer: "embedding"`, `"norm"` and `"unchanged"` keep their weight as it is; `"lstm"` and so on are
 * as {@link recurrentWeights} says; `"attention"` takes `in_proj_weight` apart. A name of one tensor gives that
 * tensor. What no name asks for is left out.
 * @param tensors the framework's, as {@link readSafetensors} gives them
 * @param names our layers and parameters, and what the framework calls each
 * @returns tensors by our names; `load` compares the shapes
 * @throws UNKNOWN_NAME where there is nothing under a name, BAD_RECURRENT_WEIGHTS, BAD_TENSOR, BAD_OPTION
 * @example
 * ```ts
 * const theirs: Tensors = {
 *   "fc1.weight": { dtype: "float32", shape: [1, 2], values: new Float32Array([1, 2]) },
 *   "fc1.bias": { dtype: "float32", shape: [1], values: new Float32Array([3]) },
 * };
 * fromPyTorch(theirs, { h1: "fc1" })["h1.weight"]?.shape; // [2, 1]
 * ```
 */
export const fromPyTorch = (tensors: Tensors, names: LayerNames): Record<string, StoredTensor> =>
  renamed(tensors, names, {
    separator: ".",
    plain: { weight: "weight", bias: "bias", running_mean: "runningMean", running_var: "runningVariance" },
    turns: true,
    recurrent: ({ suffix = "_l0" }) => ({
      weightIh: `weight_ih${suffix}`,
      weightHh: `weight_hh${suffix}`,
      biasIh: `bias_ih${suffix}`,
      biasHh: `bias_hh${suffix}`,
    }),
    attention: pytorchAttention,
  });

/**
 * Tensors for {@link load} from those of a Keras model that were written under their paths (`{ w.path: w.numpy() for w
 * in model.weights }`). Dense layers, convolutions, norms and embeddings go by their path alone: `kernel`, `gamma` and
 * `embeddings` are our `weight`, `beta` our `bias`.
 * @param tensors the framework's, as {@link readSafetensors} gives them
 * @param names our layers and parameters, and what the framework calls each
 * @returns tensors by our names; `load` compares the shapes
 * @throws UNKNOWN_NAME, BAD_RECURRENT_WEIGHTS, BAD_TENSOR and BAD_OPTION as {@link fromPyTorch}
 * @example
 * ```ts
 * const theirs: Tensors = {
 *   "sequential/dense/kernel": { dtype: "float32", shape: [2, 1], values: new Float32Array([1, 2]) },
 *   "sequential/dense/bias": { dtype: "float32", shape: [1], values: new Float32Array([3]) },
 * };
 * Object.keys(fromKeras(theirs, { h1: "sequential/dense" })); // ["h1.weight", "h1.bias"]
 * ```
 */
export const fromKeras = (tensors: Tensors, names: LayerNames): Record<string, StoredTensor> =>
  renamed(tensors, names, {
    separator: "/",
    plain: {
      kernel: "weight",
      embeddings: "weight",
      gamma: "weight",
      bias: "bias",
      beta: "bias",
      moving_mean: "runningMean",
      moving_variance: "runningVariance",
    },
    turns: false,
    recurrent: () => ({ kernel: "kernel", recurrentKernel: "recurrent_kernel", bias: "bias" }),
    attention: kerasAttention,
  });

interface Framework {
  readonly separator: string;
  /** Of their parts, ours. */
  readonly plain: Readonly<Record<string, string>>;
  /** Whether weights are stored by output. */
  readonly turns: boolean;
  /** What `recurrentWeights` is given, by its names; the first two must be there. */
  readonly recurrent: (layer: ForeignLayer) => Readonly<Record<string, string>>;
  readonly attention: (find: Find) => Tensors;
}

/** A tensor of a layer by the name of its part. */
type Find = (part: string) => StoredTensor | undefined;

function renamed(tensors: Tensors, names: LayerNames, framework: Framework): Record<string, StoredTensor> {
  const { separator } = framework;
  const found: [string, StoredTensor][] = [];
  for (const [ours, given] of Object.entries(names)) {
    const foreign = typeof given === "string" ? undefined : given;
    const theirs = typeof given === "string" ? given : given.name;
    if (foreign && !LAYERS.includes(foreign.layer)) throw say.unknownLayer({ layer: foreign.layer, known: LAYERS });
    if (!foreign && Object.hasOwn(tensors, theirs)) {
      found.push([ours, tensors[theirs]!]);
      continue;
    }
    const find: Find = (part) => {
      const key = under(theirs, separator, part);
      return Object.hasOwn(tensors, key) ? tensors[key] : undefined;
    };
    const parts = Object.entries(partsOf(framework, foreign, find));
    if (parts.length === 0) {
      const key = under(theirs, separator, framework.turns ? "weight" : "kernel");
      const layer = foreign?.layer ?? "layer";
      throw say.nothingUnder({ name: theirs, layer, expected: [key], known: Object.keys(tensors) });
    }
    for (const [part, tensor] of parts) {
      const prefix = part.startsWith("running") ? STATES : "";
      found.push([`${prefix}${ours}.${part}`, tensor]);
    }
  }
  return Object.fromEntries(found);
}

/** A layer that was saved by itself has no name. */
const under = (name: string, separator: string, part: string): string => (name === "" ? part : name + separator + part);

function partsOf(framework: Framework, foreign: ForeignLayer | undefined, find: Find): Tensors {
  if (foreign === undefined || isAsItIs(foreign.layer)) {
    const turns = framework.turns && foreign === undefined;
    const parts = Object.entries(framework.plain).flatMap(([theirs, ours]) => {
      const tensor = find(theirs);
      return tensor ? [[ours, turns && ours === "weight" ? byInput(tensor) : tensor] as const] : [];
    });
    return Object.fromEntries(parts);
  }
  if (foreign.layer === "attention") return framework.attention(find);
  const named = Object.entries(framework.recurrent(foreign)).map(([part, theirs]) => [part, find(theirs)] as const);
  if (named.slice(0, 2).some(([, tensor]) => tensor === undefined)) return {};
  const given = Object.fromEntries(named.flatMap(([part, tensor]) => (tensor ? [[part, tensor.values]] : [])));
  return shaped(foreign.layer, recurrentWeights(foreign.layer, given as never));
}

const GATES = { rnn: 1, lstm: 4, gru: 3, gruResetBefore: 3 } as const;

/** Each with its shape; `recurrent` is [units, gates * units]. */
function shaped(kind: RecurrentKind, { weight, recurrent, bias, recurrentBias }: RecurrentWeights): Tensors {
  const width = Math.sqrt(recurrent.length * GATES[kind]);
  return {
    weight: tensor([weight.length / width, width], weight),
    recurrent: tensor([recurrent.length / width, width], recurrent),
    ...(bias && { bias: tensor([width], bias) }),
    ...(recurrentBias && { recurrentBias: tensor([width], recurrentBias) }),
  };
}

const tensor = (shape: readonly number[], values: Float64Array): StoredTensor => ({ dtype: "float64", shape, values });

/** [out, in, ...window] as [...window, in, out]; of a transposed convolution in and out change places, on both sides. */
function byInput({ dtype, shape, values }: StoredTensor): StoredTensor {
  if (shape.length < 2) return { dtype, shape, values };
  const [out, into, ...window] = shape as [number, number, ...number[]];
  const inner = window.reduce((product, size) => product * size, 1);
  const turned = new (values.constructor as new (length: number) => TensorValues)(values.length);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < into; i++) {
      for (let w = 0; w < inner; w++) turned[(w * into + i) * out + o] = values[(o * into + i) * inner + w]!;
    }
  }
  return { dtype, shape: [...window, into, out], values: turned };
}

const HEADS = ["query", "key", "value"] as const;

/** `in_proj_weight` [3 d, d] holds the three weights by output, one below the other. */
function pytorchAttention(find: Find): Tensors {
  const third = ({ dtype, shape: [rows = 0, ...rest], values }: StoredTensor, i: number): StoredTensor => {
    const length = values.length / 3;
    return { dtype, shape: [rows / 3, ...rest], values: values.subarray(i * length, (i + 1) * length) };
  };
  const [weight, bias] = [find("in_proj_weight"), find("in_proj_bias")];
  const [outWeight, outBias] = [find("out_proj.weight"), find("out_proj.bias")];
  if (!weight || !outWeight) return {};
  for (const each of [weight, bias]) {
    if (each && each.shape[0]! % 3 !== 0) throw say.badTensor({ name: "in_proj", what: "has no three equal parts" });
  }
  const parts = HEADS.flatMap((head, i): [string, StoredTensor][] => [
    [`${head}.weight`, byInput(third(weight, i))],
    ...(bias ? [[`${head}.bias`, third(bias, i)] as [string, StoredTensor]] : []),
  ]);
  return Object.fromEntries([
    ...parts,
    ["output.weight", byInput(outWeight)],
    ...(outBias ? [["output.bias", outBias] as const] : []),
  ]);
}

/** Heads have an axis of their own there: kernels are [d, heads, size], that of the output [heads, size, d]. */
function kerasAttention(find: Find): Tensors {
  const flat = ({ dtype, shape, values }: StoredTensor, first: number): StoredTensor => {
    const rows = shape.slice(0, first).reduce((product, size) => product * size, 1);
    return { dtype, shape: first === 0 ? [values.length] : [rows, values.length / rows], values };
  };
  const parts = [...HEADS, "attention_output"].flatMap((head): [string, StoredTensor][] => {
    const [kernel, bias] = [find(`${head}/kernel`), find(`${head}/bias`)];
    const ours = head === "attention_output" ? "output" : head;
    return [
      ...(kernel ? [[`${ours}.weight`, flat(kernel, ours === "output" ? 2 : 1)] as [string, StoredTensor]] : []),
      ...(bias ? [[`${ours}.bias`, flat(bias, 0)] as [string, StoredTensor]] : []),
    ];
  });
  return Object.fromEntries(parts);
}
