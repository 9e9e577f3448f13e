// What is measured, against whom, and which ratio the project asks for.

import { classifier, digits, digitsAdam, fromScratch, logistic, type Network } from "./networks.js";

export const PEERS = [
  "tapeless",
  "tfjs cpu",
  "tfjs wasm",
  "jax-js wasm",
  "convnetjs",
  "synaptic",
  "plain loops",
  "hand-specialised",
] as const;

export type PeerName = (typeof PEERS)[number];

export interface Requirement {
  readonly against: PeerName;
  /** The peer's time for a step over ours must be at least this. */
  readonly atLeast: number;
}

export interface Workload {
  readonly name: string;
  readonly network: Network;
  readonly rows: number;
  /** How many different batches the steps take in turn. */
  readonly batches: number;
  readonly against: readonly PeerName[];
  readonly requirements: readonly Requirement[];
  /** After so many steps from equal parameters the losses of all correct sides must agree. */
  readonly checkedSteps: number;
}

const everyone: readonly PeerName[] = ["tfjs cpu", "tfjs wasm", "jax-js wasm", "convnetjs", "plain loops"];

const digitsAt = (rows: number, checkedSteps: number, requirements: readonly Requirement[]): Workload => ({
  name: `digits-b${rows}`,
  network: digits,
  rows,
  batches: 8,
  against: everyone,
  requirements,
  checkedSteps,
});

const mustLead: readonly Requirement[] = [
  { against: "tfjs cpu", atLeast: 5 },
  { against: "plain loops", atLeast: 3 },
  { against: "tfjs wasm", atLeast: 1 },
];

export const workloads: readonly Workload[] = [
  digitsAt(1, 10, []),
  digitsAt(32, 100, mustLead),
  digitsAt(64, 10, mustLead),
  digitsAt(256, 5, []),
  {
    name: "from-scratch-b32",
    network: fromScratch,
    rows: 32,
    batches: 8,
    against: ["tfjs cpu", "tfjs wasm", "jax-js wasm", "plain loops"],
    requirements: [],
    checkedSteps: 100,
  },
  {
    name: "digits-adam-b32",
    network: digitsAdam,
    rows: 32,
    batches: 8,
    against: ["tfjs cpu", "tfjs wasm", "plain loops"],
    requirements: [],
    checkedSteps: 100,
  },
  {
    name: "logistic-b100",
    network: logistic,
    rows: 100,
    batches: 1,
    against: ["tfjs cpu", "jax-js wasm", "plain loops", "hand-specialised"],
    requirements: [
      { against: "tfjs cpu", atLeast: 60 },
      { against: "hand-specialised", atLeast: 1 },
    ],
    checkedSteps: 100,
  },
  {
    name: "classifier-b1",
    network: classifier,
    rows: 1,
    batches: 100,
    against: ["tfjs cpu", "synaptic", "plain loops"],
    requirements: [{ against: "synaptic", atLeast: 1 }],
    checkedSteps: 100,
  },
  {
    name: "classifier-b100",
    network: classifier,
    rows: 100,
    batches: 1,
    against: ["tfjs cpu", "jax-js wasm", "plain loops"],
    requirements: [],
    checkedSteps: 100,
  },
];

export interface PageRequirement {
  readonly minifiedGzipBytes: number;
}

/** The emitted digits module on a page. */
export const pageRequirement: PageRequirement = { minifiedGzipBytes: 6000 };
