// Runs a room's tests against mutants: first in a warm process that runs bundles, then with Vitest.

import { fork, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { bundler, type Bundler } from "./bundle.js";
import type { Mutant } from "./mutant.js";

/** A test that noticed. */
export interface Kill {
  readonly by: "quick" | "vitest" | "timeout" | "build";
  readonly file: string;
  readonly test: string;
  readonly error: string;
}

/** How the sources as they are do in the quick runner. */
export interface Baseline {
  /** In the order in which they are tried. */
  readonly order: readonly string[];
  /** Files, and files with a test's name, that the quick runner cannot run. */
  readonly ignored: readonly string[];
  /** Of files, in milliseconds. */
  readonly times: Readonly<Record<string, number>>;
  /** How long a test may take beyond six times what its file took, in milliseconds. */
  readonly patience: number;
}

interface Message {
  readonly kind: "begins" | "passed" | "failed" | "survived" | "done";
  readonly file: string;
  readonly test: string;
  readonly ms: number;
  readonly error: string;
}

interface Task {
  readonly bundle: string;
  readonly order: readonly string[];
  readonly ignored: readonly string[];
  readonly isAll: boolean;
}

/** Mutants that one process runs: what it loads stays in its memory. */
const MOST_TASKS = 6;

const PATIENCE = 20_000;

export class Killer {
  private child: ChildProcess | undefined;
  private tasks = 0;
  private bundles = 0;
  private readonly folder = resolve("node_modules/.cache/tapeless-mutation", String(process.pid));

  private constructor(
    private readonly build: Bundler,
    private readonly files: readonly string[],
  ) {}

  static async of(files: readonly string[]): Promise<Killer> {
    return new Killer(await bundler(files), files);
  }

  async dispose(): Promise<void> {
    this.stop();
    await this.build.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private stop(): void {
    this.child?.kill("SIGKILL");
    this.child = undefined;
    this.tasks = 0;
  }

  /** A bundle keeps its name in the process that loads it, so each is moved to a folder of its own. */
  private async bundled(mutant: Mutant | undefined): Promise<string> {
    await this.build.bundle(mutant, `${this.folder}/next`);
    const own = `${this.folder}/${this.bundles++}`;
    mkdirSync(own, { recursive: true });
    cpSync(`${this.folder}/next`, own, { recursive: true });
    rmSync(`${this.folder}/next`, { recursive: true, force: true });
    return `${own}/entry.mjs`;
  }

  /** Every message of a task; `undefined` where nothing was heard for longer than `patience` allows. */
  private run(
    task: Task,
    patience: (file: string) => number,
    hear: (message: Message) => void,
  ): Promise<Message | undefined> {
    if (this.tasks >= MOST_TASKS) this.stop();
    this.tasks++;
    this.child ??= fork(resolve("test/mutation/quick/child.mjs"), { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const child = this.child;
    return new Promise((end) => {
      let last: Message = { kind: "begins", file: "", test: "import", ms: 0, error: "" };
      let timer: NodeJS.Timeout;
      const finish = (result: Message | undefined): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        if (result?.kind !== "done") this.stop();
        end(result);
      };
      const wait = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => finish(undefined), patience(last.file));
      };
      child.on("message", (given) => {
        const message = given as Message;
        if (message.kind === "done") return finish(message);
        last = message;
        hear(message);
        wait();
      });
      child.on("exit", () => finish({ ...last, kind: "failed", error: "the process ended" }));
      wait();
      child.send(task);
    });
  }

  /** Runs all tests on the sources as they are, twice in one process: what fails then says nothing about a mutant. */
  async baseline(say: (line: string) => void): Promise<Baseline> {
    const ignored: string[] = [];
    const errors = new Map<string, string>();
    let times: Record<string, number> = {};
    let order = this.files;
    for (let i = 0; i < 2; i++) {
      times = {};
      const task = { bundle: await this.bundled(undefined), order, ignored: [...ignored], isAll: true };
      await this.run(
        task,
        () => 300_000,
        ({ kind, file, test, ms, error }) => {
          if (kind === "passed") times[file] = (times[file] ?? 0) + ms;
          if (kind !== "failed") return;
          ignored.push(test === "" ? file : `${file} ${test}`);
          errors.set(file, error.split("\n")[0]!);
        },
      );
      order = this.files.toSorted((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
    }
    for (const [file, error] of errors) {
      const tests = ignored.filter((one) => one.split(" ")[0] === file).length;
      say(`left to Vitest: ${file}, ${tests} tests, the last because of: ${error}`);
    }
    return { order, ignored, times, patience: PATIENCE };
  }

  /** The first test that fails. One that takes too long has to do so twice: the machine may have been busy. */
  async quick(mutant: Mutant | undefined, baseline: Baseline): Promise<Kill | undefined> {
    const kill = await this.once(mutant, baseline);
    return kill?.by === "timeout" ? this.once(mutant, baseline) : kill;
  }

  private async once(
    mutant: Mutant | undefined,
    { order, ignored, times, patience }: Baseline,
  ): Promise<Kill | undefined> {
    let bundle: string;
    try {
      bundle = await this.bundled(mutant);
    } catch (error) {
      return { by: "build", file: "", test: "", error: String(error) };
    }
    const failed: Message[] = [];
    let last: Message | undefined;
    const end = await this.run(
      { bundle, order, ignored, isAll: false },
      (file) => patience + 6 * (times[file] ?? 0),
      (message) => {
        last = message;
        if (message.kind === "failed") failed.push(message);
      },
    );
    const [first] = failed;
    if (first) return { by: "quick", file: first.file, test: first.test, error: first.error };
    if (!end) return { by: "timeout", file: last?.file ?? "", test: last?.test ?? "", error: "" };
    return end.kind === "failed" ? { by: "quick", file: end.file, test: end.test, error: end.error } : undefined;
  }
}
