// Sums of exponentials of infinities, and losses that are made of them: SciPy's and PyTorch's values, on the interpreter and
// on both targets.

import { describe, expect, test } from "vitest";
import { compile, interpret, type CompileOptions } from "tapeless/compiler";
import * as t from "tapeless";

const INF = Infinity;
const any = (x: unknown): never => x as never;

interface Found {
  readonly value: readonly number[];
  readonly slope: readonly number[];
}

type Build = (x: t.Tensor) => unknown;
type Run = (of: Build, rows: readonly (readonly number[])[]) => Found;

function definition(of: Build, rows: readonly (readonly number[])[]): t.Network {
  const x = t.input("x", ["batch", rows[0]!.length]) as t.Tensor;
  const value = of(x) as t.Tensor;
  return t.network("n", {
    batch: rows.length + 1,
    outputs: { value, slope: t.gradient(t.sum(value), x) },
  }) as t.Network;
}

const emitted =
  (options: CompileOptions): Run =>
  (of, rows) => {
    const model = compile(definition(of, rows), options).create();
    model.inputs["x"]!.set(rows.flat());
    model.predict(rows.length);
    const slope = [...model.outputs["slope"]!].slice(0, rows.flat().length);
    return { value: [...model.outputs["value"]!].slice(0, rows.length), slope };
  };

const interpreted: Run = (of, rows) => {
  const found = interpret(definition(of, rows), { inputs: { x: rows.flat() }, rows: rows.length });
  return { value: [...found.outputs["value"]!], slope: [...found.outputs["slope"]!] };
};

const RUNS: readonly (readonly [string, Run])[] = [
  ["the interpreter", interpreted],
  ["typescript", emitted({ target: "typescript" })],
  ["wasm", emitted({ target: "wasm" })],
  ["typescript in float64", emitted({ target: "typescript", dtype: "float64" })],
];

describe.each(RUNS)("%s", (_, run) => {
  test("logSumExp of nothing but -Infinity is -Infinity, with no slope", () => {
    const { value, slope } = run(
      (x) => t.logSumExp(x, { axis: 1 }),
      [
        [-INF, -INF],
        [0, -INF],
        [1, 1],
      ],
    );
    expect(value[0]).toBe(-INF);
    expect(value[1]).toBe(0);
    expect(value[2]).toBeCloseTo(1 + Math.log(2), 6);
    expect(slope.map((p) => Math.round(p * 1e6) / 1e6)).toEqual([0, 0, 1, 0, 0.5, 0.5]);
  });

  test("logSumExp is Infinity where a value is, and no number where a value is none", () => {
    const { value } = run(
      (x) => t.logSumExp(x, { axis: 1 }),
      [
        [INF, 1],
        [INF, -INF],
        [NaN, 1],
      ],
    );
    expect(value).toEqual([INF, INF, NaN]);
  });

  test("logSumExp over an axis of one is what it is taken of", () => {
    const { value, slope } = run((x) => t.logSumExp(x, { axis: 1 }), [[-INF], [3], [-2]]);
    expect(value).toEqual([-INF, 3, -2]);
    expect(slope).toEqual([0, 1, 1]);
  });

  test.each([0, 0.5, 2])("the focal loss of one class is 0, gamma %s", (gamma) => {
    const of: Build = (x) => t.focalLoss(x, any(t.cast(t.mul(t.sum(x, { axis: 1 }), 0), "int32")), { gamma });
    const { value, slope } = run(of, [[3], [-2]]);
    expect(value[0]! + 0).toBe(0);
    expect(slope.map((s) => s + 0)).toEqual([0, 0]);
  });

  test("the focal loss with gamma 0 is the cross-entropy", () => {
    const rows = [
      [0.5, -1, 2],
      [1, 0, -1],
    ];
    const classes = (x: t.Tensor): never => any(t.cast(t.mul(t.sum(x, { axis: 1 }), 0), "int32"));
    const one = run((x) => t.focalLoss(x, classes(x), { gamma: 0 }), rows);
    const other = run((x) => t.crossEntropy(x, classes(x)), rows);
    expect(one.value[0]).toBeCloseTo(other.value[0]!, 6);
    one.slope.forEach((s, i) => expect(s).toBeCloseTo(other.slope[i]!, 6));
  });
});
