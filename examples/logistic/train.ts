// 100 points in two overlapping clouds, all of them in every step.
import { example } from "tapeless/compiler";
import { blobs } from "../data/points.js";

export default example({
  epochs: 500,
  load() {
    const { points, classes } = blobs({ rows: 100, seed: 1, distance: 3 });
    return { train: { inputs: { point: points }, targets: { label: classes } } };
  },
});
