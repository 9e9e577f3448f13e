// Graphs that no definition file made: named by call and number.

import { expect, test } from "vitest";
import { nameGraph } from "../../compiler/names/index.js";
import { topological } from "../../src/graph/walk.js";
import { add, dense, input, parameter, relu } from "../tools/language.js";
import type { Node } from "../../src/graph/node.js";

const x = () => input("x", ["batch", 8]) as Node;

test("layers and ops are numbered in the order of their calls", () => {
  const h1 = relu(dense(x(), 4));
  const y = relu(dense(h1, 2));
  const names = nameGraph([y]);
  const of = topological([y]).map(names.of);
  expect(of.filter((name) => /weight|bias/.test(name))).toEqual([
    "dense1.weight",
    "dense1.bias",
    "dense2.weight",
    "dense2.bias",
  ]);
  expect([names.of(h1), names.of(y)]).toEqual(["relu1", "relu2"]);
  expect(new Set(of).size).toBe(of.length);
});

test("the order of the calls counts, not that of the graph", () => {
  const first = dense(x(), 4);
  const second = dense(x(), 4);
  const weight = (names: ReturnType<typeof nameGraph>, layer: Node) =>
    names.of(topological([layer]).find((node) => node.origin.role === "weight")!);
  // Two inputs of one name cannot be named together, so each layer is looked at through the same input.
  const shared = x();
  const [a, b] = [dense(shared, 4), dense(shared, 4)];
  const sum = (add as unknown as (p: Node, q: Node) => Node)(b, a);
  const names = nameGraph([sum]);
  expect([weight(names, a), weight(names, b)]).toEqual(["dense1.weight", "dense2.weight"]);
  expect(weight(nameGraph([first]), first)).toBe("dense1.weight");
  expect(weight(nameGraph([second]), second)).toBe("dense1.weight");
});

test("a plain parameter", () => {
  const w = parameter([8], 0) as Node;
  expect(nameGraph([w]).of(w)).toBe("parameter1");
});

test("a chain of 20,000 calls is named in less than 5 seconds", () => {
  let y = x();
  for (let i = 0; i < 20_000; i++) y = relu(y);
  const start = performance.now();
  const names = nameGraph([y]);
  expect(names.of(y)).toBe("relu20000");
  expect(performance.now() - start).toBeLessThan(5000);
});
