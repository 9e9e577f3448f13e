// The plugin, once for all bundlers: it resolves `./xor.net.compiled` and gives its text, types and places of errors.

import { createUnplugin, type UnpluginFactory } from "unplugin";
import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { slashed } from "../paths.js";
import { addressIn, addressOf, idOf, IDS, SPECIFIERS } from "./address.js";
import { Compiler } from "./compiled.js";
import { DevelopmentServer } from "./server.js";
import { HOT, HOT_ID, hotText } from "./hot-module.js";
import { checkedOptions, type PluginOptions } from "./options.js";
import { reportOf, reportOfAll, reportsOf, textOf, textOfWarning } from "./report.js";

/** Bundlers in whose caches names of modules are names of files: they are short, and the same on every machine. */
const PREFIX = "tapeless:";

const SCANNED = "\0tapeless:scanned";

interface Context {
  readonly resolve?: (
    specifier: string,
    importer: string | undefined,
    options: object,
  ) => Promise<{ readonly id: string; readonly external?: unknown } | null>;
  readonly environment?: { readonly config?: { readonly consumer?: string } };
}

const factory: UnpluginFactory<PluginOptions | undefined, false> = (given, meta) => {
  const options = checkedOptions(given);
  const compiler = new Compiler(options);
  const server = new DevelopmentServer(compiler, options);
  const { framework } = meta;
  const isWebpack = framework === "webpack" || framework === "rspack";
  const context =
    (meta.framework === "webpack"
      ? meta.webpack.compiler
      : meta.framework === "rspack"
        ? meta.rspack.compiler
        : undefined
    )?.context ?? process.cwd();
  const nameOf = (id: string): string => (isWebpack ? `${PREFIX}${slashed(relative(context, id))}` : id);
  const pathOf = (name: string): string => (isWebpack ? resolve(context, name.slice(PREFIX.length)) : name);

  return {
    name: "tapeless",
    enforce: "pre",
    resolveId: {
      filter: { id: new RegExp(`${SPECIFIERS.source}|^${HOT}$`, "s") },
      async handler(specifier, importer, asked) {
        if (specifier === HOT) return HOT_ID;
        // Vite looks for packages to prepare: there are none in what is not a file.
        if ("scan" in asked && asked.scan) return SCANNED;
        const { resolve } = this as unknown as Context;
        const resolveBy = resolve && (async (other: string) => (await resolve.call(this, other, importer, {}))?.id);
        const address = await addressOf(specifier, importer, resolveBy);
        return address && nameOf(idOf(address));
      },
    },
    load: {
      filter: { id: [IDS, /^\0tapeless:hot$/] },
      async handler(id) {
        if (id === HOT_ID) return { code: await hotText(), map: null };
        const address = addressIn(pathOf(id));
        const outcome = await compiler.compile(address.stem);
        // The server watches by itself, so that a change that changes nothing is none.
        const { environment } = this as unknown as Context;
        if (environment && server.isServing) server.watch(address.stem, outcome);
        else for (const file of outcome.needs) if (existsSync(file)) this.addWatchFile(file);
        const { module, error } = outcome;
        if (!module) {
          // webpack and its like have no places; esbuild takes several errors.
          if (isWebpack) throw Object.assign(new Error(textOf(error)), { stack: "" });
          for (const report of framework === "esbuild" ? reportsOf(error) : [reportOfAll(error)]) this.error(report);
          return "";
        }
        for (const warning of module.warnings) this.warn(isWebpack ? textOfWarning(warning) : reportOf(warning));
        const isPage = environment?.config?.consumer === "client";
        return { code: isPage ? server.textOf(id, address, module) : module.code, map: null };
      },
    },
    esbuild: { onResolveFilter: SPECIFIERS, onLoadFilter: IDS },
    vite: server.hooks,
  };
};

/** For each bundler one plugin. */
export const plugins = createUnplugin(factory);
