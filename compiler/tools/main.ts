// The command line as a function: arguments in, exit code out. Help and version load nothing but this file's imports.
//
// Exit codes: 0 done, 1 a check found stale modules (or tapeless itself failed), 2 the user's error.

import { resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { defineCommand, parseArgs, renderUsage, type ArgsDef, type CommandDef } from "citty";
import pc from "picocolors";
import type { GenerateRequest } from "./generate-command.js";
import type { Surroundings } from "./surroundings.js";
import { checkFlags, choice, nameList, nearest, wholeNumber } from "./options.js";
import { badUsage } from "../../src/messages.js";
import { FLOAT_TYPES, PRINTABLE, TARGETS } from "../ir/choices.js";

/** Seeds of models are 32-bit integers. */
const LARGEST_SEED = 2 ** 31 - 1;

const target = {
  type: "string",
  valueHint: "typescript|wasm",
  description: "What runs the network: TypeScript (default), or WebAssembly with SIMD inside the same module",
} as const;

const dtype = {
  type: "string",
  valueHint: "float32|float64",
  description: "Number type of the generated code: float32 (default) or float64",
} as const;

const generateArgs = {
  files: {
    type: "positional",
    required: false,
    description: "Definition files; without any, all examples/**/*.net.ts of this package",
  },
  out: { type: "string", alias: "o", valueHint: "folder", description: "Where the modules go (default: generated)" },
  watch: {
    type: "boolean",
    alias: "w",
    description: "Generate again whenever a definition or a file it imports changes",
  },
  check: {
    type: "boolean",
    description: "Write nothing; name modules that are stale, missing or orphaned and exit with 1 (for CI)",
  },
  verify: {
    type: "boolean",
    description:
      "Check gradients and the emitted module first, in about 10 s each; what is wrong is not written (exit code 1)",
  },
  print: {
    type: "string",
    valueHint: "graph|gradient|kernels|plan|wat",
    description:
      "Write nothing; show the network as declared, its derived gradient, the fused kernels, the memory plan, or the WebAssembly text",
  },
  target,
  "wasm-file": {
    type: "boolean",
    description: "With --target wasm: the WebAssembly goes to a .wasm file beside the module, which loads it",
  },
  "no-relaxed": {
    type: "boolean",
    description: "With --target wasm: the same bits on every engine, without the sums that relaxed SIMD rounds once",
  },
  dtype,
  entries: {
    type: "string",
    valueHint: "predict,step",
    description: "Generate only these functions, so that no code for the others is shipped (default: all)",
  },
  schedules: {
    type: "string",
    valueHint: "folder",
    description: "Where the schedules of tapeless tune lie (default: beside the definitions)",
  },
} satisfies ArgsDef;

const tuneArgs = {
  files: { type: "positional", required: false, description: "Definition files, as for generate" },
  target,
  dtype,
  entries: { ...generateArgs.entries, description: "Tune the kernels of these functions alone (default: all)" },
  time: {
    type: "string",
    valueHint: "ms",
    description: "Milliseconds that each candidate is measured (default: 60)",
  },
  out: {
    type: "string",
    alias: "o",
    valueHint: "folder",
    description: "Where the schedules go (default: beside the definitions)",
  },
} satisfies ArgsDef;

const gradcheckArgs = {
  files: { type: "positional", required: false, description: "Definition files, as for generate" },
  rows: { type: "string", valueHint: "n", description: "Rows of the point (default: 3)" },
  seed: {
    type: "string",
    valueHint: "n",
    description: "Decides all random numbers and the choice of entries (default: 1)",
  },
  data: {
    type: "string",
    valueHint: "file",
    description: 'JSON with values in place of random ones: { "inputs": { "x": [1, 2] }, "targets": { "y": [0] } }',
  },
  seconds: { type: "string", valueHint: "n", description: "About how long one definition may take (default: 60)" },
} satisfies ArgsDef;

const trainArgs = {
  example: { type: "positional", required: false, description: "A folder of examples/, such as digits" },
  epochs: { type: "string", valueHint: "n", description: "Passes over the training rows (default: the example's own)" },
  rows: { type: "string", valueHint: "n", description: "Train on the first n rows only" },
  batch: {
    type: "string",
    valueHint: "n",
    description: "Rows of one update, at most the network's batch; 1 is stochastic descent",
  },
  seed: { type: "string", valueHint: "n", description: "Decides the first values and the order of rows (default: 1)" },
  checkpoint: {
    type: "string",
    valueHint: "folder",
    description: "Keep a checkpoint of each epoch there, and go on from the newest (default: one is left on Ctrl-C)",
  },
  "keep-going": {
    type: "boolean",
    description: "Train on when the loss is no finite number (default: stop, exit code 1)",
  },
  target,
  dtype,
} satisfies ArgsDef;

const commands = {
  generate: defineCommand({
    meta: { name: "generate", description: "Compile network definitions (*.net.ts) to standalone TypeScript modules" },
    args: generateArgs,
  }),
  tune: defineCommand({
    meta: { name: "tune", description: "Measure kernels on this machine and write the schedules that generate reads" },
    args: tuneArgs,
  }),
  gradcheck: defineCommand({
    meta: {
      name: "gradcheck",
      description: "Compare gradients with differences, and what is emitted with the interpreter",
    },
    args: gradcheckArgs,
  }),
  train: defineCommand({
    meta: { name: "train", description: "Generate an example's module and train it on its data" },
    args: trainArgs,
  }),
};

const tapeless = defineCommand({
  meta: {
    name: "tapeless",
    description: "Compiles declared neural networks to standalone TypeScript that trains and predicts",
  },
  subCommands: commands,
});

const HELP = {
  tapeless: [
    "tapeless generate src/digits.net.ts    writes generated/digits.ts",
    "tapeless generate --check              exits with 1 when a module is out of date",
    "tapeless tune src/digits.net.ts        measures how its kernels run fastest on this machine",
    "tapeless gradcheck src/digits.net.ts   exits with 1 when a gradient is wrong",
    "tapeless train digits                  trains the example of that name",
  ],
  generate: [
    "tapeless generate                                  all examples of this package",
    "tapeless generate src/digits.net.ts --out src/nets",
    "tapeless generate src/digits.net.ts --print gradient",
    "tapeless generate src/digits.net.ts --entries predict    inference only",
    "tapeless generate src/digits.net.ts --target wasm        SIMD code inside the module",
    "tapeless generate src/digits.net.ts --target wasm --wasm-file    SIMD code in digits.wasm, beside it",
  ],
  tune: [
    "tapeless tune src/digits.net.ts --target wasm            writes src/digits.schedule.json",
    "tapeless tune src/digits.net.ts --entries step --time 200",
  ],
  gradcheck: [
    "tapeless gradcheck src/digits.net.ts",
    "tapeless gradcheck src/digits.net.ts --rows 2 --seed 7 --data point.json",
  ],
  train: [
    "tapeless train digits",
    "tapeless train digits --epochs 1 --rows 6000",
    "tapeless train digits --batch 1 --seed 7",
  ],
};

const EXIT = "Exit codes: 0 done, 1 a check failed, 2 something is wrong with the files or options given.";

/** Runs one command line and returns its exit code. */
export async function main(argv: readonly string[], to: Surroundings): Promise<number> {
  try {
    return await dispatch(argv, to);
  } catch (error) {
    return failed(error, to);
  }
}

async function failed(error: unknown, to: Surroundings): Promise<number> {
  const { renderError } = await import("./errors.js");
  to.err(`${renderError(error, { cwd: to.cwd, colors: to.colors })}\n`);
  return error instanceof Error && (error.name === "TapelessError" || error.name === "TrainError") ? 2 : 1;
}

/** An error that nobody waits for, such as one in a timer of a definition. Returns the exit code. */
export async function failedLater(error: unknown, to: Surroundings): Promise<number> {
  const { lateError } = await import("./user-code.js");
  return failed(lateError(error), to);
}

async function dispatch(argv: readonly string[], to: Surroundings): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") return help("tapeless", to);
  if (name === "--version" || name === "-v") {
    const { version } = await import("./version.js");
    to.out(`${version()}\n`);
    return 0;
  }
  if (!isCommand(name)) {
    const near = nearest(name, Object.keys(commands));
    const hint = near ? `did you mean tapeless ${near}?` : "see: tapeless --help";
    throw badUsage({ text: `tapeless has no command ${JSON.stringify(name)}`, hint });
  }
  const end = rest.indexOf("--");
  const flags = end < 0 ? rest : rest.slice(0, end);
  if (flags.includes("--help") || flags.includes("-h")) return help(name, to);
  return { generate, tune, gradcheck, train }[name](rest, to);
}

