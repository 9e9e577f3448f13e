// Milliseconds that the first compile of some definitions takes, and the fastest of the next: in a process of its own.

import { pathToFileURL } from "node:url";

const [compiler, ...definitions] = process.argv.slice(2);
const { compile } = await import(pathToFileURL(compiler).href);
const networks = [];
for (const file of definitions) networks.push((await import(pathToFileURL(file).href)).default);
let printed = 0;
const once = () => {
  const start = performance.now();
  // A copy: what was lowered for a network is kept with it.
  for (const network of networks) printed += compile({ ...network }).source.length;
  return performance.now() - start;
};
const first = once();
const next = Array.from({ length: 6 }, once);
console.log(JSON.stringify({ first, next: Math.min(...next) }));
