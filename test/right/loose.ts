// The language without its types of shapes: for networks that are drawn.

import * as tapeless from "../../src/index.js";
import type { Network } from "../../src/graph/network.js";
import type { Tensor } from "../../src/graph/tensor.js";

export type T = Tensor;

type Loose = (...operands: readonly unknown[]) => T;

/** Every public function, from anything to a tensor. */
export const t = tapeless as unknown as Readonly<Record<string, Loose>>;

const make = tapeless.network as unknown as (name: string, options: object) => Network;

export const scan = tapeless.scan as unknown as (
  step: (carries: T[], elements: T[]) => { carries: T[]; outputs: T[] },
  initial: readonly T[],
  sequences: readonly T[],
  options?: object,
) => { carries: T[]; outputs: T[] };

const BATCH = 3;

/** A network of the outputs, trained by the loss. */
export const networkOf = (outputs: Readonly<Record<string, T>>, loss: T): Network =>
  make("net", { batch: BATCH, outputs, loss, optimizer: tapeless.sgd({ rate: 0.1, momentum: 0.5 }) });

export const square = (y: T): T => t["mean"]!(t["square"]!(y));

export const withLoss = (y: T): Network => networkOf({ y }, square(y));

export const columns = (y: T): number => y.shape.at(-1)!.times;
