// Every op of the registry: its value is finite and well typed, its derivative is what differences say, and a derivative
// that is off by a hundredth is noticed.

import { describe, expect, test } from "vitest";
import type { Node } from "../../src/graph/node.js";
import type { OpDef, Sample } from "../../src/graph/op.js";
import { printShape } from "../../src/graph/shape.js";
import { registry } from "../../src/ops/registry.js";
import { expectGradient, type Build, type Check } from "./gradcheck.js";
import { drawFrom, elements, evaluator, leaf, randomNumbers, valuesFor } from "./leaves.js";
import { withScaledArgument, withScaledRule } from "./scaled-rule.js";

// None of which draws two elements that are nearer to each other than a difference's step: a maximum has a kink there.
const SEEDS = [101, 202, 404];
const ROWS = [1, 3];

interface Case {
  readonly sample: Sample;
  readonly rows: number;
  readonly seed: number;
  readonly name: string;
}

function casesOf(def: OpDef): Case[] {
  return SEEDS.flatMap((seed) =>
    def.samples(drawFrom(randomNumbers(seed))).flatMap((sample, i) => {
      const hasBatch = sample.inputs.some((input) => input.shape.some((d) => d.power > 0));
      const types = sample.inputs.map((input) => printShape(input.shape)).join(" ");
      return (hasBatch ? ROWS : [1]).map((rows) => ({
        sample,
        rows,
        seed,
        name: `sample ${i} (${types}), rows ${rows}, seed ${seed}`,
      }));
    }),
  );
}

const check = ({ sample, rows, seed }: Case, order: 1 | 2): Check => ({ ...sample, rows, seed, order });

/** Runs every case and reports all failures at once. */
function forAll(cases: readonly Case[], run: (one: Case) => void): void {
  const failures: string[] = [];
  for (const one of cases) {
    try {
      run(one);
    } catch (error) {
      failures.push(`${one.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  expect(failures).toEqual([]);
}

const sampled = registry.filter((def) => casesOf(def).length > 0);
const named = (defs: readonly OpDef[]) => defs.map((def) => [def.name, def] as const);

/** Ops with a float result and a float operand. */
const isSmooth = (def: OpDef): boolean => {
  const { sample } = casesOf(def)[0]!;
  const node = sample.build(sample.inputs.map((type, i) => leaf(`x${i}`, type)));
  const flows = def.differentiable && node.dtype === "float32";
  return flows && sample.inputs.some((input) => input.dtype === "float32");
};

test("most records have samples", () => expect(sampled.length).toBeGreaterThan(70));

describe("values", () => {
  test.each(named(sampled))("%s", (_, def) => {
    forAll(casesOf(def), ({ sample, rows, seed }) => {
      const random = randomNumbers(seed);
      const leaves = sample.inputs.map((type, i) => leaf(`x${i}`, type));
      const node = sample.build(leaves);
      const given = new Map<Node, Float64Array>(
        leaves.map((x, i) => [x, valuesFor(sample.inputs[i]!, rows, random)] as const),
      );
      const value = evaluator([node], rows)(given)[0]!;
      expect(value.length).toBe(elements(node, rows));
      expect(value.every(Number.isFinite)).toBe(true);
      if (node.dtype === "int32") expect(value.every(Number.isInteger)).toBe(true);
      if (node.dtype === "bool") expect(value.every((x) => x === 0 || x === 1)).toBe(true);
    });
  });
});

const smooth = sampled.filter(isSmooth);

describe("gradients", () => {
  test.each(named(smooth))("%s", (_, def) => {
    forAll(casesOf(def), (one) => void expectGradient(check(one, 1)));
  });
});

describe("second derivatives", () => {
  test.each(named(smooth))("%s", (_, def) => {
    const cases = casesOf(def).filter(({ seed }) => seed === SEEDS[0]);
    forAll(cases, (one) => void expectGradient(check(one, 2)));
  });
});

/** Slopes that are zero everywhere. */
const FLAT = ["sign", "floor", "ceil", "round"];

/** Operands that only choose between slopes, or that training does not read. */
const CHOOSING = new Map([
  ["dropout", [1]],
  ["batchNormalize", [3, 4]],
]);

describe("a rule that is off by a hundredth is noticed", () => {
  test.each(named(smooth.filter((def) => !FLAT.includes(def.name))))("%s", (_, def) => {
    const seen = new Set<number | "rule">();
    const required = new Set<number | "rule">(["rule"]);
    for (const one of casesOf(def).filter(({ seed }) => seed === SEEDS[0])) {
      const { build, inputs } = one.sample;
      const right = check(one, 1);
      const sizes = expectGradient(right);
      const floats = inputs.flatMap((input, i) => (input.dtype === "float32" ? [i] : []));
      const fails = (key: number | "rule", differentiated: Build): void => {
        expect(() => expectGradient({ ...right, differentiated }), `${one.name}, ${key}`).toThrow(/differences give/);
        seen.add(key);
      };
      floats.forEach((i, k) => {
        required.add(i);
        if (sizes[k]! > 1e-5) fails(i, withScaledArgument(i, 1.01, build));
      });
      if (sizes.some((size) => size > 1e-5)) fails("rule", withScaledRule(def, 1.01, build));
    }
    for (const i of CHOOSING.get(def.name) ?? []) required.delete(i);
    expect([...required].filter((key) => !seen.has(key))).toEqual([]);
  });

  test.each(FLAT)("%s has no slope to scale", (name) => {
    const def = registry.find((one) => one.name === name)!;
    for (const one of casesOf(def)) expect(expectGradient(check(one, 1)).every((size) => size < 1e-9)).toBe(true);
  });
});
