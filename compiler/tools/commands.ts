// The commands with their arguments, as data: what is parsed, what help shows, what a shell completes.

import { defineCommand, type ArgsDef } from "citty";
import { FLOAT_TYPES, PRINTABLE, TARGETS } from "../ir/choices.js";
import { LANGUAGES } from "./languages.js";

export const SHELLS = ["bash", "zsh", "fish"] as const;

/** What an option may be is its hint, for people and for shells. */
const oneOf = (words: readonly string[]): string => words.join("|");

const target = {
  type: "string",
  valueHint: oneOf(TARGETS),
  description: "What runs the network: TypeScript (default), or WebAssembly with SIMD inside the same module",
} as const;

const dtype = {
  type: "string",
  valueHint: oneOf(FLOAT_TYPES),
  description: "Number type of the generated code: float32 (default) or float64",
} as const;

const noRelaxed = {
  type: "boolean",
  description: "With --target wasm: the same bits on every engine, without the sums that relaxed SIMD rounds once",
} as const;

const files = {
  type: "positional",
  required: false,
  description: "Definitions, folders or patterns; without any, all definitions of this package (*.net.ts)",
} as const;

export const generateArgs = {
  files,
  out: {
    type: "string",
    alias: "o",
    valueHint: "folder",
    description: "Where the modules go (default: generated, beside package.json)",
  },
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
  force: { type: "boolean", description: "Compile also what has not changed since its module was written" },
  target,
  language: {
    type: "string",
    valueHint: oneOf(LANGUAGES),
    description: "What modules are written in: TypeScript (default), or JavaScript with a .d.ts file beside it",
  },
  "wasm-file": {
    type: "boolean",
    description: "With --target wasm: the WebAssembly goes to a .wasm file beside the module, which loads it",
  },
  "no-relaxed": noRelaxed,
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

export const printArgs = {
  what: {
    type: "positional",
    required: false,
    valueHint: oneOf(PRINTABLE),
    description:
      "The network as declared, its derived gradient, the fused kernels, these after each pass over their loops, the memory plan, or the WebAssembly text",
  },
  files,
  target: { ...target, description: "For loops: what they are prepared for" },
  dtype,
  entries: { ...generateArgs.entries, description: "Show only these functions (default: all)" },
  "no-relaxed": { ...noRelaxed, description: "For wat: without relaxed SIMD" },
  schedules: generateArgs.schedules,
} satisfies ArgsDef;

export const summaryArgs = { files, dtype } satisfies ArgsDef;

export const tuneArgs = {
  files,
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

export const gradcheckArgs = {
  files,
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

export const trainArgs = {
  definition: {
    type: "positional",
    required: false,
    description: "A definition with a training file beside it, or its name; without, the only one of this package",
  },
  epochs: {
    type: "string",
    valueHint: "n",
    description: "Passes over the training rows (default: what the training file says)",
  },
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

export const initArgs = {
  folder: { type: "positional", required: false, description: "The project's folder (default: this one)" },
  yes: { type: "boolean", alias: "y", description: "Ask nothing; take what fits the project" },
  name: { type: "string", valueHint: "name", description: "What the first network is called (default: iris)" },
  language: {
    type: "string",
    valueHint: oneOf(LANGUAGES),
    description: "What is written (default: TypeScript, or JavaScript where the project and the runtime know no types)",
  },
  "no-page": { type: "boolean", description: "Without a page (a new project gets one, which Vite serves)" },
} satisfies ArgsDef;

export const completionArgs = {
  shell: { type: "positional", required: false, valueHint: oneOf(SHELLS), description: "Whose script is printed" },
} satisfies ArgsDef;

const command = <const A extends ArgsDef>(name: string, description: string, args: A) =>
  defineCommand({ meta: { name, description }, args });

export const commands = {
  init: command("init", "Begin: write a first network, its data and training, and what the project needs", initArgs),
  generate: command(
    "generate",
    "Compile network definitions (*.net.ts) to standalone TypeScript or JavaScript modules",
    generateArgs,
  ),
  train: command("train", "Generate a definition's module and train it on what its training file gives", trainArgs),
  summary: command("summary", "Show a network's layers with shapes, parameters, FLOP and bytes", summaryArgs),
  print: command(
    "print",
    "Show what becomes of a network: graph, gradient, kernels, memory plan, WebAssembly",
    printArgs,
  ),
  gradcheck: command(
    "gradcheck",
    "Compare gradients with differences, and what is emitted with the interpreter",
    gradcheckArgs,
  ),
  tune: command("tune", "Measure kernels on this machine and write the schedules that generate reads", tuneArgs),
  completion: command("completion", "Print a script with which a shell completes these commands", completionArgs),
};

export type CommandName = keyof typeof commands;

export const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name);

export const tapeless = defineCommand({
  meta: {
    name: "tapeless",
    description: "Compiles declared neural networks to standalone TypeScript that trains and predicts",
  },
  subCommands: commands,
});

/** Lines that work as they stand, for the end of each help text. */
export const HELP: Readonly<Record<CommandName | "tapeless", readonly string[]>> = {
  tapeless: [
    "tapeless init                          writes a first network, to be trained at once",
    "tapeless generate                      writes generated/digits.ts for src/digits.net.ts",
    "tapeless generate --check              exits with 1 when a module is out of date",
    "tapeless train digits                  trains it on what src/digits.train.ts loads",
    "tapeless summary src/digits.net.ts     its layers, parameters and costs",
    "tapeless gradcheck src/digits.net.ts   exits with 1 when a gradient is wrong",
  ],
  init: ["tapeless init", "tapeless init --yes", "tapeless init my-network --name digits --language javascript"],
  generate: [
    "tapeless generate                                  all definitions of this package",
    "tapeless generate src/digits.net.ts --out src/nets",
    'tapeless generate src "lib/**/small-*.net.ts"',
    "tapeless generate src/digits.net.ts --entries predict    inference only",
    "tapeless generate src/digits.net.ts --target wasm        SIMD code inside the module",
    "tapeless generate src/digits.net.ts --target wasm --wasm-file    SIMD code in digits.wasm, beside it",
  ],
  print: [
    "tapeless print gradient src/digits.net.ts",
    "tapeless print kernels src/digits.net.ts --entries step",
    "tapeless print loops src/digits.net.ts --entries step --target wasm",
    "tapeless print wat src/digits.net.ts > digits.wat",
  ],
  summary: ["tapeless summary src/digits.net.ts", "tapeless summary    all definitions of this package"],
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
    "tapeless train src/digits.net.ts --epochs 1 --rows 6000",
    "tapeless train digits --batch 1 --seed 7",
  ],
  completion: [
    "source <(tapeless completion bash)                            in ~/.bashrc",
    "source <(tapeless completion zsh)                             in ~/.zshrc",
    "tapeless completion fish > ~/.config/fish/completions/tapeless.fish",
  ],
};
