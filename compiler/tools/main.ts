// The command line as a function: arguments in, exit code out. Help and version load nothing but this file's imports.
//
// Exit codes: 0 done, 1 a check found stale modules (or tapeless itself failed), 2 the user's error.

import { resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { parseArgs, renderUsage, type CommandDef } from "citty";
import pc from "picocolors";
import {
  commands,
  completionArgs,
  generateArgs,
  gradcheckArgs,
  HELP,
  initArgs,
  isCommand,
  printArgs,
  SHELLS,
  summaryArgs,
  tapeless,
  trainArgs,
  tuneArgs,
  type CommandName,
} from "./commands.js";
import type { Surroundings } from "./surroundings.js";
import { checkFlags, choice, listed, nameList, nearest, wholeNumber } from "./options.js";
import { badUsage } from "../../src/messages.js";
import { FLOAT_TYPES, PRINTABLE, TARGETS } from "../ir/choices.js";
import { LANGUAGES } from "./languages.js";

/** Seeds of models are 32-bit integers. */
const LARGEST_SEED = 2 ** 31 - 1;

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
  return RUN[name](rest, to);
}

type Run = (rawArgs: string[], to: Surroundings) => Promise<number>;

const RUN: Readonly<Record<CommandName, Run>> = { init, generate, train, summary, print, gradcheck, tune, completion };

/** An option's folder, which is given from where the command runs. */
const folderOf = (folder: string | undefined, to: Surroundings): string | undefined =>
  folder && resolve(to.cwd, folder);

/** What more than one command can be told about a build. */
const buildFlags = (args: {
  readonly target?: string | undefined;
  readonly dtype?: string | undefined;
  readonly entries?: string | undefined;
}) => ({
  target: choice("target", args.target, TARGETS),
  dtype: choice("dtype", args.dtype, FLOAT_TYPES),
  entries: nameList("entries", args.entries),
});

async function generate(rawArgs: string[], to: Surroundings): Promise<number> {
  checkFlags("generate", rawArgs, generateArgs);
  const args = parseArgs<typeof generateArgs>(rawArgs, generateArgs);
  const { runGenerate } = await import("./generate-command.js");
  const flags = {
    ...buildFlags(args),
    out: folderOf(args.out, to),
    schedules: folderOf(args.schedules, to),
    language: choice("language", args.language, LANGUAGES),
    wasmFile: args["wasm-file"] === true ? true : undefined,
    relaxed: rawArgs.includes("--no-relaxed") ? false : undefined,
  };
  const [check, watch, verify, force] = [args.check, args.watch, args.verify, args.force].map((flag) => flag === true);
  return runGenerate({ files: args._, flags, check: check!, watch: watch!, verify: verify!, force: force! }, to);
}

async function print(rawArgs: string[], to: Surroundings): Promise<number> {
  checkFlags("print", rawArgs, printArgs);
  const args = parseArgs<typeof printArgs>(rawArgs, printArgs);
  const [word, ...files] = args._;
  const what = PRINTABLE.find((one) => one === word);
  if (what === undefined) {
    const asked =
      word === undefined ? "tapeless print needs to know what" : `tapeless print has no ${JSON.stringify(word)}`;
    throw badUsage({ text: `${asked}: ${listed(PRINTABLE)}`, hint: "tapeless print gradient src/digits.net.ts" });
  }
  const { runPrint } = await import("./print-command.js");
  const relaxed = rawArgs.includes("--no-relaxed") ? false : undefined;
  const flags = { ...buildFlags(args), schedules: folderOf(args.schedules, to), relaxed };
  return runPrint({ what, files, flags }, to);
}

async function summary(rawArgs: string[], to: Surroundings): Promise<number> {
  checkFlags("summary", rawArgs, summaryArgs);
  const args = parseArgs<typeof summaryArgs>(rawArgs, summaryArgs);
  const { runSummary } = await import("./summary-command.js");
  return runSummary({ files: args._, flags: buildFlags(args) }, to);
}

async function tune(rawArgs: string[], to: Surroundings): Promise<number> {
  checkFlags("tune", rawArgs, tuneArgs);
  const args = parseArgs<typeof tuneArgs>(rawArgs, tuneArgs);
  const { runTune } = await import("./tune-command.js");
  const flags = { ...buildFlags(args), schedules: folderOf(args.out, to) };
  return runTune({ files: args._, flags, time: wholeNumber("time", args.time, 1) ?? 60 }, to);
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
      data: folderOf(args.data, to),
    },
    to,
  );
}

