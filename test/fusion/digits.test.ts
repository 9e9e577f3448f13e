// What fusion must make of the digits networks, read from the printed kernels and the printed plan.

import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.js";
import { build, type Compiled } from "../../compiler/tools/generate.js";
import * as t from "../../src/index.js";
import {
  contracts,
  entryOf,
  reads,
  stores,
  workspaceOf,
  writes,
  type PrintedEntry,
  type PrintedKernel,
} from "./printed.js";

const compiled = async (name: string): Promise<Compiled> => {
  const path = resolve(import.meta.dirname, `../../examples/${name}/${name}.net.ts`);
  return (await build(path, { dtype: "float32" }, compile)).compiled;
};

/** The bytes of the digits network's weights: what a materialised dW would take. */
const WEIGHT_BYTES = [784 * 256, 256 * 128, 128 * 10].map((elements) => 4 * elements);

const weightGradientsIn = (print: Compiled["print"], entry: string, sizes: readonly number[]): string[] => [
  ...[...workspaceOf(print("plan"), entry)].flatMap(([name, bytes]) => (sizes.includes(bytes) ? [name] : [])),
  ...entryOf(print("kernels"), entry)
    .kernels.flatMap(writes)
    .filter((name) => name.startsWith("∂")),
];

const byWrite = (entry: PrintedEntry, name: string): PrintedKernel => {
  const found = entry.kernels.filter((kernel) => writes(kernel).includes(name));
  expect(found, `kernels that write ${name}`).toHaveLength(1);
  return found[0]!;
};

describe("digits", () => {
  let digits: Compiled;
  const entries = new Map<string, PrintedEntry>();
  const entry = (name: string): PrintedEntry => entries.get(name)!;
  beforeAll(async () => {
    digits = await compiled("digits");
    for (const name of ["predict", "loss", "gradients", "step"])
      entries.set(name, entryOf(digits.print("kernels"), name));
  });

  test.each(["predict", "loss", "step", "gradients"])("%s has three forward kernels, one for each layer", (name) => {
    const { kernels } = entry(name);
    const forward = kernels.slice(0, 3);
    expect(forward.map(contracts)).toEqual([true, true, true]);
    expect(forward.map((kernel) => reads(kernel).filter((slot) => slot.endsWith(".weight")))).toEqual([
      ["h1.weight"],
      ["h2.weight"],
      ["logits.weight"],
    ]);
    expect(forward.map((kernel) => writes(kernel).length)).toEqual([1, 1, 1]);
    // What follows goes backward or is softmax and loss: it makes no more of the layers.
    for (const kernel of kernels.slice(3))
      expect(reads(kernel).filter((slot) => slot.endsWith(".bias") && !writes(kernel).includes(slot))).toEqual([]);
  });

  test("bias and activation are in the epilogue of the matmul", () => {
    for (const [layer, size] of [
      ["h1", 256],
      ["h2", 128],
    ] as const) {
      const kernel = byWrite(entry("step"), layer);
      expect(contracts(kernel)).toBe(true);
      expect(reads(kernel)).toContain(`${layer}.bias`);
      expect(stores(kernel)).toEqual([`${layer}[${size}*i0 + i1] = where(t0 > 0, t0, 0)`]);
      expect(kernel.body.filter((line) => line.includes("for "))).toHaveLength(2);
    }
  });

  test("the loss takes one more kernel than the row kernel that has the gradient", () => {
    const loss = byWrite(entry("step"), "loss");
    expect(contracts(loss)).toBe(false);
    const between = entry("step").kernels.slice(3, entry("step").kernels.indexOf(loss) + 1);
    expect(between).toHaveLength(2);
  });

  test("softmax, cross-entropy and its gradient are one row kernel", () => {
    const { kernels } = entry("step");
    const withExp = kernels.filter((kernel) => kernel.body.some((line) => line.includes("exp(")));
    expect(withExp).toHaveLength(1);
    const row = withExp[0]!;
    expect(reads(row)).toContain("digit");
    expect(row.body.filter((line) => /max over i1 < 10/.test(line))).toHaveLength(1);
    expect(row.body.filter((line) => /sum over i1 < 10 of exp/.test(line))).toHaveLength(1);
    expect(stores(row).some((line) => line.includes("where(i1 == t0, 1, 0)"))).toBe(true);
    // One loop over the rows holds all of it.
    expect(row.body.filter((line) => line.includes("i0 < batch"))).toHaveLength(1);
  });

  test("the activation's derivative is in the epilogue of the matmul that makes δx", () => {
    const step = entry("step");
    for (const layer of ["h1", "h2"]) {
      const above = step.kernels.filter(
        (kernel) => reads(kernel).includes(layer) && stores(kernel).some((s) => s.includes(`where(${layer}[`)),
      );
      expect(above, `kernels that pass δ${layer} through relu`).toHaveLength(1);
      expect(contracts(above[0]!)).toBe(true);
    }
  });

  test("a step writes no gradient of a parameter to memory", () => {
    expect(weightGradientsIn(digits.print, "step", WEIGHT_BYTES)).toEqual([]);
    for (const layer of ["h1", "h2", "logits"]) {
      const kernel = byWrite(entry("step"), `${layer}.weight`);
      expect(contracts(kernel)).toBe(true);
      expect(kernel.slots[0]).toEqual({ access: "update", name: `${layer}.weight` });
      expect(stores(kernel)).toHaveLength(1);
    }
    expect(entry("step").notes).toEqual([]);
  });

  test("control: the check finds the gradients that the gradients entry writes", () => {
    expect(weightGradientsIn(digits.print, "gradients", WEIGHT_BYTES)).toHaveLength(6);
  });

  test("δx reads a weight before the weight moves", () => {
    const { kernels } = entry("step");
    for (const layer of ["h2", "logits"]) {
      const updated = kernels.indexOf(byWrite(entry("step"), `${layer}.weight`));
      const readers = kernels.flatMap((kernel, i) =>
        reads(kernel).includes(`${layer}.weight`) && i !== updated ? [i] : [],
      );
      expect(readers).toHaveLength(2);
      expect(Math.max(...readers)).toBeLessThan(updated);
    }
  });
});

