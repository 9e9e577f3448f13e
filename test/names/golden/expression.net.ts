import { dense, input, meanSquaredError, network, relu, sgd, target } from "tapeless";

export default network("expression", {
  batch: 4,
  loss: meanSquaredError(dense(relu(dense(input("x", ["batch", 3]), 4)), 2), target("y", ["batch", 2])),
  optimizer: sgd({ rate: 0.1 }),
});
