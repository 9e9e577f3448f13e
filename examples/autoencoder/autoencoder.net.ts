// A denoising autoencoder (Vincent et al. 2008): it is given an image with noise and asked for the image without. The noise is
// part of the graph and exists in training only.
import { adam, binaryCrossEntropy, dense, gaussianNoise, input, network, relu, sigmoid } from "tapeless";

const image = input("image", ["batch", 784]);
const hidden = relu(dense(gaussianNoise(image, 0.5), 128));
const code = relu(dense(hidden, 32));
const unfolded = relu(dense(code, 128));
const logits = dense(unfolded, 784);

export default network("autoencoder", {
  batch: 64,
  outputs: { code, reconstruction: sigmoid(logits) },
  loss: binaryCrossEntropy(logits, image, { from: "logits" }),
  optimizer: adam({ rate: 0.001 }),
});
