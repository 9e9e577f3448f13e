// A physics-informed network (Raissi et al. 2019): one layer at points of the inside, where u'' = -u, and at the border.
import {
  adam,
  add,
  dense,
  gradient,
  input,
  layer,
  mean,
  meanSquaredError,
  network,
  square,
  sum,
  tanh,
  target,
} from "tapeless";

const u = layer((x) => dense(tanh(dense(tanh(dense(x, 6)), 6)), 1));

const inside = input("inside", ["batch", 1]);
const border = input("border", ["batch", 1]);
const value = u(inside);
const slope = gradient(sum(value), inside);
const curvature = gradient(sum(slope), inside);

export default network("pinn", {
  batch: 7,
  outputs: { value },
  loss: add(mean(square(add(curvature, value))), meanSquaredError(u(border), target("atBorder", ["batch", 1]))),
  optimizer: adam(),
});
