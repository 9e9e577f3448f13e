// Ours: WebAssembly, on one thread.

import type { Peer } from "../peer.js";
import { open } from "./tapeless.js";

export const tapelessWasm: Peer = { open: (task) => open(task, "wasm") };
