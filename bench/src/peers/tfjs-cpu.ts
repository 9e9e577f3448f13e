import "@tensorflow/tfjs-backend-cpu";
import type { Peer } from "../peer.js";
import { openOn } from "./tfjs/open.js";

export const tfjsCpu: Peer = { open: (task) => openOn("cpu", task) };
