// The peers by name. Each loads only when it takes part: no side should pay for another's start.

import type { Peer } from "../peer.js";
import type { PeerName } from "../workloads.js";

export const loadPeer: Readonly<Record<PeerName, () => Promise<Peer>>> = {
  tapeless: async () => (await import("./tapeless.js")).tapeless,
  "tfjs cpu": async () => (await import("./tfjs-cpu.js")).tfjsCpu,
  "tfjs wasm": async () => (await import("./tfjs-wasm.js")).tfjsWasm,
  "jax-js wasm": async () => (await import("./jax.js")).jaxWasm,
  convnetjs: async () => (await import("./convnetjs.js")).convnet,
  synaptic: async () => (await import("./synaptic.js")).synaptic,
  "plain loops": async () => (await import("./loops.js")).loops,
  "hand-specialised": async () => (await import("./specialised.js")).specialised,
};
