// What is in the folder of a project already, so that `init` adds what is missing and fits it.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { badConfig } from "../../../src/messages.js";
import type { Language } from "../config.js";
import { shownPath } from "../paths.js";

/** A package.json as it is read: what is not looked at stays as it is. */
export interface Manifest {
  readonly type?: string;
  readonly main?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface Project {
  readonly folder: string;
  /** The text of its package.json; absent: there is none. */
  readonly manifestText: string | undefined;
  readonly manifest: Manifest;
  /** Is nothing in it but what an installation writes? */
  readonly isEmpty: boolean;
  readonly language: Language;
  /** May imports end in .ts? Compilers refuse that unless they are told otherwise. */
  readonly importsTs: boolean;
  readonly hasPrettier: boolean;
  readonly hasVite: boolean;
  /** What runs a script: "npm run". */
  readonly runs: string;
  readonly installs: string;
}

/** Would this text be written to this path, relative to the project? It is read where the path is one of ours. */
export type IsOurs = (path: string, text: () => string) => boolean;

/** What an installation writes into an empty folder. */
const INSTALLED = /^(?:\.|node_modules$|package\.json$|package-lock\.json$|yarn\.lock$|pnpm-lock\.yaml$|bun\.lockb?$)/;

/**
 * Looks at the folder, which need not exist. `language`: what was asked for. What a killed run has written does not make the project
 * an old one. Throws BAD_CONFIG for a broken package.json.
 */
export function projectIn(folder: string, language: Language | undefined, isOurs: IsOurs): Project {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const has = (name: string): boolean => names.includes(name);
  const manifestText = has("package.json") ? readFileSync(join(folder, "package.json"), "utf8") : undefined;
  const manifest = manifestText === undefined ? {} : parsed(manifestText, join(folder, "package.json"));
  const needs = { ...manifest.dependencies, ...manifest.devDependencies };
  const isEmpty = names.every((name) => INSTALLED.test(name) || holdsOurs(folder, name, isOurs));
  const isTyped = has("tsconfig.json") || "typescript" in needs;
  const settings = has("tsconfig.json") ? readFileSync(join(folder, "tsconfig.json"), "utf8") : "";
  const appSettings = has("tsconfig.app.json") ? readFileSync(join(folder, "tsconfig.app.json"), "utf8") : "";
  const known = isTyped || (isEmpty && stripsTypes()) ? "typescript" : "javascript";
  const manager = has("pnpm-lock.yaml")
    ? "pnpm"
    : has("yarn.lock")
      ? "yarn"
      : names.some((n) => /^bun\.lockb?$/.test(n))
        ? "bun"
        : "npm";
  return {
    folder,
    manifestText,
    manifest,
    isEmpty,
    language: language ?? known,
    importsTs: isEmpty || /"allowImportingTsExtensions"\s*:\s*true/.test(settings + appSettings),
    hasVite: "vite" in needs,
    hasPrettier: "prettier" in needs || names.some((name) => /^(?:\.prettierrc|prettier\.config)/.test(name)),
    runs: `${manager} run`,
    installs: `${manager} install`,
  };
}

/** Is the file, or every file in the folder, one of ours? */
function holdsOurs(root: string, path: string, isOurs: IsOurs): boolean {
  const full = join(root, path);
  if (!statSync(full).isDirectory()) return isOurs(path, () => readFileSync(full, "utf8"));
  return readdirSync(full).every((name) => name.startsWith(".") || holdsOurs(root, `${path}/${name}`, isOurs));
}

function parsed(text: string, path: string): Manifest {
  try {
    const value = JSON.parse(text.replace(/^\uFEFF/, "")) as unknown;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw badConfig({ path: shownPath(path), text: `it is no JSON: ${(error as Error).message}`, cause: error });
  }
  throw badConfig({ path: shownPath(path), text: "it holds no object" });
}

/** Does this runtime run TypeScript as it is? */
function stripsTypes(): boolean {
  const { features, versions } = process as { features: { typescript?: unknown }; versions: Record<string, unknown> };
  return Boolean(features.typescript) || "bun" in versions || "deno" in versions;
}
