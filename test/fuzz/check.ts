// Everything that is compared of one graph. The first thing that is wrong is returned.

import { compile, type Compilation } from "../../compiler/compile.js";
import type { Network } from "../../src/graph/network.js";
import { TapelessError } from "../../src/messages.js";
import { build, type Language } from "./build.js";
import { difference, MORE_ROUNDINGS, wantedOf, type Wanted } from "./compare.js";
import { emitted, hasRelaxed, Touched, type Emitted, type Variant } from "./emitted.js";
import { factsOf, type Facts } from "./facts.js";
import { play, printCall, scriptOf, type Script } from "./play.js";
import type { Sketch } from "./sketch.js";
import { slopesOf } from "./slope.js";
import { loopProblem } from "./written-out.js";

export interface Failure {
  /** The variant, or the interpreter. */
  readonly where: string;
  readonly kind: "refused" | "broken" | "slope" | "invalid" | "fails" | "touches" | "differs";
  /** Of what kind the wrong value is; of a broken statement its sentence without numbers. */
  readonly what: string;
  readonly sentence: string;
}

/** Equal for failures that a smaller graph must still have. */
export const signatureOf = ({ where, kind, what }: Failure): string => `${where}: ${kind} ${what}`;

export interface Checked {
  readonly failure: Failure | undefined;
  /** How many values were compared with a bound, and how many not, because honest rounding changes them much. */
  readonly compared: number;
  readonly unsteady: number;
}

export interface CheckOptions {
  /** Of data and of the network's own randomness. */
  readonly seed: number;
  readonly slopes: boolean;
  readonly variants: readonly Variant[];
  /** Faults that are planted on purpose: in the text of modules, or in what the interpreter is given. */
  readonly spoil?: (source: string) => string;
  readonly change?: (facts: Facts) => Facts;
  /** What the sketch calls, where loops are compared with what they are written out; the exports unless stated. */
  readonly language?: Language;
}

const SEED = 7;

export function check(sketch: Sketch, options: CheckOptions): Checked {
  const checked = checkBuilt(() => build(sketch), options);
  if (checked.failure || !options.slopes) return checked;
  const sentence = loopProblem(sketch, options.seed, options.language);
  const failure = sentence === undefined ? undefined : ({ ...LOOP, sentence } as const);
  return { ...checked, failure };
}

const LOOP = { where: "interpreter", kind: "slope", what: "loop" } as const;

/** The same of a network that is there, or that is still to be built. */
export function checkBuilt(declare: () => Network, options: CheckOptions): Checked {
  const counts = { compared: 0, unsteady: 0 };
  const failed = (failure: Failure | undefined): Checked => ({ failure, ...counts });
  let facts: Facts;
  let script: Script;
  let wanted: readonly Wanted[];
  const dtypes = [...new Set(options.variants.map(({ dtype }) => dtype))];
  try {
    facts = factsOf(declare());
    facts = options.change?.(facts) ?? facts;
    script = scriptOf(facts, options.seed);
    if (options.slopes) {
      for (const { kind, sentence } of slopesOf(facts, script, SEED)) {
        if (kind === "unsteady") counts.unsteady++;
        if (kind === "right") counts.compared++;
        if (kind === "wrong") return failed({ where: "interpreter", kind: "slope", what: "gradient", sentence });
      }
    }
    wanted = wantedOf(facts, script, SEED, dtypes);
  } catch (error) {
    return failed(thrown("interpreter", error));
  }
  for (const variant of options.variants) {
    const look = (): Failure | undefined => failureOf(facts, script, wanted, variant, counts, options.spoil);
    let failure = look();
    if (failure?.kind === "differs" && variant.dtype === "float32") {
      wanted = wantedOf(facts, script, SEED, dtypes, MORE_ROUNDINGS);
      failure = look();
    }
    if (failure) return failed(failure);
  }
  return failed(undefined);
}

function thrown(where: string, error: unknown): Failure {
  const [sentence = ""] = String((error as Error)?.message ?? error).split("\n");
  const what = sentence
    .replace(/-?\d+(\.\d+)?(e-?\d+)?/g, "n")
    .replace(/\b[vxnb]n\b|"[^"]*"/g, "v")
    .slice(0, 120);
  if (error instanceof TapelessError) return { where, kind: "refused", what, sentence };
  if (error instanceof Touched) return { where, kind: "touches", what: "", sentence };
  return { where, kind: /invariant broken/.test(sentence) ? "broken" : "fails", what, sentence };
}

/** Compilations of a graph that differ in nothing but how they are run. */
const compilations = new WeakMap<Facts, Map<string, Compilation>>();

function compiledFor(facts: Facts, { target, dtype }: Variant): Compilation {
  const known = compilations.get(facts) ?? new Map<string, Compilation>();
  compilations.set(facts, known);
  const compiled = known.get(`${target} ${dtype}`) ?? compile(facts.network, { target, dtype, constNames: "ordinals" });
  known.set(`${target} ${dtype}`, compiled);
  return compiled;
}

class Differs extends Error {
  constructor(
    readonly what: string,
    sentence: string,
  ) {
    super(sentence);
  }
}

function failureOf(
  facts: Facts,
  script: Script,
  wanted: readonly Wanted[],
  variant: Variant,
  counts: { compared: number; unsteady: number },
  spoil: CheckOptions["spoil"],
): Failure | undefined {
  const where = variant.name;
  let machine: Emitted | undefined;
  try {
    const compiled = compiledFor(facts, variant);
    // Without such sums the module is the same.
    if (variant.relaxed && !hasRelaxed(compiled) && variant.threads === 1) return undefined;
    machine = emitted(compiled, facts, variant, SEED, spoil);
    let k = 0;
    play(machine, script, facts, ({ call, group, values }) => {
      const { bound, values: expected } = wanted[k++]!;
      const allowed = bound[variant.dtype];
      if (allowed === undefined) return void counts.unsteady++;
      counts.compared++;
      const sentence = difference(values, expected, allowed);
      if (sentence) throw new Differs(group, `${printCall(call)}: ${group} ${sentence}`);
    });
    return undefined;
  } catch (error) {
    if (error instanceof Differs) return { where, kind: "differs", what: error.what, sentence: error.message };
    if (
      !machine &&
      error instanceof Error &&
      /Transform failed|SyntaxError|CompileError/.test(`${error.name} ${error.message}`)
    ) {
      return { where, kind: "invalid", what: "module", sentence: error.message.split("\n").slice(0, 2).join(" ") };
    }
    return thrown(where, error);
  } finally {
    machine?.dispose();
  }
}
