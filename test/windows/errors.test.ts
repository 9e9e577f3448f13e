// What convolutions and pools refuse: a stable code, a sentence with both shapes, and the user's line.

import { describe, expect, it } from "vitest";
import * as t from "../../src/index.js";

const x = t.input("x", ["batch", 8, 6, 4]) as t.Tensor;
const line = t.input("line", ["batch", 8, 4]) as t.Tensor;
const flat = t.input("flat", ["batch", 8]) as t.Tensor;
const turned = t.input("turned", [3, "batch", 6, 4]) as t.Tensor;
const w = t.parameter([3, 3, 4, 5], 0.1, { name: "w" }) as t.Tensor;
const wrong = (value: unknown): never => value as never;

const conv =
  (options: object, kernel: unknown = 3) =>
  () =>
    t.conv2d(x, 6, wrong(kernel), wrong(options));
const up =
  (options: object, kernel: unknown = 3) =>
  () =>
    t.convTranspose2d(x, 6, wrong(kernel), wrong(options));
const pool =
  (window: unknown, options: object = {}) =>
  () =>
    t.maxPool(x, wrong(window), options);

const cases: readonly (readonly [what: string, call: () => unknown, code: string, sentence: RegExp])[] = [
  [
    "no kernel",
    () => t.conv2d(x, 6, wrong(undefined)),
    "BAD_ARGUMENT",
    /conv2d: kernel must be a positive integer, or 2 of them/,
  ],
  ["a kernel of zero", conv({}, 0), "BAD_ARGUMENT", /kernel must be a positive integer.*it is 0/],
  ["a kernel for three axes", conv({}, [3, 3, 3]), "BAD_ARGUMENT", /2 of them, but it is \[3, 3, 3\]/],
  ["no filters", () => t.conv2d(x, wrong(0), 3), "BAD_ARGUMENT", /filters must be a positive integer/],
  ["stride zero", conv({ stride: 0 }), "BAD_ARGUMENT", /stride must be a positive integer.*it is 0/],
  ["a negative stride", conv({ stride: [1, -1] }), "BAD_ARGUMENT", /stride.*\[1, -1\]/],
  ["a fractional stride", conv({ stride: 1.5 }), "BAD_ARGUMENT", /stride.*1\.5/],
  ["dilation zero", conv({ dilation: 0 }), "BAD_ARGUMENT", /dilation must be a positive integer/],
  ["negative padding", conv({ padding: -1 }), "BAD_ARGUMENT", /padding must be "valid", "same".*it is -1/],
  ["unknown padding", conv({ padding: "full" }), "BAD_ARGUMENT", /padding.*"full"/],
  ["padding for three axes", conv({ padding: [1, 1, 1] }), "BAD_ARGUMENT", /a list of 2.*\[1, 1, 1\]/],
  [
    "a window that is too large",
    conv({}, 9),
    "WINDOW_TOO_LARGE",
    /a window of \[9, 9\] does not fit into x \[batch, 8, 6, 4\]$/m,
  ],
  ["too large with padding", conv({ padding: 1 }, 9), "WINDOW_TOO_LARGE", /\[batch, 8, 6, 4\], padded to \[10, 8\]/],
  ["too large when dilated", conv({ dilation: 4 }), "WINDOW_TOO_LARGE", /\[3, 3\], which spans \[9, 9\], does not fit/],
  [
    "groups that do not divide the channels",
    conv({ groups: 3 }),
    "BAD_GROUPS",
    /divide 4 channels into 3 groups: x is \[batch, 8, 6, 4\]/,
  ],
  ["groups that do not divide the filters", conv({ groups: 4 }), "BAD_GROUPS", /divide 6 filters into 4 groups/],
  ["fractional groups", conv({ groups: 0.5 }), "BAD_ARGUMENT", /groups must be a positive integer/],
  [
    "an unknown layout",
    conv({ layout: "NCHW" }),
    "BAD_ARGUMENT",
    /"channelsLast" or "channelsFirst", but it is "NCHW"/,
  ],
  ["an unknown weight layout", conv({ weightLayout: "OIHW" }), "BAD_ARGUMENT", /"keras" or "pytorch"/],
  [
    "three axes",
    () => t.conv2d(wrong(line), 6, 3),
    "WRONG_RANK",
    /x with 4 axes: rows, 2 spatial axes and channels.*\[batch, 8, 4\]/,
  ],
  ["four axes for a line", () => t.conv1d(wrong(x), 6, 3), "WRONG_RANK", /3 axes: rows, 1 spatial axis and channels/],
  ["unpooling by floats", () => t.maxUnpool(wrong(x), wrong(x), 12), "WRONG_DTYPE", /indices of dtype int32/],
  [
    "unpooling by other indices",
    () => t.maxUnpool(wrong(x), t.constant([1], { shape: [1], dtype: "int32" }), 12),
    "SHAPE_MISMATCH",
    /one index for each element/,
  ],
  [
    "unpooling into less than the indices name",
    () => t.maxUnpool(t.constant([1], { shape: [1, 1, 1] }), t.constant([4], { shape: [1, 1, 1], dtype: "int32" }), 4),
    "BAD_ARGUMENT",
    /each index must be from 0 to 3/,
  ],
  ["four axes for a volume", () => t.conv3d(wrong(x), 6, 3), "WRONG_RANK", /5 axes: rows, 3 spatial axes and channels/],
  [
    "the batch among the spatial axes",
    () => t.conv2d(turned, 6, 3),
    "WRONG_RANK",
    /"batch" in the rows only.*\[3, batch, 6, 4\]/,
  ],
  [
    "a weight to share of another shape",
    conv({ parameters: { weight: w } }),
    "SHAPE_MISMATCH",
    /\[batch, 8, 6, 4\] and \[3, 3, 4, 5\]: weight must be float32 \[3, 3, 4, 6\]/,
  ],
  ["an activation of another shape", conv({ activation: (y: t.Tensor) => t.sum(y) }), "BAD_ARGUMENT", /activation/],
  [
    "a weight for other channels",
    () => t.convolve(x, t.parameter([3, 3, 3, 5], 0)),
    "SHAPE_MISMATCH",
    /\[batch, 8, 6, 4\] and \[3, 3, 3, 5\]: a weight for 3 channels, but x has 4/,
  ],
  [
    "groups of a given weight",
    () => t.convolve(x, w, { groups: 2 }),
    "BAD_GROUPS",
    /5 filters into 2 groups.*\[3, 3, 4, 5\]/,
  ],
  ["a weight of another rank", () => t.convolve(x, t.parameter([3, 4, 5], 0)), "WRONG_RANK", /w with 4 axes/],
  ["a weight with the batch", () => t.convolve(x, turned), "WRONG_RANK", /without the batch/],
  [
    "output padding of the stride's size",
    up({ stride: 2, outputPadding: 2 }),
    "BAD_ARGUMENT",
    /outputPadding must be less than the stride or the dilation/,
  ],
  ["more padding than result", up({ padding: 20 }), "BAD_ARGUMENT", /padding must be smaller: of a result of 10 x 8/],
  [
    "a transposed weight for other channels",
    () => t.convolveTranspose(x, w),
    "SHAPE_MISMATCH",
    /a weight for 5 channels, but x has 4/,
  ],
  ["transposed groups", up({ groups: 3 }), "BAD_GROUPS", /4 channels into 3 groups/],
  ["a pool's window", pool(0), "BAD_ARGUMENT", /maxPool: window must be a positive integer/],
  [
    "a pool that is too large",
    pool([9, 2]),
    "WINDOW_TOO_LARGE",
    /maxPool: a window of \[9, 2\] does not fit into x \[batch, 8, 6, 4\]/,
  ],
  ["a pool's fractional stride", pool(2, { stride: 0.5 }), "BAD_ARGUMENT", /stride/],
  ["ceilMode", pool(2, { ceilMode: 1 }), "BAD_ARGUMENT", /ceilMode must be true or false/],
  ["a pool of a matrix", () => t.maxPool(flat, 2), "WRONG_RANK", /three axes or more.*\[batch, 8\]/],
  [
    "a mean of padding alone",
    () => t.avgPool(x, 2, { stride: 1, padding: 2 }),
    "BAD_ARGUMENT",
    /padding must be smaller than the window/,
  ],
  ["a global pool of a matrix", () => t.globalAvgPool(flat), "WRONG_RANK", /globalAvgPool/],
  ["a fractional factor", () => t.upsample(x, 1.5), "BAD_ARGUMENT", /factor must be a positive integer/],
  ["no tensor", () => t.maxPool(wrong(3), 2), "BAD_ARGUMENT", /x must be a tensor/],
];

describe("refused", () => {
  it.each(cases)("%s", (_, call, code, sentence) => {
    let error: unknown;
    try {
      call();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(t.TapelessError);
    const { code: actual, sentence: text, at } = error as t.TapelessError;
    expect(actual).toBe(code);
    expect(text).toMatch(sentence);
    expect(at?.file).toMatch(/errors\.test\.ts$/);
  });

  it("control: what is right is not refused", () => {
    expect(conv({ stride: 2, padding: [[1, 0], 2], groups: 2, dilation: [1, 2] })).not.toThrow();
    expect(up({ stride: 2, outputPadding: 1, padding: "same" })).not.toThrow();
    expect(pool(9, { padding: 2 })).not.toThrow();
  });
});
