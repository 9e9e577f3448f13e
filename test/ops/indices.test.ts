// Indices that are negative or computed: NumPy's meaning where it is asked for, an error where it is not.

import { describe, expect, test } from "vitest";
import {
  add,
  addAt,
  cast,
  constant,
  input,
  mean,
  mul,
  network,
  parameter,
  pick,
  range,
  scatterAdd,
  setAt,
  sgd,
  sum,
  take,
  takeAlong,
  TapelessError,
  type Network,
  type Tensor,
} from "tapeless";
import { compile, interpret } from "tapeless/compiler";
import { expectEverywhere } from "../right/everywhere.js";

const x = constant([
  [1, 2, 3],
  [4, 5, 6],
]);
const ints = (values: readonly number[]): Tensor => constant(values, { dtype: "int32" }) as Tensor;
const valueOf = (value: Tensor): number[] => [
  ...interpret(network("value", { batch: 4, outputs: { value } }), { rows: 4 }).outputs["value"]!,
];
const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof TapelessError) return error.sentence;
    throw error;
  }
  return "nothing";
};

describe("written in the definition", () => {
  test.each<[string, () => Tensor, number[]]>([
    ["take", () => take(x, ints([-1, 0, -2])) as Tensor, [4, 5, 6, 1, 2, 3, 1, 2, 3]],
    ["take along an axis", () => take(x, ints([-1, -3]), { axis: 1 }) as Tensor, [3, 1, 6, 4]],
    ["one", () => take(x, constant(-1, { dtype: "int32" }) as Tensor) as Tensor, [4, 5, 6]],
    ["pick", () => pick(x, ints([-1, 1])) as Tensor, [3, 5]],
    ["takeAlong", () => takeAlong(x, constant([[-1], [-2]], { dtype: "int32" }) as Tensor) as Tensor, [3, 5]],
    ["addAt", () => addAt(x, ints([-1]), constant([[1, 1, 1]])) as Tensor, [1, 2, 3, 5, 6, 7]],
    [
      "setAt, the last of two for one place",
      () => setAt(x, ints([1, -1]), mul(x, 10)) as Tensor,
      [1, 2, 3, 40, 50, 60],
    ],
    ["scatterAdd", () => scatterAdd(x, ints([-1, 0]), 3) as Tensor, [4, 5, 6, 0, 0, 0, 1, 2, 3]],
    ["the last rows of the call", () => take(range("batch"), ints([-1, 0, -2])) as Tensor, [3, 0, 2]],
  ])("%s", (_, make, wanted) => expect(valueOf(make())).toEqual(wanted));

  test.each([
    ["beyond the end", () => take(x, ints([2]))],
    ["beyond the start", () => take(x, ints([-3]))],
    ["one of several", () => pick(x, ints([0, -4]))],
  ])("refused: %s", (_, run) => expect(messageOf(run)).toMatch(/each index must be from 0 to [12]/));
});

describe("computed", () => {
  const place = cast(input("place", ["batch"]), "int32") as Tensor;
  const table = parameter([4, 2], 0.5, { name: "table" });
  const of = (value: Tensor): Network =>
    network("computed", { batch: 3, outputs: { value }, loss: mean(mul(value, value)), optimizer: sgd({ rate: 0.1 }) });

  const forms: Readonly<Record<string, (options: { negative?: boolean }) => Tensor>> = {
    take: (options) => take(table, place, options) as Tensor,
    pick: (options) => pick(add(mul(input("m", ["batch", 4]), 1), mean(table)), place, options) as Tensor,
    addAt: (options) => addAt(table, place, input("rows", ["batch", 2]), options) as Tensor,
    setAt: (options) => setAt(table, place, input("rows", ["batch", 2]), options) as Tensor,
    scatterAdd: (options) => scatterAdd(add(input("rows", ["batch", 2]), mean(table)), place, 4, options) as Tensor,
  };

  test.each(Object.entries(forms))("%s: below 0 from the end, with `negative`", (_, form) => {
    const model = compile(of(form({ negative: true })), { dtype: "float64" }).create();
    for (const [name, view] of Object.entries(model.inputs)) {
      if (name !== "place") view.forEach((__, i) => (view[i] = i + 1));
    }
    const run = (places: readonly number[]): number[] => {
      model.inputs["place"]!.set(places);
      model.predict(3);
      return [...model.outputs["value"]!];
    };
    expect(run([-1, 0, -4])).toEqual(run([3, 0, 0]));
    for (const wrong of [-5, 4])
      expect(() => run([0, wrong, 0])).toThrow(/a computed index must be an integer from 0 to 3/);
  });

  test.each(Object.entries(forms))("%s: refused without", (_, form) => {
    const model = compile(of(form({}))).create();
    model.inputs["place"]!.set([0, -1, 0]);
    expect(() => model.predict(3)).toThrow(/a computed index must be an integer from 0 to 3, but it is -1/);
  });

  test("an input of indices needs no bound then, and is looked at", () => {
    const ids = input("ids", ["batch"], { dtype: "int32" });
    expect(messageOf(() => take(table, ids))).toContain('"below" of the indices "ids"');
    const model = compile(of(take(table, ids, { negative: true }) as Tensor)).create();
    model.parameters["table"]!.set([0, 1, 2, 3, 4, 5, 6, 7]);
    model.inputs["ids"]!.set([-1, 1, -3]);
    model.predict(3);
    expect([...model.outputs["value"]!]).toEqual([6, 7, 2, 3, 2, 3]);
    model.inputs["ids"]!.set([0, -5, 0]);
    expect(() => model.predict(3)).toThrow(/from 0 to 3/);
  });

  test("a part from a computed place on", () => {
    const start = cast(sum(input("start", [])), "int32");
    const part = take(constant([10, 20, 30, 40, 50]), cast(add(range(3), start), "int32"));
    const model = compile(network("part", { batch: 1, outputs: { part } })).create();
    model.inputs["start"]![0] = 2;
    model.predict(1);
    expect([...model.outputs["part"]!]).toEqual([30, 40, 50]);
    model.inputs["start"]![0] = 3;
    expect(() => model.predict(1)).toThrow(/from 0 to 4, but it is 5/);
  });

  test("everywhere, over one row too", () => {
    const ids = cast(mul(input("u", ["batch", 2], { dtype: "int32", below: 4 }), -1), "int32") as Tensor;
    const taken = take(table, ids, { negative: true }) as Tensor;
    expectEverywhere(of(taken));
  });
});
