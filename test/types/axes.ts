// What the editor knows of axes behind convolutions, pools, joints, parts and views. Compiled by the type check; an expected error
// is a control that fails when the mistake beneath it becomes legal.

import {
  argMax,
  avgPool,
  concat,
  conv1d,
  conv2d,
  conv3d,
  convTranspose2d,
  embedding,
  expandDims,
  flatten,
  flip,
  globalAvgPool,
  globalMaxPool,
  input,
  max,
  maxPool,
  maxPoolWithIndices,
  maxUnpool,
  mean,
  norm,
  oneHot,
  pad,
  parameter,
  reshape,
  roll,
  scaledDotProductAttention,
  slice,
  split,
  squeeze,
  stack,
  sum,
  tile,
  transpose,
  upsample,
  variance,
  type Tensor,
} from "tapeless";
import { expectDims, expectType } from "./expect.js";

type Axis = number | "batch";

const image = input("image", ["batch", 28, 28, 3]);
const first = input("first", ["batch", 3, 28, 28]);
const line = input("line", ["batch", 100, 7]);
const volume = input("volume", ["batch", 8, 9, 10, 2]);
const plain: Tensor = image;
const ids = input("ids", ["batch", 16], { dtype: "int32", below: 50 });
declare const flag: boolean;
declare const some: number;

// Convolutions: filters and spatial sizes, by stride, padding, dilation and layout.
const c1 = conv1d(line, 5, 3, { stride: 2 });
expectType<typeof c1, Tensor<["batch", 49, 5], "float32">>(true);
const c2 = conv2d(image, 8, 3);
expectType<typeof c2, Tensor<["batch", 26, 26, 8], "float32">>(true);
const c3 = conv3d(volume, 4, [3, 2, 1]);
expectDims<typeof c3, ["batch", 6, 8, 10, 4]>(true);
const same = conv2d(image, 8, 5, { padding: "same", stride: [2, 3] });
expectDims<typeof same, ["batch", 14, 10, 8]>(true);
const lower = conv2d(image, 8, 5, { padding: "sameLower" });
expectDims<typeof lower, ["batch", 28, 28, 8]>(true);
const around = conv2d(image, 8, 3, { padding: 1 });
expectDims<typeof around, ["batch", 28, 28, 8]>(true);
const sides = conv2d(image, 8, 3, { padding: [2, [0, 1]], dilation: [2, 1] });
expectDims<typeof sides, ["batch", 28, 27, 8]>(true);
const pytorch = conv2d(first, 8, 3, { layout: "channelsFirst" });
expectDims<typeof pytorch, ["batch", 8, 26, 26]>(true);
const large = conv2d(input("large", ["batch", 256, 224, 3]), 64, 7, { stride: 2, padding: 3 });
expectDims<typeof large, ["batch", 128, 112, 64]>(true);

// What is not known is `number`; what may be one of two is both.
const options: { stride?: number; padding?: "same" | "valid" } = { stride: 2 };
const loose = conv2d(image, 8, 3, options);
expectDims<typeof loose, ["batch", number, number, 8]>(true);
const maybe = conv2d(image, 8, 3, { ...(flag && { stride: 2 }) });
expectDims<typeof maybe, ["batch", 13 | 26, 13 | 26, 8]>(true);
const either = conv2d(image, 8, 3, { padding: flag ? "same" : "valid" });
expectDims<typeof either, ["batch", 28 | 26, 28 | 26, 8]>(true);
const anyKernel = conv2d(image, 8, some);
expectDims<typeof anyKernel, ["batch", number, number, 8]>(true);
const anyFilters = conv2d(image, some, 3);
expectDims<typeof anyFilters, ["batch", 26, 26, number]>(true);
const tooLarge = conv2d(image, 8, 29);
expectDims<typeof tooLarge, ["batch", number, number, 8]>(true);
const anyImage = conv2d(plain, 8, 3);
expectType<typeof anyImage, Tensor<readonly Axis[], "float32">>(true);
const anyLayout = maxPool(image, 2, { layout: flag ? "channelsFirst" : "channelsLast" });
expectDims<typeof anyLayout, readonly Axis[]>(true);

// Transposed convolutions.
const doubled = convTranspose2d(input("small", ["batch", 7, 7, 8]), 4, 3, { stride: 2, padding: "same" });
expectDims<typeof doubled, ["batch", 14, 14, 4]>(true);
const grown = convTranspose2d(input("tiny", ["batch", 7, 5, 8]), 4, [3, 2], {
  stride: 2,
  padding: 1,
  outputPadding: [1, 0],
});
expectDims<typeof grown, ["batch", 14, 8, 4]>(true);

