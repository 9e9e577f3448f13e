// A variational autoencoder (Kingma and Welling 2014, arXiv:1312.6114): the encoder says where in a space of 16 numbers an
// image lies, and how surely; the decoder draws what lies there. Drawing needs nothing but a code.
import {
  adam,
  add,
  binaryCrossEntropy,
  dense,
  exp,
  glorotUniform,
  input,
  matmul,
  mean,
  mul,
  network,
  parameter,
  randomNormal,
  relu,
  sigmoid,
  square,
  sub,
  sum,
  type Tensor,
} from "tapeless";

const CODE = 16;

const image = input("image", ["batch", 784]);
const hidden = relu(dense(image, 256));
const centre = dense(hidden, CODE);
const logVariance = dense(hidden, CODE);
// The reparametrisation: the gradient passes through centre and deviation, not through the noise.
const code = add(centre, mul(exp(mul(logVariance, 0.5)), randomNormal(["batch", CODE])));

const unfold = parameter([CODE, 256], glorotUniform);
const unfoldBias = parameter([256], 0);
const draw = parameter([256, 784], glorotUniform);
const drawBias = parameter([784], 0);
const decoded = (from: Tensor<["batch", 16]>) =>
  add(matmul(relu(add(matmul(from, unfold), unfoldBias)), draw), drawBias);

// In nats for each image: the negative of the evidence's lower bound.
const reconstruction = mul(binaryCrossEntropy(decoded(code), image, { from: "logits" }), 784);
const divergence = mul(0.5, sub(add(square(centre), exp(logVariance)), add(logVariance, 1)));
const distance = mean(sum(divergence, { axis: 1 }));

export default network("vae", {
  batch: 64,
  outputs: { drawing: sigmoid(decoded(input("code", ["batch", CODE]))) },
  loss: add(reconstruction, distance),
  optimizer: adam({ rate: 0.001 }),
  metrics: { reconstruction, distance },
});
