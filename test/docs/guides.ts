// A page of the documentation as a reader follows it: its files are written, its commands run in their order, and what they
// print is compared with what the page shows.
//
// A block of code begins with a comment that names its file. A block of commands (sh) may be followed by a block without a
// language: what they print. There a line "…" stands for any lines, and "…" within a line for any text.

import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import pc from "picocolors";
import { vi } from "vitest";
import { main } from "../../compiler/tools/main.js";

export const root: string = resolve(import.meta.dirname, "../..");

export const readPage = (path: string): string => readFileSync(join(root, path), "utf8");

interface Block {
  readonly language: string;
  readonly text: string;
  /** Of its first line of text, from 1. */
  readonly line: number;
}

export type Part =
  | { readonly kind: "file"; readonly path: string; readonly text: string }
  | {
      readonly kind: "commands";
      readonly commands: readonly string[];
      readonly output?: string;
      readonly line: number;
    };

const CODE = ["ts", "js", "html", "json"];

/** The fenced blocks of a page, in their order. */
function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(({ index, 1: language, 2: text }) => ({
    language: language!,
    text: text!,
    line: page.slice(0, index).split("\n").length + 1,
  }));
}

/** What there is to do on a page. Throws for code that does not say which file it is. */
export function partsOf(page: string): readonly Part[] {
  const blocks = blocksOf(page);
  return blocks.flatMap(({ language, text, line }, i): Part[] => {
    if (CODE.includes(language)) {
      const path = /^(?:\/\/|<!--|#) (\S+\.\w+)(?: -->)?\n/.exec(text)?.[1];
      if (path === undefined) throw new Error(`line ${line}: a block of code that does not name its file`);
      return [{ kind: "file", path, text }];
    }
    if (language !== "sh") return [];
    const next = blocks[i + 1];
    const commands = text.split("\n").filter((command) => command !== "");
    return [{ kind: "commands", commands, line, ...(next?.language === "" && { output: next.text }) }];
  });
}

/** Is what was printed what is shown? */
export function isShown(shown: string, printed: string): boolean {
  const lines = shown.trimEnd().split("\n");
  const escape = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  const pattern = lines.map((line) =>
    line === "…" ? "(?:.*\\n)*" : `${line.split("…").map(escape).join(".*")}[ ]*\\n`,
  );
  return new RegExp(`^${pattern.join("")}$`).test(`${printed.trimEnd()}\n`);
}

/** A folder in which `tapeless` is installed. */
export function installIn(folder: string): void {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(root, join(folder, "node_modules/tapeless"));
  writeFileSync(join(folder, "package.json"), `{ "name": "guide", "version": "1.0.0", "type": "module" }\n`);
}

export function putFile(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

export interface Ended {
  readonly code: number;
  readonly text: string;
}

function program(folder: string, file: string, args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: "1", NODE_ENV: "production" };
  return new Promise((done) =>
    execFile(process.execPath, [file, ...args], { cwd: folder, env, timeout: 50_000 }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code ?? 1), text: out + err }),
    ),
  );
}

/** A program of the page, in this process: the packages that it needs are there already. What it logs is what it prints. */
async function inProcess(path: string): Promise<Ended> {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...values) => void lines.push(`${format(...values)}\n`));
  try {
    await import(/* @vite-ignore */ pathToFileURL(path).href);
    return { code: 0, text: lines.join("") };
  } catch (error) {
    return { code: 1, text: `${lines.join("")}${String(error)}` };
  } finally {
    log.mockRestore();
  }
}

/** Runs a command of a page in a folder. Throws for one that it does not know. */
export async function run(folder: string, command: string): Promise<Ended> {
  const [name, ...args] = command.replace(/^npx /, "").split(" ");
  if (name === "tapeless") {
    let text = "";
    const write = (part: string): void => void (text += part);
    const to = { cwd: folder, out: write, err: write, paint: pc.createColors(false), colors: false };
    return { code: await main(args, to), text };
  }
  if (name === "node" && args.length === 1) return inProcess(join(folder, args[0]!));
  if (name === "vite") return program(folder, join(root, "node_modules/vite/bin/vite.js"), args);
  if (name === "esbuild") {
    return new Promise((done) =>
      execFile(join(root, "node_modules/.bin/esbuild"), args, { cwd: folder }, (error, out, err) =>
        done({ code: error === null ? 0 : 1, text: out + err }),
      ),
    );
  }
  throw new Error(`the test does not know how to run "${command}"`);
}

/** The exit code that a command's comment states. */
const exitOf = (command: string): number => Number(/# exits with (\d)/.exec(command)?.[1] ?? 0);

export const bare = (command: string): string => command.replace(/\s+#.*$/, "");

/** What is otherwise than the page says; nothing where all is as it says. `skip`: commands that are not run here. */
export async function follow(folder: string, page: string, skip: readonly string[] = []): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const part of partsOf(page)) {
    if (part.kind === "file") {
      putFile(folder, part.path, part.text);
      continue;
    }
    const commands = part.commands.filter((command) => !skip.includes(bare(command)));
    let printed = "";
    for (const command of commands) {
      const { code, text } = await run(folder, bare(command));
      printed += text;
      if (code !== exitOf(command)) problems.push(`line ${part.line}: ${command} exits with ${code}\n${text}`);
    }
    if (part.output !== undefined && commands.length > 0 && !isShown(part.output, printed)) {
      problems.push(`line ${part.line}: ${commands.join("; ")} prints\n${printed}`);
    }
  }
  return problems;
}

/** What the type check says of all TypeScript in folders below one. */
export async function typeErrors(folder: string): Promise<string> {
  const entries = {
    tapeless: "src/index.ts",
    "tapeless/compiler": "compiler/index.ts",
    "tapeless/config": "compiler/tools/config.ts",
  };
  const more = { "tapeless/train": "src/train/index.ts", "tapeless/data": "src/data/index.ts" };
  const paths = Object.fromEntries(
    Object.entries({ ...entries, ...more }).map(([name, path]) => [name, [join(root, path)]]),
  );
  const compilerOptions = {
    paths,
    typeRoots: [join(root, "node_modules/@types")],
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  const settings = {
    extends: join(root, "tsconfig.json"),
    compilerOptions,
    include: ["*/**/*.ts"],
    exclude: ["**/node_modules", "*/examples"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  return (await program(folder, join(root, "node_modules/typescript7/bin/tsc"), ["-p", ".", "--pretty", "false"])).text;
}
