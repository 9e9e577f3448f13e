// One step: the derived gradient of its loss by its parameters, beside differences of the loss.

import type { Entry as NetworkEntry } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import type { CallSite } from "../../src/graph/origin.js";
import { evaluateShape } from "../../src/graph/shape.js";
import { gradientAt } from "../../src/ops/marker/markers.js";
import { differentiate } from "../1-differentiate/index.js";
import { alongElement, judge, type Judgement } from "../differences.js";
import { interpreterOf } from "../../src/graph/interpret.js";
import { resolveScalar } from "../formula/resolve.js";
import type { OpenInterpreter } from "../interpret.js";
import { randomNumbers } from "../random-numbers.js";
import { readersAtFault, readersOf } from "./blame.js";
import { entryBehind, judgeDirection, type Along } from "./directions.js";
import { asMeant } from "./held.js";
import { leavesIn, lossAt, type Loss, type Varied } from "./losses.js";
import { planOf, type Entry, type Plan } from "./plan.js";

/** An entry of a gradient, derived and measured. */
export interface Comparison {
  readonly parameter: string;
  readonly index: readonly number[];
  readonly derived: number;
  readonly measured: number;
  /** How far apart they are, as a share of what is allowed: more than 1 differs. */
  readonly off: number;
  /** The calls that read the parameter; where they differ, those whose rule is wrong. */
  readonly ops: readonly { readonly op: string; readonly site: CallSite }[];
  /** The call that made the parameter. */
  readonly site: CallSite;
}

export interface StepReport {
  readonly step: string;
  readonly loss: number;
  readonly parameters: number;
  readonly tensors: number;
  /** Entries and directions that agree with differences, or differ. */
  readonly entries: number;
  readonly directions: number;
  /** Not compared: at a kink, where there is no derivative; and for want of time. */
  readonly kinks: number;
  readonly left: number;
  readonly worst: Comparison | undefined;
  /** The first wrong entry of each tensor that has one. */
  readonly wrong: readonly Comparison[];
  /** So many entries are at kinks that the others say little. */
  readonly tooManyKinks: boolean;
  /** Gradients that are stated and said not to be checked: taken as they are. */
  readonly unchecked: readonly CallSite[];
  readonly passes: boolean;
}

/** The share of entries that may be at kinks. */
const KINKS = 0.1;
const FEW_KINKS = 2;

/** Wrong directions after which no more are looked at: the search for what they are due to takes long. */
const ENOUGH = 2;

/** The part of the time that directions may take, when there is more to compare than time. */
const SHARE_OF_DIRECTIONS = 0.4;

export interface StepOptions {
  readonly rows: number;
  readonly seed: number;
  /** When to end, in milliseconds of `performance.now()`. What is most telling comes first. */
  readonly until: number;
}

export function checkStep(open: OpenInterpreter, entry: NetworkEntry, options: StepOptions): StepReport {
  const { rows, seed, until } = options;
  const subject = subjectOf(open, entry, rows);
  const { gradients, parameters, loss, noise } = subject;
  const plan = planOf(gradients, seed);
  const found = new Findings(subject);
  const start = performance.now();
  const ends = start + (until - start) * SHARE_OF_DIRECTIONS;
  const along: Along = { gradients, noise, loss: loss.over(parameters.map(({ leaf }) => leaf)) };
  let done = 0;
  let directions = 0;
  for (const direction of plan.directions) {
    if (done > 0 && performance.now() > ends) break;
    if (found.behind === ENOUGH) break;
    done++;
    const { kind } = judgeDirection(along, direction);
    if (kind !== "kink") directions++;
    // What a wrong direction is due to is compared like any other entry.
    if (kind === "differs") found.behindDirection(entryBehind(along, direction));
  }
  const [compared, left] = compareEntries(plan, found, until, directions > 0 ? 0 : 1);
  return found.report({
    step: entry.step!,
    entries: compared,
    directions,
    left: left + (found.behind === ENOUGH ? 0 : plan.directions.length - done),
  });
}

function compareEntries(
  { entries }: Plan,
  found: Findings,
  until: number,
  least: number,
): readonly [compared: number, left: number] {
  for (const [i, entry] of entries.entries()) {
    if (i >= least && performance.now() > until) return [i, entries.length - i];
    found.entry(entry);
  }
  return [entries.length, 0];
}

interface Subject {
  readonly root: Node;
  readonly loss: Loss;
  readonly parameters: readonly { readonly name: string; readonly leaf: Node }[];
  readonly gradients: readonly Float64Array[];
  readonly noise: number;
  readonly rows: number;
  readonly unchecked: readonly CallSite[];
}

