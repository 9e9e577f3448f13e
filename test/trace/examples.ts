// The definitions of the examples, each to be loaded when it is looked at.

import type { Network } from "../../src/graph/network.js";
import { files, load } from "../emitted/example.js";

export const EXAMPLES: readonly (readonly [name: string, make: () => Promise<Network>])[] = files.map((file) => [
  file,
  async () => load(file),
]);
