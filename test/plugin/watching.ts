// Bundlers that watch: what each says at the end of each of its builds.

import { join } from "node:path";
import { context } from "esbuild";
import { rspack } from "@rspack/core";
import { watch as watchRolldown } from "rolldown";
import { watch as watchRollup } from "rollup";
import { build as vite } from "vite";
import webpack from "webpack";
import { tapeless as forEsbuild } from "../../compiler/tools/plugin/esbuild.js";
import { tapeless as forRolldown } from "../../compiler/tools/plugin/rolldown.js";
import { tapeless as forRollup } from "../../compiler/tools/plugin/rollup.js";
import { tapeless as forRspack } from "../../compiler/tools/plugin/rspack.js";
import { tapeless as forVite } from "../../compiler/tools/plugin/vite.js";
import { tapeless as forWebpack } from "../../compiler/tools/plugin/webpack.js";

/** Told the errors of each build; none: it is done. */
type Ended = (errors: string) => void;

/** Begins to watch a project with the entry `main.js`, which is bundled to `out/main.mjs`; the result ends it. */
type Watch = (folder: string, ended: Ended) => Promise<() => unknown>;

interface Watched {
  on(event: "event", listener: (event: Event) => unknown): unknown;
  close(): unknown;
}

type Event = { readonly code: string; readonly error?: Error; readonly result?: { close(): unknown } | null };

function followed(watcher: Watched, ended: Ended): () => unknown {
  let failed = false;
  watcher.on("event", ({ code, error, result }) => {
    void result?.close();
    if (code === "START") failed = false;
    if (code === "ERROR") {
      failed = true;
      ended(error!.message);
    }
    if (code === "END" && !failed) ended("");
  });
  return () => watcher.close();
}

interface Packer {
  watch(options: object, done: (error: Error | null, stats?: Stats) => void): { close(done: () => void): void };
  close(done: () => void): void;
}

interface Stats {
  toJson(options: object): { readonly errors?: readonly { readonly message: string }[] };
}

const packed =
  (pack: (options: object) => Packer, plugin: () => unknown): Watch =>
  async (folder, ended) => {
    const compiler = pack({
      mode: "development",
      devtool: false,
      context: folder,
      entry: join(folder, "main.js"),
      target: "node",
      output: { path: join(folder, "out"), filename: "main.mjs", module: true },
      experiments: { outputModule: true },
      plugins: [plugin()],
    });
    const watching = compiler.watch({ aggregateTimeout: 20 }, (error, stats) => {
      const { errors = [] } = stats?.toJson({ all: false, errors: true }) ?? {};
      ended(error?.message ?? errors.map(({ message }) => message).join("\n"));
    });
    return () => new Promise<void>((done) => watching.close(() => compiler.close(done)));
  };

export const watches: Readonly<Record<string, Watch>> = {
  async vite(folder, ended) {
    const watcher = await vite({
      root: folder,
      configFile: false,
      logLevel: "silent",
      plugins: [forVite()],
      build: { ssr: "main.js", outDir: "out", watch: {}, rollupOptions: { output: { entryFileNames: "main.mjs" } } },
    });
    return followed(watcher as Watched, ended);
  },
  async rollup(folder, ended) {
    const options = { input: join(folder, "main.js"), output: { file: join(folder, "out/main.mjs") } };
    return followed(watchRollup({ ...options, plugins: [forRollup()] }) as Watched, ended);
  },
  async rolldown(folder, ended) {
    const options = { input: join(folder, "main.js"), output: { file: join(folder, "out/main.mjs") } };
    return followed(watchRolldown({ ...options, cwd: folder, plugins: [forRolldown()] }) as Watched, ended);
  },
  async esbuild(folder, ended) {
    const watching = await context({
      entryPoints: [join(folder, "main.js")],
      bundle: true,
      format: "esm",
      outfile: join(folder, "out/main.mjs"),
      logLevel: "silent",
      plugins: [
        forEsbuild(),
        {
          name: "ended",
          setup: ({ onEnd }) =>
            onEnd(({ errors }) => void setTimeout(() => ended(errors.map(({ text }) => text).join("\n")), 20)),
        },
      ],
    });
    await watching.watch();
    return () => watching.dispose();
  },
  webpack: packed(webpack as never, () => forWebpack()),
  rspack: packed(rspack as never, () => forRspack()),
};
