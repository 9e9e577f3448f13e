// A generative adversarial network (Goodfellow et al. 2014, arXiv:1406.2661): two steps over shared layers. The critic learns to
// tell images from drawings, the generator to draw what the critic takes for an image.
import {
  adam,
  add,
  binaryCrossEntropy,
  constant,
  dense,
  heNormal,
  input,
  layer,
  leakyRelu,
  mul,
  network,
  randomNormal,
  sigmoid,
  stopGradient,
  sub,
  type Tensor,
} from "tapeless";

const CODE = 32;
const he = { weightInitializer: heNormal };

const draw = layer((code: Tensor<["batch", 32]>) => sigmoid(dense(leakyRelu(dense(code, 256, he), 0.2), 784, he)));
// Images from -1 to 1 suit the critic.
const judge = layer((picture: Tensor<["batch", 784]>) =>
  dense(leakyRelu(dense(sub(mul(picture, 2), 1), 256, he), 0.2), 1, he),
);

const image = input("image", ["batch", 784]);
const drawing = draw(randomNormal(["batch", CODE]));
const isReal = (picture: Tensor<["batch", 784]>, answer: number) =>
  binaryCrossEntropy(judge(picture), constant(answer, { shape: ["batch", 1] }), { from: "logits" });

export default network("gan", {
  batch: 64,
  outputs: { drawing: draw(input("code", ["batch", CODE])) },
  steps: {
    critic: {
      // Not quite sure of images (label smoothing), so that the generator keeps a gradient.
      loss: add(isReal(image, 0.9), isReal(stopGradient(drawing), 0)),
      optimizer: adam({ rate: 0.0002, beta1: 0.5 }),
      parameters: judge.parameters,
    },
    generator: {
      loss: isReal(drawing, 1),
      optimizer: adam({ rate: 0.0002, beta1: 0.5 }),
      parameters: draw.parameters,
    },
  },
});
