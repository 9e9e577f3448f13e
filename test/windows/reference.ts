// Conv, ConvTranspose, MaxPool and AveragePool as plain loops over two spatial axes, channels first, written from the ONNX
// operator definitions (onnx.ai/onnx/operators, opset 22).

import { get, indices, make, type Plain } from "../oracle/plain.js";

export interface Windows {
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Begin and end of each axis. */
  readonly pads: readonly [readonly [number, number], readonly [number, number]];
}

export interface Convolution extends Windows {
  readonly group: number;
}

const countOf = (n: number, k: number, i: 0 | 1, { stride, dilation, pads }: Windows, ceil = false): number => {
  const room = n + pads[i][0] + pads[i][1] - (dilation[i] * (k - 1) + 1);
  const count = (ceil ? Math.ceil(room / stride[i]) : Math.floor(room / stride[i])) + 1;
  // "Sliding windows that would start in the right padded region are ignored."
  return ceil && (count - 1) * stride[i] >= n + pads[i][0] ? count - 1 : count;
};

const inside = (x: Plain, h: number, w: number): boolean => h >= 0 && w >= 0 && h < x.shape[2]! && w < x.shape[3]!;

/** x [N, C, H, W], w [M, C/group, kH, kW]. */
export function conv(x: Plain, w: Plain, a: Convolution): Plain {
  const [m, inner, kh, kw] = w.shape as [number, number, number, number];
  const shape = [x.shape[0]!, m, countOf(x.shape[2]!, kh, 0, a), countOf(x.shape[3]!, kw, 1, a)];
  return make(shape, ([n, f, oh, ow]) => {
    const group = Math.floor(f! / (m / a.group));
    let sum = 0;
    for (const [c, i, j] of indices([inner, kh, kw])) {
      const h = oh! * a.stride[0] + i! * a.dilation[0] - a.pads[0][0];
      const v = ow! * a.stride[1] + j! * a.dilation[1] - a.pads[1][0];
      if (inside(x, h, v)) sum += get(x, [n!, group * inner + c!, h, v]) * get(w, [f!, c!, i!, j!]);
    }
    return sum;
  });
}

/** x [N, C, H, W], w [C, M/group, kH, kW]: every element of x adds a scaled kernel to the output. */
export function convTranspose(
  x: Plain,
  w: Plain,
  a: Convolution & { readonly extra: readonly [number, number] },
): Plain {
  const [channels, inner, kh, kw] = w.shape as [number, number, number, number];
  const size = (i: 0 | 1, n: number, k: number): number =>
    a.stride[i] * (n - 1) + a.extra[i] + (k - 1) * a.dilation[i] + 1 - a.pads[i][0] - a.pads[i][1];
  const shape = [x.shape[0]!, inner * a.group, size(0, x.shape[2]!, kh), size(1, x.shape[3]!, kw)];
  const data = make(shape, () => 0).data.slice();
  for (const [n, c, h, v] of indices(x.shape)) {
    const group = Math.floor(c! / (channels / a.group));
    for (const [f, i, j] of indices([inner, kh, kw])) {
      const oh = h! * a.stride[0] + i! * a.dilation[0] - a.pads[0][0];
      const ow = v! * a.stride[1] + j! * a.dilation[1] - a.pads[1][0];
      if (oh < 0 || ow < 0 || oh >= shape[2]! || ow >= shape[3]!) continue;
      const at = ((n! * shape[1]! + group * inner + f!) * shape[2]! + oh) * shape[3]! + ow;
      data[at]! += get(x, [n!, c!, h!, v!]) * get(w, [c!, f!, i!, j!]);
    }
  }
  return { shape, data };
}

export interface Pool extends Windows {
  readonly kernel: readonly [number, number];
  readonly ceil: boolean;
}

/** The elements of each window that lie inside x, and how many lie inside the padded x. */
function pooled(x: Plain, a: Pool, of: (values: readonly number[], padded: number) => number): Plain {
  const [kh, kw] = a.kernel;
  const shape = [
    x.shape[0]!,
    x.shape[1]!,
    countOf(x.shape[2]!, kh, 0, a, a.ceil),
    countOf(x.shape[3]!, kw, 1, a, a.ceil),
  ];
  return make(shape, ([n, c, oh, ow]) => {
    const values: number[] = [];
    let padded = 0;
    for (const [i, j] of indices([kh, kw])) {
      const h = oh! * a.stride[0] + i! * a.dilation[0] - a.pads[0][0];
      const w = ow! * a.stride[1] + j! * a.dilation[1] - a.pads[1][0];
      if (h < x.shape[2]! + a.pads[0][1] && w < x.shape[3]! + a.pads[1][1]) padded++;
      if (inside(x, h, w)) values.push(get(x, [n!, c!, h, w]));
    }
    return of(values, padded);
  });
}

export const maxPool = (x: Plain, a: Pool): Plain => pooled(x, a, (values) => Math.max(...values));

export const averagePool = (x: Plain, a: Pool, includePad: boolean): Plain =>
  pooled(x, a, (values, padded) => values.reduce((p, q) => p + q, 0) / (includePad ? padded : values.length));

/** auto_pad SAME_UPPER and SAME_LOWER. */
export function samePads(n: number, k: number, stride: number, dilation: number, upper: boolean): [number, number] {
  const total = Math.max(0, (Math.ceil(n / stride) - 1) * stride + (k - 1) * dilation + 1 - n);
  const [small, large] = [Math.floor(total / 2), Math.ceil(total / 2)];
  return upper ? [small, large] : [large, small];
}

/** [N, C, ...] as [N, ..., C] and back. */
export const lastFromFirst = (x: Plain): Plain =>
  make([x.shape[0]!, ...x.shape.slice(2), x.shape[1]!], ([n, ...rest]) =>
    get(x, [n!, rest.at(-1)!, ...rest.slice(0, -1)]),
  );
