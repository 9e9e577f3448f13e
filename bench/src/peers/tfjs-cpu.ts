import "@tensorflow/tfjs-backend-cpu";
import type { Peer } from "../peer.js";
import { openOn } from "./tfjs.js";

export const tfjsCpu: Peer = { name: "tfjs cpu", open: (task) => openOn("cpu", task) };
