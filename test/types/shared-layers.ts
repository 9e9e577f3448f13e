// What the editor says about layers that are applied many times. Compiled by the type check; each @ts-expect-error is a
// control that fails when the mistake beneath it becomes legal.

import {
  add,
  dense,
  gruCell,
  input,
  layer,
  lstmCell,
  relu,
  rnnCell,
  scan,
  tanh,
  type Layer,
  type Tensor,
} from "tapeless";
import { expectType } from "./expect.js";

const image = input("image", ["batch", 784]);
const line = input("line", ["batch", 5, 3]);

// Arguments without a type are tensors.
const tower = layer((x) => dense(relu(dense(x, 32)), 16));
const code: Tensor = tower(image);
tower(tower(line));
// @ts-expect-error: one argument
tower();
// @ts-expect-error: no number
tower(7);
const parameters: readonly Tensor[] = tower.parameters;
// @ts-expect-error: given by the layer alone
tower.parameters = [];

// Shapes that are written stay.
const encode = layer((x: Tensor<readonly ["batch", 784]>) => dense(x, 16));
const encoded = encode(image);
expectType<typeof encoded, Tensor<readonly ["batch", 16], "float32">>(true);
// @ts-expect-error: three axes
encode(line);

// So do generic functions.
const same = layer(<X extends Tensor>(x: X): X => add(x, dense(x as Tensor, 3)) as X);
const kept = same(line);
expectType<typeof kept, Tensor<readonly ["batch", 5, 3], "float32">>(true);

// Any arguments and results, a library function, a function that takes a layer.
const pair = layer((x: Tensor, units: number) => ({ wide: dense(x, units), narrow: dense(x, 1) }));
const { wide, narrow }: { wide: Tensor; narrow: Tensor } = pair(image, 4);
// @ts-expect-error: the number of units is missing
pair(image);
const shared = layer(dense);
const dense8 = shared(image, 8);
expectType<typeof dense8, Tensor<readonly ["batch", 8], "float32">>(true);
const twice = (f: Layer<(x: Tensor) => Tensor>): Tensor => f(f(code));
twice(layer((x) => tanh(dense(x, 16))));
const step = layer((h: Tensor, x: Tensor) => tanh(add(dense(h, 4), dense(x, 4))));
scan(([h], [x]) => ({ carries: [step(h!, x!)], outputs: [] }), [wide], [line]);

// @ts-expect-error: no function
layer(7);
// @ts-expect-error: a misspelt option
layer((x) => x, { nme: "tower" });

export const used = [code, encoded, kept, wide, narrow, dense8, parameters];

// One step of a recurrence keeps the state's shape.
const state4 = input("state", ["batch", 4]);
const nextState = gruCell(image, state4);
expectType<typeof nextState, Tensor<readonly ["batch", 4], "float32">>(true);
const [nextH, nextC] = lstmCell(image, [state4, state4]);
expectType<typeof nextC, Tensor<readonly ["batch", 4], "float32">>(true);
const plainState = rnnCell(image, state4, { activation: relu });
expectType<typeof plainState, Tensor<readonly ["batch", 4], "float32">>(true);
// @ts-expect-error: two tensors
lstmCell(image, state4);
// @ts-expect-error: an option of sequences
gruCell(image, state4, { returnSequences: true });

export const stepped = [nextH];