const isCommand = (name: string): name is keyof typeof commands => Object.hasOwn(commands, name);

async function generate(rawArgs: string[], to: Surroundings): Promise<number> {
  checkFlags("generate", rawArgs, generateArgs);
  const args = parseArgs<typeof generateArgs>(rawArgs, generateArgs);
  const request: GenerateRequest = {
    files: args._,
    out: args.out,
    check: args.check === true,
    watch: args.watch === true,
    verify: args.verify === true,
    wasmFile: args["wasm-file"] === true,
    relaxed: !rawArgs.includes("--no-relaxed"),
    print: choice("print", args.print, PRINTABLE),
    target: choice("target", args.target, TARGETS) ?? "typescript",
    dtype: choice("dtype", args.dtype, FLOAT_TYPES) ?? "float32",
    entries: nameList("entries", args.entries),
    schedules: args.schedules && resolve(to.cwd, args.schedules),
  };
  const { runGenerate } = await import("./generate-command.js");
  return runGenerate(request, to);
}

async function tune(rawArgs: string[], to: Surroundings): Promise<number> {
  checkFlags("tune", rawArgs, tuneArgs);
  const args = parseArgs<typeof tuneArgs>(rawArgs, tuneArgs);
  const { runTune } = await import("./tune-command.js");
  return runTune(
    {
      files: args._,
      schedules: args.out && resolve(to.cwd, args.out),
      target: choice("target", args.target, TARGETS) ?? "typescript",
      dtype: choice("dtype", args.dtype, FLOAT_TYPES) ?? "float32",
      entries: nameList("entries", args.entries),
      time: wholeNumber("time", args.time, 1) ?? 60,
    },
    to,
  );
}

