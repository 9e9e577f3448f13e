// Convolutions and pools against the ONNX definitions, over drawn shapes: strides that do not divide, kernels larger than the
// image with padding, dilation, groups, axes of size 1, one row.

import { describe, expect, test } from "vitest";
import type { Node } from "../../src/graph/node.js";
import { evaluateShape } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { TapelessError } from "../../src/messages.js";
import * as t from "../../src/index.js";
import { evaluator, floatLeaf, floats, randomNumbers } from "../oracle/leaves.js";
import { make, type Plain } from "../oracle/plain.js";
import * as onnx from "./reference.js";

const SEED = 20;
const DRAWS = 40;

type Pair = readonly [number, number];

const random = randomNumbers(SEED);
const from = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
const pair = (low: number, high: number): Pair => [from(low, high), from(low, high)];
const array = (shape: readonly number[]): Plain => {
  const values = floats(
    shape.reduce((a, b) => a * b, 1),
    random,
  );
  return { shape, data: Array.from(values) };
};

function valueOf(build: (...leaves: Tensor[]) => Tensor, ...given: Plain[]): Plain {
  const leaves = given.map((x, i) => floatLeaf(`x${i}`, "batch", ...x.shape.slice(1)));
  const fixed = given.map((x, i) => (i === 0 ? leaves[0]! : floatLeaf(`x${i}`, ...x.shape)));
  const node: Node = build(...fixed);
  const rows = given[0]!.shape[0]!;
  const data = evaluator([node], rows)(new Map(fixed.map((x, i) => [x, given[i]!.data] as const)))[0]!;
  return { shape: evaluateShape(node.shape, rows), data: Array.from(data) };
}

/** Throws where they differ. */
function same(actual: Plain, expected: Plain, what: string): void {
  expect(actual.shape, what).toEqual(expected.shape);
  expected.data.forEach((x, i) => {
    if (Math.abs(actual.data[i]! - x) > 1e-12 * Math.max(1, Math.abs(x))) {
      throw new Error(`${what}: element ${i} is ${actual.data[i]}, not ${x} (seed ${SEED})`);
    }
  });
}

interface Drawn extends onnx.Windows {
  readonly x: Plain;
  readonly kernel: Pair;
  readonly padding: t.Padding;
}

/** Windows that fit. */
function draw(channels: number): Drawn {
  for (;;) {
    const x = array([from(1, 2), channels, ...pair(1, 7)]);
    const [kernel, stride, dilation] = [pair(1, 4), pair(1, 3), pair(1, 2)];
    const kind = from(0, 3);
    const same = (i: 0 | 1): Pair => onnx.samePads(x.shape[i + 2]!, kernel[i], stride[i], dilation[i], kind === 1);
    const pads: [Pair, Pair] =
      kind === 0
        ? [pair(0, 3), pair(0, 3)]
        : kind === 3
          ? [
              [0, 0],
              [0, 0],
            ]
          : [same(0), same(1)];
    const room = (i: 0 | 1): number => x.shape[i + 2]! + pads[i][0] + pads[i][1] - dilation[i] * (kernel[i] - 1) - 1;
    if (room(0) < 0 || room(1) < 0) continue;
    return { x, kernel, stride, dilation, pads, padding: ([pads, "same", "sameLower", "valid"] as const)[kind]! };
  }
}

const draws = Array.from({ length: DRAWS }, (_, i) => i);
const text = (value: object): string =>
  JSON.stringify(value, (key, v: unknown) => (key === "data" || key === "padding" ? undefined : v));