// Pools keep the channels.
const pooled = maxPool(c2, 2);
expectType<typeof pooled, Tensor<["batch", 13, 13, 8], "float32">>(true);
const average = avgPool(c2, [2, 3], { stride: 1 });
expectDims<typeof average, ["batch", 25, 24, 8]>(true);
const over = maxPool(image, 3, { ceilMode: true });
expectDims<typeof over, ["batch", number, number, 3]>(true);
const firsts = avgPool(first, 2, { layout: "channelsFirst", padding: "same", stride: 2 });
expectDims<typeof firsts, ["batch", 3, 14, 14]>(true);
const { values, indices } = maxPoolWithIndices(c2, 2);
expectType<typeof values, Tensor<["batch", 13, 13, 8], "float32">>(true);
expectType<typeof indices, Tensor<["batch", 13, 13, 8], "int32">>(true);
const back = maxUnpool(values, indices, 26);
expectDims<typeof back, ["batch", 26, 26, 8]>(true);
const twice = upsample(pooled, [2, 3]);
expectDims<typeof twice, ["batch", 26, 39, 8]>(true);
const channels = globalAvgPool(pooled);
expectType<typeof channels, Tensor<["batch", 8], "float32">>(true);
const peaks = globalMaxPool(first, { layout: "channelsFirst" });
expectDims<typeof peaks, ["batch", 3]>(true);

// Joints.
const joined = concat([c2, conv2d(image, 16, 3)], { axis: -1 });
expectType<typeof joined, Tensor<["batch", 26, 26, 24], "float32">>(true);
const three = concat([line, line, line], { axis: 1 });
expectDims<typeof three, ["batch", 300, 7]>(true);
const batches = concat([line, line]);
expectDims<typeof batches, [Axis, 100, 7]>(true);
const alongSome = concat([line, line], { axis: some });
expectDims<typeof alongSome, [Axis, Axis, Axis]>(true);
const list = concat([line, line].slice(1), { axis: 2 });
expectDims<typeof list, ["batch", 100, Axis]>(true);
const onePlain = concat([line, plain], { axis: 2 });
expectDims<typeof onePlain, ["batch", 100, Axis]>(true);
const integers = concat([ids, ids], { axis: 1 });
expectType<typeof integers, Tensor<["batch", 32], "int32">>(true);
const stacked = stack([line, line, line], { axis: 1 });
expectDims<typeof stacked, ["batch", 3, 100, 7]>(true);
const stackedLast = stack([ids, ids], { axis: -1 });
expectType<typeof stackedLast, Tensor<["batch", 16, 2], "int32">>(true);
const [left, right] = split(line, 2, { axis: 1 });
expectType<typeof left, Tensor<["batch", 50, 7], "float32">>(true);
expectDims<typeof right, ["batch", 50, 7]>(true);
const [one, six] = split(line, [1, 6], { axis: -1 });
expectDims<typeof one, ["batch", 100, 1]>(true);
expectDims<typeof six, ["batch", 100, 6]>(true);
// @ts-expect-error there are two parts
export const third = split(line, 2, { axis: 1 })[2];
const anyParts = split(line, some, { axis: 1 });
expectType<typeof anyParts, Tensor<["batch", number, 7]>[]>(true as never);
const tiled = tile(line, [1, 2, 3]);
expectDims<typeof tiled, ["batch", 200, 21]>(true);

// Parts and borders.
const part = slice(line, [null, [1, -1], [null, null, 2]]);
expectDims<typeof part, ["batch", 98, 4]>(true);
const beyond = slice(line, [null, [-5, 200]]);
expectDims<typeof beyond, ["batch", 5, 7]>(true);
const backwards = slice(line, [
  [null, null, -1],
  [null, null, -1],
  [5, 1, -2],
]);
expectDims<typeof backwards, ["batch", 100, number]>(true);
const head = slice(line, [[0, 1]]);
expectDims<typeof head, [Axis, 100, 7]>(true);
const partSome = slice(line, [null, [0, some]]);
expectDims<typeof partSome, ["batch", number, 7]>(true);
const padded = pad(
  line,
  [
    [0, 0],
    [2, 3],
    [0, 1],
  ],
  { mode: "edge" },
);
expectDims<typeof padded, ["batch", 105, 8]>(true);
const paddedSome = pad(line, [
  [0, 0],
  [some, 3],
  [0, 1],
]);
expectDims<typeof paddedSome, ["batch", number, 8]>(true);
const turned = roll(flip(line, 1), 3, { axis: 1 });
expectType<typeof turned, Tensor<["batch", 100, 7], "float32">>(true);

