import { input, meanSquaredError, network, sgd, target, transformerEncoder } from "tapeless";

const sequence = input("sequence", ["batch", 32, 64]);
const wanted = target("wanted", ["batch", 32, 64]);
const block = transformerEncoder(sequence, 4, { feedForward: 256 });

export default network("transformer", {
  batch: 8,
  outputs: { block },
  loss: meanSquaredError(block, wanted),
  optimizer: sgd({ rate: 0.1 }),
});
