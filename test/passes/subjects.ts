// The networks whose compilation is looked over: every op of the registry, layers, networks in which entries share things, examples.

import type { Network } from "../../src/graph/network.js";
import { calls } from "../emitted/calls.js";
import { files, load } from "../emitted/example.js";
import { layers } from "../emitted/layers.js";
import { CAPACITY, networks } from "../emitted/networks.js";
import { unsampled } from "../emitted/unsampled.js";

/** A name, and how the network is made. */
export type Subject = readonly [name: string, make: () => Network | Promise<Network>];

export const ops: readonly Subject[] = [
  ...calls.map(([name, { network }]): Subject => [`op ${name}`, () => network]),
  ...Object.entries(unsampled).map(([name, make]): Subject => [`op ${name}`, () => make(CAPACITY)]),
];

export const small: readonly Subject[] = [
  ...Object.entries(layers).map(([name, make]): Subject => [`layer ${name}`, make]),
  ...Object.entries(networks).map(([name, make]): Subject => [`network ${name}`, make]),
];

export const examples: readonly Subject[] = files.map((file) => [`example ${file}`, () => load(file)]);
