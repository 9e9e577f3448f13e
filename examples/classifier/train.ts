// 100 points of the exclusive or, which no straight line separates.
import { example } from "tapeless/compiler";
import { accuracy } from "tapeless/train";
import { xor } from "../data/points.js";

export default example({
  epochs: 1000,
  metrics: [accuracy()],
  load() {
    const { points, classes } = xor({ rows: 100, seed: 1, gap: 0.1 });
    return { train: { inputs: { point: points }, targets: { label: classes } } };
  },
});