// Views.
const swapped = transpose(line, [0, 2, 1]);
expectDims<typeof swapped, ["batch", 7, 100]>(true);
const reversed = transpose(line);
expectDims<typeof reversed, [7, 100, "batch"]>(true);
const negative = transpose(line, [-1, 0, -2]);
expectDims<typeof negative, [7, "batch", 100]>(true);
const wide = expandDims(line, 1);
expectDims<typeof wide, ["batch", 1, 100, 7]>(true);
const narrow = squeeze(wide, 1);
expectDims<typeof narrow, ["batch", 100, 7]>(true);
const narrower = squeeze(wide);
expectDims<typeof narrower, ["batch", 100, 7]>(true);
const unsure = squeeze(loose);
expectDims<typeof unsure, readonly Axis[]>(true);
const flat = flatten(pooled);
expectType<typeof flat, Tensor<["batch", 1352], "float32">>(true);
const most = flatten(input("most", ["batch", 64, 64]));
expectDims<typeof most, ["batch", 4096]>(true);
const more = flatten(input("more", ["batch", 64, 65]));
expectDims<typeof more, ["batch", number]>(true);
const flatTail = flatten(image, -2);
expectDims<typeof flatTail, ["batch", 28, 84]>(true);
const column = flatten(input("row", ["batch"]));
expectDims<typeof column, ["batch", 1]>(true);
const allRows = flatten(line, 0);
expectDims<typeof allRows, [Axis]>(true);
const shaped = reshape(flat, ["batch", 26, 52]);
expectType<typeof shaped, Tensor<["batch", 26, 52], "float32">>(true);
const rest = reshape(image, ["batch", -1, 3]);
expectDims<typeof rest, ["batch", 784, 3]>(true);
const restTooMany = reshape(image, ["batch", -1]);
expectDims<typeof restTooMany, ["batch", 2352]>(true);
const restWidened = reshape(input("pixels", ["batch", 100, 100]), ["batch", -1]);
expectDims<typeof restWidened, ["batch", number]>(true);
const rows = reshape(image, [-1, 28, 28, 3]);
expectDims<typeof rows, ["batch", 28, 28, 3]>(true);
const manyRows = reshape(image, [-1, 3]);
expectDims<typeof manyRows, [Axis, 3]>(true);
// @ts-expect-error reshape: the elements of [batch, 1352] do not fill [batch, 26, 51]
reshape(flat, ["batch", 26, 51]);
// @ts-expect-error reshape: the batch is lost
reshape(flat, [26, 52]);
reshape(more, ["batch", 7]);
reshape(input("beyond", ["batch", 100, 100]), ["batch", 100, 99]);

// Reductions.
const total = sum(line, { axis: 1 });
expectType<typeof total, Tensor<["batch", 7], "float32">>(true);
const kept = mean(line, { axis: [-1, 1], keepAxes: true });
expectDims<typeof kept, ["batch", 1, 1]>(true);
const scalar = variance(line, {});
expectDims<typeof scalar, []>(true);
const ones = norm(line, { keepAxes: true });
expectDims<typeof ones, [1, 1, 1]>(true);
const overRows = max(line, { axis: 0 });
expectDims<typeof overRows, [100, 7]>(true);
const overSome = sum(line, { axis: some });
expectDims<typeof overSome, readonly Axis[]>(true);
const keptSome = sum(line, { axis: some, keepAxes: true });
expectDims<typeof keptSome, [Axis, Axis, Axis]>(true);
const keptMaybe = sum(line, { axis: 1, keepAxes: flag });
expectDims<typeof keptMaybe, readonly Axis[]>(true);
const best = argMax(line);
expectType<typeof best, Tensor<["batch", 100], "int32">>(true);
const bestRow = argMax(line, { axis: 1, keepAxes: true });
expectDims<typeof bestRow, ["batch", 1, 7]>(true);
const larger = max(line, 0);
expectDims<typeof larger, ["batch", 100, 7]>(true);

// Lookups and attention.
const hot = oneHot(ids, 50);
expectType<typeof hot, Tensor<["batch", 16, 50], "float32">>(true);
const vectors = embedding(ids, 50, 8);
expectDims<typeof vectors, ["batch", 16, 8]>(true);
const attended = scaledDotProductAttention(line, line, input("v", ["batch", 100, 9]));
expectDims<typeof attended, ["batch", 100, 9]>(true);

// An option that is misspelt is red beside one that is not.
// @ts-expect-error there is no option paddng
conv2d(image, 8, 3, { stride: 2, paddng: "same" });
// @ts-expect-error there is no option strides
maxPool(image, 2, { padding: "same", strides: 2 });
// @ts-expect-error there is no option keepDims
sum(line, { axis: 1, keepDims: true });

// An axis that is known is checked further on.
const bias = parameter([9], 0);
// @ts-expect-error shapes [batch, 13, 13, 8] and [9] do not combine
max(pooled, bias);
