// A report as text, for people.

import type { Frame } from "../../src/graph/origin.js";
import { userFrames, type CallSite } from "../../src/graph/origin.js";
import type { BuildReport } from "./builds.js";
import type { GradcheckReport } from "./gradcheck.js";
import type { Comparison, StepReport } from "./step.js";

export interface PrintOptions {
  /** The place of a call in the user's file. Default: that of its stack. */
  readonly placeOf: (site: CallSite) => Frame | undefined;
  /** A file's path as it is shown. Default: as it is. */
  readonly shown: (path: string) => string;
}

const AS_THEY_ARE: PrintOptions = { placeOf: (site) => userFrames(site)[0], shown: (path) => path };

/**
 * A report of {@link gradcheck} as lines of text: for each step what was compared and the worst entry, for each build
 * the largest deviation.
 * @param report what `gradcheck` gave
 * @returns the text
 * @example
 * ```ts
 * const x = input("x", ["batch", 1]);
 * const y = target("y", ["batch", 1]);
 * const line = dense(x, 1, { name: "line", weightInitializer: 0 });
 * const net = network("line", { batch: 4, outputs: { line }, loss: meanSquaredError(line, y), optimizer: sgd({ rate: 0.1 }) });
 * printGradcheck(gradcheck(net, { rows: 4, builds: [] })).split("\n")[0]; // "line: gradients are right  (4 rows, seed 1)"
 * ```
 */
export function printReport(report: GradcheckReport, options: PrintOptions = AS_THEY_ARE): string {
  const at = (site: CallSite): string => {
    const place = options.placeOf(site);
    return place ? `${options.shown(place.file)}:${place.line}:${place.column}` : `a call of ${site.call}`;
  };
  const { network, rows, seed, steps, builds, passes } = report;
  const lines = [
    `${network}: ${passes ? "gradients are right" : "gradients are WRONG"}  (${count(rows, "row")}, seed ${seed})`,
  ];
  for (const step of steps) lines.push(...printStep(step, at));
  for (const build of builds) lines.push(...printBuild(build));
  if (!steps.every((step) => step.passes)) lines.push("  emitted modules were not compared: they would be wrong alike");
  return lines.join("\n");
}

type At = (site: CallSite) => string;

function printStep(step: StepReport, at: At): string[] {
  const { entries, directions, kinks, left, parameters, worst, wrong, unchecked } = step;
  const along = directions > 0 ? ` and ${count(directions, "random direction")}` : "";
  const of = entries === parameters ? `all ${count(entries, "entry", "entries")}` : count(entries, "entry", "entries");
  const out = entries === parameters ? "" : ` of ${count(parameters, "parameter")}`;
  const what = `${of}${along}${out} in ${count(step.tensors, "tensor")}`;
  const lines = [`  ${step.step}, loss ${short(step.loss)}: ${what} against differences of the loss`];
  for (const one of wrong) lines.push(...printWrong(one, at));
  if (!step.passes && wrong.length === 0 && !step.tooManyKinks)
    lines.push("    WRONG along a random direction; no single entry could be named");
  if (wrong.length === 0 && worst) lines.push(`    worst: ${numbers(worst)}, ${readers(worst, at)}`);
  if (kinks > 0)
    lines.push(
      `    at a kink, not compared: ${count(kinks, "entry", "entries")}${step.tooManyKinks ? ", too many: try another seed or other values" : ""}`,
    );
  if (left > 0) lines.push(`    left for want of time: ${left}`);
  for (const site of unchecked)
    lines.push(`    taken as stated, { check: false }: the gradient of customGradient at ${at(site)}`);
  return lines;
}

const printWrong = (one: Comparison, at: At): string[] => [
  `    WRONG: ${numbers(one)}`,
  `      the parameter is made at ${at(one.site)}`,
  `      the gradient goes wrong in ${readers(one, at)}`,
];

const numbers = ({ parameter, index, derived, measured }: Comparison): string =>
  `${parameter}[${index.join(", ")}] derived ${long(derived)}, measured ${long(measured)}`;

const readers = ({ ops }: Comparison, at: At): string =>
  ops.length === 0 ? "nothing" : [...new Set(ops.map(({ op, site }) => `${op} at ${at(site)}`))].slice(0, 3).join(", ");

function printBuild({ target, dtype, numbers: compared, worst, passes }: BuildReport): string[] {
  const line = `  ${target} ${dtype}: ${count(compared, "number")} against the interpreter`;
  if (!worst) return [line];
  if (passes) return [`${line}, at most ${percent(worst.off)} of the allowed deviation`];
  const { entry, name, element, emitted, interpreted } = worst;
  return [line, `    WRONG: ${entry}, ${name}[${element}] emitted ${long(emitted)}, interpreted ${long(interpreted)}`];
}

const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
const short = (x: number): string => String(Number(x.toPrecision(5)));
const long = (x: number): string => String(Number(x.toPrecision(9)));
const percent = (x: number): string => `${x < 0.001 ? "0.1" : (100 * x).toPrecision(2)} %`;
