// The emitted module computes what the interpreter computes: for every op and every composed call a network is compiled in
// float64 and compared: outputs, gradients, parameters after steps; for full and partial batches.

import { describe, expect, test } from "vitest";
import { compile, type Compilation } from "../../compiler/compile.js";
import { createInterpreter } from "../../compiler/interpret.js";
import type { Network } from "../../src/graph/network.js";
import type { Node } from "../../src/graph/node.js";
import type { SampleInput } from "../../src/graph/op.js";
import type { Dim, PublicDim, Shape } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { network } from "../../src/network.js";
import { trainableUnder } from "../../src/reach.js";
import { registry } from "../../src/ops/registry.js";
import { sgd } from "../../src/optimizers/sgd.js";
import * as ops from "../ops/api.js";
import { matmuls, reductions, type Case } from "./cases.js";
import { composed } from "./composed-cases.js";
import { drawFrom, randomNumbers, shape } from "./leaves.js";
import { networks } from "./small-networks.js";

const CAPACITY = 3;
const SEED = 31;

interface Call {
  readonly inputs: readonly SampleInput[];
  readonly build: (inputs: readonly Node[]) => Node;
}

const axes = (s: Shape): PublicDim[] => s as unknown as PublicDim[];

/** An operand: what has a batch axis is an input plus a parameter, so that a gradient reaches it. */
function operand(type: SampleInput, i: number): Node {
  const { dtype, below } = type;
  if (dtype !== "float32")
    return ops.input(`x${i}`, axes(type.shape), { dtype, ...(below === undefined ? {} : { below }) });
  const sizes = type.shape.map(({ times, power }: Dim) => (power === 0 ? times : 1));
  const weight = ops.parameter(sizes, 0, { name: `p${i}` });
  if (type.shape.every((d) => d.power === 0)) return weight;
  return ops.add(ops.input(`x${i}`, axes(type.shape)), weight as never);
}

function networkOf({ inputs, build }: Call): Network {
  const y = build(inputs.map(operand)) as Tensor;
  const trained = y.dtype === "float32" && trainableUnder(y).length > 0;
  if (!trained) return network("called", { batch: CAPACITY, outputs: { y } });
  const loss = ops.sum(ops.mul(y, ops.target("w", axes(y.shape)) as never) as Tensor);
  return network("called", { batch: CAPACITY, outputs: { y }, loss, optimizer: sgd({ rate: 0.01, momentum: 0.9 }) });
}

interface Built {
  readonly declared: Network;
  readonly compiled: Compilation;
}

function builtOf(call: Call): Built {
  const declared = networkOf(call);
  return { declared, compiled: compile(declared, { dtype: "float64" }) };
}

type Views = Readonly<Record<string, { [i: number]: number; readonly length: number }>>;

/** Throws where a number of the emitted module differs from the interpreter's by more than 1e-11 of the largest. */
function expectEmitted(call: Call, built: Built, rows: number, seed: number, spoil = 1): void {
  const { declared, compiled } = built;
  const model = compiled.create({});
  const reference = createInterpreter(declared);
  const random = randomNumbers(seed);
  const fill = (name: string, target: { [i: number]: number; readonly length: number }): Float64Array => {
    const type = call.inputs[Number(name.slice(1))];
    const [low, high] = type?.range ?? [-2, 2];
    const half = type?.dtype === "float32" && type.shape.some((d) => d.power > 0) ? 0.5 : 1;
    const values = Float64Array.from({ length: target.length }, () =>
      type?.dtype === "int32"
        ? Math.floor(random() * (type.below ?? high))
        : type?.dtype === "bool"
          ? Math.round(random())
          : half * (low + (high - low) * random()),
    );
    for (let i = 0; i < target.length; i++) target[i] = values[i]!;
    return values;
  };
  for (const group of ["inputs", "targets", "parameters"] as const) {
    for (const [name, target] of Object.entries(reference[group])) {
      const view = (model[group] as Views)[name]!;
      const values = fill(name, view);
      target.set(values);
      expect(target.length, name).toBe(view.length);
    }
  }
  reference.run("predict", rows);
  model.predict(rows);
  compare("output", model.outputs as Views, reference.outputs, spoil);
  if (!("step" in model)) return;
  const wanted = reference.run("gradients", rows)!;
  const loss = model.gradients(rows);
  compare("loss", { loss: [loss] }, { loss: [wanted] }, 1);
  compare("gradient", model.grads as Views, reference.grads, 1);
  for (let n = 0; n < 2; n++) {
    reference.run("step", rows);
    model.step(rows);
  }
  compare("parameter", model.parameters as Views, reference.parameters, 1);
}

function compare(
  what: string,
  actual: Views,
  wanted: Readonly<Record<string, ArrayLike<number>>>,
  spoil: number,
): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, values] of Object.entries(wanted)) {
    const list = Array.from(values);
    const size = list.reduce((m, x) => Math.max(m, Math.abs(x)), 1);
    list.forEach((x, i) => {
      if (Math.abs(actual[name]![i]! * spoil - x) <= 1e-11 * size) return;
      throw new Error(`${what} ${name}, element ${i}: emitted ${actual[name]![i]}, interpreted ${x}`);
    });
  }
}

const callOf = ({ shapes, below, build }: Case): Call => ({
  inputs: shapes.map((s, i) => {
    const bound = below?.[i];
    const type = { shape: shape(...s), range: [-2, 2] } as const;
    return bound === undefined ? { ...type, dtype: "float32" } : { ...type, dtype: "int32", below: bound };
  }),
  build: (leaves) => build(...(leaves as [Tensor, Tensor, Tensor])),
});

const networkCall = (build: (x: Tensor, w: Tensor) => Tensor): Call => ({
  inputs: [shape("batch", 12), shape(12, 3)].map((s) => ({ shape: s, dtype: "float32", range: [-1, 1] })),
  build: ([x, w]) => build(x as Tensor, w as Tensor),
});

const hasBatch = ({ inputs }: Call): boolean => inputs.some((input) => input.shape.some((d) => d.power > 0));

const calls: readonly (readonly [string, readonly Call[]])[] = [
  // An op's other calls are compiled together: test/emitted/registry.test.ts.
  ...registry.map((def) => [def.name, def.samples(drawFrom(randomNumbers(1))).slice(0, 2)] as const),
  ...[...composed].map((one) => [one.name, [callOf(one)]] as const),
  ...Object.entries(networks).map(([name, build]) => [name, [networkCall(build)]] as const),
  ["reductions", reductions.filter(({ name }) => name.includes("[batch, 3]")).map(callOf)] as const,
].filter(([, list]) => list.length > 0);

describe("emitted = interpreted", () => {
  test.each(calls)("%s", (_name, list) => {
    const failures: string[] = [];
    const attempt = (what: string, run: () => void): void => {
      try {
        run();
      } catch (error) {
        failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    list.forEach((call, i) => {
      attempt(`call ${i}`, () => {
        const built = builtOf(call);
        for (const rows of hasBatch(call) ? [1, CAPACITY] : [1]) {
          attempt(`call ${i}, rows ${rows}`, () => expectEmitted(call, built, rows, SEED));
        }
      });
    });
    expect(failures).toEqual([]);
  });
});

test("a small error would be seen", () => {
  const call = callOf(matmuls[3]!);
  expect(() => expectEmitted(call, builtOf(call), 1, SEED, 1 + 1e-10)).toThrow(/output y/);
});
