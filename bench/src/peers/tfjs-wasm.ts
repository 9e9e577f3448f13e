import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import type { Peer } from "../peer.js";
import { openOn } from "./tfjs/open.js";

export const tfjsWasm: Peer = {
  open: (task) => {
    // One thread, as every other side has.
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    return openOn("wasm", task);
  },
};
