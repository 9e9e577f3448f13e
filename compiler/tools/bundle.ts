// Runs a user's TypeScript file: esbuild bundles it with everything it imports by relative path, Node imports the result
// from a temporary file. Stack positions are taken back to the user's own files.
//
// The source map stays in memory: written into the file it would be applied by Node as well under --enable-source-maps.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Message, Plugin } from "esbuild";
import { userFrames, type Frame } from "../../src/graph/origin.js";
import { badSyntax, definitionThrows, fileNotFound, throwAll } from "../../src/messages.js";
import { isTapelessError, relocated } from "./located.js";
import { ownModules } from "./own-modules.js";
import { shownPath } from "./paths.js";

export interface LoadedModule {
  readonly exports: Readonly<Record<string, unknown>>;
  /** Every file it was bundled from, absolute; the module's own first. */
  readonly files: readonly string[];
  /** The texts that were bundled, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** An engine's frame as a place in one of the files; undefined for other code. */
  readonly mapFrame: (frame: Frame) => Frame | undefined;
}

/** `what` is the file's part in messages: "definition". */
export async function loadModule(path: string, what: string): Promise<LoadedModule> {
  const entry = resolve(path);
  if (!existsSync(entry)) throw fileNotFound({ what: `${what} file`, path: shownPath(entry) });
  const texts = new Map<string, string>();
  const { code, map, files, outfile } = await bundle(entry, texts);
  const { folder, lasts } = temporaryFolder(entry);
  const file = join(folder, temporaryName(entry, code));
  const mapFrame = await frameMapper(map, outfile, file);
  writeFileSync(file, code);
  try {
    const exports = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>;
    return { exports, files, texts, mapFrame };
  } catch (error) {
    if (isTapelessError(error)) throw relocated(error, mapFrame);
    const message = (error instanceof Error ? error.message : String(error)).replaceAll(file, shownPath(entry));
    throw definitionThrows({ path: shownPath(entry), message, at: firstFrame(error, mapFrame), cause: error });
  } finally {
    rmSync(lasts ? file : folder, { recursive: true, force: true });
  }
}

async function bundle(
  entry: string,
  texts: Map<string, string>,
): Promise<{ code: string; map: string; outfile: string; files: readonly string[] }> {
  const { build } = await import("esbuild");
  const outfile = join(dirname(entry), `${basename(entry)}.mjs`);
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: dirname(entry),
    bundle: true,
    write: false,
    outfile,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    sourcemap: "external",
    sourcesContent: false,
    metafile: true,
    logLevel: "silent",
    plugins: [ownPackage, sources(texts)],
  }).catch((error: unknown) => {
    const messages = (error as { errors?: readonly Message[] }).errors;
    if (messages === undefined || messages.length === 0) throw error;
    // A plugin's failure is ours, not the file's.
    const own = messages.find((message) => message.pluginName !== "");
    if (own) throw own.detail instanceof Error ? own.detail : error;
    throwAll(messages.map((message) => syntaxError(message, dirname(entry))));
    throw error;
  });
  const output = (ending: string): string => result.outputFiles.find((file) => file.path.endsWith(ending))!.text;
  const inputs = Object.keys(result.metafile.inputs)
    .filter((input) => !input.startsWith(`${OWN_NAMESPACE}:`))
    .map((input) => resolve(dirname(entry), input))
    .sort();
  return {
    code: output(".mjs"),
    map: output(".map"),
    outfile,
    files: [entry, ...inputs.filter((input) => input !== entry)],
  };
}

function syntaxError(message: Message, folder: string) {
  const place = message.location;
  const notes = message.notes.map((note) => note.text).join("; ");
  // esbuild counts columns in bytes from 0.
  const before = place ? Buffer.from(place.lineText).subarray(0, place.column).toString() : "";
  return badSyntax({
    text: message.text,
    hint: notes === "" ? undefined : notes,
    at: place ? { file: resolve(folder, place.file), line: place.line, column: before.length + 1 } : undefined,
  });
}

const OWN_NAMESPACE = "tapeless-own";

const SHARED = Symbol.for("tapeless.modules");

/**
 * `tapeless` in a user's file is this very copy of the language, wherever the file lies and whatever is installed there:
 * nodes of two copies would not know one another. The modules are handed over through one global table.
 */
const ownPackage: Plugin = {
  name: OWN_NAMESPACE,
  setup(build) {
    build.onResolve({ filter: /^tapeless(\/|$)/ }, ({ path }) =>
      Object.hasOwn(ownModules, path) ? { path, namespace: OWN_NAMESPACE } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: OWN_NAMESPACE }, async ({ path }) => {
      const module = await ownModules[path]!();
      const global = globalThis as { [SHARED]?: Map<string, object> };
      (global[SHARED] ??= new Map()).set(path, module);
      const names = Object.keys(module).filter((name) => name !== "default");
      const table = `globalThis[Symbol.for("tapeless.modules")].get(${JSON.stringify(path)})`;
      return {
        contents: `const own = ${table};\n${names.map((name) => `export const ${name} = own.${name};`).join("\n")}`,
      };
    });
  },
};

/** Keeps the texts that were bundled, and gives each file its own `import.meta.url`, which bundling would lose. */
const sources = (texts: Map<string, string>): Plugin => ({
  name: "tapeless-sources",
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: "file" }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      texts.set(path, text);
      const contents = text.replace(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(path).href));
      const loader = /\.[cm]?(jsx?|tsx?)$/.exec(path)![1] as "js" | "jsx" | "ts" | "tsx";
      return { contents, loader };
    });
  },
});

/** Under the nearest `node_modules`, so that the file's packages resolve and no watcher wakes; without one, made anew. */
function temporaryFolder(entry: string): { readonly folder: string; readonly lasts: boolean } {
  for (let folder = dirname(entry); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "node_modules"))) {
      const cache = join(folder, "node_modules", ".cache", "tapeless");
      try {
        mkdirSync(cache, { recursive: true });
        return { folder: cache, lasts: true };
      } catch {
        break;
      }
    }
    if (dirname(folder) === folder) break;
  }
  return { folder: mkdtempSync(join(tmpdir(), "tapeless-")), lasts: false };
}

let loads = 0;

/** Unique, since an engine never imports the same address twice. */
function temporaryName(entry: string, code: string): string {
  const hash = createHash("sha256").update(code).digest("hex").slice(0, 12);
  return `${basename(entry).replace(/[^\w.-]/g, "_")}-${hash}-${process.pid}-${loads++}.mjs`;
}

async function frameMapper(map: string, outfile: string, file: string): Promise<LoadedModule["mapFrame"]> {
  const { TraceMap, originalPositionFor } = await import("@jridgewell/trace-mapping");
  const trace = new TraceMap(map, pathToFileURL(outfile).href);
  const name = basename(file);
  return (frame) => {
    if (!frame.file.endsWith(name)) return undefined;
    const { source, line, column } = originalPositionFor(trace, { line: frame.line, column: frame.column - 1 });
    if (source === null || !source.startsWith("file:")) return undefined;
    return { file: fileURLToPath(source), line, column: column + 1 };
  };
}

/** The innermost place of an error in the user's files. */
function firstFrame(error: unknown, mapFrame: LoadedModule["mapFrame"]): Frame | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  for (const frame of userFrames({ call: "", stack })) {
    const mapped = mapFrame(frame);
    if (mapped) return mapped;
  }
  return undefined;
}
