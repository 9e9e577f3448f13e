// Three epochs on the original MNIST: 60,000 images to learn from, 10,000 to test on.
import { training } from "tapeless/config";
import { mnist } from "../data/mnist.js";

export default training({
  epochs: 3,
  load() {
    const { train, test } = mnist();
    return {
      train: { inputs: { image: train.images }, targets: { digit: train.digits } },
      test: { inputs: { image: test.images }, targets: { digit: test.digits } },
    };
  },
});
