// MNIST, and at the end a contact sheet of 100 digits that no one wrote: drawings of codes from a normal distribution.
import { training } from "tapeless/config";
import { predict } from "tapeless/train";
import type { Vae } from "../../generated/vae.js";
import { mnist } from "../data/mnist.js";
import { writeSheet } from "../data/png.js";
import { normal, uniform } from "../data/points.js";

export default training<Vae>({
  epochs: 10,
  load() {
    const { train, test } = mnist();
    return {
      train: { inputs: { image: train.images }, targets: {} },
      test: { inputs: { image: test.images }, targets: {} },
    };
  },
  show(model) {
    const random = uniform(7);
    const code = Float32Array.from({ length: 100 * 16 }, () => normal(random));
    const { drawing } = predict(model, { inputs: { code } });
    const path = "pictures/vae.png";
    writeSheet(path, { pictures: drawing!, width: 28, height: 28, columns: 10 });
    return `${path}: 100 drawings of random codes`;
  },
});
