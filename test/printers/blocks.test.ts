// Equal blocks of a network are one function each way, whatever differs between them in names, leaves and streams of random numbers.

import { describe, expect, test } from "vitest";
import * as t from "tapeless";
import type { Network, Optimizer, Tensor } from "tapeless";
import { compile } from "../../compiler/compile.js";
import type { BlockCall, GraphStatement, Primitive } from "../../compiler/ir/primitive.js";
import { topological } from "../../src/graph/walk.js";
import { chain } from "../scale/networks.js";
import { expectSameBits } from "./bits.js";
import { expectPrinted, printedNetwork, type PrintedNetwork } from "./compare.js";
import { evaluatePrinted, javascript } from "./javascript.js";
import { SCALARS } from "./scalars.js";

interface Kind {
  readonly dropout?: number;
  /** The attention's mask is made of an input. */
  readonly masked?: boolean;
  readonly optimizer?: Optimizer;
}

// Adam divides the gradients of keys' biases, which are what is left of numbers that cancel, by their own size: no two orders of
// summation agree on its steps, so that steps are compared with momentum.
const momentum = t.sgd({ rate: 0.1, momentum: 0.9 });

function transformer(blocks: number, { dropout = 0.1, masked = false, optimizer = momentum }: Kind = {}): Network {
  const text = t.input("text", ["batch", 4], { dtype: "int32", below: 6 });
  const next = t.labels("next", ["batch", 4], 6);
  const mask = masked ? { mask: t.greater(t.input("seen", ["batch", 4]), -0.5) } : {};
  let x = t.add(t.embedding(text, 6, 4), t.learnedEncoding(4, 4)) as Tensor<["batch", 4, 4]>;
  for (let i = 0; i < blocks; i++) {
    const options = { norm: "pre", causal: true, activation: t.gelu, feedForward: 8, dropout, ...mask } as const;
    const block = t.transformerEncoder(x, 2, options);
    x = block;
  }
  const logits = t.dense(t.layerNorm(x), 6);
  return t.network("blocks", { batch: 2, outputs: { logits }, loss: t.sequenceCrossEntropy(logits, next), optimizer });
}

type Rows = Tensor<["batch", 3]>;

function layers(count: number, layer: (x: Rows, i: number) => Tensor): Network {
  let x = t.input("x", ["batch", 3]) as Rows;
  for (let i = 0; i < count; i++) x = layer(x, i) as Rows;
  return t.network("layers", { batch: 3, outputs: { x }, loss: t.mean(t.square(x)), optimizer: momentum });
}

const callsOf = (statements: readonly GraphStatement[]): readonly BlockCall[] =>
  statements.flatMap((statement) => (statement.kind === "call" ? [statement] : []));

/** How often the entry calls the block that it calls most. */
function calls({ entries }: Primitive, entry: string): number {
  const counted = new Map<unknown, number>();
  for (const { block } of callsOf(entries.find(({ name }) => name === entry)!.statements)) {
    counted.set(block, (counted.get(block) ?? 0) + 1);
  }
  return Math.max(0, ...counted.values());
}

const tower = (x: Tensor): Tensor => {
  let y = x as Rows;
  for (let i = 0; i < 5; i++) y = t.tanh(t.dense(y, 3)) as Rows;
  return t.sum(t.mul(y, t.dense(y, 3)), { axis: 1 }) as Tensor;
};

/** Networks, and how often a block is called when they predict. */
const NETWORKS: Readonly<Record<string, readonly [called: number, build: () => Network]>> = {
  "a Transformer with dropout and a causal mask": [4, () => transformer(4)],
  "a Transformer with a mask that is an input": [3, () => transformer(3, { masked: true })],
  "dense layers with dropout and a skip": [8, () => layers(8, (x) => t.add(x, t.dropout(t.tanh(t.dense(x, 3)), 0.3)))],
  // What the first makes of the input alone belongs to no layer.
  "recurrences in a row": [
    5,
    () =>
      layers(6, (x) => {
        const steps = t.transpose(t.reshape(x, ["batch", 3, 1]), [0, 1, 2]) as never;
        return t.dense(t.lstm(steps, 3) as Rows, 3);
      }),
  ],
  "batch normalisation with running statistics": [7, () => layers(7, (x) => t.relu(t.batchNorm(t.dense(x, 3))))],
  "two towers": [
    2,
    () => {
      const [a, b] = [t.input("a", ["batch", 3]), t.input("b", ["batch", 3])];
      const y = t.sub(t.mul(tower(a as Tensor), 2), tower(b as Tensor) as never) as Tensor;
      return t.network("towers", { batch: 3, outputs: { y }, loss: t.mean(t.square(y)), optimizer: momentum });
    },
  ],
};

describe.each(Object.entries(NETWORKS))("%s", (_, [called, build]) => {
  const network = printedNetwork(build(), javascript(), 5);
  const { primitive, text } = network;

  test("is a function and its calls", () => {
    expect(calls(primitive, "predict")).toBe(called);
    expect(calls(primitive, "step")).toBeGreaterThanOrEqual(called - 1);
  });

  test("computes what the interpreter does", () => {
    for (const rows of [1, 2]) {
      expectPrinted(network, rows);
      expectSameBits(primitive, text, rows);
    }
  });

  test("blocks read nothing but their parameters, and all of them; calls give as many values", () => {
    for (const { region } of primitive.blocks) {
      const leaves = topological(region.results).filter((node) => node.def.name === "regionParameter");
      expect(new Set(leaves)).toEqual(new Set(region.parameters));
    }
    for (const { statements, nameOf } of primitive.entries) {
      for (const { block, arguments: given, results } of callsOf(statements)) {
        expect(given.length).toBe(block.region.parameters.length);
        expect(results.length).toBe(block.region.results.length);
        const names = results.flatMap((result) => (result ? [nameOf(result)] : []));
        expect(new Set(names).size).toBe(names.length);
      }
    }
  });
});

