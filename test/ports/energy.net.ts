// An energy-based model (LeCun et al. 2006): the energy of data falls and that of samples rises, which are made by Langevin steps
// along the energy's own gradient, in a loop.
import {
  adam,
  add,
  dense,
  gradient,
  input,
  layer,
  mean,
  mul,
  network,
  randomNormal,
  scan,
  silu,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "tapeless";

const energy = layer((x: Tensor<["batch", 2]>) => dense(silu(dense(x, 10)), 1));

const real = input("real", ["batch", 2]);
const start = input("start", ["batch", 2]);
const {
  carries: [sample],
} = scan(
  ([x], [noise]) => {
    const here = x;
    const downhill = mul(gradient(sum(energy(here)), here), 0.1);
    return { carries: [add(sub(here, downhill), mul(noise!, 0.05))], outputs: [] };
  },
  [start],
  [randomNormal([5, "batch", 2])],
);
const samples = stopGradient(sample!);
const [low, high] = [energy(real), energy(samples)];

export default network("energy", {
  batch: 6,
  outputs: { low },
  loss: add(sub(mean(low), mean(high)), mul(add(mean(square(low)), mean(square(high))), 0.01)),
  optimizer: adam(),
});
