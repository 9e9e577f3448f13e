// `tapeless gradcheck`: compares the gradients of definitions with differences, and what is emitted with the interpreter.

import { readFileSync } from "node:fs";
import { badData, badUsage, fileNotFound, printValue, throwAll } from "../../src/messages.js";
import type { GradcheckReport } from "../gradcheck/index.js";
import { warn, type Surroundings } from "./surroundings.js";
import { Failures } from "./generate.js";
import { planJobs } from "./plan.js";
import { loadDefinition, type Definition } from "./load.js";
import { isTapelessError, placeOf, relocated } from "./located.js";
import { shownPath } from "./paths.js";

export interface GradcheckRequest {
  readonly files: readonly string[];
  readonly rows: number | undefined;
  readonly seed: number | undefined;
  readonly seconds: number | undefined;
  /** A JSON file with values of inputs and targets, absolute. */
  readonly data: string | undefined;
}

/** Returns the exit code: 0, or 1 where a gradient or a build is wrong. User errors are thrown. */
export async function runGradcheck(request: GradcheckRequest, to: Surroundings): Promise<number> {
  const { jobs } = await planJobs(to, request.files, {});
  if (request.data !== undefined && jobs.length > 1)
    throw badUsage({ text: `--data is for one definition, but there are ${jobs.length}` });
  const data = request.data === undefined ? {} : readData(request.data);
  const failures = new Failures();
  let passes = true;
  for (const { input } of jobs) {
    await failures.collect(async () => {
      const { rows, seed, seconds } = request;
      const options = {
        ...data,
        ...(rows && { rows }),
        ...(seed !== undefined && { seed }),
        ...(seconds && { seconds }),
      };
      const definition = await loadDefinition(input);
      warn(to, definition);
      const report = await gradcheckDefinition(definition, options, to);
      passes &&= report.passes;
    });
  }
  throwAll(failures.errors);
  return passes ? 0 : 1;
}

/** Checks a definition and prints the report, with places in the user's files. */
export async function gradcheckDefinition(
  { network, constNames, mapFrame }: Pick<Definition, "network" | "constNames" | "mapFrame">,
  options: Parameters<typeof import("../gradcheck/index.js").gradcheck>[1],
  to: Surroundings,
): Promise<GradcheckReport> {
  const { gradcheck, printReport } = await import("../gradcheck/index.js");
  try {
    const report = gradcheck(network, { ...options, constNames });
    const shown = (path: string): string => shownPath(path, to.cwd);
    to.out(`${printReport(report, { placeOf: (site) => placeOf(site, mapFrame), shown })}\n`);
    return report;
  } catch (error) {
    throw isTapelessError(error) ? relocated(error, mapFrame) : error;
  }
}

type Columns = Readonly<Record<string, readonly number[]>>;

/** `{ "inputs": { "x": [1, 2] }, "targets": { "y": [0] } }` */
function readData(path: string): { readonly inputs?: Columns; readonly targets?: Columns } {
  const shown = shownPath(path);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw fileNotFound({ what: "data file", path: shown, cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badData({
      text: `${shown} is no JSON: ${error instanceof Error ? error.message : String(error)}`,
      cause: error,
    });
  }
  const groups = isRecord(value) ? Object.entries(value) : undefined;
  if (!groups) throw badData({ text: `${shown} must hold an object, but it is ${printValue(value)}` });
  for (const [group, columns] of groups) {
    if (group !== "inputs" && group !== "targets")
      throw badData({ text: `${shown} has ${printValue(group)}, which means nothing here` });
    const wrong = isRecord(columns)
      ? Object.entries(columns).find(([, column]) => !Array.isArray(column))
      : [group, columns];
    if (wrong)
      throw badData({
        text: `${shown}: ${wrong[0]} must be ${wrong[0] === group ? "an object of lists" : "a list of numbers"}, but it is ${printValue(wrong[1])}`,
      });
  }
  return value as ReturnType<typeof readData>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
