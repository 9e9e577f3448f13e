// How long the compiler takes for the digits network in a process that has compiled before. Prints milliseconds as JSON.
// Arguments: the definition's file URL, the target. Each run defines the network anew.

import type { Network } from "tapeless";
import { compile } from "tapeless/compiler";

const [url, target] = process.argv.slice(2) as [string, "typescript" | "wasm"];
const times: number[] = [];
for (let run = 0; run < 12; run++) {
  const start = performance.now();
  const { default: network } = (await import(`${url}?run=${run}`)) as { default: Network };
  if (compile(network, { target }).source === "") throw new Error("nothing was compiled");
  times.push(performance.now() - start);
}
process.stdout.write(`${JSON.stringify(times.slice(2))}\n`);
process.exit(0);
