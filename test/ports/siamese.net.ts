// Two towers of one layer: pairs of points that belong together come near each other (Hadsell et al. 2006).
import { adam, dense, input, layer, mean, mul, network, norm, relu, square, sub, target, add } from "tapeless";

const tower = layer((x) => dense(relu(dense(x, 8)), 3));

const left = input("left", ["batch", 5]);
const right = input("right", ["batch", 5]);
const isPair = target("isPair", ["batch"]);
const distance = norm(sub(tower(left), tower(right)), { axis: 1 });
const apart = relu(sub(1, distance));

export default network("siamese", {
  batch: 6,
  outputs: { distance },
  loss: mean(add(mul(isPair, square(distance)), mul(sub(1, isPair), square(apart)))),
  optimizer: adam(),
});
