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

for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    if (ending) return;
    ending = true;
    void failedLater(error, to).then(end, () => exit(1));
  });
}
// Whoever reads may have read enough: `tapeless --help | head -3`.
process.stdout.on("error", () => exit(0));

await end(await main(process.argv.slice(2), to));
