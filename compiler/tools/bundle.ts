// Runs a user's TypeScript file: esbuild bundles it with everything it imports by relative path, Node imports the result
// from a temporary file. Stack positions are taken back to the user's own files.
//
// The source map stays in memory: written into the file it would be applied by Node as well under --enable-source-maps.

import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Message, Plugin } from "esbuild";
import { userFrames, type Frame } from "../../src/graph/origin.js";
import {
  badSyntax,
  definitionKeepsRunning,
  definitionThrows,
  fileNotFound,
  noExport,
  throwAll,
  type TapelessError,
} from "../../src/messages.js";
import { isTapelessError, relocated } from "./located.js";
import { ownModules } from "./own-modules.js";
import { shownPath } from "./paths.js";
import { writeTemporary } from "./temporary.js";
import { leftRunning, runningNow, runUserCode, type UserCode } from "./user-code.js";

export interface LoadedModule {
  readonly exports: Readonly<Record<string, unknown>>;
  /** Every file it was bundled from, absolute; the module's own first. */
  readonly files: readonly string[];
  /** The texts that were bundled, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** An engine's frame as a place in one of the files; undefined for other code. */
  readonly mapFrame: (frame: Frame) => Frame | undefined;
  /** For what else of it is run, such as a function that it exports. */
  readonly code: UserCode;
  /** What is not wrong but probably not meant, such as a timer that still runs. */
  readonly warnings: readonly TapelessError[];
}

/** A file with everything that it imports by relative path, as one text that can be run. */
export interface Bundle {
  readonly entry: string;
  /** Every file that it was made from, absolute; the entry first. */
  readonly files: readonly string[];
  /** The texts that were read, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** What is imported by other than a path: packages and the runtime's own modules. */
  readonly packages: readonly string[];
  readonly code: string;
  readonly map: string;
  readonly outfile: string;
}

/** `what` is the file's part in messages: "definition". Runs nothing. */
export async function bundleFile(path: string, what: string): Promise<Bundle> {
  const entry = resolve(path);
  const stat = statSync(entry, { throwIfNoEntry: false });
  if (!stat) throw fileNotFound({ what: `${what} file`, path: shownPath(entry) });
  const texts = new Map<string, string>();
  return { entry, texts, ...(await bundle(entry, texts)) };
}

/** `what` is the file's part in messages: "definition". */
export const loadModule = async (path: string, what: string): Promise<LoadedModule> =>
  runBundle(await bundleFile(path, what));

export async function runBundle({ entry, code, map, files, texts, outfile }: Bundle): Promise<LoadedModule> {
  const shown = shownPath(entry);
  const { file, remove } = writeTemporary(entry, basename(entry), code);
  const mapFrame = await frameMapper(map, outfile, file);
  const user: UserCode = { path: shown, file, placeOf: (error) => firstFrame(error, mapFrame) };
  const before = runningNow();
  try {
    const exports = await runUserCode(
      user,
      () => import(/* @vite-ignore */ pathToFileURL(file).href) as Promise<Record<string, unknown>>,
    );
    const running = leftRunning(before, runningNow());
    const warnings = running === undefined ? [] : [definitionKeepsRunning({ path: shown, what: running })];
    return { exports, files, texts, mapFrame, code: user, warnings };
  } catch (error) {
    if (isTapelessError(error)) throw relocated(error, mapFrame);
    const message = (error instanceof Error ? error.message : String(error)).replaceAll(file, shown);
    throw definitionThrows({ path: shown, message, at: firstFrame(error, mapFrame), cause: error });
  } finally {
    remove();
  }
}

async function bundle(
  entry: string,
  texts: Map<string, string>,
): Promise<Pick<Bundle, "code" | "map" | "outfile" | "files" | "packages">> {
  const { build } = await import("esbuild");
  const outfile = join(dirname(entry), `${basename(entry)}.mjs`);
  const result = await build({
    // By another name: a star in a path would be taken as a pattern.
    entryPoints: [ENTRY],
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
    plugins: [entryAt(entry), starred, ownPackage, sources(texts)],
  }).catch(async (error: unknown) => {
    const messages = (error as { errors?: readonly Message[] }).errors;
    if (messages === undefined || messages.length === 0) throw error;
    // A plugin's failure is ours, not the file's.
    const own = messages.find((message) => message.pluginName !== "");
    if (own) throw own.detail instanceof Error ? own.detail : error;
    throwAll(await Promise.all(messages.map((message) => refused(message, dirname(entry)))));
    throw error;
  });
  // A member of a namespace that is not there.
  const missing = result.warnings.filter(({ text }) => MISSING.test(text));
  throwAll(await Promise.all(missing.map((message) => refused(message, dirname(entry)))));
  const output = (ending: string): string => result.outputFiles.find((file) => file.path.endsWith(ending))!.text;
  const inputs = Object.keys(result.metafile.inputs)
    .filter((input) => !input.startsWith(`${OWN_NAMESPACE}:`))
    .map((input) => resolve(dirname(entry), input))
    // esbuild writes a backslash in a name as a slash: such a file is known by the text that was read.
    .filter((input) => existsSync(input));
  const all = [...new Set([...inputs, ...texts.keys()])].sort();
  const imports = Object.values(result.metafile.inputs).flatMap((input) => input.imports);
  return {
    code: output(".mjs"),
    map: output(".map"),
    outfile,
    packages: [...new Set(imports.filter(({ external }) => external).map((one) => one.path))].sort(),
    files: [entry, ...all.filter((input) => input !== entry)],
  };
}

/** How esbuild says that a module of ours has no such export: where it is imported by name, and as a member. */
const MISSING =
  /^No matching export in "tapeless-own:(?<of>[^"]+)" for import "(?<name>[^"]+)"$|^Import "(?<member>[^"]+)" will always be undefined because there is no matching export in "tapeless-own:(?<from>[^"]+)"$/;

async function refused(message: Message, folder: string): Promise<TapelessError> {
  const groups = MISSING.exec(message.text)?.groups;
  if (groups === undefined) return syntaxError(message, folder);
  const module = (groups["of"] ?? groups["from"])!;
  const known = Object.keys(await ownModules[module]!());
  return noExport({ module, name: (groups["name"] ?? groups["member"])!, known, at: frameOf(message, folder) });
}

function syntaxError(message: Message, folder: string): TapelessError {
  const notes = message.notes.map((note) => note.text).join("; ");
  return badSyntax({ text: message.text, hint: notes === "" ? undefined : notes, at: frameOf(message, folder) });
}

function frameOf({ location: place }: Message, folder: string): Frame | undefined {
  if (place === null) return undefined;
  // esbuild counts columns in bytes from 0.
  const before = Buffer.from(place.lineText).subarray(0, place.column).toString();
  return { file: resolve(folder, place.file), line: place.line, column: before.length + 1 };
}

const ENTRY = "tapeless-entry";

const entryAt = (path: string): Plugin => ({
  name: ENTRY,
  setup: (build) => build.onResolve({ filter: /^tapeless-entry$/ }, () => ({ path })),
});

/** In an import esbuild would take a star as a pattern too. */
const starred: Plugin = {
  name: "tapeless-stars",
  setup: (build) =>
    build.onResolve({ filter: /^\.{1,2}\/.*\*/ }, ({ path, resolveDir }) => {
      const at = join(resolveDir, path);
      const spellings = [at, at.replace(/\.([cm]?)js(x?)$/, ".$1ts$2"), `${at}.ts`, `${at}.js`];
      const found = spellings.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
      return found === undefined ? undefined : { path: found };
    }),
};

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
