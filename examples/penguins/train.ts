// The Palmer penguins: 275 to learn from, 69 to test on. What was not measured counts as the mean.
import { training } from "tapeless/config";
import { penguins } from "../data/penguins.js";
import { prepare } from "../data/table.js";

export default training({
  epochs: 50,
  load() {
    const { train, test } = prepare(penguins(), { testShare: 0.2, seed: 1 });
    return {
      train: { inputs: { penguin: train.features }, targets: { species: train.classes } },
      test: { inputs: { penguin: test.features }, targets: { species: test.classes } },
    };
  },
});
