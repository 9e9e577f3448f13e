// Twelve encoder blocks over 32 positions of 64 features: what compiling takes when a network is deep.
import { input, meanSquaredError, network, sgd, target, transformerEncoder } from "tapeless";

const sequence = input("sequence", ["batch", 32, 64]);
const wanted = target("wanted", ["batch", 32, 64]);
const blocks = Array.from({ length: 12 }).reduce<typeof sequence>(
  (x) => transformerEncoder(x, 4, { feedForward: 256 }),
  sequence,
);

export default network("transformer-12", {
  batch: 8,
  outputs: { blocks },
  loss: meanSquaredError(blocks, wanted),
  optimizer: sgd({ rate: 0.1 }),
});
