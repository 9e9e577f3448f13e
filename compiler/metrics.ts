// A network's metrics as data for the emitted module: which statistics each adds up, and how its result follows.

import { statisticName } from "../src/entries.js";
import type { Network } from "../src/graph/network.js";
import type { MetricSpec } from "./ir/module.js";

export const metricsOf = (network: Network): readonly MetricSpec[] =>
  Object.entries(network.metrics).map(([name, { statistics, totals, result, shape }]) => ({
    name,
    statistics: Object.keys(statistics).map((statistic) => ({ name: statistic, view: statisticName(name, statistic) })),
    totals,
    result,
    shape,
  }));
