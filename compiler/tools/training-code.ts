// The training file of a definition: found, loaded, and its functions run so that what they throw is said as the user's.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { trainingThrows, fileNotFound, noTraining, printValue, type TapelessError } from "../../src/messages.js";
import { loadModule } from "./bundle.js";
import type { Loaded, Training } from "./training.js";
import { isTapelessError, relocated } from "./located.js";
import { shownPath } from "./paths.js";
import { stem } from "./schedule-file.js";
import { runUserCode } from "./user-code.js";

const HINT =
  'import { training } from "tapeless/config"; export default training({ epochs: 3, load: () => ({ train: { inputs, targets } }) })';

/** The endings of files that can be run here. */
const ENDINGS = ["ts", "mts", "js", "mjs"];

/** The training file of a definition: `digits.train.ts`, or `train.ts`, beside it. Throws FILE_NOT_FOUND. */
export function trainingPathOf(definition: string): string {
  const names = [`${stem(definition)}.train`, "train"].flatMap((name) => ENDINGS.map((ending) => `${name}.${ending}`));
  const found = names.map((name) => join(dirname(definition), name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  const path = shownPath(join(dirname(definition), `${stem(definition)}.train.ts`));
  throw fileNotFound({ what: "training file", path, hint: `it is to say what the network learns from: ${HINT}` });
}

export interface TrainingCode {
  readonly training: Training;
  readonly warnings: readonly TapelessError[];
  /** Runs a function of it. Throws TRAINING_THROWS with the place for what it throws. */
  readonly run: <T>(part: string, work: () => T | Promise<T>) => Promise<T>;
}

export async function loadTraining(path: string): Promise<TrainingCode> {
  const { exports, mapFrame, code, warnings } = await loadModule(path, "training");
  const found = exports.default as Partial<Training> | undefined;
  const shown = shownPath(path);
  const refuse = (what: string) => noTraining({ path: shown, found: what, hint: HINT });
  if (typeof found !== "object" || found === null)
    throw refuse("default" in exports ? `it is ${printValue(found)}` : "it has none");
  if (typeof found.load !== "function") throw refuse("it has no load function");
  if (typeof found.epochs !== "number") throw refuse("it does not say how many epochs");
  const run: TrainingCode["run"] = async (part, work) => {
    try {
      return await runUserCode(code, work);
    } catch (error) {
      if (isTapelessError(error)) throw relocated(error, mapFrame);
      // The training loop says itself what it refuses.
      if (error instanceof Error && error.name === "TrainError") throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw trainingThrows({ path: shown, part, message, at: code.placeOf(error), cause: error });
    }
  };
  return { training: found as Training, warnings, run };
}

/** What `load` gives. Throws NO_TRAINING for what is no data. */
export async function loadData({ training, run }: TrainingCode, path: string): Promise<Loaded> {
  const data = (await run("load()", () => training.load())) as Partial<Loaded> | undefined;
  const isData = (part: unknown): boolean =>
    typeof part === "object" && part !== null && ["inputs", "targets"].every((key) => isObject((part as never)[key]));
  const isRight = isObject(data) && isData(data.train) && (data.test === undefined || isData(data.test));
  if (isRight) return data as Loaded;
  const found = `its load() gives ${printValue(data)}, not { train: { inputs, targets } }`;
  throw noTraining({ path: shownPath(path), found, hint: HINT });
}

const isObject = <T>(value: T | undefined | null): value is T & object => typeof value === "object" && value !== null;