async function gradcheck(rawArgs: string[], to: Surroundings): Promise<number> {
  checkFlags("gradcheck", rawArgs, gradcheckArgs);
  const args = parseArgs<typeof gradcheckArgs>(rawArgs, gradcheckArgs);
  const { runGradcheck } = await import("./gradcheck-command.js");
  return runGradcheck(
    {
      files: args._,
      rows: wholeNumber("rows", args.rows, 1),
      seed: wholeNumber("seed", args.seed, 0),
      seconds: wholeNumber("seconds", args.seconds, 1),
      data: args.data && resolve(to.cwd, args.data),
    },
    to,
  );
}

async function train(rawArgs: string[], to: Surroundings): Promise<number> {
  checkFlags("train", rawArgs, trainArgs);
  const args = parseArgs<typeof trainArgs>(rawArgs, trainArgs);
  const [name, ...others] = args._;
  if (name === undefined || others.length > 0) {
    throw badUsage({ text: "tapeless train needs the name of one example", hint: "tapeless train digits" });
  }
  const request = {
    name,
    epochs: wholeNumber("epochs", args.epochs, 1),
    rows: wholeNumber("rows", args.rows, 1),
    batch: wholeNumber("batch", args.batch, 1),
    seed: wholeNumber("seed", args.seed, 0, LARGEST_SEED) ?? 1,
    checkpoint: args.checkpoint,
    keepGoing: args["keep-going"] === true,
    target: choice("target", args.target, TARGETS) ?? "typescript",
    dtype: choice("dtype", args.dtype, FLOAT_TYPES) ?? "float32",
  };
  const { runTrain } = await import("./train.js");
  return runTrain(request, to);
}

async function help(name: keyof typeof HELP, to: Surroundings): Promise<number> {
  // citty types a command by its own arguments, and a parent by its child's.
  const top = tapeless as CommandDef;
  const usage = await (name === "tapeless"
    ? renderUsage(top)
    : renderUsage(commands[name] as unknown as CommandDef, top));
  const text = `${usage.replace(/ +$/gm, "").trimEnd()}\n\nEXAMPLES\n\n${HELP[name].map((line) => `  ${line}`).join("\n")}\n\n${EXIT}\n`;
  // citty colours its text wherever it goes.
  to.out(to.colors ? text : stripVTControlCharacters(text));
  return 0;
}

/** The process's own streams and folder. */
export function processSurroundings(): Surroundings {
  const colors = process.stdout.isTTY === true && pc.isColorSupported;
  return {
    cwd: process.cwd(),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    paint: pc.createColors(colors),
    colors,
  };
}