describe("Conv", () => {
  test("drawn shapes", () => {
    for (const _ of draws) {
      const group = from(1, 3);
      const inner = from(1, 2);
      const d = draw(group * inner);
      const w = array([group * from(1, 2), inner, ...d.kernel]);
      const { stride, dilation, padding } = d;
      const options = { stride, dilation, padding, groups: group };
      const expected = onnx.conv(d.x, w, { ...d, group });
      const first = (x: Tensor, v: Tensor): Tensor =>
        t.convolve(x, v, { ...options, layout: "channelsFirst", weightLayout: "pytorch" });
      same(valueOf(first, d.x, w), expected, `first ${text({ ...d, w })}`);
      const keras = make(
        [...d.kernel, inner, w.shape[0]!],
        ([i, j, c, f]) => w.data[((f! * inner + c!) * d.kernel[0] + i!) * d.kernel[1] + j!]!,
      );
      const last = (x: Tensor, v: Tensor): Tensor => t.convolve(x, v, options);
      same(valueOf(last, onnx.lastFromFirst(d.x), keras), onnx.lastFromFirst(expected), `last ${text({ ...d, w })}`);
    }
  });

  test("one axis is two of which one is of size 1", () => {
    for (const _ of draws.slice(0, 20)) {
      const d = draw(2);
      const line = array([d.x.shape[0]!, 2, 1, d.x.shape[3]!]);
      const w = array([3, 2, 1, d.kernel[1]]);
      const a = {
        ...d,
        pads: [[0, 0], d.pads[1]] as const,
        stride: [1, d.stride[1]] as const,
        dilation: [1, d.dilation[1]] as const,
      };
      const expected = onnx.conv(line, w, { ...a, group: 1 });
      const build = (y: Tensor, v: Tensor): Tensor =>
        t.convolve(y, v, {
          stride: [d.stride[1]],
          dilation: d.dilation[1],
          padding: [d.pads[1]],
          layout: "channelsFirst",
          weightLayout: "pytorch",
        });
      const flat = (p: Plain): Plain => ({ ...p, shape: [p.shape[0]!, p.shape[1]!, p.shape[3]!] });
      same(valueOf(build, flat(line), flat(w)), flat(expected), text(a));
    }
  });
});

describe("ConvTranspose", () => {
  test("drawn shapes", () => {
    for (const _ of draws) {
      const group = from(1, 3);
      const inner = from(1, 2);
      const x = array([from(1, 2), group * from(1, 2), ...pair(1, 4)]);
      const w = array([x.shape[1]!, inner, ...pair(1, 4)]);
      const [stride, dilation] = [pair(1, 3), pair(1, 2)];
      const extra = [0, 1].map((i) => from(0, Math.max(stride[i]!, dilation[i]!) - 1)) as unknown as Pair;
      const full = [0, 1].map(
        (i) => stride[i]! * (x.shape[i + 2]! - 1) + dilation[i]! * (w.shape[i + 2]! - 1) + 1 + extra[i]!,
      );
      const pads = full.map((n): Pair => {
        const before = from(0, Math.min(2, n - 1));
        return [before, from(0, Math.min(2, n - 1 - before))];
      }) as unknown as [Pair, Pair];
      const expected = onnx.convTranspose(x, w, { stride, dilation, pads, group, extra });
      const build = (y: Tensor, v: Tensor): Tensor =>
        t.convolveTranspose(y, v, {
          stride,
          dilation,
          padding: pads,
          groups: group,
          outputPadding: extra,
          layout: "channelsFirst",
          weightLayout: "pytorch",
        });
      same(valueOf(build, x, w), expected, text({ x, w, stride, dilation, pads, group, extra }));
    }
  });

  test("same makes size * stride elements, the odd one cut at the end", () => {
    for (const upper of [true, false]) {
      for (const [kernel, stride] of [
        [3, 2],
        [2, 3],
        [4, 2],
        [1, 1],
        [5, 1],
      ] as const) {
        const x = array([1, 1, 3, 4]);
        const w = array([1, 1, kernel, kernel]);
        const total = kernel - stride;
        const [small, large] = [Math.floor(Math.max(0, total) / 2), Math.ceil(Math.max(0, total) / 2)];
        const pads: Pair = upper ? [small, large] : [large, small];
        const extra: Pair = [Math.max(0, -total), Math.max(0, -total)];
        const a = { stride: [stride, stride], dilation: [1, 1], pads: [pads, pads], group: 1, extra } as const;
        const build = (y: Tensor, v: Tensor): Tensor =>
          t.convolveTranspose(y, v, {
            stride,
            padding: upper ? "same" : "sameLower",
            layout: "channelsFirst",
            weightLayout: "pytorch",
          });
        const value = valueOf(build, x, w);
        expect(value.shape).toEqual([1, 1, 3 * stride, 4 * stride]);
        same(value, onnx.convTranspose(x, w, a), text(a));
      }
    }
  });
});

