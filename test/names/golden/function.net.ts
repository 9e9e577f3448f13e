import { adam, dense, input, mean, network, relu, square, type Network } from "tapeless";

// Names begin in the function that calls `network`.
function define(depth: number): Network {
  let y = input("x", ["batch", 8]);
  for (let i = 0; i < depth; i++) y = relu(dense(y, 8));
  const out = dense(relu(dense(y, 8)), 8);
  return network("function", { batch: 4, loss: mean(square(out)), optimizer: adam() });
}

const net = define(2);

export default net;
