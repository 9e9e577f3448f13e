// Definitions whose inner values are named, and their compilation.

import { join } from "node:path";
import type { Network } from "../../src/graph/network.js";
import type { ConstNames } from "../../compiler/names/index.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import { workspace } from "../tools/workspace.js";

export const NETWORKS = {
  lstm: `
const text = input("text", ["batch", 5, 3]);
const wanted = target("wanted", ["batch", 2]);
const hidden = lstm(text, 4);
const output = dense(hidden, 2);
export default network("n", { batch: 6, outputs: { output }, loss: meanSquaredError(output, wanted), optimizer: sgd({ rate: 0.1 }) });`,
  gru: `
const text = input("text", ["batch", 5, 3]);
const wanted = target("wanted", ["batch", 5, 4]);
const states = gru(text, 4, { returnSequences: true });
export default network("n", { batch: 6, outputs: { states }, loss: meanSquaredError(states, wanted), optimizer: sgd({ rate: 0.1 }) });`,
  attention: `
const x = input("x", ["batch", 5, 8]);
const wanted = target("wanted", ["batch", 5, 8]);
const attended = multiHeadAttention(x, 2, { causal: true });
const norm = layerNorm(add(x, attended));
export default network("n", { batch: 6, outputs: { norm }, loss: meanSquaredError(norm, wanted), optimizer: sgd({ rate: 0.1 }) });`,
  scan: `
const words = input("words", ["batch", 5, 3]);
const wanted = target("wanted", ["batch", 4]);
const weight = parameter([3, 4], 0.1);
const recurrent = parameter([4, 4], 0.1);
const start = input("start", ["batch", 4]);
const { carries: [last], outputs: [all] } = scan(([h, speed], [word]) => {
  const sums = add(matmul(word, weight), matmul(h, recurrent));
  const next = tanh(add(sums, speed));
  return { carries: [next, mul(speed, 0.5)], outputs: [next] };
}, [start, start], [words], { axis: 1 });
export default network("n", { batch: 6, outputs: { last, all }, loss: meanSquaredError(last, wanted), optimizer: sgd({ rate: 0.1 }) });`,
  "batch-norm": `
const x = input("x", ["batch", 6]);
const answer = labels("answer", ["batch"], 3);
const norm = batchNorm(dense(x, 4, { bias: false }));
const logits = dense(relu(norm), 3);
export default network("n", { batch: 6, outputs: { logits }, loss: crossEntropy(logits, answer), optimizer: sgd({ rate: 0.1 }) });`,
} as const;

/** The network that the text of a definition declares. Its imports are what it calls. */
export async function loaded(body: string): Promise<{ network: Network; constNames: ConstNames }> {
  const names = [...new Set(body.match(/\b[a-z]\w*(?=\()/gi))].join(", ");
  const folder = workspace({ "n.net.ts": `import { ${names} } from "tapeless";${body}` });
  return loadDefinition(join(folder, "n.net.ts"));
}
