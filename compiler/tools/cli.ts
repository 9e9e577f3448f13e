#!/usr/bin/env node
// The `tapeless` command.

import { failedLater, main, processSurroundings } from "./main.js";

const to = processSurroundings();
// While a definition runs, the process has another one.
const exit = process.exit.bind(process);
let ending = false;

/** Ends when everything is written, whatever a definition has left running. */
async function end(code: number): Promise<void> {
  ending = true;
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))));
  exit(code);
}

async function endLater(error: unknown): Promise<void> {
  if (ending) return;
  ending = true;
  try {
    await end(await failedLater(error, to));
  } catch {
    exit(1);
  }
}

process.on("uncaughtException", (error) => void endLater(error));
process.on("unhandledRejection", (error) => void endLater(error));
// Whoever reads may have read enough: `tapeless --help | head -3`.
process.stdout.on("error", () => exit(0));

await end(await main(process.argv.slice(2), to));
