// The compiler looked over pass by pass, and the controls that show it sees what is planted. `npm run verify:passes` looks at every op,
// every small network and every example; here are a few of each.

import { describe, expect, test } from "vitest";
import { algebra } from "../../compiler/2-simplify/law.js";
import { isFilledWith } from "../../compiler/2-simplify/match.js";
import { laws } from "../../compiler/2-simplify/laws.js";
import { poolLaws } from "../../compiler/2-simplify/laws/pools.js";
import { stableForms } from "../../compiler/2-simplify/laws/stable.js";
import { simplify } from "../../compiler/2-simplify/index.js";
import { addAffine, offset } from "../../src/graph/affine.js";
import type { Statement } from "../../compiler/ir/kernel.js";
import { renamed } from "../../compiler/ir/rename.js";
import {
  ACCEPTED,
  KINDS,
  lowered,
  printFinding,
  verifyLowered,
  verifyPasses,
  type VerifyOptions,
} from "../../compiler/passes/index.js";
import { add, mul, sub } from "../../src/ops/pointwise/arithmetic.js";
import { makeFilled } from "../../src/ops/leaf/leaves.js";
import * as t from "../../src/index.js";
import { lawNetworks } from "./law-networks.js";
import { examples, ops, small } from "./subjects.js";

// npm says which of its commands it runs.
const everything = process.env.npm_lifecycle_event === "verify:passes";
const some = <T>(list: readonly T[], every: number): T[] => list.filter((_, i) => everything || i % every === 0);

const tensor = (x: unknown): t.Tensor => x as t.Tensor;
const options: VerifyOptions = { rows: 3, seed: 5, uses: 4, kinds: KINDS, accepted: ACCEPTED };

describe("nothing changes", () => {
  test.each([...some(ops, 12), ...some(small, 8)])("%s", async (_, make) => {
    const network = await make();
    for (const rows of [1, 3]) {
      if (rows > network.capacity) continue;
      expect(verifyPasses(network, { ...options, rows }).map(printFinding)).toEqual([]);
    }
  });

  test.each(Object.entries(lawNetworks))("laws of %s graphs", (_, make) => {
    const all = lowered(make());
    for (const [rows, seed] of [
      [1, 1],
      [4, 8],
    ] as const) {
      expect(verifyLowered(all, { ...options, uses: 100, rows, seed }).map(printFinding)).toEqual([]);
    }
  });

  // Their kernels take the evaluator seconds to minutes: ordinary values alone, and the small ones alone where time matters.
  const affordable = everything ? examples : examples.filter(([name]) => /logistic|iris|penguins/.test(name));
  test.each(affordable)(
    "%s",
    async (_, make) => {
      const found = verifyPasses(await make(), { ...options, rows: 2, uses: 2, kinds: ["finite"] });
      expect(found.map(printFinding)).toEqual([]);
    },
    1_200_000,
  );
});

/** What no function of the language makes: each returns its operand. */
const NEVER_USED = ["reshape-to-its-shape", "transpose-in-order", "broadcast-to-its-shape"];

test.runIf(everything)(
  "every law is looked at",
  async () => {
    const used = new Set<string>();
    for (const [, make] of [...ops, ...small, ...examples, ...Object.entries(lawNetworks)]) {
      verifyLowered(
        { ...lowered(await make()), entries: [] },
        { ...options, kinds: [], onLaw: (id) => void used.add(id) },
      );
    }
    const all = [...laws, ...stableForms, ...poolLaws].map(({ id }) => id);
    expect(all.filter((name) => !used.has(name)).sort()).toEqual([...NEVER_USED].sort());
  },
  1_200_000,
);

test("each law that is accepted makes the difference that it is accepted for", () => {
  const found = new Set<string>();
  for (const make of Object.values(lawNetworks)) {
    const all = { ...lowered(make()), entries: [] };
    for (const seed of [7, 8]) {
      for (const one of verifyLowered(all, { ...options, rows: 4, seed, uses: 100, accepted: {} }))
        if (one.kind === "law") found.add(one.name);
    }
  }
  expect([...found].sort()).toEqual(Object.keys(ACCEPTED).sort());
});

type Reduction = Extract<Statement, { kind: "reduction" }>;

/** Statements with other accumulators. */
const mapReductions = (
  statements: readonly Statement[],
  change: (one: Reduction["accumulators"][number]) => Reduction["accumulators"][number],
): readonly Statement[] =>
  statements.map((s): Statement => {
    if (s.kind === "loop") return { ...s, body: mapReductions(s.body, change) };
    return s.kind === "reduction" ? { ...s, accumulators: s.accumulators.map(change) } : s;
  });

/** Two layers of few units, in which a value is added to itself. */
function subject(units = 4): t.Network {
  const x = tensor(t.input("x", ["batch", 3]));
  const h = tensor(t.tanh(t.dense(x as never, units)));
  const y = tensor(t.dense(t.add(h, h) as never, 2));
  const loss = tensor(t.mean(t.square(t.sub(y, t.target("y", ["batch", 2]) as never))));
  return t.network("subject", { batch: 4, loss, outputs: { y }, optimizer: t.sgd({ rate: 0.1, momentum: 0.5 }) });
}

/** Simplification with one more law, tried first. */
const withLaw =
  (planted: (typeof laws)[number]): NonNullable<VerifyOptions["simplify"]> =>
  (roots, { record }) =>
    simplify(roots, { record, laws: [planted, ...laws] });

