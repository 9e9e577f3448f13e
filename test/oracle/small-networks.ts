// Small networks in which ops meet: what is checked of each op alone is checked of these as well.

import type { Tensor } from "../../src/graph/tensor.js";
import * as ops from "../ops/api.js";

const image = (x: Tensor): Tensor => ops.reshape(x, ["batch", 2, 6]) as Tensor;
/** Functions of x `["batch", 12]` and w `[12, 3]`. */
export const networks: Readonly<Record<string, (x: Tensor, w: Tensor) => Tensor>> = {
  "a network": (x, w) =>
    ops.softmax(ops.matmul(ops.tanh(ops.matmul(x, w as never) as Tensor), ops.transpose(w) as never)),
  "a layer norm": (x) => {
    const centred = ops.sub(x, ops.mean(x, { axis: 1, keepAxes: true }) as never) as Tensor;
    const deviation = ops.sqrt(ops.add(ops.variance(x, { axis: 1, keepAxes: true }), 1e-3));
    return ops.div(centred, deviation as never) as Tensor;
  },
  attention: (x) => {
    const tokens = image(x);
    const scores = ops.softmax(ops.einsum("bqd,bkd->bqk", tokens, tokens));
    return ops.matmul(scores, tokens as never) as Tensor;
  },
  "similarities within the batch": (x) => ops.logSumExp(ops.einsum("id,jd->ij", x, x), { axis: 1 }),
  "a value used four times": (x, w) => {
    const y = ops.sigmoid(ops.matmul(x, w as never) as Tensor) as Tensor;
    return ops.concat([ops.mul(y, y as never) as Tensor, ops.sub(y, ops.mean(y) as never) as Tensor], { axis: 1 });
  },
  "a gradient penalty": (x, w) => {
    const y = ops.sum(ops.tanh(ops.matmul(x, w as never) as Tensor));
    return ops.sub(ops.norm(ops.gradient(y, x), { axis: 1 }), 1) as Tensor;
  },
  "a recurrence with a mask": (x, w) => {
    const steps = ops.transpose(ops.reshape(x, ["batch", 4, 3]), [1, 0, 2]) as Tensor;
    const square = ops.slice(w, [[0, 3]]) as Tensor;
    const mask = ops.greater(ops.slice(x, [null, [0, 3]]), 0);
    const { carries, outputs } = ops.scan(
      ([h], [e]) => {
        const next = ops.tanh(ops.add(ops.matmul(h!, square as never) as Tensor, e! as never) as Tensor) as Tensor;
        return { carries: [ops.where(mask, next as never, h! as never) as Tensor], outputs: [next] };
      },
      [ops.mul(ops.slice(x, [null, [0, 3]]) as Tensor, 0) as Tensor],
      [steps],
    );
    return ops.add(ops.mean(outputs[0]!, { axis: 0 }), carries[0]! as never) as Tensor;
  },
  "a mixture of experts": (x, w) => {
    const gate = ops.softmax(ops.matmul(x, w as never) as Tensor);
    const experts = ops.stack([ops.tanh(x), ops.sigmoid(x), ops.silu(x)] as Tensor[], { axis: 1 });
    return ops.einsum("be,bed->bd", gate, experts);
  },
  "pooling of windows": (x) => {
    const padded = ops.pad(x, [
      [0, 0],
      [1, 1],
    ]) as Tensor;
    const windows = [0, 1, 2].map((i) => ops.slice(padded, [null, [i, i + 12, 2]]) as Tensor);
    return ops.max(ops.stack(windows, { axis: 2 }), { axis: 2 });
  },
  "two batches": (x, w) => {
    const both = ops.concat([x, ops.flip(x, 0)]) as Tensor;
    return ops.logSoftmax(ops.matmul(both, w as never) as Tensor, { axis: 0 });
  },
  "a mean over everything": (x, w) => {
    const y = ops.matmul(x, w as never) as Tensor;
    return ops.div(ops.sub(y, ops.mean(y) as never) as Tensor, ops.sqrt(ops.variance(y)) as never) as Tensor;
  },
};
