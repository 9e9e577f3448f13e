// Trains every example in full, one after the other, and compares what they reach with what is claimed: `npm run examples`.
// Arguments go to each training (`--epochs 1` for a quick look, which then misses the figures). Exits with 1 when one is
// missed.

import { spawn } from "node:child_process";

// The accuracy is to be reached, or the loss not to be exceeded. Adam is measured on three seeds, of which the median counts.
const CLAIMS = [
  { name: "logistic", seeds: [1], accuracy: 90 },
  { name: "classifier", seeds: [1], accuracy: 100 },
  { name: "from-scratch", seeds: [1], accuracy: 93.5 },
  { name: "digits", seeds: [1], accuracy: 97 },
  { name: "digits-adam", seeds: [1, 2, 3], accuracy: 97.3 },
  { name: "lenet", seeds: [1], accuracy: 98.5 },
  { name: "resnet", seeds: [1], accuracy: 98.8 },
  { name: "vgg", seeds: [1], accuracy: 98.5 },
  { name: "iris", seeds: [1], accuracy: 96 },
  { name: "penguins", seeds: [1], accuracy: 98 },
  { name: "fine-tune", seeds: [1], accuracy: 90 },
  { name: "gradient-penalty", seeds: [1], accuracy: 96.5 },
  { name: "autoencoder", seeds: [1], loss: 0.1 },
  // Nats per character, or per pair of words.
  { name: "char-lstm", seeds: [1], loss: 1.73 },
  { name: "char-gru", seeds: [1], loss: 1.69 },
  { name: "word2vec", seeds: [1], loss: 2.55 },
  // Nats per image; squared degrees.
  { name: "vae", seeds: [1], loss: 110 },
  { name: "weather", seeds: [1], loss: 7.3 },
];

/** Trains one example, shows what it says, and returns the accuracy and loss that it ends with. */
function train(name, seed) {
  const words = ["dist/cli.js", "train", name, "--seed", String(seed), ...process.argv.slice(2)];
  const child = spawn(process.execPath, words, {
    cwd: `${import.meta.dirname}/..`,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => {
      const found = /^(?:test|on the training rows) +loss (\S+)(?: +accuracy (\S+) %)?/m.exec(text);
      done(code === 0 && found ? { loss: Number(found[1]), accuracy: Number(found[2] ?? NaN) } : undefined);
    });
  });
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const rows = [["example", "seed", "loss", "accuracy %", "seconds", "claimed"]];
const missed = [];
for (const { name, seeds, accuracy, loss } of CLAIMS) {
  const reached = [];
  for (const seed of seeds) {
    console.log(`\n=== ${name}, seed ${seed}`);
    const start = performance.now();
    const result = await train(name, seed);
    reached.push(accuracy === undefined ? (result?.loss ?? Infinity) : (result?.accuracy ?? 0));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    rows.push([
      name,
      String(seed),
      String(result?.loss ?? "-"),
      result === undefined ? "failed" : Number.isNaN(result.accuracy) ? "-" : result.accuracy.toFixed(2),
      seconds,
      accuracy === undefined ? `loss ${loss}` : String(accuracy),
    ]);
  }
  const value = median(reached);
  if (accuracy === undefined && !(value <= loss)) missed.push(`${name}: a loss of ${value} in place of ${loss}`);
  if (accuracy !== undefined && !(value >= accuracy)) missed.push(`${name}: ${value} % in place of ${accuracy} %`);
}

const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
const line = (row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
console.log(`\n${rows.map(line).join("\n")}`);
if (missed.length > 0) {
  console.error(`\nmissed: ${missed.join("; ")}`);
  process.exitCode = 1;
}
