// What a project's package.json gets: scripts, the dependency, and in a new project its type. What is there stays, in its order.

import { basename } from "node:path";
import type { Project } from "./project.js";

export interface ManifestChange {
  readonly text: string;
  /** The scripts that were added. */
  readonly added: readonly string[];
  /** Scripts of these names that do something else, and stay. */
  readonly kept: readonly string[];
  /** Must tapeless be installed still? */
  readonly installs: boolean;
}

/** What package.json is to have beside tapeless. */
export interface Parts {
  readonly scripts: Readonly<Record<string, string>>;
  /** Packages that are needed to build it, with their versions. */
  readonly developed: Readonly<Record<string, string>>;
}

/** The package.json of the project with what is missing. Equal text where nothing is. */
export function withParts(project: Project, { scripts, developed }: Parts, version: string): ManifestChange {
  const { manifest, manifestText = "", isEmpty } = project;
  const before = manifest.scripts ?? {};
  const added = Object.keys(scripts).filter((name) => !Object.hasOwn(before, name));
  const kept = Object.keys(scripts).filter((name) => Object.hasOwn(before, name) && before[name] !== scripts[name]);
  const installs = !("tapeless" in { ...manifest.dependencies, ...manifest.devDependencies });
  const packages = Object.entries(developed).filter(
    ([name]) => !(name in { ...manifest.dependencies, ...manifest.devDependencies }),
  );
  const isNew = manifestText === "";
  const isModule = isEmpty && manifest.type === undefined && manifest.main === undefined;
  const after = {
    ...(isNew && { name: packageName(project.folder), private: true }),
    ...manifest,
    ...(isModule && { type: "module" }),
    ...(added.length > 0 && {
      scripts: { ...before, ...Object.fromEntries(added.map((name) => [name, scripts[name]])) },
    }),
    ...(installs && { dependencies: { ...manifest.dependencies, tapeless: `^${version}` } }),
    ...(packages.length > 0 && { devDependencies: { ...manifest.devDependencies, ...Object.fromEntries(packages) } }),
  };
  const changes = isNew || isModule || installs || added.length > 0 || packages.length > 0;
  const indent = /^\{\r?\n?([ \t]+)"/.exec(manifestText)?.[1] ?? "  ";
  const end = isNew || manifestText.endsWith("\n") ? "\n" : "";
  const written = `${JSON.stringify(after, undefined, indent)}${end}`;
  const text = manifestText.includes("\r\n") ? written.replaceAll("\n", "\r\n") : written;
  return { text: changes ? text : manifestText, added, kept, installs };
}

/** A folder's name as npm allows it. */
const packageName = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "") || "networks";
