// The package's entries, as package.json and the build's configuration name them.

import { readFileSync } from "node:fs";
import build from "../../../tsdown.config.js";

/** What a user imports, and the source file that it is built from. */
export interface Entry {
  readonly name: string;
  readonly source: string;
}

const ROOT = new URL("../../../", import.meta.url);

type Target = string | { readonly import?: Target; readonly default?: Target };

const fileOf = (target: Target): string | undefined =>
  typeof target === "string" ? target : fileOf(target.import ?? target.default ?? "");

/** Every entry that has types, in the order of package.json. */
export function packageEntries(): Entry[] {
  const { name, exports } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, Target>>;
  };
  const sources = new Map(Object.entries((build as { readonly entry: Readonly<Record<string, string>> }).entry));
  return Object.entries(exports).flatMap(([path, target]) => {
    if (path === "./package.json") return [];
    const built = /^\.\/dist\/(.+)\.js$/.exec(fileOf(target) ?? "")?.[1];
    const source = sources.get(built ?? "");
    if (source === undefined) throw new Error(`package.json exports ${path}, which tsdown.config.ts does not build`);
    return [{ name: path === "." ? name : `${name}${path.slice(1)}`, source }];
  });
}
