// What goes wrong around a newcomer, and what the commands make of it. The project has a module and is as it should be.

import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, killed, run } from "./shell.mjs";

export async function recoveries(project, { definition, module }) {
  const modules = join(project, "src/generated");
  const whole = readFileSync(module, "utf8");
  const generate = (...args) => run(project, "npx", "tapeless", "generate", ...args);
  const names = () => readdirSync(modules).sort().join(" ");
  const before = names();

  // The module is whole, or not there, whenever the writing ends.
  const started = performance.now();
  expect(generate("--force").status === 0, "generate --force writes the module");
  const lasts = performance.now() - started;
  for (const share of [0.5, 0.7, 0.8, 0.9, 0.95]) {
    rmSync(module);
    const from = performance.now();
    await killed(project, () => performance.now() - from > share * lasts, "npx", "tapeless", "generate", "--force");
    const left = readdirSync(modules).filter((name) => !name.startsWith("."));
    for (const name of left) {
      const text = readFileSync(join(modules, name), "utf8");
      expect(name !== module.split("/").at(-1) || text === whole, `killed while it writes: half of ${name} is there`);
    }
    expect(generate().status === 0, "after a killed run the next one writes");
    expect(readFileSync(module, "utf8") === whole && names() === before, "after a killed run the next one mends all");
  }

  if (process.platform !== "win32") {
    // Files may not become large: what a full disk says in an instant.
    rmSync(module);
    const full = run(project, "bash", "-c", `trap "" XFSZ; ulimit -f 16; npx tapeless generate`);
    expect(full.status !== 0 && full.output.includes("CANNOT_WRITE"), `a full disk is named: ${full.output}`);
    expect(names() === before.replace(module.split("/").at(-1), "").trim(), "a full disk leaves nothing half written");
    expect(generate().status === 0 && readFileSync(module, "utf8") === whole, "with room again it is written");
  }

  appendFileSync(module, "// mine\n");
  const edited = generate("--check");
  expect(edited.status === 1 && edited.output.includes("stale"), `an edited module is named: ${edited.output}`);
  expect(generate().status === 0 && readFileSync(module, "utf8") === whole, "an edited module is written anew");

  const text = readFileSync(definition, "utf8");
  writeFileSync(definition, text.replace("rate: 0.1", "rate: 0.2"));
  const stale = generate("--check");
  expect(stale.status === 1 && stale.output.includes("stale"), `a stale module is named: ${stale.output}`);
  writeFileSync(definition, text);
  expect(generate("--check").status === 0, "what is as it was is not stale");

  const renamed = definition.replace(".net.", "-old.net.");
  renameSync(definition, renamed);
  const orphaned = generate("--check");
  expect(
    orphaned.status === 1 && orphaned.output.includes("orphaned"),
    `an orphaned module is named: ${orphaned.output}`,
  );
  renameSync(renamed, definition);
  expect(generate("--check").status === 0, "a module whose definition is back is no orphan");
}
