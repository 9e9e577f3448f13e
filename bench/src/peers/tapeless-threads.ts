// Ours: WebAssembly, on two threads.

import type { Peer } from "../peer.js";
import { open } from "./tapeless.js";

export const tapelessTwoThreads: Peer = { open: (task) => open(task, "wasm", 2) };
