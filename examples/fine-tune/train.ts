// Everything learns the digits 0 to 4 in two epochs; then the last layer alone learns all ten in two more, from features that
// have seen half of them. The memory table at the end says what the frozen layers save.
import { training } from "tapeless/config";
import { fit } from "tapeless/train";
import { mnist, type Digits } from "../data/mnist.js";

const columns = ({ images, digits }: Digits) => ({ inputs: { image: images }, targets: { digit: digits } });

function below(limit: number, { images, digits }: Digits): Digits {
  const rows = [...digits.keys()].filter((row) => digits[row]! < limit);
  const chosen = new Float32Array(784 * rows.length);
  rows.forEach((row, to) => chosen.set(images.subarray(784 * row, 784 * (row + 1)), 784 * to));
  return { images: chosen, digits: Int32Array.from(rows, (row) => digits[row]!) };
}

export default training({
  epochs: 2,
  step: "tune",
  load() {
    const { train, test } = mnist();
    return { train: columns(train), test: columns(test) };
  },
  before(model, { inputs, targets }) {
    const all = { images: Float32Array.from(inputs["image"]!), digits: Int32Array.from(targets["digit"]!) };
    fit(model, columns(below(5, all)), { step: "pretrain", epochs: 2, seed: 1 });
  },
});
