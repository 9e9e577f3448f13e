// What Vite's development server gives in place of a module itself: the same exports, whose models keep their weights.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Message } from "../errors.js";
import { shownPath } from "../paths.js";
import { reportOf } from "./report.js";

/** The import of what runs in the page, and the name that it is resolved to. */
export const HOT = "virtual:tapeless/hot";
export const HOT_ID = "\0tapeless:hot";

/** Beside the name of a module: the module itself. */
export const PLAIN = "tapeless-plain";

const CREATE = /^export (?:async )?function (create[^\s(<]+)/gm;

export interface Shown {
  /** The definition. */
  readonly name: string;
  /** What places are told from. */
  readonly root: string;
  /** Are warnings shown over the page too? */
  readonly overlay: boolean;
}

/** `plain` imports the module `code`. */
export function hotModule(
  plain: string,
  { code, warnings }: { readonly code: string; readonly warnings: readonly Message[] },
  { name, root, overlay }: Shown,
): string {
  const from = JSON.stringify(plain);
  const creates = [...code.matchAll(CREATE)].map(([, create]) => create!);
  return [
    `import * as plain from ${from};`,
    `import { keeping, warn } from ${JSON.stringify(HOT)};`,
    `export * from ${from};`,
    `const keep = import.meta.hot ? await keeping(import.meta.hot, ${JSON.stringify(name)}) : (create) => create;`,
    ...creates.map((create) => `export const ${create} = keep(plain.${create});`),
    // Also where there are none any more.
    `warn(${JSON.stringify({ name, overlay, warnings: warnings.map((one) => ({ ...reportOf(one), line: lineOf(one, root) })) })});`,
    "",
  ].join("\n");
}

function lineOf({ code, sentence, hint, at }: Message, root: string): string {
  const place = at ? ` (${shownPath(at.file, root)}:${at.line}:${at.column})` : "";
  return `${code}  ${sentence}${place}${hint ? `\nhint: ${hint}` : ""}`;
}

/** The text of what runs in the page: of the build, or of the sources. */
export async function hotText(): Promise<string> {
  const built = fileURLToPath(new URL("hot.js", import.meta.url));
  try {
    return readFileSync(built, "utf8");
  } catch {
    const { transform } = await import("esbuild");
    const source = readFileSync(fileURLToPath(new URL("hot.ts", import.meta.url)), "utf8");
    return (await transform(source, { loader: "ts" })).code;
  }
}
