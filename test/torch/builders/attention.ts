// Attention and transformer blocks.

import {
  causalMask,
  gelu,
  mul,
  multiHeadAttention,
  scaledDotProductAttention,
  sinusoidalEncoding,
  transformerDecoder,
  transformerEncoder,
} from "../../../src/index.js";
import type { Tensor } from "../../../src/graph/tensor.js";
import type { Builders, Given } from "../builder.js";

type Parts = Readonly<Record<string, Tensor>>;

const under = (prefix: string, parts: Parts): Parts =>
  Object.fromEntries(Object.entries(parts).map(([role, tensor]) => [`${prefix}${role}`, tensor]));

const own = ({ q, qb, k, kb, v, vb, o, ob }: Given): Parts => ({
  "query.weight": q,
  "query.bias": qb,
  "key.weight": k,
  "key.bias": kb,
  "value.weight": v,
  "value.bias": vb,
  "output.weight": o,
  "output.bias": ob,
});

const across = ({ qa, qc, ka, kc, va, vc, oa, oc }: Given): Parts =>
  own({ q: qa, qb: qc, k: ka, kb: kc, v: va, vb: vc, o: oa, ob: oc } as Given);

const block = (g: Given): Parts => ({
  ...under("attention.", own(g)),
  "linear1.weight": g.w1,
  "linear1.bias": g.b1,
  "linear2.weight": g.w2,
  "linear2.bias": g.b2,
  "norm1.weight": g.g1,
  "norm1.bias": g.h1,
  "norm2.weight": g.g2,
  "norm2.bias": g.h2,
});

export const attention: Builders = {
  scaledDotProductAttention: ({ q, k, v }) => scaledDotProductAttention(q, k, v),
  "scaledDotProductAttention, causal": ({ q, k, v }) => scaledDotProductAttention(q, k, v, { causal: true }),
  "scaledDotProductAttention, a bool mask, a scale": ({ q, k, v, m }) =>
    scaledDotProductAttention(q, k, v, { mask: m, scale: 0.3 }),
  "scaledDotProductAttention, an added mask": ({ q, k, v, m }) => scaledDotProductAttention(q, k, v, { mask: m }),
  "scaledDotProductAttention, one key of size 1": ({ q, k, v }) => scaledDotProductAttention(q, k, v),
  "scaledDotProductAttention, grouped heads": ({ q, k, v }) => scaledDotProductAttention(q, k, v),
  "scaledDotProductAttention, a soft cap": ({ q, k, v }) => scaledDotProductAttention(q, k, v, { softcap: 2 }),
  "scaledDotProductAttention, a causal mask of two heads": ({ q, k, v }) =>
    scaledDotProductAttention(q, k, v, { mask: causalMask(2) as Tensor }),
  sinusoidalEncoding: ({ x }) => mul(x, sinusoidalEncoding(3, 5)),
  multiHeadAttention: (g) => multiHeadAttention(g.x, 2, { parameters: own(g), returnWeights: true }),
  "multiHeadAttention, heads of size 1, causal": (g) =>
    multiHeadAttention(g.x, 2, { parameters: own(g), causal: true }),
  "multiHeadAttention, keys and values, padding": (g) =>
    multiHeadAttention(g.x, 1, { parameters: own(g), keys: g.c, values: g.h, paddingMask: g.m }),
  "multiHeadAttention, an added mask": (g) => multiHeadAttention(g.x, 2, { parameters: own(g), mask: g.m }),
  transformerEncoder: (g) => transformerEncoder(g.x, 2, { parameters: block(g), feedForward: 3 }),
  "transformerEncoder, norms first, gelu, causal": (g) =>
    transformerEncoder(g.x, 1, { parameters: block(g), feedForward: 1, norm: "pre", activation: gelu, causal: true }),
  transformerDecoder: (g) =>
    transformerDecoder(g.x, g.c, 1, {
      parameters: { ...block(g), ...under("crossAttention.", across(g)), "norm3.weight": g.g3, "norm3.bias": g.h3 },
      feedForward: 3,
    }),
};