describe("digits-adam", () => {
  test("gradient, both averages and the parameter are updated in one sweep", async () => {
    const adam = await compiled("digits-adam");
    const step = entryOf(adam.print("kernels"), "step");
    for (const parameter of ["hidden.weight", "hidden.bias", "logits.weight", "logits.bias"]) {
      const kernel = byWrite(step, parameter);
      const slots = kernel.slots.filter(({ access }) => access === "update").map(({ name }) => name);
      expect(slots).toContain(parameter);
      expect(slots.filter((name) => name.startsWith(`${parameter}.`))).toHaveLength(2);
      expect(kernel.body.some((line) => line.includes("sum over"))).toBe(true);
    }
    expect(weightGradientsIn(adam.print, "step", [4 * 784 * 128, 4 * 128 * 10])).toEqual([]);
  });
});

describe("where fusion is impossible the same checks say so", () => {
  const image = () => t.input("image", ["batch", 12]);

  test("clipping by the global norm needs the whole gradient before any update", () => {
    const w = t.parameter([12, 7], 0.1, { name: "w" });
    const y = t.matmul(t.tanh(t.matmul(image(), w)), t.transpose(w));
    const g = t.gradient(t.mean(t.square(y)), w);
    // A loss of the gradient's norm: the gradient is read by every element of its own gradient.
    const network = t.network("penalty", {
      batch: 4,
      loss: t.add(t.mean(t.square(y)), t.norm(g)),
      optimizer: t.sgd({ rate: 0.1 }),
    });
    const made = compile(network);
    expect(weightGradientsIn(made.print, "step", [4 * 12 * 7]).length).toBeGreaterThan(0);
  });

  test("an activation between two consumers that need it whole is stored before its sum", () => {
    const x = image();
    const h = t.tanh(t.matmul(x, t.parameter([12, 5], 0.1, { name: "w" })));
    const network = t.network("shared", { batch: 4, outputs: { y: t.matmul(h, t.transpose(h)) } });
    const { kernels } = entryOf(compile(network).print("kernels"), "predict");
    expect(kernels).toHaveLength(2);
    expect(kernels.map(contracts)).toEqual([true, true]);
  });
});
