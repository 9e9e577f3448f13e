// ONNX Runtime for the web, on WebAssembly.

import * as ort from "onnxruntime-web";
import { openOnnx, type Runtime } from "../onnx/session.js";
import type { Peer } from "../peer.js";

export const ortWeb: Peer = {
  open: async (task) => {
    ort.env.wasm.numThreads = 1;
    const globals = globalThis as { Worker?: unknown };
    const { Worker } = globals;
    const session = await openOnnx(ort as unknown as Runtime, task);
    // It leaves Node's workers as a global, which jax-js takes for a browser's.
    if (Worker === undefined) delete globals.Worker;
    return session;
  },
};
