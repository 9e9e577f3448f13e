// What is measured, against whom, and which ratio the project asks for.

import {
  classifier,
  digits,
  digitsAdam,
  fromScratch,
  lenet,
  logistic,
  lstm,
  transformer,
  type Network,
} from "./networks.js";
import type { Mode } from "./task.js";

/** Ours, by target. */
export const OURS = ["tapeless-wasm", "tapeless-ts"] as const;

export const PEERS = [
  "tfjs-cpu",
  "tfjs-wasm",
  "jax-js",
  "convnetjs",
  "synaptic",
  "brain.js",
  "ort-web",
  "ort-node",
  "loops",
  "hand-specialised",
  // Ours on two threads, beside itself on one.
  "tapeless-wasm-2",
] as const;

export type PeerName = (typeof PEERS)[number];
export type SideName = (typeof OURS)[number] | PeerName;

/** A major version of Node: 20 has plain SIMD, 24 fused multiply-adds. */
export type NodeMajor = 20 | 24;

export interface Requirement {
  /** A peer, the fastest of them all, or the processor's SIMD peak as measured in the same run. */
  readonly against: SideName | "fastest" | "simd-peak" | "simd-peak-fma";
  /** The peer's time over ours must be at least this, or our share of the peak. */
  readonly atLeast: Readonly<Partial<Record<NodeMajor, number>>>;
}

export interface Workload {
  readonly name: string;
  readonly network: Network;
  readonly mode: Mode;
  readonly rows: number;
  /** How many different batches the steps take in turn. */
  readonly batches: number;
  readonly against: readonly PeerName[];
  /** Which of ours the requirements are for: the target that one would take. */
  readonly ours: SideName;
  readonly requirements: readonly Requirement[];
  /** Whose losses are taken as right: written independently of ours. */
  readonly reference: PeerName;
  /** After so many steps from equal parameters the losses of all correct sides must agree. */
  readonly checkedSteps: number;
}

const both = (figure: number): Requirement["atLeast"] => ({ 20: figure, 24: figure });

const peak: readonly Requirement[] = [
  { against: "simd-peak", atLeast: { 20: 0.6, 24: 0.75 } },
  { against: "simd-peak-fma", atLeast: { 24: 0.65 } },
];

const training = { mode: "training", batches: 8, ours: "tapeless-wasm", reference: "loops" } as const;

const digitsAt = (rows: number, checkedSteps: number, requirements: readonly Requirement[]): Workload => ({
  ...training,
  name: `digits-b${rows}`,
  network: digits,
  rows,
  against: ["tfjs-cpu", "tfjs-wasm", "jax-js", "convnetjs", "ort-web", "ort-node", "loops"],
  requirements,
  checkedSteps,
});

const inferenceAt = (rows: number): Workload => ({
  ...training,
  name: `digits-infer-b${rows}`,
  network: digits,
  mode: "inference",
  rows,
  against: ["tfjs-cpu", "tfjs-wasm", "jax-js", "convnetjs", "ort-web", "ort-node", "loops"],
  requirements: [{ against: "ort-web", atLeast: { 20: 1.1, 24: 1.4 } }],
  checkedSteps: 8,
});