describe("pools", () => {
  const layout = "channelsFirst";

  test("drawn shapes", () => {
    let refused = 0;
    for (const _ of draws) {
      const { kernel, ...d } = draw(from(1, 3));
      const ceil = from(0, 1) === 1;
      const a = { ...d, kernel, ceil };
      const options = { stride: d.stride, dilation: d.dilation, padding: d.padding, ceilMode: ceil, layout } as const;
      same(
        valueOf((x) => t.maxPool(x, kernel, options) as Tensor, d.x),
        onnx.maxPool(d.x, a),
        `max ${text(a)}`,
      );
      for (const countIncludePad of [true, false]) {
        const build = (x: Tensor): Tensor => t.avgPool(x, kernel, { ...options, countIncludePad }) as Tensor;
        const expected = onnx.averagePool(d.x, a, countIncludePad);
        if (expected.data.some(Number.isNaN)) {
          refused++;
          expect(() => valueOf(build, d.x)).toThrow(TapelessError);
        } else same(valueOf(build, d.x), expected, `mean ${countIncludePad} ${text(a)}`);
      }
    }
    expect(refused).toBeLessThan(DRAWS / 2);
  });

  test("the stride is the window's size, the padding's elements do not count", () => {
    const x = array([2, 2, 5, 6]);
    const a = {
      kernel: [2, 3],
      stride: [2, 3],
      dilation: [1, 1],
      pads: [
        [1, 1],
        [1, 1],
      ],
      ceil: false,
    } as const;
    same(
      valueOf((y) => t.avgPool(y, [2, 3], { padding: 1, layout }) as Tensor, x),
      onnx.averagePool(x, a, false),
      "mean",
    );
    const b = {
      ...a,
      pads: [
        [0, 0],
        [0, 0],
      ],
    } as const;
    same(
      valueOf((y) => t.avgPool(y, [2, 3], { layout }) as Tensor, x),
      onnx.averagePool(x, b, false),
      "side by side",
    );
  });

  test("global pools leave rows and channels", () => {
    const x = array([2, 3, 4, 5]);
    const a = {
      kernel: [4, 5],
      stride: [1, 1],
      dilation: [1, 1],
      pads: [
        [0, 0],
        [0, 0],
      ],
      ceil: false,
    } as const;
    const flat = (p: Plain): Plain => ({ ...p, shape: p.shape.slice(0, 2) });
    same(
      valueOf((y) => t.globalMaxPool(y, { layout }) as Tensor, x),
      flat(onnx.maxPool(x, a)),
      "max",
    );
    same(
      valueOf((y) => t.globalAvgPool(y, { layout }) as Tensor, x),
      flat(onnx.averagePool(x, a, false)),
      "mean",
    );
  });

  test("upsample repeats", () => {
    const x = array([2, 2, 3, 2]);
    const expected = make(
      [2, 2, 6, 6],
      ([n, c, h, w]) => x.data[((n! * 2 + c!) * 3 + Math.floor(h! / 2)) * 2 + Math.floor(w! / 3)]!,
    );
    same(
      valueOf((y) => t.upsample(y, [2, 3], { layout }) as Tensor, x),
      expected,
      "upsample",
    );
  });
});

describe("negative controls: another convention is noticed", () => {
  const x = array([1, 2, 4, 4]);
  const w = array([2, 2, 3, 3]);
  const a = {
    stride: [2, 2],
    dilation: [1, 1],
    pads: [
      [0, 1],
      [0, 1],
    ],
    group: 1,
  } as const;
  const build = (y: Tensor, v: Tensor, padding: t.Padding): Tensor =>
    t.convolve(y, v, { stride: 2, padding, layout: "channelsFirst", weightLayout: "pytorch" });

  test("same as SAME_UPPER, not as SAME_LOWER", () => {
    same(
      valueOf((y, v) => build(y!, v!, "same"), x, w),
      onnx.conv(x, w, a),
      "upper",
    );
    expect(() =>
      same(
        valueOf((y, v) => build(y!, v!, "sameLower"), x, w),
        onnx.conv(x, w, a),
        "lower",
      ),
    ).toThrow(/lower/);
  });

  test("a kernel is not flipped", () => {
    const flipped = { ...w, data: w.data.toReversed() };
    expect(() =>
      same(
        valueOf((y, v) => build(y!, v!, "same"), x, flipped),
        onnx.conv(x, w, a),
        "flip",
      ),
    ).toThrow(/flip/);
  });
});
