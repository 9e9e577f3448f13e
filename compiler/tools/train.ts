// `tapeless train`: generates a definition's module, loads it, trains it on what its training file gives, and reports test
// metrics, the module's size, the memory table and the first lines of the derived gradient.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import pc from "picocolors";
import { evaluate, fitAsync, folder, type Data, type Measure, type Model } from "../../src/train/index.js";
import { diverged, invariant } from "../../src/messages.js";
import type { BuildFlags } from "./build-options.js";
import { derivedLines } from "./derived-lines.js";
import { watchLosses } from "./divergence.js";
import { renderError } from "./errors.js";
import { build, pipelineCompile, type Built } from "./generate.js";
import { warn, type Surroundings } from "./surroundings.js";
import { freeFolder, interruptible, onInterruption } from "./interruption.js";
import { isTapelessError } from "./located.js";
import { moduleFiles } from "./module-files.js";
import { shownPath } from "./paths.js";
import { jobNamed, type Job } from "./plan.js";
import { progress } from "../../src/train/progress.js";
import { stem } from "./schedule-file.js";
import { writeTemporary } from "./temporary.js";
import type { TrainingData } from "./training.js";
import { loadData, loadTraining, trainingPathOf } from "./training-code.js";
import { writeGenerated } from "./write.js";

/** The exit code of programs that end by Ctrl-C. */
const INTERRUPTED = 130;

export interface TrainRequest {
  /** A definition's file, or its name; absent: the only one of the package. */
  readonly name: string | undefined;
  readonly flags: BuildFlags;
  readonly epochs: number | undefined;
  /** Trains on the first rows only. */
  readonly rows: number | undefined;
  readonly batch: number | undefined;
  readonly seed: number;
  /** Is training to go on when the loss is NaN or infinite? */
  readonly keepGoing: boolean;
  /** The folder that checkpoints are kept in, and gone on from. Without it one is left where training is interrupted. */
  readonly checkpoint: string | undefined;
}

/** Returns the exit code: 0, or 1 where the loss has diverged. User errors are thrown. */
export async function runTrain(request: TrainRequest, to: Surroundings): Promise<number> {
  const job = await jobNamed(to, request.name, request.flags);
  const trainingPath = trainingPathOf(job.input);
  const code = await loadTraining(trainingPath);
  const { training } = code;

  // What trains is in one piece, and has all that training and measuring need.
  const inMemory = { ...job.options, language: "typescript", wasmFile: false, entries: undefined } as const;
  const built = await build(job.input, inMemory, await pipelineCompile());
  warn(to, { warnings: [...code.warnings, ...built.warnings] });
  // Other options than the configured ones are tried in memory: the modules in the folder are the ones that are checked in.
  if (job.asConfigured) await writeModule(job, built, to);

  const [module] = await moduleFiles(built, { ...job, options: inMemory });
  const text = String(module!.content);
  const { create, minified } = await loadEmitted(text, job.input, stem(job.input));
  const made = create({ seed: request.seed });
  for (const [name, value] of Object.entries(training.hyper ?? {}))
    (made as unknown as Record<string, number>)[name] = value;
  const { keepGoing } = request;
  const { model, follow } = watchLosses(made, (where) => {
    const message = diverged({ ...where, goesOn: keepGoing });
    if (!keepGoing) throw message;
    warn(to, { warnings: [message] });
  });

  const data = await loadData(code, trainingPath);
  const { train, test } = data;
  const rows = firstRows(train, model, request.rows);
  const batchSize = request.batch ?? training.batchSize;
  const { isTTY, columns } = process.stdout;
  const shown = progress({ write: to.out, isTTY, columns }, pc.createColors(isTTY === true && pc.isColorSupported));
  const kept = request.checkpoint ?? freeFolder(to.cwd, stem(job.input));
  const path = resolve(to.cwd, kept);
  let interrupted = false;
  try {
    interrupted = await interruptible(async (signal) => {
      const { before } = training;
      if (before) await code.run("before()", () => before(model, rows as unknown as TrainingData));
      await fitAsync(model, rows, {
        epochs: request.epochs ?? training.epochs,
        batchSize,
        seed: request.seed,
        validationSplit: training.validationSplit,
        step: training.step,
        callbacks: [follow, shown],
        progress: false,
        signal,
        // Only Ctrl-C is waited for.
        sliceMilliseconds: 50,
        checkpoint:
          request.checkpoint === undefined
            ? { store: onInterruption(path, signal) }
            : { store: folder(path), best: true, resume: true },
      });
      return signal.aborted;
    });
  } catch (error) {
    // A check that failed, not a fault in the files.
    if (!(isTapelessError(error) && error.code === "DIVERGED")) throw error;
    to.err(`${renderError(error, { cwd: to.cwd, colors: to.colors })}\n`);
    return 1;
  }

  if (interrupted) {
    to.out(`\n${to.paint.bold("interrupted")}  the same command with --checkpoint ${kept} goes on from here\n`);
    return INTERRUPTED;
  }

  const measured = evaluate(model, (test as unknown as Data<Model> | undefined) ?? rows, {
    step: training.step,
  });
  const values = Object.entries<Measure>(measured).map(([name, value]) => `${name} ${shownValue(name, value)}`);
  to.out(`\n${to.paint.bold(test ? "test" : "on the training rows")}  ${values.join("  ")}\n`);
  const { show } = training;
  if (show) to.out(`\n${await code.run("show()", () => show(model, data))}\n`);
  to.out(`\n${to.paint.bold("module")}  ${sizes(text, minified)}\n`);
  to.out(`\n${built.compiled.memory.print().trimEnd()}\n`);
  const lines = derivedLines(built.compiled.print("gradient"));
  if (lines.length > 0) {
    to.out(
      `\n${to.paint.bold("gradient")}  the first lines of tapeless print gradient ${shownPath(job.input, to.cwd)}\n\n`,
    );
    to.out(`${lines.join("\n")}\n`);
  }
  return 0;
}

