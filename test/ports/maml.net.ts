// Model-agnostic meta-learning (Finn et al. 2017, arXiv:1703.03400): the loss after one step of gradient descent on a task, whose
// gradient goes through that step.
import {
  adam,
  dense,
  gradient,
  input,
  meanSquaredError,
  mul,
  network,
  normal,
  parameter,
  sub,
  tanh,
  target,
  type Tensor,
} from "tapeless";

const first = { weight: parameter([1, 8], normal(0, 1)), bias: parameter([8], 0) };
const second = { weight: parameter([8, 1], normal(0, 0.3)), bias: parameter([1], 0) };
interface Weights {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

const model = (x: Tensor<["batch", 1]>, [one, two]: readonly Weights[]) =>
  dense(tanh(dense(x, 8, { parameters: one! })), 1, { parameters: two! });

const shown = input("shown", ["batch", 1]);
const asked = input("asked", ["batch", 1]);
const before = model(shown, [first, second]);
const taskLoss = meanSquaredError(before, target("shownAnswer", ["batch", 1]));
const adapted = [first, second].map(({ weight, bias }: Weights) => ({
  weight: sub(weight, mul(0.1, gradient(taskLoss, weight))),
  bias: sub(bias, mul(0.1, gradient(taskLoss, bias))),
}));
const after = model(asked, adapted);

export default network("maml", {
  batch: 5,
  outputs: { before },
  loss: meanSquaredError(after, target("askedAnswer", ["batch", 1])),
  optimizer: adam(),
});