export const workloads: readonly Workload[] = [
  digitsAt(1, 10, [
    { against: "jax-js", atLeast: both(9) },
    { against: "ort-web", atLeast: { 20: 1.1, 24: 1.4 } },
  ]),
  digitsAt(32, 100, [
    { against: "jax-js", atLeast: { 20: 2, 24: 2.5 } },
    { against: "ort-web", atLeast: { 20: 1.1, 24: 1.4 } },
  ]),
  digitsAt(64, 10, [
    { against: "jax-js", atLeast: { 20: 1.6, 24: 2.5 } },
    { against: "ort-web", atLeast: { 20: 1.1, 24: 1.4 } },
    ...peak,
  ]),
  {
    ...training,
    name: "threads-digits-b64",
    network: digits,
    rows: 64,
    against: ["tapeless-wasm-2", "loops"],
    ours: "tapeless-wasm-2",
    requirements: [{ against: "tapeless-wasm", atLeast: both(1.6) }],
    checkedSteps: 10,
  },
  digitsAt(256, 5, [{ against: "jax-js", atLeast: { 20: 1.3, 24: 1.8 } }, ...peak]),
  {
    ...training,
    name: "from-scratch-b32",
    network: fromScratch,
    rows: 32,
    against: ["tfjs-cpu", "tfjs-wasm", "jax-js", "loops"],
    requirements: [],
    checkedSteps: 100,
  },
  {
    ...training,
    name: "digits-adam-b32",
    network: digitsAdam,
    rows: 32,
    against: ["tfjs-cpu", "tfjs-wasm", "jax-js", "loops"],
    requirements: [{ against: "jax-js", atLeast: { 20: 2, 24: 2.5 } }],
    checkedSteps: 100,
  },
  {
    ...training,
    name: "lenet-b32",
    network: lenet,
    rows: 32,
    // TensorFlow.js on WebAssembly has no gradient of a convolution's filters.
    against: ["tfjs-cpu", "jax-js", "convnetjs"],
    reference: "tfjs-cpu",
    requirements: [{ against: "convnetjs", atLeast: { 20: 40, 24: 50 } }],
    checkedSteps: 4,
  },
  {
    ...training,
    name: "transformer-b8",
    network: transformer,
    rows: 8,
    against: ["tfjs-cpu", "tfjs-wasm", "jax-js"],
    reference: "tfjs-cpu",
    requirements: [{ against: "jax-js", atLeast: { 20: 2, 24: 3 } }],
    checkedSteps: 10,
  },
  {
    ...training,
    name: "lstm-b16",
    network: lstm,
    rows: 16,
    against: ["tfjs-cpu", "tfjs-wasm", "jax-js"],
    reference: "tfjs-cpu",
    requirements: [{ against: "jax-js", atLeast: { 20: 4, 24: 5 } }],
    checkedSteps: 10,
  },
  {
    ...training,
    name: "logistic-b100",
    network: logistic,
    rows: 100,
    batches: 1,
    ours: "tapeless-ts",
    against: ["tfjs-cpu", "tfjs-wasm", "jax-js", "synaptic", "brain.js", "loops", "hand-specialised"],
    requirements: [{ against: "fastest", atLeast: both(1) }],
    checkedSteps: 100,
  },
  {
    ...training,
    name: "classifier-b1",
    network: classifier,
    rows: 1,
    batches: 100,
    ours: "tapeless-ts",
    against: ["tfjs-cpu", "tfjs-wasm", "jax-js", "synaptic", "brain.js", "loops"],
    requirements: [{ against: "fastest", atLeast: both(1) }],
    checkedSteps: 100,
  },
  {
    ...training,
    name: "classifier-b100",
    network: classifier,
    rows: 100,
    batches: 1,
    ours: "tapeless-ts",
    against: ["tfjs-cpu", "tfjs-wasm", "jax-js", "synaptic", "brain.js", "loops"],
    requirements: [{ against: "fastest", atLeast: both(1) }],
    checkedSteps: 100,
  },
  inferenceAt(1),
  inferenceAt(64),
];

/** What the project asks of the whole rather than of a workload. */
export const overallRequirements = {
  /** Bytes of the emitted digits module, minified and gzipped, by target. */
  minifiedGzipBytes: { "tapeless-wasm": 16_000, "tapeless-ts": 6000 },
  /** Milliseconds more than plain loops take, from an empty process to the first step at batch 32. */
  coldStartAboveLoops: 60,
  /** Milliseconds to compile the digits network. */
  coldCompile: 4000,
  warmCompile: 500,
  /** Milliseconds to compile twelve transformer blocks. */
  deepCompile: 10_000,
  /** Bytes of the heap per step: the number that it returns. */
  heapBytesPerStep: 32,
} as const;
