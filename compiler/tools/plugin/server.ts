// Vite's development server: which changes concern which definition, and what the page is told of them.

import { existsSync, statSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Plugin, ViteDevServer } from "vite";
import { slashed, shownPath } from "../paths.js";
import { definitionAt, idOf, type Address } from "./address.js";
import type { CompiledModule, Compiler, Outcome } from "./compiled.js";
import { hotModule, PLAIN } from "./hot-module.js";
import type { PluginOptions } from "./options.js";
import { reportOfAll, textOf } from "./report.js";

interface Known {
  readonly needs: ReadonlySet<string>;
  /** Of the last module that there was. */
  readonly code: string | undefined;
  readonly hasFailed: boolean;
}

/** What a change has made of a definition. */
type Change = { readonly stem: string } & (
  { readonly kind: "failed"; readonly error: unknown } | { readonly kind: "changed" | "same" }
);

export class DevelopmentServer {
  readonly #compiler: Compiler;
  readonly #options: PluginOptions;
  readonly #known = new Map<string, Known>();
  /** Several environments are told of one change: it is compiled once. */
  readonly #changes = new Map<string, Promise<readonly Change[]>>();
  #server: ViteDevServer | undefined;

  constructor(compiler: Compiler, options: PluginOptions) {
    this.#compiler = compiler;
    this.#options = options;
  }

  get isServing(): boolean {
    return this.#server !== undefined;
  }

  /** Follows the files that the definition depends on. */
  watch(stem: string, { needs, module }: Outcome): void {
    const code = module?.code ?? this.#known.get(stem)?.code;
    this.#known.set(stem, { needs: new Set(needs.map(slashed)), code, hasFailed: module === undefined });
    // Vite watches its root by itself. To ask for a file of it once more may lose the change that comes next.
    const root = this.#server && slashed(this.#server.config.root);
    this.#server?.watcher.add(needs.filter((file) => !slashed(file).startsWith(`${root}/`) && existsSync(file)));
  }

  /** What a page is given: the module itself where nothing is to be kept. */
  textOf(id: string, { stem, query }: Address, module: CompiledModule): string {
    const keeps = this.#options.keepWeights !== false && this.#server?.config.server.hmr !== false;
    if (!this.#server || !keeps || query.includes(PLAIN)) return module.code;
    const { root, server } = this.#server.config;
    const overlay = !(typeof server.hmr === "object" && server.hmr.overlay === false);
    return hotModule(`${id}${query === "" ? "?" : "&"}${PLAIN}`, module, {
      name: nameOf(stem, this.#server),
      root,
      overlay,
    });
  }

  readonly hooks: Partial<Plugin> = {
    configureServer: (server) => {
      this.#server = server;
    },
    hotUpdate: hotUpdateBy((file, type, timestamp) => this.#changesBy(file, type, timestamp)),
  };

  #changesBy(file: string, type: string, timestamp: number): Promise<readonly Change[]> {
    const key = `${timestamp} ${file}`;
    const known = this.#changes.get(key);
    if (known) return known;
    const changes = Promise.all(
      [...this.#known].flatMap(([stem, { needs, hasFailed }]) =>
        // What is missing may be a file that no one knew the place of.
        needs.has(file) || (hasFailed && type !== "update") ? [this.#changeOf(stem)] : [],
      ),
    );
    this.#changes.clear();
    this.#changes.set(key, changes);
    return changes;
  }

  async #changeOf(stem: string): Promise<Change> {
    const { hasFailed, code, needs } = this.#known.get(stem)!;
    let outcome: Outcome;
    let before: string;
    do {
      before = stampOf(needs);
      outcome = await this.#compiler.compile(stem);
      // A file that was read while it was written is written soon; the watcher says nothing of what follows at once.
      if (!outcome.module) await setTimeout(WRITTEN);
    } while (!outcome.module && stampOf(needs) !== before);
    this.watch(stem, outcome);
    if (!outcome.module) return { stem, kind: "failed", error: outcome.error };
    return { stem, kind: hasFailed || outcome.module.code !== code ? "changed" : "same" };
  }
}

const WRITTEN = 60;

/** When the files were last written. */
const stampOf = (files: Iterable<string>): string =>
  [...files].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs).join();

/** The definition as messages, the page and the server call it. */
const nameOf = (stem: string, { config }: ViteDevServer): string =>
  shownPath(definitionAt(stem) ?? `${stem}.ts`, config.root);

type ChangesBy = (file: string, type: string, timestamp: number) => Promise<readonly Change[]>;

/** Vite's hook: what the file's change means, and which modules of the page it concerns. */
function hotUpdateBy(changesBy: ChangesBy): NonNullable<Plugin["hotUpdate"]> {
  return async function ({ file, type, timestamp, modules, server }) {
    const changes = await changesBy(file, type, timestamp);
    if (changes.length === 0) return undefined;
    const { environment } = this;
    const isPage = environment.config.consumer === "client";
    const failed = changes.filter((change) => change.kind === "failed");
    const changed = changes.filter((change) => change.kind === "changed").map(({ stem }) => stem);
    if (isPage && changed.length > 0)
      environment.hot.send(
        "tapeless:changed",
        changed.map((stem) => nameOf(stem, server)),
      );
    for (const { error } of isPage ? failed : []) {
      server.config.logger.error(textOf(error), { timestamp: true });
      environment.hot.send({ type: "error", err: { plugin: "tapeless", stack: "", ...reportOfAll(error) } });
    }
    const own = changed.flatMap((stem) => [
      ...(environment.moduleGraph.getModulesByFile(idOf({ stem, query: "" })) ?? []),
    ]);
    // Of a module that has never come, Vite tells the page nothing.
    const isNew = own.length > 0 && own.every((module) => module.isSelfAccepting === undefined);
    if (isPage && isNew) environment.hot.send({ type: "full-reload" });
    return [...new Set([...modules, ...own])];
  };
}
