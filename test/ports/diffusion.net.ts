// Denoising diffusion (Ho et al. 2020, arXiv:2006.11239) of points in the plane, with a time embedding; `denoise` takes one step of
// the way back a call, on the points that it carries.
import {
  adam,
  add,
  broadcast,
  carry,
  concat,
  cosineDecay,
  constant,
  dense,
  div,
  expandDims,
  greater,
  input,
  layer,
  meanSquaredError,
  mul,
  network,
  randomNormal,
  silu,
  sinusoidalEncoding,
  sqrt,
  sub,
  take,
  updating,
  where,
  cast,
  type Tensor,
} from "tapeless";

const STEPS = 20;
const betas = Array.from({ length: STEPS }, (_, t) => 0.01 + (0.3 * t) / STEPS);
const left = betas.map((_, t) => betas.slice(0, t + 1).reduce((product, beta) => product * (1 - beta), 1));

const times = sinusoidalEncoding(STEPS, 8);
const noiseIn = layer((x: Tensor<["batch", 2]>, t: Tensor<["batch"]>) => {
  const hidden = silu(dense(concat([x, take(times, t)], { axis: 1 }), 32));
  return dense(hidden, 2);
});

// Training: the noise in a point that was made noisy in the graph.
const point = input("point", ["batch", 2]);
const t = input("t", ["batch"], { dtype: "int32", below: STEPS });
const noise = randomNormal(["batch", 2]);
const share = expandDims(take(constant(left, { shape: [STEPS] }), t), 1);
const noisy = add(mul(point, sqrt(share)), mul(noise, sqrt(sub(1, share))));

// Generation: from noise to points.
const points = carry("points", ["batch", 2]);
const done = carry("done", [], { dtype: "int32" });
const now = cast(sub(STEPS - 1, done), "int32");
const at = (values: readonly number[]) => take(constant(values, { shape: [STEPS] }), now);
const start = where(greater(done, 0), points, randomNormal(["batch", 2]));
const every = broadcast(now, ["batch"]);
const found = noiseIn(start, every);
const cleaner = div(sub(start, mul(found, div(at(betas), sqrt(sub(1, at(left)))))), sqrt(sub(1, at(betas))));
const stirred = mul(where(greater(now, 0), sqrt(at(betas)), 0), randomNormal(["batch", 2]));
const next = add(cleaner, stirred);

export default network("diffusion", {
  batch: 6,
  loss: meanSquaredError(noiseIn(noisy, t), noise),
  optimizer: adam({ rate: 0.004, schedule: cosineDecay(12_000) }),
  entries: {
    denoise: {
      outputs: {
        points: updating(next, [
          [points, next],
          [done, cast(add(done, 1), "int32")],
        ]),
      },
    },
  },
});
