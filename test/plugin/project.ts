// The small project that tests of the plugin build: XOR in JavaScript and once more on WebAssembly, with a file that both import.

const definition = (
  name: string,
): string => `import { binaryCrossEntropy, dense, input, network, sgd, sigmoid, tanh, target } from "tapeless";
import { UNITS } from "./units.js";

const x = input("x", ["batch", 2]);
const y = target("y", ["batch", 1]);
const hidden = tanh(dense(x, UNITS));
const out = dense(hidden, 1);

export default network("${name}", {
  batch: 4,
  outputs: { p: sigmoid(out) },
  loss: binaryCrossEntropy(out, y, { from: "logits" }),
  optimizer: sgd({ rate: 0.5 }),
});
`;

/** Prints what four rows teach. */
const MAIN = `import { createXor } from "./xor.net.compiled";
import { createFast, createFastAsync } from "./nets/fast.net.compiled.js";

function trained(net) {
  net.inputs.x.set([0, 0, 0, 1, 1, 0, 1, 1]);
  net.targets.y.set([0, 1, 1, 0]);
  let loss = NaN;
  for (let i = 0; i < 2000; i++) loss = net.step(4);
  net.predict(4);
  const parameters = Object.fromEntries(Object.entries(net.parameters).map(([name, view]) => [name, [...view]]));
  return { right: [...net.outputs.p].map(Math.round), loss, parameters };
}

const fast = await createFastAsync({ seed: 1, threads: 2 });
console.log(JSON.stringify({ xor: trained(createXor({ seed: 1 })), fast: trained(createFast({ seed: 1 })), threads: fast.threads }));
fast.dispose();
`;

export const PROJECT: Readonly<Record<string, string>> = {
  "package.json": '{ "type": "module", "name": "project" }',
  "tapeless.config.ts": 'export default { networks: { fast: { target: "wasm", relaxed: false } } };\n',
  "src/main.js": MAIN,
  "src/xor.net.ts": definition("xor"),
  "src/units.ts": "export const UNITS: number = 4;\n",
  "src/nets/fast.net.ts": definition("fast").replace("./units.js", "../units.js"),
};

export { definition as xorDefinition };
