// The sides by name. Each loads only when it takes part: none should pay for another's start. Each has a copy of
// what it imports from here (build.mjs).

import type { Peer } from "../peer.js";
import type { SideName } from "../workloads.js";

export const loadPeer: Readonly<Record<SideName, () => Promise<Peer>>> = {
  "tapeless-wasm": async () => (await import("./tapeless-wasm.js")).tapelessWasm,
  "tapeless-ts": async () => (await import("./tapeless-typescript.js")).tapelessTypescript,
  "tapeless-wasm-2": async () => (await import("./tapeless-threads.js")).tapelessTwoThreads,
  "tfjs-cpu": async () => (await import("./tfjs-cpu.js")).tfjsCpu,
  "tfjs-wasm": async () => (await import("./tfjs-wasm.js")).tfjsWasm,
  "jax-js": async () => (await import("./jax/open.js")).jaxWasm,
  convnetjs: async () => (await import("./convnetjs.js")).convnet,
  synaptic: async () => (await import("./synaptic.js")).synaptic,
  "brain.js": async () => (await import("./brain.js")).brain,
  "ort-web": async () => (await import("./ort-web.js")).ortWeb,
  "ort-node": async () => (await import("./ort-node.js")).ortNode,
  loops: async () => (await import("./loops.js")).loops,
  "hand-specialised": async () => (await import("./specialised.js")).specialised,
};
