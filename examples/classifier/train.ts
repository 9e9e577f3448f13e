// 100 points, one class in a disc and the other in a ring around it, which no straight line separates.
import { training } from "tapeless/config";
import { rings } from "../data/points.js";

export default training({
  epochs: 1000,
  load() {
    const { points, classes } = rings({ rows: 100, seed: 1, gap: 0.2 });
    return { train: { inputs: { point: points }, targets: { label: classes } } };
  },
});
