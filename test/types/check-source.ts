// The type checker of the workshop on a text that imports the library's sources.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const TSC = join(ROOT, "node_modules/typescript7/bin/tsc");

/** An error: the line of the text that it stands in, from 1, and what it says. */
export interface Complaint {
  readonly line: number;
  readonly message: string;
}

/** What is wrong with a text, beginning with the complaints of its first line. `import … from "tapeless"` means the sources. */
export function complaints(source: string): Complaint[] {
  const folder = mkdtempSync(join(tmpdir(), "tapeless-types-"));
  try {
    writeFileSync(join(folder, "drawn.ts"), source);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    const compilerOptions = { types: [], noUnusedLocals: false };
    const config = { extends: join(ROOT, "tsconfig.json"), compilerOptions, include: [], files: ["drawn.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const { stdout, stderr } = spawnSync(process.execPath, [TSC, "-p", ".", "--pretty", "false"], {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (stderr !== "") throw new Error(stderr);
    return stdout.split("\n").flatMap((text): Complaint[] => {
      if (text === "" || text.startsWith(" ")) return [];
      const [, file, line, message] = /^(.*)\((\d+),\d+\): error (.*)$/.exec(text) ?? [];
      if (!file?.endsWith("drawn.ts")) throw new Error(`the type checker says: ${text}`);
      return [{ line: Number(line), message: message! }];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
