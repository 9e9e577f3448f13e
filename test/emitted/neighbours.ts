// Random networks around what was once wrong: several sums of products that meet in one element, and arrays over the batch twice
// and three times. A network is drawn from a seed and nothing else.

import type { Network } from "../../src/graph/network.js";
import type { Tensor } from "../../src/graph/tensor.js";
import * as tapeless from "../../src/index.js";
import { randomNumbers } from "../oracle/random.js";

const { add, conv2d, dense, input, matmul, mean, mul, network, parameter, relu, scan, sgd, sigmoid, square } = tapeless;
const { abs, maximum, reshape, sub, sum, tanh, transpose } = tapeless;

type Draw = (least: number, most: number) => number;

/** Any tensor: shapes are drawn. */
type Any = never;

const drawFrom = (seed: number): Draw => {
  const random = randomNumbers(seed);
  for (let n = 0; n < 8; n++) random();
  return (least, most) => least + Math.floor(random() * (most - least + 1));
};

const joined = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b as Any) as Tensor);

const ACTIVATIONS = [relu, tanh, sigmoid, (x: Tensor): Tensor => x] as readonly ((x: Tensor) => Tensor)[];

const pick = <T>(list: readonly T[], draw: Draw): T => list[draw(0, list.length - 1)]!;

/** Products of inputs of several lengths, added up. */
function sumOfProducts(draw: Draw): Tensor {
  const width = draw(0, 3) === 0 ? draw(1, 5) : draw(1, 64);
  const parts = Array.from({ length: draw(2, 4) }, (_, n) => {
    const x = input(`x${n}`, ["batch", draw(1, 64)]) as Tensor;
    return dense(x, width, { name: `part${n}`, bias: draw(0, 1) === 1 }) as Tensor;
  });
  return pick(ACTIVATIONS, draw)(joined(parts));
}

/** A linear model beside a network. */
function wideAndDeep(draw: Draw): Tensor {
  const width = draw(1, 24);
  const deep = input("deep", ["batch", draw(2, 40)]) as Tensor;
  const hidden = pick(ACTIVATIONS, draw)(dense(deep, draw(2, 33), { name: "hidden" }) as Tensor);
  const wide = dense(input("wide", ["batch", draw(2, 60)]) as Tensor, width, { name: "wide" }) as Tensor;
  return sigmoid(add(wide, dense(hidden, width, { name: "top" }) as Any) as Tensor) as Tensor;
}

/** Two paths at 1 x 1 that meet: a residual block whose shortcut is a convolution too. */
function residual(draw: Draw): Tensor {
  const [height, width] = [draw(1, 4), draw(1, 4)];
  const filters = draw(1, 32);
  const x = input("x", ["batch", height, width, draw(1, 32)]) as Tensor;
  const inner = relu(conv2d(x, draw(2, 24), 1, { name: "inner" }) as Tensor) as Tensor;
  const paths = [conv2d(inner, filters, 1, { name: "path" }), conv2d(x, filters, 1, { name: "short" })];
  return pick(ACTIVATIONS, draw)(joined(paths as Tensor[]));
}

/** A recurrent cell that is written by hand. */
function cell(draw: Draw): Tensor {
  const [time, features, units] = [draw(1, 4), draw(1, 40), draw(2, 40)];
  const xs = input("xs", ["batch", time, features]) as Tensor;
  const [own, back] = [
    parameter([features, units], 0.2, { name: "own" }),
    parameter([units, units], 0.2, { name: "back" }),
  ];
  const start = input("start", ["batch", units]) as Tensor;
  const step = ([h]: readonly Tensor[], [x]: readonly Tensor[]) => {
    const next = tanh(add(matmul(x as Any, own as Any), matmul(h as Any, back as Any) as Any) as Tensor) as Tensor;
    return { carries: [next], outputs: [next] };
  };
  const { outputs } = scan(step as Any, [start], [xs], { axis: 1 });
  return outputs[0] as Tensor;
}

const trained = (name: string, batch: number, y: Tensor): Network =>
  network(name, { batch, outputs: { y }, loss: mean(square(y)) as Tensor<[]>, optimizer: sgd({ rate: 0.1 }) });

/** A network of several sums of products. */
export function productsOf(seed: number): Network {
  const draw = drawFrom(seed);
  const make = [sumOfProducts, sumOfProducts, sumOfProducts, wideAndDeep, residual, cell][draw(0, 5)]!;
  return trained("products", draw(2, 9), make(draw));
}

/** `x` over new axes: [batch, d] as [batch, 1, d], and so on. */
const seenAs = (x: Tensor, ...shape: readonly (number | "batch")[]): Tensor => reshape(x, shape as Any) as Tensor;

/** A network over the batch to a power from 0 to 3. `gentle`: one whose rounding in float32 stays small. */
export function powersOf(seed: number, gentle = false): Network {
  const draw = drawFrom(seed);
  const features = draw(1, 6);
  const x = dense(input("x", ["batch", 3]) as Tensor, features, { name: "code" }) as Tensor;
  // Gentle: of positive numbers, whose sum does not cancel.
  const seen = (gentle ? sigmoid(x) : x) as Tensor;
  const pairs = matmul(tanh(seen) as Any, transpose(seen) as Any) as Tensor;
  const weight = input("weight", ["batch"]) as Tensor;
  const [first, second] = [seenAs(pairs, "batch", "batch", 1), seenAs(pairs, "batch", 1, "batch")];
  const triples = pick(
    [
      () => relu(add(sub(first, second as Any), 0.3) as Tensor) as Tensor,
      () => mul(first, tanh(second) as Any) as Tensor,
      () => maximum(first, mul(second, seenAs(weight, "batch", 1, 1) as Any) as Any) as Tensor,
      () => abs(sub(first, seenAs(weight, 1, 1, "batch") as Any) as Tensor) as Tensor,
    ],
    draw,
  )();
  const axes = pick([[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]], draw);
  const average = mean(triples, { axis: axes } as Any) as Tensor;
  const scaled = pick(
    [() => sum(triples, { axis: axes } as Any) as Tensor, () => average, () => tanh(average)],
    draw,
  )();
  // Of the rounding of a large stored sum a square passes all on to gradients, or more.
  const y = gentle ? average : scaled;
  const term = (gentle ? tanh(mul(y, 0.2) as Tensor) : square(y)) as Tensor;
  const loss = add(mean(term) as Tensor, mean(mul(pairs, 0.1) as Tensor) as Any);
  const outputs = draw(0, 1) === 0 ? { y, pairs } : { y, pairs, triples };
  return network("powers", { batch: draw(1, 9), outputs, loss: loss as Tensor<[]>, optimizer: sgd({ rate: 0.1 }) });
}
