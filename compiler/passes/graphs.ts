// Graph passes: after each phase the entries give what they gave before it, and each use of a law in it changes nothing.

import type { Entry } from "../../src/graph/network.js";
import { interpreterOf } from "../../src/graph/interpret.js";
import type { Node } from "../../src/graph/node.js";
import type { CallSite } from "../../src/graph/origin.js";
import { differentiate } from "../1-differentiate/index.js";
import { expandComposites, simplify, stabilize, type Firing, type RewriteEvent } from "../2-simplify/index.js";
import { poolLaws } from "../2-simplify/laws/pools.js";
import { resolveScalar } from "../formula/resolve.js";
import { rootsOf } from "../0-declare/entry-names.js";
import { wrongFiring } from "./firings.js";
import { difference, draw, scaleOf, type Kind } from "./values.js";

export interface Finding {
  /** The id of a law, a phase over graphs, or a pass over kernels. */
  readonly kind: "law" | "phase" | "pass";
  readonly name: string;
  /** The entry, result, op or kernel where it shows. */
  readonly where: string;
  readonly site?: CallSite | undefined;
  readonly values: Kind;
  readonly before: number;
  readonly after: number;
}

export interface GraphOptions {
  readonly rows: number;
  readonly random: () => number;
  /** What values are tried. */
  readonly kinds: readonly Kind[];
  /** Uses of each law that are looked at. */
  readonly uses: number;
  /** Laws by id that may make a difference where values are special. */
  readonly accepted: Readonly<Record<string, string>>;
  /** Told of each use of a law, by its id. */
  readonly onLaw?: (law: string) => void;
  /** In place of the phases' own, for negative controls. */
  readonly simplify?: (
    roots: readonly Node[],
    options: { readonly record: (event: RewriteEvent) => void },
  ) => readonly Node[];
}

/** The entries after each phase, in order. */
export type Phases = readonly (readonly [phase: string, entries: readonly Entry[]])[];

type Phase = (roots: readonly Node[], record: (event: RewriteEvent) => void) => unknown;

/** The phases that apply laws, to be run again over what they were given. */
const recorded = (run: NonNullable<GraphOptions["simplify"]>): Readonly<Record<string, Phase>> => ({
  stabilize: (roots, record) => stabilize(roots, { record }),
  simplify: (roots, record) => run(roots, { record }),
  expand: (roots, record) => run(expandComposites(roots), { record }),
});

export function checkGraphs(phases: Phases, options: GraphOptions): Finding[] {
  const findings: Finding[] = [];
  for (const [i, [phase, entries]] of phases.entries()) {
    if (i === 0) continue;
    const before = phases[i - 1]![1];
    const roots = before.flatMap(rootsOf);
    const { found, excused } = checkLaws(phase, roots, options);
    findings.push(...found);
    const kinds = options.kinds.filter((kind) => !(excused && kind === "special"));
    const isSame = entries.flatMap(rootsOf).every((root, k) => root === roots[k]);
    if (phase !== "differentiate" && !isSame)
      findings.push(...checkPhase(phase, before, entries, { ...options, kinds }));
  }
  return findings;
}

/** Makes numbers where there were none on purpose: log(exp(1000)) is 1000. */
const mends = ({ law }: Firing, phase: string): boolean =>
  phase === "stabilize" && !poolLaws.some(({ id }) => id === law.id);

/** `excused`: a law was used that may make a difference. */
function checkLaws(
  phase: string,
  roots: readonly Node[],
  options: GraphOptions,
): { readonly found: readonly Finding[]; readonly excused: boolean } {
  const findings: Finding[] = [];
  const counts = new Map<string, number>();
  const found = new Set<string>();
  let excused = false;
  recorded(options.simplify ?? simplify)[phase]?.(roots, (firing) => {
    if (firing.kind !== "law") return;
    const { id } = firing.law;
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    options.onLaw?.(id);
    const isAccepted = Object.hasOwn(options.accepted, id);
    excused ||= isAccepted;
    if (count > options.uses || found.has(id)) return;
    const wrong = wrongFiring(firing, { ...options, mayMend: mends(firing, phase) });
    if (!wrong || (isAccepted && wrong.kind === "special")) return;
    found.add(id);
    const { def, origin } = firing.place;
    findings.push({
      kind: "law",
      name: id,
      where: `${def.name}, element ${wrong.element}`,
      site: origin.site,
      values: wrong.kind,
      before: wrong.before,
      after: wrong.after,
    });
  });
  return { found: findings, excused };
}

