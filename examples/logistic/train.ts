// 100 points in two overlapping clouds, all of them in every step.
import { training } from "tapeless/config";
import { blobs } from "../data/points.js";

export default training({
  epochs: 500,
  load() {
    const { points, classes } = blobs({ rows: 100, seed: 1, distance: 3 });
    return { train: { inputs: { point: points }, targets: { label: classes } } };
  },
});
