// A network whose kernels are products of every kind, and schedules for it.

import { machineOf, tileModel, type Asked, type TileModel } from "../../compiler/4-loops/index.js";
import type { FloatType } from "../../compiler/ir/choices.js";
import type { TargetName } from "../../compiler/ir/choices.js";
import type { Schedule } from "../../compiler/ir/schedule.js";
import type { Tile } from "../../compiler/ir/tile.js";
import { nestsOf, scheduled, subjectOf as subjectOfNetwork, type Subject } from "../../compiler/tools/tune/nests.js";
import { conv2d, dense, flatten, input, mean, mul, network, relu, sgd } from "../../src/index.js";
import type { Network } from "../../src/graph/network.js";
import type { Tensor } from "../../src/graph/tensor.js";

export const CAPACITY = 9;

/** A convolution and two layers. Few sizes divide a tile. */
export function products(units = 13): Network {
  const image = input("image", ["batch", 4, 5, 2]);
  const seen = relu(conv2d(image, 5, 3, { name: "seen" }));
  const h = relu(dense(flatten(seen), units, { name: "h" }));
  const y = dense(h, 10, { name: "y" });
  const loss = mean(mul(y, input("w", ["batch", 10]) as never) as Tensor) as Tensor;
  return network("products", { batch: CAPACITY, outputs: { y }, loss, optimizer: sgd({ rate: 0.1 }) });
}

export function subjectOf(of: Network, target: TargetName, dtype: FloatType = "float32", entries?: string[]): Subject {
  return subjectOfNetwork(of, { target, dtype, entries });
}

/** The cost model of a target's tiles of floats. */
export const modelOf = (target: TargetName): TileModel => tileModel(machineOf(target, "float32").tiles!);

/** What `choose` makes of each nest. */
export const scheduleFor = (subject: Subject, choose: (nest: Asked) => Tile): Schedule => ({
  kernels: nestsOf(subject).map((nest) => scheduled(nest, choose(nest), subject)),
});