describe("negative controls", () => {
  test("a law that is wrong is named, with the op and the numbers", () => {
    const planted = algebra("planted", "x + x = x", add.def, ({ inputs: [a, b] }) => a === b && a);
    const findings = verifyPasses(subject(), { ...options, simplify: withLaw(planted) });
    expect(findings.map(({ kind, name }) => [kind, name])).toEqual([["law", "planted"]]);
    expect(findings[0]!.before).toBe(2 * findings[0]!.after);
    expect(printFinding(findings[0]!)).toMatch(
      /^law "planted" at add, element \d+: \S+ before, \S+ after \(finite values\)$/,
    );
  });

  test.each([
    // x * 0 is NaN for an infinite x.
    [
      "x * 0 = 0",
      algebra(
        "planted-product",
        "x * 0 = 0",
        mul.def,
        ({ inputs: [a, b], shape }, { origin }) =>
          isFilledWith(b!, 0) && a !== b && makeFilled(origin, 0, shape, "float32"),
      ),
    ],
    [
      "x - x = 0",
      algebra(
        "planted-difference",
        "x - x = 0",
        sub.def,
        ({ inputs: [a, b], shape }, { origin }) => a === b && makeFilled(origin, 0, shape, "float32"),
      ),
    ],
  ] as const)("a law that hides a NaN is named: %s", (name, planted) => {
    const x = tensor(t.input("x", ["batch", 3]));
    const y = name === "x - x = 0" ? t.sub(t.tanh(x), t.tanh(x) as never) : t.mul(t.exp(x), 0);
    const same = tensor(t.mul(x, 2));
    const net = t.network("hides", { batch: 4, outputs: { y: tensor(y), z: tensor(t.sub(same, same as never)) } });
    const findings = verifyPasses(net, { ...options, simplify: withLaw(planted) });
    expect([...new Set(findings.map((one) => one.name))]).toEqual([planted.id]);
    expect(findings[0]!.values).toBe("special");
    expect([findings[0]!.before, findings[0]!.after]).toEqual([NaN, 0]);
  });

  test("a law that is right where its values can be is not named", () => {
    // The square root of a square is the value itself where the value is an exponential.
    const planted = algebra(
      "planted",
      "sqrt(x * x) = x",
      t.sqrt(tensor(t.input("u", [1]))).def,
      ({ inputs: [a] }) =>
        a!.def === mul.def && a!.inputs[0] === a!.inputs[1] && a!.inputs[0]!.def.name === "exp" && a!.inputs[0]!,
    );
    const e = tensor(t.exp(tensor(t.input("x", ["batch", 3]))));
    const net = t.network("roots", { batch: 4, outputs: { y: tensor(t.sqrt(t.mul(e, e as never))) } });
    expect(verifyPasses(net, { ...options, simplify: withLaw(planted) }).map(printFinding)).toEqual([]);
  });

  test("a phase that changes a value is named where no law is at fault", () => {
    const all = lowered(subject());
    const phases = all.phases.map(([phase, entries]) =>
      phase === "expand"
        ? ([
            phase,
            entries.map((entry) => ({
              ...entry,
              results: entry.results.map((r) =>
                r.kind === "loss" ? { ...r, value: tensor(t.mul(r.value as t.Tensor, 1.001)) } : r,
              ),
            })),
          ] as const)
        : ([phase, entries] as const),
    );
    const findings = verifyLowered({ ...all, phases }, options).filter(({ kind }) => kind === "phase");
    expect(findings.map(({ name, where }) => [name, where])).toEqual([
      ["expand", expect.stringMatching(/^\w+: loss loss/)],
    ]);
  });

  const bodies: Readonly<Record<string, (statements: readonly Statement[]) => readonly Statement[]>> = {
    "sums that are maxima": (statements) =>
      mapReductions(statements, (a) => ({ ...a, combiner: a.combiner === "sum" ? "max" : a.combiner })),
    "positions that are one further": (statements) =>
      renamed(statements, { affine: (affine, slot) => (slot === 0 ? addAffine(affine, offset(1)) : affine) }),
    "stores that are lost": (statements) =>
      statements
        .filter(({ kind }) => kind !== "store")
        .map((s) => (s.kind === "loop" ? { ...s, body: s.body.slice(0, -1) } : s)),
  };
  test.each(Object.entries(bodies))("a kernel pass that is wrong is named: %s", (name, pass) => {
    const findings = verifyPasses(subject(), { ...options, bodyPasses: { [name]: pass } });
    expect(findings.length).toBeGreaterThan(0);
    expect([...new Set(findings.map((one) => `${one.kind} ${one.name}`))]).toEqual([`pass ${name}`]);
  });

  test("a plan that lays two values over one another is named", () => {
    const all = lowered(subject(40));
    const { layout } = all;
    const findings = verifyLowered(
      {
        ...all,
        layout: {
          ...layout,
          placeOf: (buffer, program) => ({
            ...layout.placeOf(buffer, program),
            ...(buffer.segment === "workspace" && { offset: layout.workspaceOffset }),
          }),
        },
      },
      options,
    );
    expect([...new Set(findings.map(({ kind, name }) => `${kind} ${name}`))]).toEqual(["pass plan"]);
  });
});
