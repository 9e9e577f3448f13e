// `tapeless train <example>`: generates the example's module, loads it, trains it on the example's data, and reports test
// metrics, the module's size and the memory table.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import pc from "picocolors";
import { evaluate, fitAsync, folder, type Data, type Measure, type Model } from "../../src/train/index.js";
import { diverged, invariant } from "../../src/messages.js";
import { watchLosses } from "./divergence.js";
import { renderError } from "./errors.js";
import type { ExampleData } from "./example.js";
import { findExample, loadData, loadExample } from "./example-code.js";
import { build, moduleFiles, pipelineCompile, planJobs, type Dtype, type Target } from "./generate.js";
import { warn, type Surroundings } from "./surroundings.js";
import { freeFolder, interruptible, onInterruption } from "./interruption.js";
import { isTapelessError } from "./located.js";
import { packageRoot, shownPath } from "./paths.js";
import { progress } from "../../src/train/progress.js";
import { writeTemporary } from "./temporary.js";
import { writeGenerated } from "./write.js";

/** The exit code of programs that end by Ctrl-C. */
const INTERRUPTED = 130;

export interface TrainRequest {
  readonly name: string;
  readonly epochs: number | undefined;
  /** Trains on the first rows only. */
  readonly rows: number | undefined;
  readonly batch: number | undefined;
  readonly seed: number;
  /** Is training to go on when the loss is NaN or infinite? */
  readonly keepGoing: boolean;
  /** The folder that checkpoints are kept in, and gone on from. Without it one is left where training is interrupted. */
  readonly checkpoint: string | undefined;
  readonly target: Target;
  readonly dtype: Dtype;
}

export async function runTrain(request: TrainRequest, to: Surroundings): Promise<number> {
  const { definitionPath, trainingPath } = findExample(packageRoot(to.cwd), request.name);
  const code = await loadExample(trainingPath);
  const { example } = code;

  const built = await build(definitionPath, request, await pipelineCompile());
  warn(to, { warnings: [...code.warnings, ...built.warnings] });
  const plan = planJobs(to.cwd, [definitionPath], undefined);
  const output = plan.jobs[0]!.output;
  const files = await moduleFiles(built, output, plan);
  const text = String(files[0]!.content);
  // Another target or data type than the default is tried in memory: the module in the folder is the one that is checked in.
  if (request.dtype === "float32" && request.target === "typescript")
    to.out(`${to.paint.cyan(shownPath(output, to.cwd))}  ${writeGenerated(files)[0]!}\n`);

  const { create, minified } = await loadEmitted(text, definitionPath, request.name);
  const made = create({ seed: request.seed });
  for (const [name, value] of Object.entries(example.hyper ?? {}))
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
  const batchSize = request.batch ?? example.batchSize;
  const { isTTY, columns } = process.stdout;
  const shown = progress({ write: to.out, isTTY, columns }, pc.createColors(isTTY === true && pc.isColorSupported));
  const kept = request.checkpoint ?? freeFolder(to.cwd, request.name);
  const path = resolve(to.cwd, kept);
  let interrupted = false;
  try {
    interrupted = await interruptible(async (signal) => {
      const { before } = example;
      if (before) await code.run("before()", () => before(model, rows as unknown as ExampleData));
      await fitAsync(model, rows, {
        epochs: request.epochs ?? example.epochs,
        batchSize,
        seed: request.seed,
        validationSplit: example.validationSplit,
        step: example.step,
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
    step: example.step,
  });
  const values = Object.entries<Measure>(measured).map(([name, value]) => `${name} ${shownValue(name, value)}`);
  to.out(`\n${to.paint.bold(test ? "test" : "on the training rows")}  ${values.join("  ")}\n`);
  const { show } = example;
  if (show) to.out(`\n${await code.run("show()", () => show(model, data))}\n`);
  to.out(`\n${to.paint.bold("module")}  ${sizes(text, minified)}\n`);
  to.out(`\n${built.compiled.memory.print().trimEnd()}\n`);
  return 0;
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
function firstRows(data: ExampleData, model: Model, rows: number | undefined): Data<Model> {
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
