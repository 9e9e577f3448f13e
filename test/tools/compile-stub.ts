// Stands for the compiler in tests of the command line: what it emits names the network, its parameters and its options.

import { nameGraph, type ConstNames } from "../../compiler/names/index.js";
import type { Network } from "../../src/graph/network.js";
import { topological } from "../../src/graph/walk.js";

/** A model that `fit` can train: y = weight * x + bias. */
const LINE = `
export function createLine({ seed }: { seed: number }) {
  const [x, t, y] = [new Float32Array(4), new Float32Array(4), new Float32Array(4)];
  const w = new Float32Array([seed / 10, 0]);
  const statistics = { sum: new Float64Array(1), rows: new Float64Array(1) };
  const leaf = { shape: ["batch", 1], dtype: "float32" };
  const run = (rows: number) => {
    let loss = 0;
    for (let i = 0; i < rows; i++) {
      y[i] = w[0]! * x[i]! + w[1]!;
      loss += (y[i]! - t[i]!) ** 2 / rows;
    }
    return loss;
  };
  return {
    spec: {
      name: "line", capacity: 4, inputs: { x: leaf }, targets: { t: leaf }, outputs: { y: leaf }, steps: ["step"],
      metrics: { meanAbsoluteError: { shape: [], statistics: { sum: "sum", rows: "rows" }, result: ["divide", "sum", "rows"] } },
    },
    inputs: { x },
    targets: { t },
    outputs: { y },
    parameters: { w },
    rate: 0.1,
    predict: (rows: number) => void run(rows),
    loss: run,
    statistics,
    evaluate(rows: number) {
      const loss = run(rows);
      statistics.rows[0] = rows;
      statistics.sum[0] = 0;
      for (let i = 0; i < rows; i++) statistics.sum[0]! += Math.abs(y[i]! - t[i]!);
      return loss;
    },
    step(rows: number) {
      const loss = run(rows);
      for (let i = 0; i < rows; i++) {
        w[0]! -= (this.rate * 2 * (y[i]! - t[i]!) * x[i]!) / rows;
        w[1]! -= (this.rate * 2 * (y[i]! - t[i]!)) / rows;
      }
      return loss;
    },
  };
}`;

export function compile(
  network: Network,
  options: { dtype: string; entries?: readonly string[]; constNames: ConstNames },
) {
  const roots = Object.values(network.outputs);
  const names = nameGraph(roots, options.constNames);
  const parameters = topological(roots).filter((node) => node.def.name === "parameter");
  const list = JSON.stringify(parameters.map(names.of));
  const source = `export const parameters: string[] = ${list}; export const options: unknown = ${JSON.stringify([options.dtype, options.entries])}
    export function create(): number { return 1 }`;
  return {
    name: network.name,
    source: network.name === "line" ? LINE : source,
    create: () => ({}),
    print: (what: string) => `${what} of ${network.name}: ${list}`,
    memory: { print: () => "no memory" },
    warnings: [],
    stale: [],
  };
}

export const interpret = (): never => {
  throw new Error("not needed here");
};
