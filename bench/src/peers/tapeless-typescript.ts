// Ours: TypeScript.

import type { Peer } from "../peer.js";
import { open } from "./tapeless.js";

export const tapelessTypescript: Peer = { open: (task) => open(task, "typescript") };