async function train(rawArgs: string[], to: Surroundings): Promise<number> {
  checkFlags("train", rawArgs, trainArgs);
  const args = parseArgs<typeof trainArgs>(rawArgs, trainArgs);
  const name = atMostOne("train", "definition", args._);
  const request = {
    name,
    flags: buildFlags(args),
    epochs: wholeNumber("epochs", args.epochs, 1),
    rows: wholeNumber("rows", args.rows, 1),
    batch: wholeNumber("batch", args.batch, 1),
    seed: wholeNumber("seed", args.seed, 0, LARGEST_SEED) ?? 1,
    checkpoint: args.checkpoint,
    keepGoing: args["keep-going"] === true,
  };
  const { runTrain } = await import("./train.js");
  return runTrain(request, to);
}

async function init(rawArgs: string[], to: Surroundings): Promise<number> {
  checkFlags("init", rawArgs, initArgs);
  const args = parseArgs<typeof initArgs>(rawArgs, initArgs);
  const { runInit } = await import("./init-command.js");
  return runInit(
    {
      folder: resolve(to.cwd, atMostOne("init", "folder", args._) ?? "."),
      yes: args.yes === true,
      name: args.name,
      language: choice("language", args.language, LANGUAGES),
      page: rawArgs.includes("--no-page") ? false : undefined,
    },
    to,
  );
}

async function completion(rawArgs: string[], to: Surroundings): Promise<number> {
  checkFlags("completion", rawArgs, completionArgs);
  const args = parseArgs<typeof completionArgs>(rawArgs, completionArgs);
  const word = atMostOne("completion", "shell", args._);
  const shell = SHELLS.find((one) => one === word);
  if (shell === undefined)
    throw badUsage({ text: `tapeless completion is for ${listed(SHELLS)}`, hint: "tapeless completion bash" });
  const { completionScript } = await import("./completion.js");
  to.out(completionScript(shell));
  return 0;
}

function atMostOne(command: string, what: string, words: readonly string[]): string | undefined {
  if (words.length > 1)
    throw badUsage({ text: `tapeless ${command} takes one ${what}, but there are ${words.length}` });
  return words[0];
}

async function help(name: CommandName | "tapeless", to: Surroundings): Promise<number> {
  // citty types a command by its own arguments, and a parent by its child's.
  const top = tapeless as unknown as CommandDef;
  const usage = await (name === "tapeless"
    ? renderUsage(top)
    : renderUsage(commands[name] as unknown as CommandDef, top));
  // citty's own colours follow rules of their own.
  const plain = stripVTControlCharacters(usage).replace(/ +$/gm, "").trimEnd();
  const text = `${plain}\n\nEXAMPLES\n\n${HELP[name].map((line) => `  ${line}`).join("\n")}\n\n${EXIT}\n`;
  const { bold, cyan } = to.paint;
  to.out(
    text.replace(/^[A-Z]+(?=$| )/gm, bold).replace(/(?<=^ *)-.*?(?= {4})|(?<=^ {2})tapeless .*?(?= {3}|$)/gm, cyan),
  );
  return 0;
}

/** The process's own streams and folder. NO_COLOR and FORCE_COLOR come before what the terminal is. */
export function processSurroundings(): Surroundings {
  const { NO_COLOR = "", FORCE_COLOR } = process.env;
  const forced = FORCE_COLOR !== undefined && !["0", "false"].includes(FORCE_COLOR);
  const refused = NO_COLOR !== "" || (FORCE_COLOR !== undefined && !forced);
  const colors = !refused && (forced || (process.stdout.isTTY === true && pc.isColorSupported));
  return {
    cwd: process.cwd(),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    paint: pc.createColors(colors),
    colors,
    ask: process.stdin.isTTY === true && process.stdout.isTTY === true ? askInTerminal : undefined,
  };
}

async function askInTerminal(question: string, proposed: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const line = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl+C ends the command; an input that ends is an answer of nothing.
  line.once("SIGINT", () => process.exit(130));
  const ended = new Promise<string>((done) => line.once("close", () => done("")));
  try {
    return (await Promise.race([line.question(`${question} (${proposed}): `), ended])).trim() || proposed;
  } finally {
    line.close();
  }
}
