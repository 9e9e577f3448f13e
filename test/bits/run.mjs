// Runs models on whatever engine this is, and says which bits came out: a hash for each model of everything that it computes.
// Plain JavaScript of the language alone, so that Node, Bun and pages run the same file.

/** A hash (FNV-1a) of all that the model of a module gives for the same numbers, over all entries and three steps. */
export function bitsOf(module, options) {
  const [, create] = Object.entries(module).find(([name]) => /^create(?!.*Async$)/.test(name));
  const model = create({ seed: 5, ...options });
  const { capacity } = model.spec;
  let hash = 0x811c9dc5;
  const note = (view) => {
    const words = new Uint32Array(view.buffer, view.byteOffset, view.byteLength >> 2);
    for (const word of words) {
      // What is no number has no bits of its own.
      const isNaN = view instanceof Float32Array && (word & 0x7fffffff) > 0x7f800000;
      hash = Math.imul(hash ^ (isNaN ? 0x7fc00000 : word), 0x01000193) >>> 0;
    }
  };
  const isEntry = (name) => typeof model[name] === "function" && name !== "reset" && name !== "dispose";
  const entries = Object.keys(Object.getOwnPropertyDescriptors(model)).filter(isEntry);
  const steps = new Set(model.spec.steps);
  let state = 12345;
  const drawn = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8;
  for (const rows of [capacity, 1, Math.ceil(capacity / 2)]) {
    for (const group of ["inputs", "targets"]) {
      for (const [name, view] of Object.entries(model[group])) {
        const { dtype, below = 2 } = model.spec[group][name];
        // Quotients and sums of these are exact: nothing here is rounded.
        for (let i = 0; i < view.length; i++)
          view[i] = dtype === "float32" ? drawn() / 2 ** 23 - 1 : drawn() % (dtype === "bool" ? 2 : below);
      }
    }
    for (const entry of entries) {
      for (let turn = steps.has(entry) ? 3 : 1; turn > 0; turn--) {
        const value = model[entry](rows);
        if (typeof value === "number") note(Float32Array.of(value));
      }
      for (const group of ["outputs", "grads", "statistics", "parameters", "states"])
        for (const view of Object.values(model[group] ?? {})) if (view.byteLength % 4 === 0) note(view);
    }
  }
  model.dispose();
  return hash.toString(16).padStart(8, "0");
}

/** A module with one multiply-add that rounds once. */
// prettier-ignore
const RELAXED = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0,
  65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11,
);

/** JavaScriptCore has the instruction, and rounds the product and the sum. */
const roundsTwice = globalThis.process?.versions.bun !== undefined;

/** On a server's engine: `run.mjs folder` prints the hashes of all modules in the folder that list.json names. */
async function main(folder) {
  const { readFileSync } = await import("node:fs");
  const { pathToFileURL } = await import("node:url");
  const names = JSON.parse(readFileSync(`${folder}/list.json`, "utf8"));
  const hashes = {};
  for (const [name, file] of Object.entries(names))
    hashes[name] = bitsOf(await import(pathToFileURL(`${folder}/${file}`).href));
  console.log(JSON.stringify(hashes));
}

const [, script, folder] = globalThis.process?.argv ?? [];
if (script?.endsWith("run.mjs") && folder === "--relaxed")
  console.log(String(WebAssembly.validate(RELAXED) && !roundsTwice));
else if (script?.endsWith("run.mjs") && folder) await main(folder);
