// The user's files that stack frames name, read where the engine has files: Node, Bun and Deno. A page has none.

import type * as Acorn from "acorn";
import type * as AcornTypescript from "@sveltejs/acorn-typescript";
import type { Frame } from "../../src/graph/origin.js";
import { lightParser } from "./light-parser.js";
import type { Place } from "./place.js";
import { placeReader } from "./place-reader.js";
import { sourceMap } from "./source-map.js";
import type { Parse } from "./syntax.js";

/** The engine's own modules. Asked for so, they are in no bundle, and a page that has none imports this all the same. */
interface Host {
  readonly read: (path: string) => string | undefined;
  readonly urlOf: (path: string) => string;
  readonly pathOf: (url: string) => string;
  readonly parse: Parse;
}

type Builtin = <Name extends string>(name: Name) => unknown;

let known: Host | "none" | undefined;

function host(): Host | undefined {
  known ??= findHost() ?? "none";
  return known === "none" ? undefined : known;
}

function findHost(): Host | undefined {
  const { process } = globalThis as { readonly process?: { readonly getBuiltinModule?: Builtin } };
  const builtin = process?.getBuiltinModule?.bind(process);
  if (builtin === undefined) return undefined;
  const { readFileSync } = builtin("node:fs") as typeof import("node:fs");
  const { fileURLToPath, pathToFileURL } = builtin("node:url") as typeof import("node:url");
  const { createRequire } = builtin("node:module") as typeof import("node:module");
  const parse = attempt(() => {
    const require = createRequire(import.meta.url);
    const acorn = require("acorn") as typeof Acorn;
    return lightParser(acorn, require("@sveltejs/acorn-typescript") as typeof AcornTypescript);
  });
  if (parse === undefined) return undefined;
  return {
    read: (path) => attempt(() => readFileSync(path, "utf8")),
    urlOf: (path) => pathToFileURL(path).href,
    pathOf: fileURLToPath,
    parse,
  };
}

/** What is not to be had is as if it were not there: names are ordinals then. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

type Read = (frame: Frame) => Place | undefined;

/**
 * Where the engine has files: what reads the place of a frame, in the file that it names or, where that was made from others and
 * has a source map, in its source. It answers undefined where no source is to be had. Each file is read once from the disk, and
 * each text once in the process.
 */
export function sourcePlaces(): Read | undefined {
  const found = host();
  if (found === undefined) return undefined;
  const texts = new Map<string, string | undefined>();
  const textAt = (path: string): string | undefined => {
    if (!texts.has(path)) texts.set(path, found.read(path));
    return texts.get(path);
  };
  const files = new Map<string, Read>();
  return (frame) => {
    let read = files.get(frame.file);
    if (read === undefined) files.set(frame.file, (read = fileReader(found, frame.file, textAt)));
    return read(frame);
  };
}

/** A line that nobody writes: its names are a minifier's. */
const LONGEST_LINE = 300;

function fileReader(host: Host, file: string, textAt: (path: string) => string | undefined): Read {
  const [path, text] = [pathIn(file), withoutQuery(pathIn(file))]
    .map((path) => [path, textAt(path)] as const)
    .find(([, text]) => text !== undefined) ?? [file, undefined];
  if (text === undefined) return () => undefined;
  const original = originalOf(host, path, text);
  if (original === undefined) {
    const lines = text.split("\n");
    const place = parsed(host.parse, path, text);
    return (frame) =>
      (lines[frame.line - 1]?.length ?? 0) > LONGEST_LINE ? undefined : place?.({ ...frame, file: path });
  }
  return (frame) => {
    const found = original(frame);
    if (found === undefined) return undefined;
    const { url, line, column } = found;
    const source = url.startsWith("file:") ? host.pathOf(url) : url;
    const content = found.content ?? textAt(source);
    return content === undefined ? undefined : parsed(host.parse, source, content)?.({ file: source, line, column });
  };
}

/** Addresses of files on Windows have a slash before the drive. */
const pathIn = (file: string): string => file.replace(/^\/(?=[A-Za-z]:[\\/])/, "");

/** Loaders that load a file anew tell its versions apart so. */
const withoutQuery = (path: string): string => path.replace(/[?#].*$/, "");

/** By the map in the text's last lines or beside it. */
function originalOf(host: Host, path: string, text: string): ReturnType<typeof sourceMap> | undefined {
  const address = /\n\/\/[#@] sourceMappingURL=(\S+)\s*$/.exec(text)?.[1];
  if (address === undefined) return undefined;
  return attempt(() => {
    const url = host.urlOf(path);
    const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/.exec(address);
    if (inline) return sourceMap(inline[1] ? decoded(inline[2]!) : decodeURIComponent(inline[2]!), url);
    const at = new URL(address, url).href;
    const map = host.read(host.pathOf(at));
    return map === undefined ? undefined : sourceMap(map, at);
  });
}

const decoded = (base64: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)));

/** The texts that were parsed last, by path. */
const cache = new Map<string, { readonly text: string; readonly place: Read | undefined }>();

function parsed(parse: Parse, path: string, text: string): Read | undefined {
  const last = cache.get(path);
  if (last?.text === text) return last.place;
  const place = attempt(() => placeReader(parse, path, text));
  cache.set(path, { text, place });
  return place;
}
