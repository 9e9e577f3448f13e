// MNIST with one-hot targets: the largest activation is the answer.
import { training } from "tapeless/config";
import { mnist } from "../data/mnist.js";

const oneHot = (digits: Int32Array): Float32Array => {
  const rows = new Float32Array(digits.length * 10);
  digits.forEach((digit, row) => (rows[row * 10 + digit] = 1));
  return rows;
};

export default training({
  epochs: 3,
  load() {
    const { train, test } = mnist();
    return {
      train: { inputs: { image: train.images }, targets: { digit: oneHot(train.digits) } },
      test: { inputs: { image: test.images }, targets: { digit: oneHot(test.digits) } },
    };
  },
});
