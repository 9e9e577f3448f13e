// What the public functions refuse: a stable code, a sentence with the values, and the user's line.

import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/graph/tensor.js";
import { TapelessError } from "../../src/messages.js";
import * as t from "./api.js";

/** Past the editor's own check. */
const plain = (x: Tensor): Tensor => x;

const m = plain(t.input("m", [2, 3]));
const x = plain(t.input("x", ["batch", 3]));
const v = plain(t.input("v", [4]));
const s = plain(t.input("s", []));
const ids = plain(t.input("ids", ["batch"], { dtype: "int32", below: 10 }));
const mask = plain(t.greater(m, 0));
const wrong = (value: unknown): never => value as never;

const cases: readonly (readonly [what: string, call: () => unknown, code: string, sentence: RegExp])[] = [
  ["zero axis", () => t.input("a", [0]), "BAD_ARGUMENT", /positive integer.*it is 0/],
  ["negative axis", () => t.parameter([-1], 0), "BAD_ARGUMENT", /positive integer.*it is -1/],
  ["fractional axis", () => t.input("a", [1.5]), "BAD_ARGUMENT", /positive integer.*it is 1.5/],
  ["NaN axis", () => t.input("a", [NaN]), "BAD_ARGUMENT", /it is NaN/],
  ["huge axis", () => t.input("a", [1e12]), "BAD_ARGUMENT", /up to 2147483647/],
  ["axis by another name", () => t.input("a", [wrong("rows")]), "BAD_ARGUMENT", /"batch", but it is "rows"/],
  ["no shape", () => t.input("a", wrong(3)), "BAD_ARGUMENT", /list of axes/],
  ["empty name", () => t.input(" ", [1]), "BAD_ARGUMENT", /non-empty string/],
  ["batch in a parameter", () => t.parameter(wrong(["batch", 2]), 0), "BAD_ARGUMENT", /free of the batch/],
  ["below on floats", () => t.input("a", [1], { below: 3 }), "BAD_ARGUMENT", /below/],
  ["NaN constant", () => t.constant(NaN), "BAD_ARGUMENT", /NaN/],
  ["NaN operand", () => t.add(m, NaN), "BAD_ARGUMENT", /NaN/],
  ["ragged constant", () => t.constant([[1, 2], [3]]), "BAD_ARGUMENT", /equal length/],
  ["constant of another size", () => t.constant([1, 2, 3], { shape: [2, 2] }), "BAD_ARGUMENT", /\[2, 2\]/],
  ["initial of another shape", () => t.parameter([2], t.constant([1, 2, 3])), "SHAPE_MISMATCH", /\[2\].*\[3\]/],

  ["no tensor", () => t.tanh(wrong("x")), "BAD_ARGUMENT", /tanh: x must be a tensor or a number, but it is "x"/],
  ["undefined", () => t.matmul(m, wrong(undefined)), "BAD_ARGUMENT", /matmul: b must be a tensor/],
  ["add", () => t.add(m, v), "SHAPE_MISMATCH", /add cannot combine \[2, 3\] and \[4\]/],
  ["batch against a literal", () => t.add(x, m), "SHAPE_MISMATCH", /\[batch, 3\] and \[2, 3\]/],
  ["where with floats", () => t.where(m, m, m), "WRONG_DTYPE", /condition of dtype bool, but it is float32/],
  ["logicalAnd with floats", () => t.logicalAnd(m, mask), "WRONG_DTYPE", /bool/],
  ["clip the wrong way", () => t.clip(m, 1, 0), "BAD_ARGUMENT", /at least low/],
  ["a slope that is none", () => t.leakyRelu(m, NaN), "BAD_ARGUMENT", /^leakyRelu: slope must be a finite number/],
  ["a slope by name", () => t.leakyRelu(m, wrong({ slope: 1 })), "BAD_ARGUMENT", /^leakyRelu: slope must be a finite/],
  ["alpha by name", () => t.elu(m, wrong({ alpha: 1 })), "BAD_ARGUMENT", /^elu: alpha must be a finite number/],
  [
    "classes by name",
    () => t.labels("a", [2], wrong({ classes: 2 })),
    "BAD_ARGUMENT",
    /labels: classes must be a positive/,
  ],
  [
    "an order that is no list",
    () => t.transpose(m, wrong({ axis: 1 })),
    "BAD_ARGUMENT",
    /the order must be a list of each/,
  ],
  [
    "a number for an order",
    () => t.transpose(m, wrong(1)),
    "BAD_ARGUMENT",
    /the order must be a list of each of the 2/,
  ],
  [
    "scan without a step",
    () => t.scan(wrong({}), [v], [v]),
    "BAD_ARGUMENT",
    /scan: step must be a function from carries/,
  ],
  ["flatten of a scalar", () => t.flatten(s), "WRONG_RANK", /at least one axis/],
  ["flatten from no axis", () => t.flatten(m, 2), "BAD_ARGUMENT", /from -2 to 1, but it is 2/],
  ["unknown approximation", () => t.gelu(m, { approximate: wrong("fast") }), "BAD_ARGUMENT", /"fast"/],
  ["cast to what", () => t.cast(m, wrong("int64")), "BAD_ARGUMENT", /"int64"/],
  ["formula without operands", () => t.formula("two", "1 + 1"), "BAD_ARGUMENT", /operand/],
  ["formula with too few", () => t.formula("f", "a * b")(m), "BAD_ARGUMENT", /2: a, b, but it is 1/],

  ["axis out of range", () => t.sum(m, { axis: 2 }), "BAD_ARGUMENT", /from -2 to 1, but it is 2/],
  ["axis twice", () => t.sum(m, { axis: [1, -1] }), "BAD_ARGUMENT", /distinct/],
  ["axis of a scalar", () => t.softmax(s), "WRONG_RANK", /at least one axis/],
  ["reshape", () => t.reshape(m, [4]), "SHAPE_MISMATCH", /\[2, 3\] and \[4\]: 6 elements do not fill 4/],
  ["reshape loses the batch", () => t.reshape(x, [3]), "SHAPE_MISMATCH", /3\*batch elements do not fill 3/],
  ["reshape with two unknowns", () => t.reshape(m, [-1, -1]), "BAD_ARGUMENT", /one -1/],
  ["reshape that does not divide", () => t.reshape(m, [-1, 4]), "SHAPE_MISMATCH", /no multiple/],
  ["transpose twice the same", () => t.transpose(m, [0, 0]), "BAD_ARGUMENT", /each of the 2 axes once/],
  ["squeeze", () => t.squeeze(m, 0), "BAD_ARGUMENT", /size 1; its size is 2/],
  ["broadcast down", () => t.broadcast(m, [3]), "SHAPE_MISMATCH", /\[2, 3\] and \[3\]/],
  ["empty slice", () => t.slice(m, [[1, 1]]), "BAD_ARGUMENT", /range with elements/],
  ["slice of the batch", () => t.slice(x, [[0, 2]]), "BAD_ARGUMENT", /\[0, 2\]/],
  ["slice by step 0", () => t.slice(m, [[0, 2, 0]]), "BAD_ARGUMENT", /other than 0/],
  ["slice of too many axes", () => t.slice(m, [null, null, null]), "BAD_ARGUMENT", /at most 2/],
  [
    "pad by less than nothing",
    () =>
      t.pad(m, [
        [-1, 0],
        [0, 0],
      ]),
    "BAD_ARGUMENT",
    /not negative/,
  ],
  [
    "pad the batch",
    () =>
      t.pad(x, [
        [1, 0],
        [0, 0],
      ]),
    "BAD_ARGUMENT",
    /\[0, 0\]/,
  ],
  ["pad in a mode of another library", () => t.pad(v, [[1, 1]], wrong({ mode: "circular" })), "BAD_ARGUMENT", /"edge"/],
  [
    "pad, a mirror without room",
    () => t.pad(v, [[0, 4]], { mode: "reflect" }),
    "BAD_ARGUMENT",
    /axis 0.* up to 3 .*of 4/,
  ],
  ["pad, a mirror of one", () => t.pad(t.constant([1]), [[1, 0]], { mode: "reflect" }), "BAD_ARGUMENT", /up to 0/],
  ["pad, twice round", () => t.pad(v, [[5, 0]], { mode: "wrap" }), "BAD_ARGUMENT", /up to 4 in mode "wrap"/],
  ["pad, the batch's edge", () => t.pad(x, [[1, 0], [0, 0]], { mode: "edge" }), "BAD_ARGUMENT", /\[0, 0\]/], // prettier-ignore
  ["pad, a value of an edge", () => t.pad(v, [[1, 0]], { mode: "edge", value: 2 }), "BAD_ARGUMENT", /absent: in mode/],
  ["roll the batch", () => t.roll(x, 1, { axis: 0 }), "BAD_ARGUMENT", /fixed size; batch elements/],
  ["roll all, the batch among them", () => t.roll(x, 1), "BAD_ARGUMENT", /3\*batch elements/],
  ["roll by a part", () => t.roll(v, 0.5), "BAD_ARGUMENT", /integer.*it is 0.5/],
  ["roll along no axis", () => t.roll(v, 1, { axis: 1 }), "BAD_ARGUMENT", /from -1 to 0/],
  [
    "segments of no ids",
    () => t.segmentSum(x, t.constant(0, { shape: [], dtype: "int32" }), 3),
    "WRONG_RANK",
    /ids .*one axis/,
  ],
  ["segments of another length", () => t.segmentSum(m, ids, 10), "SHAPE_MISMATCH", /one id for each entry of axis 0/],
  ["segments of an axis too short", () => t.segmentMax(x, ids, 10, { axis: 1 }), "SHAPE_MISMATCH", /axis 1/],
  ["segments by floats", () => t.segmentMean(x, t.slice(x, [null, [0, 1]]), 3), "WRONG_DTYPE", /int32/],
  ["segments that an id exceeds", () => t.segmentMin(x, ids, 9), "BAD_ARGUMENT", /"below".* at most 9/],
  [
    "a written id too large",
    () => t.segmentSum(m, t.constant([0, 2], { shape: [2], dtype: "int32" }), 2),
    "BAD_ARGUMENT",
    /0 to 1/,
  ],
  ["no segments", () => t.segmentSoftmax(x, ids, 0), "BAD_ARGUMENT", /count must be a positive integer/],
  ["concat", () => t.concat([m, v]), "SHAPE_MISMATCH", /\[2, 3\] and \[4\]/],
  ["concat batch and literal", () => t.concat([x, m]), "SHAPE_MISMATCH", /cannot be added/],
  ["concat of nothing", () => t.concat([]), "BAD_ARGUMENT", /non-empty/],
  ["concat of two dtypes", () => t.concat([m, mask]), "WRONG_DTYPE", /bool/],
  ["split that does not divide", () => t.split(m, 2, { axis: 1 }), "BAD_ARGUMENT", /divisor of 3/],
  ["split into another sum", () => t.split(m, [1, 1], { axis: 1 }), "BAD_ARGUMENT", /add up to 3/],
  ["tile", () => t.tile(m, [2]), "BAD_ARGUMENT", /each of the 2 axes/],

  ["matmul", () => t.matmul(m, m), "SHAPE_MISMATCH", /matmul cannot combine \[2, 3\] and \[2, 3\]/],
  ["matmul of a scalar", () => t.matmul(m, s), "WRONG_RANK", /at least one axis/],
  [
    "matmul of batches",
    () => t.matmul(plain(t.input("q", [2, 3, 4])), plain(t.input("k", [3, 4, 5]))),
    "SHAPE_MISMATCH",
    /leading axes/,
  ],
  ["einsum of signs", () => t.einsum("ij;jk", m, m), "BAD_ARGUMENT", /"ij,jk->ik"/],
  ["einsum with two ellipses", () => t.einsum("...i...->i", m), "BAD_ARGUMENT", /one "..." in a term/],
  ["einsum of too few", () => t.einsum("ij,jk->ik", m), "BAD_ARGUMENT", /about 1 operands/],
  ["einsum with a letter too much", () => t.einsum("...ijk->i", m), "BAD_ARGUMENT", /2 letters for operand 0/],
  ["einsum of a letter from nowhere", () => t.einsum("ij->ik", m), "BAD_ARGUMENT", /no operand has/],
  ["einsum with a letter twice", () => t.einsum("ij->ii", m), "BAD_ARGUMENT", /repeat in the result/],
  ["einsum's diagonal of no square", () => t.einsum("ii->i", m), "SHAPE_MISMATCH", /\[2\] and \[3\].*i names twice/],
  ["einsum's ellipsis", () => t.einsum("...,...", m, v), "SHAPE_MISMATCH", /\[2, 3\] and \[4\].*ellipsis/],
  ["einsum sizes", () => t.einsum("ij,jk->ik", m, m), "SHAPE_MISMATCH", /einsum cannot combine/],
  ["einsum rank", () => t.einsum("ijk->i", m), "BAD_ARGUMENT", /2 letters/],

  ["take by floats", () => t.take(m, m), "WRONG_DTYPE", /int32/],
  ["take beyond the table", () => t.take(m, ids), "BAD_ARGUMENT", /"ids" must be given and at most 2/],
  [
    "take of a written index beyond",
    () => t.take(m, t.constant([0, 2], { shape: [2], dtype: "int32" })),
    "BAD_ARGUMENT",
    /take: each index must be from 0 to 1, the entries of an axis of 2, but it is 2/,
  ],
  [
    "take of one before the first",
    () => t.take(m, t.constant(-3, { shape: [1], dtype: "int32" })),
    "BAD_ARGUMENT",
    /it is -3/,
  ],
  ["take unchecked", () => t.take(m, t.input("i", ["batch"], { dtype: "int32" })), "BAD_ARGUMENT", /undefined/],
  ["takeAlong by floats", () => t.takeAlong(m, m), "WRONG_DTYPE", /int32/],
  ["takeAlong of other rows", () => t.takeAlong(m, ids), "BAD_ARGUMENT", /"ids" must be given and at most 3/],
  [
    "takeAlong of another shape",
    () => t.takeAlong(m, t.input("i", [3, 3], { dtype: "int32", below: 2 })),
    "SHAPE_MISMATCH",
    /\[2, 3\] and \[3, 3\].*along axis 1 only/,
  ],
  ["topK of none", () => t.topK(m, 0), "BAD_ARGUMENT", /k must be a positive integer, but it is 0/],
  ["topK of too many", () => t.topK(m, 4), "BAD_ARGUMENT", /at most 3, the entries of an axis of 3, but it is 4/],
  ["topK of the batch", () => t.topK(x, 2, { axis: 0 }), "BAD_ARGUMENT", /at most 1, the entries of an axis of batch/],
  ["topK of a scalar", () => t.topK(s, 1), "WRONG_RANK", /at least one axis/],
  ["sort along what", () => t.sort(m, { axis: 2 }), "BAD_ARGUMENT", /from -2 to 1, but it is 2/],
  ["cumsum along what", () => t.cumsum(m, { axis: -3 }), "BAD_ARGUMENT", /from -2 to 1, but it is -3/],
  ["cumsum of a scalar", () => t.cumsum(s), "WRONG_RANK", /at least one axis/],
  ["argMin along what", () => t.argMin(m, { axis: 5 }), "BAD_ARGUMENT", /from -2 to 1/],
  ["pick", () => t.pick(plain(t.input("a", ["batch", 2, 10])), ids), "SHAPE_MISMATCH", /\[batch, 2\] and \[batch\]/],
  [
    "labels beyond the classes",
    () => t.softmaxCrossEntropy(x, t.labels("l", ["batch"], 4)),
    "BAD_ARGUMENT",
    /at most 3/,
  ],
  [
    "one class for each row",
    () => t.softmaxCrossEntropy(m, t.labels("l", ["batch"], 3)),
    "SHAPE_MISMATCH",
    /\[2, 3\] and \[batch\]/,
  ],
  ["dropout of all", () => t.dropout(m, 1), "BAD_ARGUMENT", /below 1/],
  ["noise of no size", () => t.gaussianNoise(m, -1), "BAD_ARGUMENT", /deviation must be at least 0, but it is -1/],
  ["noise of what size", () => t.gaussianNoise(m, NaN), "BAD_ARGUMENT", /deviation must be a finite number/],
  ["dropout rate", () => t.dropout(m, -0.1), "BAD_ARGUMENT", /from 0 to 1/],
  ["gradient of a matrix", () => t.gradient(m, m), "WRONG_RANK", /a scalar/],
  ["gradient by ints", () => t.gradient(t.sum(m), ids), "WRONG_DTYPE", /int32/],
  ["updating a parameter", () => t.updating(m, [[t.parameter([], 0), s]]), "BAD_ARGUMENT", /state\(/],
  [
    "scan that changes its carry",
    () => t.scan(([h], [e]) => ({ carries: [t.concat([h!, e!])], outputs: [] }), [v], [plain(t.input("e", [5, 4]))]),
    "SHAPE_MISMATCH",
    /\[4\] and \[8\]: carry 0/,
  ],
  ["scan over nothing", () => t.scan(() => ({ carries: [], outputs: [] }), [], []), "BAD_ARGUMENT", /one sequence/],
];

describe("what is refused", () => {
  it.each(cases)("%s", (_, call, code, sentence) => {
    let error: unknown;
    try {
      call();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TapelessError);
    const refused = error as TapelessError;
    expect(refused.code).toBe(code);
    expect(refused.sentence).toMatch(sentence);
    expect(refused.at?.file).toMatch(/test\/ops\/errors\.test\.ts$/);
  });

  it("accepts what is right", () => {
    expect(() => t.add(m, t.constant([1, 2, 3]))).not.toThrow();
  });
});
