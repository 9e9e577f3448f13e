// A dense network's prediction, and its training step as one would derive it by hand, as inference graphs: the runtime
// under test has no training of its own. The update stands in the product that makes the gradient.

import type { Dense } from "../networks.js";
import type { Task } from "../task.js";
import { onnxModel, type OnnxConstant, type OnnxNode, type OnnxValue } from "./model.js";

export interface OnnxTask {
  readonly bytes: Uint8Array;
  /** Parameters that are fed anew with each step: the last step's results, named so. */
  readonly fed: readonly { readonly name: string; readonly result: string }[];
}

export function onnxTask(task: Task): OnnxTask {
  const { network, rows, parameters, mode } = task;
  if (network.kind !== "dense" || network.head !== "softmax cross-entropy" || network.hidden !== "relu") {
    throw new Error(`no step is written for ${network.name}`);
  }
  const x: OnnxValue = { name: "x", shape: [rows, network.sizes[0]!] };
  const forward = forwardNodes(network);
  if (mode === "inference") {
    const bytes = onnxModel({
      nodes: [...forward, { op: "Softmax", inputs: ["logits"], outputs: ["probability"], attributes: { axis: -1 } }],
      inputs: [x],
      outputs: [{ name: "probability", shape: [rows, network.sizes.at(-1)!] }],
      constants: parameters,
    });
    return { bytes, fed: [] };
  }
  if (network.optimizer.kind !== "sgd") throw new Error("only SGD is written");
  const values = parameters.map(({ name, shape }) => ({ name, shape }));
  const bytes = onnxModel({
    nodes: [...forward, ...lossNodes(), ...backwardNodes(network, network.optimizer.rate)],
    inputs: [x, { name: "y", shape: [rows, network.sizes.at(-1)!] }, ...values],
    outputs: [{ name: "loss", shape: [] }, ...values.map(({ name, shape }) => ({ name: moved(name), shape }))],
    constants: [
      scalar("zero", 0),
      scalar("rows", rows),
      scalar("minusRows", -rows),
      scalar("rate", network.optimizer.rate),
      { name: "first", shape: [1], values: BigInt64Array.of(0n) },
    ],
  });
  return { bytes, fed: values.map(({ name }) => ({ name, result: moved(name) })) };
}

const moved = (name: string): string => `${name}.moved`;
const scalar = (name: string, value: number): OnnxConstant => ({ name, shape: [], values: Float32Array.of(value) });

/** The value that layer l reads. */
const below = (layer: number): string => (layer === 1 ? "x" : `hidden${layer - 1}`);
const depth = ({ sizes }: Dense): number => sizes.length - 1;

function forwardNodes(network: Dense): OnnxNode[] {
  const nodes: OnnxNode[] = [];
  for (let layer = 1; layer <= depth(network); layer++) {
    const last = layer === depth(network);
    const sums = last ? "logits" : `sums${layer}`;
    nodes.push({ op: "Gemm", inputs: [below(layer), `layer${layer}.weight`, `layer${layer}.bias`], outputs: [sums] });
    if (!last) nodes.push({ op: "Relu", inputs: [sums], outputs: [below(layer + 1)] });
  }
  return nodes;
}

/** loss = -sum(y log p) / rows; its gradient with respect to the logits is (p - y) / rows. */
const lossNodes = (): OnnxNode[] => [
  { op: "LogSoftmax", inputs: ["logits"], outputs: ["logP"], attributes: { axis: -1 } },
  { op: "Mul", inputs: ["y", "logP"], outputs: ["terms"] },
  { op: "ReduceSum", inputs: ["terms"], outputs: ["sum"], attributes: { keepdims: 0 } },
  { op: "Div", inputs: ["sum", "minusRows"], outputs: ["loss"] },
  { op: "Softmax", inputs: ["logits"], outputs: ["p"], attributes: { axis: -1 } },
  { op: "Sub", inputs: ["p", "y"], outputs: ["difference"] },
  { op: "Div", inputs: ["difference", "rows"], outputs: ["delta"] },
];

function backwardNodes(network: Dense, rate: number): OnnxNode[] {
  const nodes: OnnxNode[] = [];
  for (let layer = depth(network); layer >= 1; layer--) {
    const delta = layer === depth(network) ? "delta" : `delta${layer}`;
    const [weight, bias] = [`layer${layer}.weight`, `layer${layer}.bias`];
    nodes.push(
      // weight - rate * belowᵀ delta
      {
        op: "Gemm",
        inputs: [below(layer), delta, weight],
        outputs: [moved(weight)],
        attributes: { transA: 1, alpha: { float: -rate } },
      },
      { op: "ReduceSum", inputs: [delta, "first"], outputs: [`${bias}.gradient`], attributes: { keepdims: 0 } },
      { op: "Mul", inputs: [`${bias}.gradient`, "rate"], outputs: [`${bias}.change`] },
      { op: "Sub", inputs: [bias, `${bias}.change`], outputs: [moved(bias)] },
    );
    if (layer === 1) continue;
    nodes.push(
      { op: "Gemm", inputs: [delta, weight], outputs: [`back${layer}`], attributes: { transB: 1 } },
      { op: "Greater", inputs: [below(layer), "zero"], outputs: [`mask${layer}`] },
      { op: "Where", inputs: [`mask${layer}`, `back${layer}`, "zero"], outputs: [`delta${layer - 1}`] },
    );
  }
  return nodes;
}