/** Writes the module as it is configured, which may be another one than the one that trains. */
async function writeModule(job: Job, trained: Built, to: Surroundings): Promise<void> {
  const { options } = job;
  const same = options.language !== "javascript" && !options.wasmFile && options.entries === undefined;
  const built = same ? { ...trained, options } : await build(job.input, options, await pipelineCompile());
  const files = await moduleFiles(built, job);
  const states = writeGenerated(files);
  files.forEach(({ path }, i) => to.out(`${to.paint.cyan(shownPath(path, to.cwd))}  ${states[i]!}\n`));
}

type Create = (options: { seed: number }) => Model;

/** Runs the emitted TypeScript: esbuild takes the types off, Node imports it from a temporary file. */
async function loadEmitted(text: string, beside: string, name: string): Promise<{ create: Create; minified: string }> {
  const { transform } = await import("esbuild");
  const [plain, small] = await Promise.all([
    transform(text, { loader: "ts", format: "esm" }),
    transform(text, { loader: "ts", format: "esm", minify: true, legalComments: "none" }),
  ]);
  const { file, remove } = writeTemporary(beside, name, plain.code);
  try {
    const exports = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>;
    const create = Object.entries(exports).find(
      ([key, value]) => key.startsWith("create") && typeof value === "function",
    );
    invariant(create, "an emitted module exports one create function");
    return { create: create[1] as Create, minified: small.code };
  } finally {
    remove();
  }
}

/** The first rows of each column that has the batch axis. */
function firstRows(data: TrainingData, model: Model, rows: number | undefined): Data<Model> {
  if (rows === undefined) return data as unknown as Data<Model>;
  const cut = (columns: Readonly<Record<string, ArrayLike<number>>>, kind: "inputs" | "targets") =>
    Object.fromEntries(
      Object.entries(columns).map(([name, column]) => {
        const shape = model.spec[kind][name]?.shape;
        if (shape?.[0] !== "batch") return [name, column];
        const perRow = shape.slice(1).reduce<number>((product, size) => product * Number(size), 1);
        return [name, Array.prototype.slice.call(column, 0, rows * perRow) as ArrayLike<number>];
      }),
    );
  return { inputs: cut(data.inputs, "inputs"), targets: cut(data.targets, "targets") } as unknown as Data<Model>;
}

const shownValue = (name: string, value: Measure): string =>
  typeof value !== "number"
    ? JSON.stringify(value)
    : name === "accuracy"
      ? `${(100 * value).toFixed(2)} %`
      : value.toPrecision(4);

function sizes(text: string, minified: string): string {
  const bytes = (n: number): string => `${n.toLocaleString("en-US")} bytes`;
  const zipped = gzipSync(minified, { level: 9 }).length;
  return `${bytes(Buffer.byteLength(text))}, minified ${bytes(Buffer.byteLength(minified))}, gzipped ${bytes(zipped)}`;
}
