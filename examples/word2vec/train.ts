// Twice over the pairs of words in Moby Dick; then the nearest neighbours of five words among
// the 1,500 most frequent ones.
import { training } from "tapeless/config";
import { nearest, skipGrams } from "../data/words.js";

const { words, center, context } = skipGrams();

export default training({
  epochs: 2,
  load: () => ({ train: { inputs: { center }, targets: { context } } }),
  show(model) {
    const vectors = (model.parameters as Readonly<Record<string, Float32Array>>)["word.weight"]!;
    return ["whale", "sea", "captain", "hand", "white"]
      .map((word) => `${word.padEnd(8)} ${nearest(words.slice(0, 1500), vectors, word, 6).join(", ")}`)
      .join("\n");
  },
});
