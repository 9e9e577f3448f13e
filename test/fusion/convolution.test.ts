// The kernels of a small convolutional network: forward, input gradient and filter gradient are one kernel each, with bias,
// activation and update in the epilogue; padding is stored, so that no sum tests where it stands.

import { describe, expect, test } from "vitest";
import * as t from "../../src/index.js";
import type { Kernel, Store } from "../../compiler/ir/kernel.js";
import { isApply, isConstant } from "../../src/scalar/expression.js";
import { applied, appliedIn, kernelsOf, loadedIn, reads, shown, storesIn, sumsIn, that, writes } from "./kernels.js";

const optimizer = t.sgd({ rate: 0.1 });

const declared = (
  options: { readonly stride?: number; readonly padding?: t.Padding; readonly dilation?: number } = {},
) => {
  const image = t.input("image", ["batch", 8, 8, 2]);
  const c1 = t.conv2d(image, 4, 3, { activation: t.relu, name: "c1" });
  const c2 = t.conv2d(c1, 5, 3, { activation: t.relu, name: "c2", ...options });
  return t.network("small", { batch: 4, outputs: { c2 }, loss: t.mean(t.square(c2)), optimizer });
};

const step = (network: t.Network): readonly Kernel[] => kernelsOf(network, "step");
/** The kernels that read a weight and leave it as it is: forward, and the input's gradient. */
const readers = (kernels: readonly Kernel[], weight: string): readonly Kernel[] =>
  kernels.filter((kernel) => reads(kernel).includes(weight) && !writes(kernel).includes(weight));
const isAdded = (store: Store): boolean => store.mode === "add";
/** What the store's value ends in, with its operands. */
const lastOf = ({ value }: Store): readonly string[] =>
  isConstant(value) || !isApply(value)
    ? [value.kind]
    : [value.op, ...value.args.map((arg) => (isConstant(arg) ? String(arg.value) : arg.kind))];

test("under a window about as large as the image the input's gradient is added where windows stand", () => {
  const image = t.input("image", ["batch", 9, 9, 2]);
  const c1 = t.conv2d(image, 4, 3, { name: "c1" });
  const c2 = t.conv2d(c1, 16, 4, { name: "c2" });
  const network = t.network("small", { batch: 4, outputs: { c2 }, loss: t.mean(t.square(c2)), optimizer });
  const kernel = step(network).find((one) => storesIn(one).some(isAdded));
  expect(shown(kernel!)).toMatchInlineSnapshot(`
    [
      "for i0 < batch (parallel):",
      "  for i1 < 7 (parallel):",
      "    for i2 < 7 (parallel):",
      "      for i3 < 4 (parallel):",
      "        δconv2d1[196*i0 + 28*i1 + 4*i2 + i3] = 0",
      "  for i1 < 4 (serial):",
      "    for i2 < 4 (serial):",
      "      for i3 < 4 (parallel):",
      "        for i4 < 4 (parallel):",
      "          for i5 < 4 (parallel):",
      "            a0 = sum over i6 < 16 of δconv2d2[256*i0 + 16*i2 + 64*i3 + i6] * c2.weight[256*i1 + 64*i4 + 16*i5 + i6]",
      "            δconv2d1[196*i0 + 28*i1 + 4*i2 + 28*i3 + 4*i4 + i5] += a0",
    ]
  `);
});

describe.each([{}, { padding: "same" }, { stride: 2 }, { stride: 2, padding: 1 }, { dilation: 2 }] as const)(
  "%o",
  (options) => {
    const kernels = step(declared(options));

    test("forward: bias and activation in the epilogue", () => {
      const [forward] = readers(kernels, "c2.weight");
      expect(reads(forward!)).toContain("c2.bias");
      expect(sumsIn(forward!)).toHaveLength(1);
      // The sum with its bias is a local, of which the activation makes what is stored.
      expect(storesIn(forward!).map((store) => lastOf(store)[0])).not.toContain("add");
      expect(appliedIn(forward!, "select")).toBeGreaterThan(0);
    });

    test("the filter's gradient: one sum, and the update in its epilogue", () => {
      for (const name of ["c1.weight", "c2.weight"]) {
        const update = that(kernels, name);
        expect(sumsIn(update)).toHaveLength(1);
        expect(storesIn(update).map(({ value }) => applied(value))).toEqual([["sub", "mul"]]);
        expect([...loadedIn(update, storesIn(update)[0]!.value)]).toEqual([name]);
      }
      expect(kernels.every((kernel) => writes(kernel).every((name) => !/∂loss/.test(name)))).toBe(true);
    });

    test("the input's gradient: one sum over the window and the filters", () => {
      // Gathered with a stride, the weight is first filled up with zeros to whole phases.
      const copies = readers(kernels, "c2.weight").filter((kernel) => sumsIn(kernel).length === 0);
      const both = readers(kernels, copies.length > 0 ? writes(copies[0]!)[0]! : "c2.weight");
      expect(sumsIn(both.at(-1)!)).toHaveLength(1);
      const adds = storesIn(both.at(-1)!).some(isAdded);
      expect(copies).toHaveLength("stride" in options && !adds ? 1 : 0);
      expect(both).toHaveLength(2 - copies.length);
    });

    test("no sum of products tests where it stands", () => {
      for (const kernel of kernels)
        for (const { value } of sumsIn(kernel)) expect(applied(value)).not.toEqual(expect.arrayContaining(["select"]));
    });
  },
);

test("the activation's derivative is in the epilogue of the input's gradient", () => {
  const kernels = step(declared({ padding: "same" }));
  const [, gradient] = readers(kernels, "c2.weight");
  const [store] = storesIn(gradient!);
  expect(lastOf(store!)).toEqual(["select", "apply", "accumulator", "0"]);
  expect([...loadedIn(gradient!, store!.value)]).toEqual(["relu1"]);
});

test("control: a sum over a padded image that is not stored would show its guards", () => {
  const image = t.input("image", ["batch", 8]);
  const padded = t.sum(
    t.pad(image, [
      [0, 0],
      [1, 1],
    ]),
    { axis: 1 },
  );
  const [kernel] = kernelsOf(t.network("sums", { batch: 4, outputs: { padded } }), "predict");
  expect(applied(sumsIn(kernel!)[0]!.value)).toContain("select");
});
