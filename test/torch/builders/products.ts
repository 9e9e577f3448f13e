// Matrix products, einsum and dense layers.

import { concat, dense, einsum, matmul, relu, slice, tanh, transpose } from "../../../src/index.js";
import type { Builders } from "../builder.js";

export const products: Builders = {
  matmul: ({ x, w }) => matmul(x, w),
  "matmul to one column": ({ x, w }) => matmul(x, w),
  "matmul over an axis of 1": ({ x, w }) => matmul(x, w),
  "matmul of vectors": ({ x, y, w, u }) => [matmul(x, y), matmul(x, w), matmul(u, y)],
  "matmul of stacks": ({ x, w }) => matmul(x, w),
  "matmul of stacks, broadcast": ({ x, w }) => matmul(x, w),
  "matmul, a stack by a matrix": ({ x, w }) => matmul(x, w),
  "the batch by itself": ({ x }) => matmul(x, transpose(x)),
  "einsum, a trace": ({ x }) => einsum("ii->", x),
  "einsum, a diagonal": ({ x }) => einsum("ii->i", x),
  "einsum, a transpose": ({ x }) => einsum("ijk->kij", x),
  "einsum, sums of axes": ({ x, y }) => einsum("ij,kj->ik", x, y),
  "einsum, an outer product": ({ x, y }) => einsum("i,j->ij", x, y),
  "einsum, axes that one operand has": ({ x, y }) => einsum("ij,jk->i", x, y),
  "einsum of three": ({ x, w, y }) => einsum("bi,ijk,bk->bj", x, w, y),
  "einsum, an ellipsis": ({ x, w }) => einsum("...ij,jk->...ik", x, w),
  "einsum of heads": ({ x, y }) => einsum("bqhd,bkhd->bhqk", x, y),
  dense: ({ x, w, b }) => dense(x, 2, { parameters: { weight: w, bias: b } }),
  "dense of one unit": ({ x, w, b }) => dense(x, 1, { parameters: { weight: w, bias: b } }),
  "dense of one feature, tanh": ({ x, w }) => dense(x, 2, { parameters: { weight: w }, bias: false, activation: tanh }),
  "two layers and a column beside": ({ x, w, u }) => concat([x, matmul(relu(matmul(x, w)), u)], { axis: 1 }),
  "a sum through a part of a weight": ({ x, w }) => matmul(x, slice(w, [null, [0, 1]])),
};
