// The training module of an example: found, loaded, and its functions run so that what they throw is said as the user's.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { exampleThrows, fileNotFound, noExample, printValue, type TapelessError } from "../../src/messages.js";
import { loadModule } from "./bundle.js";
import type { Example, Loaded } from "./example.js";
import { isTapelessError, relocated } from "./located.js";
import { nearest } from "./options.js";
import { shownPath } from "./paths.js";
import { runUserCode } from "./user-code.js";

export function findExample(root: string, name: string): { definitionPath: string; trainingPath: string } {
  const examples = join(root, "examples");
  const folder = join(examples, name);
  const known = existsSync(examples)
    ? readdirSync(examples, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    : [];
  const simple = /^[\w.-]+$/.test(name) && !name.startsWith(".");
  if (!simple || !existsSync(folder)) {
    const near = nearest(name, known);
    const hint =
      known.length === 0
        ? "this package has no examples folder"
        : `${near ? `did you mean ${near}? ` : ""}there are: ${known.join(", ")}`;
    throw fileNotFound({ what: "example", path: printValue(name), hint });
  }
  return { definitionPath: join(folder, `${name}.net.ts`), trainingPath: join(folder, "train.ts") };
}

export interface ExampleCode {
  readonly example: Example;
  readonly warnings: readonly TapelessError[];
  /** Runs a function of it. Throws EXAMPLE_THROWS with the place for what it throws. */
  readonly run: <T>(part: string, work: () => T | Promise<T>) => Promise<T>;
}

const HINT = 'see: import { example } from "tapeless/compiler"';

export async function loadExample(path: string): Promise<ExampleCode> {
  const { exports, mapFrame, code, warnings } = await loadModule(path, "training");
  const found = exports.default as Partial<Example> | undefined;
  const shown = shownPath(path);
  const refuse = (what: string) => noExample({ path: shown, found: what, hint: HINT });
  if (typeof found !== "object" || found === null)
    throw refuse("default" in exports ? `it is ${printValue(found)}` : "it has none");
  if (typeof found.load !== "function") throw refuse("it has no load function");
  if (typeof found.epochs !== "number") throw refuse("it does not say how many epochs");
  const run: ExampleCode["run"] = async (part, work) => {
    try {
      return await runUserCode(code, work);
    } catch (error) {
      if (isTapelessError(error)) throw relocated(error, mapFrame);
      // The training loop says itself what it refuses.
      if (error instanceof Error && error.name === "TrainError") throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw exampleThrows({ path: shown, part, message, at: code.placeOf(error), cause: error });
    }
  };
  return { example: found as Example, warnings, run };
}

/** What `load` gives. Throws NO_EXAMPLE for what is no data. */
export async function loadData({ example, run }: ExampleCode, path: string): Promise<Loaded> {
  const data = (await run("load()", () => example.load())) as Partial<Loaded> | undefined;
  const isData = (part: unknown): boolean =>
    typeof part === "object" && part !== null && ["inputs", "targets"].every((key) => isObject((part as never)[key]));
  const isRight = isObject(data) && isData(data.train) && (data.test === undefined || isData(data.test));
  if (isRight) return data as Loaded;
  const found = `its load() gives ${printValue(data)}, not { train: { inputs, targets } }`;
  throw noExample({ path: shownPath(path), found, hint: HINT });
}

const isObject = <T>(value: T | undefined | null): value is T & object => typeof value === "object" && value !== null;
