// MNIST, and at the end a contact sheet: 36 test images as they were, with the noise of training, and restored.
import { training } from "tapeless/config";
import { predict } from "tapeless/train";
import type { Autoencoder } from "../../generated/autoencoder.js";
import { mnist } from "../data/mnist.js";
import { writeSheet } from "../data/png.js";
import { normal, uniform } from "../data/points.js";

const LINE = 12 * 784;

export default training<Autoencoder>({
  epochs: 10,
  load() {
    const { train, test } = mnist();
    return {
      train: { inputs: { image: train.images }, targets: {} },
      test: { inputs: { image: test.images }, targets: {} },
    };
  },
  show(model, { test }) {
    const clean = (test!.inputs["image"] as Float32Array).slice(0, 3 * LINE);
    const random = uniform(1);
    const noisy = clean.map((grey) => grey + 0.5 * normal(random));
    const { reconstruction } = predict(model, { inputs: { image: noisy } }, { outputs: ["reconstruction"] });
    const restored = Float32Array.from(reconstruction!);
    const lines = [0, 1, 2].flatMap((line) =>
      [clean, noisy, restored].map((set) => set.subarray(line * LINE, (line + 1) * LINE)),
    );
    const path = "pictures/autoencoder.png";
    writeSheet(path, { pictures: lines.flatMap((set) => [...set]), width: 28, height: 28, columns: 12 });
    return `${path}: mean squared error ${error(noisy, clean)} with noise, ${error(restored, clean)} restored`;
  },
});

const error = (pictures: Float32Array, wanted: Float32Array): string =>
  (pictures.reduce((sum, grey, i) => sum + (grey - wanted[i]!) ** 2, 0) / wanted.length).toFixed(4);
