// What fusion must make of the digits networks, read from their kernels and from what the plan has in the workspace.

import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Kernel } from "../../compiler/ir/kernel.js";
import { loadDefinition } from "../../compiler/tools/load.js";
import * as t from "../../src/index.js";
import {
  applied,
  appliedIn,
  computed,
  contracts,
  entriesOf,
  entryOf,
  kernelsOf,
  loadedIn,
  loopsIn,
  overRows,
  reads,
  storesIn,
  sumsIn,
  that,
  writes,
  type EntryKernels,
} from "./kernels.js";

const entriesIn = async (name: string): Promise<ReadonlyMap<string, EntryKernels>> => {
  const path = resolve(import.meta.dirname, `../../examples/${name}/${name}.net.ts`);
  const { network, constNames } = await loadDefinition(path);
  return entriesOf(network, { constNames });
};

/** The bytes of the digits network's weights: what a materialised dW would take. */
const WEIGHT_BYTES = [784 * 256, 256 * 128, 128 * 10].map((elements) => 4 * elements);

const weightGradientsIn = ({ workspace, kernels }: EntryKernels, sizes: readonly number[]): string[] => [
  ...[...workspace].flatMap(([name, bytes]) => (sizes.includes(bytes) ? [name] : [])),
  ...kernels.flatMap(writes).filter((name) => name.startsWith("∂")),
];

const byWrite = (entry: EntryKernels, name: string): Kernel => that(entry.kernels, name);

describe("digits", () => {
  let entries: ReadonlyMap<string, EntryKernels>;
  const entry = (name: string): EntryKernels => entries.get(name)!;
  beforeAll(async () => {
    entries = await entriesIn("digits");
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
    for (const layer of ["h1", "h2"]) {
      const kernel = byWrite(entry("step"), layer);
      expect(contracts(kernel)).toBe(true);
      expect(computed(kernel)).toEqual(expect.arrayContaining(["contract", "add", "relu"]));
      expect(reads(kernel)).toContain(`${layer}.bias`);
      expect(storesIn(kernel).map(({ value }) => applied(value))).toEqual([["select", "gt"]]);
      expect(loopsIn(kernel)).toHaveLength(2);
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
    const withExp = kernels.filter((kernel) => appliedIn(kernel, "exp") > 0);
    expect(withExp).toHaveLength(1);
    const row = withExp[0]!;
    expect(reads(row)).toContain("digit");
    expect(sumsIn(row).filter(({ combiner }) => combiner === "max")).toHaveLength(1);
    expect(sumsIn(row).filter(({ combiner, value }) => combiner === "sum" && applied(value)[0] === "exp")).toHaveLength(
      1,
    );
    // The label is met where the class is its own.
    expect(storesIn(row).some(({ value }) => applied(value).includes("eq"))).toBe(true);
    // One loop over the rows holds all of it.
    expect(overRows(row)).toBe(1);
  });

  test("the activation's derivative is in the epilogue of the matmul that makes δx", () => {
    const step = entry("step");
    for (const layer of ["h1", "h2"]) {
      const above = step.kernels.filter(
        (kernel) =>
          reads(kernel).includes(layer) &&
          storesIn(kernel).some(({ value }) => applied(value)[0] === "select" && loadedIn(kernel, value).has(layer)),
      );
      expect(above, `kernels that pass δ${layer} through relu`).toHaveLength(1);
      expect(contracts(above[0]!)).toBe(true);
    }
  });

  test("a step writes no gradient of a parameter to memory", () => {
    expect(weightGradientsIn(entry("step"), WEIGHT_BYTES)).toEqual([]);
    for (const layer of ["h1", "h2", "logits"]) {
      const kernel = byWrite(entry("step"), `${layer}.weight`);
      expect(contracts(kernel)).toBe(true);
      expect(kernel.slots[0]).toEqual({ access: "update", name: `${layer}.weight`, dtype: "float32" });
      expect(storesIn(kernel)).toHaveLength(1);
    }
    expect(entry("step").notes).toEqual([]);
  });

  test("control: the check finds the gradients that the gradients entry writes", () => {
    expect(weightGradientsIn(entry("gradients"), WEIGHT_BYTES)).toHaveLength(6);
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
    const step = (await entriesIn("digits-adam")).get("step")!;
    for (const parameter of ["hidden.weight", "hidden.bias", "logits.weight", "logits.bias"]) {
      const kernel = byWrite(step, parameter);
      const slots = kernel.slots.filter(({ access }) => access === "update").map(({ name }) => name);
      expect(slots).toContain(parameter);
      expect(slots.filter((name) => name.startsWith(`${parameter}.`))).toHaveLength(2);
      expect(sumsIn(kernel).some(({ combiner }) => combiner === "sum")).toBe(true);
    }
    expect(weightGradientsIn(step, [4 * 784 * 128, 4 * 128 * 10])).toEqual([]);
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
    expect(weightGradientsIn(entryOf(network, "step"), [4 * 12 * 7]).length).toBeGreaterThan(0);
  });

  test("an activation between two consumers that need it whole is stored before its sum", () => {
    const x = image();
    const h = t.tanh(t.matmul(x, t.parameter([12, 5], 0.1, { name: "w" })));
    const network = t.network("shared", { batch: 4, outputs: { y: t.matmul(h, t.transpose(h)) } });
    const kernels = kernelsOf(network, "predict");
    expect(kernels).toHaveLength(2);
    expect(kernels.map(contracts)).toEqual([true, true]);
  });
});
