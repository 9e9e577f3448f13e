// Three epochs on MNIST; then the test images are moved by up to 0.1 in each pixel, in the direction that makes the network
// doubt its answer. { hyper: { smoothness: 0 } } trains the same module without the penalty.
import { training } from "tapeless/config";
import { evaluate } from "tapeless/train";
import type { GradientPenalty } from "../../generated/gradient-penalty.js";
import { mnist } from "../data/mnist.js";

const STEP = 0.1;

/** The test images, each pixel moved against the slope of the network's certainty, between paper and ink. */
export function moved(model: GradientPenalty, images: ArrayLike<number>): Float32Array {
  const rows = images.length / 784;
  const result = new Float32Array(images.length);
  const { image } = model.inputs;
  const { slope } = model.outputs;
  for (let from = 0; from < rows; from += 32) {
    const count = Math.min(32, rows - from);
    for (let i = 0; i < count * 784; i++) image[i] = images[from * 784 + i]!;
    model.predict(count);
    for (let i = 0; i < count * 784; i++) {
      result[from * 784 + i] = Math.min(1, Math.max(0, image[i]! - STEP * Math.sign(slope[i]!)));
    }
  }
  return result;
}

export default training<GradientPenalty>({
  epochs: 3,
  load() {
    const { train, test } = mnist();
    return {
      train: { inputs: { image: train.images }, targets: { digit: train.digits } },
      test: { inputs: { image: test.images }, targets: { digit: test.digits } },
    };
  },
  show(model, { test }) {
    const { inputs, targets } = test!;
    const attacked = {
      inputs: { image: moved(model, inputs["image"]!) },
      targets: { digit: targets["digit"]! },
    };
    const { accuracy } = evaluate(model, attacked);
    return `accuracy where pixels are moved by ${STEP}: ${(100 * accuracy!).toFixed(2)} %`;
  },
});
