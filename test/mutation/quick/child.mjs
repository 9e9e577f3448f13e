// Runs the tests of one bundle after the other in one process, so that packages stay loaded. Told by messages, answers by messages.

import { pathToFileURL } from "node:url";

const say = (message) => new Promise((done) => process.send(message, done));

process.on(
  "unhandledRejection",
  (error) => void say({ kind: "failed", file: "", test: "a rejection", error: String(error) }),
);

/** Runs files in order; stops at the first failure that is not known, where it should. */
async function run({ bundle, order, ignored, isAll }) {
  const skipped = new Set(ignored);
  let module;
  try {
    module = await import(pathToFileURL(bundle).href);
  } catch (error) {
    return say({ kind: "failed", file: "", test: "import", error: String(error) });
  }
  for (const file of order) {
    await say({ kind: "begins", file, test: "" });
    let gathered;
    const begun = performance.now();
    try {
      gathered = await module.collect(module.files[file]);
    } catch (error) {
      if (skipped.has(file)) continue;
      await say({ kind: "failed", file, test: "", error: String(error) });
      if (isAll) continue;
      return;
    }
    await say({ kind: "passed", file, test: "", ms: performance.now() - begun });
    for (const { name, run } of gathered.tests) {
      if (skipped.has(`${file} ${name}`)) continue;
      const from = performance.now();
      await say({ kind: "begins", file, test: name });
      try {
        await run();
      } catch (error) {
        await say({ kind: "failed", file, test: name, error: String(error?.message ?? error).slice(0, 300) });
        if (isAll) continue;
        return;
      }
      if (isAll) await say({ kind: "passed", file, test: name, ms: performance.now() - from });
    }
    await gathered.end().catch(() => {});
  }
  await say({ kind: "survived" });
}

process.on("message", (message) => void run(message).then(() => say({ kind: "done" })));
process.on("disconnect", () => process.exit(0));