function checkPhase(
  phase: string,
  before: readonly Entry[],
  after: readonly Entry[],
  options: GraphOptions,
): Finding[] {
  const { rows, random } = options;
  const leaves = new Map<Node, Float64Array>();
  for (const values of options.kinds) {
    leaves.clear();
    const leaf = (node: Node): Float64Array => {
      let own = leaves.get(node);
      if (!own) leaves.set(node, (own = draw(node, rows, random, values)));
      return own;
    };
    try {
      const [a, b] = [before, after].map((entries) => resultsOf(entries, rows, leaf)) as [Results, Results];
      // The stable forms of one phase are in all that follow; in the first they may mend what was no number.
      const found = firstDifference(a, b, {
        mayMend: phase === "stabilize",
        spread: () => spreadOf(before, rows, leaf),
      });
      if (found) return [{ kind: "phase", name: phase, values, ...found }];
    } catch {
      // An index that is computed from what was drawn names nothing.
    }
  }
  return [];
}

export type Results = readonly { readonly where: string; readonly values: ArrayLike<number> }[];

/** Every result and update of the entries. */
function resultsOf(
  entries: readonly Entry[],
  rows: number,
  leaf: (node: Node) => ArrayLike<number>,
  through?: (node: Node, value: Float64Array) => Float64Array,
): Results {
  const roots = differentiate(entries.flatMap(rootsOf));
  const values = interpreterOf(roots, { rows, scalarOf: resolveScalar, ...(through && { through }) })(leaf);
  let next = 0;
  return entries.flatMap((entry) => [
    ...entry.results.map(({ kind, name }) => ({
      where: `${entry.name}: ${kind} ${name}`,
      values: values.get(roots[next++]!)!,
    })),
    ...entry.updates.map((_, i) => ({ where: `${entry.name}: update ${i}`, values: values.get(roots[next++]!)! })),
  ]);
}

/** How far rounding alone moves each result: what Adam divides by a gradient of nothing may be anything. */
export function spreadOf(
  entries: readonly Entry[],
  rows: number,
  leaf: (node: Node) => ArrayLike<number>,
): Float64Array[] {
  const exact = resultsOf(entries, rows, leaf);
  const spreads = exact.map(({ values }) => new Float64Array(values.length));
  for (const sign of [1, -1, 2]) {
    const moved = resultsOf(entries, rows, leaf, (node, value) =>
      node.dtype === "float32" ? value.map((x, i) => x * (1 + (i % 2 === 0 ? sign : -sign) * Number.EPSILON)) : value,
    );
    moved.forEach(({ values }, k) =>
      spreads[k]!.forEach((most, i) => {
        const [now, before] = [values[i]!, exact[k]!.values[i]!];
        // An infinite factor of a difference that is 0 but for rounding is NaN or infinite by chance.
        const moved = Number.isFinite(before) || Object.is(now, before) ? Math.abs(now - before) : Infinity;
        if (moved > most) spreads[k]![i] = moved;
      }),
    );
  }
  return spreads;
}

export function firstDifference(
  before: Results,
  after: Results,
  options: { readonly mayMend: boolean; readonly spread: () => readonly Float64Array[] },
): { readonly where: string; readonly before: number; readonly after: number } | undefined {
  const scale = scaleOf(...before.map(({ values }) => values));
  let spread: readonly Float64Array[] | undefined;
  for (const [k, { where, values }] of before.entries()) {
    const { mayMend } = options;
    if (!difference(values, after[k]!.values, { scale, mayMend })) continue;
    spread ??= options.spread();
    const found = difference(values, after[k]!.values, { scale, mayMend, spread: spread[k] });
    if (found) return { where: `${where}, element ${found.element}`, before: found.before, after: found.after };
  }
  return undefined;
}