/** The loss as declared, and its gradient as the pipeline derives it. */
function subjectOf(open: OpenInterpreter, entry: NetworkEntry, rows: number): Subject {
  const declared = open.named.find(({ name }) => name === entry.name)!;
  const { value } = declared.results.find(({ kind }) => kind === "loss")!;
  const unchecked = new Set<CallSite>();
  const [root] = asMeant(differentiate([value]), (node) => unchecked.add(node.origin.site)) as [Node];
  const loss = lossAt(root, rows, leavesIn(open.memory));
  const results = entry.results.filter(({ kind, of }) => kind === "gradient" && of);
  const parameters = results.map(({ name, of }) => ({ name, leaf: of! }));
  const derived =
    unchecked.size > 0 ? differentiate(parameters.map(({ leaf }) => gradientAt(leaf.origin, root, leaf))) : [];
  const graphs = unchecked.size > 0 ? derived : results.map((result) => result.value);
  const values = interpreterOf(graphs, { rows, scalarOf: resolveScalar })(loss.leaf);
  const gradients = graphs.map((graph) => values.get(graph)!);
  return { root, loss, parameters, gradients, rows, noise: noiseOf(loss, parameters), unchecked: [...unchecked] };
}

/** A loss is off by rounding at least this often its last digit. */
const LAST_DIGITS = 64;

/** Milliseconds after which one sample of the noise has to do. */
const MOST_FOR_NOISE = 500;

/** How far a loss is off by rounding: how far it moves when parameters do by a last digit or two. */
function noiseOf(loss: Loss, parameters: Subject["parameters"]): number {
  const { at, evaluate } = loss.over(parameters.map(({ leaf }) => leaf));
  const random = randomNumbers(1);
  const centre = at.map((list) => Float64Array.from(list));
  let most = 0;
  const ends = performance.now() + MOST_FOR_NOISE;
  for (let round = 0; round === 0 || (round < 4 && performance.now() < ends); round++) {
    at.forEach((list, k) => list.forEach((_, i) => (list[i] = centre[k]![i]! * (1 + (random() - 0.5) * 2 ** -50))));
    most = Math.max(most, Math.abs(evaluate() - loss.value));
  }
  return Math.max(LAST_DIGITS * Number.EPSILON * Math.abs(loss.value), 8 * (Number.isFinite(most) ? most : 0), 1e-300);
}

/** Gathers what was found. */
class Findings {
  readonly #subject: Subject;
  readonly #losses = new Map<number, Varied>();
  readonly #wrong = new Map<number, Comparison>();
  #worst: { readonly entry: Entry; readonly judged: Judgement } | undefined;
  /** Directions that differed. */
  behind = 0;
  #kinks = 0;
  #lost = 0;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  entry({ tensor, element }: Entry): Judgement {
    const { gradients, loss, parameters, noise } = this.#subject;
    let varied = this.#losses.get(tensor);
    if (!varied) this.#losses.set(tensor, (varied = loss.over([parameters[tensor]!.leaf])));
    const judged = judge(gradients[tensor]![element]!, alongElement(varied.at[0]!, element, varied.evaluate), noise);
    if (judged.kind === "kink") this.#kinks++;
    else if (!this.#worst || judged.off > this.#worst.judged.off) this.#worst = { entry: { tensor, element }, judged };
    if (judged.kind === "differs" && !this.#wrong.has(tensor)) {
      this.#wrong.set(tensor, this.#comparison({ tensor, element }, judged, true));
    }
    return judged;
  }

  /** A direction differs, and this entry is the one that it seems to be due to. */
  behindDirection(entry: Entry): void {
    this.behind++;
    if (this.entry(entry).kind !== "differs") this.#lost++;
  }

  report(counts: Pick<StepReport, "step" | "entries" | "directions" | "left">): StepReport {
    const { loss, gradients, unchecked } = this.#subject;
    const wrong = [...this.#wrong.values()];
    const tooManyKinks = this.#kinks > Math.max(FEW_KINKS, KINKS * counts.entries);
    return {
      ...counts,
      loss: loss.value,
      parameters: gradients.reduce((sum, { length }) => sum + length, 0),
      tensors: gradients.length,
      kinks: this.#kinks,
      worst: this.#worst && this.#comparison(this.#worst.entry, this.#worst.judged, false),
      wrong,
      tooManyKinks,
      unchecked,
      passes: wrong.length === 0 && this.#lost === 0 && !tooManyKinks,
    };
  }

  #comparison({ tensor, element }: Entry, { measured, off }: Judgement, isWrong: boolean): Comparison {
    const { root, parameters, gradients, rows } = this.#subject;
    const { name, leaf } = parameters[tensor]!;
    const readers = isWrong ? readersAtFault(root, leaf, this.#subject) : readersOf(root, leaf);
    return {
      parameter: name,
      index: indexOf(element, evaluateShape(leaf.shape, rows)),
      derived: gradients[tensor]![element]!,
      measured,
      off,
      ops: readers.map((node) => ({ op: node.def.name, site: node.origin.site })),
      site: leaf.origin.site,
    };
  }
}

function indexOf(element: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = element;
  for (const size of shape.toReversed()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}
