// The files of a module, and whether those on disk are what would be written: the hash in their first line covers what they
// were made from and what they hold, so that an unchanged definition is neither run nor compiled.

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { join, relative } from "node:path";
import type { BuildOptions } from "./build-options.js";
import type { Bundle } from "./bundle.js";
import { scheduledFor, type Built, type Source } from "./generate.js";
import { format } from "./format.js";
import { javascriptOf } from "./javascript.js";
import { slashed } from "./paths.js";
import { filesOf, typesPath, wasmPath, type Job } from "./plan.js";
import { version } from "./version.js";
import {
  contentHash,
  header,
  provenanceHash,
  readBytes,
  signedWasm,
  unsignedWasm,
  withLf,
  type GeneratedFile,
} from "./write.js";

/** The module as it stands on disk, with the files beside it. The module comes last: it is never there before what it asks for. */
export async function moduleFiles(built: Built, job: Job): Promise<readonly GeneratedFile[]> {
  const bodies = await bodiesOf(built, job);
  const made = madeFrom(built.source, built.options, job.root);
  // A definition that is warned of is compiled each time, so that the warnings are seen each time.
  const head = headOf(
    job,
    built.warnings.length === 0
      ? contentHash(
          made,
          bodies.map(({ body }) => body),
        )
      : made,
  );
  return bodies.map(({ path, body }) => ({
    path,
    content: typeof body === "string" ? head + body : signedWasm(body, head),
  }));
}

/** The files on disk, where they are what `moduleFiles` would give; undefined where that is not known without compiling. */
export function unchangedFiles(source: Source, job: Job): readonly GeneratedFile[] | undefined {
  if (!dependsOnTextsAlone(source.bundle)) return undefined;
  const paths = filesOf(job);
  if (!paths.every((path) => existsSync(path))) return undefined;
  const module = withLf(readBytes(job.output).toString("utf8"));
  const hash = /^[^\n]* \(sha256:([0-9a-f]{16})\) /.exec(module)?.[1];
  if (hash === undefined) return undefined;
  const head = headOf(job, hash);
  const files = paths.map((path) => ({ path, content: readBytes(path) }));
  const bodies: (string | Uint8Array)[] = [];
  for (const { path, content: bytes } of files) {
    const text = path.endsWith(".wasm") ? undefined : withLf(bytes.toString("utf8"));
    const body =
      text === undefined ? unsignedWasm(bytes, head) : text.startsWith(head) ? text.slice(head.length) : undefined;
    if (body === undefined) return undefined;
    bodies.push(body);
  }
  if (contentHash(madeFrom(source, job.options, job.root), bodies) !== hash) return undefined;
  return files;
}

const headOf = ({ input, root, command }: Job, hash: string): string =>
  header({ version: version(), source: slashed(relative(root, input)), hash, command });

interface Body {
  readonly path: string;
  readonly body: string | Uint8Array;
}

async function bodiesOf({ options, compiled }: Built, { output }: Job): Promise<readonly Body[]> {
  const bytes = compiled.wasm ? [{ path: wasmPath(output), body: compiled.wasm }] : [];
  if (options.language !== "javascript") return [...bytes, { path: output, body: await format(compiled.source) }];
  const { code, types } = await javascriptOf(compiled.source);
  return [...bytes, { path: typesPath(output), body: await format(types) }, { path: output, body: await format(code) }];
}

/** A hash of all that decides a module's bytes, this compiler's version apart. */
export function madeFrom(source: Source, options: BuildOptions, root: string): string {
  const { files, texts } = source.bundle;
  // The texts that were compiled, which a file on disk may not have any more.
  const read = files.map((file) => ({
    path: slashed(relative(root, file)),
    text: texts.get(file) ?? readFileSync(file, "utf8"),
  }));
  const scheduled = scheduledFor(source, options);
  const packages = packageVersions(source.bundle);
  return provenanceHash(read, {
    ...(options.target === "wasm" && { target: options.target }),
    ...(options.language === "javascript" && { language: options.language }),
    ...(options.wasmFile && { wasmFile: true }),
    ...(options.relaxed === false && { relaxed: false }),
    dtype: options.dtype,
    entries: options.entries ?? "all",
    ...(packages.length > 0 && { packages }),
    ...(scheduled.length > 0 && { schedule: scheduled }),
  });
}

/** What else a file may read, that no hash covers: files, the environment, the net, a clock, chance. */
const OUTSIDE = /\b(?:process|fetch|XMLHttpRequest|Deno|Bun|require|Date|performance|crypto|random)\b|\bimport\s*\(/;

/** Is a module decided by the texts that were bundled, and by versions of packages? */
export const dependsOnTextsAlone = (bundle: Bundle): boolean =>
  !bundle.packages.some((name) => isBuiltin(name)) &&
  packagesOf(bundle).every(({ version: known }) => known !== undefined) &&
  ![...bundle.texts.values()].some((text) => OUTSIDE.test(text));

const packageVersions = (bundle: Bundle): readonly string[] =>
  packagesOf(bundle).map(({ name, version: known }) => `${name} ${known ?? "?"}`);

interface Package {
  readonly name: string;
  /** undefined: it is not installed, or a link to what may change without a new version. */
  readonly version: string | undefined;
}

const packagesOf = ({ packages, entry }: Bundle): readonly Package[] =>
  [...new Set(packages.filter((name) => !isBuiltin(name)).map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)![0]))].map(
    (name) => ({ name, version: installedVersion(name, entry) }),
  );

/** Of the package as the file's folder finds it. */
function installedVersion(name: string, from: string): string | undefined {
  for (const folder of createRequire(from).resolve.paths(name) ?? []) {
    const path = join(folder, name, "package.json");
    if (!existsSync(path)) continue;
    const isInstalled = /[\\/]node_modules[\\/]/.test(realpathSync(path));
    return isInstalled ? (JSON.parse(readFileSync(path, "utf8")) as { version?: string }).version : undefined;
  }
  return undefined;
}
