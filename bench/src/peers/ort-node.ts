// ONNX Runtime's native build.

import ort from "onnxruntime-node";
import { openOnnx, type Runtime } from "../onnx/session.js";
import type { Peer } from "../peer.js";

export const ortNode: Peer = { open: (task) => openOnnx(ort as unknown as Runtime, task) };
