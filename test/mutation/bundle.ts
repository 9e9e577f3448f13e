// The tests of a room as one bundle, with a mutant in it. Sources stay as they are on disk.

import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { context, type BuildContext, type Plugin } from "esbuild";
import { mutated, type Mutant } from "./mutant.js";

export interface Bundler {
  /** Writes the bundle into a folder of its own; gives its entry. Throws where a mutant is no text that parses. */
  readonly bundle: (mutant: Mutant | undefined, folder: string) => Promise<string>;
  readonly dispose: () => Promise<void>;
}

const OWN = resolve("test/mutation/quick/vitest.ts");

const ALIASES: Readonly<Record<string, string>> = {
  tapeless: "src/index.ts",
  "tapeless/train": "src/train/index.ts",
  "tapeless/compiler": "compiler/index.ts",
  "tapeless/config": "compiler/tools/config.ts",
};

const entryOf = (files: readonly string[]): string => `
export { collect } from ${JSON.stringify(OWN)};
export const files = {
${files.map((file) => `  ${JSON.stringify(file)}: () => import(${JSON.stringify(resolve(file))}),`).join("\n")}
};
`;

/** Loads sources with the mutant in place, and says "vitest" for the quick runner. */
function plugin(current: () => Mutant | undefined): Plugin {
  return {
    name: "mutant",
    setup(build) {
      build.onResolve({ filter: /^vitest$/ }, ({ importer }) =>
        importer === OWN ? { external: true } : { path: OWN },
      );
      build.onResolve({ filter: /^tapeless(\/|$)/ }, ({ path }) => {
        const source = ALIASES[path];
        return source === undefined ? undefined : { path: resolve(source) };
      });
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (path.includes("node_modules")) return undefined;
        const mutant = current();
        const text = readFileSync(path, "utf8");
        const isMutant = mutant !== undefined && relative(process.cwd(), path) === mutant.file;
        const contents = isMutant ? mutated(text, mutant) : text;
        return {
          loader: "ts",
          contents: contents.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)),
        };
      });
    },
  };
}

export async function bundler(files: readonly string[]): Promise<Bundler> {
  let mutant: Mutant | undefined;
  let folder = "";
  const contexts = new Map<string, BuildContext>();
  return {
    async bundle(next, into) {
      mutant = next;
      folder = into;
      const known = contexts.get(folder);
      const build =
        known ??
        (await context({
          stdin: { contents: entryOf(files), resolveDir: process.cwd(), sourcefile: "entry.js" },
          bundle: true,
          splitting: true,
          platform: "node",
          format: "esm",
          target: "node20",
          packages: "external",
          outdir: folder,
          entryNames: "entry",
          outExtension: { ".js": ".mjs" },
          logLevel: "silent",
          plugins: [plugin(() => mutant)],
        }));
      contexts.set(folder, build);
      await build.rebuild();
      return `${folder}/entry.mjs`;
    },
    async dispose() {
      for (const each of contexts.values()) await each.dispose();
    },
  };
}
