// A generative adversarial network (Goodfellow et al. 2014, arXiv:1406.2661): two steps over shared parameters. The critic
// learns to tell images from drawings, the generator to draw what the critic takes for an image.
import {
  adam,
  add,
  binaryCrossEntropy,
  constant,
  input,
  leakyRelu,
  matmul,
  mul,
  network,
  normal,
  parameter,
  randomNormal,
  sigmoid,
  stopGradient,
  sub,
  type Tensor,
} from "tapeless";

const CODE = 32;

/** Layers that are applied more than once: their parameters, and the product of each with what comes in. */
function layers(...widths: readonly number[]) {
  const weights = widths.slice(1).map((units, i) => parameter([widths[i]!, units], normal(0, (2 / widths[i]!) ** 0.5)));
  const biases = widths.slice(1).map((units) => parameter([units], 0));
  const apply = (x: Tensor): Tensor =>
    weights.reduce(
      (h, weight, i) => add(matmul(i > 0 ? leakyRelu(h, 0.2) : h, weight) as Tensor, biases[i]!) as Tensor,
      x,
    );
  return { parameters: [...weights, ...biases], apply };
}

const generator = layers(CODE, 256, 784);
const critic = layers(784, 256, 1);

const image = input("image", ["batch", 784]);
const drawing = sigmoid(generator.apply(randomNormal(["batch", CODE])));
// Images from -1 to 1 suit the critic.
const judged = (picture: Tensor): Tensor => critic.apply(sub(mul(picture, 2), 1) as Tensor);
const isReal = (picture: Tensor, answer: number) =>
  binaryCrossEntropy(judged(picture), constant(answer, { shape: ["batch", 1] }) as Tensor, { from: "logits" });

export default network("gan", {
  batch: 64,
  outputs: { drawing: sigmoid(generator.apply(input("code", ["batch", CODE]))) },
  steps: {
    critic: {
      // Not quite sure of images (label smoothing), so that the generator keeps a gradient.
      loss: add(isReal(image, 0.9), isReal(stopGradient(drawing), 0)),
      optimizer: adam({ rate: 0.0002, beta1: 0.5 }),
      parameters: critic.parameters,
    },
    generator: {
      loss: isReal(drawing, 1),
      optimizer: adam({ rate: 0.0002, beta1: 0.5 }),
      parameters: generator.parameters,
    },
  },
});