test("streams of random numbers are arguments, one for each call", () => {
  const { primitive } = compile(transformer(3));
  const { statements } = primitive.entries.find(({ name }) => name === "gradients")!;
  const streams = callsOf(statements).flatMap((call) => call.arguments.filter((value) => typeof value === "number"));
  // Four dropouts in each of three blocks.
  expect(new Set(streams).size).toBe(12);
});

test("names of a block are what its calls have in common", () => {
  const { primitive } = compile(transformer(3, { dropout: 0 }));
  const call = callsOf(primitive.entries[0]!.statements)[0]!;
  const { region, nameOf, name } = call.block;
  expect(name).toMatch(/^block/);
  const names = region.parameters.map(nameOf);
  expect(names).toContain("attention.query.weight");
  expect(new Set(names).size).toBe(names.length);
});

test("a place is the line of the user's call", () => {
  const { primitive } = compile(transformer(3));
  const { region } = primitive.blocks[0]!;
  expect(primitive.placeOf(region.results[0]!)?.file).toContain("blocks.test.ts");
});

describe("size", () => {
  test.each([
    ["momentum", momentum],
    ["Adam", t.adam({ rate: 0.01 })],
  ])("twelve blocks print about as much as four, with %s", (_, optimizer) => {
    const [four, twelve] = [4, 12].map((blocks) => {
      const { text, primitive } = printedNetwork(transformer(blocks, { optimizer }), javascript());
      expect(calls(primitive, "predict")).toBe(blocks);
      return text;
    });
    const lines = (text: string): number => text.split("\n").length;
    // Each further block is a call in each direction and in each entry, whose lines list what is its own.
    expect(lines(twelve!)).toBeLessThan(lines(four!) * 1.03);
    expect(twelve!.length).toBeLessThan(four!.length * 1.6);
  });

  test("a deep chain is made into few statements, without recursion over its depth", () => {
    const { primitive } = compile(chain(6_000));
    for (const { statements } of primitive.entries) expect(statements.length).toBeLessThan(400);
  });

  test("what does not repeat is not made a function", () => {
    expect(compile(layers(2, (x, i) => (i ? t.sin(x) : t.tanh(t.dense(x, 3))))).primitive.blocks).toEqual([]);
  });
});

test("the same network is printed the same", () => {
  const print = (): string => printedNetwork(transformer(3), javascript()).text;
  expect(print()).toBe(print());
});

describe("negative controls", () => {
  const network = printedNetwork(transformer(3), javascript(), 5);
  const { primitive } = network;
  const printedAs = (other: Primitive): PrintedNetwork => {
    const text = javascript().print(other, { float: "float64" }) as string;
    return { ...network, text, printed: evaluatePrinted(text) };
  };

  test("a wrong sign in how a lowering is printed is seen", () => {
    const wrong = printedNetwork(transformer(3), javascript({ ...SCALARS, sub: (a, b) => `(${a} + ${b})` }), 5);
    expect(() => expectPrinted(wrong, 2)).toThrow(/apart/);
    expect(() => expectSameBits(wrong.primitive, wrong.text, 2)).toThrow(/is .*, not/);
  });

  test("a call with two arguments exchanged is seen", () => {
    const isSame = (a: unknown, b: unknown): boolean =>
      typeof a === "object" && typeof b === "object" && JSON.stringify(shapeOf(a)) === JSON.stringify(shapeOf(b));
    const shapeOf = (node: unknown): unknown => (node as { readonly shape: unknown }).shape;
    const exchanged = (call: BlockCall): BlockCall => {
      const given = [...call.arguments];
      const i = given.findIndex((value, k) => k > 0 && given.slice(k + 1).some((other) => isSame(value, other)));
      const j = given.findIndex((other, k) => k > i && isSame(given[i], other));
      [given[i], given[j]] = [given[j]!, given[i]!];
      return { ...call, arguments: given };
    };
    const entries = primitive.entries.map((entry) => ({
      ...entry,
      statements: entry.statements.map((statement) => (statement.kind === "call" ? exchanged(statement) : statement)),
    }));
    const wrong = printedAs({ ...primitive, entries });
    expect(() => expectPrinted(wrong, 2, { entries: /predict/ })).toThrow(/apart/);
    expect(() => expectSameBits(wrong.primitive, wrong.text, 2)).toThrow(/is .*, not/);
    expect(() => expectPrinted(printedAs(primitive), 2)).not.toThrow();
  });

  test("the streams of two calls exchanged are seen", () => {
    const streams = (call: BlockCall): number[] => call.arguments.filter((value) => typeof value === "number");
    const entries = primitive.entries.map((entry) => {
      const [first, second] = callsOf(entry.statements).filter((call) => streams(call).length > 0);
      const given = second && streams(second);
      const statements = entry.statements.map((statement) => {
        if (statement !== first || !given) return statement;
        let next = 0;
        return {
          ...first,
          arguments: first.arguments.map((value) => (typeof value === "number" ? given[next++]! : value)),
        };
      });
      return { ...entry, statements };
    });
    const wrong = printedAs({ ...primitive, entries });
    expect(() => expectPrinted(wrong, 2)).toThrow(/apart/);
  });
});
