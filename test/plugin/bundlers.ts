// One small project, built by each bundler with its plugin, or without it.

import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import { rspack } from "@rspack/core";
import { build as vite } from "vite";
import webpack from "webpack";
import { tapeless as forEsbuild } from "../../compiler/tools/plugin/esbuild.js";
import type { PluginOptions } from "../../compiler/tools/plugin/options.js";
import { tapeless as forRolldown } from "../../compiler/tools/plugin/rolldown.js";
import { tapeless as forRollup } from "../../compiler/tools/plugin/rollup.js";
import { tapeless as forRspack } from "../../compiler/tools/plugin/rspack.js";
import { tapeless as forVite } from "../../compiler/tools/plugin/vite.js";
import { tapeless as forWebpack } from "../../compiler/tools/plugin/webpack.js";

export interface Bundled {
  /** The script that was made, absolute. */
  readonly file: string;
  /** What was warned of. */
  readonly warnings: readonly string[];
}

export interface Project {
  readonly folder: string;
  /** From the folder. */
  readonly entry: string;
  /** Absent: without the plugin. */
  readonly options?: PluginOptions | undefined;
}

type Bundle = (project: Project) => Promise<Bundled>;

const outOf = ({ folder }: Project): string => join(folder, "out", "main.mjs");

/** Of Rollup's kind. */
const logging = (warnings: string[]) => ({
  onLog: (level: string, { message, loc }: { message: string; loc?: { line: number } }) =>
    void (level === "warn" && warnings.push(`${message} (line ${loc?.line})`)),
});

export const bundlers: Readonly<Record<string, Bundle>> = {
  async vite(project) {
    const { folder, entry, options } = project;
    const warnings: string[] = [];
    await vite({
      root: folder,
      configFile: false,
      logLevel: "silent",
      plugins: options ? [forVite(options)] : [],
      build: {
        ssr: entry,
        outDir: "out",
        rollupOptions: { output: { entryFileNames: "main.mjs" }, ...logging(warnings) },
      },
    });
    return { file: outOf(project), warnings };
  },
  async rollup(project) {
    const { folder, entry, options } = project;
    const warnings: string[] = [];
    const plugins = options ? [forRollup(options)] : [];
    const bundle = await rollup({ input: join(folder, entry), plugins, ...logging(warnings) });
    await bundle.write({ file: outOf(project) });
    await bundle.close();
    return { file: outOf(project), warnings };
  },
  async rolldown(project) {
    const { folder, entry, options } = project;
    const warnings: string[] = [];
    const plugins = options ? [forRolldown(options)] : [];
    const bundle = await rolldown({ input: join(folder, entry), cwd: folder, plugins, ...logging(warnings) });
    await bundle.write({ file: outOf(project) });
    await bundle.close();
    return { file: outOf(project), warnings };
  },
  async esbuild(project) {
    const { folder, entry, options } = project;
    const result = await esbuild({
      entryPoints: [join(folder, entry)],
      absWorkingDir: folder,
      bundle: true,
      format: "esm",
      outfile: outOf(project),
      logLevel: "silent",
      plugins: options ? [forEsbuild(options)] : [],
    });
    return {
      file: outOf(project),
      warnings: result.warnings.map(({ text, location }) => `${text} (line ${location?.line})`),
    };
  },
  async webpack(project) {
    return packed(project, webpack as unknown as Pack, project.options && forWebpack(project.options));
  },
  async rspack(project) {
    return packed(project, rspack as unknown as Pack, project.options && forRspack(project.options));
  },
};

interface Stats {
  readonly toJson: (options: object) => {
    readonly errors?: readonly { readonly message: string }[];
    readonly warnings?: readonly { readonly message: string }[];
  };
}

type Pack = (options: object) => {
  readonly run: (done: (error: Error | null, stats?: Stats) => void) => void;
  readonly close: (done: () => void) => void;
};

/** webpack and what is like it. */
function packed(project: Project, pack: Pack, plugin: unknown): Promise<Bundled> {
  const { folder, entry } = project;
  const compiler = pack({
    mode: "production",
    context: folder,
    entry: join(folder, entry),
    target: "node",
    output: { path: join(folder, "out"), filename: "main.mjs", module: true },
    experiments: { outputModule: true },
    optimization: { minimize: false },
    plugins: plugin ? [plugin] : [],
  });
  return new Promise((resolve, reject) => {
    compiler.run((error, stats) => {
      const { errors = [], warnings = [] } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
      compiler.close(() => {
        if (error) return reject(error);
        if (errors.length > 0) return reject(new Error(errors.map(({ message }) => message).join("\n")));
        return resolve({ file: outOf(project), warnings: warnings.map(({ message }) => message) });
      });
    });
  });
}
